// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/authz/operation/operation.hpp>

#include <boost/json/serialize.hpp>

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>

namespace operation_tests {

using namespace felhom;
using namespace felhom::authz;

namespace {

auto members() -> boost::json::object
{
    return {{"v", 1},
            {"op", "guest.destroy"},
            {"host_id", "host-a"},
            {"guest_id", "101"},
            {"params", boost::json::object{{"purge", true}}},
            {"nonce", "00112233445566778899aabbccddeeff"},
            {"not_before", "2026-06-01T12:00:00Z"},
            {"expires_at", "2026-06-01T12:15:00Z"},
            {"key_id", "op-1"}};
}

auto read(const boost::json::object& object) -> tl::expected<operation, bad_field>
{
    return parse_operation(boost::json::serialize(object), std::chrono::hours{24});
}

/// The field that is wrong once a member has another value.
auto wrong_with(const char* key, const boost::json::value& value) -> std::string
{
    auto object = members();
    object[key] = value;
    const auto made = read(object);
    return made ? "nothing" : made.error().field;
}

} // namespace

TEST_CASE("an operation is read with its parameters as they are")
{
    auto object = members();
    object["expect"] = boost::json::object{{"digest", "sha1:ab"}};
    CHECK(read(object)
          == operation{.op = "guest.destroy",
                       .host_id = "host-a",
                       .guest_id = *vmid::parse("101"),
                       .params = {{"purge", true}},
                       .nonce = *nonce::parse("00112233445566778899aabbccddeeff"),
                       .not_before = *parse_instant("2026-06-01T12:00:00Z"),
                       .expires_at = *parse_instant("2026-06-01T12:15:00Z"),
                       .key_id = "op-1",
                       .expected_digest = "sha1:ab"});
}

TEST_CASE("every member is needed, and none beyond the schema is allowed")
{
    for (const auto& member : members()) {
        auto object = members();
        object.erase(member.key());
        const auto made = read(object);
        REQUIRE_FALSE(made.has_value());
        CHECK(made.error().field == member.key());
    }
    CHECK(wrong_with("unknown", 1) == "unknown");
    CHECK(wrong_with("expect", boost::json::object{}) == "expect");
    CHECK(wrong_with("expect", boost::json::object{{"digest", "a"}, {"other", 1}}) == "expect");
    CHECK(wrong_with("expect", "a") == "expect");
}

TEST_CASE("each member has its type and its form")
{
    for (const auto& version :
         {boost::json::value(2), boost::json::value("1"), boost::json::value(1.0), boost::json::value(true)}) {
        CHECK(wrong_with("v", version) == "v");
    }
    for (const auto* op : {"", "guest destroy", "guest/destroy", "guest.d\xc3\xa9stroy"}) {
        CHECK(wrong_with("op", op) == "op");
    }
    CHECK(wrong_with("guest_id", 101) == "guest_id");
    for (const auto* guest : {"", "99", "0101", "+101", "101 "}) {
        CHECK(wrong_with("guest_id", guest) == "guest_id");
    }
    CHECK(wrong_with("params", boost::json::array{}) == "params");
    CHECK(wrong_with("nonce", "00112233445566778899AABBCCDDEEFF") == "nonce");
    CHECK(wrong_with("op", boost::json::string(64, 'x')) == "nothing");
    CHECK(wrong_with("op", boost::json::string(65, 'x')) == "op");
    CHECK(wrong_with("nonce", "00112233445566778899aabbccddee") == "nonce");
    CHECK(wrong_with("nonce", boost::json::string(31, '0')) == "nonce");
    CHECK(wrong_with("nonce", boost::json::string(33, '0')) == "nonce");
    CHECK(wrong_with("nonce", boost::json::string(128, '0')) == "nothing");
    CHECK(wrong_with("nonce", boost::json::string(129, '0')) == "nonce");
    CHECK(wrong_with("nonce", boost::json::string(130, '0')) == "nonce");
    CHECK(wrong_with("not_before", "2026-06-01T12:00:00") == "not_before");
    CHECK(wrong_with("expires_at", 1780315200) == "expires_at");
    CHECK(wrong_with("key_id", nullptr) == "key_id");
    CHECK(wrong_with("key_id", boost::json::string(257, 'k')) == "key_id");
}

TEST_CASE("the digest that is expected is 1 to 256 printable characters without blanks")
{
    const auto with_digest = [](const std::string& digest) {
        return wrong_with("expect", boost::json::object{{"digest", digest}});
    };
    CHECK(with_digest(std::string(256, 'a')) == "nothing");
    CHECK(with_digest("sha1:AB~!") == "nothing");
    for (const auto& digest : {std::string{}, std::string(257, 'a'), std::string{"a b"}, std::string{" a"},
                               std::string{"a\n"}, std::string{"é"}, std::string{"a\x7f"}, std::string(1, '\0')}) {
        CHECK(with_digest(digest) == "expect");
    }
}

TEST_CASE("parameters keep every number as it was signed, and no integer that would be rounded is taken")
{
    const auto with_params = [](const std::string& params) {
        auto text = boost::json::serialize(members());
        const auto at = text.find(R"({"purge":true})");
        text.replace(at, 14, params);
        return parse_operation(text, std::chrono::hours{24});
    };
    const auto made = with_params(R"({"a":18446744073709551615,"b":-9223372036854775808,"c":1.3927926388013963e-143})");
    REQUIRE(made.has_value());
    CHECK(made->params
          == boost::json::object{{"a", 18446744073709551615U},
                                 {"b", std::numeric_limits<std::int64_t>::min()},
                                 {"c", 1.3927926388013963e-143}});
    for (const auto* rounded : {R"({"a":18446744073709551616})", R"({"a":[{"b":-9223372036854775809}]})"}) {
        const auto refused = with_params(rounded);
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().field == "operation");
        CHECK(refused.error().got == "the integer does not fit 64 bits");
    }
}

