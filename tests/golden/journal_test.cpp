// SPDX-License-Identifier: Apache-2.0
#include "golden.hpp"

#include <felhom/core/overloaded.hpp>
#include <felhom/hash_chain/chain_audit.hpp>

#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <variant>

using namespace felhom;
using namespace felhom::golden;

namespace {

/// The alternatives of the variant that some journal holds.
auto kinds_in_journals() -> std::set<std::size_t>
{
    auto kinds = std::set<std::size_t>{};
    for (const auto name : journals) {
        for (const auto& record : records_of(name)) {
            kinds.insert(record.index());
        }
    }
    return kinds;
}

auto operations_in_journals() -> std::set<std::string, std::less<>>
{
    auto operations = std::set<std::string, std::less<>>{};
    for (const auto name : journals) {
        for (const auto& record : records_of(name)) {
            if (const auto* const started = std::get_if<operate::operation_started>(&record)) {
                operations.emplace(name_of(started->what));
            } else if (const auto* const claimed = std::get_if<operate::operation_claimed>(&record)) {
                operations.emplace(name_of(claimed->what));
            }
        }
    }
    return operations;
}

auto how_many_ended(const operate::ledger& all, operate::ending how) -> std::size_t
{
    auto count = std::size_t{0};
    for (const auto& [id, state] : all.operations()) {
        count += state.end && state.end->how == how ? 1U : 0U;
    }
    return count;
}

auto vmid_of(std::uint32_t number) -> vmid
{
    return *vmid::from_number(number);
}

} // namespace

TEST_CASE("the journals of 0.1.0 hold every kind of record that there is")
{
    CHECK(kinds_in_journals().size() == std::variant_size_v<operate::operation_record>);
}

TEST_CASE("the journals of 0.1.0 hold every operation that has a name, but for the one that came later")
{
    const auto held = operations_in_journals();
    const auto names = operate::detail::names_of(operate::known_operations{});
    auto known = std::set<std::string, std::less<>>(names.begin(), names.end());
    CHECK(known.erase(std::string{operate::guest_resize::name}) == 1);
    CHECK(held == known);
    CHECK_FALSE(held.contains("guest.resize"));
}

TEST_CASE("the journals of 0.1.0 hold every origin and every ending")
{
    auto origins = std::set<operate::origin>{};
    auto endings = std::set<operate::ending>{};
    for (const auto name : journals) {
        const auto ledger = ledger_of(name);
        for (const auto& [id, state] : ledger.operations()) {
            origins.insert(state.from);
            if (state.end) {
                endings.insert(state.end->how);
            }
        }
    }
    CHECK(origins.size() == operate::origin_words.size());
    CHECK(endings.size() == operate::ending_words.size());
}

TEST_CASE("each journal of 0.1.0 opens as it is: its chain is whole, and nothing of it is torn")
{
    for (const auto name : journals) {
        INFO(name);
        const auto log = journal_of(name);
        const auto files = io::read_journal(io::system_disk(), log.path(), [](const hash_chain::record& /*one*/) {});
        REQUIRE(files.has_value());
        const auto report = hash_chain::audit(*files, hash_chain::head_watch{std::nullopt});
        REQUIRE(report.has_value());
        CHECK(report->torn == std::nullopt);
        CHECK(report->records > 2);
        const auto opened = io::journal::open(io::system_disk(), log.path(), "the test");
        REQUIRE(opened.has_value());
        CHECK((*opened)->opening().torn == std::nullopt);
        CHECK((*opened)->head() == report->ends);
        CHECK((*opened)->read() == ledger_of(name));
    }
}

TEST_CASE("a record of 0.1.0 that is written anew loses nothing")
{
    for (const auto name : journals) {
        for (const auto& record : records_of(name)) {
            const auto again = operate::to_payload(record);
            REQUIRE(again.has_value());
            CHECK(operate::parse_operation_record(again->text()) == record);
        }
    }
}

TEST_CASE("a record of 0.1.0 that is written anew is what it was, letter for letter")
{
    for (const auto name : journals) {
        for (const auto& line : record_lines_of(name)) {
            const auto again = operate::to_payload(*operate::parse_operation_record(line));
            REQUIRE(again.has_value());
            CHECK(again->text() == line);
        }
    }
}

