// SPDX-License-Identifier: Apache-2.0
#include "agent/setup/command_line.hpp"

#include "agent/setup/version.hpp"

#include <felhom/core/decimal.hpp>
#include <felhom/core/exit_code.hpp>
#include <felhom/core/nearest.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom::agent {

namespace {

constexpr auto footer = R"(Exit status:
  0   done, or nothing to do        6   locked or busy
  1   error; status: unhealthy      7   begun, outcome unknown
  2   plan: the node differs        8   status: no agent is running
  3   node cannot be reached        64  wrong usage
  4   denied: login, privilege,     78  wrong configuration
      or the server's identity
  5   refused: needs a signature, policy forbids it, or nobody said yes

Settings are read from the configuration file and from FELHOM_AGENT_ variables, which win;
`felhom-agent config show` lists them all. Results go to standard output, messages to standard error.)";

/// What CLI11 fills while it parses.
struct typed {
    std::string config;
    bool json = false;
    bool no_colour = false;
    bool verbose = false;
    bool quiet = false;
    bool version = false;
    std::string selftest_flag;
    std::string selftest_mode = "read";
    std::uint32_t vmid = 0;
    std::string part = "configured";
    std::vector<std::uint32_t> guests;
    bool all = false;
    std::vector<std::string> keys;
    std::string out;
    std::string socket;
    bool force = false;
    bool only_summary = false;
    bool full = false;
    bool accept_inventory = false;
    bool accept_mass_change = false;
    bool yes = false;
    bool once = false;
    bool send = false;
    std::string bundle;
    std::uint64_t number = 0;
    std::size_t last = 20;
    std::string head;
    std::string reason;
    std::vector<std::string> help_about;
    verify_options verify;
};

/// Decimal digits and nothing else: CLI11 reads 0147 as octal, and -3 as very many. Answers what is wrong.
[[nodiscard]] auto is_decimal(const std::string& text) -> std::string
{
    const auto number = parse_decimal<std::uint64_t>(text);
    return number && std::to_string(*number) == text ? "" : "expected a number in decimal digits, got " + text;
}

[[nodiscard]] auto is_vmid(const std::string& text) -> std::string
{
    const auto guest = vmid::parse(text);
    return guest ? "" : describe(guest.error());
}

/// CLI11 would take an empty text for an option that was not given.
[[nodiscard]] auto is_path(const std::string& text) -> std::string
{
    return text.empty() ? "expected a file's path, got nothing" : "";
}

void add_global_options(CLI::App& app, typed& to)
{
    app.add_option("--config", to.config, "Configuration file (default /etc/felhom-agent/config.json)")
        ->check(is_path)
        ->type_name("FILE");
    app.add_flag("--json", to.json, "Print data as JSON");
    app.add_flag("--no-color,--no-colour", to.no_colour, "No colour, also on a terminal (so does NO_COLOR)");
    auto* const verbose = app.add_flag("-v,--verbose", to.verbose, "Log more");
    app.add_flag("-q,--quiet", to.quiet, "Log errors only")->excludes(verbose);
    app.add_flag("--version", to.version, "Print the version and exit");
    app.add_option("--selftest", to.selftest_flag, "The same as the command selftest")
        ->expected(0, 1)
        ->default_str("read")
        ->check(CLI::IsMember({"read", "task", "hub"}))
        ->type_name("read|task|hub");
    app.add_option("--vmid", to.vmid, "The stopped guest that --selftest=task works on")
        ->check(is_vmid)
        ->type_name("N");
}

