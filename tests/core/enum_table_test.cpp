// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/core/enum_table.hpp>

#include <array>
#include <optional>

using namespace felhom;

namespace {

enum class light { red, amber, green };

constexpr auto light_words = enum_table{
    std::array{enum_word{light::red, "stop"}, enum_word{light::amber, "wait"}, enum_word{light::green, "go"}}};

} // namespace

TEST_CASE("a table of words tells the word of each enumerator")
{
    CHECK(light_words.text_of(light::red) == "stop");
    CHECK(light_words.text_of(light::amber) == "wait");
    CHECK(light_words.text_of(light::green) == "go");
}

TEST_CASE("a word is read back as its enumerator, and any other as none")
{
    CHECK(light_words.parse("go") == light::green);
    CHECK(light_words.parse("Go") == std::nullopt);
    CHECK(light_words.parse("") == std::nullopt);
}
