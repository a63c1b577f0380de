// SPDX-License-Identifier: Apache-2.0
#include "agent/doctor.hpp"

#include "agent/hub/hub_setup.hpp"
#include "agent/setup/command_socket.hpp"
#include "agent/setup/hub_files.hpp"
#include "agent/setup/kernel_clock.hpp"
#include "agent/setup/session.hpp"
#include "agent/setup/startup.hpp"
#include "io/journal/journal.hpp"
#include "io/serve/local_client.hpp"

#include <felhom/config/load_hub_policy.hpp>
#include <felhom/config/load_signers.hpp>
#include <felhom/config/settings.hpp>
#include <felhom/core/contains.hpp>
#include <felhom/core/json/writer.hpp>
#include <felhom/hash_chain/chain_audit.hpp>
#include <felhom/local_api/diagnose.hpp>
#include <felhom/local_api/diagnose_privileges.hpp>
#include <felhom/local_api/hub_privileges.hpp>
#include <felhom/local_api/pages.hpp>
#include <felhom/local_api/signed_privileges.hpp>
#include <felhom/operate/procedures/ask.hpp>
#include <felhom/operate/procedures/plan_pass.hpp>
#include <felhom/operate/procedures/selftest_leftovers.hpp>
#include <felhom/proxmox/api/read.hpp>
#include <felhom/proxmox/api/reply.hpp>
#include <felhom/proxmox/model/acl_entry.hpp>
#include <felhom/reconcile/privileges/needed_privileges.hpp>

#include <range/v3/action/push_back.hpp>
#include <range/v3/range/conversion.hpp>
#include <range/v3/view/transform.hpp>
#include <range/v3/view/zip.hpp>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

