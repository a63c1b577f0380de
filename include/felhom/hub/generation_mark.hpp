// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/alternatives.hpp>
#include <felhom/core/json/error.hpp>
#include <felhom/core/json/writer.hpp>
#include <felhom/core/sha256.hpp>
#include <felhom/hub/document.hpp>
#include <felhom/hub/generation.hpp>

#include <boost/json/object.hpp>
#include <tl/expected.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace felhom::hub {

/// The last desired state from the hub that was applied: none below it is taken, and none beside it. Kept on disk, so
/// that a hub whose data were set back does not set back its hosts.
struct generation_mark {
    std::uint64_t generation;
    sha256_digest content; ///< SHA-256 of the text

    friend auto operator==(const generation_mark&, const generation_mark&) -> bool = default;
};

/// How the owner lets his host take any generation again.
inline constexpr auto reset_generation =
    std::string_view{"; `felhom-agent desired reset-generation` lets this host follow it again"};

struct generation_went_back {
    std::uint64_t applied;
    std::uint64_t offered;

    static constexpr auto code = std::string_view{"generation_went_back"};
    [[nodiscard]] auto describe() const -> std::string
    {
        return "the hub offers generation " + std::to_string(offered) + ", and " + std::to_string(applied)
               + " was applied" + std::string{reset_generation};
    }
    friend auto operator==(const generation_went_back&, const generation_went_back&) -> bool = default;
};

/// So far ahead that nothing might ever overtake it.
struct generation_too_far {
    std::uint64_t greatest; ///< that would be taken now
    std::uint64_t offered;

    static constexpr auto code = std::string_view{"generation_too_far"};
    [[nodiscard]] auto describe() const -> std::string
    {
        return "the hub offers generation " + std::to_string(offered) + ", and the highest that this host takes now is "
               + std::to_string(greatest) + std::string{reset_generation};
    }
    friend auto operator==(const generation_too_far&, const generation_too_far&) -> bool = default;
};

/// One generation with two contents: whoever is right, the number says nothing any more.
struct content_changed {
    std::uint64_t generation;
    sha256_digest applied;
    sha256_digest offered;

    static constexpr auto code = std::string_view{"content_changed"};
    [[nodiscard]] auto describe() const -> std::string
    {
        return "the hub offers other content under generation " + std::to_string(generation)
               + ", which was applied with SHA-256 " + to_hex(applied) + std::string{reset_generation};
    }
    friend auto operator==(const content_changed&, const content_changed&) -> bool = default;
};

/// OpenSSL gave no digest.
struct no_digest {
    static constexpr auto code = std::string_view{"no_digest"};
    static constexpr auto description = std::string_view{"OpenSSL could not compute a SHA-256"};
    friend auto operator==(const no_digest&, const no_digest&) -> bool = default;
};

using mark_refusal = std::variant<generation_went_back, generation_too_far, content_changed, no_digest>;

/// The stable name of a refusal, for programs.
[[nodiscard]] inline auto code_of(const mark_refusal& why) -> std::string_view
{
    return felhom::code_of(why);
}

[[nodiscard]] inline auto describe(const mark_refusal& why) -> std::string
{
    return description_of(why);
}

namespace detail {

/// Why a generation may not be in its place after the last one that was applied; nothing: it may.
[[nodiscard]] inline auto out_of_place(const std::optional<generation_mark>& mark, std::uint64_t offered)
    -> std::optional<mark_refusal>
{
    if (mark && offered < mark->generation) {
        return generation_went_back{.applied = mark->generation, .offered = offered};
    }
    const auto is_same = mark && offered == mark->generation; // whatever an earlier release took
    const auto greatest = greatest_after(mark ? std::optional{mark->generation} : std::nullopt);
    return is_same || offered <= greatest
               ? std::nullopt
               : std::optional<mark_refusal>{generation_too_far{.greatest = greatest, .offered = offered}};
}

} // namespace detail

/// The mark that applying a desired state would leave, if it may be applied: its generation is higher than the last
/// one, and not too far above it, or it is the very text of the last one. Without a mark any will do.
[[nodiscard]] inline auto raise_mark(const std::optional<generation_mark>& mark, std::uint64_t generation,
                                     std::string_view text) -> tl::expected<generation_mark, mark_refusal>
{
    const auto content = sha256(text);
    if (!content) {
        return tl::unexpected<mark_refusal>(no_digest{});
    }
    if (auto why = detail::out_of_place(mark, generation)) {
        return tl::unexpected(*std::move(why));
    }
    if (mark && generation == mark->generation && *content != mark->content) {
        return tl::unexpected<mark_refusal>(
            content_changed{.generation = generation, .applied = mark->content, .offered = *content});
    }
    return generation_mark{.generation = generation, .content = *content};
}

/// Whether to fetch the desired state that the hub announces. One that is out of its place is refused by its number
/// alone.
[[nodiscard]] inline auto needs_fetching(const std::optional<generation_mark>& mark,
                                         const std::optional<std::uint64_t>& announced)
    -> tl::expected<bool, mark_refusal>
{
    if (announced) {
        if (auto why = detail::out_of_place(mark, *announced)) {
            return tl::unexpected(*std::move(why));
        }
    }
    return announced && (!mark || *announced > mark->generation);
}

/// Whether a mark is of this very text; where there is no mark, any text will do.
[[nodiscard]] inline auto is_mark_of(const std::optional<generation_mark>& mark, std::string_view text) -> bool
{
    return !mark || sha256(text) == mark->content;
}

/// The text under which a mark is kept, or that there is none: after a local reset.
[[nodiscard]] inline auto print_mark(const std::optional<generation_mark>& mark) -> std::string
{
    auto object = boost::json::object{{"version", 1}, {"generation", nullptr}, {"sha256", nullptr}};
    if (mark) {
        object["generation"] = mark->generation;
        object["sha256"] = to_hex(mark->content);
    }
    return json_text(object);
}

[[nodiscard]] inline auto parse_mark(std::string_view text) -> tl::expected<std::optional<generation_mark>, json_error>
{
    return read_json(text, {.integers_only = true}, [](const json_node& root) {
        auto in = object_reader{root};
        detail::require_version(in, 1);
        auto mark = std::optional<generation_mark>{};
        if (!in["generation"].is_null() || !in["sha256"].is_null()) {
            mark = {.generation = in.integer<std::uint64_t>("generation"),
                    .content = in.required("sha256", detail::read_digest).value_or(sha256_digest{})};
        }
        return std::move(in).finish(mark);
    });
}

} // namespace felhom::hub
