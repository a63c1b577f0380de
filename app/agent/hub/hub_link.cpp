// SPDX-License-Identifier: Apache-2.0
#include "agent/hub/hub_link.hpp"

#include "agent/engine/node_io.hpp"
#include "agent/engine/trim_memory.hpp"
#include "agent/hub/talk_interpreter.hpp"

#include <felhom/core/overloaded.hpp>
#include <felhom/hub/report/host_report_json.hpp>

#include <chrono>
#include <iterator>
#include <utility>
#include <vector>

namespace felhom::agent {

namespace {

[[nodiscard]] auto uptime_now() -> hub::uptime
{
    return std::chrono::duration_cast<hub::uptime>(std::chrono::steady_clock::now().time_since_epoch());
}

/// The last envelope that was kept. One that cannot be read blocks, and so does one that could not be kept.
[[nodiscard]] auto in_force_at_start(const hub_files& files, const status_board& board) -> hub::control_envelope
{
    const auto kept = files.envelope();
    const auto last = kept ? *kept : std::optional<hub::kept_envelope>{};
    auto envelope = last ? last->envelope : hub::control_envelope{};
    envelope.blocked = envelope.blocked || !kept || board.is_blocked();
    return envelope;
}

} // namespace

hub_link::hub_link(hub_duties duties, hub::report_buffer kept)
    : duties_{std::move(duties)}, loop_{duties_.policy, std::move(kept)},
      memory_{.in_force = in_force_at_start(duties_.files, *duties_.board)}, thread_{[this] { run(); }}
{
}

hub_link::~hub_link()
{
    stop();
}

/// A call under way is broken off: a hub that hangs is not waited for.
void hub_link::stop()
{
    static constexpr auto between_attempts = std::chrono::milliseconds{50};
    {
        auto hold = std::unique_lock{mutex_};
        stopping_ = true;
        changed_.notify_all();
        // Again and again, since the thread may be about to begin one.
        while (!changed_.wait_for(hold, between_attempts, [this] { return ended_; })) {
            hold.unlock();
            duties_.break_off();
            hold.lock();
        }
    }
    if (thread_.joinable()) {
        thread_.join();
    }
}

auto hub_link::leave() -> std::pair<hub_duties, hub::report_buffer>
{
    stop();
    return {std::move(duties_), std::move(loop_).leave()};
}

void hub_link::trigger()
{
    {
        const auto hold = std::lock_guard{mutex_};
        triggered_ = true;
    }
    changed_.notify_all();
}

void hub_link::ask(bool to_send, report_asker asker)
{
    {
        const auto hold = std::lock_guard{mutex_};
        (to_send ? to_send_ : to_show_).push_back(std::move(asker));
    }
    changed_.notify_all();
}

auto hub_link::is_stopping() const -> bool
{
    const auto hold = std::lock_guard{mutex_};
    return stopping_;
}

void hub_link::wait_until(const std::optional<hub::uptime>& time)
{
    trim_memory();
    const auto something = [this] { return stopping_ || triggered_ || !to_show_.empty() || !to_send_.empty(); };
    auto hold = std::unique_lock{mutex_};
    if (time) {
        changed_.wait_until(hold, std::chrono::steady_clock::time_point{*time}, something);
    } else {
        changed_.wait(hold, something);
    }
    if (std::exchange(triggered_, false)) {
        loop_.trigger(uptime_now());
    }
}

void hub_link::run()
{
    while (!is_stopping()) {
        serve_askers();
        auto due = loop_.next(uptime_now());
        std::visit(overloaded{
                       [&](const hub::collect_report&) { make_report(); },
                       [&](hub::send_report& report) { send(std::move(report.report)); },
                       [&](const hub::wait_until& event) { wait_until(event.time); },
                   },
                   due);
    }
    {
        const auto hold = std::lock_guard{mutex_};
        std::ranges::move(to_show_, std::back_inserter(askers_));
        std::ranges::move(to_send_, std::back_inserter(askers_));
    }
    tell_askers({.failure = "the agent is stopping or reading its configuration anew; try again"});
    {
        const auto hold = std::lock_guard{mutex_};
        ended_ = true;
    }
    changed_.notify_all();
}

void hub_link::make_report()
{
    const auto report = duties_.collect();
    if (!report) {
        duties_.log.warning("report failed", {{"reason", describe(report.error())}});
    }
    loop_.collected(uptime_now(), duties_.now(), report ? std::optional{hub::open_report::of(*report)} : std::nullopt,
                    duties_.chance());
    if (!report) {
        tell_askers({.failure = describe(report.error())});
    } else if (loop_.buffer().empty()) {
        tell_askers({.failure = "the report is too large to be sent"});
    }
}

/// Who only wants to see a report gets one at once; for the others the next one that is sent is the newest.
void hub_link::serve_askers()
{
    auto to_show = std::vector<report_asker>{};
    auto to_send = std::vector<report_asker>{};
    {
        const auto hold = std::lock_guard{mutex_};
        to_show.swap(to_show_);
        to_send.swap(to_send_);
    }
    if (!to_send.empty()) {
        loop_.demand(uptime_now());
        std::ranges::move(to_send, std::back_inserter(askers_));
    }
    if (to_show.empty()) {
        return;
    }
    const auto report = duties_.collect();
    const auto stamp = hub::report_stamp{
        .run = loop_.buffer().run(), .sequence = loop_.buffer().last_sequence() + 1, .sent_at = duties_.now()};
    const auto answer = report ? local_api::report_answer{.report = hub::to_json(*report, stamp)}
                               : local_api::report_answer{.failure = describe(report.error())};
    for (const auto& tell : to_show) {
        tell(answer);
    }
}

void hub_link::tell_askers(const local_api::report_answer& answer)
{
    for (const auto& tell : std::exchange(askers_, {})) {
        tell(answer);
    }
}

void hub_link::send(hub::unsent_report report)
{
    const auto rules = hub::talk_rules{
        .host = duties_.host, .takes_desired = duties_.takes_desired, .takes_ops = duties_.box.has_value()};
    const auto perform = talk_interpreter{duties_, [this] { return is_stopping(); },
                                          [this](const hub::tell_report_end& end) { report_ended(end); }};
    memory_ = agent::run(hub::talk(std::move(memory_), rules, std::move(report).body(duties_.now())), perform);
}

void hub_link::report_ended(const hub::tell_report_end& end)
{
    const auto& answer = end.envelope;
    loop_.sent(uptime_now(), end.outcome, duties_.chance());
    tell_askers({.report = end.body,
                 .envelope = answer
                                 ? std::optional{hub::print_kept_envelope({.envelope = *answer, .received_at = end.at})}
                                 : std::nullopt,
                 .failure = answer ? std::nullopt : std::optional{describe(answer.error())}});
    if (!answer && is_stopping()) {
        return;
    }
    const auto kept = loop_.buffer().reports();
    if (!std::holds_alternative<hub::report_accepted>(end.outcome)) {
        duties_.log.warning("the report was not taken",
                            {{"reason", describe(answer.error())}, {"failures", loop_.failures()}, {"kept", kept}});
        was_reached_ = false;
        duties_.board->hub_failed(describe(answer.error()), loop_.failures(), kept);
        return;
    }
    if (!std::exchange(was_reached_, true)) {
        duties_.log.notice("the hub is back", {{"kept", kept}});
    }
    if (answer) {
        duties_.board->hub_answered(end.at, kept);
        return;
    }
    duties_.log.error("the report was taken, and its answer not understood: what was in force stays",
                      {{"reason", describe(answer.error())}});
    duties_.board->hub_not_understood(end.at, describe(answer.error()), kept);
}

} // namespace felhom::agent
