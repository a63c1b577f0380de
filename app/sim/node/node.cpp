// SPDX-License-Identifier: Apache-2.0
#include "sim/node/node.hpp"

#include "sim/api/calls.hpp"
#include "sim/api/text.hpp"
#include "sim/node/jobs.hpp"
#include "sim/serve/transport.hpp"

#include <felhom/core/overloaded.hpp>

#include <algorithm>

namespace felhom::sim {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

auto since_epoch(instant at) -> std::uint64_t
{
    return static_cast<std::uint64_t>(std::chrono::duration_cast<seconds>(at.time_since_epoch()).count());
}

/// A pattern in which a star stands for any text.
auto matches(std::string_view pattern, std::string_view text) -> bool
{
    const auto star = pattern.find('*');
    if (star == std::string_view::npos) {
        return pattern == text;
    }
    if (!text.starts_with(pattern.substr(0, star))) {
        return false;
    }
    const auto rest = pattern.substr(star + 1);
    for (auto at = star; at <= text.size(); ++at) {
        if (matches(rest, text.substr(at))) {
            return true;
        }
    }
    return false;
}

} // namespace

node::node(machine settings_)
    : settings{std::move(settings_)}, access{.roles = usual_roles(), .entries = {}, .tokens = {}}
{
}

auto node::effects_of(guest_id vmid, const std::string& operation) const -> int
{
    const auto found = effects.find({vmid, operation});
    return found == effects.end() ? 0 : found->second;
}

auto node::next_mac() -> std::string
{
    if (!settings.macs.empty()) {
        auto mac = std::move(settings.macs.front());
        settings.macs.erase(settings.macs.begin());
        return mac;
    }
    const auto number = hexadecimal(next_mac_++, 6);
    return "BC:24:11:" + number.substr(0, 2) + ":" + number.substr(2, 2) + ":" + number.substr(4, 2);
}

// Requests

auto node::handle(const http_request& request, instant now) -> http_response
{
    advance(now);
    auto logged = logged_request{
        .at = now, .method = request.method, .target = request.target, .body = request.body, .status = 0};
    const auto what = take_fault(request);
    auto response = what ? with_fault(request, *what) : perform(request);
    if (logs_requests) {
        logged.status = response.dropped ? 0 : response.status;
        requests.push_back(std::move(logged));
    }
    return response;
}

auto node::take_fault(const http_request& request) -> std::optional<fault>
{
    if (faults.empty()) {
        return std::nullopt;
    }
    const auto path = path_of(request);
    const auto found = std::ranges::find_if(faults, [&](const fault& candidate) {
        return candidate.times > 0 && (candidate.method.empty() || candidate.method == request.method)
               && matches(candidate.path, path);
    });
    if (found == faults.end()) {
        return std::nullopt;
    }
    auto taken = *found;
    if (--found->times == 0) {
        faults.erase(found);
    }
    return taken;
}

auto node::with_fault(const http_request& request, const fault& what) -> http_response
{
    auto dropped = http_response{.status = 0, .reason = {}, .dropped = true, .closes = true};
    return std::visit(overloaded{
                          [&](const fault_kind::late& late) {
                              auto response = perform(request);
                              response.delay += late.by;
                              return response;
                          },
                          [&](const fault_kind::answers& answers) {
                              return plain_answer(answers.status, answers.reason, answers.body, now_);
                          },
                          [&](const fault_kind::drops_before_apply&) { return dropped; },
                          [&](const fault_kind::drops_after_apply&) {
                              static_cast<void>(perform(request));
                              return dropped;
                          },
                          [&](const fault_kind::gateway_timeout& timeout) {
                              static constexpr auto proxy_patience = seconds{30};
                              events_.emplace(now_ + timeout.effect_after, late_request{request});
                              auto response = plain_answer(596, "Connection timed out", "", now_);
                              response.delay = proxy_patience;
                              return response;
                          },
                          [&](const fault_kind::lock_timeout&) {
                              const auto vmid = guest_in(request).value_or(0);
                              auto response = formatted(
                                  tl::unexpected(refusal{.status = 500, .message = lock_timeout_text(vmid) + "\n"}),
                                  true, now_);
                              response.delay = settings.takes.lock_patience;
                              return response;
                          },
                          [&](const fault_kind::garbage& garbage) {
                              static_cast<void>(perform(request));
                              return plain_answer(200, "OK", garbage.body, now_);
                          },
                          [&](const fault_kind::task& task) {
                              next_task_fault_ = task.how;
                              auto response = perform(request);
                              next_task_fault_ = {};
                              return response;
                          },
                      },
                      what.what);
}

