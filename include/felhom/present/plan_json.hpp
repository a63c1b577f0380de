// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/overloaded.hpp>
#include <felhom/proxmox/api/caller.hpp>
#include <felhom/reconcile/plan/change_reason.hpp>
#include <felhom/reconcile/plan/plan.hpp>
#include <felhom/reconcile/plan/skip_reason.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace felhom::present {

using reconcile::action;
using reconcile::config_change;
using reconcile::grow_volume;
using reconcile::plan;
using reconcile::shutdown_guest;
using reconcile::skipped;
using reconcile::start_guest;
using reconcile::update_config;

/// The format of `to_json(plan)`; a member may be added under the same version, none is removed or changed.
inline constexpr auto plan_schema = std::string_view{"felhom-plan/1"};

namespace detail {

[[nodiscard]] inline auto json_of(const std::optional<std::string>& text) -> boost::json::value
{
    return text ? boost::json::value(*text) : boost::json::value(nullptr);
}

[[nodiscard]] inline auto json_of(const config_change& change) -> boost::json::object
{
    return {
        {"key", change.key},
        {"from", json_of(change.from)},
        {"to", json_of(change.to)},
        {"effect", change.effect == lxc::applies::live ? "live" : "pending"},
        {"consequence", text_of(change.weight)},
        {"reason", reason_of(change)},
    };
}

[[nodiscard]] inline auto json_of(const action& step) -> boost::json::object
{
    auto object = boost::json::object{
        {"vmid", guest_of(step).number()}, {"consequence", text_of(weight_of(step))}, {"reason", reason_of(step)}};
    std::visit(overloaded{
                   [&](const update_config& s) {
                       object["action"] = "update_config";
                       object["digest"] = s.digest.text();
                       auto& changes = object["changes"].emplace_array();
                       for (const auto& change : s.changes) {
                           changes.push_back(json_of(change));
                       }
                   },
                   [&](const grow_volume& s) {
                       object["action"] = "grow";
                       object["disk"] = s.disk.text();
                       object["from"] = s.is.text();
                       object["to"] = s.to.text();
                   },
                   [&](const start_guest&) { object["action"] = "start"; },
                   [&](const shutdown_guest& s) {
                       object["action"] = "shutdown";
                       object["kill_after_timeout"] = s.kill_after_timeout;
                   },
               },
               step);
    return object;
}

[[nodiscard]] inline auto json_of(const skipped& skip, const proxmox::caller& who) -> boost::json::object
{
    auto grants = boost::json::array{};
    if (const auto missing = missing_privilege_of(skip.why)) {
        for (const auto& line : proxmox::grant_lines(*missing, who)) {
            grants.emplace_back(line);
        }
    }
    return {
        {"vmid", skip.id.number()},
        {"key", skip.key.empty() ? boost::json::value(nullptr) : boost::json::value(skip.key)},
        {"from", json_of(skip.from)},
        {"to", json_of(skip.to)},
        {"reason", code_of(skip.why)},
        {"detail", describe(skip.why)},
        {"consequence", skip.weight ? boost::json::value(text_of(*skip.weight)) : boost::json::value(nullptr)},
        {"grants", std::move(grants)},
    };
}

} // namespace detail

/// The plan for a program.
[[nodiscard]] inline auto to_json(const plan& plan, const proxmox::caller& who) -> boost::json::object
{
    const auto named = [&](boost::json::object object, vmid id) {
        object["name"] = plan.name_of(id);
        return object;
    };
    auto actions = boost::json::array{};
    for (const auto& step : plan.actions()) {
        actions.push_back(named(detail::json_of(step), guest_of(step)));
    }
    auto skips = boost::json::array{};
    for (const auto& skip : plan.skips()) {
        skips.push_back(named(detail::json_of(skip, who), skip.id));
    }
    return {
        {"schema", plan_schema},         {"generation", plan.generation()}, {"compared", plan.compared()},
        {"actions", std::move(actions)}, {"skipped", std::move(skips)},
    };
}

} // namespace felhom::present
