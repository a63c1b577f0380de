// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/hub/hub_duties.hpp"

#include <felhom/hub/talk_effect.hpp>

#include <functional>
#include <utility>
#include <variant>

namespace felhom::agent {

/// Performs what talking to the hub asks for: over HTTPS, in the state directory, the drop box and the status.
class talk_interpreter {
public:
    talk_interpreter(hub_duties& by, std::function<bool()> stopping,
                     std::function<void(const hub::tell_report_end&)> report_ended)
        : by_{by}, is_stopping_{std::move(stopping)}, report_ended_{std::move(report_ended)}
    {
    }

    [[nodiscard]] auto operator()(const hub::call_hub& wanted) const -> hub::hub_exchanged;
    [[nodiscard]] auto operator()(const hub::tell_report_end& end) const -> std::monostate;
    [[nodiscard]] auto operator()(const hub::read_mark& asked) const -> hub::read_mark::answer;
    [[nodiscard]] auto operator()(const hub::read_kept_desired& asked) const -> hub::read_kept_desired::answer;
    [[nodiscard]] auto operator()(const hub::keep_mark& wanted) const -> hub::keep_mark::answer;
    [[nodiscard]] auto operator()(const hub::keep_desired& wanted) const -> hub::keep_desired::answer;
    [[nodiscard]] auto operator()(const hub::keep_envelope& wanted) const -> hub::keep_envelope::answer;
    [[nodiscard]] auto operator()(const hub::put_bundle& wanted) const -> hub::put_bundle::answer;
    [[nodiscard]] auto operator()(const hub::measure_box& asked) const -> hub::measure_box::answer;
    [[nodiscard]] auto operator()(const hub::list_results& asked) const -> hub::list_results::answer;
    [[nodiscard]] auto operator()(const operate::read_result& wanted) const -> operate::read_result::answer;
    [[nodiscard]] auto operator()(const hub::ask_whether_to_stop& asked) const -> bool;
    [[nodiscard]] auto operator()(const hub::tell_host& told) const -> std::monostate;
    [[nodiscard]] auto operator()(const operate::read_clock& asked) const -> instant;
    [[nodiscard]] auto operator()(const operate::read_steady_clock& asked) const -> steady_instant;

private:
    hub_duties& by_;
    std::function<bool()> is_stopping_;
    std::function<void(const hub::tell_report_end&)> report_ended_;
};

} // namespace felhom::agent
