// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/overloaded.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/proxmox/lxc/consequence.hpp>
#include <felhom/reconcile/plan/plan.hpp>

#include <algorithm>
#include <compare>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace felhom::operate {

/// One thing that a plan does to a guest, as a person sees it.
struct agreed_step {
    vmid guest;
    std::string what; ///< a key, "size of " and a volume, "start", "shut down"
    std::optional<std::string> from = std::nullopt;
    std::optional<std::string> to = std::nullopt;

    friend auto operator<=>(const agreed_step&, const agreed_step&) = default;
};

namespace detail {

[[nodiscard]] inline auto steps_of(const reconcile::action& step) -> std::vector<agreed_step>
{
    return std::visit(
        overloaded{
            [](const reconcile::update_config& s) {
                auto all = std::vector<agreed_step>{};
                for (const auto& change : s.changes) {
                    all.push_back({.guest = s.id, .what = change.key, .from = change.from, .to = change.to});
                }
                return all;
            },
            [](const reconcile::grow_volume& s) {
                return std::vector{agreed_step{
                    .guest = s.id, .what = "size of " + s.disk.text(), .from = s.is.text(), .to = s.to.text()}};
            },
            [](const reconcile::start_guest& s) { return std::vector{agreed_step{.guest = s.id, .what = "start"}}; },
            [](const reconcile::shutdown_guest& s) {
                return std::vector{agreed_step{
                    .guest = s.id, .what = s.kill_after_timeout ? "shut down, killed if need be" : "shut down"}};
            },
        },
        step);
}

} // namespace detail

/// What somebody has seen of a plan and agreed to. The digests do not count: what is written is still held to the
/// one that is read then.
class consent {
public:
    explicit consent(std::set<agreed_step> steps) : steps_{std::move(steps)} {}

    /// To all that a plan does.
    [[nodiscard]] static auto to(const reconcile::plan& shown) -> consent
    {
        auto steps = std::set<agreed_step>{};
        for (const auto& step : shown.actions()) {
            steps.merge(of(detail::steps_of(step)));
        }
        return consent{std::move(steps)};
    }

    /// Whether an action does nothing else than was agreed to.
    [[nodiscard]] auto covers(const reconcile::action& step) const -> bool
    {
        return std::ranges::includes(steps_, of(detail::steps_of(step)));
    }

    [[nodiscard]] auto steps() const -> const std::set<agreed_step>& { return steps_; }

    friend auto operator==(const consent&, const consent&) -> bool = default;

private:
    [[nodiscard]] static auto of(std::vector<agreed_step> steps) -> std::set<agreed_step>
    {
        return {steps.begin(), steps.end()};
    }

    std::set<agreed_step> steps_;
};

/// What `apply` does between showing a plan and carrying it out.
enum class before_applying : std::uint8_t {
    goes_on,
    asks,
    agrees_to_none, ///< none of it is to be done, whatever holds when it is carried out
    refuses,        ///< nobody can be asked, and the plan does more than live changes
};

struct apply_setting {
    bool said_yes = false; ///< on the command line
    bool can_ask = false;  ///< a person sits at a terminal
    bool is_held = false;  ///< nothing of it is done as it stands: nobody is asked, and nothing is agreed to
};

[[nodiscard]] inline auto before_applying_of(const reconcile::plan& shown, const apply_setting& at) -> before_applying
{
    if (shown.actions().empty() || at.said_yes) {
        return before_applying::goes_on;
    }
    if (at.is_held) {
        return before_applying::agrees_to_none;
    }
    if (at.can_ask) {
        return before_applying::asks;
    }
    const auto is_live = [](const reconcile::action& step) { return weight_of(step) == lxc::consequence::live; };
    return std::ranges::all_of(shown.actions(), is_live) ? before_applying::goes_on : before_applying::refuses;
}

} // namespace felhom::operate
