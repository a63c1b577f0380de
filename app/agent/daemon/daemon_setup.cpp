// SPDX-License-Identifier: Apache-2.0
#include "agent/daemon/daemon_setup.hpp"

#include "agent/hub/hub_setup.hpp"
#include "agent/setup/hub_files.hpp"
#include "agent/setup/startup.hpp"
#include "io/files/drop_box.hpp"

#include <felhom/config/settings.hpp>
#include <felhom/reconcile/desired/desired_json.hpp>

#include <utility>

namespace felhom::agent {

namespace {

using not_opened = tl::unexpected<startup_errors>;

[[nodiscard]] auto has_hub(const config::layered& from) -> bool
{
    return config::includes(config::configured_parts(from), config::part::hub);
}

/// What was kept of the hub's desired state and cannot be read, or not by this version: the hub is asked for it anew.
[[nodiscard]] auto hub_sends_desired_anew(const config::layered& from) -> bool
{
    const auto desired = config::read_desired(from);
    const auto state = config::read_state(from);
    if (!desired || !state || desired->source != config::desired_source::hub) {
        return false;
    }
    const auto kept = hub_files{state->directory}.desired();
    if (!kept) {
        return true;
    }
    const auto& last = *kept;
    return last.has_value() && !reconcile::parse_desired_state(last->text, lxc::key_table::standard());
}

/// The hub, where there is one. It has a drop box of its own, since the two read it at the same time.
[[nodiscard]] auto set_up_hub(daemon_setup& setup) -> tl::expected<void, startup_errors>
{
    if (!has_hub(setup.from)) {
        return {};
    }
    auto box = std::optional<io::drop_box>{};
    const io::journal* journal = nullptr;
    if (setup.session) {
        auto opened = io::drop_box::open(state_paths::in(config::read_state(setup.from)->directory).signed_ops);
        if (!opened) {
            return not_opened{lines_of(opened.error())};
        }
        box = *std::move(opened);
        journal = &setup.session->journal();
    }
    auto duties = open_hub(setup.from, setup.node, journal, std::move(box), setup.board, setup.log);
    if (!duties) {
        return not_opened{std::move(duties).error()};
    }
    setup.hub = *std::move(duties);
    return {};
}

} // namespace

auto open_session(daemon_setup& setup, local_api::moment when) -> tl::expected<void, startup_errors>
{
    auto opened = operating_session::open(setup.settings, setup.node.in, setup.log);
    if (opened) {
        setup.opened = *std::move(opened);
        return {};
    }
    setup.otherwise = local_api::next_step(opened.error().what(), when, has_hub(setup.from));
    if (setup.otherwise == local_api::without_journal::ends) {
        return not_opened{std::move(opened).error()};
    }
    const auto& why = opened.error().lines().front();
    if (setup.board->journal_failure() != why) {
        setup.log.error(setup.otherwise == local_api::without_journal::only_reports
                            ? "no journal: changes are disabled, reporting goes on"
                            : "no journal: changes are disabled until it can be opened",
                        {{"reason", why}});
        setup.board->journal_fails(why);
    }
    return {};
}

auto begin_session(daemon_setup setup) -> tl::expected<daemon_setup, startup_errors>
{
    if (setup.opened != nullptr) {
        setup.session = std::move(setup.opened);
        setup.board->journal_fails(std::nullopt);
    }
    return set_up_hub(setup).map([&] { return std::move(setup); });
}

auto set_up_daemon(config::layered from, const daemon_frame& in, local_api::moment when, opening journal)
    -> tl::expected<daemon_setup, startup_errors>
{
    auto log = logger_for(in.level, from);
    auto node = open_node(from, log);
    if (!node) {
        return not_opened{std::move(node).error()};
    }
    // What a pass needs is read at each pass; what is wrong with it from the start is said at the start.
    if (auto input = load_pass(from, *node, /*accept_inventory=*/false);
        !input && local_api::keeps_from_start(input.error().what(), when, hub_sends_desired_anew(from))) {
        return not_opened{std::move(input).error()};
    }
    auto settings = load_operation_settings(from, *node);
    if (!settings) {
        return not_opened{std::move(settings).error()};
    }
    settings->hub_blocks = [board = in.board] { return board->is_blocked(); };
    settings->hub_clock = [board = in.board](steady_instant now) { return board->time_at_hub(now); };
    settings->journal_failed = [board = in.board, log, let_go = node->close, &asked = in.asked](const auto& why) {
        board->journal_fails(why);
        log.error("the journal cannot be written: nothing is changed until it is opened anew", {{"reason", why}});
        let_go(); // no call is waited for, and none begun
        asked.wake();
    };
    auto setup = daemon_setup{.from = std::move(from),
                              .node = *std::move(node),
                              .settings = *std::move(settings),
                              .board = in.board,
                              .log = std::move(log)};
    return (journal == opening::at_once ? open_session(setup, when) : tl::expected<void, startup_errors>{})
        .and_then([&] { return begin_session(std::move(setup)); });
}

} // namespace felhom::agent
