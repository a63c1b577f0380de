// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/core/decimal.hpp>

#include <cstdint>
#include <limits>

using felhom::append_decimal;
using felhom::parse_decimal;
using felhom::parse_hexadecimal;

TEST_CASE("a number is read up to the limits of its type")
{
    CHECK(parse_decimal<std::uint8_t>("255") == std::uint8_t{255});
    CHECK(parse_decimal<std::int64_t>("-9223372036854775808") == std::numeric_limits<std::int64_t>::min());
    CHECK(parse_decimal<double>("1.50") == 1.5);
    CHECK(parse_hexadecimal<std::uint32_t>("fF") == 255U);
}

TEST_CASE("a text that is not a number as a whole is none")
{
    for (const auto* const text : {"", " ", "1 ", " 1", "+1", "1x", "0x1", "--1", "1.0"}) {
        INFO(text);
        CHECK(parse_decimal<std::int32_t>(text) == std::nullopt);
    }
    CHECK(parse_decimal<std::uint32_t>("-1") == std::nullopt);
    CHECK(parse_hexadecimal<std::uint32_t>("g") == std::nullopt);
    CHECK(parse_decimal<double>("1,5") == std::nullopt);
}

TEST_CASE("a number that its type cannot hold is none")
{
    CHECK(parse_decimal<std::uint8_t>("256") == std::nullopt);
    CHECK(parse_decimal<std::int64_t>("9223372036854775808") == std::nullopt);
    CHECK(parse_hexadecimal<std::uint32_t>("100000000") == std::nullopt);
}

TEST_CASE("a number is written behind what stands there, as it is read")
{
    auto text = std::string{"n="};
    append_decimal(std::numeric_limits<std::int64_t>::min(), text);
    CHECK(text == "n=-9223372036854775808");
    text.clear();
    append_decimal(0.1, text);
    CHECK(text == "0.1");
}
