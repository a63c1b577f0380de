// SPDX-License-Identifier: Apache-2.0
#include "agent/commands/hub_commands.hpp"

#include "agent/setup/command_socket.hpp"
#include "io/serve/local_client.hpp"

#include <felhom/core/printable.hpp>
#include <felhom/hub/hub_answer.hpp>
#include <felhom/hub/report/host_report_json.hpp>
#include <felhom/local_api/pages.hpp>
#include <felhom/local_api/report_answer.hpp>

namespace felhom::agent {

namespace {

/// Prints what came of a report.
[[nodiscard]] auto show(const local_api::report_answer& answer, const report_use& use, const console& to) -> exit_code
{
    if (use.show && answer.report) {
        to.out << *answer.report << "\n";
    }
    if (answer.failure) {
        return fail(*answer.failure, to);
    }
    if (answer.envelope) {
        to.out << *answer.envelope;
    }
    return exit_code::success;
}

} // namespace

auto ask_for_report(const std::string& state_directory, const report_use& use, const console& to)
    -> std::optional<exit_code>
{
    const auto answer = io::ask_socket(command_socket_in(state_directory), std::string{local_api::report_target},
                                       use.send ? std::optional{std::string{}} : std::nullopt);
    if (!answer) {
        return answer.error().nobody_there
                   ? std::nullopt
                   : std::optional{fail("the running agent did not answer: " + answer.error().reason, to)};
    }
    if (answer->status != 200) {
        return fail("the running agent makes no reports for others: " + printable(answer->body, 1000), to);
    }
    const auto came = local_api::parse_report_answer(answer->body);
    return came ? show(*came, use, to)
                : fail("the running agent answered in a way that this version does not understand: "
                           + describe(came.error()),
                       to);
}

auto try_report(const hub_duties& duties, const hub::run_id& run, const report_use& use, const console& to) -> exit_code
{
    const auto report = duties.collect();
    if (!report) {
        return fail(describe(report.error()), to);
    }
    const auto text =
        hub::to_json(hub::without_agent(*report), {.run = run, .sequence = 1, .sent_at = duties.now(), .trial = true});
    auto came = local_api::report_answer{.report = text};
    if (use.send) {
        const auto envelope = hub::read_envelope(duties.exchange(hub::hub_api::host_report(text)), {});
        if (envelope) {
            came.envelope = hub::print_kept_envelope({.envelope = *envelope, .received_at = duties.now()});
        } else {
            came.failure = describe(envelope.error());
        }
    }
    return show(came, use, to);
}

auto run_desired_reset(operating_session& session, const hub_files& files, const std::string& by, const console& to)
    -> exit_code
{
    const auto in = session.view();
    // First the journal: what is undone without a trace never happened.
    const auto noted = in.append(operate::remark{.at = in.in.now(), .what = "desired reset-generation", .by = by});
    if (!noted) {
        return fail(noted.error().reason, to);
    }
    if (const auto forgotten = files.forget_floor(); !forgotten) {
        return fail(forgotten.error(), to);
    }
    to.err << "the next desired state of the hub is taken, whatever its generation\n";
    return exit_code::success;
}

} // namespace felhom::agent
