// SPDX-License-Identifier: Apache-2.0
#include "agent/engine/live_io.hpp"

#include <felhom/operate/operation/operation_record_json.hpp>
#include <felhom/operate/record_event.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace felhom::agent {

live_io::live_io(node_io node, io::journal& log, operate::lane_limits limits,
                 std::function<operate::host_switches()> look_around)
    : node_{std::move(node)}, log_{log}, look_around_{std::move(look_around)}, waiter_{node_}, lanes_{limits}
{
}

auto live_io::view(lane_wait wait) -> operation_io
{
    return {
        .in = {.exchange = [this](const std::vector<proxmox::request>& calls) { return exchange(calls); },
               .now = node_.now,
               .sleep_for = [this](std::chrono::milliseconds pause) { sleep_for(pause); },
               .steady = node_.steady,
               .tell = node_.tell,
               .jitter = node_.jitter},
        .append =
            [this](const operate::operation_record& record) {
                auto made = log_.append(record).map_error(
                    [](const io::log_error& error) { return operate::not_recorded{io::describe(error)}; });
                if (made) {
                    tell(record);
                }
                return made;
            },
        .claim =
            [this](const operate::claim_nonce& wanted) {
                auto made = log_.claim(wanted.nonce, wanted.expires_at, wanted.record);
                if (const auto record = operate::parse_operation_record(wanted.record.text()); made && record) {
                    tell(*record);
                }
                return made;
            },
        .draw_number = [this] { return log_.draw_number(); },
        .ledger = [this] { return log_.read(); },
        .await_task = [this](const operate::await_task& wanted) { return waiter_.await(wanted.task, wanted.patience); },
        .look_around = look_around_,
        .in_lanes = [this, wait = std::move(wait)](
                        std::vector<operate::lane_job> jobs) { return in_lanes(std::move(jobs), wait); },
    };
}

void live_io::stop()
{
    halt();
    lanes_.close();
}

void live_io::halt()
{
    stopping_ = true;
    waiter_.close();
    const auto hold = std::lock_guard{mutex_};
    stopped_.notify_all();
}

/// What was told to stop between its last step and this one sends nothing.
auto live_io::exchange(const std::vector<proxmox::request>& calls) const -> std::vector<net::exchanged>
{
    if (!stopping_) {
        return node_.exchange(calls);
    }
    return {calls.size(), tl::unexpected(net::transport_error{.what = net::transport_error::kind::interrupted,
                                                              .maybe_sent = false,
                                                              .detail = "the agent is stopping"})};
}

void live_io::tell(const operate::operation_record& record) const
{
    if (const auto event = operate::event_of(record)) {
        node_.tell(*event);
    }
}

void live_io::sleep_for(std::chrono::milliseconds pause)
{
    node_.tell({.what = "wait", .with = {{"ms", std::to_string(pause.count())}}});
    auto hold = std::unique_lock{mutex_};
    stopped_.wait_for(hold, pause, [&] { return stopping_.load(); });
}

void awaited_end::set(operate::lane_end end)
{
    auto later = std::vector<std::function<void(const operate::lane_end&)>>{};
    {
        const auto hold = std::lock_guard{mutex_};
        end_ = std::move(end);
        has_come_ = true;
        later.swap(later_);
    }
    changed_.notify_all();
    for (const auto& tell : later) {
        tell(end_);
    }
}

auto awaited_end::wait(std::optional<std::chrono::steady_clock::time_point> until,
                       const std::function<void(const operate::lane_end&)>& later) -> operate::lane_end
{
    auto hold = std::unique_lock{mutex_};
    const auto come = [this] { return has_come_; };
    if (!until) {
        changed_.wait(hold, come);
    } else if (!changed_.wait_until(hold, *until, come)) {
        later_.push_back(later);
        return operate::goes_on{};
    }
    return end_;
}

auto awaited_end::has_come() -> bool
{
    const auto hold = std::lock_guard{mutex_};
    return has_come_;
}

auto live_io::execute(operate::lane_work& work) -> operate::lane_end
{
    return std::visit(
        [this](auto& procedure) -> operate::lane_end {
            auto end = run(view(), std::move(procedure), [this] { return stopping_.load(); });
            return end ? operate::lane_end{*std::move(end)} : std::nullopt;
        },
        work);
}

/// Nothing: no job is taken any more.
auto live_io::put_into_lane(operate::lane_job job) -> std::shared_ptr<awaited_end>
{
    auto end = std::make_shared<awaited_end>();
    if (!job.name.empty()) {
        const auto hold = std::lock_guard{mutex_};
        auto& known = named_[job.name];
        if (known != nullptr && !known->has_come()) {
            return known;
        }
        known = end;
    }
    // A job that is copied would be carried out twice.
    auto work = std::make_shared<operate::lane_work>(std::move(job.work));
    const auto run = [this, end, work, name = std::move(job.name)] {
        auto came_to = execute(*work);
        {
            const auto hold = std::lock_guard{mutex_};
            const auto known = named_.find(name);
            if (known != named_.end() && known->second == end) {
                named_.erase(known);
            }
        }
        end->set(std::move(came_to));
    };
    return lanes_.post(job.guest, job.kind, run) ? end : nullptr;
}

auto live_io::in_lanes(std::vector<operate::lane_job> jobs, const lane_wait& wait) -> std::vector<operate::lane_end>
{
    auto awaited = std::vector<std::shared_ptr<awaited_end>>{};
    for (auto& job : jobs) {
        awaited.push_back(put_into_lane(std::move(job)));
    }
    wait.begins();
    const auto until = wait.at_most ? std::optional{std::chrono::steady_clock::now() + *wait.at_most} : std::nullopt;
    auto ends = std::vector<operate::lane_end>(jobs.size());
    std::ranges::transform(awaited, ends.begin(), [&](const std::shared_ptr<awaited_end>& one) {
        return one == nullptr ? std::nullopt : one->wait(until, wait.ended_later);
    });
    wait.is_over();
    // Whatever ended beside a record that was not written may have ended for want of it, or is itself not recorded:
    // nobody is told. What is in the journal is found there when it is opened anew.
    if (log_.failure()) {
        std::ranges::fill(ends, std::nullopt);
    }
    return ends;
}

} // namespace felhom::agent
