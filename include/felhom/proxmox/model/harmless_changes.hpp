// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/proxmox/lxc/config_key.hpp>
#include <felhom/proxmox/lxc/standard_keys.hpp>
#include <felhom/proxmox/model/config_changes.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace felhom::proxmox {

/// A change that may cost data, the protection of it, or the guest's next start.
struct key_needs_signature {
    std::string key;

    friend auto operator==(const key_needs_signature&, const key_needs_signature&) -> bool = default;
};

[[nodiscard]] inline auto describe(const key_needs_signature& error) -> std::string
{
    return "'" + error.key + "' is changed only under an operator's signature";
}

/// Changes that take nothing away. Everybody may make a request of them; one of any other changes is the gate's to
/// make.
class harmless_changes {
public:
    [[nodiscard]] static auto of(config_changes changes) -> tl::expected<harmless_changes, key_needs_signature>
    {
        for (const auto& entry : changes.set()) {
            if (is_guarded(entry.key) && !(entry.key == "protection" && entry.value == "1")) {
                return tl::unexpected(key_needs_signature{entry.key});
            }
        }
        for (const auto& key : changes.remove()) {
            if (is_guarded(key)) {
                return tl::unexpected(key_needs_signature{key});
            }
        }
        return harmless_changes{std::move(changes)};
    }

    [[nodiscard]] auto all() const -> const config_changes& { return changes_; }

    friend auto operator==(const harmless_changes&, const harmless_changes&) -> bool = default;

private:
    explicit harmless_changes(config_changes changes) : changes_{std::move(changes)} {}

    /// Volumes, the guard over them, and what a guest cannot start without; whatever another project's table says, also
    /// of indices that the standard rows do not have.
    [[nodiscard]] static auto is_guarded(std::string_view key) -> bool
    {
        const auto stem = key.substr(0, key.find_last_not_of("0123456789") + 1);
        return std::ranges::any_of(lxc::standard_keys, [&](const lxc::config_key& row) {
            return row.key == (row.indices == 0 ? key : stem) && row.managed != lxc::management::planned
                   && row.managed != lxc::management::nesting_only;
        });
    }

    config_changes changes_;
};

} // namespace felhom::proxmox
