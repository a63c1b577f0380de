#pragma once

#include <felhom/core/instant.hpp>
#include <felhom/hub/host_report_json.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <utility>

namespace felhom::hub {

/// How much of what could not be sent is kept.
struct buffer_limits {
    std::size_t reports = 512;
    std::size_t bytes = std::size_t{8} << 20U;
};

/// Reports that wait to be sent, oldest first. When there are too many, they are thinned out where they stand closest,
/// so that what is left covers the whole time; what was between is marked as missed before the next one. Every report
/// that was put in is sent, kept, or counted in exactly one such mark.
class report_buffer {
public:
    explicit report_buffer(buffer_limits limits = {}) : limits_{limits} {}

    void push(instant made, open_report report)
    {
        bytes_ += report.size();
        waiting_.push_back(
            {.made = made, .report = std::move(report), .missed = std::exchange(missed_since_, std::nullopt)});
        shrink();
    }

    [[nodiscard]] auto empty() const -> bool { return waiting_.empty() && !in_flight_; }
    [[nodiscard]] auto reports() const -> std::size_t { return waiting_.size() + (in_flight_ ? 1 : 0); }
    [[nodiscard]] auto bytes() const -> std::size_t { return bytes_; }

    /// Takes the oldest report for sending, which must end with one of the three below; nothing when there is none, or
    /// one is being sent.
    [[nodiscard]] auto take() -> std::optional<std::string>
    {
        if (in_flight_ || waiting_.empty()) {
            return std::nullopt;
        }
        in_flight_ = std::move(waiting_.front());
        waiting_.pop_front();
        return in_flight_->report.sealed(in_flight_->missed);
    }

    /// The hub has it.
    void delivered()
    {
        if (in_flight_) {
            bytes_ -= in_flight_->report.size();
            in_flight_.reset();
        }
    }

    /// The hub may not have it: it stays the oldest.
    void returned()
    {
        if (in_flight_) {
            waiting_.push_front(*std::move(in_flight_));
            in_flight_.reset();
        }
    }

    /// The hub does not want it, now or later.
    void refused()
    {
        if (in_flight_) {
            returned();
            drop(0);
        }
    }

private:
    struct waiting_report {
        instant made;
        open_report report;
        std::optional<missed_reports> missed; ///< between the report before it and this one
    };

    void shrink()
    {
        while (!waiting_.empty() && (reports() > limits_.reports || bytes_ > limits_.bytes)) {
            drop(waiting_.size() < 3 ? 0 : most_dispensable());
        }
    }

    /// Of all but the first and the last, the report whose neighbours are closest; of several the oldest.
    [[nodiscard]] auto most_dispensable() const -> std::size_t
    {
        auto best = std::size_t{1};
        for (auto at = std::size_t{2}; at + 1 < waiting_.size(); ++at) {
            best = span_around(at) < span_around(best) ? at : best;
        }
        return best;
    }

    [[nodiscard]] auto span_around(std::size_t at) const -> std::chrono::milliseconds
    {
        return waiting_[at + 1].made - waiting_[at - 1].made;
    }

    void drop(std::size_t at)
    {
        const auto& dropped = waiting_[at];
        auto& behind = at + 1 < waiting_.size() ? waiting_[at + 1].missed : missed_since_;
        const auto& before = dropped.missed;
        behind = missed_reports{.count = (before ? before->count : 0) + 1 + (behind ? behind->count : 0),
                                .from = before ? before->from : dropped.made,
                                .to = behind ? behind->to : dropped.made};
        bytes_ -= dropped.report.size();
        waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(at));
    }

    buffer_limits limits_;
    std::deque<waiting_report> waiting_;
    std::optional<waiting_report> in_flight_;
    std::optional<missed_reports> missed_since_; ///< after the last report that is kept
    std::size_t bytes_ = 0;
};

} // namespace felhom::hub