auto node::perform(const http_request& request) -> http_response
{
    auto response = serve(*this, request);
    if (request.method != "GET" && response.status == 200) {
        ++executed[request.method + " " + path_of(request)];
    }
    return response;
}

// Time

void node::advance(instant now)
{
    while (!events_.empty() && events_.begin()->first <= now) {
        auto first = events_.extract(events_.begin());
        now_ = std::max(now_, first.key());
        happen(first.mapped());
    }
    now_ = std::max(now_, now);
}

auto node::next_event() const -> std::optional<instant>
{
    return events_.empty() ? std::nullopt : std::optional{events_.begin()->first};
}

void node::happen(const event& what)
{
    std::visit(overloaded{
                   [&](const task_begins& e) { begin(e.task); },
                   [&](const task_gives_up& e) {
                       auto& waiting = tasks[e.task];
                       if (!waiting.begun && !waiting.ended) {
                           close(waiting, lock_timeout_text(guest_to_lock(waiting.work).value_or(0)));
                       }
                   },
                   [&](const task_ends& e) { end(e.task); },
                   [&](const late_request& e) { static_cast<void>(perform(e.request)); },
               },
               what);
}

// Tasks

auto node::find_task(const std::string& upid) -> task*
{
    const auto found = by_upid_.find(upid);
    return found == by_upid_.end() || std::holds_alternative<task_fault::forgotten>(tasks[found->second].fault)
               ? nullptr
               : &tasks[found->second];
}

void node::remember(task past)
{
    by_upid_.emplace(past.upid, tasks.size());
    tasks.push_back(std::move(past));
}

auto node::spawn(const identity& by, std::string type, std::string id, any_job work) -> std::string
{
    static constexpr auto tick = milliseconds{10};
    const auto pid = next_pid_++;
    const auto pstart = static_cast<std::uint64_t>((now_ - settings.boot) / tick);
    const auto numbers =
        hexadecimal(pid, 8) + ":" + hexadecimal(pstart, 8) + ":" + hexadecimal(since_epoch(wall_clock()), 8);
    auto upid = "UPID:" + settings.name + ":" + numbers + ":" + type + ":" + id + ":" + by.text() + ":";
    const auto index = tasks.size();
    remember(task{.upid = upid,
                  .pid = pid,
                  .pstart = pstart,
                  .started = wall_clock(),
                  .type = std::move(type),
                  .id = std::move(id),
                  .user = by.user,
                  .token = by.token,
                  .work = std::move(work),
                  .fault = std::exchange(next_task_fault_, {})});
    queue(index);
    return upid;
}

auto node::locked_guest(const task& of) -> guest*
{
    const auto vmid = guest_to_lock(of.work);
    const auto found = vmid ? guests.find(*vmid) : guests.end();
    return found == guests.end() ? nullptr : &found->second;
}

void node::queue(std::size_t index)
{
    auto& queued = tasks[index];
    if (std::holds_alternative<job::back_up>(queued.work)) {
        if (backup_running_) {
            queued.log.emplace_back("INFO: trying to get global lock - waiting...");
            backups_waiting_.push_back(index);
            return;
        }
    } else if (auto* const wanted = locked_guest(queued); wanted != nullptr && wanted->lock_holder) {
        queued.log.emplace_back("trying to acquire lock...");
        wanted->waiting.push_back(index);
        events_.emplace(now_ + settings.takes.lock_patience, task_gives_up{index});
        return;
    }
    begin(index);
}

