#include "log/kill/claims.hpp"
#include "support/catch.hpp"
#include "support/scratch_directory.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <random>
#include <thread>

using namespace felhom; // NOLINT(google-build-using-namespace): the vocabulary under test

namespace {

auto number_in(const char* variable, std::uint64_t otherwise) -> std::uint64_t
{
    const auto* const text = std::getenv(variable);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// FELHOM_KILLS, and ten times as many under ./dev soak.
auto kills() -> std::uint64_t
{
    const auto usual = std::strtoull(FELHOM_KILLS, nullptr, 10);
    return number_in("FELHOM_KILLS", std::getenv("FELHOM_SOAK") == nullptr ? usual : 10 * usual);
}

enum class counted_from : std::uint8_t { start, first_claim };

/// Runs the program for a while, kills it, and answers which claims it had acknowledged.
auto killed_after(std::chrono::microseconds delay, counted_from since, const std::filesystem::path& store,
                  std::uint64_t run) -> std::vector<tests::claim_number>
{
    auto ends = std::array<int, 2>{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    auto actions = posix_spawn_file_actions_t{};
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    auto program = std::string{FELHOM_CLAIM_UNTIL_KILLED};
    auto path = store.string();
    auto number = std::to_string(run);
    auto arguments = std::array<char*, 4>{program.data(), path.data(), number.data(), nullptr};
    auto child = pid_t{};
    REQUIRE(posix_spawn(&child, program.c_str(), &actions, nullptr, arguments.data(), environ) == 0);
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);

    auto acknowledged = std::vector<tests::claim_number>{};
    auto one = tests::claim_number{};
    const auto next = [&] { return ::read(ends[0], &one, sizeof one) == sizeof one; };
    if (since == counted_from::first_claim && next()) {
        acknowledged.push_back(one);
    }
    std::this_thread::sleep_for(delay);
    ::kill(child, SIGKILL);
    while (next()) {
        acknowledged.push_back(one);
    }
    ::close(ends[0]);
    auto status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    return acknowledged;
}

} // namespace

TEST_CASE("however often the agent is killed, no acknowledged nonce is forgotten")
{
    const auto scratch = tests::scratch_directory{};
    const auto path = scratch / "replay.log";
    REQUIRE(io::replay_store::create(io::system_disk(), path, "the test", tests::small_files));
    auto random = std::mt19937{static_cast<std::uint32_t>(number_in("FELHOM_SEED", 20260727))};
    auto all = std::vector<tests::claim_number>{};
    auto rotations_seen = std::uintmax_t{0};
    const auto check = [&](io::replay_store& store, const std::vector<tests::claim_number>& acknowledged) {
        for (const auto number : acknowledged) {
            if (store.claim(tests::nonce_of(number), tests::expiry_of(number))) {
                FAIL("accepted twice: " << number);
            }
        }
    };
    for (auto run = std::uint64_t{1}; run <= kills(); ++run) {
        // Every other time it may die while it opens, prunes or writes the file anew.
        const auto since = run % 2 == 0 ? counted_from::start : counted_from::first_claim;
        const auto longest = since == counted_from::start ? 40'000U : 8'000U;
        const auto acknowledged = killed_after(std::chrono::microseconds{random() % longest}, since, path, run);
        const auto store = io::replay_store::open(io::system_disk(), path, "the test", tests::small_files);
        INFO((store ? std::string{} : describe(store.error())));
        REQUIRE(store);
        check(**store, acknowledged);
        all.insert(all.end(), acknowledged.begin(), acknowledged.end());
        rotations_seen += std::filesystem::exists(scratch / "replay.log.new") ? 1U : 0U;
    }
    const auto store = io::replay_store::open(io::system_disk(), path, "the test", tests::small_files);
    REQUIRE(store);
    check(**store, all);
    CHECK(all.size() > kills() / 2);
    WARN(all.size() << " claims over " << kills() << " kills, " << rotations_seen << " during a rotation");
}
