// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/keys/key_line_form.hpp>
#include <felhom/authz/operation/operation_name.hpp>
#include <felhom/authz/signers/signer_settings.hpp>
#include <felhom/core/ascii.hpp>
#include <felhom/core/contains.hpp>
#include <felhom/core/json/error.hpp>
#include <felhom/core/json/node.hpp>
#include <felhom/core/json/object_reader.hpp>
#include <felhom/core/nearest.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace felhom::authz {

/// What becomes of members that signers do not have.
enum class other_members {
    refused,
    notes, ///< they are the author's, unless they look like a limit that would not hold
};

namespace detail {

inline constexpr auto required_members = std::array<std::string_view, 3>{"authorized_key", "tag", "key_id"};
inline constexpr auto limits = std::array<std::string_view, 3>{"operations", "valid_after", "valid_before"};

/// Names that other formats have for the limits, and what they are called here.
inline constexpr auto foreign_limits = std::array<std::pair<std::string_view, std::string_view>, 8>{{
    {"ops", "operations"},
    {"allowed", "operations"},
    {"permissions", "operations"},
    {"not_before", "valid_after"},
    {"valid_from", "valid_after"},
    {"not_after", "valid_before"},
    {"valid_until", "valid_before"},
    {"expires", "valid_before"},
}};

/// The member that a foreign one was probably meant for. A mistyped limit is the danger: it would leave the signer
/// unlimited. A required member that is mistyped is missed anyway.
[[nodiscard]] inline auto meant_member(std::string_view name) -> std::string_view
{
    const auto lower = ascii::to_lower(name);
    if (const auto limit = nearest(lower, limits); !limit.empty()) {
        return limit;
    }
    for (const auto& [foreign, ours] : foreign_limits) {
        if (!nearest(lower, std::array{foreign}).empty()) {
            return ours;
        }
    }
    const auto* const near = std::ranges::find_if(
        required_members, [&](std::string_view known) { return edit_distance(lower, known) <= 1; });
    return near == required_members.end() ? std::string_view{} : *near;
}

/// A text that stands on one line of a report.
[[nodiscard]] inline auto line_of(std::size_t longest)
{
    return [longest](const json_node& at) -> tl::expected<std::string, json_type_error> {
        const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20U || c == '\x7f'; };
        auto text = read_string(at);
        if (text && (text->empty() || text->size() > longest || std::ranges::any_of(*text, is_control))) {
            return tl::unexpected(at.fail("a line of text, at most " + std::to_string(longest) + " bytes"));
        }
        return text;
    };
}

/// A line of authorized_keys; what is wrong with one is told without its bytes.
[[nodiscard]] inline auto read_key_line(const json_node& at) -> tl::expected<std::string, json_type_error>
{
    auto text = read_string(at);
    auto why = text ? why_no_key_line(*text) : std::nullopt;
    if (why) {
        const auto place = why->offset == 0 ? std::string{} : " at byte " + std::to_string(why->offset);
        return tl::unexpected(json_type_error{
            .path = at.path(), .expected = std::move(why->expected), .got = std::move(why->got) + place});
    }
    return text;
}

[[nodiscard]] inline auto read_operations(const json_node& at)
    -> tl::expected<std::vector<std::string>, json_type_error>
{
    const auto read_name = [](const json_node& name) -> tl::expected<std::string, json_type_error> {
        auto text = read_string(name);
        if (text && !is_operation_name(*text)) {
            return tl::unexpected(name.fail("the name of an operation, such as guest.destroy"));
        }
        return text;
    };
    auto names = read_each(at, read_name);
    // An empty list would read as "nothing" to one author and as "everything" to another.
    if (names && names->empty()) {
        return tl::unexpected(at.fail("at least one operation, or no list for all of them"));
    }
    return names;
}

/// The first member that signers do not have, and that the policy does not let be.
[[nodiscard]] inline auto other_member(const json_node& signer, other_members policy)
    -> std::optional<json_unknown_member>
{
    const auto* const object = signer.if_object();
    if (object == nullptr) {
        return std::nullopt;
    }
    for (const auto& [key, value] : *object) {
        const auto name = std::string_view{key};
        if (contains(required_members, name) || contains(limits, name)) {
            continue;
        }
        const auto meant = meant_member(name);
        if (policy == other_members::refused || !meant.empty()) {
            return json_unknown_member{.path = signer.member(name, value).path(), .nearest = std::string{meant}};
        }
    }
    return std::nullopt;
}

} // namespace detail

/// Reads one signer: authorized_key, tag and key_id, and optionally operations, valid_after and valid_before.
[[nodiscard]] inline auto read_signer_settings(const json_node& signer, other_members policy)
    -> tl::expected<signer_settings, json_error>
{
    static constexpr auto longest_id = std::size_t{256};
    auto in = object_reader{signer};
    auto read =
        signer_settings{.authorized_key = in.required("authorized_key", detail::read_key_line).value_or(std::string{}),
                        .tag = in.one_of("tag", signer_tag_words),
                        .key_id = in.required("key_id", detail::line_of(longest_id)).value_or(std::string{}),
                        .operations = in.optional("operations", detail::read_operations),
                        .term = {.valid_after = in.time_if("valid_after"), .valid_before = in.time_if("valid_before")}};
    const auto& [after, before] = read.term;
    in.require(!after || !before || *after < *before, "valid_before", "a time after valid_after");
    if (auto other = detail::other_member(signer, policy)) {
        in.fail(*std::move(other));
    }
    return std::move(in).finish(std::move(read));
}

/// Reads a list of signers; the first error ends it.
[[nodiscard]] inline auto read_signer_list(const json_node& list, other_members policy)
    -> tl::expected<std::vector<signer_settings>, json_error>
{
    return read_each(list, [&](const json_node& signer) { return read_signer_settings(signer, policy); });
}

} // namespace felhom::authz
