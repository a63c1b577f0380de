#pragma once

#include <felhom/proxmox/config_changes.hpp>
#include <felhom/proxmox/lxc/key_table.hpp>

#include <tl/expected.hpp>

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

    /// Volumes, the guard over them, and what a guest cannot start without; whatever another project's table says.
    [[nodiscard]] static auto is_guarded(std::string_view key) -> bool
    {
        const auto* const known = lxc::key_table::standard().find(key);
        return known != nullptr && known->managed != lxc::management::planned
               && known->managed != lxc::management::nesting_only;
    }

    config_changes changes_;
};

} // namespace felhom::proxmox
