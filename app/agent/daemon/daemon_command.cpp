// SPDX-License-Identifier: Apache-2.0
#include "agent/daemon/daemon_command.hpp"

#include "agent/commands/execute_command.hpp"
#include "agent/daemon/command_queue.hpp"
#include "agent/daemon/daemon.hpp"
#include "agent/daemon/daemon_setup.hpp"
#include "agent/engine/trim_memory.hpp"
#include "agent/hub/hub_setup.hpp"
#include "agent/setup/command_socket.hpp"
#include "agent/setup/operating_session.hpp"
#include "agent/setup/startup.hpp"
#include "agent/setup/version.hpp"
#include "io/systemd/notify.hpp"

#include <felhom/config/load_signers.hpp>
#include <felhom/config/settings.hpp>
#include <felhom/hub/first_answer.hpp>
#include <felhom/hub/report/pass_status.hpp>
#include <felhom/local_api/agent_status_text.hpp>
#include <felhom/local_api/obstacle.hpp>
#include <felhom/present/results_text.hpp>

#include <malloc.h>
#include <tl/expected.hpp>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <sstream>
#include <thread>
#include <tuple>
#include <utility>
#include <variant>

namespace felhom::agent {

namespace {

/// How long the end may take once it is asked for.
constexpr auto longest_goodbye = std::chrono::milliseconds{4000};

/// What is wrong with the configuration as it is now, and with the files that it names.
[[nodiscard]] auto check_configuration(const command_line& line) -> startup_errors
{
    const auto from = load_config(line.config);
    if (!from) {
        return from.error();
    }
    const auto parts = config::configured_parts(*from);
    auto wrong = lines_of(config::check_with_signers(*from, parts));
    wrong.add(check_files(*from, parts));
    return wrong;
}

/// The configuration as it is now, if all of it works.
[[nodiscard]] auto read_configuration(const command_line& line) -> tl::expected<config::layered, startup_errors>
{
    if (auto wrong = check_configuration(line); !wrong.lines().empty()) {
        return tl::unexpected(std::move(wrong));
    }
    return load_config(line.config);
}

void refuse_configuration(const startup_errors& wrong, status_board& board, const io::logger& log)
{
    board.configuration_refused(wrong.lines().empty() ? std::string{} : wrong.lines().front());
    for (const auto& error : wrong.lines()) {
        log.error("the new configuration is not taken", {{"reason", error}});
    }
}

[[nodiscard]] auto names_in(const reconcile::actual_state& seen) -> std::map<vmid, std::string>
{
    auto names = std::map<vmid, std::string>{};
    for (const auto& guest : seen.guests) {
        names.emplace(guest.id, guest.name);
    }
    return names;
}

/// How this host stands after a pass, for the hub.
[[nodiscard]] auto status_after(const loaded_pass& from, const operate::pass_report& report, instant now)
    -> hub::pass_status
{
    return {.at = now,
            .desired = {.source = from.desired_source,
                        .generation = from.input.generation,
                        .refused = hub::reported(from.refused)},
            .drift = hub::drift_after(from.input.desired->guests, report.planned.plan, report.split, report.results,
                                      report.planned.who, from.refused),
            .names = names_in(report.planned.actual)};
}

[[nodiscard]] auto mode_of(const daemon_setup& setup) -> local_api::working_mode
{
    return local_api::mode_of(setup.session != nullptr,
                              config::read_reconcile(setup.from)->mode == config::reconcile_mode::enforce);
}

/// How the daemon is doing now; for any thread.
[[nodiscard]] auto status_of(const daemon_setup& setup, instant started) -> local_api::agent_status
{
    const auto now = setup.node.in.now();
    auto status = local_api::agent_status{.agent_version = std::string{agent_version},
                                          .node = setup.node.node,
                                          .process = static_cast<std::uint64_t>(::getpid()),
                                          .now = now,
                                          .started = started,
                                          .mode = mode_of(setup),
                                          .interval = config::read_reconcile(setup.from)->interval,
                                          .journal_failure = setup.board->journal_failure(),
                                          .passes = setup.board->passes(now, setup.node.in.steady()),
                                          .without_pass = setup.board->without_pass(setup.node.in.steady()),
                                          .clock_set = setup.board->clock_set(),
                                          .reload_refused = setup.board->refused_configuration()};
    if (config::includes(config::configured_parts(setup.from), config::part::hub)) {
        status.hub = setup.board->hub();
    }
    if (setup.session != nullptr) {
        const auto around = setup.session->view().look_around();
        status.paused = around.paused;
        status.blocked = around.blocked;
        status.veto = around.vetoed ? around.vetoed : around.veto_unread;
        status.veto_file = around.vetoed || around.veto_unread ? setup.settings.veto_file : std::string{};
        setup.session->journal().look([&](const operate::ledger& known) {
            status.operations = local_api::operations_of(known, hub::unknown_operations_of(known));
        });
    }
    return status;
}

/// Tells the service manager in one line how the daemon is doing.
void tell_status(const daemon_setup& setup, instant started)
{
    io::notify_status(local_api::to_line(status_of(setup, started)));
}

/// Tells of a step of the wall clock: signed operations, records and backups are dated by it.
void look_at_clocks(const daemon_setup& setup)
{
    static constexpr auto of_nobody = std::chrono::milliseconds{std::chrono::seconds{30}};
    const auto& in = setup.node.in;
    const auto tolerated = setup.session == nullptr ? of_nobody : setup.session->rules().gate.times.tolerated();
    if (const auto step = setup.board->clocks_show(in.now(), in.steady(), tolerated)) {
        setup.log.warning("the wall clock was set, or this machine slept",
                          {{"from", to_rfc3339(step->from)},
                           {"to", to_rfc3339(step->to)},
                           {"by_ms", std::to_string(step->by().count())}});
    }
}

/// Carries out what was handed over, with the words that it would have said on a terminal.
[[nodiscard]] auto execute(const daemon_setup& setup, const local_api::handed_request& request, const std::string& by,
                           lane_wait wait) -> local_api::handed_reply
{
    if (setup.session == nullptr) {
        const auto passes = setup.otherwise == local_api::without_journal::tries_again;
        const auto code = local_api::exit_code_of(passes ? local_api::obstacle::passes : local_api::obstacle::to_mend);
        return {.status = static_cast<int>(code),
                .out = {},
                .err = "error: the running agent has no journal and changes nothing: "
                       + setup.board->journal_failure().value_or("`doctor` says more") + "\n"};
    }
    auto out = std::ostringstream{};
    auto err = std::ostringstream{};
    const auto to = console{.out = out,
                            .err = err,
                            .json = request.json,
                            .format = {.style = request.colour ? present::terminal_colour : present::no_colour}};
    const auto code = execute_command(
        request.command, {.from = setup.from, .node = setup.node, .session = *setup.session, .wait = std::move(wait)},
        by, to);
    return {.status = static_cast<int>(code), .out = std::move(out).str(), .err = std::move(err).str()};
}

/// What the other threads of a daemon tell the one that works.
struct daemon_flags {
    signals& asked;
    std::atomic<bool> pass_now = false;
    std::mutex turn = {};           ///< is held by whoever works
    std::atomic<bool> over = false; ///< nothing more is begun
};

/// Carries out commands, each in a thread of its own. It has its turn only when nobody else works, and lets others have
/// theirs while it waits for a lane.
[[nodiscard]] auto execution(const daemon_setup& setup, daemon_flags& between, const std::function<bool()>& may_begin)
    -> command_queue::execution
{
    return [&](const local_api::handed_request& request, const std::string& by) {
        auto turn = std::unique_lock{between.turn};
        const auto is_over = [&] { return between.over || between.asked.is_ending(); };
        const auto waits_for_hub = std::holds_alternative<local_api::pass_once>(request.command);
        while (waits_for_hub && !is_over() && !may_begin()) { // the others are a person's
            turn.unlock();
            std::this_thread::sleep_for(hub::first_answer::look_every);
            turn.lock();
        }
        if (is_over()) {
            return try_again();
        }
        setup.log.notice("a command was handed over", {{"by", by}});
        return execute(setup, request, by, {.begins = [&turn] { turn.unlock(); }, .is_over = [&turn] { turn.lock(); }});
    };
}

/// The hub's first answer in this run, where there is a hub.
[[nodiscard]] auto first_answer_for(const daemon_setup& setup) -> hub::first_answer
{
    const auto hub = config::read_hub(setup.from);
    return {setup.node.in.steady(), hub ? hub->first_answer : std::chrono::seconds{0}};
}

/// Asked again and again: whether changes may begin. What is waited for is told once, and what it came to.
[[nodiscard]] auto changes_may_begin(const daemon_setup& setup)
{
    return [&setup, awaited = first_answer_for(setup), told = false]() mutable {
        const auto heard = setup.board->has_heard_hub();
        const auto waits = awaited.is_awaited(heard, setup.node.in.steady());
        if (waits && !std::exchange(told, true)) {
            setup.log.notice("no change is begun before the hub has answered");
        }
        if (!waits && std::exchange(told, false) && !heard) {
            setup.log.warning("the hub did not answer in time: what it said last is in force");
        }
        return !waits;
    };
}

/// Reads the configuration anew. One that is wrong is not taken, and the old one goes on: nothing is let go for it.
[[nodiscard]] auto takes_configuration(daemon_frame& in, const io::logger& log) -> bool
{
    auto fresh = in.read_configuration();
    if (!fresh) {
        refuse_configuration(fresh.error(), *in.board, log);
        return false;
    }
    in.fresh = *std::move(fresh);
    return true;
}

/// Serves what is asked until the journal can be opened, where that is tried.
[[nodiscard]] auto wait_for_journal(daemon_setup& setup, daemon_frame& in, const std::function<void()>& serve)
    -> daemon_end
{
    auto& asked = in.asked;
    const auto pause = local_api::pause_before_try(in.failed_soon);
    static constexpr auto till_asked = std::chrono::minutes{1};
    while (!asked.is_ending()) {
        const auto tries = setup.otherwise == local_api::without_journal::tries_again;
        asked.wait_for(tries ? pause : till_asked);
        look_at_clocks(setup);
        io::notify_watchdog();
        serve();
        if (asked.take_reload() && takes_configuration(in, setup.log)) {
            return daemon_end::reload;
        }
        if (!tries || asked.is_ending()) {
            continue;
        }
        if (const auto tried = open_session(setup, local_api::moment::at_work); !tried) {
            static_cast<void>(fail(tried.error()));
            return daemon_end::given_up;
        }
        if (setup.opened != nullptr) {
            setup.log.notice("the journal is open");
            return daemon_end::journal_opened;
        }
    }
    return daemon_end::asked;
}

/// Passes, or the mere waiting for what is asked.
[[nodiscard]] auto work_with(daemon_setup& setup, daemon_flags& between, daemon_frame& in, hub_link* link,
                             command_queue& queue) -> daemon_end
{
    auto& asked = between.asked;
    const auto may_begin = std::function<bool()>{changes_may_begin(setup)};
    const auto& log = setup.log;
    if (setup.session == nullptr) {
        log.notice("reporting", {{"node", setup.node.node.text()}});
        const auto refuse = [&](const local_api::handed_request& request, const std::string& by) {
            return execute(setup, request, by, {});
        };
        return wait_for_journal(setup, in, [&] {
            while (!asked.is_ending() && queue.serve_next(refuse)) {
            }
        });
    }
    const auto take = execution(setup, between, may_begin);
    const auto serve = [&] {
        while (!asked.is_ending() && queue.begin_next(take)) {
        }
    };
    const auto interval = config::read_reconcile(setup.from)->interval;
    // The first report is made before there was a pass, and cannot tell how the host stands.
    auto after_first_pass = [link, is_first = true]() mutable {
        if (std::exchange(is_first, false) && link != nullptr) {
            link->trigger();
        }
    };
    const auto sources = daemon_sources{
        .input =
            [&] {
                auto restarts = hub::restart_counts{};
                setup.session->journal().look(
                    [&](const operate::ledger& known) { restarts = hub::restarts_of(known, setup.node.in.now()); });
                return load_pass(setup.from, setup.node, /*accept_inventory=*/false, restarts);
            },
        .remember =
            [&](const reconcile::inventory& seen) {
                if (const auto written = keep_inventory(setup.from, seen); !written) {
                    log.error("the inventory could not be kept", {{"reason", written.error().lines().front()}});
                }
            },
        .passed =
            [&](const loaded_pass& input, const operate::pass_report& report) {
                setup.board->passed(status_after(input, report, setup.node.in.now()), setup.node.in.steady());
                after_first_pass();
            },
        .not_passed =
            [&](const std::string& why) {
                setup.board->not_passed(why);
                after_first_pass();
            },
        .next =
            [&](std::optional<std::chrono::milliseconds> pause) {
                const auto now = setup.node.in.steady();
                setup.board->passes_next(pause ? std::optional{now + *pause} : std::nullopt);
                if (pause) {
                    tell_status(setup, in.started);
                    trim_memory();
                }
            },
        .answered =
            [&] {
                if (link != nullptr) {
                    link->trigger();
                }
            },
        .serve = serve,
        .may_begin = [&] { return may_begin(); },
        .take_trigger = [&] { return between.pass_now.exchange(false); },
        .look_at_clocks = [&] { look_at_clocks(setup); },
        .is_alive = io::notify_watchdog,
        .ended_later =
            [&between](const operate::lane_end& end) {
                between.pass_now = between.pass_now || operate::tells_something(end);
                between.asked.wake();
            },
        .takes_configuration = [&] { return takes_configuration(in, log); },
        .turn = between.turn,
        .interval = interval};
    log.notice("running", {{"node", setup.node.node.text()}, {"interval_s", interval.count()}});
    const auto end = work(*setup.session, sources, asked, log);
    between.over = true;
    queue.finish_begun();
    return end;
}

/// Takes the reports that wait for the hub, and leaves those that still do.
[[nodiscard]] auto run_as_set_up(daemon_setup& setup, daemon_frame& in) -> daemon_end
{
    auto& asked = in.asked;
    auto between = daemon_flags{.asked = asked};
    if (setup.hub) {
        setup.hub->signed_ops_came = [&asked] { asked.wake(); };
        setup.hub->heard = [&asked] { asked.wake(); };
        setup.hub->desired_came = [&between] {
            between.pass_now = true;
            between.asked.wake();
        };
    }
    const auto link = setup.hub ? std::make_unique<hub_link>(*std::move(setup.hub), std::move(in.kept)) : nullptr;
    const auto reports = [talk = link.get()](bool to_send, report_asker asker) {
        if (talk != nullptr) {
            talk->ask(to_send, std::move(asker));
        } else {
            asker({.failure = "the running agent has no hub in its configuration"});
        }
    };
    auto queue = std::optional<command_queue>{std::in_place, [&] { return status_of(setup, in.started); }, reports,
                                              [&asked] { asked.wake(); }, setup.log};
    queue->open(command_socket_in(config::read_state(setup.from)->directory), config::read_metrics(setup.from));
    io::notify_ready();
    tell_status(setup, in.started);
    const auto end = work_with(setup, between, in, link.get(), *queue);
    if (end == daemon_end::asked) {
        io::notify_stopping();
    }
    queue.reset(); // before the link, whose call to the hub may take a while to end
    if (link != nullptr) {
        std::tie(setup.hub, in.kept) = link->leave();
    }
    return end;
}

[[nodiscard]] auto begin(const command_line& line, const daemon_frame& in) -> tl::expected<daemon_setup, startup_errors>
{
    auto from = load_config(line.config);
    return from ? set_up_daemon(*std::move(from), in, local_api::moment::start)
                : tl::unexpected(std::move(from).error());
}

/// Where the new configuration is not taken, the old one is in force again, and is told why.
[[nodiscard]] auto begin_anew(daemon_setup old, config::layered from, const daemon_frame& in)
    -> tl::expected<daemon_setup, startup_errors>
{
    const auto log = old.log;
    log.notice("reading the configuration anew");
    const auto could_change = old.session != nullptr;
    const auto before = std::move(old.from);
    old.session.reset(); // the journal is free for the next one
    auto fresh = set_up_daemon(std::move(from), in, local_api::moment::at_work);
    if (local_api::is_taken(fresh.has_value(), could_change, fresh && fresh->session != nullptr)) {
        in.board->configuration_taken();
        return fresh;
    }
    refuse_configuration(fresh ? startup_errors{"with it nothing could be changed, only reported"} : fresh.error(),
                         *in.board, log);
    return set_up_daemon(before, in, local_api::moment::at_work);
}

/// After its journal failed: what is under way is let go, as at a stop, and the session that follows takes it up out of
/// the file. Nothing of the old one is left that could write into the new journal.
[[nodiscard]] auto without_session(daemon_setup old, const daemon_frame& in)
    -> tl::expected<daemon_setup, startup_errors>
{
    old.session.reset();
    return set_up_daemon(std::move(old.from), in, local_api::moment::at_work, opening::later);
}

[[nodiscard]] auto run_daemon(const command_line& line, daemon_frame& in) -> exit_code
{
    using clock = std::chrono::steady_clock;
    auto setup = begin(line, in);
    while (setup) {
        const auto begun = clock::now();
        switch (run_as_set_up(*setup, in)) {
        case daemon_end::asked:
            setup->log.notice("ended, as asked");
            return exit_code::success;
        case daemon_end::given_up:
            return exit_code::configuration;
        case daemon_end::reload:
            if (auto fresh = std::exchange(in.fresh, std::nullopt)) {
                io::notify_reloading();
                setup = begin_anew(*std::move(setup), *std::move(fresh), in);
            }
            break;
        case daemon_end::journal_failed: {
            const auto held = std::chrono::floor<std::chrono::milliseconds>(clock::now() - begun);
            in.failed_soon = local_api::failed_soon(held) ? in.failed_soon + 1 : 0;
            setup = without_session(*std::move(setup), in);
            break;
        }
        case daemon_end::journal_opened:
            setup = begin_session(*std::move(setup));
            break;
        }
    }
    return fail(setup.error());
}

} // namespace

auto run_daemon(const command_line& line) -> exit_code
{
    // Its threads mostly wait: they need no heaps of their own (mallopt(3)).
    static_cast<void>(::mallopt(M_ARENA_MAX, 1));
    // A call that hangs is not waited for. What is under way is in the journal, and the next start takes it up.
    auto asked = signals{longest_goodbye, [level = line.level] {
                             io::logger{level.value_or(log_level::info)}.warning(
                                 "ended in the middle of a call; the next start takes up what was under way");
                             std::_Exit(static_cast<int>(exit_code::success));
                         }};
    auto frame =
        daemon_frame{.asked = asked,
                     .level = line.level,
                     .read_configuration = [&line] { return read_configuration(line); },
                     .started = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()),
                     .kept = hub::report_buffer{random_run()}};
    return run_daemon(line, frame);
}

} // namespace felhom::agent
