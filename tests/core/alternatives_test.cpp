// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/core/alternatives.hpp>
#include <felhom/core/overloaded.hpp>

#include <string>
#include <string_view>
#include <variant>

using namespace felhom;

namespace {

struct door_locked {
    static constexpr auto code = std::string_view{"locked"};
    static constexpr auto exit_status = exit_code::busy;
    static constexpr auto description = std::string_view{"the door is locked"};
};
struct key_broken {
    int number;

    static constexpr auto code = std::string_view{"broken"};
    static constexpr auto exit_status = exit_code::error;
    [[nodiscard]] auto describe() const -> std::string { return "key " + std::to_string(number) + " broke"; }
};
using entry_refusal = std::variant<door_locked, key_broken>;

} // namespace

TEST_CASE("what is known of an alternative is told of the one that is held")
{
    CHECK(code_of(entry_refusal{door_locked{}}) == "locked");
    CHECK(code_of(entry_refusal{key_broken{1}}) == "broken");
    CHECK(exit_code_of(entry_refusal{door_locked{}}) == exit_code::busy);
    CHECK(exit_code_of(entry_refusal{key_broken{1}}) == exit_code::error);
}

TEST_CASE("an alternative is described by its constant words, or by what its evidence tells")
{
    CHECK(description_of(entry_refusal{door_locked{}}) == "the door is locked");
    CHECK(description_of(entry_refusal{key_broken{7}}) == "key 7 broke");
}

TEST_CASE("an arm of its own goes before what the other alternatives are told by")
{
    const auto number_of = [](const entry_refusal& why) {
        return told<int>(why, overloaded{[](const auto& /*other*/) { return 0; },
                                         [](const key_broken& broken) { return broken.number; }});
    };
    CHECK(number_of(door_locked{}) == 0);
    CHECK(number_of(key_broken{7}) == 7);
}
