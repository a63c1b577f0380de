// SPDX-License-Identifier: Apache-2.0
#include "io/journal/owned_log.hpp"
#include "support/catch.hpp"
#include "support/log_text.hpp"
#include "support/scratch_directory.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <latch>
#include <set>

using namespace felhom::io; // NOLINT(google-build-using-namespace): the vocabulary under test
using felhom::tests::kind_of;
using felhom::tests::numbered;
using felhom::tests::scratch_directory;

namespace {

auto take(const std::filesystem::path& path, std::string_view holder = "the test") -> log_result<owned_log>
{
    return owned_log::take(system_disk(), path, kind_of("test"), holder, {.filled_ahead = 8192});
}

struct contents {
    std::vector<std::string> records;
    felhom::hash_chain::recovered end;
};

auto read(const owned_log& log) -> contents
{
    auto records = std::vector<std::string>{};
    auto end = log.read([&](const felhom::hash_chain::record& one) { records.emplace_back(one.data); });
    REQUIRE(end);
    return {.records = std::move(records), .end = *std::move(end)};
}

} // namespace

TEST_CASE("what was appended is there after the log is opened anew, and the numbers go on")
{
    const auto scratch = scratch_directory{};
    const auto owned = take(scratch / "log");
    REQUIRE(owned);
    REQUIRE(owned->create());
    auto head = felhom::hash_chain::head{};
    for (auto number = 1U; number <= 3; ++number) {
        const auto log = owned->start(read(*owned).end);
        REQUIRE(log);
        const auto made = (*log)->append(numbered(number));
        REQUIRE(made);
        CHECK(made->at().seq == number);
        CHECK((*log)->at() == made->at());
        head = made->at();
    }
    const auto found = read(*owned);
    CHECK(found.records == std::vector<std::string>{R"({"n":1})", R"({"n":2})", R"({"n":3})"});
    CHECK(found.end.at == head);
    CHECK_FALSE(found.end.torn);
}

TEST_CASE("many threads append at once, and each gets the receipt of its own record")
{
    const auto scratch = scratch_directory{};
    const auto owned = take(scratch / "log");
    REQUIRE(owned);
    REQUIRE(owned->create());
    static constexpr auto writers = 8U;
    static constexpr auto each = 20U;
    auto seqs = std::vector<std::vector<std::uint64_t>>(writers);
    {
        const auto log = owned->start(read(*owned).end);
        REQUIRE(log);
        auto threads = std::vector<std::thread>{};
        for (auto writer = 0U; writer < writers; ++writer) {
            threads.emplace_back([&, writer] {
                for (auto turn = 0U; turn < each; ++turn) {
                    const auto made = (*log)->append(numbered(writer * each + turn));
                    seqs[writer].push_back(made ? made->at().seq : 0);
                }
            });
        }
        for (auto& thread : threads) {
            thread.join();
        }
    }
    const auto found = read(*owned);
    REQUIRE(found.records.size() == writers * each);
    for (auto writer = 0U; writer < writers; ++writer) {
        for (auto turn = 0U; turn < each; ++turn) {
            REQUIRE(seqs[writer][turn] >= 1);
            CHECK(found.records[seqs[writer][turn] - 1] == numbered(writer * each + turn).text());
        }
    }
}

TEST_CASE("closing writes what is waiting and refuses what comes later")
{
    const auto scratch = scratch_directory{};
    const auto owned = take(scratch / "log");
    REQUIRE(owned);
    REQUIRE(owned->create());
    const auto log = owned->start(read(*owned).end);
    REQUIRE(log);
    auto acknowledged = std::atomic<int>{0};
    for (auto number = 0U; number < 50; ++number) {
        (*log)->append(numbered(number),
                       [&](const log_result<felhom::hash_chain::receipt>& made) { acknowledged += made ? 1 : 0; });
    }
    (*log)->close();
    CHECK(acknowledged == 50);
    CHECK((*log)->append(numbered(50)).error() == log_error{log_closed{}});
    CHECK(read(*owned).records.size() == 50);
}

