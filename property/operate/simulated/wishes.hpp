// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/engine/operation_io.hpp"
#include "operate/signing.hpp"
#include "operate/simulated/signed_node.hpp"
#include "support/simulated_agent.hpp"

#include <felhom/operate/operating_rules.hpp>
#include <felhom/operate/procedures/plan_pass.hpp>
#include <felhom/reconcile/desired/desired_json.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What is asked of the agent in the simulated worlds: what was signed, what is desired, and the rules that it works by.
namespace felhom::testing {

/// A signed operation with the effect by which the node counts it.
struct signed_wish {
    operate::signature_set submitted;
    sim::guest_id guest;
    std::string effect;
    sha256_digest blob;
};

/// A change of the orchestration that must not go unnoticed.
using sabotage = std::function<agent::operation_io(agent::operation_io, simulated_agent&)>;

/// A guest of which only the plan is to grow a volume.
inline constexpr auto grown_by_plan = sim::guest_id{208};

/// A guest that is only there once it was restored.
inline constexpr auto restored_anew = sim::guest_id{206};

/// One operation of each kind, signed for the guests as they are now.
[[nodiscard]] inline auto wishes_at(simulated_agent& agent, std::chrono::milliseconds valid_for)
    -> std::vector<signed_wish>
{
    const auto now = agent.outside().now();
    auto wishes = std::vector<signed_wish>{};
    const auto add = [&](operation_builder op, sim::guest_id guest, std::string effect) {
        op.with_nonce(std::string(30, 'a') + "0123456789abcdef"[wishes.size()] + "f")
            .valid(now - std::chrono::minutes{1}, now + valid_for);
        auto submitted = op.signed_by(operator_key);
        const auto blob = *sha256(submitted.blob);
        wishes.push_back(
            {.submitted = std::move(submitted), .guest = guest, .effect = std::move(effect), .blob = blob});
    };
    add({"guest.rollback", 201, {{"snapshot", "before"}}}, 201, "rollback");
    add({"guest.delete_snapshot", 202, {{"snapshot", "before"}}}, 202, "delsnapshot");
    add(operation_builder{"guest.destroy", 203, {{"stop", true}}}.seen_at(digest_of(agent, 203)), 203, "destroy");
    add({"guest.stop", 204, {}}, 204, "stop");
    add({"guest.set_config", 204, {{"set", {{"protection", "0"}}}}}, 204, "config");
    add(operation_builder{"guest.restore",
                          205,
                          {{"archive", restorable_backup}, {"force", true}, {"storage", "local-zfs"}}}
            .seen_at(digest_of(agent, 205)),
        205, "restore");
    add({"guest.resize", 207, {{"disk", "mp0"}, {"size", "128G"}}}, 207, "resize");
    add({"backup.delete", 202, {{"volid", old_backup}}}, 0, "imgdel " + std::string{old_backup});
    return wishes;
}

/// The restore of a guest that is not there.
[[nodiscard]] inline auto wish_for_a_new_guest(simulated_agent& agent, std::chrono::milliseconds valid_for)
    -> signed_wish
{
    const auto now = agent.outside().now();
    auto op =
        operation_builder{"guest.restore", restored_anew, {{"archive", restorable_backup}, {"storage", "local-zfs"}}};
    op.with_nonce(std::string(31, 'b') + "f").valid(now - std::chrono::minutes{1}, now + valid_for);
    auto submitted = op.signed_by(operator_key);
    const auto blob = *sha256(submitted.blob);
    return {.submitted = std::move(submitted), .guest = restored_anew, .effect = "restore", .blob = blob};
}

[[nodiscard]] inline auto simulated_rules() -> operate::operating_rules
{
    return {.at = {.node = *node_name::parse("pve1"), .facts = {}, .patience = {}},
            .user = sim::demo_tokens::agent,
            .gate = {.here = this_host},
            .search = {},
            .guard = {.who = operate::run_mode::interactive, .accepts_mass_change = true}};
}

[[nodiscard]] inline auto simulated_input() -> operate::pass_input
{
    static constexpr auto text = std::string_view{R"({"version":1,"generation":3,"guests":[
      {"vmid":101,"run_state":"running","description":"Web server","config":{"tags":"web;customer"}},
      {"vmid":102,"run_state":"running","spec":{"memory":1024},"description":"changed"},
      {"vmid":103,"run_state":"running","description":"second"},
      {"vmid":120,"config":{"onboot":true}},
      {"vmid":208,"config":{"mp0":"local-zfs:subvol-208-disk-1,mp=/srv,size=96G"}}]})"};
    static const auto desired = *reconcile::parse_desired_state(text, lxc::key_table::standard());
    return {.node = *node_name::parse("pve1"),
            .token = *proxmox::token_id::parse(sim::demo_tokens::agent),
            .desired = desired,
            .last_inventory = {},
            .plan_rule = {.allow_grow = true}};
}

} // namespace felhom::testing
