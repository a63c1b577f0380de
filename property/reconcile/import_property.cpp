// SPDX-License-Identifier: Apache-2.0
#include "reconcile/builders.hpp"
#include "reconcile/gen.hpp"
#include "support/rapidcheck.hpp"

#include <felhom/reconcile/desired/desired_json.hpp>
#include <felhom/reconcile/desired/import_desired.hpp>
#include <felhom/reconcile/plan/planner.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace felhom;
using namespace felhom::reconcile;
using namespace felhom::testing;

namespace {

auto one_in(int times) -> bool
{
    return *rc::gen::inRange(0, times) == 0;
}

/// A guest as a node may show it: also with what no plan may write, what waits, and values nobody may desire.
auto some_guest(std::uint32_t id, const gen::stored_guest& holds) -> actual_guest
{
    auto guest = actual_guest_builder{id};
    guest.with("unprivileged", "1").with("rootfs", "local-lvm:vm-101-disk-0,size=8G").with("lock", "backup");
    for (const auto& [key, value] : holds.values) {
        if (one_in(6)) {
            guest.pending(key, one_in(2) ? std::nullopt : std::optional<std::string>{"x"}, *value);
        } else if (one_in(6)) {
            guest.pending_removal(key, *value);
        } else {
            guest.with(key, one_in(8) ? *rc::gen::element<std::string>("", " ", "0", "x\ty") : *value);
        }
    }
    if (!holds.running) {
        guest.stopped();
    }
    if (one_in(8)) {
        guest.a_template();
    }
    if (one_in(10)) {
        guest.unreadable(interrupted());
    }
    return guest.build();
}

auto some_node() -> actual_state
{
    auto guests = std::vector<actual_guest>{};
    for (const auto& [id, holds] : *gen::stored_guests()) {
        guests.push_back(some_guest(id, holds));
    }
    return observed(std::move(guests));
}

} // namespace

TEST_CASE("what is imported from a node is read back, and the plan for it does nothing and leaves nothing")
{
    CHECK(rc::check([] {
        const auto actual = some_node();
        const auto table = lxc::key_table::standard();
        const auto imported = import_desired(actual, {}, table);
        const auto desired = parse_desired_state(print(imported), table);
        RC_ASSERT(desired.has_value());
        RC_ASSERT(desired->guests.size() == imported.guests.size());
        const auto made = planned(*normalize(*desired, {.release = {9, 1}}, table), actual);
        RC_ASSERT(made.actions().empty());
        // That a guest has lost an interface is told of whatever is desired.
        RC_ASSERT(std::ranges::all_of(
            made.skips(), [](const skipped& skip) { return std::holds_alternative<interface_lost>(skip.why); }));
        RC_ASSERT(made.compared() == imported.guests.size());
    }));
}

TEST_CASE("each key of a guest that a plan may write is imported, or it is told why not")
{
    CHECK(rc::check([] {
        const auto actual = some_node();
        const auto imported = import_desired(actual, {}, lxc::key_table::standard());
        for (const auto& guest : imported.guests) {
            const auto found = std::ranges::find(actual.guests, guest.id, &actual_guest::id);
            const auto told = static_cast<std::size_t>(std::ranges::count(imported.left, guest.id, &left_out::id));
            const auto own = std::size_t{3}; // unprivileged, rootfs and lock: nothing that a plan writes
            RC_ASSERT(std::get<actual_config>(found->config).entries.size() == guest.entries.size() + told + own);
        }
    }));
}
