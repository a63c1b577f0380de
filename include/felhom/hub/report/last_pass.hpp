// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/instant.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/hub/desired_status.hpp>
#include <felhom/hub/report/sourced.hpp>

#include <tl/expected.hpp>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace felhom::hub {

/// How this host stood after a pass.
struct pass_status {
    instant at;
    desired_status desired;
    drift_summary drift;
    std::map<vmid, std::string> names = {}; ///< of the guests that were looked at; the report has them by itself

    friend auto operator==(const pass_status&, const pass_status&) -> bool = default;
};

/// What came of the passes until now, for whoever reports it.
struct last_pass {
    std::optional<pass_status> good = std::nullopt;    ///< the last one that was made to its end
    std::optional<std::string> failure = std::nullopt; ///< of the last one, if it was not made
    std::vector<reported_refusal> offer = {};          ///< what the hub offered last, and was not taken
};

namespace detail {

[[nodiscard]] inline auto no_pass(const last_pass& last) -> source_error
{
    return last.failure ? source_error{source_error::kind::failed, "the last pass was not made: " + *last.failure}
                        : source_error{source_error::kind::not_collected, "no pass was made yet"};
}

} // namespace detail

/// The desired state in force. What of the hub's is refused is told also before the first pass.
[[nodiscard]] inline auto observed_desired(const last_pass& last, instant now) -> observed<desired_status>
{
    if (!last.good && last.offer.empty()) {
        return {.at = now, .result = tl::unexpected(detail::no_pass(last))};
    }
    auto status = last.good ? last.good->desired : desired_status{.source = "hub"};
    status.refused.insert(status.refused.end(), last.offer.begin(), last.offer.end());
    return {.at = last.good ? last.good->at : now, .result = std::move(status)};
}

/// How the guests stand. After a pass that was not made nobody knows.
[[nodiscard]] inline auto observed_drift(const last_pass& last, instant now) -> observed<drift_summary>
{
    if (!last.good || last.failure) {
        return {.at = now, .result = tl::unexpected(detail::no_pass(last))};
    }
    return {.at = last.good->at, .result = last.good->drift};
}

} // namespace felhom::hub
