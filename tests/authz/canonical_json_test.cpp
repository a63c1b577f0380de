// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/authz/operation/canonicalize.hpp>

#include <bit>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

using felhom::authz::canonical_number;
using felhom::authz::canonicalize;

TEST_CASE("numbers are written as in the samples of RFC 8785 appendix B")
{
    for (const auto& [bits, text] : {
             std::pair<std::uint64_t, const char*>{0x0000000000000000, "0"},
             {0x8000000000000000, "0"},
             {0x0000000000000001, "5e-324"},
             {0x8000000000000001, "-5e-324"},
             {0x7fefffffffffffff, "1.7976931348623157e+308"},
             {0xffefffffffffffff, "-1.7976931348623157e+308"},
             {0x4340000000000000, "9007199254740992"},
             {0xc340000000000000, "-9007199254740992"},
             {0x4430000000000000, "295147905179352830000"},
             {0x44b52d02c7e14af5, "9.999999999999997e+22"},
             {0x44b52d02c7e14af6, "1e+23"},
             {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
             {0x444b1ae4d6e2ef4e, "999999999999999700000"},
             {0x444b1ae4d6e2ef4f, "999999999999999900000"},
             {0x444b1ae4d6e2ef50, "1e+21"},
             {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
             {0x3eb0c6f7a0b5ed8d, "0.000001"},
             {0x41b3de4355555553, "333333333.3333332"},
             {0x41b3de4355555554, "333333333.33333325"},
             {0x41b3de4355555555, "333333333.3333333"},
             {0x41b3de4355555556, "333333333.3333334"},
             {0x41b3de4355555557, "333333333.33333343"},
             {0xbecbf647612f3696, "-0.0000033333333333333333"},
             {0x43143ff3c1cb0959, "1424953923781206.2"},
         }) {
        CHECK(canonical_number(std::bit_cast<double>(bits)) == text);
    }
}

TEST_CASE("the sample of RFC 8785 section 3.2.2 is canonicalized as in section 3.2.3")
{
    static constexpr auto sample = R"({
  "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
  "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
  "literals": [null, true, false]
})";
    CHECK(canonicalize(sample, {})
          == R"({"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],)"
             R"("string":"€$\u000f\nA'B\"\\\\\"/"})");
}

TEST_CASE("keys are sorted by their UTF-16 code units, as in the sample of RFC 8785 section 3.2.3")
{
    static constexpr auto sample = R"({
  "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh",
  "1": "One", "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis"
})";
    CHECK(canonicalize(sample, {})
          == "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\","
             "\"\u00f6\":\"Latin Small Letter O With Diaeresis\",\"\u20ac\":\"Euro Sign\","
             "\"\U0001f600\":\"Emoji: Grinning Face\",\"\ufb33\":\"Hebrew Letter Dalet With Dagesh\"}");
}

TEST_CASE("objects within arrays and the empty ones keep their place")
{
    CHECK(canonicalize(R"( [56, {"d": true, "10": null, "1": [ ]}, {}, ""] )", {})
          == R"([56,{"1":[],"10":null,"d":true},{},""])");
}

TEST_CASE("an integer that a double cannot hold is refused, not rounded")
{
    CHECK(canonicalize("9007199254740992", {}) == "9007199254740992");
    for (const auto* text : {"9007199254740993", "-9007199254740993", "9223372036854775807", "18446744073709551615"}) {
        CHECK(canonicalize(text, {}).error()
              == felhom::json_error{felhom::json_type_error{"$", "an integer that a double can hold", text}});
    }
    CHECK(canonicalize("-9223372036854775808", {}) == "-9223372036854776000");
}

TEST_CASE("a number that JSON cannot say is refused with its place")
{
    const auto infinite = std::numeric_limits<double>::infinity();
    for (const auto number : {infinite, -infinite, std::numeric_limits<double>::quiet_NaN()}) {
        CHECK(felhom::authz::canonical_json(boost::json::object{{"a", boost::json::array{number}}}).error()
              == felhom::json_type_error{"$.a[0]", "a finite number", "one that JSON cannot say"});
    }
}

TEST_CASE("ambiguous JSON is refused, not repaired")
{
    for (const auto* text : {R"({"a":1,"\u0061":2})", "{} {}", "[1e400]", "\"\xff\"", ""}) {
        CHECK_FALSE(canonicalize(text, {}).has_value());
    }
}
