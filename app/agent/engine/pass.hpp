#pragma once

#include "agent/engine/node_io.hpp"

#include <felhom/core/exit_code.hpp>
#include <felhom/core/node_name.hpp>
#include <felhom/hub/hub_policy.hpp>
#include <felhom/proxmox/caller.hpp>
#include <felhom/proxmox/lxc/key_table.hpp>
#include <felhom/proxmox/lxc/node_facts.hpp>
#include <felhom/proxmox/token_id.hpp>
#include <felhom/reconcile/actual_state.hpp>
#include <felhom/reconcile/inventory.hpp>
#include <felhom/reconcile/normal_desired.hpp>
#include <felhom/reconcile/observation.hpp>
#include <felhom/reconcile/planner.hpp>

#include <tl/expected.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace felhom::agent {

/// Everything that decides a pass besides the node itself.
struct pass_input {
    node_name node;
    proxmox::token_id token; ///< in whose name the node is asked
    reconcile::desired_state desired;
    std::optional<std::uint64_t> generation = std::nullopt; ///< of what is desired; nothing: there is no document
    std::string desired_source = "empty";                   ///< "empty", "file", "hub"
    std::vector<hub::policy_refusal> refused = {};          ///< of the hub's desired state, by local policy
    reconcile::inventory last_inventory;
    reconcile::inventory_policy inventory_rule = {};
    reconcile::plan_policy plan_rule = {};
    lxc::key_table table = lxc::key_table::standard(); ///< by which the desired state was parsed
};

/// Why there is no plan.
using pass_error = std::variant<reconcile::unread_node, reconcile::inventory_shrank, reconcile::invalid_desired,
                                reconcile::invalid_observed>;

[[nodiscard]] auto describe(const pass_error& error, const proxmox::token_id& token) -> std::string;
[[nodiscard]] auto exit_code_of(const pass_error& error) -> exit_code;

/// A plan, with what it was made from.
struct planned_pass {
    reconcile::normal_desired desired;
    reconcile::actual_state actual;
    proxmox::caller who;
    reconcile::plan plan;
};

/// Reads the node and plans. Changes nothing.
[[nodiscard]] auto make_pass(const node_io& in, const pass_input& input) -> tl::expected<planned_pass, pass_error>;

} // namespace felhom::agent
