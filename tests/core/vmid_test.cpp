// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/core/vmid.hpp>

using felhom::vmid;

TEST_CASE("the least and the greatest vmid are accepted")
{
    CHECK(vmid::parse("100")->number() == 100);
    CHECK(vmid::parse("999999999")->number() == 999'999'999);
}

TEST_CASE("a number outside the range, a sign, a leading zero and trailing text are no vmid")
{
    for (const auto* text :
         {"", "99", "1000000000", "4294967396", "+100", "-100", "0100", "100 ", " 100", "1e3", "abc"}) {
        INFO(text);
        const auto parsed = vmid::parse(text);
        REQUIRE_FALSE(parsed.has_value());
        CHECK(parsed.error() == felhom::parse_error{"vmid", "a number from 100 to 999999999", text});
    }
}
