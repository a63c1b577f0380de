// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/operate/procedures/selftest_leftovers.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

using namespace felhom;
using namespace felhom::operate;
using namespace std::chrono_literals;

namespace {

const auto left_guest = *vmid::from_number(103);
const auto made_at = *parse_instant("2026-11-23T12:00:00Z");
const auto left_name = std::string{"felhom-selftest-0123456789abcdef"};

/// The task that made it; it started at `made_at`.
auto task() -> proxmox::upid
{
    return *proxmox::upid::parse("UPID:pve1:0000C350:00A1B2C3:6B042AC0:vzsnapshot:103:felhom@pve!agent:");
}

/// A self-test's snapshot in the journal, made and recorded as it should be but for what a test changes.
struct history {
    origin from = origin::selftest;
    std::string snapshot = left_name;
    std::optional<proxmox::upid> by = task();
    std::optional<ending> how = ending::succeeded;

    [[nodiscard]] auto known() const -> ledger
    {
        auto made = ledger{};
        made.fold(operation_started{.id = operation_id{7},
                                    .at = made_at,
                                    .guest = left_guest,
                                    .from = from,
                                    .what = guest_snapshot{*proxmox::snapshot_name::parse(snapshot)}});
        if (by) {
            made.fold(operation_task{.id = operation_id{7}, .at = made_at, .task = *by});
        }
        if (how) {
            made.fold(operation_ended{.id = operation_id{7}, .at = made_at, .how = *how});
        }
        return made;
    }
};

/// A later operation of the self-test that deletes it.
void deleted(ledger& known, ending how)
{
    known.fold(operation_started{.id = operation_id{9},
                                 .at = made_at,
                                 .guest = left_guest,
                                 .from = origin::selftest,
                                 .what = guest_delete_snapshot{*proxmox::snapshot_name::parse(left_name)}});
    known.fold(operation_ended{.id = operation_id{9}, .at = made_at, .how = how});
}

auto ours() -> proxmox::recorded_snapshot
{
    return selftest_leftovers::of(history{}.known()).front().ours.value();
}

auto its_task(std::string status = "OK") -> std::vector<proxmox::listed_task>
{
    return {{.id = task(), .exit_status = std::move(status), .ended = task().started() + 9s}};
}

auto its_snapshot(std::optional<std::chrono::sys_seconds> taken = task().started() + 2s) -> proxmox::snapshot
{
    return {.name = left_name, .taken = taken};
}

} // namespace

TEST_CASE("a snapshot that a self-test made and did not delete is left over, with what a person types")
{
    const auto left = selftest_leftovers::of(history{}.known());
    REQUIRE(left.size() == 1);
    CHECK(left.front().id == operation_id{7});
    CHECK(left.front().command() == "pct delsnapshot 103 " + left_name);
    CHECK(left.front().ours.has_value());
}

TEST_CASE("what a self-test deleted, did not make, has not ended, or somebody acknowledged is not left over")
{
    auto gone = history{}.known();
    deleted(gone, ending::succeeded);
    CHECK(selftest_leftovers::of(gone).empty());
    auto seen = history{}.known();
    seen.fold(operation_acknowledged{.id = operation_id{7}, .at = made_at, .by = "root"});
    CHECK(selftest_leftovers::of(seen).empty());
    CHECK(selftest_leftovers::of(history{.how = ending::failed}.known()).empty());
    CHECK(selftest_leftovers::of(history{.how = std::nullopt}.known()).empty());
    CHECK(selftest_leftovers::of(history{.from = origin::signature}.known()).empty());
}

TEST_CASE("a deletion that failed or whose outcome is unknown leaves it over")
{
    for (const auto how : {ending::failed, ending::unknown}) {
        auto known = history{}.known();
        deleted(known, how);
        CHECK(selftest_leftovers::of(known).size() == 1);
    }
}

TEST_CASE("the journal alone tells that it is ours only with its task, its success and a random name")
{
    const auto other_guest =
        *proxmox::upid::parse("UPID:pve1:0000C350:00A1B2C3:6B042AC0:vzsnapshot:104:felhom@pve!agent:");
    for (const auto& odd :
         {history{.by = std::nullopt}, history{.how = ending::unknown}, history{.snapshot = "before-upgrade"},
          history{.snapshot = "felhom-selftest-0123456789ABCDEF"}, history{.by = other_guest}}) {
        const auto left = selftest_leftovers::of(odd.known());
        REQUIRE(left.size() == 1);
        CHECK_FALSE(left.front().ours.has_value());
    }
}

TEST_CASE("it is proven where the node shows its task ended well, its time within the task, and nothing built on it")
{
    using proxmox::left_snapshot;
    const auto proven = left_snapshot::prove(ours(), its_task(), {.snapshots = {its_snapshot()}});
    REQUIRE(proven.has_value());
    CHECK(proven->guest() == left_guest);
    CHECK(proven->name().text() == left_name);

    CHECK_FALSE(left_snapshot::prove(ours(), {}, {.snapshots = {its_snapshot()}}).has_value());
    CHECK_FALSE(left_snapshot::prove(ours(), its_task("unexpected status"), {.snapshots = {its_snapshot()}}));
    CHECK_FALSE(left_snapshot::prove(ours(), its_task(), {.snapshots = {}}).has_value());
    for (const auto taken : {std::optional{task().started() - 1s}, std::optional{task().started() + 10s},
                             std::optional<std::chrono::sys_seconds>{}}) {
        CHECK_FALSE(left_snapshot::prove(ours(), its_task(), {.snapshots = {its_snapshot(taken)}}).has_value());
    }
    auto incomplete = its_snapshot();
    incomplete.unfinished = "delete";
    CHECK_FALSE(left_snapshot::prove(ours(), its_task(), {.snapshots = {incomplete}}).has_value());
    const auto child = proxmox::snapshot{.name = "monday", .parent = left_name};
    CHECK_FALSE(left_snapshot::prove(ours(), its_task(), {.snapshots = {its_snapshot(), child}}).has_value());
}
