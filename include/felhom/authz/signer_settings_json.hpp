#pragma once

#include <felhom/authz/operation_name.hpp>
#include <felhom/authz/signer_settings.hpp>
#include <felhom/core/ascii.hpp>
#include <felhom/core/instant.hpp>
#include <felhom/core/json_cursor.hpp>
#include <felhom/core/json_error.hpp>
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

/// A member that signers do not have, and that may be meant for one that they do.
struct unknown_signer_member {
    std::string path;
    std::string nearest; ///< the member that was probably meant; empty if none

    friend auto operator==(const unknown_signer_member&, const unknown_signer_member&) -> bool = default;
};

/// Why the JSON of a signer was refused.
using signer_settings_error = std::variant<json_type_error, unknown_signer_member>;

/// What becomes of members that signers do not have.
enum class other_members {
    refused,
    notes, ///< they are the author's, unless they look like a limit that would not hold
};

namespace detail {

template <typename T>
using json_read = tl::expected<T, json_type_error>;

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
[[nodiscard]] inline auto line_of_text(const json_cursor& at, std::size_t longest) -> json_read<std::string>
{
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20U || c == '\x7f'; };
    return at.string().and_then([&](std::string_view text) -> json_read<std::string> {
        if (text.empty() || text.size() > longest || std::ranges::any_of(text, is_control)) {
            return tl::unexpected(at.fail("a line of text, at most " + std::to_string(longest) + " bytes"));
        }
        return std::string{text};
    });
}

[[nodiscard]] inline auto tag_of(const json_cursor& at) -> json_read<signer_tag>
{
    return at.string().and_then([&](std::string_view text) -> json_read<signer_tag> {
        if (const auto tag = signer_tag_words.parse(text)) {
            return *tag;
        }
        return tl::unexpected(at.fail("operational or recovery"));
    });
}

[[nodiscard]] inline auto time_of(const json_cursor& at) -> json_read<instant>
{
    return at.string().and_then([&](std::string_view text) {
        return parse_instant(text).map_error([&](const parse_error& e) { return at.fail(e.rule); });
    });
}

[[nodiscard]] inline auto operations_of(const json_cursor& at) -> json_read<std::vector<std::string>>
{
    const auto elements = at.elements();
    if (!elements) {
        return tl::unexpected(elements.error());
    }
    // An empty list would read as "nothing" to one author and as "everything" to another.
    if (elements->empty()) {
        return tl::unexpected(at.fail("at least one operation, or no list for all of them"));
    }
    auto names = std::vector<std::string>{};
    for (const auto& element : *elements) {
        const auto text = element.string();
        if (!text) {
            return tl::unexpected(text.error());
        }
        if (!is_operation_name(*text)) {
            return tl::unexpected(element.fail("the name of an operation, such as guest.destroy"));
        }
        names.emplace_back(*text);
    }
    return names;
}

/// Reads the members of one signer. The first failure sticks.
class signer_reader {
public:
    explicit signer_reader(const json_cursor& signer) : signer_{&signer} {}

    template <typename T>
    void required(std::string_view key, T& to, json_read<T> (*read)(const json_cursor&))
    {
        if (!failure_) {
            keep(signer_->require(key).and_then(read), to);
        }
    }

    template <typename T>
    void optional(std::string_view key, std::optional<T>& to, json_read<T> (*read)(const json_cursor&))
    {
        const auto member = failure_ ? json_read<std::optional<json_cursor>>{std::nullopt} : signer_->find(key);
        if (!member) {
            failure_ = member.error();
        } else if (const auto& given = *member) {
            keep(read(*given), to);
        }
    }

    void require(bool holds, const json_type_error& otherwise)
    {
        if (!holds && !failure_) {
            failure_ = otherwise;
        }
    }

    void refuse_others(other_members policy)
    {
        const auto members = signer_->members();
        if (failure_ || !members) {
            failure_ = failure_ ? failure_ : members.error();
            return;
        }
        for (const auto& [key, member] : *members) {
            const auto is = [&](std::string_view known) { return known == key; };
            if (std::ranges::any_of(required_members, is) || std::ranges::any_of(limits, is)) {
                continue;
            }
            const auto meant = meant_member(key);
            if (policy == other_members::refused || !meant.empty()) {
                failure_ = unknown_signer_member{.path = member.path(), .nearest = std::string{meant}};
                return;
            }
        }
    }

    [[nodiscard]] auto failure() && -> std::optional<signer_settings_error> { return std::move(failure_); }

private:
    template <typename T, typename To>
    void keep(json_read<T> read, To& to)
    {
        if (read) {
            to = *std::move(read);
        } else {
            failure_ = std::move(read).error();
        }
    }

    const json_cursor* signer_;
    std::optional<signer_settings_error> failure_;
};

} // namespace detail

/// Reads one signer: authorized_key, tag and key_id, and optionally operations, valid_after and valid_before.
[[nodiscard]] inline auto read_signer_settings(const json_cursor& signer, other_members policy)
    -> tl::expected<signer_settings, signer_settings_error>
{
    static constexpr auto longest_key = std::size_t{16} * 1024;
    static constexpr auto longest_id = std::size_t{256};
    auto read = signer_settings{.authorized_key = {}, .tag = signer_tag::operational, .key_id = {}};
    auto in = detail::signer_reader{signer};
    in.required<std::string>("authorized_key", read.authorized_key,
                             [](const json_cursor& at) { return detail::line_of_text(at, longest_key); });
    in.required("tag", read.tag, &detail::tag_of);
    in.required<std::string>("key_id", read.key_id,
                             [](const json_cursor& at) { return detail::line_of_text(at, longest_id); });
    in.optional("operations", read.operations, &detail::operations_of);
    in.optional("valid_after", read.term.valid_after, &detail::time_of);
    in.optional("valid_before", read.term.valid_before, &detail::time_of);
    const auto& [after, before] = read.term;
    in.require(!after || !before || *after < *before, {.path = signer.path() + ".valid_before",
                                                       .expected = "a time after valid_after",
                                                       .got = before ? to_rfc3339(*before) : "nothing"});
    in.refuse_others(policy);
    if (auto failure = std::move(in).failure()) {
        return tl::unexpected(*std::move(failure));
    }
    return read;
}

/// Reads a list of signers; the first error ends it.
[[nodiscard]] inline auto read_signer_list(const json_cursor& list, other_members policy)
    -> tl::expected<std::vector<signer_settings>, signer_settings_error>
{
    const auto elements = list.elements();
    if (!elements) {
        return tl::unexpected<signer_settings_error>(elements.error());
    }
    auto all = std::vector<signer_settings>{};
    for (const auto& element : *elements) {
        auto one = read_signer_settings(element, policy);
        if (!one) {
            return tl::unexpected(std::move(one).error());
        }
        all.push_back(*std::move(one));
    }
    return all;
}

} // namespace felhom::authz
