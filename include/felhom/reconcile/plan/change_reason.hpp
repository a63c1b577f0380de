// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/alternatives.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/reconcile/plan/plan.hpp>

#include <string_view>
#include <type_traits>
#include <variant>

namespace felhom::reconcile {

/// Why a key is written, in words.
[[nodiscard]] inline auto reason_of(const config_change& change) -> std::string_view
{
    if (!change.from) {
        return "desired, and not set";
    }
    return change.to ? "set to something else than desired" : "set, and desired to be unset";
}

/// Why an action is planned, in words.
[[nodiscard]] inline auto reason_of(const action& step) -> std::string_view
{
    return told<std::string_view>(
        step, overloaded{[](const auto& one) { return std::remove_cvref_t<decltype(one)>::reason; },
                         [](const shutdown_guest& s) {
                             return s.kill_after_timeout
                                        ? std::string_view{"desired to be stopped, and running; killed if it does not "
                                                           "shut down"}
                                        : std::string_view{"desired to be stopped, and running"};
                         }});
}

} // namespace felhom::reconcile
