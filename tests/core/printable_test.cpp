// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/core/json/writer.hpp>
#include <felhom/core/printable.hpp>
#include <felhom/core/utf8.hpp>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <string>

using felhom::printable;
using felhom::printable_lines;
namespace utf8 = felhom::utf8;

TEST_CASE("a text without commands is shown as it is")
{
    CHECK(printable("Zürich, 東京 🎉 ~ \\") == "Zürich, 東京 🎉 ~ \\");
}

TEST_CASE("what a terminal would obey is shown as an escape")
{
    CHECK(printable("a\x1b[31mb") == "a\\x1b[31mb");
    CHECK(printable("a\nb\r\t\x7f") == "a\\nb\\x0d\\x09\\x7f");
    CHECK(printable(std::string_view{"\0", 1}) == "\\x00");
    CHECK(printable("\xc2\x9b"
                    "31m")
          == "\\xc2\\x9b31m");                                                // CSI as one C1 character
    CHECK(printable("a\u202eb\u2028") == "a\\xe2\\x80\\xaeb\\xe2\\x80\\xa8"); // right-to-left override, line separator
}

TEST_CASE("bytes that are no UTF-8 are shown as escapes")
{
    CHECK(printable("\xff") == "\\xff");
    CHECK(printable("a\xc3") == "a\\xc3");                          // cut
    CHECK(printable("\xc0\xaf") == "\\xc0\\xaf");                   // overlong
    CHECK(printable("\xed\xa0\x80") == "\\xed\\xa0\\x80");          // a surrogate
    CHECK(printable("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80"); // above U+10FFFF
    CHECK(printable("\x80") == "\\x80");
}

TEST_CASE("a long text is cut between two characters and two escapes")
{
    CHECK(printable("aäb", 2) == "a…");
    CHECK(printable("aäb", 3) == "aä…");
    CHECK(printable("aäb", 4) == "aäb");
    CHECK(printable("\x1b\x1b", 5) == "\\x1b…");
}

TEST_CASE("of a text of several lines each is made printable, and no more than the limit is shown")
{
    CHECK(printable_lines("one\ntwo\x1b") == "one\n  two\\x1b");
    CHECK(printable_lines("1\n2\n3", "> ", 2) == "1\n> 2\n> …");
    CHECK(printable_lines("") == "");
}

TEST_CASE("the lines of a text are joined with blanks, without escapes")
{
    CHECK(felhom::printable_joined("Parameter verification failed.\n  net0: no\n\n  mtu: no\n")
          == "Parameter verification failed. net0: no mtu: no");
    CHECK(felhom::printable_joined("a\x1b") == "a\\x1b");
    CHECK(felhom::printable_joined("\n").empty());
}

TEST_CASE("characters are counted, not bytes, and a stray byte is one")
{
    CHECK(utf8::count("") == 0);
    CHECK(utf8::count("aä東🎉") == 4);
    CHECK(utf8::count("\xff\xff") == 2);
}

TEST_CASE("a JSON document is valid UTF-8 whatever its strings hold")
{
    const auto text = felhom::json_text(boost::json::object{{"a", "x\xff\x1b"}, {"b", "ä"}});
    CHECK(text == "{\"a\":\"x\xEF\xBF\xBD\\u001b\",\"b\":\"ä\"}\n");
    CHECK_NOTHROW(boost::json::parse(text));
}