void node::begin(std::size_t index)
{
    if (tasks[index].ended || tasks[index].begun) {
        return;
    }
    if (!tasks[index].log.empty()) {
        const auto is_backup = std::holds_alternative<job::back_up>(tasks[index].work);
        tasks[index].log.emplace_back(is_backup ? "INFO: got global lock" : " OK");
    }
    tasks[index].begun = true;
    auto way = begin_job(*this, tasks[index]);
    auto& begun = tasks[index];
    if (const auto* const fails = std::get_if<task_fault::fails>(&begun.fault)) {
        way.exit_status = fails->text;
    } else if (const auto* const warns = std::get_if<task_fault::warns>(&begun.fault)) {
        way.exit_status = way.exit_status == "OK" ? "WARNINGS: " + std::to_string(warns->warnings) : way.exit_status;
    }
    begun.exit_status = std::move(way.exit_status);
    if (std::holds_alternative<job::back_up>(begun.work)) {
        backup_running_ = index;
    } else if (auto* const held = locked_guest(begun)) {
        held->lock_holder = index;
        held->lock_until = now_ + way.takes;
    }
    events_.emplace(now_ + way.takes, task_ends{index});
}

void node::end(std::size_t index)
{
    if (tasks[index].ended) {
        return;
    }
    const auto* const vanishes = std::get_if<task_fault::vanishes>(&tasks[index].fault);
    const auto worked = tasks[index].exit_status == "OK" || tasks[index].exit_status.starts_with("WARNINGS");
    if (worked && (vanishes == nullptr || vanishes->after_its_work)) {
        complete_job(*this, tasks[index]);
        tasks[index].done = true;
    }
    if (!worked) {
        auto& log = tasks[index].log;
        log.insert(log.end(), tasks[index].last_words.begin(), tasks[index].last_words.end());
    }
    close(tasks[index], vanishes != nullptr ? "unexpected status" : tasks[index].exit_status);
}

void node::close(task& ended, std::string exit_status)
{
    const auto index = by_upid_.at(ended.upid);
    if (ended.begun) {
        clear_marks(*this, ended);
    }
    ended.ended = wall_clock();
    ended.exit_status = std::move(exit_status);
    if (ended.exit_status == "OK" || ended.exit_status.starts_with("WARNINGS")) {
        ended.log.push_back("TASK " + ended.exit_status);
    } else if (ended.exit_status != "unexpected status") {
        ended.log.push_back("TASK ERROR: " + ended.exit_status);
    }
    release(index);
}

void node::release(std::size_t index)
{
    const auto next_of = [&](std::deque<std::size_t>& waiting) {
        while (!waiting.empty()) {
            const auto next = waiting.front();
            waiting.pop_front();
            if (!tasks[next].ended) {
                events_.emplace(now_, task_begins{next});
                return;
            }
        }
    };
    if (backup_running_ == index) {
        backup_running_.reset();
        next_of(backups_waiting_);
    }
    if (auto* const held = locked_guest(tasks[index]); held != nullptr && held->lock_holder == index) {
        held->lock_holder.reset();
        next_of(held->waiting);
    }
}

void node::interrupt(task& victim)
{
    if (victim.ended) {
        return;
    }
    if (std::holds_alternative<job::back_up>(victim.work)) {
        victim.log.insert(victim.log.end(), {"INFO: restarting vm", "INFO: guest is online again after 8 seconds",
                                             "ERROR: Backup of VM " + victim.id + " failed - interrupted by signal",
                                             "INFO: Failed", "INFO: Backup job finished with errors"});
        close(victim, "job errors");
        return;
    }
    if (const auto* const shutdown = std::get_if<job::shutdown>(&victim.work)) {
        victim.log.push_back("command 'lxc-stop -n " + std::to_string(shutdown->vmid) + " --nokill --timeout "
                             + std::to_string(shutdown->timeout.count()) + "' failed: received interrupt");
    }
    close(victim, "unexpected status");
}

void node::finish_early(guest_id vmid)
{
    auto& held = guests.at(vmid);
    if (held.lock_holder) {
        end(*held.lock_holder);
    }
}

} // namespace felhom::sim
