// SPDX-License-Identifier: Apache-2.0
#include "agent/hub/hub_setup.hpp"

#include "agent/setup/kernel_clock.hpp"
#include "agent/setup/version.hpp"
#include "io/hub/hub_client.hpp"
#include "io/process/process.hpp"
#include "io/serve/local_client.hpp"

#include <felhom/config/settings.hpp>
#include <felhom/hub/hub_key.hpp>
#include <felhom/hub/hub_url.hpp>
#include <felhom/hub/report/pass_status.hpp>

#include <unistd.h>

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <variant>

namespace felhom::agent {

namespace {

using failed = tl::unexpected<startup_errors>;

/// How long a question to this host's own programs may take.
constexpr auto probe_limits = io::process_limits{.time = std::chrono::seconds{5}};

/// Why the journal's word is not the whole of what happened; nothing: it is.
[[nodiscard]] auto trouble_with(const io::journal* journal, const status_board& board)
    -> std::optional<hub::source_error>
{
    using kind = hub::source_error::kind;
    if (const auto why = board.journal_failure()) {
        return hub::source_error{kind::failed, "nothing can be recorded, so nothing is changed: " + *why};
    }
    return journal == nullptr ? std::optional{hub::source_error{kind::not_collected, "the journal is not open"}}
                              : std::nullopt;
}

[[nodiscard]] auto tail_of(const io::journal* journal, const status_board& board, instant now)
    -> hub::observed<hub::audit_tail>
{
    if (auto trouble = trouble_with(journal, board)) {
        return {.at = now, .result = tl::unexpected(*std::move(trouble))};
    }
    auto tail = hub::audit_tail{.head = journal->head()};
    for (auto& [seq, payload] : journal->recent()) {
        tail.records.push_back({.seq = seq, .payload = payload});
    }
    return {.at = now, .result = std::move(tail)};
}

[[nodiscard]] auto unknown_of(const io::journal* journal, const status_board& board, instant now)
    -> hub::observed<std::vector<hub::unknown_operation>>
{
    if (auto trouble = trouble_with(journal, board)) {
        return {.at = now, .result = tl::unexpected(*std::move(trouble))};
    }
    auto all = std::vector<hub::unknown_operation>{};
    journal->look([&](const operate::ledger& known) { all = hub::unknown_operations_of(known); });
    return {.at = now, .result = std::move(all)};
}

[[nodiscard]] auto own_observations_of(const io::journal* journal, const status_board& board, instant now)
    -> hub::own_observations
{
    return {.audit_tail = tail_of(journal, board, now),
            .unknown_operations = unknown_of(journal, board, now),
            .last_pass = board.read(),
            .clock_synchronized = is_kernel_clock_synchronized(),
            .clock_set = board.clock_set()};
}

/// The disks that may be asked: smartctl needs root.
[[nodiscard]] auto disks_to_ask(bool wanted) -> tl::expected<std::vector<host_tools::disk_device>, hub::source_error>
{
    using kind = hub::source_error::kind;
    if (!wanted) {
        return tl::unexpected(hub::source_error{kind::not_collected, "report.hardware is off"});
    }
    if (::geteuid() != 0) {
        return tl::unexpected(hub::source_error{kind::not_collected, "needs root, which this agent does not have"});
    }
    return disks_in("/sys/block");
}

[[nodiscard]] auto ask_cloudflared(const loopback_address& at) -> tl::expected<hub::tunnel_readiness, hub::source_error>
{
    using kind = hub::source_error::kind;
    const auto answer = io::ask_loopback(at, "/ready", probe_limits.time);
    if (!answer) {
        return tl::unexpected(hub::source_error{kind::unreachable, at.text() + ": " + answer.error().reason});
    }
    return hub::parse_readiness(answer->status, answer->body).map_error([&](const json_error& why) {
        return hub::source_error{kind::unreadable, at.text() + ": " + describe(why)};
    });
}

[[nodiscard]] auto tunnel_question(const std::optional<loopback_address>& at)
    -> std::function<tl::expected<hub::tunnel_readiness, hub::source_error>()>
{
    if (!at) {
        return nullptr;
    }
    return [at = *at] { return ask_cloudflared(at); };
}

} // namespace

auto random_run() -> hub::run_id
{
    auto source = std::random_device{};
    auto words = hub::run_id::random_words{};
    std::ranges::generate(words, [&] { return source(); });
    return hub::run_id::of(words);
}

auto report_sources_of(const host_id& host, const config::report_settings& what, const node_session& node,
                       const io::journal* journal, const std::shared_ptr<const status_board>& board) -> report_sources
{
    return {.of = {.host = host,
                   .agent_version = std::string{agent_version},
                   .node = node.node,
                   .temperatures = what.hardware},
            .in = node.in,
            .run = io::root_runner(probe_limits),
            .own = [journal, board, now = node.in.now] { return own_observations_of(journal, *board, now()); },
            .disks = [wanted = what.hardware] { return disks_to_ask(wanted); },
            .tunnel = tunnel_question(what.cloudflared_metrics)};
}

auto open_hub(const config::layered& from, const node_session& node, const io::journal* journal,
              std::optional<io::drop_box> box, const std::shared_ptr<status_board>& board, const io::logger& log)
    -> tl::expected<hub_duties, startup_errors>
{
    const auto settings = config::read_hub(from);
    const auto state = config::read_state(from);
    const auto desired = config::read_desired(from);
    if (!settings || !state || !desired) {
        return failed{lines_of(config::check(from, config::part::hub | config::part::state | config::part::desired))};
    }
    auto secrets = read_hub_secrets(*settings);
    if (!secrets) {
        return failed{std::move(secrets).error()};
    }
    const auto url = hub::hub_url::parse(settings->url);
    if (!url) {
        return failed{{"hub.url: " + felhom::describe(url.error())}};
    }
    // The last envelope stays in force, over a restart too.
    const auto kept = hub_files{state->directory}.envelope().value_or(std::nullopt);
    const auto interval = kept ? kept->envelope.poll_interval : settings->poll;
    auto limits = io::hub_limits;
    limits.total = settings->timeout;
    auto sources = report_sources_of(settings->host, config::read_report(from), node, journal, board);
    auto client = io::hub_client{*url, secrets->trust, secrets->key, limits};
    auto break_off = [client] { client.break_off(); };
    return hub_duties{
        .exchange = std::move(client),
        .break_off = std::move(break_off),
        .host = settings->host,
        .policy = {.interval = interval},
        .files = hub_files{state->directory},
        .collect = [sources = std::move(sources)] { return hub::make_host_report(collect(sources)); },
        .now = node.in.now,
        .chance = random_share,
        .box = std::move(box),
        .takes_desired = desired->source == config::desired_source::hub,
        .board = board,
        .log = log,
    };
}

} // namespace felhom::agent
