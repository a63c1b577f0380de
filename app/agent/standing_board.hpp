#pragma once

#include <felhom/control/agent_status.hpp>
#include <felhom/core/instant.hpp>
#include <felhom/hub/standing.hpp>

#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace felhom::agent {

/// How this host stood after its last pass.
struct pass_standing {
    instant at;
    hub::desired_standing desired;
    hub::drift_summary drift;
};

/// Where the passes leave how the host stands, for whoever reports it. For any number of threads.
class standing_board {
public:
    void passed(pass_standing standing)
    {
        const auto hold = std::lock_guard{mutex_};
        last_ = std::move(standing);
        failure_.reset();
    }

    void not_passed(std::string why)
    {
        const auto hold = std::lock_guard{mutex_};
        failure_ = std::move(why);
    }

    /// When the next pass begins; nothing while one is under way.
    void passes_next(std::optional<instant> when)
    {
        const auto hold = std::lock_guard{mutex_};
        next_ = when;
    }

    void hub_answered(instant when, std::size_t kept_reports)
    {
        const auto hold = std::lock_guard{mutex_};
        hub_ = {.last_answer = when, .kept_reports = kept_reports};
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
        offer_ = std::move(offer);
    }

    /// The last pass, with what of the hub's offer was refused since.
    [[nodiscard]] auto read() const -> std::optional<pass_standing>
    {
        const auto hold = std::lock_guard{mutex_};
        auto standing = last_;
        if (standing) {
            standing->desired.refused.insert(standing->desired.refused.end(), offer_.begin(), offer_.end());
        }
        return standing;
    }

    [[nodiscard]] auto passes() const -> control::pass_state
    {
        const auto last = read();
        const auto hold = std::lock_guard{mutex_};
        auto state = control::pass_state{.failure = failure_, .next = next_};
        if (last) {
            state.last_good = last->at;
            state.desired = last->desired;
            state.drift = last->drift;
        }
        return state;
    }

    [[nodiscard]] auto hub() const -> control::hub_state
    {
        const auto hold = std::lock_guard{mutex_};
        return hub_;
    }

private:
    mutable std::mutex mutex_;
    std::optional<pass_standing> last_;
    std::optional<std::string> failure_; ///< of the last pass, if it was not made
    std::optional<instant> next_;
    control::hub_state hub_;
    std::vector<hub::reported_refusal> offer_;
};

} // namespace felhom::agent