void add_verify_options(CLI::App& verify, verify_options& to)
{
    verify.add_option("--signers", to.signers, "JSON array of signers")->type_name("FILE");
    verify.add_option("--host-id", to.host_id, "The host that the operation must name")->type_name("H");
    verify.add_option("--blob", to.blob, "The signed operation")->type_name("FILE");
    verify.add_option("--signature", to.signature, "Its armored SSH signature")->type_name("FILE");
    verify.add_option("--bundle", to.bundle, "Both in one file, as felhom-sign writes it")->type_name("FILE");
    verify.add_option("--at", to.at, "Verify as of this time (RFC 3339), not now")->type_name("TIME");
    verify.add_option("--skew", to.skew, "How far clocks may differ")->type_name("30s")->capture_default_str();
    verify.add_option("--max-window", to.max_window, "How far apart the times of an operation may be")
        ->type_name("24h")
        ->capture_default_str();
    verify
        .add_option("--nonce-store", to.nonce_store,
                    "Check and record the nonce here; made where neither it nor PATH.used exists, "
                    "refused where only PATH.used does")
        ->type_name("PATH");
    verify.add_option("--batch", to.batch, "Verify one JSON object a line ('-' for standard input)")->type_name("FILE");
    verify
        .add_option("--repair-nonce-store", to.repair_nonce_store,
                    "Make a damaged or vanished nonce store anew, refusing all that may have been accepted until now; "
                    "the clock must be right, and --skew and --max-window as they were")
        ->type_name("PATH");
    verify.add_flag("--json", to.json, "Print the verdict as JSON");
}

[[nodiscard]] auto usage_error(const std::string& what) -> nothing_to_run
{
    std::cerr << "error: " << what << "\nRun with --help for more information.\n";
    return {static_cast<int>(exit_code::usage)};
}

using chosen = std::variant<command, nothing_to_run>;

[[nodiscard]] auto selftest(const std::string& mode, const typed& from) -> chosen
{
    if (mode == "read") {
        return selftest_read_command{};
    }
    if (mode == "hub") {
        return report_command{.send = true, .show = true};
    }
    const auto guest = vmid::from_number(from.vmid);
    if (!guest) {
        return usage_error("selftest task needs --vmid N, a stopped guest from 100 to 999999999");
    }
    return selftest_task_command{*guest};
}

/// Numbers that is_vmid() has looked at.
[[nodiscard]] auto guests_in(const std::vector<std::uint32_t>& numbers) -> std::vector<vmid>
{
    auto guests = std::vector<vmid>{};
    for (const auto number : numbers) {
        if (const auto guest = vmid::from_number(number)) {
            guests.push_back(*guest);
        }
    }
    return guests;
}

[[nodiscard]] auto import_of(const typed& from) -> chosen
{
    if (from.guests.empty() && !from.all) {
        return usage_error("import needs the guests' numbers, or --all");
    }
    return import_command{.guests = guests_in(from.guests),
                          .keys = from.keys,
                          .out = from.out.empty() ? std::nullopt : std::optional{from.out},
                          .force = from.force};
}

template <typename Command>
[[nodiscard]] auto about_guest(const typed& from) -> chosen
{
    const auto guest = vmid::from_number(from.vmid);
    return guest ? chosen{Command{*guest}} : chosen{usage_error("a guest is a number from 100 to 999999999")};
}

[[nodiscard]] auto journal_verify(const typed& from) -> chosen
{
    if (from.head.empty()) {
        return journal_verify_command{};
    }
    const auto noted = hash_chain::parse_head(from.head);
    return noted ? chosen{journal_verify_command{*noted}} : chosen{usage_error("--head: " + describe(noted.error()))};
}

/// A command that is offered, and what is made of it when it was typed.
struct offer {
    CLI::App* app;
    std::function<chosen(const typed&)> make;
};
using offers = std::vector<offer>;

[[nodiscard]] auto command_group(CLI::App& app, const std::string& name, const std::string& about) -> CLI::App&
{
    auto* const group = app.add_subcommand(name, about);
    group->require_subcommand(1);
    return *group;
}

