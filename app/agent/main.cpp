// SPDX-License-Identifier: Apache-2.0
#include "agent/commands/agree_to_plan.hpp"
#include "agent/commands/config_commands.hpp"
#include "agent/commands/execute_command.hpp"
#include "agent/commands/hub_commands.hpp"
#include "agent/commands/import_command.hpp"
#include "agent/commands/operation_commands.hpp"
#include "agent/commands/progress_watch.hpp"
#include "agent/commands/reconcile_commands.hpp"
#include "agent/commands/selftest.hpp"
#include "agent/daemon/daemon_command.hpp"
#include "agent/doctor.hpp"
#include "agent/hand_over.hpp"
#include "agent/hub/ask_hub.hpp"
#include "agent/hub/hub_setup.hpp"
#include "agent/setup/agent_user.hpp"
#include "agent/setup/command_line.hpp"
#include "agent/setup/command_socket.hpp"
#include "agent/setup/operating_session.hpp"
#include "agent/setup/session.hpp"
#include "agent/setup/startup.hpp"
#include "agent/setup/user_name.hpp"
#include "agent/setup/version.hpp"
#include "agent/verify/verify_files.hpp"
#include "io/files/whole_file.hpp"
#include "io/journal/journal.hpp"

#include <felhom/authz/operation/bundle.hpp>
#include <felhom/config/settings.hpp>
#include <felhom/core/exit_code.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/hub/report/pass_status.hpp>

#include <signal.h> // NOLINT(modernize-deprecated-headers): POSIX's signals
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>
#include <utility>
#include <vector>

