// SPDX-License-Identifier: Apache-2.0
#include "io/journal/replay_store.hpp"
#include "support/catch.hpp"
#include "support/scratch_directory.hpp"
#include "support/unprivileged.hpp"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

namespace system_disk_tests {

using namespace felhom::io; // NOLINT(google-build-using-namespace): the vocabulary under test
using felhom::instant;
using felhom::authz::nonce;
using felhom::tests::scratch_directory;
using namespace std::chrono_literals;

namespace {

constexpr auto noon = instant{std::chrono::seconds{1'800'000'000}};
constexpr auto small_files = replay_options{.rotated_from = 1U << 20U, .log = {.filled_ahead = 1024}};

auto nonce_number(unsigned number) -> nonce
{
    auto text = std::to_string(number);
    return *nonce::parse(std::string(32 - text.size(), '0') + text);
}

/// Lets no file of this process grow beyond a size, as a full disk would: the write that crosses it is short, and the
/// next one fails.
class file_size_limit {
public:
    explicit file_size_limit(rlim_t most) : handler_{std::signal(SIGXFSZ, SIG_IGN)}
    {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const auto limited = rlimit{.rlim_cur = most, .rlim_max = before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limited);
    }
    file_size_limit(const file_size_limit&) = delete;
    auto operator=(const file_size_limit&) -> file_size_limit& = delete;
    ~file_size_limit()
    {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        static_cast<void>(std::signal(SIGXFSZ, handler_));
    }

private:
    void (*handler_)(int);
    rlimit before_{};
};

} // namespace

TEST_CASE("a device that is full fails the write by its name, and is no log")
{
    auto file = log_file::open(system_disk(), "/dev/full", open_mode::update);
    REQUIRE(file);
    CHECK(file->write("x", 0).error()
          == log_error{disk_failed{
              .call = "write", .path = "/dev/full", .error = std::make_error_code(std::errc::no_space_on_device)}});
    CHECK(file->examine().error()
          == log_error{log_exposed{.path = "/dev/full", .flaw = felhom::wrong_type{"a regular file"}}});
}

TEST_CASE("a file that is begun anew is its owner's alone, whatever it was before")
{
    const auto scratch = scratch_directory{};
    const auto path = scratch / "draft";
    std::ofstream{path} << "what an interrupted run left";
    std::filesystem::permissions(path, std::filesystem::perms{0644});
    auto file = log_file::open(system_disk(), path, open_mode::create_empty);
    REQUIRE(file);
    CHECK(file->size() == std::uint64_t{0});
    CHECK(std::filesystem::status(path).permissions() == std::filesystem::perms{0600});
}

TEST_CASE("a sync and a truncation that the system refuses are errors")
{
    auto pipe = std::array<int, 2>{};
    REQUIRE(::pipe(pipe.data()) == 0);
    const auto calls = system_disk();
    CHECK_FALSE(calls.sync_data(file_id{pipe[1]}).has_value());
    CHECK_FALSE(calls.truncate(file_id{pipe[1]}, 0).has_value());
    for (const auto end : pipe) {
        ::close(end);
    }
}

TEST_CASE("a name that cannot be looked for is not one that is missing")
{
    const auto scratch = scratch_directory{};
    std::ofstream{scratch / "file"} << "no directory";
    CHECK(system_disk().exists(scratch / "none") == false);
    CHECK(system_disk().exists(scratch / "file") == true);
    CHECK_FALSE(system_disk().exists(scratch / "file" / "below").has_value());
}

TEST_CASE("a store whose real file cannot grow refuses, forgets nothing, and goes on when it can again")
{
    const auto scratch = scratch_directory{};
    const auto path = scratch / "nonces";
    REQUIRE(replay_store::create(system_disk(), path, "the test", small_files));
    auto claimed = 0U;
    {
        const auto limit = file_size_limit{8192};
        const auto store = replay_store::open(system_disk(), path, "the test", small_files);
        REQUIRE(store);
        while ((*store)->claim(nonce_number(claimed), noon)) {
            ++claimed;
        }
        const auto refused = (*store)->claim(nonce_number(1000), noon);
        REQUIRE_FALSE(refused);
        CHECK(code(refused.error()) == "replay.store");
    }
    CHECK(claimed > 10);
    CHECK(claimed < 100);
    const auto store = replay_store::open(system_disk(), path, "the test", small_files);
    REQUIRE(store);
    for (auto number = 0U; number < claimed; ++number) {
        CHECK_FALSE((*store)->claim(nonce_number(number), noon));
    }
    CHECK((*store)->claim(nonce_number(2000), noon + 1h));
}

TEST_CASE("a directory that may not be written, and a link in the place of the log, keep the store shut")
{
    CHECK(felhom::testing::unprivileged([](const std::string& directory) {
              const auto path = directory + "/nonces";
              ::chmod(directory.c_str(), 0500);
              const auto closed = replay_store::open_or_create(system_disk(), path, "the test", small_files);
              ::chmod(directory.c_str(), 0700);
              if (closed) {
                  return std::string{"opened"};
              }
              if (!replay_store::open_or_create(system_disk(), path, "the test", small_files)) {
                  return std::string{"not opened"};
              }
              std::filesystem::rename(path, directory + "/elsewhere");
              std::filesystem::create_symlink("elsewhere", path);
              const auto linked = replay_store::open_or_create(system_disk(), path, "the test", small_files);
              return linked ? std::string{"followed"} : describe(closed.error()).substr(0, 15);
          })
          == "lock failed on ");
}

} // namespace system_disk_tests
