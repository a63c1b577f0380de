#include "agent/daemon.hpp"

#include "agent/first_answer.hpp"
#include "agent/signed_ops.hpp"

#include <felhom/core/printable.hpp>
#include <felhom/reconcile/results_text.hpp>

#include <range/v3/algorithm/count_if.hpp>

namespace felhom::agent {

namespace {

/// How often the drop box is looked into between passes.
constexpr auto drop_box_interval = std::chrono::seconds{5};

/// Answers whether an operation was answered.
[[nodiscard]] auto take_in_dropped(operating_session& session, const io::logger& log) -> bool
{
    const auto report = take_in(session.world(), session.rules(), session.box());
    if (!report) {
        log.error("the drop box could not be read", {{"reason", describe(report.error())}});
        return false;
    }
    for (const auto& trouble : report->troubles) {
        log.warning("a dropped file made trouble", {{"reason", trouble}});
    }
    auto any = false;
    for (const auto& answer : report->answers) {
        if (answer.is_final()) {
            any = true;
            log.notice(
                "a signed operation is answered",
                {{"blob", durable::to_hex(answer.blob)}, {"state", text_of(answer.state)}, {"detail", answer.detail}});
        }
    }
    return any;
}

void log_pass(const pass_report& report, const io::logger& log)
{
    const auto achieved = ranges::count_if(
        report.results, [](const operate::action_result& result) { return reconcile::went_well(result.outcome); });
    const auto failed = static_cast<std::ptrdiff_t>(report.results.size()) - achieved;
    log.info("pass", {{"generation", report.planned.plan.generation()},
                      {"compared", report.planned.plan.compared()},
                      {"done", achieved},
                      {"failed", failed},
                      {"held", report.parted.held.size()},
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

void pass(operating_session& session, const daemon_sources& from, const io::logger& log)
{
    const auto input = from.input();
    if (!input) {
        for (const auto& line : input.error().lines()) {
            log.error("no pass", {{"reason", line}});
        }
        from.not_passed(input.error().lines().front());
        return;
    }
    const auto report = run_pass(session.world(), *input, session.rules());
    if (session.journal().failure()) {
        return; // it broke off
    }
    if (!report) {
        const auto why = describe(report.error(), input->token);
        log.error("no pass", {{"reason", why}});
        from.not_passed(why);
        return;
    }
    from.remember(report->planned.actual.inventory.guests());
    from.passed(*input, *report);
    log_pass(*report, log);
}

using steady_clock = std::chrono::steady_clock;

[[nodiscard]] auto goes_on(operating_session& session, const signals& asked) -> bool
{
    return !asked.is_ending() && !session.journal().failure();
}

/// A pass where one is due or somebody asked for it; when the next one is due.
[[nodiscard]] auto pass_where_due(operating_session& session, const daemon_sources& from, const signals& asked,
                                  const io::logger& log, steady_clock::time_point due) -> steady_clock::time_point
{
    const auto hurries = from.take_hurry();
    if (!goes_on(session, asked) || (!hurries && steady_clock::now() < due)) {
        return due;
    }
    from.next(std::nullopt);
    pass(session, from, log);
    if (goes_on(session, asked)) {
        session.tidy();
    }
    from.next(from.interval);
    return steady_clock::now() + from.interval;
}

[[nodiscard]] auto work_until_asked(operating_session& session, const daemon_sources& from, signals& asked,
                                    const io::logger& log) -> daemon_end
{
    if (!asked.is_ending()) {
        session.take_up();
    }
    auto begins = false;
    for (auto next_pass = steady_clock::now(); goes_on(session, asked);
         asked.wait_for(begins ? drop_box_interval : first_answer::look_every)) {
        if (asked.take_reload()) {
            return daemon_end::reload;
        }
        from.look_at_clocks();
        begins = from.may_begin();
        if (begins && take_in_dropped(session, log)) {
            from.answered();
        }
        if (goes_on(session, asked)) {
            from.serve();
        }
        if (begins) {
            next_pass = pass_where_due(session, from, asked, log, next_pass);
        }
    }
    return asked.is_ending() ? daemon_end::asked : daemon_end::journal_failed;
}

} // namespace

auto work(operating_session& session, const daemon_sources& from, signals& asked, const io::logger& log) -> daemon_end
{
    asked.when_ending([&session] { session.stop(); });
    const auto end = work_until_asked(session, from, asked, log);
    asked.when_ending({});
    return end;
}

} // namespace felhom::agent