TEST_CASE("of an agent killed at a signed operation, its claim and its task are known and no end")
{
    const auto all = ledger_of("killed-signed");
    REQUIRE(all.in_flight().size() == 1);
    const auto lost = all.in_flight().front();
    CHECK(std::holds_alternative<operate::guest_destroy>(lost.what));
    CHECK(lost.from == operate::origin::signature);
    CHECK(lost.guest == vmid_of(130));
    REQUIRE(lost.claim.has_value());
    CHECK(lost.claim->signers == std::vector<std::string>{"op-1"});
    REQUIRE(lost.task.has_value());
    CHECK(lost.task->type() == "vzdestroy");
    CHECK(how_many_ended(all, operate::ending::unknown) == 0);
}

TEST_CASE("of an agent killed in a pass, both operations that it had begun are in flight")
{
    const auto all = ledger_of("killed-pass");
    REQUIRE(all.in_flight().size() == 2);
    const auto start = all.in_flight()[0];
    CHECK(std::holds_alternative<operate::guest_start>(start.what));
    CHECK(start.guest == vmid_of(103));
    CHECK(start.from == operate::origin::reconcile);
    CHECK(start.who == operate::run_mode::interactive);
    CHECK(start.generation == 4);
    CHECK(std::holds_alternative<operate::guest_shutdown>(all.in_flight()[1].what));
    CHECK(all.in_flight()[1].guest == vmid_of(104));
}

TEST_CASE("outcomes that could not be told are open questions, and park their guests")
{
    const auto all = ledger_of("parked");
    CHECK(all.in_flight().empty());
    CHECK(all.open_questions().size() == 2);
    CHECK(all.parked().contains(vmid_of(103)));
    CHECK(all.parked().contains(vmid_of(104)));
    CHECK(all.failures(vmid_of(103)).times == 1);
}

TEST_CASE("what an operator acknowledged and released is no question and no row of failures any more")
{
    const auto all = ledger_of("whole");
    CHECK(all.open_questions().empty());
    CHECK(how_many_ended(all, operate::ending::unknown) == 2);
    CHECK_FALSE(all.parked().contains(vmid_of(103)));
    CHECK(all.parked().contains(vmid_of(104)));
    CHECK(all.failures(vmid_of(103)).times == 0);
    REQUIRE(all.signers().has_value());
    CHECK(all.signers()->signers.size() == 2);
}

TEST_CASE("a file that was begun anew goes on where the one before it ended, and folds to what that had come to")
{
    const auto log = journal_of("rotated");
    const auto files = io::read_journal(io::system_disk(), log.path(), [](const hash_chain::record& /*one*/) {});
    REQUIRE(files.has_value());
    REQUIRE(files->size() == 1);
    CHECK(files->front().header.follows.seq > 4000);
    const auto before = ledger_of("whole");
    const auto after = ledger_of("rotated");
    for (const auto& [id, state] : before.operations()) {
        INFO(number(id));
        const auto* const carried = after.find(id);
        REQUIRE(carried != nullptr);
        CHECK(carried->end == state.end);
        CHECK(carried->what == state.what);
    }
    // Between the two came desired states of higher generations, which release whoever was parked.
    CHECK(!before.parked().empty());
    CHECK(after.parked().empty());
    CHECK(after.failures(vmid_of(104)).times == 0);
}

TEST_CASE("a nonce that 0.1.0 used is refused again by the journal, at any time within its window")
{
    for (const auto name : journals) {
        const auto log = journal_of(name);
        const auto opened = io::journal::open(io::system_disk(), log.path(), "the test");
        REQUIRE(opened.has_value());
        for (const auto& record : records_of(name)) {
            if (const auto* const claimed = std::get_if<operate::operation_claimed>(&record)) {
                const auto again = (*opened)->claim(claimed->nonce, claimed->expires_at, *operate::to_payload(record));
                REQUIRE_FALSE(again.has_value());
            }
        }
    }
}