namespace felhom::agent {

namespace {

/// As the agent's user, where root's configuration was made for one.
[[nodiscard]] auto as_agent_user(const command_line& line, const auto& use) -> exit_code
{
    const auto became = become_agent_user(find_config(line.config).path);
    return became ? use() : fail(became.error());
}

[[nodiscard]] auto with_config(const command_line& line, const auto& use) -> exit_code
{
    return as_agent_user(line, [&] {
        const auto from = load_config(line.config);
        return from ? use(*from) : fail(from.error());
    });
}

[[nodiscard]] auto with_node(const command_line& line, const auto& use, log_level most = log_level::debug) -> exit_code
{
    return with_config(line, [&](const config::layered& from) {
        const auto session = open_node(from, logger_for(line.level, from, most));
        return session ? use(from, *session) : fail(session.error());
    });
}

/// What a pass of the daemon's would count against the hub's restarts a day. A journal that cannot be read tells of
/// none, and no pass begins anything without it.
[[nodiscard]] auto recorded_restarts(const config::layered& from, const node_session& session) -> hub::restart_counts
{
    const auto journal = config::read_journal(from);
    const auto known = journal ? io::read_ledger(io::system_disk(), journal->path) : io::log_result<operate::ledger>{};
    return known ? hub::restarts_of(*known, session.in.now()) : hub::restart_counts{};
}

[[nodiscard]] auto plan(const command_line& line, const plan_command& asked, const console& to) -> exit_code
{
    return with_node(line, [&](const config::layered& from, const node_session& session) {
        auto input = load_pass(from, session, /*accept_inventory=*/false, recorded_restarts(from, session));
        const auto rules = config::read_reconcile(from);
        if (!input || !rules) {
            return fail(input ? lines_of(rules.error()) : input.error());
        }
        return run_plan(session.in, *std::move(input),
                        {.guests = asked.guests,
                         .only_summary = asked.only_summary,
                         .full = asked.full,
                         .guard = guard_policy_of(*rules)},
                        to);
    });
}

/// Carries a command out and tells meanwhile what is under way; what comes of it is printed behind that.
[[nodiscard]] auto execute_watched(const local_api::handed_command& wanted, const command_context& in,
                                   const std::string& by, watch_rules told, const console& to) -> exit_code
{
    auto out = std::ostringstream{};
    auto err = std::ostringstream{};
    told.running = [&in] {
        auto running = std::vector<local_api::operation_under_way>{};
        in.session.journal().look(
            [&](const operate::ledger& known) { running = local_api::operations_of(known, {}).under_way; });
        return running;
    };
    const auto code = [&] {
        const auto watch = progress_watch{std::move(told), to.err};
        return execute_command(wanted, in, by, {.out = out, .err = err, .json = to.json, .format = to.format});
    }();
    to.out << std::move(out).str();
    to.err << std::move(err).str();
    return code;
}

/// For what changes something: the journal is held, and what was in flight has been taken up. Where a daemon holds it,
/// the daemon carries the command out.
[[nodiscard]] auto change_with(const command_line& line, const config::layered& from, const node_session& node,
                               const local_api::handed_command& wanted, const std::string& by, const console& to,
                               log_level most = log_level::debug) -> exit_code
{
    const auto settings = load_operation_settings(from, node);
    if (!settings) {
        return fail(settings.error());
    }
    const auto told = watch_rules{.on_terminal = stderr_is_terminal(), .silent = line.level.has_value()};
    const auto session = operating_session::open(*settings, node.in, logger_for(line.level, from, most));
    if (!session) {
        const auto is_held = session.error().what() == local_api::obstacle::held;
        const auto done = is_held ? hand_over(settings->state_directory, wanted, told, to) : std::nullopt;
        return done ? *done : fail(session.error());
    }
    (*session)->recover_in_flight({});
    const auto in = command_context{.from = from, .node = node, .session = **session};
    if (std::holds_alternative<local_api::pass_once>(wanted)) {
        ask_hub(from, node, **session, logger_for(line.level, from));
    }
    const auto is_applied = std::holds_alternative<local_api::apply_once>(wanted);
    const auto code = is_applied ? execute_watched(wanted, in, by, told, to) : execute_command(wanted, in, by, to);
    (*session)->compact();
    return code;
}

[[nodiscard]] auto change(const command_line& line, const local_api::handed_command& wanted, const console& to)
    -> exit_code
{
    return with_node(line, [&, by = user_name()](const config::layered& from, const node_session& node) {
        return change_with(line, from, node, wanted, by, to);
    });
}

/// The plan is shown and agreed to before anything is held, since a person takes his time.
[[nodiscard]] auto apply(const command_line& line, const apply_command& asked, const console& to) -> exit_code
{
    static constexpr auto most_logged = log_level::warning; // progress is told instead
    const auto use = [&, by = user_name()](const config::layered& from, const node_session& node) {
        const auto input = load_pass(from, node, asked.accept_inventory);
        const auto rules = config::read_reconcile(from);
        if (!input || !rules) {
            return fail(input ? lines_of(rules.error()) : input.error());
        }
        auto guard = guard_policy_of(*rules);
        guard.accepts_mass_change = asked.accept_mass_change;
        auto agreed =
            agree_to_plan(node.in, *input, guard,
                          {.answers = std::cin, .said_yes = asked.yes, .can_ask = is_at_terminal() && !to.json}, to);
        if (!agreed) {
            return agreed.error();
        }
        return change_with(line, from, node,
                           local_api::apply_once{.accept_inventory = asked.accept_inventory,
                                                 .accept_mass_change = asked.accept_mass_change,
                                                 .agreed = *std::move(agreed)},
                           by, to, most_logged);
    };
    return with_node(line, use, most_logged);
}

[[nodiscard]] auto submit(const command_line& line, const submit_command& asked, const console& to) -> exit_code
{
    auto text = io::read_file(asked.bundle, authz::longest_bundle);
    return text ? change(line, local_api::submit_bundle{.name = asked.bundle, .text = *std::move(text)}, to)
                : fail(lines_of(text.error()));
}

[[nodiscard]] auto with_state_directory(const command_line& line, const auto& use) -> exit_code
{
    return with_config(line, [&](const config::layered& from) {
        const auto state = config::read_state(from);
        return state ? use(state->directory) : fail(lines_of(state.error()));
    });
}

/// The state directory that the environment names, or the one of no configuration at all.
[[nodiscard]] auto likely_state_directory() -> std::string
{
    const auto state_in = [](const config::variables& environment) -> std::optional<std::string> {
        const auto from = config::layered::read(std::nullopt, environment);
        const auto state = from ? config::read_state(*from) : tl::unexpected{config::config_errors{}};
        return state ? std::optional{state->directory} : std::nullopt;
    };
    auto environment = environment_variables();
    std::erase_if(environment, [](const auto& one) { return one.first != "FELHOM_AGENT_STATE_DIR"; });
    return state_in(environment).value_or(state_in({}).value_or(std::string{}));
}

/// Where the state is, also while the configuration is wrong: that is when somebody asks how the agent is doing.
[[nodiscard]] auto state_directory_of(const command_line& line, const console& to) -> std::string
{
    const auto from = load_config(line.config);
    auto wrong = from ? startup_errors{} : from.error();
    if (from) {
        const auto state = config::read_state(*from);
        if (state) {
            return state->directory;
        }
        wrong = lines_of(state.error());
    }
    for (const auto& what : wrong.lines()) {
        to.err << "warning: " << what << "\n";
    }
    auto directory = likely_state_directory();
    to.err << "note: the configuration is wrong, so the agent is asked at " << command_socket_in(directory) << "\n";
    return directory;
}

[[nodiscard]] auto with_journal_file(const command_line& line, const auto& use) -> exit_code
{
    return with_config(line, [&](const config::layered& from) {
        const auto settings = config::read_journal(from);
        return settings ? use(settings->path) : fail(lines_of(settings.error()));
    });
}

/// A report of the running agent's; without one, a trial of what of it can be had.
[[nodiscard]] auto report(const command_line& line, const report_command& asked, const console& to) -> exit_code
{
    const auto use = report_use{.send = asked.send, .show = asked.show};
    return with_node(line, [&](const config::layered& from, const node_session& node) {
        if (const auto state = config::read_state(from)) {
            if (const auto done = ask_for_report(state->directory, use, to)) {
                return *done;
            }
        }
        auto hub = open_hub(from, node, /*journal=*/nullptr, /*box=*/std::nullopt,
                            std::make_shared<status_board>(steady_clock_now()), logger_for(line.level, from));
        return hub ? try_report(*hub, random_run(), use, to) : fail(hub.error());
    });
}

[[nodiscard]] auto parts_of(const config_check_command& asked, const config::layered& from) -> config::part
{
    using config::part;
    if (asked.part == "all") {
        return part::all;
    }
    if (asked.part == "configured") {
        return config::configured_parts(from);
    }
    return asked.part == "selftest" ? part::proxmox | part::state | part::log
                                    : part::proxmox | part::desired | part::reconcile | part::state | part::log;
}

[[nodiscard]] auto check_config(const command_line& line, const config_check_command& asked, const console& to)
    -> exit_code
{
    const auto from = load_config(line.config);
    if (!from) {
        return run_config_check(from.error(), to);
    }
    const auto parts = parts_of(asked, *from);
    return run_config_check(*from, parts, check_files(*from, parts), to);
}

[[nodiscard]] auto run(const command_line& line, const console& to) -> exit_code
{
    return std::visit(
        overloaded{
            [&](const plan_command& asked) { return plan(line, asked, to); },
            [&](const apply_command& asked) { return apply(line, asked, to); },
            [&](const run_command& asked) {
                return asked.once ? change(line, local_api::pass_once{}, to)
                                  : as_agent_user(line, [&] { return run_daemon(line); });
            },
            [&](const explain_command& asked) {
                return with_node(line, [&](const config::layered& from, const node_session& session) {
                    auto input = load_pass(from, session, /*accept_inventory=*/false, recorded_restarts(from, session));
                    return input ? run_explain(session.in, *std::move(input), asked.guest, to) : fail(input.error());
                });
            },
            [&](const import_command& asked) {
                return with_node(line, [&](const config::layered&, const node_session& session) {
                    return run_import(
                        session,
                        {.guests = asked.guests, .keys = asked.keys, .out = asked.out, .replaces = asked.force}, to);
                });
            },
            [&](const submit_command& asked) { return submit(line, asked, to); },
            [&](const ops_list_command&) {
                return with_journal_file(line, [&](const std::string& path) { return run_ops_list(path, to); });
            },
            [&](const ops_show_command& asked) {
                return with_journal_file(line,
                                         [&](const std::string& path) { return run_ops_show(path, asked.id, to); });
            },
            [&](const ops_ack_command& asked) {
                return change(line, local_api::acknowledge_operation{operate::operation_id{asked.id}}, to);
            },
            [&](const ops_release_command& asked) { return change(line, local_api::release_guest{asked.guest}, to); },
            [&](const journal_list_command& asked) {
                return with_journal_file(
                    line, [&](const std::string& path) { return run_journal_list(path, asked.last, to); });
            },
            [&](const journal_show_command& asked) {
                return with_journal_file(
                    line, [&](const std::string& path) { return run_journal_show(path, asked.seq, to); });
            },
            [&](const journal_verify_command& asked) {
                return with_journal_file(
                    line, [&](const std::string& path) { return run_journal_verify(path, asked.noted, to); });
            },
            [&](const pause_command& asked) {
                return with_state_directory(line, [&](const std::string& directory) {
                    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
                    return run_pause(directory, {.reason = asked.reason, .by = user_name(), .at = now}, to);
                });
            },
            [&](const resume_command&) {
                return with_state_directory(line,
                                            [&](const std::string& directory) { return run_resume(directory, to); });
            },
            [&](const clock_is_right_command&) {
                return with_state_directory(
                    line, [&](const std::string& directory) { return run_clock_is_right(directory, to); });
            },
            [&](const selftest_read_command&) {
                return with_node(line, [&](const config::layered&, const node_session& session) {
                    return run_selftest_read(session.in, session.node, session.token, to);
                });
            },
            [&](const selftest_task_command& asked) {
                return change(line, local_api::selftest_guest{asked.guest}, to);
            },
            [&](const report_command& asked) { return report(line, asked, to); },
            [&](const desired_reset_command&) { return change(line, local_api::reset_generation{}, to); },
            [&](const status_command& asked) {
                return as_agent_user(line, [&] {
                    return run_status(asked.socket ? *asked.socket : command_socket_in(state_directory_of(line, to)),
                                      to);
                });
            },
            [&](const doctor_command&) {
                return as_agent_user(
                    line, [&] { return run_doctor(line.config, line.level.value_or(log_level::warning), to); });
            },
            [&](const config_check_command& asked) {
                return as_agent_user(line, [&] { return check_config(line, asked, to); });
            },
            [&](const config_show_command&) {
                return with_config(line, [&](const config::layered& from) { return run_config_show(from, to); });
            },
            [&](const version_command&) {
                to.out << "felhom-agent " << agent_version << "\n";
                return exit_code::success;
            },
            [&](const verify_command& asked) {
                return exit_code{
                    static_cast<int>(run_verify(asked.options, verify_with_files(), std::cin, std::cout, std::cerr))};
            },
        },
        line.run);
}

} // namespace

} // namespace felhom::agent

