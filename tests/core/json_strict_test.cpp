// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/core/json/strict.hpp>

#include <algorithm>
#include <cstddef>
#include <ctime>
#include <string>
#include <utility>

using felhom::json_limits;
using felhom::parse_strict_json;

namespace {

/// An array of so many values, filled with blanks up to so many bytes.
auto array_of(std::size_t count, const std::string& value, std::size_t bytes) -> std::string
{
    auto text = std::string{"["};
    for (auto element = std::size_t{0}; element < count; ++element) {
        text += (element == 0 ? "" : ",") + value;
    }
    return text + std::string(std::max(bytes, text.size() + 1) - text.size() - 1, ' ') + "]";
}

} // namespace

TEST_CASE("a repeated key is refused at any depth, also when it is spelled with an escape")
{
    for (const auto* text : {R"({"a":1,"a":2})", R"({"x":{"a":1,"b":2,"a":3}})", R"([{"a":1,"\u0061":2}])"}) {
        INFO(text);
        const auto parsed = parse_strict_json(text, {});
        REQUIRE_FALSE(parsed.has_value());
        CHECK(parsed.error().reason == "key \"a\" is given twice in one object");
    }
}

TEST_CASE("a byte order mark and UTF-16 are told by name")
{
    CHECK(parse_strict_json("\xEF\xBB\xBF{}", {}).error().reason
          == "it begins with a UTF-8 byte order mark, which JSON must not");
    CHECK(parse_strict_json(std::string("\xFF\xFE{\0}\0", 6), {}).error().reason == "it is UTF-16, and not UTF-8");
    CHECK(parse_strict_json(std::string("\0{\0}", 4), {}).error().reason == "it is UTF-16, and not UTF-8");
}

TEST_CASE("a lenient reading takes bytes that are no UTF-8, and numbers beyond all range")
{
    const auto limits = json_limits{.lenient = true};
    CHECK(parse_strict_json("\"\xff\"", limits).has_value());
    CHECK_FALSE(parse_strict_json("\"\xff\"", {}).has_value());
    CHECK(parse_strict_json("1e400", limits).has_value());
    CHECK_FALSE(parse_strict_json("1e400", {}).has_value());
    CHECK_FALSE(parse_strict_json(R"({"a":1,"a":2})", limits).has_value());
}

TEST_CASE("the same key in sibling objects is no repetition")
{
    CHECK(parse_strict_json(R"([{"a":1},{"a":2},{"b":{"a":3}}])", {}).has_value());
}

TEST_CASE("text after the document is refused with its offset")
{
    const auto parsed = parse_strict_json("{} {}", {});
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().offset == 3);
}

TEST_CASE("numbers that Boost.JSON would turn into infinity are refused")
{
    CHECK_FALSE(parse_strict_json("1e400", {}).has_value());
    CHECK_FALSE(parse_strict_json("[-1e400]", {}).has_value());
}

TEST_CASE("where only integers are allowed, fractions and integers beyond 64 bits are refused")
{
    const auto limits = json_limits{.integers_only = true};
    CHECK(parse_strict_json("[18446744073709551615,-9223372036854775808]", limits).has_value());
    CHECK_FALSE(parse_strict_json("[18446744073709551616]", limits).has_value());
    CHECK_FALSE(parse_strict_json("[1.0]", limits).has_value());
}

TEST_CASE("where integers must be exact, those beyond 64 bits are refused and fractions are not")
{
    const auto limits = json_limits{.exact_integers = true};
    CHECK(parse_strict_json("[18446744073709551615,1.5,1e3,2E-7]", limits).has_value());
    for (const auto* text :
         {"[18446744073709551616]", "-9223372036854775809", R"({"a":{"b":100000000000000000000}})"}) {
        INFO(text);
        const auto parsed = parse_strict_json(text, limits);
        REQUIRE_FALSE(parsed.has_value());
        CHECK(parsed.error().reason == "the integer does not fit 64 bits");
    }
    CHECK(parse_strict_json("[18446744073709551616]", {}).has_value());
}

TEST_CASE("a double is the nearest to its text")
{
    // Boost.JSON 1.81 alone reads each of these one unit in the last place off.
    for (const auto& [text, number] : {std::pair{"1.3927926388013963e-143", 1.3927926388013963e-143},
                                       {"-2.128409656321987e-239", -2.128409656321987e-239}}) {
        const auto parsed = parse_strict_json(text, {});
        REQUIRE(parsed.has_value());
        CHECK(*parsed == boost::json::value(number));
    }
}

TEST_CASE("a repeated key is found among few and among many")
{
    for (const auto size : {1, 15, 16, 17, 18, 1000}) {
        auto text = std::string{"{"};
        for (auto key = 0; key < size; ++key) {
            text += "\"k" + std::to_string(key) + "\":0,";
        }
        INFO(size);
        CHECK(parse_strict_json(text + R"("new":0})", {}).has_value());
        for (const auto repeated : {0, size / 2, size - 1}) {
            CHECK_FALSE(parse_strict_json(text + "\"k" + std::to_string(repeated) + "\":0}", {}).has_value());
        }
    }
}

TEST_CASE("an object of 60,000 keys is read in no time")
{
    auto text = std::string{"{"};
    for (auto key = 0; key < 60'000; ++key) {
        text += "\"key number " + std::to_string(key) + "\":0,";
    }
    text += R"("end":0})";
    const auto begun = std::clock();
    CHECK(parse_strict_json(text, {.bytes = text.size()}).has_value());
    // Comparing each key with all before it took seconds.
    CHECK(std::clock() - begun < 2 * CLOCKS_PER_SEC);
}