TEST_CASE("a log is made on purpose only: a missing one is not made anew, an existing one not emptied")
{
    const auto scratch = scratch_directory{};
    const auto owned = take(scratch / "log");
    REQUIRE(owned);
    CHECK(owned->read([](const auto&) {}).error() == log_error{log_missing{.path = scratch / "log"}});
    REQUIRE(owned->create());
    CHECK(owned->create().error() == log_error{log_exists{.path = scratch / "log"}});
}

TEST_CASE("a second holder is told who the first is, and readers need no lock")
{
    const auto scratch = scratch_directory{};
    {
        const auto first = take(scratch / "log", "felhom-agent, process 12");
        REQUIRE(first);
        REQUIRE(first->create());
        CHECK(take(scratch / "log").error()
              == log_error{log_locked{.path = scratch / "log", .holder = "felhom-agent, process 12"}});
        CHECK(read_log(system_disk(), scratch / "log", kind_of("test"), [](const auto&) {}));
    }
    CHECK(take(scratch / "log"));
}

TEST_CASE("only its owner may read a log")
{
    const auto scratch = scratch_directory{};
    const auto owned = take(scratch / "log");
    REQUIRE(owned);
    REQUIRE(owned->create());
    for (const auto* const name : {"log", "log.lock"}) {
        struct stat status{};
        REQUIRE(::stat((scratch / name).c_str(), &status) == 0);
        CHECK((status.st_mode & 0777U) == 0600U);
    }
}

TEST_CASE("what a crash tore is cut off before the log goes on")
{
    const auto scratch = scratch_directory{};
    const auto owned = take(scratch / "log");
    REQUIRE(owned);
    REQUIRE(owned->create());
    const auto empty = read(*owned).end;
    {
        auto file = std::fstream{scratch / "log", std::ios::in | std::ios::out | std::ios::binary};
        file.seekp(static_cast<std::streamoff>(empty.end + 100));
        file << "half of a batch";
    }
    const auto torn = read(*owned).end;
    REQUIRE(torn.torn);
    CHECK(torn.torn->offset == empty.end);
    REQUIRE((*owned->start(torn))->append(numbered(1)));
    const auto found = read(*owned);
    CHECK(found.records == std::vector<std::string>{R"({"n":1})"});
    CHECK_FALSE(found.end.torn);
}

TEST_CASE("a replaced log goes on from the head it is given")
{
    const auto scratch = scratch_directory{};
    const auto owned = take(scratch / "log");
    REQUIRE(owned);
    REQUIRE(owned->create());
    REQUIRE((*owned->start(read(*owned).end))->append(numbered(1)));
    const auto before = read(*owned).end.at;
    REQUIRE(owned->prepare(before, [](const payload_sink& put) { return put(numbered(7)); }));
    CHECK(read(*owned).end.at == before);
    REQUIRE(owned->publish());
    const auto found = read(*owned);
    CHECK(found.records == std::vector<std::string>{R"({"n":7})"});
    CHECK(found.end.header.follows == before);
    CHECK(found.end.at.seq == 2);
}

TEST_CASE("a log that others can read or write is not opened, nor one that is another's")
{
    const auto scratch = scratch_directory{};
    const auto owned = take(scratch / "log");
    REQUIRE(owned);
    REQUIRE(owned->create());
    const auto opened_with = [&](::mode_t mode) {
        REQUIRE(::chmod((scratch / "log").c_str(), mode) == 0);
        return owned->read([](const auto&) {});
    };
    CHECK(opened_with(0600));
    for (const auto mode : {0640U, 0604U, 0620U, 0602U, 0666U}) {
        const auto refused = opened_with(mode);
        REQUIRE_FALSE(refused);
        CHECK(std::holds_alternative<log_exposed>(refused.error()));
    }
    if (::geteuid() == 0) { // only root gives files away
        REQUIRE(opened_with(0600));
        REQUIRE(::chown((scratch / "log").c_str(), 65534, 65534) == 0);
        CHECK(std::holds_alternative<log_exposed>(owned->read([](const auto&) {}).error()));
    }
}
