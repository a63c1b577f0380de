// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/core/json/writer.hpp>

#include <boost/json/parse.hpp>

#include <limits>
#include <string>
#include <utility>

using namespace felhom;

namespace {

auto in_ascii(const boost::json::value& value) -> std::string
{
    return print_json(value, json_escape::ascii);
}

} // namespace

TEST_CASE("members keep their order, and every kind of value its JSON text")
{
    static constexpr auto text =
        R"({"b":[1,-2,18446744073709551615,1.5,1e+30],"a":{"n":null,"t":true,"f":false},"e":[],"o":{}})";
    CHECK(in_ascii(boost::json::parse(text)) == text);
}

TEST_CASE("whatever is not printable ASCII is an escape, and reads back as itself")
{
    const auto text = std::string{"\"\\\n\t\x1b\x7f é€ \xe2\x80\xa8 \xf0\x9f\x98\x80 \xef\xbf\xbd"};
    const auto line = in_ascii(boost::json::value(text));
    CHECK(line == R"("\"\\\n\t\u001b\u007f \u00e9\u20ac \u2028 \ud83d\ude00 \ufffd")");
    CHECK(boost::json::parse(line) == boost::json::value(text));
}

TEST_CASE("bytes that are no UTF-8 become replacement characters")
{
    CHECK(in_ascii(boost::json::value("a\xff\xc3")) == R"("a\ufffd\ufffd")");
    CHECK(in_ascii(boost::json::value("\xe2\x80z")) == R"("\ufffd\ufffdz")");
}

TEST_CASE(
    "a text for people of any language stays as it is, but for bytes that are no UTF-8 and what a line cannot hold")
{
    CHECK(print_json(boost::json::value("é€ \x7f\t\n\"\\")) == R"("é€ \u007f\t\n\"\\")");
    CHECK(print_json(boost::json::value("a\xff\xc3")) == "\"a\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

TEST_CASE("a number is written in plain decimal where that is not long, and as null where JSON has none")
{
    for (const auto& [number, text] : {std::pair{0.0, "0"},
                                       {1.5, "1.5"},
                                       {-100000.0, "-100000"},
                                       {0.000001, "0.000001"},
                                       {1e-7, "1e-07"},
                                       {123456789012345.0, "123456789012345"},
                                       {1e15, "1e+15"},
                                       {0.1, "0.1"}}) {
        CHECK(print_json(boost::json::value(number)) == text);
    }
    CHECK(print_json(boost::json::value(std::numeric_limits<double>::infinity())) == "null");
}
