// SPDX-License-Identifier: Apache-2.0
#include "io/journal/journal.hpp"
#include "support/catch.hpp"
#include "support/simulated_disk.hpp"

#include <felhom/hash_chain/chain_audit.hpp>
#include <felhom/operate/operation/operation_record_json.hpp>

#include <atomic>
#include <thread>

namespace journal_tests {

using namespace felhom;
using namespace felhom::io;
using namespace felhom::operate;
using namespace std::chrono_literals;
using felhom::tests::simulated_disk;

namespace {

const auto path = std::filesystem::path{"/var/lib/felhom-agent/journal.log"};
constexpr auto noon = instant{std::chrono::seconds{1'800'000'000}};
constexpr auto skew = std::chrono::milliseconds{30s};
constexpr auto small_files = journal_options{.ledger = {.most_ended = 4},
                                             .most_nonces = 100,
                                             .segment_bytes = 4096,
                                             .kept_segments = 2,
                                             .log = {.filled_ahead = 1024}};

auto open(const simulated_disk& disk) -> std::unique_ptr<journal>
{
    auto opened = journal::open(disk.calls(), path, "the test", small_files);
    REQUIRE(opened.has_value());
    return *std::move(opened);
}

struct host {
    simulated_disk disk{1};
    host() { REQUIRE(journal::create(disk.calls(), path, "the test", small_files).has_value()); }
};

auto started(operation_id id) -> operation_started
{
    return {.id = id,
            .at = noon,
            .guest = *vmid::from_number(101),
            .from = origin::reconcile,
            .what = guest_set_config{.set = {{.key = "description", .value = std::string(200, 'x')}}, .remove = {}}};
}

auto ended(operation_id id) -> operation_ended
{
    return {.id = id, .at = noon, .how = ending::succeeded, .detail = "done"};
}

auto claimed(operation_id id, std::string nonce, instant expires_at = noon + 1h) -> operation_claimed
{
    return {.id = id,
            .at = noon,
            .guest = *vmid::from_number(101),
            .what = guest_destroy{},
            .nonce = std::move(nonce),
            .expires_at = expires_at,
            .blob = *sha256("blob"),
            .signers = {"op-1"}};
}

auto claim(journal& in, const operation_claimed& what)
{
    return in.claim(what.nonce, what.expires_at, *to_payload(operation_record{what}));
}

const auto a_nonce = std::string(32, 'a');
const auto b_nonce = std::string(32, 'b');

/// So many operations that began and ended.
void fill(journal& in, int count)
{
    for (auto index = 0; index < count; ++index) {
        const auto id = in.draw_number();
        REQUIRE(in.append(started(id)).has_value());
        REQUIRE(in.append(ended(id)).has_value());
    }
}

auto audit_of(const simulated_disk& disk, std::optional<hash_chain::head> noted = std::nullopt)
    -> tl::expected<hash_chain::audit_report, hash_chain::audit_error>
{
    auto watch = hash_chain::head_watch{noted};
    const auto files = read_journal(disk.calls(), path, [&](const hash_chain::record& one) { watch.see(one); });
    REQUIRE(files.has_value());
    return hash_chain::audit(*files, watch);
}

} // namespace

TEST_CASE("what was recorded is known after a restart, and numbers go on")
{
    const auto at = host{};
    {
        const auto first = open(at.disk);
        CHECK(first->draw_number() == operation_id{1});
        REQUIRE(first->append(started(operation_id{1})).has_value());
        REQUIRE(claim(*first, claimed(first->draw_number(), a_nonce)).has_value());
    }
    const auto again = open(at.disk);
    CHECK(again->opening().in_flight == 2);
    CHECK(again->read().find(*sha256("blob"))->id == operation_id{2});
    CHECK(again->draw_number() == operation_id{3});
}

TEST_CASE("a nonce and its operation stand in one record: both are known after a restart, or neither")
{
    const auto at = host{};
    CHECK(claim(*open(at.disk), claimed(operation_id{1}, a_nonce)).has_value());
    const auto again = open(at.disk);
    const auto twice = claim(*again, claimed(operation_id{2}, a_nonce));
    REQUIRE(!twice);
    CHECK(std::holds_alternative<authz::nonce_seen>(twice.error()));
    CHECK(again->read().find(operation_id{2}) == nullptr);
    CHECK(claim(*again, claimed(operation_id{2}, b_nonce)).has_value());
}

TEST_CASE("of many operations that claim one nonce at once, one wins")
{
    const auto at = host{};
    const auto one = open(at.disk);
    for (auto round = 0; round < 10; ++round) {
        auto winners = std::atomic<int>{0};
        auto threads = std::vector<std::thread>{};
        for (auto rival = 0U; rival < 6; ++rival) {
            threads.emplace_back([&, rival] {
                winners += claim(*one, claimed(operation_id{100 + rival}, std::string(31, 'c') + std::to_string(round)))
                               ? 1
                               : 0;
            });
        }
        for (auto& thread : threads) {
            thread.join();
        }
        CHECK(winners == 1);
    }
}

TEST_CASE("a full file is followed by another that begins with all that still matters")
{
    const auto at = host{};
    const auto one = open(at.disk);
    REQUIRE(one->append(started(one->draw_number())).has_value()); // stays in flight
    REQUIRE(claim(*one, claimed(one->draw_number(), a_nonce)).has_value());
    fill(*one, 20);
    const auto before = one->read();
    REQUIRE(one->compact(noon, skew).has_value());
    CHECK(journal_files(at.disk.calls(), path)->size() == 2);
    CHECK(one->read() == before);
    fill(*one, 1);
    CHECK(!claim(*one, claimed(operation_id{99}, a_nonce)));
    const auto ledger = read_ledger(at.disk.calls(), path);
    REQUIRE(ledger.has_value());
    CHECK(ledger->find(operation_id{1})->in_flight());
    CHECK(ledger->find(operation_id{2})->claim->nonce == a_nonce);
    CHECK(audit_of(at.disk)->files == 2);
}

TEST_CASE("only so many old files are kept, and the chain over them holds")
{
    const auto at = host{};
    const auto one = open(at.disk);
    for (auto round = 0; round < 5; ++round) {
        fill(*one, 12);
        REQUIRE(one->compact(noon, skew).has_value());
    }
    CHECK(journal_files(at.disk.calls(), path)->size() == 3);
    const auto report = audit_of(at.disk);
    REQUIRE(report.has_value());
    CHECK(report->files == 3);
    CHECK(report->ends == *one->head());
    CHECK(report->begins.seq > 0);
}

TEST_CASE("a head that was noted elsewhere shows what was cut off, rewritten or exchanged")
{
    const auto at = host{};
    auto one = open(at.disk);
    fill(*one, 3);
    const auto early = *one->head();
    fill(*one, 20);
    REQUIRE(one->compact(noon, skew).has_value());
    fill(*one, 3);
    const auto late = *one->head();
    one.reset();
    CHECK(audit_of(at.disk, early).has_value());
    CHECK(audit_of(at.disk, late).has_value());
    auto other = late;
    other.hash.bytes[0] ^= 1U;
    CHECK(std::holds_alternative<hash_chain::rewritten>(audit_of(at.disk, other).error()));
    auto beyond = late;
    beyond.seq += 1;
    CHECK(std::holds_alternative<hash_chain::cut_off>(audit_of(at.disk, beyond).error()));
    simulated_disk{at.disk}.remove(journal_files(at.disk.calls(), path)->front());
    CHECK(audit_of(at.disk, late).has_value());
    CHECK(std::holds_alternative<hash_chain::head_too_old>(audit_of(at.disk, early).error()));
}

TEST_CASE("a file that is missing in the middle breaks the chain")
{
    const auto at = host{};
    const auto one = open(at.disk);
    for (auto round = 0; round < 2; ++round) {
        fill(*one, 12);
        REQUIRE(one->compact(noon, skew).has_value());
    }
    const auto files = *journal_files(at.disk.calls(), path);
    REQUIRE(files.size() == 3);
    simulated_disk{at.disk}.remove(files[1]);
    CHECK(std::holds_alternative<hash_chain::chain_broken>(audit_of(at.disk).error()));
}

TEST_CASE("nonces are forgotten with their horizon: an expired one is refused for good")
{
    const auto at = host{};
    const auto one = open(at.disk);
    REQUIRE(claim(*one, claimed(operation_id{1}, a_nonce, noon + 1min)).has_value());
    REQUIRE(one->compact(noon + 1h, skew).has_value());
    const auto again = claim(*one, claimed(operation_id{2}, b_nonce, noon + 1min));
    REQUIRE(!again);
    CHECK(std::holds_alternative<authz::within_horizon>(again.error()));
    CHECK(claim(*one, claimed(operation_id{2}, b_nonce, noon + 2h)).has_value());
}

TEST_CASE("when the last batch is spoilt, no nonce that could have stood in it passes again")
{
    const auto at = host{};
    {
        const auto one = open(at.disk);
        REQUIRE(claim(*one, claimed(operation_id{1}, a_nonce)).has_value());
    }
    simulated_disk{at.disk}.tamper(path, [](std::string& bytes) { bytes[bytes.find_last_of('}')] = 'X'; });
    const auto again = open(at.disk);
    CHECK(again->opening().torn.has_value());
    CHECK(again->opening().horizon.has_value());
    CHECK(!claim(*again, claimed(operation_id{2}, a_nonce)));
    CHECK(!claim(*again, claimed(operation_id{3}, b_nonce)));
    CHECK(journal_files(at.disk.calls(), path)->size() == 2); // the spoilt file is kept to be looked at
}

TEST_CASE("however often the end is spoilt with nothing written in between, a nonce stays refused")
{
    const auto at = host{};
    REQUIRE(claim(*open(at.disk), claimed(operation_id{1}, a_nonce)).has_value());
    for (auto restart = 0; restart < 12; ++restart) {
        INFO(restart);
        simulated_disk{at.disk}.tamper(path, [](std::string& bytes) { bytes[bytes.find_last_of('}')] = 'X'; });
        const auto again = open(at.disk);
        CHECK(again->opening().torn.has_value());
        CHECK(!claim(*again, claimed(operation_id{2}, a_nonce)));
    }
}

TEST_CASE("a journal that is missing is not made in passing, and one that is there is not emptied")
{
    const auto disk = simulated_disk{1};
    const auto missing = journal::open(disk.calls(), path, "the test", small_files);
    REQUIRE(!missing);
    CHECK(std::holds_alternative<log_missing>(missing.error()));
    const auto at = host{};
    CHECK(!journal::create(at.disk.calls(), path, "the test", small_files));
}

TEST_CASE("a look at a journal finds what opening it would, and makes none")
{
    const auto look = [](const simulated_disk& on) {
        return look_at_journal(on.calls(), path, [](const hash_chain::record&) {});
    };
    const auto never = simulated_disk{1};
    REQUIRE(look(never).has_value());
    CHECK_FALSE(look(never)->has_value());
    auto at = host{};
    fill(*open(at.disk), 2);
    REQUIRE(look(at.disk).has_value());
    CHECK(look(at.disk)->has_value());
    at.disk.expose(path, file_flaw{others_can_read{.mode = 0644, .directory = false}});
    CHECK(std::holds_alternative<log_exposed>(look(at.disk).error()));
    at.disk.remove(path);
    const auto opened = journal::open_or_create(at.disk.calls(), path, "the test", small_files);
    REQUIRE_FALSE(opened.has_value());
    CHECK(look(at.disk).error() == opened.error());
}

TEST_CASE("a second agent is told who holds the journal, while readers need no leave")
{
    const auto at = host{};
    const auto one = open(at.disk);
    fill(*one, 2);
    const auto second = journal::open(at.disk.calls(), path, "another", small_files);
    REQUIRE(!second);
    REQUIRE(std::holds_alternative<log_locked>(second.error()));
    CHECK(std::get<log_locked>(second.error()).holder == "the test");
    CHECK(read_ledger(at.disk.calls(), path)->operations().size() == 2);
}

TEST_CASE("a journal that could not write says so at once and once, and takes nothing more however the disk is")
{
    for (const auto what : {tests::fault::io_error, tests::fault::no_space, tests::fault::read_only}) {
        auto at = host{};
        auto one = open(at.disk);
        auto told = std::vector<std::string>{};
        one->when_failed([&](const std::string& why) { told.push_back(why); });
        REQUIRE(one->append(started(one->draw_number())).has_value());
        CHECK(one->failure() == std::nullopt);
        at.disk.plan(0, what);
        CHECK_FALSE(one->append(started(one->draw_number())).has_value());
        REQUIRE(told.size() == 1);
        CHECK(one->failure() == told.front());
        at.disk.heal();
        const auto file = at.disk.contents(path);
        CHECK_FALSE(one->append(started(one->draw_number())).has_value());
        CHECK_FALSE(claim(*one, claimed(one->draw_number(), "11111111111111111111111111111111")).has_value());
        CHECK_FALSE(one->compact(noon, skew).has_value());
        CHECK(at.disk.contents(path) == file);
        CHECK(told.size() == 1);
    }
}

TEST_CASE("whichever call fails while a file is exchanged, the journal goes on, or says that it does not")
{
    auto failed = 0;
    for (auto nth = std::size_t{0};; ++nth) {
        INFO("change " << nth);
        auto at = host{};
        auto one = open(at.disk);
        fill(*one, 20);
        const auto before = at.disk.changes();
        at.disk.plan(nth, tests::fault::io_error);
        static_cast<void>(one->compact(noon, skew));
        const auto all = at.disk.changes() - before;
        at.disk.heal();
        CHECK(one->append(started(one->draw_number())).has_value() == !one->failure());
        failed += one->failure() ? 1 : 0;
        if (nth > all) {
            break;
        }
    }
    CHECK(failed > 0);
}

TEST_CASE("whichever call fails while a file is exchanged, nothing that was recorded is lost")
{
    for (const auto what : felhom::tests::every_fault) {
        for (auto nth = std::size_t{0}; nth < 24; ++nth) {
            INFO("fault " << static_cast<int>(what) << " at call " << nth);
            auto at = host{};
            {
                const auto one = open(at.disk);
                REQUIRE(claim(*one, claimed(one->draw_number(), a_nonce)).has_value());
                fill(*one, 12);
                at.disk.plan(nth, what);
                static_cast<void>(one->compact(noon, skew));
                at.disk.cut_power();
            }
            at.disk.power_on();
            auto opened = journal::open(at.disk.calls(), path, "the test", small_files);
            REQUIRE(opened.has_value());
            CHECK((*opened)->read().find(operation_id{1}) != nullptr);
            CHECK((*opened)->read().find(operation_id{13}) != nullptr);
            CHECK(!claim(**opened, claimed(operation_id{50}, a_nonce)));
            CHECK(audit_of(at.disk).has_value());
        }
    }
}

} // namespace journal_tests