namespace felhom::agent {

namespace {

using findings = std::vector<local_api::finding>;

void add(findings& to, findings more)
{
    for (auto& one : more) {
        to.push_back(std::move(one));
    }
}

constexpr auto mend_configuration = "correct the setting, then run `felhom-agent config check`";
[[nodiscard]] auto first_of(const startup_errors& errors) -> const std::string&
{
    return errors.lines().front();
}

constexpr auto as_the_agent = "see that it can be looked at: run doctor as root, or as the user that the agent runs as";

[[nodiscard]] auto look_at_configuration(const config::layered& from) -> findings
{
    const auto parts = config::configured_parts(from);
    auto wrong = lines_of(config::check_with_signers(from, parts));
    wrong.add(check_files(from, parts));
    if (wrong.lines().empty()) {
        return {
            local_api::good("configuration", "every value and every file that it names is well-formed and private")};
    }
    auto found = findings{};
    for (const auto& line : wrong.lines()) {
        found.push_back(
            local_api::bad("configuration", line, mend_configuration, local_api::exit_code_of(wrong.what())));
    }
    return found;
}

/// Those whose backups a report tells.
[[nodiscard]] auto backup_storages_of(const std::vector<proxmox::node_storage>& all) -> std::vector<proxmox::storage_id>
{
    auto ids = std::vector<proxmox::storage_id>{};
    for (const auto& [id, status] : all) {
        if (status.enabled && contains(status.content, "backup")) {
            ids.push_back(id);
        }
    }
    return ids;
}

/// What the hub may ask for where the desired state is the hub's.
[[nodiscard]] auto asked_by_hub_at_times(const config::layered& from, const lxc::key_table& table)
    -> std::vector<reconcile::privilege_on>
{
    const auto desired = config::read_desired(from);
    const auto policy = config::load_hub_policy(from);
    const auto is_hubs = desired && desired->source == config::desired_source::hub;
    return is_hubs && policy ? local_api::privileges_for(*policy, table) : std::vector<reconcile::privilege_on>{};
}

/// What the token may do, asked anew of each path on which something is needed.
[[nodiscard]] auto rights_where(const std::vector<reconcile::needed_privilege>& needed, proxmox::permissions granted,
                                const node_io& in) -> proxmox::permissions
{
    auto paths = std::vector<std::string>{};
    for (const auto& need : needed) {
        const auto is_listed = contains(granted.paths, need.path, &proxmox::path_permissions::path);
        if (!is_listed && !contains(paths, need.path)) {
            paths.push_back(need.path);
        }
    }
    auto asked = paths
                 | ranges::views::transform([](const std::string& path) { return proxmox::read::permissions_on(path); })
                 | ranges::to<std::vector>();
    const auto [rights] = run(in, operate::ask_patiently(proxmox::questions{std::move(asked)}));
    for (const auto& [path, told] : ranges::views::zip(paths, rights)) {
        if (told) {
            granted = local_api::with_exact(std::move(granted), path, *told);
        }
    }
    return granted;
}

/// What is needed of the token. Reads the guests that are desired: of an interface the bridge that it has now counts,
/// too.
[[nodiscard]] auto needs_of(const config::layered& from, const node_session& node, const operate::pass_input& input,
                            reconcile::privilege_scope scope) -> local_api::privilege_needs
{
    const auto pass = run(node.in, operate::plan_pass(input));
    scope.takes_signed = config::includes(config::configured_parts(from), config::part::authz);
    scope.grows = input.plan_rule.allow_grow;
    scope.observed = input.plan_rule.observed;
    if (pass) {
        scope.changing = {.facts = pass->desired.facts(), .tags = pass->actual.tags};
        scope.actual = &pass->actual;
    }
    auto needs = local_api::privilege_needs{.needed = reconcile::needed_privileges(*input.desired, input.table, scope),
                                            .at_times = asked_by_hub_at_times(from, input.table),
                                            .selftests = local_api::privileges_for_selftests(node.node)};
    const auto signers = config::load_signers(from);
    if (scope.takes_signed && signers) {
        auto settings = std::vector<authz::signer_settings>{};
        for (const auto& one : signers->all()) {
            settings.push_back(one->settings());
        }
        auto signed_ones = local_api::privileges_for(settings, *input.desired);
        ranges::actions::push_back(needs.needed, std::move(signed_ones.needed));
        ranges::actions::push_back(needs.at_times, std::move(signed_ones.at_times));
        needs.needed = reconcile::each_once(std::move(needs.needed));
    }
    needs.are_all_known =
        pass && local_api::was_read_whole(*input.desired, pass->actual) && (signers.has_value() || !scope.takes_signed);
    return needs;
}

[[nodiscard]] auto look_at_privileges(const config::layered& from, const node_session& node) -> findings
{
    using proxmox::read;
    auto [granted, storages, entries, guests] =
        run(node.in, operate::ask_patiently(proxmox::questions{read::permissions(), read::node_storages(node.node),
                                                               read::acl(), read::cluster_guests()}));
    auto scope = reconcile::privilege_scope{
        .node = node.node, .reports = config::includes(config::configured_parts(from), config::part::hub)};
    if (!granted || (scope.reports && !storages)) {
        return {local_api::privileges_not_told(granted ? storages.error() : granted.error())};
    }
    const auto input = load_pass(from, node, /*accept_inventory=*/true);
    if (!input) {
        return {local_api::not_looked("privileges", "the desired state could not be read: " + first_of(input.error()),
                                      mend_configuration, local_api::exit_code_of(input.error().what()))};
    }
    if (storages) {
        scope.backup_storages = backup_storages_of(storages->rows);
    }
    const auto needs = needs_of(from, node, input->input, std::move(scope));
    auto rights =
        local_api::token_rights{.token = node.token, .granted = rights_where(needs.needed, *granted, node.in)};
    if (entries && contains(granted->on("/access"), "Sys.Audit")) {
        rights.entries = *std::move(entries);
    }
    if (guests) {
        for (const auto& guest : guests->rows) {
            rights.guests.push_back(guest.id);
        }
    }
    return local_api::diagnose_privileges(needs, rights);
}

[[nodiscard]] auto look_at_node(const config::layered& from, const io::logger& log) -> findings
{
    const auto node = open_node(from, log);
    if (!node) {
        return {local_api::not_looked("proxmox", first_of(node.error()), mend_configuration,
                                      local_api::exit_code_of(node.error().what()))};
    }
    const auto [version, nodes] = run(
        node->in, operate::ask_patiently(proxmox::questions{proxmox::read::version(), proxmox::read::cluster_nodes()}));
    auto found = findings{local_api::diagnose_api(version, config::read_proxmox(from)->api.url(), node->token)};
    if (!version) {
        return found;
    }
    found.push_back(local_api::diagnose_release(*version));
    found.push_back(local_api::diagnose_node_name(nodes, node->node));
    add(found, look_at_privileges(from, *node));
    return found;
}

/// A journal that run would not open, in run's words. No way on may put an older file in its place: that would let
/// operations through again (docs/security.md).
[[nodiscard]] auto unusable_journal(const io::log_error& why, const std::string& path) -> local_api::finding
{
    const auto* const vanished = std::get_if<io::log_vanished>(&why);
    const auto mark = vanished == nullptr ? path + ".used" : vanished->mark.string();
    const auto wait = "wait until everything that was signed so far has expired, then remove " + mark;
    if (std::holds_alternative<io::disk_failed>(why)) {
        return local_api::not_looked("journal", io::describe(why), as_the_agent, exit_code::error);
    }
    if (std::holds_alternative<io::log_exposed>(why)) {
        return local_api::bad("journal", io::describe(why), "let nobody but its owner read or write it",
                              exit_code::configuration);
    }
    return local_api::bad(
        "journal", io::describe(why),
        vanished == nullptr ? "look into it with `felhom-agent journal verify`, and put no older or empty file in its "
                              "place; if it is lost for good, set it aside, "
                                  + wait
                            : "put no older or empty file in its place; if it is lost for good, " + wait,
        exit_code::configuration);
}

[[nodiscard]] auto look_at_journal(const config::layered& from) -> local_api::finding
{
    const auto settings = config::read_journal(from);
    if (!settings) {
        return local_api::not_looked("journal", "the configuration does not say where it is", mend_configuration,
                                     exit_code::configuration);
    }
    auto watch = hash_chain::head_watch{std::nullopt};
    const auto files =
        io::look_at_journal(io::system_disk(), settings->path, [&](const hash_chain::record& one) { watch.see(one); });
    if (!files) {
        return unusable_journal(files.error(), settings->path);
    }
    const auto& kept = *files;
    if (!kept.has_value()) {
        return local_api::good("journal", "there is none yet; the first run makes it at " + settings->path);
    }
    const auto report = hash_chain::audit(*kept, watch);
    if (!report) {
        return local_api::bad("journal", hash_chain::describe(report.error()),
                              "look into it with `felhom-agent journal verify` before anything is changed",
                              exit_code::configuration);
    }
    return local_api::good("journal", std::to_string(report->records) + " records, the hash chain is intact");
}

/// Snapshots that self-tests left on the node.
[[nodiscard]] auto look_at_leftovers(const config::layered& from) -> findings
{
    auto found = findings{};
    const auto settings = config::read_journal(from);
    const auto known =
        settings ? io::read_ledger(io::system_disk(), settings->path) : io::log_result<operate::ledger>{};
    if (!known) {
        return found; // what is wrong with the journal is told of it
    }
    for (const auto& left : operate::selftest_leftovers::of(*known)) {
        const auto number = std::to_string(operate::number(left.id));
        found.push_back(
            local_api::advice("self-test",
                              "snapshot " + left.name.text() + " of guest " + left.guest.text()
                                  + " was left by a self-test, operation " + number,
                              {"felhom-agent selftest task --vmid " + left.guest.text(),
                               "or by hand: " + left.command(), "and then: felhom-agent ops ack " + number}));
    }
    return found;
}

[[nodiscard]] auto look_at_hub(const config::layered& from, const io::logger& log) -> local_api::finding
{
    if (!config::includes(config::configured_parts(from), config::part::hub)) {
        return local_api::good("hub", "none is configured: this host works by itself");
    }
    const auto node = open_node(from, log);
    if (!node) {
        return local_api::not_looked("hub", first_of(node.error()), mend_configuration,
                                     local_api::exit_code_of(node.error().what()));
    }
    const auto duties = open_hub(from, *node, /*journal=*/nullptr, /*box=*/std::nullopt,
                                 std::make_shared<status_board>(steady_clock_now()), log);
    if (!duties) {
        return local_api::bad("hub", first_of(duties.error()), mend_configuration,
                              local_api::exit_code_of(duties.error().what()));
    }
    return local_api::diagnose_hub(duties->exchange(hub::hub_api::desired_state(duties->host, std::nullopt)),
                                   config::read_hub(from)->url);
}

/// Whether the hub's next desired state can be judged at all; nothing: it can, or the hub's is not followed.
[[nodiscard]] auto look_at_generation(const config::layered& from) -> std::optional<local_api::finding>
{
    const auto desired = config::read_desired(from);
    const auto state = config::read_state(from);
    if (!desired || !state || desired->source != config::desired_source::hub) {
        return std::nullopt;
    }
    const auto mark = hub_files{state->directory}.mark();
    return mark ? std::nullopt
                : std::optional{
                      local_api::bad("hub", "the last generation that was applied cannot be read: " + mark.error(),
                                     "felhom-agent desired reset-generation # as root, or as the agent's user",
                                     exit_code::configuration)};
}

[[nodiscard]] auto look_at_daemon(const config::layered& from) -> local_api::finding
{
    const auto state = config::read_state(from);
    if (!state) {
        return local_api::not_looked("daemon", "the configuration does not say where its socket is", mend_configuration,
                                     exit_code::configuration);
    }
    const auto socket = command_socket_in(state->directory);
    auto hidden = std::error_code{};
    static_cast<void>(std::filesystem::exists(socket, hidden));
    if (hidden) {
        return local_api::not_looked("daemon", socket + ": " + hidden.message(), as_the_agent, exit_code::error);
    }
    const auto answer = io::ask_socket(socket, std::string{local_api::status_target},
                                       /*body=*/std::nullopt, std::chrono::milliseconds{5000});
    if (!answer) {
        return answer.error().nobody_there
                   ? local_api::advice("daemon", "it is not running", {"systemctl enable --now felhom-agent"})
                   : local_api::bad("daemon", "it does not answer at " + socket + ": " + answer.error().reason,
                                    "see what `journalctl -u felhom-agent` says", exit_code::error);
    }
    return local_api::good("daemon", "it is running; `felhom-agent status` tells how it does");
}

} // namespace

auto run_doctor(const std::optional<std::string>& config_file, log_level level, const console& to) -> exit_code
{
    const auto log = io::logger{level};
    auto found = findings{};
    if (const auto from = load_config(config_file)) {
        add(found, look_at_configuration(*from));
        add(found, look_at_node(*from, log));
        found.push_back(local_api::diagnose_clock(is_kernel_clock_synchronized()));
        found.push_back(look_at_journal(*from));
        add(found, look_at_leftovers(*from));
        found.push_back(look_at_hub(*from, log));
        if (auto unreadable = look_at_generation(*from)) {
            found.push_back(*std::move(unreadable));
        }
        found.push_back(look_at_daemon(*from));
    } else {
        for (const auto& line : from.error().lines()) {
            found.push_back(local_api::bad("configuration", line, "mend that; nothing else could be looked at",
                                           local_api::exit_code_of(from.error().what())));
        }
    }
    if (to.json) {
        to.out << json_text(local_api::to_json(found));
    } else {
        to.out << local_api::to_text(found);
    }
    return local_api::exit_code_of(found);
}

} // namespace felhom::agent