TEST_CASE("a window that is empty, inverted or longer than allowed is refused, whatever zones it is written in")
{
    CHECK(wrong_with("expires_at", "2026-06-01T12:00:00Z") == "expires_at");
    CHECK(wrong_with("expires_at", "2026-06-01T11:59:59Z") == "expires_at");
    CHECK(wrong_with("expires_at", "2026-06-01T12:30:00+01:00") == "expires_at");
    CHECK(wrong_with("expires_at", "2026-06-02T12:00:00Z") == "nothing");
    CHECK(wrong_with("expires_at", "2026-06-02T12:00:00.001Z") == "expires_at");
}

TEST_CASE("a missing or wrong member is pointed at where the text names it")
{
    const auto text = std::string{R"({"v":1,"op":"guest.destroy","host_id":7})"};
    CHECK(parse_operation(text, std::chrono::hours{24}).error()
          == bad_field{"host_id", text.find("\"host_id\""), "a string", "7"});
    const auto misleading =
        std::string{R"({"v":1,"op":"x","key_id":"\"host_id\":","params":{"host_id":1},"host_id":7})"};
    CHECK(parse_operation(misleading, std::chrono::hours{24}).error().offset == misleading.find(R"("host_id":7)"));
}

TEST_CASE("a member that is told of in an error cannot command the terminal")
{
    auto object = members();
    object["\x1b[2J"] = 1;
    CHECK(read(object).error().field == "\\x1b[2J");
}

TEST_CASE("an operation with a byte order mark, or in UTF-16, is told to be that")
{
    const auto text = boost::json::serialize(members());
    const auto why = [](const std::string& bytes) {
        const auto made = parse_operation(bytes, std::chrono::hours{24});
        REQUIRE_FALSE(made.has_value());
        return made.error().got;
    };
    auto utf16 = std::string{};
    for (const auto c : text) {
        utf16 += c;
        utf16 += '\0';
    }
    CHECK(why("\xEF\xBB\xBF" + text) == "it begins with a UTF-8 byte order mark, which JSON must not");
    CHECK(why("\xFF\xFE" + utf16) == "it is UTF-16, and not UTF-8");
    CHECK(why(utf16) == "it is UTF-16, and not UTF-8");
    CHECK(why("\xFE\xFF" + std::string(1, '\0') + utf16) == "it is UTF-16, and not UTF-8");
    CHECK(why(std::string(1, '\0') + utf16) == "it is UTF-16, and not UTF-8");
}

TEST_CASE("JSON in which anything is ambiguous is no operation")
{
    const auto text = boost::json::serialize(members());
    const auto refused = [](const std::string& bytes) {
        const auto made = parse_operation(bytes, std::chrono::hours{24});
        return !made && made.error().field == "operation";
    };
    CHECK_FALSE(refused(text + "\n"));
    CHECK(refused(text + "{}"));
    CHECK(refused(text + std::string(1, '\0')));
    CHECK(refused("\xef\xbb\xbf" + text));
    CHECK(refused(R"({"\u0076":1,)" + text.substr(1)));
    CHECK(refused("[" + text + "]"));
    CHECK(refused(std::string(longest_operation + 1, ' ')));
    const auto nested = [](std::size_t arrays) {
        auto deep = members();
        deep["params"] = boost::json::parse(R"({"a":)" + std::string(arrays, '[') + std::string(arrays, ']') + "}");
        return read(deep).has_value();
    };
    CHECK(nested(14)); // and two objects around them
    CHECK_FALSE(nested(15));
}

} // namespace operation_tests
