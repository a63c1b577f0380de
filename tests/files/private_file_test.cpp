// SPDX-License-Identifier: Apache-2.0
#include "io/files/private_file.hpp"
#include "support/catch.hpp"
#include "support/unprivileged.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

using felhom::file_kind;
using felhom::io::check_private_directory;
using felhom::io::ensure_private_directory;
using felhom::io::read_private_file;
using felhom::io::read_secret_file;
using felhom::io::write_private_file_atomically;
using felhom::testing::unprivileged;

namespace {

/// Makes a file with exactly this mode.
void make(const std::string& path, mode_t mode, std::string_view contents = "contents")
{
    std::ofstream{path} << contents;
    ::chmod(path.c_str(), mode);
}

void make_directory(const std::string& path, mode_t mode)
{
    ::mkdir(path.c_str(), 0700);
    ::chmod(path.c_str(), mode);
}

auto contents_of(const std::string& path) -> std::string
{
    auto file = std::ifstream{path};
    return {std::istreambuf_iterator<char>{file}, {}};
}

auto mode_of(const std::string& path) -> mode_t
{
    struct stat status = {};
    ::stat(path.c_str(), &status);
    return status.st_mode & mode_t{07777};
}

/// What reading says, with the scratch directory as DIR.
auto outcome(const tl::expected<std::string, felhom::io::file_error>& read, const std::string& dir) -> std::string
{
    auto text = read ? "read: " + *read : describe(read.error());
    for (auto at = text.find(dir); at != std::string::npos; at = text.find(dir)) {
        text.replace(at, dir.size(), "DIR");
    }
    return text;
}

auto outcome(const tl::expected<void, felhom::io::file_error>& done, const std::string& dir) -> std::string
{
    return done ? "done" : outcome(tl::expected<std::string, felhom::io::file_error>{tl::unexpect, done.error()}, dir);
}

auto reading(mode_t mode, file_kind kind) -> std::string
{
    return unprivileged([&](const std::string& dir) {
        make(dir + "/f", mode);
        return outcome(read_private_file(dir + "/f", kind), dir);
    });
}

} // namespace

TEST_CASE("a secret that only its owner can reach is read")
{
    CHECK(reading(0600, file_kind::secret) == "read: contents");
    CHECK(reading(0400, file_kind::secret) == "read: contents");
}

TEST_CASE("a secret that others can read is refused with the chmod to run")
{
    CHECK(reading(0640, file_kind::secret) == "DIR/f can be read by others (mode 0640); run: chmod 600 DIR/f");
    CHECK(reading(0604, file_kind::secret) == "DIR/f can be read by others (mode 0604); run: chmod 600 DIR/f");
}

TEST_CASE("a secret that others can write is refused with the chmod to run")
{
    CHECK(reading(0620, file_kind::secret) == "DIR/f can be written by others (mode 0620); run: chmod 600 DIR/f");
    CHECK(reading(0602, file_kind::secret) == "DIR/f can be written by others (mode 0602); run: chmod 600 DIR/f");
}

TEST_CASE("a file of authority may be read by all and written by its owner only")
{
    CHECK(reading(0644, file_kind::authority) == "read: contents");
    CHECK(reading(0664, file_kind::authority) == "DIR/f can be written by others (mode 0664); run: chmod go-w DIR/f");
    CHECK(reading(0646, file_kind::authority) == "DIR/f can be written by others (mode 0646); run: chmod go-w DIR/f");
}

TEST_CASE("a file that the agent may not open is an error that says so")
{
    CHECK(reading(0000, file_kind::secret) == "cannot open DIR/f: Permission denied");
}

TEST_CASE("a file that is not there is told from one that cannot be read")
{
    CHECK(unprivileged(
              [](const std::string& dir) { return outcome(read_private_file(dir + "/f", file_kind::secret), dir); })
          == "DIR/f does not exist");
    CHECK(unprivileged(
              [](const std::string& dir) { return outcome(read_private_file(dir + "/no/f", file_kind::secret), dir); })
          == "DIR/no does not exist");
}

TEST_CASE("a symbolic link is not followed, be it the file or a directory on the way")
{
    CHECK(unprivileged([](const std::string& dir) {
              make(dir + "/f", 0600);
              std::filesystem::create_symlink("f", dir + "/link");
              return outcome(read_private_file(dir + "/link", file_kind::secret), dir);
          })
          == "DIR/link is a symbolic link: name the place that it leads to");
    CHECK(unprivileged([](const std::string& dir) {
              make_directory(dir + "/real", 0700);
              make(dir + "/real/f", 0600);
              std::filesystem::create_symlink("real", dir + "/link");
              return outcome(read_private_file(dir + "/link/f", file_kind::secret), dir);
          })
          == "DIR/link is a symbolic link: name the place that it leads to");
}

TEST_CASE("a directory on the way that others can write is refused, near or far")
{
    const auto below = [](mode_t mode, const std::string& file) {
        return unprivileged([&](const std::string& dir) {
            make_directory(dir + "/open", 0700);
            make_directory(dir + "/open/inner", 0700);
            make(dir + "/open/f", 0600);
            make(dir + "/open/inner/f", 0600);
            ::chmod((dir + "/open").c_str(), mode);
            return outcome(read_private_file(dir + file, file_kind::secret), dir);
        });
    };
    CHECK(below(0755, "/open/inner/f") == "read: contents");
    CHECK(below(0777, "/open/f") == "DIR/open can be written by others (mode 0777); run: chmod go-w DIR/open");
    CHECK(below(0770, "/open/inner/f") == "DIR/open can be written by others (mode 0770); run: chmod go-w DIR/open");
    // Sticky helps only when the directory is root's.
    CHECK(below(01777, "/open/inner/f") == "DIR/open can be written by others (mode 0777); run: chmod go-w DIR/open");
}

