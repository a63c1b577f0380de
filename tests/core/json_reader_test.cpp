// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/core/json/document.hpp>
#include <felhom/core/json/object_reader.hpp>
#include <felhom/core/json/vmids.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>

using namespace felhom;

namespace {

enum class colour { red, green };

constexpr auto colour_words = enum_table{std::array{enum_word{colour::red, "red"}, enum_word{colour::green, "green"}}};

/// What a reader of one member answers to a document; its error in words.
template <typename Read>
auto fault_of(std::string_view text, Read read) -> std::string
{
    const auto made = read_json(text, {}, [&](const json_node& root) {
        auto in = object_reader{root};
        static_cast<void>(read(in));
        return std::move(in).finish(true);
    });
    return made ? "none" : describe(made.error());
}

} // namespace

TEST_CASE("a node's error names the path, what was expected and what is there")
{
    const auto document = parse_strict_json(R"({"guests":[{"vmid":"x"}]})", {});
    REQUIRE(document.has_value());
    const auto root = json_node::root(*document);
    CHECK(read_each(root["guests"], [](const json_node& guest) { return guest["vmid"].integer(100, 200); }).error()
          == json_type_error{"$.guests[0].vmid", "an integer from 100 to 200", "\"x\""});
}

TEST_CASE("members are read by their names, each as what it is")
{
    const auto document = parse_strict_json(
        R"({"text":"a","whole":7,"flag":true,"time":"2026-06-01T12:00:00Z","word":"green","texts":["x","y"],)"
        R"("object":{"k":1},"guest":"101","empty":null})",
        {});
    REQUIRE(document.has_value());
    auto in = object_reader{json_node::root(*document)};
    CHECK(in.text("text") == "a");
    CHECK(in.integer("whole", 0, 9) == 7);
    CHECK(in.flag("flag"));
    CHECK(in.time("time") == *parse_instant("2026-06-01T12:00:00Z"));
    CHECK(in.one_of("word", colour_words) == colour::green);
    CHECK(in.texts("texts") == std::vector<std::string>{"x", "y"});
    CHECK(in.object("object") == boost::json::object{{"k", 1}});
    CHECK(in.parsed("guest", vmid::parse) == vmid::from_number(101).value());
    CHECK_FALSE(in.required("empty", or_null(read_string)).value().has_value());
    CHECK_FALSE(in.failed());
}

TEST_CASE("what may be absent is nothing, or what it was before, where it is absent")
{
    const auto document = parse_strict_json("{}", {});
    REQUIRE(document.has_value());
    auto in = object_reader{json_node::root(*document)};
    CHECK(in.text_if("text") == std::nullopt);
    CHECK(in.integer_if<int>("whole") == std::nullopt);
    CHECK(in.flag_or("flag", true));
    CHECK(in.time_if("time") == std::nullopt);
    CHECK(in.optional("guests", read_vmids) == std::nullopt);
    CHECK_FALSE(in.failed());
}

TEST_CASE("a member that is missing is said to be missing, and one of a wrong type with what was expected")
{
    CHECK(fault_of("{}", [](auto& in) { return in.text("version"); }) == "$.version is missing");
    CHECK(fault_of(R"({"a":1})", [](auto& in) { return in.text("a"); }) == "$.a: expected a string, got 1");
    CHECK(fault_of(R"({"a":2})", [](auto& in) { return in.integer("a", 1, 1); })
          == "$.a: expected the integer 1, got 2");
    CHECK(fault_of(R"({"a":"nothing"})", [](auto& in) { return in.flag("a"); })
          == "$.a: expected true or false, got \"nothing\"");
    CHECK(fault_of(R"({"a":"blue"})", [](auto& in) { return in.one_of("a", colour_words); })
          == "$.a: expected \"red\" or \"green\", got \"blue\"");
    CHECK(fault_of(R"({"a":["x",1]})", [](auto& in) { return in.texts("a"); }) == "$.a[1]: expected a string, got 1");
    CHECK(fault_of(R"({"a":"7"})", [](auto& in) { return in.parsed("a", vmid::parse); })
          == "$.a: expected a number from 100 to 999999999, got \"7\"");
    CHECK(fault_of("[]", [](auto& in) { return in.has("a"); }) == "$: expected an object, got an array");
}

TEST_CASE("null is a value, but where the reader says that it counts as absent")
{
    CHECK(fault_of(R"({"a":null})", [](auto& in) { return in.text_if("a"); }) == "$.a: expected a string, got null");
    const auto document = parse_strict_json(R"({"a":null})", {});
    REQUIRE(document.has_value());
    auto in = object_reader{basic_json_node<nullable_json>::root(*document)};
    CHECK(in.text_if("a") == std::nullopt);
    CHECK_FALSE(in.failed());
}

TEST_CASE("a member that the object does not have is refused with the one that was probably meant")
{
    static constexpr auto known = std::array<std::string_view, 2>{"operations", "tag"};
    const auto only = [](auto& in) {
        in.only(known);
        return true;
    };
    CHECK(fault_of(R"({"tag":1})", only) == "none");
    CHECK(fault_of(R"({"tag":1,"operation":2})", only) == "$.operation: no such member; did you mean \"operations\"?");
    CHECK(fault_of(R"({"something":2})", only) == "$.something: no such member");
}

TEST_CASE("the first error sticks")
{
    CHECK(fault_of(R"({"b":1})",
                   [](auto& in) {
                       static_cast<void>(in.text("a"));
                       static_cast<void>(in.text("b"));
                       return in.flag("c");
                   })
          == "$.a is missing");
}

TEST_CASE("vmids are read sorted, as often as they stand there")
{
    const auto document = parse_strict_json("[[102,101,102],[99],7]", {});
    REQUIRE(document.has_value());
    const auto root = json_node::root(*document);
    const auto& lists = document->as_array();
    CHECK(read_vmids(root.element(0, lists[0]))
          == std::vector{*vmid::from_number(101), *vmid::from_number(102), *vmid::from_number(102)});
    CHECK(read_vmids(root.element(1, lists[1])).error()
          == json_type_error{"$[1][0]", "an integer from 100 to 999999999", "99"});
    CHECK(read_vmids(root.element(2, lists[2])).error() == json_type_error{"$[2]", "an array of vmids", "7"});
}
