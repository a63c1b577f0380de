// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/instant.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/hub/envelope.hpp>
#include <felhom/hub/report/host_report_json.hpp>
#include <felhom/hub/report_buffer.hpp>
#include <felhom/reconcile/plan/run_policy.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>
#include <variant>

namespace felhom::hub {

/// A time on a clock that never goes back, counted from any start: the wall clock may be set while the agent runs.
using uptime = std::chrono::milliseconds;

struct loop_policy {
    std::chrono::seconds interval = shortest_poll; ///< until the hub names one
    double spread = 0.1;                           ///< the greatest share of an interval that chance adds to it
    backoff_policy after_error{.first = std::chrono::seconds{10}, .longest = std::chrono::minutes{15}};
    std::chrono::milliseconds pace{2000};      ///< between two reports that are sent
    std::chrono::seconds between_triggers{10}; ///< between two reports that are asked for
};

/// What the loop wants to be done now.
struct collect_report {
    friend auto operator==(const collect_report&, const collect_report&) -> bool = default;
};
struct send_report {
    unsent_report report;

    friend auto operator==(const send_report&, const send_report&) -> bool = default;
};
/// Nothing, until a time; or until what was begun has ended.
struct wait_until {
    std::optional<uptime> time;

    friend auto operator==(const wait_until&, const wait_until&) -> bool = default;
};

using loop_step = std::variant<collect_report, send_report, wait_until>;

/// What came of sending a report.
struct report_accepted {
    std::optional<std::chrono::seconds> poll_interval; ///< nothing: the hub names none, and the last one stays
};
/// The hub will never take this report, whatever it does with others.
struct report_refused {};
/// The report is to be sent again: there was no answer, or one that passes.
struct report_postponed {
    std::optional<std::chrono::milliseconds> retry_after = std::nullopt; ///< the hub's wish
};

using report_outcome = std::variant<report_accepted, report_refused, report_postponed>;

/// When reports are made and sent. It does neither: `next` says what is due, and the other calls tell it what came of
/// it. A report is made at once and then in every interval, whether the hub can be reached or not; they are sent one at
/// a time. Until there was one, it is tried again as after an error, so that the hub hears of a host as
/// soon as there is anything to hear. `chance`, from 0 to 1, keeps hosts from coming back together.
class report_loop {
public:
    /// Goes on with what another loop had not sent.
    report_loop(const loop_policy& policy, report_buffer kept)
        : policy_{policy}, interval_{policy.interval}, buffer_{std::move(kept)}
    {
    }

    [[nodiscard]] auto next(uptime now) -> loop_step
    {
        if (!collecting_ && now >= report_due()) {
            collecting_ = true;
            begun_ = now;
            triggered_.reset();
            return collect_report{};
        }
        if (!sending_ && now >= next_send_) {
            if (auto report = buffer_.take()) {
                sending_ = true;
                return send_report{*std::move(report)};
            }
        }
        return wait_until{next_event()};
    }

    /// The report that was asked for; nothing when none could be made.
    void collected(uptime now, instant made, std::optional<open_report> report, double chance)
    {
        collecting_ = false;
        plan_next_report(now, chance);
        if (report) {
            buffer_.push(made, *std::move(report));
            has_made_one_ = true;
        } else if (!has_made_one_) {
            next_report_ = std::min(next_report_, now + backoff(policy_.after_error, ++skipped_, chance));
        }
    }

    void sent(uptime now, const report_outcome& outcome, double chance)
    {
        sending_ = false;
        std::visit(overloaded{
                       [&](const report_accepted& o) {
                           failures_ = 0;
                           buffer_.delivered();
                           next_send_ = now + policy_.pace;
                           interval_ = std::clamp(o.poll_interval.value_or(interval_), shortest_poll, longest_poll);
                           plan_next_report(now, chance);
                       },
                       [&](const report_refused&) {
                           buffer_.refused();
                           back_off(now, std::nullopt, chance);
                       },
                       [&](const report_postponed& o) {
                           buffer_.returned();
                           back_off(now, o.retry_after, chance);
                       },
                   },
                   outcome);
    }

    /// Somebody asks for a report now. He gets it unless the hub is to be left alone, and not twice in a row: what the
    /// hub sends can be why he asks.
    void trigger(uptime now)
    {
        if (failures_ > 0) {
            return;
        }
        if (!triggered_) {
            triggered_ = std::max(now, next_trigger_);
            next_trigger_ = *triggered_ + policy_.between_triggers;
        }
    }

    /// A person asks, and waits for what comes of it: a report is made and sent now, also to a hub that is away.
    void demand(uptime now)
    {
        triggered_ = now;
        next_send_ = std::min(next_send_, now);
    }

    /// What was not sent, for the loop that comes after this one.
    [[nodiscard]] auto leave() && -> report_buffer { return std::move(buffer_); }

    [[nodiscard]] auto buffer() const -> const report_buffer& { return buffer_; }
    [[nodiscard]] auto failures() const -> std::uint32_t { return failures_; } ///< since the last success
    [[nodiscard]] auto interval() const -> std::chrono::seconds { return interval_; }

private:
    /// Counted from the start of the last one; one that took longer than the interval is followed by the next at once,
    /// and by no more than that.
    void plan_next_report(uptime now, double chance)
    {
        const auto share = 1.0 + (policy_.spread * std::clamp(chance, 0.0, 1.0));
        const auto pause = std::chrono::duration<double, std::milli>{interval_} * share;
        next_report_ = std::max(now, begun_ + std::chrono::duration_cast<std::chrono::milliseconds>(pause));
    }

    /// The hub's wish counts as far as it does not silence the host for longer than its slowest interval.
    void back_off(uptime now, std::optional<std::chrono::milliseconds> wish, double chance)
    {
        ++failures_;
        auto pause = backoff(policy_.after_error, failures_, chance);
        if (wish) {
            const auto asked = std::min(*wish, std::chrono::milliseconds{longest_poll});
            pause = std::max(pause, asked + backoff(policy_.after_error, 1, chance));
        }
        next_send_ = now + pause;
    }

    [[nodiscard]] auto report_due() const -> uptime
    {
        return std::min(next_report_, triggered_.value_or(next_report_));
    }

    [[nodiscard]] auto next_event() const -> std::optional<uptime>
    {
        auto earliest = std::optional<uptime>{};
        if (!collecting_) {
            earliest = report_due();
        }
        if (!sending_ && !buffer_.empty()) {
            earliest = std::min(earliest.value_or(next_send_), next_send_);
        }
        return earliest;
    }

    loop_policy policy_;
    std::chrono::seconds interval_;
    report_buffer buffer_;
    bool collecting_ = false;
    bool sending_ = false;
    uptime begun_{0};
    uptime next_report_ = uptime::min();
    uptime next_send_ = uptime::min();
    std::optional<uptime> triggered_ = std::nullopt; ///< when the report is due that somebody asked for
    uptime next_trigger_ = uptime::min();
    std::uint32_t failures_ = 0;
    bool has_made_one_ = false;
    std::uint32_t skipped_ = 0; ///< of the reports before the first
};

} // namespace felhom::hub
