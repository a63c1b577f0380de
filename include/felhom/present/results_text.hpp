// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/present/plan_json.hpp>
#include <felhom/present/text_style.hpp>
#include <felhom/proxmox/api/caller.hpp>
#include <felhom/reconcile/plan/action_outcome.hpp>
#include <felhom/reconcile/plan/action_result.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom::present {

using reconcile::action_result;

/// The format of one applied pass; a member may be added under the same version, none is removed or changed.
inline constexpr auto apply_schema = std::string_view{"felhom-apply/1"};

/// What came of each action, one line an action, for a person.
[[nodiscard]] inline auto to_text(const std::vector<action_result>& results, const text_style& style,
                                  const proxmox::caller& who) -> std::string
{
    auto text = std::string{};
    for (const auto& result : results) {
        const auto good = went_well(result.outcome);
        const auto what = "guest " + guest_of(result.what).text() + ": " + std::string{name_of(result.what)};
        text += std::string{good ? style.added : style.warned} + (good ? "ok" : "!!") + std::string{style.plain} + " "
                + what + ": " + describe(result.outcome, who) + "\n";
    }
    return text;
}

/// The plan of one pass and what came of it, for a program.
[[nodiscard]] inline auto to_json(const plan& planned, const std::vector<action_result>& results,
                                  const proxmox::caller& who) -> boost::json::object
{
    auto outcomes = boost::json::array{};
    for (const auto& result : results) {
        auto object = detail::json_of(result.what);
        object["outcome"] = code_of(result.outcome);
        object["detail"] = describe(result.outcome, who);
        outcomes.push_back(std::move(object));
    }
    return {{"schema", apply_schema}, {"plan", to_json(planned, who)}, {"results", std::move(outcomes)}};
}

} // namespace felhom::present
