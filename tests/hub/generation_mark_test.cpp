// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/hub/generation_mark.hpp>
#include <felhom/hub/kept_desired.hpp>

#include <optional>
#include <string>

using namespace felhom;
using namespace felhom::hub;
using namespace felhom::net;

namespace {

using raised = tl::expected<generation_mark, mark_refusal>;
using fetched = tl::expected<bool, mark_refusal>;

auto digest_of(std::string_view text) -> sha256_digest
{
    return sha256(text).value();
}

auto floor_at(std::uint64_t generation, std::string_view text) -> std::optional<generation_mark>
{
    return generation_mark{.generation = generation, .content = digest_of(text)};
}

auto tag(const std::string& text) -> etag
{
    return etag::parse(text).value();
}

} // namespace

TEST_CASE("the digest of a text is its SHA-256")
{
    CHECK(to_hex(digest_of("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("a desired state with a higher generation is taken, and any when none was applied")
{
    CHECK(raise_mark(floor_at(7, "old"), 8, "new") == raised{*floor_at(8, "new")});
    CHECK(raise_mark(std::nullopt, 0, "first") == raised{*floor_at(0, "first")});
}

TEST_CASE("the very text that was applied may be applied again")
{
    CHECK(raise_mark(floor_at(7, "same"), 7, "same") == raised{*floor_at(7, "same")});
}

TEST_CASE("a generation below the last applied one is refused, whatever it holds")
{
    CHECK(raise_mark(floor_at(7, "same"), 6, "same")
          == raised{tl::unexpected<mark_refusal>(generation_went_back{.applied = 7, .offered = 6})});
}

TEST_CASE("a generation too far above the last applied one is refused, so that a true hub can overtake a wrong one")
{
    const auto too_far = [](std::uint64_t greatest, std::uint64_t offered) {
        return tl::unexpected<mark_refusal>(generation_too_far{.greatest = greatest, .offered = offered});
    };
    CHECK(raise_mark(floor_at(7, "old"), 1'000'007, "new") == raised{*floor_at(1'000'007, "new")});
    CHECK(raise_mark(floor_at(7, "old"), 1'000'008, "new") == raised{too_far(1'000'007, 1'000'008)});
    CHECK(needs_fetching(floor_at(7, ""), 1'000'008U) == fetched{too_far(1'000'007, 1'000'008)});
}

TEST_CASE("no generation is above what JSON tells exactly, but for one that an earlier release took")
{
    static constexpr auto greatest = std::uint64_t{9'007'199'254'740'991U};
    CHECK(raise_mark(std::nullopt, greatest, "first") == raised{*floor_at(greatest, "first")});
    CHECK_FALSE(raise_mark(std::nullopt, greatest + 1, "first").has_value());
    CHECK_FALSE(raise_mark(floor_at(greatest - 1, "old"), greatest + 1, "new").has_value());
    CHECK(raise_mark(floor_at(greatest + 9, "same"), greatest + 9, "same") == raised{*floor_at(greatest + 9, "same")});
}

TEST_CASE("one generation with other content is refused")
{
    CHECK(raise_mark(floor_at(7, "old"), 7, "new")
          == raised{tl::unexpected<mark_refusal>(
              content_changed{.generation = 7, .applied = digest_of("old"), .offered = digest_of("new")})});
}

TEST_CASE("a refusal says what was offered, what was applied, and what lifts it")
{
    CHECK(describe(mark_refusal{generation_went_back{.applied = 7, .offered = 6}})
          == "the hub offers generation 6, and 7 was applied; `felhom-agent desired reset-generation` lets this host "
             "follow it again");
    CHECK(
        describe(
            mark_refusal{content_changed{.generation = 7, .applied = digest_of("abc"), .offered = digest_of("new")}})
        == "the hub offers other content under generation 7, which was applied with SHA-256 "
           "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad; `felhom-agent desired reset-generation` "
           "lets this host follow it again");
    CHECK(describe(mark_refusal{generation_too_far{.greatest = 1'000'007, .offered = 2'000'000}})
          == "the hub offers generation 2000000, and the highest that this host takes now is 1000007; `felhom-agent "
             "desired reset-generation` lets this host follow it again");
    CHECK(code_of(generation_went_back{}) == "generation_went_back");
    CHECK(code_of(generation_too_far{}) == "generation_too_far");
    CHECK(code_of(content_changed{}) == "content_changed");
}

TEST_CASE("a desired state is fetched when the hub announces a later one than was applied")
{
    CHECK(needs_fetching(std::nullopt, 0U) == fetched{true});
    CHECK(needs_fetching(floor_at(7, ""), 8U) == fetched{true});
    CHECK(needs_fetching(floor_at(7, ""), 7U) == fetched{false});
    CHECK(needs_fetching(floor_at(7, ""), std::nullopt) == fetched{false});
    CHECK(needs_fetching(std::nullopt, std::nullopt) == fetched{false});
}

TEST_CASE("an announced generation below the last applied one is refused unfetched")
{
    CHECK(needs_fetching(floor_at(7, ""), 6U)
          == fetched{tl::unexpected<mark_refusal>(generation_went_back{.applied = 7, .offered = 6})});
}

TEST_CASE("a floor is read back from its text, and so is that there is none")
{
    using read = tl::expected<std::optional<generation_mark>, json_error>;
    const auto mark = floor_at(18'446'744'073'709'551'615U, "abc");
    CHECK(print_mark(mark)
          == R"({"version":1,"generation":18446744073709551615,)"
             R"("sha256":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"})"
             "\n");
    CHECK(parse_mark(print_mark(mark)) == read{mark});
    CHECK(print_mark(std::nullopt)
          == R"({"version":1,"generation":null,"sha256":null})"
             "\n");
    CHECK(parse_mark(print_mark(std::nullopt)) == read{std::nullopt});
}

TEST_CASE("a floor that is damaged is an error, and never no floor")
{
    const auto whole = print_mark(floor_at(7, "abc"));
    for (auto size = std::size_t{0}; size + 1 < whole.size(); ++size) {
        CHECK_FALSE(parse_mark(whole.substr(0, size)).has_value());
    }
    for (
        const auto* const text :
        {R"({})", R"({"version":1})", R"({"version":1,"generation":null})",
         R"({"version":1,"generation":7,"sha256":null})", R"({"version":1,"generation":7,"sha256":"BA"})",
         R"({"version":2,"generation":null,"sha256":null})",
         R"({"version":1,"generation":-1,"sha256":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"})",
         R"({"version":1,"generation":null,"sha256":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"})"}) {
        INFO(text);
        CHECK_FALSE(parse_mark(text).has_value());
    }
}

