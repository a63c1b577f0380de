// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/exit_code.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/operate/guard.hpp>
#include <felhom/operate/procedures/plan_pass.hpp>
#include <felhom/present/plan_json.hpp>
#include <felhom/present/plan_summary.hpp>
#include <felhom/present/plan_text.hpp>
#include <felhom/present/results_text.hpp>
#include <felhom/present/text_style.hpp>
#include <felhom/proxmox/api/caller.hpp>
#include <felhom/reconcile/exit_codes.hpp>
#include <felhom/reconcile/plan/action_result.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <string>
#include <utility>
#include <variant>
#include <vector>

// A pass as it is shown: its plan, what of it was held and what came of the rest.
namespace felhom::present {

[[nodiscard]] inline auto describe(const operate::pass_error& error, const proxmox::token_id& token) -> std::string
{
    return std::visit(overloaded{
                          [&](const reconcile::unread_node& e) { return reconcile::describe(e, token); },
                          [](const reconcile::inventory_shrank& e) {
                              return reconcile::describe(e)
                                     + ". If they were removed on purpose, run `felhom-agent apply --accept-inventory`";
                          },
                          [](const auto& e) { return reconcile::describe(e); },
                      },
                      error);
}

[[nodiscard]] inline auto exit_code_of(const operate::pass_error& error) -> exit_code
{
    return std::visit(overloaded{
                          [](const reconcile::unread_node& e) { return reconcile::exit_code_of(e.why); },
                          [](const reconcile::inventory_shrank&) { return exit_code::refused; },
                          [](const reconcile::invalid_desired&) { return exit_code::configuration; },
                          [](const reconcile::invalid_observed&) { return exit_code::error; },
                      },
                      error);
}

/// Of an action that is held for now.
[[nodiscard]] inline auto exit_code_of(const operate::hold_reason& why) -> exit_code
{
    return felhom::exit_code_of(why);
}

/// Of a whole pass: what came of the actions, and what keeps the rest of the desired state from being reached.
[[nodiscard]] inline auto exit_code_of(const reconcile::plan& planned, const operate::split_plan& split,
                                       const std::vector<reconcile::action_result>& results) -> exit_code
{
    auto codes = std::vector<exit_code>{reconcile::exit_code_of(planned, results)};
    for (const auto& held : split.held) {
        codes.push_back(exit_code_of(held.why));
    }
    return reconcile::gravest(codes);
}

/// What of a plan was held, a line a reason, and what came of the rest.
[[nodiscard]] inline auto to_text(const operate::split_plan& split,
                                  const std::vector<reconcile::action_result>& results, const text_style& style,
                                  const proxmox::caller& who) -> std::string
{
    auto lines = std::vector<std::pair<std::string, std::string>>{}; // what holds, and what it holds
    for (const auto& held : split.held) {
        const auto what = "guest " + guest_of(held.what).text() + ": " + std::string{reconcile::name_of(held.what)};
        const auto why = describe(held.why);
        if (!lines.empty() && lines.back().first == why) {
            lines.back().second += "; " + what;
        } else {
            lines.emplace_back(why, what);
        }
    }
    auto text = std::string{};
    for (const auto& [why, what] : lines) {
        text.append(coloured(style.changed, "--", style)).append(" held, ").append(why).append(": ").append(what);
        text += '\n';
    }
    return text + present::to_text(results, style, who);
}

/// The same behind its plan.
[[nodiscard]] inline auto to_text(const reconcile::plan& planned, const operate::split_plan& split,
                                  const std::vector<reconcile::action_result>& results, const plan_context& around,
                                  const text_format& format, const proxmox::caller& who) -> std::string
{
    return present::to_text(planned, around, format, who) + present::to_text(split, results, format.style, who);
}

/// The same for a program: the document of an applied pass, with what was held.
[[nodiscard]] inline auto to_json(const reconcile::plan& planned, const operate::split_plan& split,
                                  const std::vector<reconcile::action_result>& results, const proxmox::caller& who)
    -> boost::json::object
{
    auto object = present::to_json(planned, results, who);
    auto& held = object["held"].emplace_array();
    for (const auto& one : split.held) {
        auto entry = detail::json_of(one.what);
        entry["reason"] = code_of(one.why);
        entry["detail"] = describe(one.why);
        const auto next_try = next_try_of(one.why);
        entry["next_try"] = next_try ? boost::json::value(to_rfc3339(*next_try)) : boost::json::value(nullptr);
        held.push_back(std::move(entry));
    }
    return object;
}

} // namespace felhom::present