TEST_CASE("a key that is told of in an error cannot command the terminal, and is cut")
{
    const auto long_key = std::string(1000, 'k');
    for (const auto& [key, shown] :
         {std::pair{std::string{"\\u001b[2J"}, std::string{"\\x1b[2J"}}, {long_key, std::string(200, 'k') + "…"}}) {
        const auto member = "\"" + key + "\":0";
        const auto parsed = parse_strict_json("{" + member + "," + member + "}", {});
        REQUIRE_FALSE(parsed.has_value());
        CHECK(parsed.error().reason == "key \"" + shown + "\" is given twice in one object");
    }
}

TEST_CASE("a document holds a value for each 16 bytes of it, and one more is refused with the limit")
{
    // The array itself is one of the 12,000.
    CHECK(parse_strict_json(array_of(11'999, "1", 192'000), {}).has_value());
    const auto beyond = parse_strict_json(array_of(12'000, "1", 192'000), {});
    REQUIRE_FALSE(beyond.has_value());
    CHECK(beyond.error().beyond_limit);
    CHECK(beyond.error().reason
          == "more than 12000 values, the most that are read of 192000 bytes (one for 16 bytes, at least 10000)");
}

TEST_CASE("values of every kind count")
{
    const auto limits = json_limits{.values = {.bytes_each = 32}};
    for (const auto* const value :
         {"1", "-1.5", "18446744073709551615", "true", "null", "\"text\"", "\"es\\u0063aped\"", "[]", "{}"}) {
        INFO(value);
        CHECK(parse_strict_json(array_of(11'999, value, 384'000), limits).has_value());
        CHECK_FALSE(parse_strict_json(array_of(12'000, value, 384'000), limits).has_value());
    }
}

TEST_CASE("a member counts once, for its value")
{
    auto text = std::string{"{"};
    for (auto member = 0; member < 9'998; ++member) {
        text += "\"" + std::to_string(member) + "\":0,";
    }
    CHECK(parse_strict_json(text + R"("last":0})", {}).has_value());
    CHECK_FALSE(parse_strict_json(text + R"("last":0,"more":0})", {}).has_value());
}

TEST_CASE("any document may hold 10,000 values, however short it is")
{
    CHECK(parse_strict_json(array_of(9'999, "1", 0), {}).has_value());
    CHECK_FALSE(parse_strict_json(array_of(10'000, "1", 0), {}).has_value());
}

TEST_CASE("a reader may take more or fewer values for its bytes")
{
    const auto limits = json_limits{.values = {.bytes_each = 8, .least = 3}};
    CHECK(parse_strict_json("[1,2]", limits).has_value());
    CHECK_FALSE(parse_strict_json("[1,2,3]", limits).has_value());
    CHECK(parse_strict_json(array_of(11'999, "1", 96'000), limits).has_value());
    CHECK_FALSE(parse_strict_json(array_of(12'000, "1", 96'000), limits).has_value());
}

TEST_CASE("one array holds at most 65,536 elements, and one object as many members")
{
    const auto limits = json_limits{.bytes = std::size_t{4} << 20U};
    const auto bytes = limits.bytes;
    CHECK(parse_strict_json(array_of(65'536, "1", bytes), limits).has_value());
    const auto array = parse_strict_json(array_of(65'537, "1", bytes), limits);
    REQUIRE_FALSE(array.has_value());
    CHECK(array.error().reason == "more than 65536 elements in one array, the most that are read");
    auto members = std::string{"{"};
    for (auto member = 0; member < 65'535; ++member) {
        members += "\"member number " + std::to_string(member) + "\":0,";
    }
    CHECK(parse_strict_json(members + R"("last":0})", limits).has_value());
    const auto object = parse_strict_json(members + R"("last":0,"more":0})", limits);
    REQUIRE_FALSE(object.has_value());
    CHECK(object.error().reason == "more than 65536 members in one object, the most that are read");
}

TEST_CASE("a document beyond a limit is told so, and not called wrong")
{
    const auto beyond = parse_strict_json(array_of(10'000, "1", 0), {});
    REQUIRE_FALSE(beyond.has_value());
    CHECK(describe(felhom::json_error{beyond.error()})
          == "too large, from byte " + std::to_string(beyond.error().offset)
                 + " on: more than 10000 values, the most that are read of 20001 bytes (one for 16 bytes, at least "
                   "10000); make it smaller");
    CHECK(beyond.error().offset > 19'990);
    const auto longer = parse_strict_json("[1,2,3]", {.bytes = 6});
    REQUIRE_FALSE(longer.has_value());
    CHECK(describe(felhom::json_error{longer.error()})
          == "too large, from byte 6 on: longer than the limit of 6 bytes; make it smaller");
}

TEST_CASE("depth and size are bounded")
{
    CHECK(parse_strict_json("[[1]]", {.depth = 2}).has_value());
    CHECK_FALSE(parse_strict_json("[[[1]]]", {.depth = 2}).has_value());
    CHECK_FALSE(parse_strict_json("[1,2,3]", {.bytes = 6}).has_value());
}

TEST_CASE("invalid UTF-8, lone surrogates and a byte order mark are refused")
{
    for (const auto* text : {"\"\xff\"", "\"\xc0\x80\"", R"("\ud800")", "\xef\xbb\xbf{}"}) {
        CHECK_FALSE(parse_strict_json(text, {}).has_value());
    }
}
