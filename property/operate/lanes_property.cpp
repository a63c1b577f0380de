// SPDX-License-Identifier: Apache-2.0
#include "support/rapidcheck.hpp"

#include <felhom/operate/lanes.hpp>

#include <algorithm>
#include <map>
#include <vector>

using namespace felhom;
using namespace felhom::operate;

namespace {

struct numbered_job {
    std::uint32_t guest;
    std::uint32_t number; ///< of its submission, over all guests
    job_kind kind;
};

using rule = lanes<numbered_job>;

/// A random schedule over a rule: jobs come, turns begin and end, in any order that the rule allows.
class schedule {
public:
    explicit schedule(lane_limits limits) : limits_{limits}, rule_{limits} {}

    void submit(std::uint32_t guest, job_kind kind)
    {
        const auto job = numbered_job{.guest = guest, .number = next_++, .kind = kind};
        submitted_[guest].push_back(job.number);
        rule_.submit(*vmid::from_number(vmid::least + guest), kind, job);
    }

    [[nodiscard]] auto start(std::size_t most) -> bool
    {
        auto jobs = std::vector<rule::entry>{};
        const auto turn = rule_.start(most, jobs);
        if (!turn) {
            return false;
        }
        RC_ASSERT(!jobs.empty());
        RC_ASSERT(jobs.size() <= std::max(most, std::size_t{1}));
        for (const auto& one : jobs) {
            RC_ASSERT(one.kind == jobs.front().kind);
            RC_ASSERT(one.job.guest == turn->guest.number() - vmid::least);
        }
        for (const auto& other : running_) {
            RC_ASSERT(other.turn.guest != turn->guest); // one at a time
        }
        running_.push_back({*turn, std::move(jobs)});
        check_bounds();
        return true;
    }

    /// Ends one of the running turns after so many of its jobs.
    void finish(std::size_t which, std::size_t run)
    {
        if (running_.empty()) {
            return;
        }
        const auto at = running_.begin() + static_cast<std::ptrdiff_t>(which % running_.size());
        auto [turn, jobs] = std::move(*at);
        running_.erase(at);
        const auto done = std::clamp<std::size_t>(run, 1, jobs.size());
        for (auto index = std::size_t{0}; index < done; ++index) {
            ran_[jobs[index].job.guest].push_back(jobs[index].job.number);
        }
        jobs.erase(jobs.begin(), jobs.begin() + static_cast<std::ptrdiff_t>(done));
        rule_.finish(turn, jobs);
        RC_ASSERT(jobs.empty());
    }

    /// Lets everything run to its end, counting how often others went first.
    void drain()
    {
        auto steps = std::size_t{0};
        while (!rule_.is_idle()) {
            while (start(1)) {
            }
            RC_ASSERT(!running_.empty()); // what waits can always begin once a place is free
            finish(0, 1);
            RC_ASSERT(++steps < 10'000U);
        }
    }

    void check_everything_ran_in_order() const
    {
        RC_ASSERT(ran_ == submitted_);
        RC_ASSERT(rule_.open_lanes() == 0U);
    }

    [[nodiscard]] auto inside() const -> const rule& { return rule_; }

private:
    struct running_turn {
        rule::turn turn;
        std::vector<rule::entry> jobs;
    };

    void check_bounds() const
    {
        RC_ASSERT(running_.size() <= limits_.at_once);
        RC_ASSERT(rule_.running() == running_.size());
        const auto allocating = std::count_if(running_.begin(), running_.end(), [](const running_turn& t) {
            return t.jobs.front().kind == job_kind::allocating;
        });
        RC_ASSERT(static_cast<std::size_t>(allocating) <= limits_.allocating_at_once);
    }

    lane_limits limits_;
    rule rule_;
    std::uint32_t next_ = 0;
    std::map<std::uint32_t, std::vector<std::uint32_t>> submitted_;
    std::map<std::uint32_t, std::vector<std::uint32_t>> ran_;
    std::vector<running_turn> running_;
};

auto limits() -> lane_limits
{
    return {.at_once = *rc::gen::inRange<std::size_t>(1, 5),
            .allocating_at_once = *rc::gen::inRange<std::size_t>(1, 4)};
}

auto kind() -> job_kind
{
    return *rc::gen::weightedElement<job_kind>({{3, job_kind::plain}, {1, job_kind::allocating}});
}

} // namespace

TEST_CASE("laws of the lanes")
{
    rc::prop("every job runs once, a guest's jobs in order and one at a time, within both bounds", [] {
        auto run = schedule{limits()};
        const auto steps = *rc::gen::inRange(0, 60);
        for (auto step = 0; step < steps; ++step) {
            switch (*rc::gen::inRange(0, 4)) {
            case 0:
            case 1:
                run.submit(*rc::gen::inRange(0U, 6U), kind());
                break;
            case 2:
                static_cast<void>(run.start(*rc::gen::inRange<std::size_t>(0, 4)));
                break;
            default:
                run.finish(*rc::gen::inRange<std::size_t>(0, 5), *rc::gen::inRange<std::size_t>(1, 4));
            }
        }
        run.drain();
        run.check_everything_ran_in_order();
    });

    rc::prop("while a place is free and a guest that is not worked on has a plain job, a turn can begin", [] {
        auto run = schedule{limits()};
        const auto guests = *rc::gen::inRange(1U, 6U);
        for (auto guest = 0U; guest < guests; ++guest) {
            run.submit(guest, job_kind::plain);
        }
        auto begun = 0U;
        while (run.start(1)) {
            ++begun;
        }
        RC_ASSERT(begun == std::min<std::size_t>(guests, begun + (run.inside().may_start() ? 1 : 0)));
        RC_ASSERT(!run.inside().may_start());
        RC_ASSERT(begun == guests || run.inside().waiting() > 0U);
        run.drain();
    });

    rc::prop("a guest with many jobs keeps no other waiting for longer than a turn of each that came before", [] {
        auto rule_under_test = lanes<int>{{.at_once = 1}};
        const auto busy = *vmid::from_number(100);
        const auto patient = *vmid::from_number(101);
        const auto many = *rc::gen::inRange(1, 200);
        for (auto job = 0; job < many; ++job) {
            rule_under_test.submit(busy, job_kind::plain, job);
        }
        auto jobs = std::vector<lanes<int>::entry>{};
        const auto first = rule_under_test.start(1, jobs);
        rule_under_test.submit(patient, job_kind::plain, -1);
        jobs.clear();
        rule_under_test.finish(*first, jobs);
        const auto second = rule_under_test.start(1, jobs);
        RC_ASSERT(second.has_value());
        RC_ASSERT(second->guest == patient);
    });
}
