// SPDX-License-Identifier: Apache-2.0
#include "golden.hpp"

#include <felhom/hub/envelope.hpp>
#include <felhom/hub/generation_mark.hpp>
#include <felhom/hub/kept_desired.hpp>
#include <felhom/reconcile/actual/inventory_json.hpp>
#include <felhom/reconcile/desired/desired_json.hpp>

using namespace felhom;
using namespace felhom::golden;

TEST_CASE("the hub's envelope that 0.1.0 kept is read as it was given")
{
    const auto kept = hub::parse_kept_envelope(text_of("hub/hub-envelope.json"));
    REQUIRE(kept.has_value());
    CHECK_FALSE(kept->envelope.blocked);
    CHECK(kept->envelope.desired_generation == 50);
}

TEST_CASE("the hub's desired state that 0.1.0 kept is read, and is the one of the generation that was applied")
{
    const auto kept = hub::parse_kept_desired(text_of("hub/hub-desired.json"));
    REQUIRE(kept.has_value());
    CHECK(kept->tag.has_value());
    const auto desired = reconcile::parse_desired_state(kept->text, lxc::key_table::standard());
    REQUIRE(desired.has_value());
    CHECK(desired->generation == 50);
    const auto floor = hub::parse_mark(text_of("hub/hub-generation.json"));
    REQUIRE(floor.has_value());
    REQUIRE(floor->has_value());
    CHECK((*floor)->generation == 50);
    CHECK(hub::is_mark_of(*floor, kept->text));
    CHECK_FALSE(hub::raise_mark(*floor, 49, kept->text).has_value());
}

TEST_CASE("an inventory of 0.1.0 is read")
{
    const auto guests = reconcile::parse_inventory(text_of("inventory.json"));
    REQUIRE(guests.has_value());
    CHECK(guests->size() > 5);
    CHECK(reconcile::parse_inventory(reconcile::print_inventory(*guests)) == guests);
}
