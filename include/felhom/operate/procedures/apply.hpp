// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/procedure.hpp>
#include <felhom/operate/procedures/run_pass.hpp>
#include <felhom/reconcile/plan/action_result.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

namespace felhom::operate {

/// Shows whoever applies what a pass came to.
struct show_pass {
    using answer = std::monostate;

    show_pass(pass_report made, bool another) : report{std::move(made)}, is_repeated{another} {}

    pass_report report;
    bool is_repeated; ///< a guest was changed by somebody else meanwhile, and another pass follows
};

using apply_effect = effects_with<host_effect, show_pass>;

/// What applying the desired state came to.
struct applied_passes {
    pass_report last;
    std::vector<action_result> all;     ///< results, of every pass
    std::vector<action_result> counted; ///< the last pass's, and of the earlier ones what it does not plan again
};

/// How often it is planned anew because somebody else was faster.
inline constexpr auto most_passes = 3;

namespace detail {

[[nodiscard]] inline auto was_overtaken(const action_result& result) -> bool
{
    return std::holds_alternative<reconcile::conflict>(result.outcome);
}

/// Whether it was done although it was called an error.
[[nodiscard]] inline auto is_complained_of(const action_result& result) -> bool
{
    return reconcile::is_achieved(result.outcome) && !reconcile::went_well(result.outcome);
}

} // namespace detail

/// Runs passes until one is not overtaken by what somebody else changes meanwhile, or so often.
[[nodiscard]] inline auto apply(pass_input input, operating_rules rules)
    -> felhom::procedure<apply_effect, tl::expected<applied_passes, pass_error>>
{
    auto all = std::vector<action_result>{};
    auto counted = std::vector<action_result>{};
    for (auto passes = 1;; ++passes) {
        auto report = co_await run_pass(input, rules);
        if (!report) {
            co_return tl::unexpected(std::move(report).error());
        }
        // What an earlier one did although it was called an error is not planned again, and must not go unnoticed.
        std::erase_if(counted, [](const action_result& earlier) { return !detail::is_complained_of(earlier); });
        counted.insert(counted.end(), report->results.begin(), report->results.end());
        all.insert(all.end(), report->results.begin(), report->results.end());
        const auto again =
            passes < most_passes && report->complete && std::ranges::any_of(report->results, detail::was_overtaken);
        static_cast<void>(co_await show_pass(*report, again));
        if (!again) {
            co_return applied_passes{.last = *std::move(report), .all = std::move(all), .counted = std::move(counted)};
        }
    }
}

} // namespace felhom::operate