void offer_passes(CLI::App& app, typed& to, offers& all)
{
    auto* const plan =
        app.add_subcommand("plan", "Show what differs and what apply would do; exit 2 if anything differs");
    plan->add_option("vmid", to.guests, "Only these guests")->check(is_vmid)->type_name("VMID");
    plan->add_flag("--summary", to.only_summary, "Print one line that sums the plan up");
    plan->add_flag("--full", to.full, "Cut no value, however narrow the terminal");
    all.push_back({plan, [](const typed& from) {
                       return plan_command{
                           .guests = guests_in(from.guests), .only_summary = from.only_summary, .full = from.full};
                   }});
    auto* const apply = app.add_subcommand("apply", "Show the plan, ask, and carry out once what needs no signature");
    apply->add_flag("--yes", to.yes,
                    "Do not ask; without a terminal this is needed for whatever is more than live changes");
    apply->add_flag("--accept-inventory", to.accept_inventory,
                    "Continue although guests have vanished since the last pass");
    apply->add_flag("--accept-mass-change", to.accept_mass_change,
                    "Continue although many guests would be changed at once");
    all.push_back({apply, [](const typed& from) {
                       return apply_command{.accept_inventory = from.accept_inventory,
                                            .accept_mass_change = from.accept_mass_change,
                                            .yes = from.yes};
                   }});
    auto* const run = app.add_subcommand("run", "Run unattended: pass after pass, and signed operations as they come");
    run->add_flag("--once", to.once, "Make one pass, process the drop box once, and exit");
    all.push_back({run, [](const typed& from) { return run_command{from.once}; }});
    auto* const explain = app.add_subcommand("explain", "Explain the plan for one guest, key by key");
    explain->add_option("vmid", to.vmid, "The guest")->required()->check(is_vmid)->type_name("VMID");
    all.push_back({explain, about_guest<explain_command>});
    auto* const import = app.add_subcommand("import", "Print the desired state that guests are in");
    auto* const named = import->add_option("vmid", to.guests, "The guests")->check(is_vmid)->type_name("VMID");
    import->add_flag("--all", to.all, "All guests of the node")->excludes(named);
    import->add_option("--keys", to.keys, "Only these keys, such as memory,net0 (default: what a plan may write)")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->type_name("KEY,…");
    import->add_option("--out", to.out, "Write to this file, not to standard output")
        ->check(is_path)
        ->type_name("FILE");
    import->add_flag("--force", to.force, "Replace that file");
    all.push_back({import, import_of});
    auto* const pause = app.add_subcommand("pause", "Start no change, signed or unsigned, until `resume`");
    pause->add_option("--reason", to.reason, "Reason, shown by `status` and with everything that is held")
        ->type_name("TEXT");
    all.push_back({pause, [](const typed& from) { return pause_command{from.reason}; }});
    all.push_back({app.add_subcommand("resume", "End a pause"), [](const typed&) { return resume_command{}; }});
    all.push_back({app.add_subcommand("clock-is-right", "Confirm the clock after it was set forward"),
                   [](const typed&) { return clock_is_right_command{}; }});
}

void offer_operations(CLI::App& app, typed& to, offers& all)
{
    auto* const submit = app.add_subcommand("submit", "Carry out a signed operation and print its result");
    submit->add_option("bundle", to.bundle, "Bundle that felhom-sign wrote")->required()->type_name("BUNDLE");
    all.push_back({submit, [](const typed& from) { return submit_command{from.bundle}; }});
    auto& ops = command_group(app, "ops", "List and settle operations in the journal");
    all.push_back({ops.add_subcommand("list", "List the latest operations, those in flight, and parked guests"),
                   [](const typed&) { return ops_list_command{}; }});
    auto* const show = ops.add_subcommand("show", "Show one operation in full");
    show->add_option("id", to.number, "Its number")->required()->check(is_decimal)->type_name("ID");
    all.push_back({show, [](const typed& from) { return ops_show_command{from.number}; }});
    auto* const ack = ops.add_subcommand("ack", "Mark an unknown outcome as investigated");
    ack->add_option("id", to.number, "The operation's number")->required()->check(is_decimal)->type_name("ID");
    all.push_back({ack, [](const typed& from) { return ops_ack_command{from.number}; }});
    auto* const release = ops.add_subcommand("release", "Try a parked guest again");
    release->add_option("vmid", to.vmid, "The guest")->required()->check(is_vmid)->type_name("VMID");
    all.push_back({release, about_guest<ops_release_command>});
    auto& journal = command_group(app, "journal", "Read the journal; works beside a running agent");
    auto* const list = journal.add_subcommand("list", "List the latest records");
    list->add_option("--last", to.last, "How many")->check(is_decimal)->type_name("N")->capture_default_str();
    all.push_back({list, [](const typed& from) { return journal_list_command{from.last}; }});
    auto* const record = journal.add_subcommand("show", "Show one record and the head of the chain at that record");
    record->add_option("seq", to.number, "Its number")->required()->check(is_decimal)->type_name("SEQ");
    all.push_back({record, [](const typed& from) { return journal_show_command{from.number}; }});
    auto* const verify = journal.add_subcommand("verify", "Check the hash chain of all files");
    verify->add_option("--head", to.head, "A previously recorded head, to detect truncation")->type_name("SEQ:HASH");
    all.push_back({verify, journal_verify});
}

