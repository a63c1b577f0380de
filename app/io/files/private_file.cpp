// SPDX-License-Identifier: Apache-2.0
#include "io/files/private_file.hpp"

#include "io/files/descriptor.hpp"
#include "io/files/file_facts.hpp"
#include "io/files/whole_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <span>
#include <system_error>
#include <utility>

namespace felhom::io {

namespace {

template <typename T>
using result = tl::expected<T, file_error>;

constexpr auto owner_only = mode_t{0600};
constexpr auto owner_only_directory = mode_t{0700};

auto open_at(const file_descriptor& directory, const std::string& name, int flags, mode_t mode = 0) -> file_descriptor
{
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): openat(2) is one
    return file_descriptor{::openat(directory.number(), name.c_str(), flags | O_NOFOLLOW | O_CLOEXEC, mode)};
}

auto facts_of(const file_descriptor& file, const std::string& path) -> result<file_facts>
{
    return io::facts_of(file.number()).map_error([&](std::error_code error) -> file_error {
        return file_failed{.path = path, .doing = "examine", .error = error.value()};
    });
}

auto accept(std::optional<file_flaw> flaw, const std::string& path) -> result<void>
{
    if (flaw) {
        return tl::unexpected<file_error>(file_refused{.path = path, .flaw = *flaw});
    }
    return {};
}

/// A file's directory, and its name there.
struct place {
    file_descriptor directory;
    std::string name;
    std::string path; ///< absolute
};

/// Walks from the root to the directory that holds the path's last name and judges every step. The descriptor answers
/// fstat and leads on (O_PATH); it needs no right to read.
auto find_place(const std::string& path) -> result<place>
{
    auto failure = std::error_code{};
    auto absolute = std::filesystem::absolute(path, failure).lexically_normal();
    if (!absolute.has_filename()) {
        absolute = absolute.parent_path(); // "/var/lib/felhom-agent/"
    }
    if (failure || !absolute.has_filename() || absolute.filename() == "..") {
        return tl::unexpected<file_error>(
            file_failed{.path = path, .doing = "find", .error = failure ? failure.value() : EINVAL});
    }
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): open(2) is one
    auto directory = file_descriptor{::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)};
    if (!directory.is_open()) {
        return failed("/", "open");
    }
    auto at = std::filesystem::path{"/"};
    const auto parent = absolute.parent_path();
    for (const auto& step : parent.relative_path()) {
        at /= step;
        auto next = open_at(directory, step, O_PATH);
        if (!next.is_open()) {
            return failed(at, "open");
        }
        directory = std::move(next);
        const auto judged = facts_of(directory, at).and_then([&](const file_facts& facts) {
            return accept(at == parent ? judge_directory(facts, file_kind::authority, this_reader())
                                       : judge_ancestor(facts, this_reader()),
                          at);
        });
        if (!judged) {
            return tl::unexpected(judged.error());
        }
    }
    return place{.directory = std::move(directory), .name = absolute.filename(), .path = absolute};
}

/// Opens the file for reading, or learns that its last name is a link.
auto open_file(const place& at) -> result<file_descriptor>
{
    // O_NONBLOCK: opening a FIFO must not wait for its writer.
    auto file = open_at(at.directory, at.name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (!file.is_open() && errno == ELOOP) {
        return tl::unexpected<file_error>(file_refused{.path = at.path, .flaw = is_symlink{}});
    }
    if (!file.is_open()) {
        return failed(at.path, "open");
    }
    return file;
}

/// Makes the names in a directory durable.
auto sync_directory(const place& at) -> result<void>
{
    const auto directory = open_at(at.directory, ".", O_RDONLY | O_DIRECTORY);
    if (!directory.is_open() || ::fsync(directory.number()) != 0) {
        return failed(at.path, "make durable the directory of");
    }
    return {};
}

auto judge_directory_at(const place& at, file_kind kind) -> result<void>
{
    const auto directory = open_at(at.directory, at.name, O_PATH);
    if (!directory.is_open()) {
        return failed(at.path, "open");
    }
    return facts_of(directory, at.path).and_then([&](const file_facts& facts) {
        return accept(judge_directory(facts, kind, this_reader()), at.path);
    });
}

auto replace(const place& at, std::string_view contents) -> result<void>
{
    const auto fresh = "." + at.name + ".new";
    // What a power cut left behind.
    if (::unlinkat(at.directory.number(), fresh.c_str(), 0) != 0 && errno != ENOENT) {
        return failed(at.path, "replace");
    }
    const auto file = open_at(at.directory, fresh, O_WRONLY | O_CREAT | O_EXCL, owner_only);
    if (!file.is_open()) {
        return failed(at.path, "write beside");
    }
    const auto give_up = [&](file_error error) {
        ::unlinkat(at.directory.number(), fresh.c_str(), 0);
        return tl::unexpected(std::move(error));
    };
    if (auto written = write_all(file, at.path, contents); !written) {
        return give_up(std::move(written).error());
    }
    if (::fsync(file.number()) != 0) {
        return give_up(failed(at.path, "make durable").value());
    }
    if (::renameat(at.directory.number(), fresh.c_str(), at.directory.number(), at.name.c_str()) != 0) {
        return give_up(failed(at.path, "replace").value());
    }
    return sync_directory(at);
}

} // namespace

auto read_private_file(const std::string& path, file_kind kind, std::size_t limit) -> result<std::string>
{
    const auto at = find_place(path);
    if (!at) {
        return tl::unexpected(at.error());
    }
    const auto file = open_file(*at);
    if (!file) {
        return tl::unexpected(file.error());
    }
    return facts_of(*file, at->path)
        .and_then([&](const file_facts& facts) { return accept(judge_file(facts, kind, this_reader()), at->path); })
        .and_then([&] { return read_all(*file, at->path, limit); });
}

auto read_secret_file(const std::string& path) -> result<secret>
{
    static constexpr auto longest = std::size_t{4096};
    return read_private_file(path, file_kind::secret, longest).map([](std::string text) {
        if (text.ends_with('\n')) {
            text.pop_back();
        }
        return secret{std::move(text)};
    });
}

auto write_private_file_atomically(const std::string& path, std::string_view contents) -> result<void>
{
    return find_place(path).and_then([&](const place& at) { return replace(at, contents); });
}

auto check_private_directory(const std::string& path, file_kind kind) -> result<void>
{
    const auto at = find_place(path);
    if (!at) {
        return tl::unexpected(at.error());
    }
    return judge_directory_at(*at, kind).or_else([](const file_error& error) -> result<void> {
        return std::holds_alternative<file_missing>(error) ? result<void>{} : tl::unexpected(error);
    });
}

auto ensure_private_directory(const std::string& path, file_kind kind) -> result<void>
{
    const auto at = find_place(path);
    if (!at) {
        return tl::unexpected(at.error());
    }
    if (::mkdirat(at->directory.number(), at->name.c_str(), owner_only_directory) == 0) {
        if (auto durable = sync_directory(*at); !durable) {
            return durable;
        }
    } else if (errno != EEXIST) {
        return failed(at->path, "make the directory");
    }
    return judge_directory_at(*at, kind);
}

} // namespace felhom::io