TEST_CASE("an ETag is what stands in quotes, weak or strong, and goes back as it came")
{
    for (const auto* const text : {R"("a")", R"("")", R"(W/"generation-7")", R"("!#~{}")"}) {
        INFO(text);
        CHECK(tag(text).text() == text);
    }
    for (const auto& text : {std::string{}, std::string{"a"}, std::string{"\""}, std::string{"w/\"a\""},
                             std::string{"\"a\r\nX: 1\""}, std::string{"\"a b\""}, std::string{"\"a\"b\""},
                             std::string{"\"\xff\""}, std::string{"\"a\" "}, '"' + std::string(256, 'a') + '"'}) {
        INFO(text);
        CHECK_FALSE(etag::parse(text).has_value());
    }
}

TEST_CASE("a desired state from the hub is read back from its text with its ETag, byte for byte")
{
    const auto with_tag = desired_document{.text = "{\"version\":1}\n\n\0\xff", .tag = tag(R"(W/"7")")};
    const auto without = desired_document{.text = "", .tag = std::nullopt};
    CHECK(parse_kept_desired(print_kept_desired(with_tag).value()) == with_tag);
    CHECK(parse_kept_desired(print_kept_desired(without).value()) == without);
}

TEST_CASE("a kept desired state that was cut, changed or joined to another is an error")
{
    const auto whole = print_kept_desired({.text = "{\"generation\":7}\n", .tag = tag("\"a\"")}).value();
    REQUIRE(parse_kept_desired(whole).has_value());
    for (auto size = std::size_t{0}; size < whole.size(); ++size) {
        CHECK_FALSE(parse_kept_desired(whole.substr(0, size)).has_value());
    }
    auto changed = whole;
    changed[changed.find('7', changed.find('\n'))] = '8';
    const auto read = parse_kept_desired(changed);
    REQUIRE_FALSE(read.has_value());
    const auto* const why = std::get_if<json_type_error>(&read.error());
    REQUIRE(why != nullptr);
    CHECK(why->path == "$.sha256");
    CHECK(why->expected == "the digest of what follows this line");
}

TEST_CASE("the hub is asked for a document other than the one that is kept")
{
    CHECK(if_none_match(std::nullopt) == std::nullopt);
    CHECK(if_none_match(desired_document{.text = "x", .tag = std::nullopt}) == std::nullopt);
    CHECK(if_none_match(desired_document{.text = "x", .tag = tag("\"7\"")}) == tag("\"7\""));
}
