// SPDX-License-Identifier: Apache-2.0
#include "io/journal/replay_store.hpp"
#include "support/catch.hpp"
#include "support/simulated_disk.hpp"

#include <array>
#include <thread>

namespace replay_store_tests {

using namespace felhom::io; // NOLINT(google-build-using-namespace): the vocabulary under test
using felhom::instant;
using felhom::authz::nonce;
using felhom::authz::nonce_seen;
using felhom::authz::within_horizon;
using felhom::tests::simulated_disk;
using namespace std::chrono_literals;

namespace {

const auto path = std::filesystem::path{"/var/lib/felhom/replay.log"};
constexpr auto noon = instant{std::chrono::seconds{1'800'000'000}};
constexpr auto skew = std::chrono::milliseconds{30s};
constexpr auto small_files = replay_options{.most_nonces = 100, .rotated_from = 4096, .log = {.filled_ahead = 2048}};

auto nonce_number(unsigned number) -> nonce
{
    auto text = std::to_string(number);
    return *nonce::parse(std::string(32 - text.size(), '0') + text);
}

auto open(const simulated_disk& disk, const replay_options& options = small_files)
    -> log_result<std::unique_ptr<replay_store>>
{
    return replay_store::open(disk.calls(), path, "the test", options);
}

/// A disk with an empty store.
struct new_store {
    simulated_disk disk{1};
    new_store() { REQUIRE(replay_store::create(disk.calls(), path, "the test", small_files)); }
};

auto is_seen(const tl::expected<felhom::hash_chain::receipt, felhom::authz::replay_error>& answer) -> bool
{
    return !answer && std::holds_alternative<nonce_seen>(answer.error());
}

auto is_within_horizon(const tl::expected<felhom::hash_chain::receipt, felhom::authz::replay_error>& answer) -> bool
{
    return !answer && std::holds_alternative<within_horizon>(answer.error());
}

} // namespace

TEST_CASE("a nonce is accepted once, also over a restart")
{
    const auto host = new_store{};
    {
        const auto store = open(host.disk);
        REQUIRE(store);
        CHECK((*store)->claim(nonce_number(1), noon + 1h));
        CHECK(is_seen((*store)->claim(nonce_number(1), noon + 1h)));
        CHECK(is_seen((*store)->claim(nonce_number(1), noon + 2h)));
    }
    const auto store = open(host.disk);
    REQUIRE(store);
    CHECK((*store)->opening() == replay_opening{.nonces = 1, .torn = std::nullopt, .horizon = std::nullopt});
    CHECK(is_seen((*store)->claim(nonce_number(1), noon + 1h)));
    CHECK((*store)->claim(nonce_number(2), noon + 1h));
}

TEST_CASE("of many that claim one nonce at once, one wins")
{
    const auto host = new_store{};
    const auto store = open(host.disk);
    REQUIRE(store);
    for (auto round = 0U; round < 20; ++round) {
        auto winners = std::atomic<int>{0};
        auto threads = std::vector<std::thread>{};
        for (auto rival = 0; rival < 8; ++rival) {
            threads.emplace_back([&] { winners += (*store)->claim(nonce_number(round), noon + 1h) ? 1 : 0; });
        }
        for (auto& thread : threads) {
            thread.join();
        }
        CHECK(winners == 1);
    }
}

TEST_CASE("a store that is missing is an error, and making one is on purpose only")
{
    auto disk = simulated_disk{1};
    CHECK(open(disk).error() == log_error{log_missing{.path = path}});
    REQUIRE(replay_store::create(disk.calls(), path, "the test", small_files));
    CHECK(replay_store::create(disk.calls(), path, "the test", small_files).error()
          == log_error{log_exists{.path = path}});
    CHECK(open(disk));
    disk.remove(path);
    CHECK(open(disk).error() == log_error{log_missing{.path = path}});
}

TEST_CASE("an emptied store is refused")
{
    auto host = new_store{};
    host.disk.tamper(path, [](std::string& bytes) { bytes.clear(); });
    const auto store = open(host.disk);
    REQUIRE_FALSE(store);
    CHECK(std::holds_alternative<replay_damaged>(store.error()));
}

TEST_CASE("a nonce is kept until its window has passed, and the skew")
{
    const auto host = new_store{};
    const auto store = open(host.disk);
    REQUIRE(store);
    REQUIRE((*store)->claim(nonce_number(1), noon));
    REQUIRE((*store)->claim(nonce_number(2), noon + 1h));
    CHECK(*(*store)->prune(noon + skew, skew) == 0);
    CHECK(*(*store)->prune(noon + skew + 1s, skew) == 1);
    CHECK((*store)->size() == 1);
    CHECK((*store)->horizon() == noon);
}

TEST_CASE("no step of the clock brings a forgotten nonce back")
{
    const auto host = new_store{};
    {
        const auto store = open(host.disk);
        REQUIRE(store);
        REQUIRE((*store)->claim(nonce_number(1), noon));
        REQUIRE((*store)->prune(noon + 24h, skew));
        CHECK(is_within_horizon((*store)->claim(nonce_number(1), noon)));
    }
    CHECK(is_within_horizon((*open(host.disk))->claim(nonce_number(1), noon)));
}

TEST_CASE("a boot in the far future does not lock out what is signed today")
{
    const auto host = new_store{};
    const auto store = open(host.disk);
    REQUIRE(store);
    REQUIRE((*store)->claim(nonce_number(1), noon + 1h));
    REQUIRE((*store)->prune(noon + std::chrono::hours{24 * 365 * 50}, skew));
    CHECK(is_within_horizon((*store)->claim(nonce_number(1), noon + 1h)));
    CHECK((*store)->claim(nonce_number(2), noon + 2h));
}

TEST_CASE("a full memory refuses, until something expires")
{
    const auto host = new_store{};
    const auto store = open(host.disk, {.most_nonces = 2, .log = small_files.log});
    REQUIRE(store);
    REQUIRE((*store)->claim(nonce_number(1), noon));
    REQUIRE((*store)->claim(nonce_number(2), noon));
    CHECK((*store)->claim(nonce_number(3), noon + 1h).error()
          == felhom::authz::replay_error{felhom::authz::memory_full{.limit = 2}});
    REQUIRE((*store)->prune(noon + 1h, skew));
    CHECK((*store)->claim(nonce_number(3), noon + 1h));
}

TEST_CASE("a long memory is written anew, and keeps what is live")
{
    const auto host = new_store{};
    {
        const auto store = open(host.disk);
        REQUIRE(store);
        REQUIRE((*store)->claim(nonce_number(1000), noon + 1h, {{"action", "destroy"}}));
        for (auto number = 0U; number < 50; ++number) {
            REQUIRE((*store)->claim(nonce_number(number), noon));
        }
        const auto before = host.disk.contents(path).size();
        REQUIRE((*store)->prune(noon + 10min, skew));
        CHECK(host.disk.contents(path).size() < before / 2);
        CHECK(host.disk.contents(path).find(R"("operation":{"action":"destroy"})") != std::string::npos);
        CHECK((*store)->claim(nonce_number(2000), noon + 1h));
    }
    const auto store = open(host.disk);
    REQUIRE(store);
    CHECK(is_seen((*store)->claim(nonce_number(1000), noon + 1h)));
    CHECK(is_seen((*store)->claim(nonce_number(2000), noon + 1h)));
    CHECK(is_within_horizon((*store)->claim(nonce_number(7), noon)));
}

TEST_CASE("when the last batch is spoilt, all that could have stood in it is refused from then on")
{
    auto host = new_store{};
    REQUIRE((*open(host.disk))->claim(nonce_number(1), noon + 1h));
    REQUIRE((*open(host.disk))->claim(nonce_number(2), noon + 1h));
    host.disk.tamper(path, [](std::string& bytes) { bytes[bytes.find_last_not_of('\0') - 30] ^= 1; });
    for (auto restart = 0; restart < 3; ++restart) {
        const auto store = open(host.disk);
        REQUIRE(store);
        CHECK((*store)->opening().torn.has_value() == (restart == 0));
        CHECK(is_within_horizon((*store)->claim(nonce_number(2), noon + 1h)));
        CHECK(is_within_horizon((*store)->claim(nonce_number(1), noon + 1h)));
    }
    CHECK((*open(host.disk))->claim(nonce_number(3), noon + 2h));
}

TEST_CASE("damage before the last batch is refused")
{
    auto host = new_store{};
    for (auto number = 0U; number < 3; ++number) {
        REQUIRE((*open(host.disk))->claim(nonce_number(number), noon + 1h));
    }
    host.disk.tamper(path, [](std::string& bytes) { bytes[bytes.find(nonce_number(1).text())] = '7'; });
    const auto store = open(host.disk);
    REQUIRE_FALSE(store);
    CHECK(std::holds_alternative<replay_damaged>(store.error()));
}

TEST_CASE("a record that is not understood keeps the store shut")
{
    auto host = new_store{};
    {
        const auto owned =
            owned_log::take(host.disk.calls(), path, *felhom::hash_chain::log_kind::parse("replay"), "me");
        REQUIRE(owned);
        const auto end = owned->read([](const auto&) {});
        REQUIRE(end);
        REQUIRE((*owned->start(*end))->append(*felhom::hash_chain::payload::parse(R"({"forget":"everything"})")));
    }
    const auto store = open(host.disk);
    REQUIRE_FALSE(store);
    CHECK(std::holds_alternative<record_unknown>(store.error()));
}

TEST_CASE("a store is made where there never was one, and only there")
{
    auto disk = simulated_disk{1};
    REQUIRE(replay_store::open_or_create(disk.calls(), path, "the test", small_files));
    {
        const auto store = replay_store::open_or_create(disk.calls(), path, "the test", small_files);
        REQUIRE(store);
        REQUIRE((*store)->claim(nonce_number(1), noon));
    }
    disk.remove(path);
    CHECK(replay_store::open_or_create(disk.calls(), path, "the test", small_files).error()
          == log_error{log_vanished{.path = path, .mark = path.string() + ".used"}});
    // What this try left is no licence for the next one.
    CHECK(replay_store::open_or_create(disk.calls(), path, "the test", small_files).error()
          == log_error{log_vanished{.path = path, .mark = path.string() + ".used"}});
}

TEST_CASE("a first start that died before it made the store does not prevent the next one")
{
    auto disk = simulated_disk{1};
    REQUIRE(disk.calls().lock(path.string() + ".lock", "a process that was killed"));
    CHECK(replay_store::open_or_create(disk.calls(), path, "the test", small_files));
}

TEST_CASE("a store that others can read or write is refused, with the command that mends it")
{
    auto host = new_store{};
    host.disk.expose(path, felhom::others_can_read{.mode = 0640, .directory = false});
    const auto refused = open(host.disk);
    REQUIRE_FALSE(refused);
    CHECK(describe(refused.error())
          == "/var/lib/felhom/replay.log can be read by others (mode 0640); run: chmod 600 /var/lib/felhom/replay.log");
    host.disk.expose(path, std::nullopt);
    CHECK(open(host.disk));
}

TEST_CASE("a damaged store says what must not be done to it, and what may")
{
    auto host = new_store{};
    for (auto number = 0U; number < 3; ++number) {
        REQUIRE((*open(host.disk))->claim(nonce_number(number), noon + 1h));
    }
    host.disk.tamper(path, [](std::string& bytes) { bytes[bytes.find(nonce_number(1).text())] = '7'; });
    const auto refused = open(host.disk);
    REQUIRE_FALSE(refused);
    const auto* const damage = std::get_if<replay_damaged>(&refused.error());
    REQUIRE(damage != nullptr);
    CHECK(describe(refused.error())
          == "/var/lib/felhom/replay.log is damaged at byte " + std::to_string(damage->what.offset) + ": "
                 + damage->what.reason
                 + ". Without it, operations that were carried out could be carried out again: put no older or empty "
                   "file in its place. 'felhom-agent verify --repair-nonce-store /var/lib/felhom/replay.log' makes one "
                   "that refuses whatever may have been accepted until now");
}

TEST_CASE("a repaired store refuses all that may have been claimed, keeps what is intact, and the damaged file")
{
    auto host = new_store{};
    for (auto number = 0U; number < 3; ++number) {
        REQUIRE((*open(host.disk))->claim(nonce_number(number), noon + (number == 0 ? 48h : 1h)));
    }
    host.disk.tamper(path, [](std::string& bytes) { bytes[bytes.find(nonce_number(1).text())] = '7'; });
    const auto damaged_bytes = host.disk.contents(path);

    const auto repaired = replay_store::repair(host.disk.calls(), path, "the test", noon + 24h, small_files);
    CHECK(repaired == replay_repair{.nonces = 1, .horizon = noon + 24h, .aside = "/var/lib/felhom/replay.log.damaged"});
    CHECK(host.disk.contents("/var/lib/felhom/replay.log.damaged") == damaged_bytes);
    for (auto restart = 0; restart < 2; ++restart) {
        const auto store = open(host.disk);
        REQUIRE(store);
        CHECK((*store)->horizon() == noon + 24h);
        CHECK(is_seen((*store)->claim(nonce_number(0), noon + 48h)));
        CHECK(is_within_horizon((*store)->claim(nonce_number(1), noon + 1h)));
        CHECK(is_within_horizon((*store)->claim(nonce_number(2), noon + 1h)));
        CHECK(is_within_horizon((*store)->claim(nonce_number(9), noon + 24h)));
        CHECK((*store)->claim(nonce_number(10U + static_cast<unsigned>(restart)), noon + 25h));
    }
}

TEST_CASE("a store that vanished, or whose header is gone, is repaired to one that begins with the horizon")
{
    for (const auto header_only : {false, true}) {
        auto host = new_store{};
        REQUIRE((*open(host.disk))->claim(nonce_number(1), noon + 1h));
        if (header_only) {
            host.disk.tamper(path, [](std::string& bytes) { bytes[2] ^= 1; });
        } else {
            host.disk.remove(path);
        }
        const auto repaired = replay_store::repair(host.disk.calls(), path, "the test", noon + 24h, small_files);
        REQUIRE(repaired);
        CHECK(repaired->nonces == 0);
        CHECK(repaired->aside.has_value() == header_only);
        CHECK(is_within_horizon((*open(host.disk))->claim(nonce_number(1), noon + 1h)));
    }
}

TEST_CASE("only what is damaged or gone is repaired, and no earlier damaged file is overwritten")
{
    auto host = new_store{};
    const auto repair = [&] { return replay_store::repair(host.disk.calls(), path, "the test", noon, small_files); };
    CHECK(repair().error() == log_error{log_intact{.path = path}});
    host.disk.tamper(path, [](std::string& bytes) { bytes[2] ^= 1; });
    REQUIRE(repair());
    host.disk.tamper(path, [](std::string& bytes) { bytes[2] ^= 1; });
    CHECK(repair().error() == log_error{log_exists{.path = "/var/lib/felhom/replay.log.damaged"}});
    CHECK_FALSE(open(host.disk));
}

} // namespace replay_store_tests
