// SPDX-License-Identifier: Apache-2.0
#include "agent/commands/selftest.hpp"

#include <felhom/core/contains.hpp>
#include <felhom/core/json/writer.hpp>
#include <felhom/core/printable.hpp>
#include <felhom/operate/procedures/remove_leftover.hpp>
#include <felhom/operate/procedures/selftest_leftovers.hpp>
#include <felhom/proxmox/api/caller.hpp>
#include <felhom/proxmox/api/read.hpp>
#include <felhom/proxmox/api/reply.hpp>
#include <felhom/proxmox/decode/configuration.hpp>
#include <felhom/proxmox/model/cluster_options.hpp>
#include <felhom/proxmox/model/created_snapshot.hpp>
#include <felhom/proxmox/model/node_status.hpp>
#include <felhom/proxmox/model/pending.hpp>
#include <felhom/proxmox/model/permissions.hpp>
#include <felhom/proxmox/model/selftest_snapshot.hpp>
#include <felhom/proxmox/model/snapshot_list.hpp>
#include <felhom/proxmox/model/storage.hpp>
#include <felhom/proxmox/model/version.hpp>
#include <felhom/proxmox/tasks/task_status.hpp>
#include <felhom/reconcile/actual/observation.hpp>
#include <felhom/reconcile/exit_codes.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom::agent {

namespace {

/// Collects what was tried, one line a step, and the gravest of what came of it.
class protocol {
public:
    protocol(std::string_view mode, const proxmox::token_id& token, const console& to)
        : mode_{mode}, who_{.token = token}, to_{to}
    {
    }

    void passed(std::string_view step, std::string_view note = {}) { note_step(step, true, std::string{note}); }

    void failed(std::string_view step, const proxmox::call_error& error)
    {
        note_step(step, false, proxmox::describe(error, who_));
        codes_.push_back(reconcile::exit_code_of(error));
    }

    void failed(std::string_view step, const reconcile::failure_cause& trouble)
    {
        note_step(step, false, reconcile::describe(trouble, who_));
        codes_.push_back(reconcile::exit_code_of(trouble));
    }

    void failed(std::string_view step, const reconcile::action_outcome& outcome)
    {
        note_step(step, false, reconcile::describe(outcome, who_));
        codes_.push_back(reconcile::exit_code_of(outcome));
    }

    void refused(std::string_view step, std::string why)
    {
        note_step(step, false, std::move(why));
        codes_.push_back(exit_code::refused);
    }

    /// What the token may do, from here on known.
    void learn(const proxmox::permissions& granted) { who_.granted = granted; }

    [[nodiscard]] auto all_passed() const -> bool { return codes_.empty(); }

    /// The protocol is shown when it is complete, so that --json is one document.
    [[nodiscard]] auto end() -> exit_code
    {
        if (to_.json) {
            to_.out << json_text(boost::json::object{
                {"schema", "felhom-selftest/1"}, {"mode", mode_}, {"ok", all_passed()}, {"steps", std::move(steps_)}});
        }
        return reconcile::gravest(codes_);
    }

private:
    void note_step(std::string_view step, bool ok, std::string note)
    {
        if (to_.json) {
            steps_.push_back({{"step", step}, {"ok", ok}, {"detail", note}});
            return;
        }
        const auto& style = to_.format.style;
        to_.out << (ok ? style.added : style.warned) << (ok ? "ok" : "!!") << style.plain << " " << step
                << (note.empty() ? "" : ": ") << note << "\n";
    }

