// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/vmid.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

namespace felhom::operate {

/// What a job takes of the node besides its guest.
enum class job_kind : std::uint8_t {
    plain,
    allocating, ///< it makes volumes: these wait for each other on the storage's lock
};

struct lane_limits {
    std::size_t at_once = 4;            ///< guests that are worked on
    std::size_t allocating_at_once = 2; ///< of these, with jobs that make volumes
};

/// Which jobs may run now: those of one guest one at a time and in the order of their submission, those of different
/// guests side by side up to a bound. A value: it starts nothing, and whoever runs the jobs tells it what has ended.
///
/// A guest has a lane only while it has jobs. A turn takes several jobs of one guest at once, so that short ones cost
/// little; a lane that has had its turn goes behind those that wait.
template <typename Job>
class lanes {
public:
    struct entry {
        Job job;
        job_kind kind;
    };

    /// One guest's turn.
    struct turn {
        std::uint32_t lane;
        vmid guest;
    };

    explicit lanes(lane_limits limits = {})
        : limits_{.at_once = std::max(limits.at_once, std::size_t{1}),
                  .allocating_at_once = std::max(limits.allocating_at_once, std::size_t{1})}
    {
    }

    void submit(vmid guest, job_kind kind, Job job)
    {
        const auto [found, is_new] = by_guest_.try_emplace(guest.number(), lane_number{});
        if (is_new) {
            found->second = open_lane(guest);
        }
        auto& jobs = lanes_[found->second].jobs;
        jobs.push_back({.job = std::move(job), .kind = kind});
        ++waiting_;
        if (is_new) {
            queue(found->second);
        }
    }

    /// The guest whose turn it is, if the limits let one begin; its next jobs, up to `most`, are put into `into`, which
    /// must be empty, in the order in which they are to be run.
    [[nodiscard]] auto start(std::size_t most, std::vector<entry>& into) -> std::optional<turn>
    {
        const auto next = running_ < limits_.at_once ? pick() : std::nullopt;
        if (!next) {
            return std::nullopt;
        }
        auto& lane = lanes_[*next];
        lane.allocates = lane.first().kind == job_kind::allocating;
        ++running_;
        allocating_ += lane.allocates ? 1 : 0;
        // A job that makes volumes goes alone: others of its kind may be waiting for its place.
        lane.take(lane.allocates ? 1 : std::max(most, std::size_t{1}), into);
        waiting_ -= into.size();
        return turn{.lane = *next, .guest = lane.guest};
    }

    /// The turn's jobs have been run, but for those that are given back, in their order.
    void finish(const turn& ended, std::vector<entry>& not_run)
    {
        auto& lane = lanes_[ended.lane];
        waiting_ += not_run.size();
        lane.give_back(not_run);
        --running_;
        allocating_ -= lane.allocates ? 1 : 0;
        if (lane.is_empty()) {
            by_guest_.erase(lane.guest.number());
            lane.jobs = {};
            lane.head = 0;
            free_lanes_.push_back(ended.lane);
        } else {
            queue(ended.lane);
        }
    }

    /// Whether a turn could begin now.
    [[nodiscard]] auto may_start() const -> bool { return running_ < limits_.at_once && pick_queue() != nullptr; }

    [[nodiscard]] auto running() const -> std::size_t { return running_; }
    [[nodiscard]] auto waiting() const -> std::size_t { return waiting_; }
    [[nodiscard]] auto is_idle() const -> bool { return running_ == 0 && waiting_ == 0; }

    /// How many guests have a lane.
    [[nodiscard]] auto open_lanes() const -> std::size_t { return by_guest_.size(); }

private:
    using lane_number = std::uint32_t;

    struct guests_lane {
        explicit guests_lane(vmid of) : guest{of} {}

        vmid guest;
        std::vector<entry> jobs = {};
        std::size_t head = 0;   ///< the first that was not taken
        bool allocates = false; ///< in its present turn

        [[nodiscard]] auto is_empty() const -> bool { return head == jobs.size(); }
        [[nodiscard]] auto first() const -> const entry& { return jobs[head]; }

        /// Takes the first jobs that are of one kind.
        void take(std::size_t most, std::vector<entry>& into)
        {
            const auto kind = first().kind;
            auto end = head;
            while (end < jobs.size() && end - head < most && jobs[end].kind == kind) {
                ++end;
            }
            if (head == 0 && end == jobs.size()) {
                jobs.swap(into); // all of them, at one stroke
                return;
            }
            const auto from = jobs.begin();
            into.insert(into.end(), std::move_iterator{from + offset(head)}, std::move_iterator{from + offset(end)});
            head = end;
            if (head * 2 >= jobs.size()) { // so that each job is moved up once, on average
                jobs.erase(from, from + offset(head));
                head = 0;
            }
        }

        void give_back(std::vector<entry>& not_run)
        {
            jobs.insert(jobs.begin() + offset(head), std::move_iterator{not_run.begin()},
                        std::move_iterator{not_run.end()});
            not_run.clear();
        }

        [[nodiscard]] static auto offset(std::size_t count) -> std::ptrdiff_t
        {
            return static_cast<std::ptrdiff_t>(count);
        }
    };
    /// A lane that waits for its turn; of two the one with the lower number came first.
    struct ticket {
        std::uint64_t number;
        lane_number lane;
    };

    [[nodiscard]] auto open_lane(vmid guest) -> lane_number
    {
        if (free_lanes_.empty()) {
            lanes_.emplace_back(guest);
            return static_cast<lane_number>(lanes_.size() - 1);
        }
        const auto number = free_lanes_.back();
        free_lanes_.pop_back();
        lanes_[number].guest = guest;
        return number;
    }

    void queue(lane_number number)
    {
        auto& to = lanes_[number].first().kind == job_kind::allocating ? ready_allocating_ : ready_;
        to.push_back({.number = next_ticket_++, .lane = number});
    }

    /// The queue whose first lane may begin; of two, the one whose lane came first.
    [[nodiscard]] auto pick_queue() const -> const std::deque<ticket>*
    {
        const auto plain = !ready_.empty();
        const auto allocating = !ready_allocating_.empty() && allocating_ < limits_.allocating_at_once;
        if (plain && allocating) {
            return ready_.front().number < ready_allocating_.front().number ? &ready_ : &ready_allocating_;
        }
        return plain ? &ready_ : allocating ? &ready_allocating_ : nullptr;
    }

    [[nodiscard]] auto pick() -> std::optional<lane_number>
    {
        const auto* const from = pick_queue();
        if (from == nullptr) {
            return std::nullopt;
        }
        const auto number = from->front().lane;
        (from == &ready_ ? ready_ : ready_allocating_).pop_front();
        return number;
    }

    lane_limits limits_;
    boost::unordered_flat_map<std::uint32_t, lane_number> by_guest_;
    std::vector<guests_lane> lanes_;
    std::vector<lane_number> free_lanes_;
    std::deque<ticket> ready_;
    std::deque<ticket> ready_allocating_;
    std::uint64_t next_ticket_ = 0;
    std::size_t running_ = 0;
    std::size_t allocating_ = 0;
    std::size_t waiting_ = 0;
};

} // namespace felhom::operate
