// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/core/hex.hpp>

#include <optional>
#include <string>

using namespace felhom;

TEST_CASE("a byte is written as two hexadecimal digits, in the letters that are asked for")
{
    auto text = std::string{"0x"};
    append_hex(text, 0x0f);
    append_hex(text, 0xa5, hex_letters::upper);
    CHECK(text == "0x0fA5");
}

TEST_CASE("a hexadecimal digit of either case has its worth, and no other character has one")
{
    CHECK(hex_value('0') == 0U);
    CHECK(hex_value('9') == 9U);
    CHECK(hex_value('a') == 10U);
    CHECK(hex_value('F') == 15U);
    for (const auto c : {'g', 'G', '/', ':', '@', '`', '\0', '\xff'}) {
        CHECK(hex_value(c) == std::nullopt);
    }
}