    std::string_view mode_;
    proxmox::caller who_;
    const console& to_;
    boost::json::array steps_;
    std::vector<exit_code> codes_;
};

/// One question whose answer must be understood; nothing when it is.
template <typename T>
auto ask(const node_io& in, protocol& log, std::string_view step, const proxmox::question<T>& asked)
    -> proxmox::answered<T>
{
    auto understood = run(in, operate::ask(asked));
    if (!understood) {
        log.failed(step, understood.error());
        return understood;
    }
    if constexpr (requires { understood->odd; }) { // a pass goes around such rows; here they are what is looked for
        if (!understood->odd.empty()) {
            log.failed(step, proxmox::call_error{understood->odd.front().why});
            return understood;
        }
    }
    log.passed(step);
    return understood;
}

/// A storage that can be asked for backups: an inactive one, or one for other content, answers with an error.
[[nodiscard]] auto backup_storage(const std::vector<proxmox::node_storage>& storages) -> const proxmox::node_storage*
{
    const auto found = std::ranges::find_if(storages, [](const proxmox::node_storage& storage) {
        return storage.status.active && contains(storage.status.content, "backup");
    });
    return found == storages.end() ? nullptr : &*found;
}

/// Whoever is not let in is let in nowhere, and each 401 takes Proxmox VE three seconds.
[[nodiscard]] auto refuses_token(const proxmox::call_error& error) -> bool
{
    static constexpr auto unauthorized = 401;
    const auto* const api = std::get_if<proxmox::api_error>(&error);
    return api != nullptr && api->status == unauthorized;
}

void ask_about_guest(const node_io& in, protocol& log, const node_name& node, vmid guest)
{
    using proxmox::read;
    const auto name = "guest " + guest.text();
    (void)ask(in, log, name + " status", read::guest_status(node, guest));
    (void)ask(in, log, name + " configuration", read::config_merged(node, guest));
    (void)ask(in, log, name + " configuration in force", read::config_current(node, guest));
    (void)ask(in, log, name + " pending changes", read::pending(node, guest));
    (void)ask(in, log, name + " snapshots", read::snapshots(node, guest));
}

/// Notes what came of one step.
void note(protocol& log, const operate::selftest_step& step)
{
    std::visit(overloaded{
                   [&](const operate::action_outcome& outcome) {
                       reconcile::went_well(outcome) ? log.passed(step.what) : log.failed(step.what, outcome);
                   },
                   [&](const proxmox::call_error& error) { log.failed(step.what, error); },
                   [&](const operate::step_refused& refusal) { log.refused(step.what, refusal.why); },
               },
               step.result);
}

/// Carries steps out in their guest's lane, and notes them. Answers whether they came to their end.
[[nodiscard]] auto carry_out_steps(const operation_io& in, vmid guest,
                                   operate::procedure<std::vector<operate::selftest_step>> work, protocol& log) -> bool
{
    auto jobs = std::vector<operate::lane_job>{};
    jobs.push_back({.guest = guest, .kind = operate::job_kind::plain, .work = std::move(work)});
    const auto end = std::move(in.in_lanes(std::move(jobs)).front());
    const auto* const steps = end ? std::get_if<std::vector<operate::selftest_step>>(&*end) : nullptr;
    if (steps == nullptr) {
        log.refused("the self-test", "stopped before its end; `felhom-agent ops list` shows what was begun");
        return false;
    }
    for (const auto& step : *steps) {
        note(log, step);
    }
    return true;
}

} // namespace

auto run_selftest_read(const node_io& in, const node_name& node, const proxmox::token_id& token, const console& to)
    -> exit_code
{
    using proxmox::read;
    auto log = protocol{"read", token, to};
    const auto version = ask(in, log, "version", read::version());
    if (!version && refuses_token(version.error())) {
        return log.end();
    }
    (void)ask(in, log, "nodes", read::nodes());
    if (const auto granted = ask(in, log, "permissions", read::permissions())) {
        log.learn(*granted);
    }
    (void)ask(in, log, "nodes of the cluster", read::cluster_nodes());
    (void)ask(in, log, "cluster options", read::cluster_options());
    (void)ask(in, log, "node status", read::node_status(node));
    (void)ask(in, log, "tasks", read::active_tasks(node));
    (void)ask(in, log, "storages", read::storages());
    const auto storages = ask(in, log, "storages of the node", read::node_storages(node));
    const auto* const for_backups = storages ? backup_storage(storages->rows) : nullptr;
    if (for_backups != nullptr) {
        (void)ask(in, log, "backups on " + for_backups->id.text(),
                  read::storage_content(node, for_backups->id, proxmox::volume_kind::backup));
    }
    const auto guests = ask(in, log, "guests", read::guests(node));
    if (guests && !guests->rows.empty()) {
        ask_about_guest(in, log, node, guests->rows.front().id);
    }
    return log.end();
}

auto run_selftest_task(const operation_io& in, const operate::operating_rules& rules, vmid guest,
                       const proxmox::token_id& token, std::uint64_t random, const console& to) -> exit_code
{
    auto log = protocol{"task", token, to};
    if (const auto paused = in.look_around().paused) {
        log.refused("the agent is not paused", "it is, by the owner of this host: " + printable(*paused));
        return log.end();
    }
    if (const auto granted = ask(in.in, log, "permissions", proxmox::read::permissions())) {
        log.learn(*granted);
    }
    for (const auto& one : in.ledger().open_questions()) {
        const auto* const task = one.followed_task();
        if (one.guest == guest && task != nullptr) {
            log.refused("nothing else works on the guest",
                        "operation " + std::to_string(number(one.id)) + " is still running as " + task->text());
            return log.end();
        }
    }
    for (const auto& left : operate::selftest_leftovers::of(in.ledger())) {
        if (!carry_out_steps(in, left.guest, operate::remove_leftover(left, operate::context_of(rules)), log)) {
            return log.end();
        }
    }
    auto own = operate::selftest(guest, proxmox::selftest_snapshot::with_random_name(rules.at.node, guest, random),
                                 operate::context_of(rules));
    static_cast<void>(carry_out_steps(in, guest, std::move(own), log));
    return log.end();
}

} // namespace felhom::agent
