// SPDX-License-Identifier: Apache-2.0
#include "agent/daemon/daemon.hpp"

#include "agent/engine/inbox_interpreter.hpp"

#include <felhom/core/printable.hpp>
#include <felhom/hub/first_answer.hpp>
#include <felhom/operate/procedures/run_pass.hpp>
#include <felhom/operate/procedures/take_in.hpp>
#include <felhom/present/pass_text.hpp>
#include <felhom/present/results_text.hpp>

#include <algorithm>
#include <chrono>
#include <mutex>

namespace felhom::agent {

namespace {

/// How often the drop box is looked into between passes.
constexpr auto drop_box_interval = std::chrono::seconds{5};

/// Answers whether an operation was answered.
[[nodiscard]] auto take_in_dropped(operating_session& session, const lane_wait& wait, const io::logger& log) -> bool
{
    const auto in = session.view(wait);
    const auto report = run(operate::take_in(std::nullopt, session.rules()), inbox_interpreter{in, session.box()});
    if (!report) {
        log.error("the drop box could not be read", {{"reason", report.error().what}});
        return false;
    }
    for (const auto& trouble : report->troubles) {
        log.warning("could not process a file in the drop box", {{"reason", trouble}});
    }
    auto any = false;
    for (const auto& answer : report->answers) {
        if (answer.is_final()) {
            any = true;
            log.notice("a signed operation is answered",
                       {{"blob", to_hex(answer.blob)}, {"state", text_of(answer.state)}, {"detail", answer.detail}});
        }
    }
    return any;
}

void log_pass(const operate::pass_report& report, const io::logger& log)
{
    const auto achieved = std::ranges::count_if(
        report.results, [](const operate::action_result& result) { return reconcile::went_well(result.outcome); });
    const auto failed = static_cast<std::ptrdiff_t>(report.results.size()) - achieved;
    log.info("pass", {{"generation", report.planned.plan.generation()},
                      {"compared", report.planned.plan.compared()},
                      {"done", achieved},
                      {"failed", failed},
                      {"under_way", report.under_way},
                      {"held", report.split.held.size()},
                      {"left", report.planned.plan.skips().size()}});
    for (const auto& result : report.results) {
        if (!reconcile::went_well(result.outcome)) {
            log.warning("an action was not achieved",
                        {{"guest", guest_of(result.what).text()},
                         {"action", reconcile::name_of(result.what)},
                         {"detail", reconcile::describe(result.outcome, report.planned.who)}});
        }
    }
}

void pass(operating_session& session, const daemon_sources& from, const lane_wait& wait, const io::logger& log)
{
    const auto input = from.input();
    if (!input) {
        for (const auto& line : input.error().lines()) {
            log.error("pass failed", {{"reason", line}});
        }
        from.not_passed(input.error().lines().front());
        return;
    }
    const auto report = run(session.view(wait), operate::run_pass(input->input, session.rules()));
    if (session.journal().failure()) {
        return; // it broke off
    }
    if (!report) {
        const auto why = present::describe(report.error(), input->input.token);
        log.error("pass failed", {{"reason", why}});
        from.not_passed(why);
        return;
    }
    from.remember(report->planned.actual.inventory.guests());
    from.passed(*input, *report);
    log_pass(*report, log);
}

using steady_clock = std::chrono::steady_clock;

[[nodiscard]] auto may_go_on(operating_session& session, const signals& asked) -> bool
{
    return !asked.is_ending() && !session.journal().failure();
}

/// The rounds of a daemon, until something is asked.
class rounds {
public:
    rounds(operating_session& session, const daemon_sources& from, signals& asked, const io::logger& log)
        : session_{session}, from_{from}, asked_{asked}, log_{log}, turn_{from.turn}
    {
    }

    [[nodiscard]] auto work() -> daemon_end
    {
        if (!asked_.is_ending()) {
            session_.recover_in_flight(wait());
        }
        auto begins = false;
        for (; may_go_on(session_, asked_); rest(begins ? drop_box_interval : hub::first_answer::look_every)) {
            if (asked_.take_reload() && from_.takes_configuration()) {
                let_go();
                return daemon_end::reload;
            }
            from_.look_at_clocks();
            from_.is_alive();
            begins = from_.may_begin();
            if (begins && take_in_dropped(session_, wait(), log_)) {
                from_.answered();
            }
            if (may_go_on(session_, asked_)) {
                from_.serve();
            }
            if (begins) {
                pass_where_due();
            }
        }
        return asked_.is_ending() ? daemon_end::asked : daemon_end::journal_failed;
    }

private:
    /// No guest's work waits for another's: what takes longer goes on in its lane.
    [[nodiscard]] auto wait() -> lane_wait
    {
        return {.at_most = drop_box_interval,
                .begins = [this] { turn_.unlock(); },
                .is_over = [this] { turn_.lock(); },
                .ended_later = from_.ended_later};
    }

    void rest(std::chrono::milliseconds pause)
    {
        turn_.unlock();
        asked_.wait_for(pause);
        turn_.lock();
    }

    void pass_where_due()
    {
        const auto is_triggered = from_.take_trigger();
        if (!may_go_on(session_, asked_) || (!is_triggered && steady_clock::now() < due_)) {
            return;
        }
        from_.next(std::nullopt);
        pass(session_, from_, wait(), log_);
        if (may_go_on(session_, asked_)) {
            session_.compact();
        }
        from_.next(from_.interval);
        due_ = steady_clock::now() + from_.interval;
    }

    /// Nothing is cut off between its beginning and its task, where there is time: it would have to be looked for.
    void let_go()
    {
        static constexpr auto at_most = std::chrono::seconds{30};
        static constexpr auto between_looks = std::chrono::milliseconds{50};
        const auto until = steady_clock::now() + at_most;
        const auto is_unsettled = [](const operate::operation_state& one) { return !one.task; };
        while (may_go_on(session_, asked_) && steady_clock::now() < until
               && std::ranges::any_of(session_.journal().read().in_flight(), is_unsettled)) {
            asked_.wait_for(between_looks);
        }
        session_.stop();
    }

    operating_session& session_;
    const daemon_sources& from_;
    signals& asked_;
    const io::logger& log_;
    std::unique_lock<std::mutex> turn_;
    steady_clock::time_point due_ = steady_clock::now();
};

} // namespace

auto work(operating_session& session, const daemon_sources& from, signals& asked, const io::logger& log) -> daemon_end
{
    asked.when_ending([&session] { session.stop(); });
    const auto end = rounds{session, from, asked, log}.work();
    asked.when_ending({});
    return end;
}

} // namespace felhom::agent
