#include "support/catch.hpp"

#include <felhom/authz/json_line.hpp>

#include <boost/json/parse.hpp>

#include <string>

using felhom::authz::json_line;

TEST_CASE("members keep their order, and every kind of value its JSON text")
{
    static constexpr auto text =
        R"({"b":[1,-2,18446744073709551615,1.5,1e+30],"a":{"n":null,"t":true,"f":false},"e":[],"o":{}})";
    CHECK(json_line(boost::json::parse(text)) == text);
}

TEST_CASE("whatever is not printable ASCII is an escape, and reads back as itself")
{
    const auto text = std::string{"\"\\\n\t\x1b\x7f é€ \xe2\x80\xa8 \xf0\x9f\x98\x80 \xef\xbf\xbd"};
    const auto line = json_line(boost::json::value(text));
    CHECK(line == R"("\"\\\n\t\u001b\u007f \u00e9\u20ac \u2028 \ud83d\ude00 \ufffd")");
    CHECK(boost::json::parse(line) == boost::json::value(text));
}

TEST_CASE("bytes that are no UTF-8 become replacement characters")
{
    CHECK(json_line(boost::json::value("a\xff\xc3")) == R"("a\ufffd\ufffd")");
    CHECK(json_line(boost::json::value("\xe2\x80z")) == R"("\ufffd\ufffdz")");
}
