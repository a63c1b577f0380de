// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/alternatives.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/proxmox/lxc/consequence.hpp>
#include <felhom/proxmox/model/config_digest.hpp>
#include <felhom/proxmox/model/disk.hpp>
#include <felhom/reconcile/plan/skip_reason.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace felhom::lxc {
struct config_key;
} // namespace felhom::lxc

namespace felhom::reconcile {

/// One key that an action will set, or remove when `to` is nothing.
struct config_change {
    std::string key;
    std::optional<std::string> from; ///< what is stored; nothing: the key is absent
    std::optional<std::string> to;   ///< the text to write, completed from what is stored
    std::string normal;              ///< the normal form that a read must show afterwards
    const lxc::config_key* rule;
    lxc::applies effect;
    lxc::consequence weight;

    friend auto operator==(const config_change&, const config_change&) -> bool = default;
};

/// One write of a guest's configuration, valid only while its digest is the one that was read.
struct update_config {
    vmid id;
    std::vector<config_change> changes; ///< sorted by key, never empty
    proxmox::config_digest digest;

    static constexpr auto name = std::string_view{"update configuration"};
    static constexpr auto reason = std::string_view{"the configuration is not as desired"};
    friend auto operator==(const update_config&, const update_config&) -> bool = default;
};

/// Grows a volume to its desired size, as long as its slot has the value that was read.
struct grow_volume {
    vmid id;
    proxmox::disk_slot disk;
    std::string from; ///< that value
    proxmox::disk_size is;
    proxmox::disk_size to;
    proxmox::config_digest digest;

    static constexpr auto name = std::string_view{"grow"};
    static constexpr auto reason = std::string_view{"desired larger than it is, and never made smaller again"};
    static constexpr auto weight = lxc::consequence::growing;
    friend auto operator==(const grow_volume&, const grow_volume&) -> bool = default;
};

struct start_guest {
    vmid id;

    static constexpr auto name = std::string_view{"start"};
    static constexpr auto reason = std::string_view{"desired to run, and stopped"};
    static constexpr auto weight = lxc::consequence::live;
    friend auto operator==(const start_guest&, const start_guest&) -> bool = default;
};

/// A clean shutdown; the guest is killed at its end only where policy says so.
struct shutdown_guest {
    vmid id;
    bool kill_after_timeout;

    static constexpr auto name = std::string_view{"shut down"};
    static constexpr auto weight = lxc::consequence::connectivity_risk;
    friend auto operator==(const shutdown_guest&, const shutdown_guest&) -> bool = default;
};

using action = std::variant<update_config, grow_volume, start_guest, shutdown_guest>;

[[nodiscard]] inline auto guest_of(const action& step) -> vmid
{
    return std::visit([](const auto& s) { return s.id; }, step);
}

/// What the action is called: "start", "update configuration".
[[nodiscard]] inline auto name_of(const action& step) -> std::string_view
{
    return told<std::string_view>(step, [](const auto& one) { return std::remove_cvref_t<decltype(one)>::name; });
}

/// The gravest consequence of an action.
[[nodiscard]] inline auto weight_of(const action& step) -> lxc::consequence
{
    const auto of_the_kind = [](const auto& a) { return std::remove_cvref_t<decltype(a)>::weight; };
    return told<lxc::consequence>(step, overloaded{of_the_kind, [](const update_config& s) {
                                                       auto gravest = lxc::consequence::live;
                                                       for (const auto& change : s.changes) {
                                                           gravest = std::max(gravest, change.weight);
                                                       }
                                                       return gravest;
                                                   }});
}

/// A difference that the plan names and does not act on. An empty key: the guest as a whole; "run_state": its run
/// state.
struct skipped {
    vmid id;
    std::string key;
    std::optional<std::string> from;
    std::optional<std::string> to;
    skip_reason why;
    std::optional<lxc::consequence> weight = std::nullopt; ///< what the change would have, where one is known

    friend auto operator==(const skipped&, const skipped&) -> bool = default;
};

/// What one pass will do, and all that it will not, each in the order of the guests; a guest's configuration before its
/// volumes, and both before its run state. Only `make_plan` makes it out of a desired and an actual state.
class plan {
public:
    [[nodiscard]] auto generation() const -> std::uint64_t { return generation_; }
    [[nodiscard]] auto actions() const -> const std::vector<action>& { return actions_; }
    [[nodiscard]] auto skips() const -> const std::vector<skipped>& { return skips_; }

    /// How many guests of the desired state were found, read and compared.
    [[nodiscard]] auto compared() const -> std::size_t { return compared_; }

    /// The name of a guest that the plan says something of and that was found; empty for another.
    [[nodiscard]] auto name_of(vmid id) const -> std::string_view
    {
        const auto found = std::ranges::lower_bound(names_, id, {}, &std::pair<vmid, std::string>::first);
        return found == names_.end() || found->first != id ? std::string_view{} : std::string_view{found->second};
    }

    friend auto operator==(const plan&, const plan&) -> bool = default;

private:
    friend class planner;

    explicit plan(std::uint64_t generation) : generation_{generation} {}

    std::uint64_t generation_;
    std::size_t compared_ = 0;
    std::vector<std::pair<vmid, std::string>> names_; ///< sorted by vmid
    std::vector<action> actions_;
    std::vector<skipped> skips_;
};

} // namespace felhom::reconcile