auto main(int count, char** arguments) -> int
{
    using namespace felhom::agent; // NOLINT(google-build-using-namespace): the program is this namespace
    // A write beyond a limit on files (setrlimit(2), RLIMIT_FSIZE) is to fail as one to a full disk does.
    static_cast<void>(::signal(SIGXFSZ, SIG_IGN));
    try {
        static_cast<void>(felhom::agent::user_name()); // before it goes on as the agent's
        const auto parsed = parse_command_line(count, arguments);
        if (const auto* const nothing = std::get_if<nothing_to_run>(&parsed)) {
            return nothing->status;
        }
        const auto* const line = std::get_if<command_line>(&parsed);
        const auto to =
            console{.out = std::cout,
                    .err = std::cerr,
                    .json = line->json,
                    .format = {.style = style_of_stdout(line->colour, line->json), .width = width_of_stdout()}};
        const auto code = run(*line, to);
        std::cout.flush();
        return static_cast<int>(std::cout.good() ? code : felhom::exit_code::error);
    } catch (const std::exception& e) {
        std::cerr << "error: " << e.what() << "\n";
        return static_cast<int>(felhom::exit_code::error);
    } catch (...) {
        std::cerr << "internal error (unknown exception); please report it\n";
        return static_cast<int>(felhom::exit_code::error);
    }
}
