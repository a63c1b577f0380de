// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/operate/ledger.hpp>
#include <felhom/operate/operation/operation_record_json.hpp>

using namespace felhom;
using namespace felhom::operate;

namespace {

const auto ledger_noon = *parse_instant("2026-06-01T12:00:00Z");
const auto web = *vmid::from_number(101);
const auto upid = *proxmox::upid::parse("UPID:pve1:0000C350:00A1B2C3:6A1D8A40:vzdestroy:101:felhom@pve!agent:");
const auto blob = *sha256("blob");

auto started(std::uint64_t id, operation what = guest_start{}, instant at = ledger_noon, std::uint64_t generation = 7)
    -> operation_started
{
    return {.id = operation_id{id},
            .at = at,
            .guest = web,
            .from = origin::reconcile,
            .what = std::move(what),
            .generation = generation};
}
auto claimed(std::uint64_t id, instant expires_at = ledger_noon + std::chrono::hours{1}) -> operation_claimed
{
    return {.id = operation_id{id},
            .at = ledger_noon,
            .guest = web,
            .what = guest_destroy{.purge = true},
            .nonce = std::string(32, 'a'),
            .expires_at = expires_at,
            .blob = blob,
            .signers = {"op-1", "rec-1"}};
}
auto ended(std::uint64_t id, ending how, std::string detail = "why", instant at = ledger_noon) -> operation_ended
{
    return {.id = operation_id{id}, .at = at, .how = how, .detail = std::move(detail)};
}

auto folded(const std::vector<operation_record>& records, ledger_policy policy = {}) -> ledger
{
    auto made = ledger{policy};
    for (const auto& record : records) {
        made.fold(record);
    }
    return made;
}

const auto one_of_each = std::vector<operation_record>{
    started(1),
    claimed(2),
    operation_task{.id = operation_id{2}, .at = ledger_noon, .task = upid},
    ended(2, ending::unknown, "lost"),
    operation_ended{
        .id = operation_id{2}, .at = ledger_noon, .how = ending::failed, .detail = "it moved", .code = "elsewhere"},
    operation_acknowledged{.id = operation_id{2}, .at = ledger_noon, .by = "root"},
    guest_parked{.guest = web, .at = ledger_noon, .generation = 7, .reason = "why"},
    guest_released{.guest = web, .at = ledger_noon, .by = "root"},
    failures_counted{.guest = web, .at = ledger_noon, .generation = 7, .reason = "why", .times = 3},
    signature_counted{
        .at = ledger_noon, .blob = blob, .expires_at = ledger_noon, .signer = "SHA256:x", .key_id = "op-1"},
    signers_changed{.at = ledger_noon, .signers = {"SHA256:x operational op-1"}},
    remark{.at = ledger_noon, .what = "paused", .by = "root"},
};

} // namespace

TEST_CASE("every record reads back from its text")
{
    static_assert(std::variant_size_v<operation_record> == 11, "a new record belongs into one_of_each");
    for (const auto& record : one_of_each) {
        const auto text = to_payload(record);
        REQUIRE(text.has_value());
        INFO(text->text());
        CHECK(parse_operation_record(text->text()) == record);
    }
}

TEST_CASE("a record of a kind that is not known, or that lacks something, is an error with its place")
{
    const auto path_of = [](std::string_view text) -> std::string {
        const auto read = parse_operation_record(text);
        REQUIRE(!read);
        const auto* const type = std::get_if<json_type_error>(&read.error());
        return type == nullptr ? "syntax" : type->path;
    };
    CHECK(path_of(R"({"record":"invented"})") == "$.record");
    CHECK(path_of(R"({"seq":1})") == "$.record");
    CHECK(path_of("{") == "syntax");
    CHECK(path_of(R"({"record":"ended","at":"2026-06-01T12:00:00Z","operation":1,"how":"well","detail":""})")
          == "$.how");
    CHECK(path_of(R"({"record":"task","at":"2026-06-01T12:00:00Z","operation":1,"upid":"UPID:x"})") == "$.upid");
    CHECK(path_of(R"({"record":"task","at":"yesterday","operation":1,"upid":"x"})") == "$.at");
    CHECK(path_of(R"({"record":"released","at":"2026-06-01T12:00:00Z","guest":"7","by":"x"})") == "$.guest");
    CHECK(path_of(R"({"record":"acknowledged","at":"2026-06-01T12:00:00Z","operation":-1,"by":"x"})") == "$.operation");
}

