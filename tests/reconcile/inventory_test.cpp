// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/reconcile/actual/inventory.hpp>
#include <felhom/reconcile/actual/inventory_json.hpp>

#include <range/v3/range/conversion.hpp>
#include <range/v3/view/iota.hpp>
#include <range/v3/view/transform.hpp>

using namespace felhom::reconcile;
using felhom::vmid;

namespace {

auto guests(std::uint32_t first, std::uint32_t count) -> inventory
{
    return ranges::views::iota(first, first + count)
           | ranges::views::transform([](std::uint32_t n) { return *vmid::from_number(n); })
           | ranges::to<std::vector>();
}

} // namespace

TEST_CASE("an inventory that became empty is refused, however small it was")
{
    const auto held = accept_inventory(guests(100, 1), {}, {});
    REQUIRE_FALSE(held.has_value());
    CHECK(held.error() == inventory_shrank{.before = 1, .missing = guests(100, 1)});
}

TEST_CASE("a node that was always empty is no reason to hold")
{
    CHECK(accept_inventory({}, {}, {}).has_value());
}

TEST_CASE("five missing guests pass, six of ten do not, six of thirty do")
{
    CHECK(accept_inventory(guests(100, 10), guests(105, 5), {}).has_value());
    CHECK_FALSE(accept_inventory(guests(100, 10), guests(106, 4), {}).has_value());
    CHECK(accept_inventory(guests(100, 30), guests(106, 24), {}).has_value());
}

TEST_CASE("guests that came do not make up for guests that went")
{
    CHECK_FALSE(accept_inventory(guests(100, 10), guests(108, 20), {}).has_value());
}

TEST_CASE("an accepted inventory is the one that was read")
{
    CHECK(accept_inventory(guests(100, 3), guests(100, 2), {})->guests() == guests(100, 2));
}

TEST_CASE("an inventory is kept as text and read back as itself")
{
    CHECK(parse_inventory(print_inventory(guests(100, 3))) == guests(100, 3));
    CHECK(parse_inventory(print_inventory({})) == inventory{});
}

TEST_CASE("a kept inventory that is not one is refused with where")
{
    CHECK_FALSE(parse_inventory("").has_value());
    CHECK(describe(parse_inventory(R"({"version":1,"guests":[100,"x"]})").error())
          == "$.guests[1]: expected an integer from 100 to 999999999, got \"x\"");
    CHECK_FALSE(parse_inventory(R"({"version":2,"guests":[]})").has_value());
}
