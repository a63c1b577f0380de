#pragma once

#include <felhom/core/instant.hpp>
#include <felhom/hub/standing.hpp>

#include <mutex>
#include <optional>
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

private:
    mutable std::mutex mutex_;
    std::optional<pass_standing> last_;
    std::vector<hub::reported_refusal> offer_;
};

} // namespace felhom::agent
