#include "agent/doctor.hpp"

#include "agent/ask.hpp"
#include "agent/command_desk.hpp"
#include "agent/hub_setup.hpp"
#include "agent/report_sources.hpp"
#include "agent/session.hpp"
#include "agent/startup.hpp"
#include "io/log/journal.hpp"
#include "io/serve/local_client.hpp"

#include <felhom/config/settings.hpp>
#include <felhom/control/diagnose.hpp>
#include <felhom/control/pages.hpp>
#include <felhom/core/json_text.hpp>
#include <felhom/durable/chain_audit.hpp>
#include <felhom/proxmox/read.hpp>
#include <felhom/proxmox/reply.hpp>

#include <chrono>
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

namespace felhom::agent {

namespace {

using findings = std::vector<control::finding>;

void add(findings& to, findings more)
{
    for (auto& one : more) {
        to.push_back(std::move(one));
    }
}

[[nodiscard]] auto look_at_configuration(const config::layered& from) -> findings
{
    const auto parts = config::configured_parts(from);
    auto wrong = lines_of(config::check(from, parts));
    const auto files = check_files(from, parts);
    wrong.insert(wrong.end(), files.begin(), files.end());
    if (wrong.empty()) {
        return {control::good("configuration", "every value and every file that it names is well-formed and private")};
    }
    auto found = findings{};
    for (auto& line : wrong) {
        found.push_back(control::bad("configuration", std::move(line),
                                     "mend that; `felhom-agent config check` looks at it alone",
                                     exit_code::configuration));
    }
    return found;
}

[[nodiscard]] auto look_at_privileges(const config::layered& from, const node_session& node) -> findings
{
    const auto granted =
        proxmox::understand(ask(node.in, {proxmox::read::permissions()}).front(), proxmox::decode_permissions);
    if (!granted) {
        return {control::not_looked("privileges", proxmox::describe(granted.error()))};
    }
    const auto input = load_pass(from, node, /*accept_inventory=*/true);
    if (!input) {
        return {control::not_looked("privileges", "the desired state could not be read")};
    }
    const auto parts = config::configured_parts(from);
    const auto scope = reconcile::privilege_scope{.node = node.node,
                                                  .reports = config::includes(parts, config::part::hub),
                                                  .takes_signed = config::includes(parts, config::part::authz)};
    return control::diagnose_privileges(reconcile::needed_privileges(input->desired, input->table, scope), *granted,
                                        node.token, scope);
}

[[nodiscard]] auto look_at_node(const config::layered& from, const io::logger& log) -> findings
{
    const auto node = open_node(from, log);
    if (!node) {
        return {control::not_looked("proxmox", node.error().front())};
    }
    const auto answers = ask(node->in, {proxmox::read::version(), proxmox::read::cluster_nodes()});
    auto found = findings{control::diagnose_api(proxmox::understand(answers[0], proxmox::decode_version),
                                                config::read_proxmox(from)->api.url(), node->token)};
    if (found.front().kind != control::finding_kind::good) {
        return found;
    }
    found.push_back(
        control::diagnose_node_name(proxmox::understand(answers[1], proxmox::decode_cluster_nodes), node->node));
    add(found, look_at_privileges(from, *node));
    return found;
}

[[nodiscard]] auto look_at_journal(const config::layered& from) -> control::finding
{
    const auto settings = config::read_journal(from);
    if (!settings) {
        return control::not_looked("journal", "the configuration does not say where it is");
    }
    const auto there = std::filesystem::exists(settings->path) || std::filesystem::exists(settings->path + ".used");
    if (!there) {
        return control::good("journal", "there is none yet; the first run makes it at " + settings->path);
    }
    auto watch = durable::head_watch{std::nullopt};
    const auto files =
        io::read_journal(io::system_disk(), settings->path, [&](const durable::record& one) { watch.see(one); });
    const auto unusable = [&](const std::string& why) {
        return control::bad("journal", why,
                            "put back " + settings->path
                                + " from a backup, or look into it with `felhom-agent journal verify` before anything "
                                  "is changed",
                            exit_code::configuration);
    };
    if (!files) {
        return unusable(io::describe(files.error()));
    }
    const auto report = durable::audit(*files, watch);
    if (!report) {
        return unusable(durable::describe(report.error()));
    }
    return control::good("journal", std::to_string(report->records) + " records, the chain holds");
}

[[nodiscard]] auto look_at_hub(const config::layered& from, const io::logger& log) -> control::finding
{
    if (!config::includes(config::configured_parts(from), config::part::hub)) {
        return control::good("hub", "none is configured: this host works by itself");
    }
    const auto node = open_node(from, log);
    if (!node) {
        return control::not_looked("hub", node.error().front());
    }
    const auto duties =
        open_hub(from, *node, /*journal=*/nullptr, /*box=*/std::nullopt, std::make_shared<standing_board>(), log);
    if (!duties) {
        return control::bad("hub", duties.error().front(), "mend that in the configuration", exit_code::configuration);
    }
    return control::diagnose_hub(duties->exchange(hub::hub_api::desired_state(duties->host, std::nullopt)),
                                 config::read_hub(from)->url);
}

[[nodiscard]] auto look_at_daemon(const config::layered& from) -> control::finding
{
    const auto state = config::read_state(from);
    if (!state) {
        return control::not_looked("daemon", "the configuration does not say where its socket is");
    }
    const auto answer = io::ask_socket(command_socket_in(state->directory), std::string{control::status_target},
                                       /*body=*/std::nullopt, std::chrono::milliseconds{5000});
    if (!answer) {
        return control::advice("daemon", "it is not running", {"systemctl enable --now felhom-agent"});
    }
    return control::good("daemon", "it is running; `felhom-agent status` tells how it does");
}

} // namespace

auto run_doctor(const std::optional<std::string>& config_file, config::log_level level, const console& to) -> exit_code
{
    const auto log = io::logger{level};
    auto found = findings{};
    if (const auto from = load_config(config_file)) {
        add(found, look_at_configuration(*from));
        add(found, look_at_node(*from, log));
        found.push_back(control::diagnose_clock(is_kernel_clock_synchronized()));
        found.push_back(look_at_journal(*from));
        found.push_back(look_at_hub(*from, log));
        found.push_back(look_at_daemon(*from));
    } else {
        for (const auto& line : from.error()) {
            found.push_back(control::bad("configuration", line, "mend that; nothing else could be looked at",
                                         exit_code::configuration));
        }
    }
    if (to.json) {
        to.out << json_text(control::to_json(found));
    } else {
        to.out << control::to_text(found);
    }
    return control::exit_code_of(found);
}

} // namespace felhom::agent
