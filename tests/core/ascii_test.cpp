// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/core/ascii.hpp>

namespace ascii = felhom::ascii;

TEST_CASE("a text is hexadecimal in a shape when every x of it has a digit and all else is as it stands there")
{
    STATIC_REQUIRE(ascii::is_hex_in_shape("bc:24:Af", "xx:xx:xx"));
    STATIC_REQUIRE_FALSE(ascii::is_hex_in_shape("bc:24-af", "xx:xx:xx"));
    STATIC_REQUIRE_FALSE(ascii::is_hex_in_shape("bc:24:ag", "xx:xx:xx"));
    STATIC_REQUIRE_FALSE(ascii::is_hex_in_shape("bc:24:a", "xx:xx:xx"));
    STATIC_REQUIRE_FALSE(ascii::is_hex_in_shape("bc:24:aff", "xx:xx:xx"));
}

TEST_CASE("a text begins with a word in any case, and not when it is shorter")
{
    STATIC_REQUIRE(ascii::starts_with_in_any_case("HTTPS://host", "https://"));
    STATIC_REQUIRE_FALSE(ascii::starts_with_in_any_case("http://host", "https://"));
    STATIC_REQUIRE_FALSE(ascii::starts_with_in_any_case("https:", "https://"));
}