void offer_checks(CLI::App& app, typed& to, offers& all)
{
    auto* const tried = app.add_subcommand("selftest", "Test what the agent needs: read (default), task or hub");
    tried
        ->add_option("mode", to.selftest_mode,
                     "read: ask everything, change nothing; task: also change and "
                     "restore a description, make and delete a snapshot; hub: send one report, print it and the answer")
        ->check(CLI::IsMember({"read", "task", "hub"}));
    tried->add_option("--vmid", to.vmid, "The stopped guest that task works on")->check(is_vmid)->type_name("N");
    all.push_back({tried, [](const typed& from) { return selftest(from.selftest_mode, from); }});
    auto* const status =
        app.add_subcommand("status", "Show the status of the running agent; exit 1 if it is unhealthy");
    status->add_option("--socket", to.socket, "Ask at this socket, whatever the configuration says")
        ->check(is_path)
        ->type_name("FILE");
    all.push_back({status, [](const typed& from) {
                       return status_command{from.socket.empty() ? std::nullopt : std::optional{from.socket}};
                   }});
    all.push_back(
        {app.add_subcommand("doctor", "Check configuration, node, privileges, clock, journal and hub; suggest fixes"),
         [](const typed&) { return doctor_command{}; }});
    auto& config = command_group(app, "config", "Check or show the configuration");
    auto* const check = config.add_subcommand("check", "Check the configuration");
    check->add_option("--for", to.part, "Only what this command needs; or all")
        ->check(CLI::IsMember({"configured", "all", "plan", "apply", "selftest"}))
        ->capture_default_str();
    all.push_back({check, [](const typed& from) { return config_check_command{from.part}; }});
    all.push_back({config.add_subcommand("show", "Show every setting, its value and its source"),
                   [](const typed&) { return config_show_command{}; }});
    auto* const report = app.add_subcommand("report", "Print the report for the hub");
    report->add_flag("--send", to.send, "Send it, and print the hub's answer");
    all.push_back({report, [](const typed& from) { return report_command{.send = from.send, .show = !from.send}; }});
    auto& desired = command_group(app, "desired", "Manage the desired state received from the hub");
    all.push_back(
        {desired.add_subcommand("reset-generation", "Accept the hub's next desired state, whatever its generation"),
         [](const typed&) { return desired_reset_command{}; }});
    auto* const verify = app.add_subcommand("verify", "Check a signed operation offline");
    add_verify_options(*verify, to.verify);
    all.push_back({verify, [](const typed& from) { return verify_command{from.verify}; }});
    all.push_back({app.add_subcommand("version", "Print the version"), [](const typed&) { return version_command{}; }});
}

/// The command that was named; nothing when none was, or only help.
[[nodiscard]] auto command_of(const offers& known, const typed& from, bool asks_selftest) -> std::optional<chosen>
{
    if (from.version) {
        return version_command{};
    }
    const auto named = std::ranges::find_if(known, [](const offer& one) { return one.app->parsed(); });
    if (named != known.end() && asks_selftest) {
        return usage_error("--selftest is a command of its own, and " + named->app->get_name() + " is another");
    }
    if (named != known.end()) {
        return named->make(from);
    }
    if (asks_selftest) {
        return selftest(from.selftest_flag.empty() ? "read" : from.selftest_flag, from);
    }
    return std::nullopt;
}