TEST_CASE("every task of an operation stays its own, and folding its records "
          "again changes nothing")
{
    const auto task_of = [](const char* pid) {
        return operation_task{.id = operation_id{1},
                              .at = ledger_noon,
                              .task =
                                  *felhom::proxmox::upid::parse(std::string{"UPID:pve1:"} + pid
                                                                + ":00A1B2C3:6A1D8A40:vzstart:101:felhom@pve!agent:")};
    };
    const auto all = std::vector<operation_record>{started(1), task_of("00000001"), task_of("00000002")};
    const auto known = folded(all);
    CHECK(known.tasks_on(web) == std::vector{task_of("00000001"), task_of("00000002")});
    CHECK(known.find(operation_id{1})->task == task_of("00000002").task);
    auto twice = folded(all);
    for (const auto& record : known.to_carry()) {
        twice.fold(record);
    }
    CHECK(twice == known);
    CHECK(folded(known.to_carry()) == known);
    CHECK(known.tasks_on(*felhom::vmid::from_number(999)).empty());
}

TEST_CASE("an operation is in flight until its end is recorded")
{
    CHECK(folded({started(1)}).in_flight().size() == 1);
    CHECK(folded({started(1), ended(1, ending::succeeded)}).in_flight().empty());
    const auto with_task = folded({claimed(4), operation_task{.id = operation_id{4}, .at = ledger_noon, .task = upid}});
    REQUIRE(with_task.in_flight().size() == 1);
    CHECK(with_task.in_flight().front().task == upid);
    CHECK(with_task.next_id() == operation_id{5});
}

TEST_CASE("the first end of an operation is its end")
{
    const auto all = folded({started(1), ended(1, ending::unknown), ended(1, ending::succeeded)});
    CHECK(all.find(operation_id{1})->end->how == ending::unknown);
}

TEST_CASE("what was unknown is known once a later record tells, and counts as one failure at most")
{
    const auto task = operation_task{.id = operation_id{1}, .at = ledger_noon, .task = upid};
    const auto unknown = ended(1, ending::unknown, "the task did not end in time");
    const auto well = folded({started(1), task, unknown, ended(1, ending::succeeded, "done")});
    CHECK(well.find(operation_id{1})->end->how == ending::succeeded);
    CHECK(well.open_questions().empty());
    CHECK(well.failures(web).times == 0);
    const auto badly = folded({started(1), task, unknown, ended(1, ending::failed, "no such bridge")});
    CHECK(badly.failures(web).times == 1);
    CHECK(badly.failures(web).reason == "no such bridge");
}

TEST_CASE("an unknown outcome is an open question until somebody acknowledges it")
{
    const auto asked = std::vector<operation_record>{claimed(1), ended(1, ending::unknown)};
    CHECK(folded(asked).open_questions().size() == 1);
    auto answered = asked;
    answered.emplace_back(operation_acknowledged{.id = operation_id{1}, .at = ledger_noon, .by = "root"});
    CHECK(folded(answered).open_questions().empty());
    CHECK(folded({claimed(1), ended(1, ending::failed)}).open_questions().empty());
}

TEST_CASE("a signed operation is found by the hash of its bytes")
{
    const auto all = folded({started(1), claimed(2)});
    REQUIRE(all.find(blob) != nullptr);
    CHECK(all.find(blob)->id == operation_id{2});
    CHECK(all.find(*sha256("other")) == nullptr);
}

TEST_CASE("the same failure for the same generation makes a row, and a success, another reason or generation ends it")
{
    const auto times = [](const std::vector<operation_record>& records) { return folded(records).failures(web).times; };
    CHECK(times({started(1), ended(1, ending::failed), started(2), ended(2, ending::failed)}) == 2);
    CHECK(times({started(1), ended(1, ending::failed), started(2), ended(2, ending::failed, "other")}) == 1);
    CHECK(times({started(1), ended(1, ending::failed), started(2, guest_start{}, ledger_noon, 8),
                 ended(2, ending::failed)})
          == 1);
    CHECK(times({started(1), ended(1, ending::failed), started(2), ended(2, ending::succeeded)}) == 0);
    CHECK(times({started(1), ended(1, ending::unknown), started(2), ended(2, ending::unknown)}) == 2);
    CHECK(times({claimed(1), ended(1, ending::failed)}) == 0); // a signed operation is no failure of a generation
}

