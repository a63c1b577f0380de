#pragma once

#include <felhom/core/contains.hpp>
#include <felhom/proxmox/property_string.hpp>
#include <felhom/proxmox/reply_node.hpp>

#include <boost/json/array.hpp>
#include <tl/expected.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace felhom::proxmox {

/// Which tags a token may set without Sys.Modify on / (pve-guest-common GuestHelpers.pm, assert_tag_permissions).
struct tag_access {
    std::vector<std::string> registered = {}; ///< never
    bool any_other = true;                    ///< any that is not registered …
    std::vector<std::string> allowed = {};    ///< … or else these

    [[nodiscard]] auto may_set(std::string_view tag) const -> bool
    {
        return !contains(registered, tag) && (any_other || contains(allowed, tag));
    }

    friend auto operator==(const tag_access&, const tag_access&) -> bool = default;
};

/// What datacenter.cfg says that decides what guests' configurations mean and who may change them.
struct cluster_options {
    bool tags_case_sensitive = false;
    tag_access tags;

    friend auto operator==(const cluster_options&, const cluster_options&) -> bool = default;
};

namespace detail {

/// A member of an object, or of the property string that it was written as.
[[nodiscard]] inline auto option_member(const reply_node& node, std::string_view key) -> std::string
{
    if (node.if_object() != nullptr) {
        return scalar_text(node[key]).value_or("");
    }
    const auto text = node.text().value_or("");
    const auto parts = text.empty() ? std::nullopt : split_properties(text);
    if (!parts) {
        return {};
    }
    const auto found = std::ranges::find(*parts, key, &property::key);
    return found == parts->end() ? std::string{} : std::string{found->value};
}

[[nodiscard]] inline auto decode_tags(const reply_node& node) -> tl::expected<std::vector<std::string>, decode_error>
{
    if (node.is_absent()) {
        return std::vector<std::string>{};
    }
    return read_each(node, scalar_text);
}

} // namespace detail

/// The answer to read::cluster_options. Without Sys.Audit on / it lacks what is said of registered tags.
[[nodiscard]] inline auto decode_cluster_options(const reply_node& data) -> tl::expected<cluster_options, decode_error>
{
    if (data.if_object() == nullptr) {
        return tl::unexpected(data.fail("an object"));
    }
    auto registered = detail::decode_tags(data["registered-tags"]);
    auto allowed = detail::decode_tags(data["allowed-tags"]);
    if (!registered || !allowed) {
        return tl::unexpected(registered ? std::move(allowed).error() : std::move(registered).error());
    }
    const auto access = detail::option_member(data["user-tag-access"], "user-allow");
    const auto sensitive = detail::option_member(data["tag-style"], "case-sensitive");
    return cluster_options{
        .tags_case_sensitive = sensitive == "1",
        .tags = {.registered = *std::move(registered),
                 .any_other = access.empty() || access == "free",
                 .allowed = *std::move(allowed)},
    };
}

} // namespace felhom::proxmox
