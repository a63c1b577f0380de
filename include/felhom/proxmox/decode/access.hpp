// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/enum_table.hpp>
#include <felhom/core/json/node.hpp>
#include <felhom/proxmox/api/reply_node.hpp>
#include <felhom/proxmox/errors/decode_error.hpp>
#include <felhom/proxmox/model/acl_entry.hpp>
#include <felhom/proxmox/model/permissions.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom::proxmox {

/// A token holds some fifty on each of the paths that an access list names.
inline constexpr auto most_held_privileges = std::size_t{1} << 18U;

/// The answer to read::permissions. A privilege that is named is held, whatever its number: that only tells whether it
/// propagates, and one that does not tell it does not. A path that is told in no way that is understood gives nothing.
[[nodiscard]] inline auto decode_permissions(const reply_node& data) -> tl::expected<permissions, decode_error>
{
    const auto* const object = data.if_object();
    if (object == nullptr) {
        return tl::unexpected(data.fail("an object"));
    }
    auto all = permissions{.paths = {}};
    all.paths.reserve(object->size());
    auto held = std::size_t{0};
    for (const auto& [path, value] : *object) {
        const auto node = data.member(path, value);
        auto here = path_permissions{.path = std::string{path}, .privileges = {}};
        if (const auto* const privileges = node.if_object()) {
            held += privileges->size();
            if (held > most_held_privileges) {
                return tl::unexpected(data.fail("at most " + std::to_string(most_held_privileges) + " privileges"));
            }
            here.privileges.reserve(privileges->size());
            for (const auto& [name, propagates] : *privileges) {
                here.privileges.push_back(held_privilege{
                    .name = std::string{name}, .propagates = node.member(name, propagates).flag().value_or(false)});
            }
        }
        std::ranges::sort(here.privileges, {}, &held_privilege::name);
        all.paths.push_back(std::move(here));
    }
    std::ranges::sort(all.paths, {}, &path_permissions::path);
    return all;
}

/// The answer to read::acl.
[[nodiscard]] inline auto decode_acl(const reply_node& data) -> tl::expected<std::vector<acl_entry>, decode_error>
{
    return read_each(data, [](const reply_node& row) -> tl::expected<acl_entry, decode_error> {
        auto fields = reply_record{row};
        const auto kind = acl_entry_holder_words.parse(fields.text("type"));
        if (!kind) {
            return tl::unexpected(row["type"].fail(acl_entry_holder_words.choices()));
        }
        auto entry = acl_entry{
            .path = fields.text("path"), .kind = *kind, .who = fields.text("ugid"), .role = fields.text("roleid")};
        return std::move(fields).finish(std::move(entry));
    });
}

} // namespace felhom::proxmox