/// Whether --vmid was given to what has no use for it: whoever forgot the word task would believe that it was tried.
[[nodiscard]] auto names_idle_vmid(const CLI::App& app, const std::optional<chosen>& named) -> bool
{
    const auto given = app.count("--vmid") + app.get_subcommand("selftest")->count("--vmid");
    const auto* const run = named ? std::get_if<command>(&*named) : nullptr;
    return given > 0 && (!named || (run != nullptr && !std::holds_alternative<selftest_task_command>(*run)));
}

/// The words that a line with a mistake can be mended with: the command that was probably meant, or what a group of
/// commands offers. Empty where there is no such help.
[[nodiscard]] auto hint_after(const CLI::App& app) -> std::string
{
    const CLI::App* group = &app;
    while (!group->get_subcommands().empty()) {
        group = group->get_subcommands().front();
    }
    auto names = std::vector<std::string>{};
    for (const auto* const offered : group->get_subcommands([](const CLI::App*) { return true; })) {
        names.push_back(offered->get_name());
    }
    const auto known = std::vector<std::string_view>{names.begin(), names.end()};
    const auto unexpected = app.remaining(/*recurse=*/true);
    if (!unexpected.empty()) {
        const auto& word = unexpected.front();
        const auto meant = word.starts_with('-') ? std::string_view{} : nearest(word, known);
        return meant.empty() ? std::string{} : "Did you mean '" + std::string{meant} + "'?\n";
    }
    auto words = std::string{};
    for (const auto& name : names) {
        words += (words.empty() ? "" : ", ") + name;
    }
    return group == &app || words.empty() ? std::string{}
                                          : group->get_name() + " is followed by one of: " + words + "\n";
}

} // namespace

auto parse_command_line(int count, const char* const* arguments) -> std::variant<command_line, nothing_to_run>
{
    auto app = CLI::App{"Keeps the LXC guests of a Proxmox VE node in their desired state.", "felhom-agent"};
    auto from = typed{};
    app.footer(footer);
    app.fallthrough();
    app.require_subcommand(0, 1);
    add_global_options(app, from);
    auto known = offers{};
    offer_passes(app, from, known);
    offer_operations(app, from, known);
    offer_checks(app, from, known);
    auto* const help = app.add_subcommand("help", "Print this help, or the help of a command");
    help->add_option("command", from.help_about, "Command to describe")->type_name("COMMAND");
    try {
        app.parse(count, arguments);
    } catch (const CLI::ParseError& e) {
        const auto is_help = e.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success);
        if (app.exit(e, std::cout, std::cerr) == 0 && is_help) {
            return nothing_to_run{0};
        }
        std::cerr << hint_after(app);
        return nothing_to_run{static_cast<int>(exit_code::usage)};
    }
    from.verify.json = from.verify.json || from.json;
    if (help->parsed()) {
        auto line = std::vector<const char*>{"felhom-agent"};
        const CLI::App* about = &app;
        for (const auto& word : from.help_about) {
            const auto named = about->get_subcommands([&](const CLI::App* one) { return one->check_name(word); });
            if (named.empty()) {
                return usage_error("there is no command " + word);
            }
            about = named.front();
            line.push_back(word.c_str());
        }
        line.push_back("--help");
        return parse_command_line(static_cast<int>(line.size()), line.data());
    }
    auto named = command_of(known, from, app.count("--selftest") > 0);
    if (names_idle_vmid(app, named)) {
        return usage_error("--vmid is the guest of selftest task, and goes with nothing else");
    }
    if (!named) {
        named = run_command{};
    }
    auto* const run = std::get_if<command>(&*named);
    if (run == nullptr) {
        return nothing_to_run{static_cast<int>(exit_code::usage)};
    }
    return command_line{
        .config = from.config.empty() ? std::nullopt : std::optional{from.config},
        .json = from.json,
        .colour = !from.no_colour,
        .level = from.verbose ? std::optional{log_level::debug}
                 : from.quiet ? std::optional{log_level::error}
                              : std::nullopt,
        .run = std::move(*run),
    };
}

} // namespace felhom::agent
