// SPDX-License-Identifier: Apache-2.0
#include "reconcile/builders.hpp"
#include "support/catch.hpp"

#include <felhom/core/overloaded.hpp>
#include <felhom/operate/procedures/execute.hpp>

#include <stdexcept>
#include <string>
#include <variant>

using namespace felhom;
using namespace felhom::testing;

namespace {

auto a_start() -> operate::procedure<operate::action_outcome>
{
    return operate::execute(reconcile::start_guest{.id = id_of(101)}, 1, operate::origin::reconcile,
                            operate::node_context{.node = *node_name::parse("pve1"), .facts = {}, .patience = {}});
}

/// What a start comes to where nothing but the owner's word may be asked.
auto start_under(operate::host_switches around) -> operate::action_outcome
{
    auto work = a_start();
    work.step(overloaded{
        [&](const operate::look_around&) { return around; },
        []<typename Other>(const Other&) -> typename Other::answer { throw std::logic_error{"not asked here"}; },
    });
    REQUIRE(work.pending() == nullptr);
    return std::move(work).result();
}

} // namespace

TEST_CASE("what was planned is not begun once the host was paused, or blocked by its hub")
{
    CHECK(
        start_under({.now = {}, .signers = nullptr, .paused = "holidays"})
        == operate::action_outcome{reconcile::not_started{.why = "paused (holidays): `felhom-agent resume` ends it"}});
    CHECK(start_under({.now = {}, .signers = nullptr, .blocked = true})
          == operate::action_outcome{reconcile::not_started{.why = "the hub has blocked all changes"}});
}

TEST_CASE("the owner's word is asked in front of each action, and then the journal has it first")
{
    auto work = a_start();
    REQUIRE(work.pending() != nullptr);
    CHECK(std::holds_alternative<operate::look_around>(*work.pending()));
    work.step(overloaded{
        [](const operate::look_around&) { return operate::host_switches{.now = {}, .signers = nullptr}; },
        []<typename Other>(const Other&) -> typename Other::answer { throw std::logic_error{"not asked here"}; },
    });
    REQUIRE(work.pending() != nullptr);
    CHECK(std::holds_alternative<operate::draw_number>(*work.pending()));
}
