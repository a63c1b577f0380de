// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/clock_watch.hpp>
#include <felhom/core/instant.hpp>
#include <felhom/core/steady_instant.hpp>
#include <felhom/hub/desired_status.hpp>
#include <felhom/hub/report/last_pass.hpp>
#include <felhom/local_api/agent_status.hpp>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace felhom::agent {

/// Where the passes leave how the host stands, for whoever reports it. For any number of threads.
class status_board {
public:
    /// Of a process that starts now.
    explicit status_board(steady_instant now) : last_end_{now} {}

    void passed(hub::pass_status status, steady_instant now)
    {
        const auto hold = std::lock_guard{mutex_};
        last_end_ = now;
        last_.good = std::move(status);
        last_.failure.reset();
    }

    void not_passed(std::string why)
    {
        const auto hold = std::lock_guard{mutex_};
        last_.failure = std::move(why);
    }

    /// When the next pass begins; nothing while one is under way.
    void passes_next(std::optional<steady_instant> when)
    {
        const auto hold = std::lock_guard{mutex_};
        next_ = when;
    }

    void hub_answered(instant when, std::size_t kept_reports)
    {
        const auto hold = std::lock_guard{mutex_};
        hub_ = {.last_answer = when, .kept_reports = kept_reports};
    }

    /// It has the report, and what it says is not understood.
    void hub_not_understood(instant when, std::string why, std::size_t kept_reports)
    {
        const auto hold = std::lock_guard{mutex_};
        hub_ = {.last_answer = when, .failure = std::move(why), .failures = 0, .kept_reports = kept_reports};
    }

    void hub_failed(std::string why, std::size_t failures, std::size_t kept_reports)
    {
        const auto hold = std::lock_guard{mutex_};
        hub_ = {.last_answer = hub_.last_answer,
                .failure = std::move(why),
                .failures = failures,
                .kept_reports = kept_reports};
    }

    /// What the hub offered last, and was not taken; empty when it was.
    void refused(std::vector<hub::reported_refusal> offer)
    {
        const auto hold = std::lock_guard{mutex_};
        last_.offer = std::move(offer);
    }

    /// The hub's last word on whether anything may be changed. It is in force at once, also where it cannot be kept.
    void hub_blocks(bool blocked)
    {
        const auto hold = std::lock_guard{mutex_};
        blocked_ = blocked;
    }
    [[nodiscard]] auto is_blocked() const -> bool
    {
        const auto hold = std::lock_guard{mutex_};
        return blocked_;
    }

    /// What time it was at the hub, when the monotonic clock showed that.
    void hub_told_time(instant there, steady_instant here)
    {
        const auto hold = std::lock_guard{mutex_};
        hub_clock_ = std::pair{there, here};
    }
    [[nodiscard]] auto time_at_hub(steady_instant now) const -> std::optional<instant>
    {
        const auto hold = std::lock_guard{mutex_};
        return hub_clock_ ? std::optional{hub_clock_->first + (now - hub_clock_->second)} : std::nullopt;
    }

    /// The hub has answered in this run, and what it names as desired is here.
    void hub_was_heard()
    {
        const auto hold = std::lock_guard{mutex_};
        heard_ = true;
    }
    [[nodiscard]] auto has_heard_hub() const -> bool
    {
        const auto hold = std::lock_guard{mutex_};
        return heard_;
    }

    /// A new configuration was not taken: the old one is in force.
    void configuration_refused(std::string why)
    {
        const auto hold = std::lock_guard{mutex_};
        refused_configuration_ = std::move(why);
    }
    void configuration_taken()
    {
        const auto hold = std::lock_guard{mutex_};
        refused_configuration_.reset();
    }
    [[nodiscard]] auto refused_configuration() const -> std::optional<std::string>
    {
        const auto hold = std::lock_guard{mutex_};
        return refused_configuration_;
    }

    /// Why nothing can be recorded, and so nothing may be changed; nothing: the journal is as it should be.
    void journal_fails(std::optional<std::string> why)
    {
        const auto hold = std::lock_guard{mutex_};
        journal_failure_ = std::move(why);
    }
    [[nodiscard]] auto journal_failure() const -> std::optional<std::string>
    {
        const auto hold = std::lock_guard{mutex_};
        return journal_failure_;
    }

    /// What both clocks show. Answers the step of the wall clock since this was last called, if there was one.
    [[nodiscard]] auto clocks_show(instant wall, steady_instant steady, std::chrono::milliseconds tolerated)
        -> std::optional<clock_step>
    {
        const auto hold = std::lock_guard{mutex_};
        auto step = clock_.look(wall, steady, tolerated);
        clock_set_ = step ? step : clock_set_;
        return step;
    }
    [[nodiscard]] auto clock_set() const -> std::optional<clock_step>
    {
        const auto hold = std::lock_guard{mutex_};
        return clock_set_;
    }

    /// How long ago a pass was last made to its end, or since the start.
    [[nodiscard]] auto without_pass(steady_instant now) const -> std::chrono::milliseconds
    {
        const auto hold = std::lock_guard{mutex_};
        return now - last_end_;
    }

    [[nodiscard]] auto read() const -> hub::last_pass
    {
        const auto hold = std::lock_guard{mutex_};
        return last_;
    }

    /// The next pass is told by the wall clock as it is set now.
    [[nodiscard]] auto passes(instant wall, steady_instant steady) const -> local_api::pass_state
    {
        const auto hold = std::lock_guard{mutex_};
        auto state = local_api::pass_state{.failure = last_.failure};
        if (next_) {
            state.next = wall + (*next_ - steady);
        }
        if (auto desired = hub::observed_desired(last_, {}).result) {
            state.desired = *std::move(desired);
        }
        if (last_.good) {
            state.last_good = last_.good->at;
            state.drift = last_.good->drift;
            state.names = last_.good->names;
        }
        return state;
    }

    [[nodiscard]] auto hub() const -> local_api::hub_state
    {
        const auto hold = std::lock_guard{mutex_};
        return hub_;
    }

private:
    mutable std::mutex mutex_;
    hub::last_pass last_;
    std::optional<steady_instant> next_;
    steady_instant last_end_; ///< of a pass that was made
    clock_watch clock_;
    std::optional<clock_step> clock_set_;
    local_api::hub_state hub_;
    bool blocked_ = false;
    bool heard_ = false;
    std::optional<std::pair<instant, steady_instant>> hub_clock_;
    std::optional<std::string> journal_failure_;
    std::optional<std::string> refused_configuration_;
};

} // namespace felhom::agent
