// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/instant.hpp>
#include <felhom/hub/report/host_report_json.hpp>
#include <felhom/hub/report/report_stamp.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

namespace felhom::hub {

/// How much of what could not be sent is kept.
struct buffer_limits {
    std::size_t reports = 512;
    std::size_t bytes = std::size_t{8} << 20U;
};

/// A report with what it is told apart by. When it is sent is known only then.
struct unsent_report {
    open_report report;
    run_id run;
    std::uint64_t sequence;
    std::optional<missed_reports> missed = std::nullopt;

    [[nodiscard]] auto body(instant sent_at) && -> std::string
    {
        return std::move(report).sealed({.run = run, .sequence = sequence, .sent_at = sent_at, .missed = missed});
    }

    friend auto operator==(const unsent_report&, const unsent_report&) -> bool = default;
};

/// Reports that wait to be sent, numbered as they come. One that is newer than all that were sent goes first, since it
/// tells how the host is now; then the others, oldest first. When there are too many, they are thinned out where they
/// stand closest, so that what is left covers the whole time; what was between is marked as missed in a later one.
/// Every report that was put in is sent, kept, or counted in exactly one such mark.
class report_buffer {
public:
    explicit report_buffer(run_id run, buffer_limits limits = {}) : run_{std::move(run)}, limits_{limits} {}

    void push(instant made, open_report report)
    {
        bytes_ += report.size();
        waiting_.push_back({.made = made,
                            .sequence = ++last_sequence_,
                            .report = std::move(report),
                            .missed = std::exchange(missed_since_, std::nullopt)});
        shrink();
    }

    [[nodiscard]] auto empty() const -> bool { return waiting_.empty() && !in_flight_; }
    [[nodiscard]] auto reports() const -> std::size_t { return waiting_.size() + (in_flight_ ? 1 : 0); }
    [[nodiscard]] auto bytes() const -> std::size_t { return bytes_; }
    [[nodiscard]] auto run() const -> const run_id& { return run_; }
    [[nodiscard]] auto last_sequence() const -> std::uint64_t { return last_sequence_; } ///< of the newest, or 0

    /// Takes the next report for sending, which must end with one of the three below; nothing when there is none, or
    /// one is being sent.
    [[nodiscard]] auto take() -> std::optional<unsent_report>
    {
        if (in_flight_ || waiting_.empty()) {
            return std::nullopt;
        }
        const auto is_news = waiting_.back().sequence > newest_delivered_;
        const auto next = is_news ? std::prev(waiting_.end()) : waiting_.begin();
        in_flight_ = std::move(*next);
        waiting_.erase(next);
        return unsent_report{
            .report = in_flight_->report, .run = run_, .sequence = in_flight_->sequence, .missed = in_flight_->missed};
    }

    /// The hub has it.
    void delivered()
    {
        if (in_flight_) {
            newest_delivered_ = std::max(newest_delivered_, in_flight_->sequence);
            bytes_ -= in_flight_->report.size();
            in_flight_.reset();
        }
    }

    /// The hub may not have it: it waits in its old place.
    void returned()
    {
        if (auto one = std::exchange(in_flight_, std::nullopt)) {
            put_back(*std::move(one));
        }
    }

    /// The hub does not want it, now or later.
    void refused()
    {
        if (auto one = std::exchange(in_flight_, std::nullopt)) {
            drop(put_back(*std::move(one)));
        }
    }

private:
    struct waiting_report {
        instant made;
        std::uint64_t sequence;
        open_report report;
        std::optional<missed_reports> missed; ///< that no other report tells of
    };

    auto put_back(waiting_report one) -> std::size_t
    {
        const auto place = std::ranges::upper_bound(waiting_, one.sequence, {}, &waiting_report::sequence);
        const auto at = place - waiting_.begin();
        waiting_.insert(place, std::move(one));
        return static_cast<std::size_t>(at);
    }

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
        const auto itself = missed_reports{.count = 1, .from = dropped.made, .to = dropped.made};
        behind = together(behind, together(dropped.missed, itself));
        bytes_ -= dropped.report.size();
        waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(at));
    }

    [[nodiscard]] static auto together(const std::optional<missed_reports>& some, const missed_reports& others)
        -> missed_reports
    {
        return some ? missed_reports{.count = some->count + others.count,
                                     .from = std::min(some->from, others.from),
                                     .to = std::max(some->to, others.to)}
                    : others;
    }

    run_id run_;
    buffer_limits limits_;
    std::deque<waiting_report> waiting_;
    std::optional<waiting_report> in_flight_;
    std::optional<missed_reports> missed_since_; ///< after the last report that is kept
    std::uint64_t last_sequence_ = 0;
    std::uint64_t newest_delivered_ = 0;
    std::size_t bytes_ = 0;
};

} // namespace felhom::hub