TEST_CASE("a file that lies in /tmp itself is refused, since anybody could have put a name there")
{
    CHECK(unprivileged([](const std::string& dir) {
              const auto path = dir + ".direct";
              make(path, 0600);
              const auto said = outcome(read_private_file(path, file_kind::secret), dir);
              ::unlink(path.c_str());
              return said;
          })
          == "/tmp can be written by others (mode 0777); run: chmod go-w /tmp");
}

TEST_CASE("what is no regular file is refused, and a pipe without waiting for its writer")
{
    CHECK(unprivileged([](const std::string& dir) {
              make_directory(dir + "/f", 0700);
              return outcome(read_private_file(dir + "/f", file_kind::secret), dir);
          })
          == "DIR/f is not a regular file");
    CHECK(unprivileged([](const std::string& dir) {
              ::mkfifo((dir + "/f").c_str(), 0600);
              return outcome(read_private_file(dir + "/f", file_kind::secret), dir);
          })
          == "DIR/f is not a regular file");
}

TEST_CASE("a file is read up to the limit and not beyond")
{
    const auto limited = [](std::size_t limit) {
        return unprivileged([&](const std::string& dir) {
            make(dir + "/f", 0600, "12345");
            return outcome(read_private_file(dir + "/f", file_kind::secret, limit), dir);
        });
    };
    CHECK(limited(5) == "read: 12345");
    CHECK(limited(4) == "DIR/f is longer than 4 bytes, the most that is read");
}

TEST_CASE("a path may be relative, and may go up")
{
    CHECK(unprivileged([](const std::string& dir) {
              make_directory(dir + "/a", 0700);
              make(dir + "/f", 0600);
              std::filesystem::current_path(dir + "/a");
              return outcome(read_private_file("../f", file_kind::secret), dir);
          })
          == "read: contents");
}

TEST_CASE("of a secret file, one line end is no part of the secret")
{
    const auto secret_of = [](std::string_view contents) {
        return unprivileged([&](const std::string& dir) {
            make(dir + "/f", 0600, contents);
            const auto read = read_secret_file(dir + "/f");
            return read ? std::string{read->reveal()} : describe(read.error());
        });
    };
    CHECK(secret_of("s3cret") == "s3cret");
    CHECK(secret_of("s3cret\n") == "s3cret");
    CHECK(secret_of("s3cret\n\n") == "s3cret\n");
}

TEST_CASE("a written file is private, whole, and takes the place of what was there")
{
    CHECK(unprivileged([](const std::string& dir) {
              make(dir + "/f", 0644, "old and longer");
              make(dir + "/.f.new", 0644, "left by a power cut");
              const auto said = outcome(write_private_file_atomically(dir + "/f", "new"), dir);
              const auto names = std::distance(std::filesystem::directory_iterator{dir}, {});
              return said + ": " + contents_of(dir + "/f") + ", private " + std::to_string(mode_of(dir + "/f") == 0600)
                     + ", names " + std::to_string(names);
          })
          == "done: new, private 1, names 1");
}

TEST_CASE("a link in the way of writing is replaced and its target left alone")
{
    CHECK(unprivileged([](const std::string& dir) {
              make(dir + "/target", 0600, "precious");
              std::filesystem::create_symlink("target", dir + "/f");
              const auto said = outcome(write_private_file_atomically(dir + "/f", "new"), dir);
              return said + ": " + contents_of(dir + "/f") + ", " + contents_of(dir + "/target");
          })
          == "done: new, precious");
}

TEST_CASE("a write that fails leaves the old file and nothing beside it")
{
    CHECK(unprivileged([](const std::string& dir) {
              make_directory(dir + "/d", 0700);
              make(dir + "/d/f", 0600, "old");
              ::chmod((dir + "/d").c_str(), 0500);
              const auto said = outcome(write_private_file_atomically(dir + "/d/f", "new"), dir);
              ::chmod((dir + "/d").c_str(), 0700);
              const auto names = std::distance(std::filesystem::directory_iterator{dir + "/d"}, {});
              return said + ": " + contents_of(dir + "/d/f") + ", names " + std::to_string(names);
          })
          == "cannot write beside DIR/d/f: Permission denied: old, names 1");
}

TEST_CASE("a directory that is not there yet is none that others could enter")
{
    CHECK(unprivileged([](const std::string& dir) {
              make_directory(dir + "/open", 0755);
              return outcome(check_private_directory(dir + "/none", file_kind::secret), dir) + ", "
                     + outcome(check_private_directory(dir + "/open", file_kind::secret), dir);
          })
          == "done, DIR/open can be read by others (mode 0755); run: chmod 700 DIR/open");
}

TEST_CASE("a private directory is made with mode 700, and an open one is refused")
{
    CHECK(unprivileged([](const std::string& dir) {
              const auto said = outcome(ensure_private_directory(dir + "/state", file_kind::secret), dir);
              const auto again = outcome(ensure_private_directory(dir + "/state", file_kind::secret), dir);
              return said + ", " + again + ", private " + std::to_string(mode_of(dir + "/state") == 0700);
          })
          == "done, done, private 1");
    CHECK(unprivileged([](const std::string& dir) {
              make_directory(dir + "/state", 0755);
              return outcome(ensure_private_directory(dir + "/state", file_kind::secret), dir);
          })
          == "DIR/state can be read by others (mode 0755); run: chmod 700 DIR/state");
    CHECK(unprivileged([](const std::string& dir) {
              make(dir + "/state", 0600);
              return outcome(ensure_private_directory(dir + "/state/", file_kind::secret), dir);
          })
          == "DIR/state is not a directory");
}
