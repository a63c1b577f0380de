// SPDX-License-Identifier: Apache-2.0
#include "journal/kill/claims.hpp"
#include "support/catch.hpp"
#include "support/scratch_directory.hpp"

#include <fcntl.h>
#include <poll.h>
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
    // No claim at all: its store may refuse them all.
    auto readable = pollfd{.fd = ends[0], .events = POLLIN, .revents = 0};
    static constexpr auto patience = 5'000; // ms
    if (since == counted_from::first_claim && ::poll(&readable, 1, patience) == 1 && next()) {
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
    auto stores = 0;
    auto path = std::filesystem::path{};
    auto known = std::vector<tests::claim_number>{}; ///< by the store that is in use
    auto claims = std::size_t{0};
    auto rotations_seen = std::uintmax_t{0};
    auto random = std::mt19937{static_cast<std::uint32_t>(number_in("FELHOM_SEED", 20260727))};
    const auto begin = [&] {
        path = scratch / ("replay-" + std::to_string(++stores) + ".log");
        REQUIRE(io::replay_store::create(io::system_disk(), path, "the test", tests::small_files));
        known.clear();
    };
    const auto check = [&](const std::vector<tests::claim_number>& acknowledged) {
        const auto store = io::replay_store::open(io::system_disk(), path, "the test", tests::small_files);
        INFO((store ? std::string{} : describe(store.error())));
        REQUIRE(store);
        for (const auto number : acknowledged) {
            if ((*store)->claim(tests::nonce_of(number), tests::expiry_of(number))) {
                FAIL("accepted twice: " << number);
            }
        }
    };
    begin();
    for (auto run = std::uint64_t{1}; run <= kills(); ++run) {
        // Every other time it may die while it opens, prunes or writes the file anew.
        const auto since = run % 2 == 0 ? counted_from::start : counted_from::first_claim;
        const auto longest = since == counted_from::start ? 40'000U : 8'000U;
        const auto acknowledged = killed_after(std::chrono::microseconds{random() % longest}, since, path, run);
        check(acknowledged);
        known.insert(known.end(), acknowledged.begin(), acknowledged.end());
        claims += acknowledged.size();
        rotations_seen += std::filesystem::exists(path.string() + ".new") ? 1U : 0U;
        // A write that the kill cut in two raises the horizon beyond every expiry here (docs/security.md): such a store
        // refuses all, as it should, and would show nothing more.
        if (since == counted_from::first_claim && acknowledged.empty()) {
            check(known);
            begin();
        }
    }
    check(known);
    // Every other run waits for a claim, and of two such at most one may find a store that refuses all. What the others
    // claim within their time is the machine's affair.
    CHECK(claims >= kills() / 4);
    WARN(claims << " claims over " << kills() << " kills in " << stores << " stores, " << rotations_seen
                << " during a rotation");
}