TEST_CASE("a parked guest is released by an operator or by a success")
{
    const auto parked = guest_parked{.guest = web, .at = ledger_noon, .generation = 7, .reason = "why"};
    CHECK(folded({parked}).parked().contains(web));
    CHECK(folded({parked, guest_released{.guest = web, .at = ledger_noon, .by = "root"}}).parked().empty());
    CHECK(folded({parked, started(1), ended(1, ending::succeeded)}).parked().empty());
}

TEST_CASE("unattended starts and stops of a guest are counted from a time on")
{
    const auto all = folded({started(1, guest_start{}, ledger_noon - std::chrono::hours{25}),
                             started(2, guest_shutdown{}), started(3, guest_start{}), started(4, guest_set_config{})});
    CHECK(all.restarts_since(web, ledger_noon - std::chrono::hours{24}, ledger_noon) == 2);
    CHECK(all.restarts_since(web, ledger_noon - std::chrono::hours{48}, ledger_noon) == 3);
    CHECK(all.restarts_since(*vmid::from_number(102), ledger_noon - std::chrono::hours{48}, ledger_noon) == 0);
}

TEST_CASE("a start whose parameters are not understood counts as one, and what has no known name does not")
{
    const auto all = folded({started(1, unread_operation{.name = "guest.start", .params = {{"x", 1}}}),
                             started(2, unread_operation{.name = "guest.migrate", .params = {}}),
                             started(3, unread_operation{.name = "guest.snapshot", .params = {{"x", 1}}})});
    CHECK(all.restarts_since(web, ledger_noon - std::chrono::hours{24}, ledger_noon) == 1);
}

TEST_CASE("that a person stood behind an operation is written, read and carried over, and an older record says nothing")
{
    auto record = started(1);
    record.who = run_mode::interactive;
    const auto written = to_json(operation_record{record});
    CHECK(written.at("attended").as_bool());
    CHECK(parse_operation_record(boost::json::serialize(written)) == operation_record{record});
    CHECK(folded({record}).to_carry().front() == operation_record{record});
    CHECK(folded({record}).restarts_since(web, ledger_noon - std::chrono::hours{1}, ledger_noon) == 0);
    CHECK_FALSE(to_json(operation_record{started(1)}).contains("attended"));
}

TEST_CASE("a signature counts once a signer, and is gone with the claim or when it has expired")
{
    const auto signature = [](std::string signer, instant at = ledger_noon) {
        return signature_counted{.at = at,
                                 .blob = blob,
                                 .expires_at = ledger_noon + std::chrono::minutes{5},
                                 .signer = std::move(signer),
                                 .key_id = "k"};
    };
    CHECK(folded({signature("a"), signature("a"), signature("b")}).signatures(blob).size() == 2);
    CHECK(folded({signature("a"), claimed(1)}).signatures(blob).empty());
    const auto later = remark{.at = ledger_noon + std::chrono::minutes{6}, .what = "time passes", .by = "root"};
    CHECK(folded({signature("a"), later}).signatures(blob).empty());
}

TEST_CASE("what ended is forgotten beyond the limit, but not what is open, claimed or counts for the budget")
{
    const auto long_ago = ledger_noon - std::chrono::hours{48};
    auto records = std::vector<operation_record>{started(1, guest_set_config{}, long_ago),
                                                 claimed(2, ledger_noon + std::chrono::hours{1}),
                                                 ended(2, ending::succeeded),
                                                 claimed(3),
                                                 ended(3, ending::unknown),
                                                 started(4, guest_start{}),
                                                 ended(4, ending::succeeded)};
    for (auto id = std::uint64_t{5}; id < 40; ++id) {
        records.emplace_back(started(id, guest_set_config{}, long_ago));
        records.emplace_back(ended(id, ending::succeeded));
    }
    const auto all = folded(records, {.most_ended = 4});
    for (const auto id : {1U, 2U, 3U, 4U, 39U}) {
        INFO(id);
        CHECK(all.find(operation_id{id}) != nullptr);
    }
    CHECK(all.find(operation_id{6}) == nullptr);
    CHECK(all.operations().size() <= 12);
}
