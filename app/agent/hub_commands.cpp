#include "agent/hub_commands.hpp"

#include <felhom/hub/host_report_json.hpp>
#include <felhom/hub/hub_answer.hpp>

namespace felhom::agent {

auto run_report(const hub_duties& duties, const hub::run_id& run, const report_use& use, const console& to) -> exit_code
{
    const auto report = duties.collect();
    if (!report) {
        return fail(describe(report.error()), to);
    }
    const auto text = hub::to_json(*report, {.run = run, .sequence = 1, .sent_at = duties.now()});
    if (use.show) {
        to.out << text << "\n";
    }
    if (!use.send) {
        return exit_code::success;
    }
    const auto envelope = hub::read_envelope(duties.exchange(hub::hub_api::host_report(text)), {});
    if (!envelope) {
        return fail(describe(envelope.error()), to);
    }
    to.out << hub::print_kept_envelope({.envelope = *envelope, .received_at = duties.now()});
    return exit_code::success;
}

auto run_desired_reset(operating_session& session, const hub_files& files, const std::string& by, const console& to)
    -> exit_code
{
    const auto in = session.world();
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
