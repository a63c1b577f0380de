// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/node_name.hpp>
#include <felhom/core/printable.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/operate/effect.hpp>
#include <felhom/operate/node_context.hpp>
#include <felhom/operate/operation/operation.hpp>
#include <felhom/operate/operation/operation_record.hpp>
#include <felhom/operate/operation/postcondition.hpp>
#include <felhom/operate/procedures/ask.hpp>
#include <felhom/operate/procedures/call_and_verify.hpp>
#include <felhom/operate/procedures/execute.hpp>
#include <felhom/operate/procedures/fresh_look.hpp>
#include <felhom/operate/procedures/judge.hpp>
#include <felhom/operate/procedures/own_task.hpp>
#include <felhom/proxmox/api/destructive.hpp>
#include <felhom/proxmox/api/read.hpp>
#include <felhom/proxmox/api/single_call.hpp>
#include <felhom/proxmox/errors/error.hpp>
#include <felhom/proxmox/lxc/config_key.hpp>
#include <felhom/proxmox/lxc/key_table.hpp>
#include <felhom/proxmox/lxc/value_kind.hpp>
#include <felhom/proxmox/model/config_digest.hpp>
#include <felhom/proxmox/model/created_snapshot.hpp>
#include <felhom/proxmox/model/guest_feature.hpp>
#include <felhom/proxmox/model/guest_summary.hpp>
#include <felhom/proxmox/model/partial_list.hpp>
#include <felhom/proxmox/model/pending.hpp>
#include <felhom/proxmox/model/selftest_snapshot.hpp>
#include <felhom/proxmox/model/storage.hpp>
#include <felhom/reconcile/actual/actual_state.hpp>
#include <felhom/reconcile/plan/action_outcome.hpp>
#include <felhom/reconcile/plan/plan.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// What the agent tries on one stopped guest before it is trusted with all: a change that it takes back, and a snapshot
// that it makes, rolls back to and deletes. Each step stands in the journal.
namespace felhom::operate {

/// A step that did not even begin, and why.
struct step_refused {
    std::string why;

    friend auto operator==(const step_refused&, const step_refused&) -> bool = default;
};

struct selftest_step {
    std::string what;
    std::variant<action_outcome, proxmox::call_error, step_refused> result;

    friend auto operator==(const selftest_step&, const selftest_step&) -> bool = default;
};

[[nodiscard]] inline auto passed(const selftest_step& step) -> bool
{
    const auto* const outcome = std::get_if<action_outcome>(&step.result);
    return outcome != nullptr && reconcile::is_achieved(*outcome);
}

namespace detail {

using steps = std::vector<selftest_step>;

/// Both reads that show a guest whole.
struct guest_reads {
    proxmox::guest_status status;
    proxmox::pending_config config;
};

[[nodiscard]] inline auto read_both(node_name node, vmid guest)
    -> procedure<tl::expected<guest_reads, proxmox::call_error>>
{
    using result = tl::expected<guest_reads, proxmox::call_error>;
    auto status = co_await ask(proxmox::read::guest_status(node, guest));
    if (!status) {
        co_return result{tl::unexpected(std::move(status).error())};
    }
    auto config = co_await ask(proxmox::read::pending(node, guest));
    if (!config) {
        co_return result{tl::unexpected(std::move(config).error())};
    }
    co_return result{guest_reads{.status = *std::move(status), .config = *std::move(config)}};
}

/// What a read shows as the guest's description, as it would be written: Proxmox VE shows it with a newline at its end
/// (pve-container PVE/LXC/Config.pm, write_pct_config).
[[nodiscard]] inline auto description_in(const proxmox::pending_config& read) -> std::optional<std::string>
{
    const auto entry = std::ranges::find(read.entries, "description", &proxmox::pending_entry::key);
    const auto* const stored = entry == read.entries.end() ? nullptr : reconcile::stored_value(*entry);
    if (stored == nullptr) {
        return std::nullopt;
    }
    return stored->ends_with('\n') ? stored->substr(0, stored->size() - 1) : *stored;
}

/// Whether a description could be written so that it reads as it does now. One that was written into the file by hand
/// may be longer than any call takes, or end in several newlines, of which one would remain.
[[nodiscard]] inline auto can_be_put_back(const std::optional<std::string>& description) -> bool
{
    const auto* const key = lxc::key_table::standard().find("description");
    return !description || (key != nullptr && admits(key->admits, *description) && !description->ends_with('\n'));
}

/// Asks whether the guest's volumes take snapshots; the step that failed, where not.
[[nodiscard]] inline auto can_be_snapshotted(vmid guest, proxmox::pending_config config, node_context at)
    -> procedure<std::optional<selftest_step>>
{
    using result = std::optional<selftest_step>;
    const auto* const what = "the guest's volumes take snapshots";
    const auto has = co_await ask(proxmox::read::guest_feature(at.node, guest, "snapshot"));
    if (!has) {
        co_return result{selftest_step{what, has.error()}};
    }
    if (*has) {
        co_return result{};
    }
    const auto listed = co_await ask(proxmox::read::node_storages(at.node));
    const auto storages = listed.value_or(proxmox::partial_list<proxmox::node_storage>{.rows = {}});
    const auto which = proxmox::volumes_without_snapshots(config, storages.rows);
    co_return result{selftest_step{what, step_refused{"Proxmox VE says that they do not"
                                                      + (which.empty() ? ", and not which" : ": " + which)
                                                      + "; nothing was changed; name a guest whose volumes do"}}};
}

/// For a person who has to put it back: all of it.
[[nodiscard]] inline auto it_was(const std::optional<std::string>& description) -> std::string
{
    return " (it was: " + (description ? printable(*description, std::string::npos) : std::string{"(none)"}) + ")";
}

/// Whether a step that did not pass may have left what it was to write.
[[nodiscard]] inline auto may_have_written(const selftest_step& step) -> bool
{
    const auto* const outcome = std::get_if<action_outcome>(&step.result);
    return outcome != nullptr
           && (std::holds_alternative<reconcile::outcome_unknown>(*outcome)
               || std::holds_alternative<reconcile::no_effect>(*outcome));
}

/// A description as one change of a guest that was just read.
[[nodiscard]] inline auto change_of_description(vmid guest, const proxmox::pending_config& read,
                                                std::optional<std::string> to)
    -> std::optional<reconcile::update_config>
{
    const auto* const rule = lxc::key_table::standard().find("description");
    const auto digest = proxmox::config_digest::parse(read.digest.value_or(""));
    if (rule == nullptr || !digest) {
        return std::nullopt;
    }
    const auto entry = std::ranges::find(read.entries, "description", &proxmox::pending_entry::key);
    const auto* const stored = entry == read.entries.end() ? nullptr : reconcile::stored_value(*entry);
    auto change = reconcile::config_change{.key = "description",
                                           .from = stored == nullptr ? std::nullopt : std::optional{*stored},
                                           .to = std::move(to),
                                           .normal = {},
                                           .rule = rule,
                                           .effect = rule->effect,
                                           .weight = rule->weight};
    lxc::normalize(*rule, change.to.value_or(""), {}, change.normal);
    return reconcile::update_config{.id = guest, .changes = {std::move(change)}, .digest = *digest};
}

[[nodiscard]] inline auto set_description(vmid guest, std::optional<std::string> to, std::string what, node_context at)
    -> procedure<selftest_step>
{
    const auto read = co_await ask(proxmox::read::pending(at.node, guest));
    if (!read) {
        co_return selftest_step{std::move(what), read.error()};
    }
    auto change = change_of_description(guest, *read, std::move(to));
    if (!change) {
        co_return selftest_step{std::move(what), step_refused{"the configuration came without its digest"}};
    }
    auto outcome = co_await execute(*std::move(change), 0, origin::selftest, at);
    co_return selftest_step{std::move(what), std::move(outcome)};
}

/// Makes the snapshot; nothing where its own task was not seen to succeed, since it is then not known to be ours.
[[nodiscard]] inline auto make_snapshot(proxmox::selftest_snapshot planned, vmid guest, node_context at, steps* log)
    -> procedure<std::optional<proxmox::created_snapshot>>
{
    using result = std::optional<proxmox::created_snapshot>;
    const auto name = planned.name().text();
    const auto what = "make the snapshot " + name;
    auto what_is_done = guest_snapshot{planned.name()};
    const auto wanted = shown_by(what_is_done);
    const auto id = co_await draw_number{};
    const auto begun_at = co_await read_clock{};
    auto record = operation_started{
        .id = id, .at = begun_at, .guest = guest, .from = origin::selftest, .what = std::move(what_is_done)};
    const auto started = co_await append{std::move(record)};
    if (!started) {
        log->push_back({what, step_refused{"the journal could not be written: " + started.error().reason}});
        co_return result{};
    }
    const auto answer = co_await send{planned.request()};
    auto begun = std::move(planned).begun(answer);
    auto made = result{};
    auto outcome = action_outcome{reconcile::outcome_unknown{"its task is not known"}};
    if (begun) {
        static_cast<void>(co_await note_task(id, begun->task()));
        const auto patience = task_patience(at.patience);
        const auto ended = co_await await_task{begun->task(), patience};
        auto end = end_of(ended);
        auto seen = co_await read_back(wanted, guest, at, /*one_look=*/true, end);
        outcome = judge(wanted, std::move(end), std::move(seen));
        made = std::move(*begun).finished(ended);
    } else {
        auto end = call_end{.trouble = begun.error(), .was_made = !was_never_made(begun.error())};
        auto seen = co_await read_back(wanted, guest, at, /*one_look=*/true, end);
        outcome = seen.as_wanted
                      ? action_outcome{reconcile::outcome_unknown{
                            "the snapshot " + name + " is there, and its task was not seen: delete it by hand"}}
                      : judge(wanted, std::move(end), std::move(seen));
    }
    static_cast<void>(co_await note_end(id, outcome));
    log->push_back({what, std::move(outcome)});
    co_return made;
}

/// Whether nothing but the snapshot that we made parts the two.
[[nodiscard]] inline auto only_we_changed(const proxmox::pending_config& before, const proxmox::pending_config& now)
    -> bool
{
    const auto without_parent = [](const proxmox::pending_config& config) {
        auto entries = config.entries;
        std::erase_if(entries, [](const proxmox::pending_entry& entry) { return entry.key == "parent"; });
        return entries;
    };
    return without_parent(before) == without_parent(now);
}

/// Looks whether the guest is as this run left it, and has been so between two looks.
[[nodiscard]] inline auto look_again(proxmox::created_snapshot made, proxmox::pending_config before, node_context at)
    -> procedure<std::optional<proxmox::untouched_snapshot>>
{
    using result = std::optional<proxmox::untouched_snapshot>;
    const auto first = co_await read_both(at.node, made.guest());
    const auto digest = proxmox::config_digest::parse(first ? first->config.digest.value_or("") : "");
    if (!first || !digest || !only_we_changed(before, first->config)) {
        co_return result{};
    }
    const auto second = co_await read_both(at.node, made.guest());
    co_return second ? result{proxmox::untouched_snapshot::check(made, *digest, second->status, second->config)}
                     : result{};
}

/// A request that only what a look has just shown allows.
using undoing = auto (*)(proxmox::untouched_snapshot&&) -> proxmox::single_call;

struct undo {
    std::string_view what;
    auto (*op)(const proxmox::snapshot_name& name) -> operation;
    undoing request;
};

/// What the self-test does with its snapshot.
inline constexpr auto undos = std::array{
    undo{"roll back to it", [](const proxmox::snapshot_name& name) { return operation{guest_rollback{name}}; },
         [](proxmox::untouched_snapshot&& ours) { return proxmox::destructive::rollback(std::move(ours)); }},
    undo{"delete it", [](const proxmox::snapshot_name& name) { return operation{guest_delete_snapshot{name}}; },
         [](proxmox::untouched_snapshot&& ours) { return proxmox::destructive::delete_snapshot(std::move(ours)); }},
};

/// Does it, between two records of the journal. Each call, also one that is repeated, needs a look of its own.
[[nodiscard]] inline auto undo_snapshot(undo step, proxmox::created_snapshot made, proxmox::pending_config before,
                                        node_context at) -> procedure<selftest_step>
{
    const auto name = made.name().text();
    auto what = step.op(made.name());
    const auto wanted = postcondition_of(what);
    const auto id = co_await draw_number{};
    const auto begun = co_await read_clock{};
    auto record = operation_started{
        .id = id, .at = begun, .guest = made.guest(), .from = origin::selftest, .what = std::move(what)};
    auto log = selftest_step{.what = std::string{step.what}, .result = step_refused{}};
    const auto started = co_await append{std::move(record)};
    if (!started || !wanted) {
        log.result = reconcile::not_started{"the journal could not be written"};
        co_return log;
    }
    auto outcome = action_outcome{};
    for (auto calls = 1U;;) {
        const auto looked = co_await read_steady_clock{};
        auto ours = co_await look_again(made, before, at);
        if (!ours) {
            const auto why = "the guest was started or changed meanwhile: nothing more is done; delete the snapshot "
                             + name + " by hand";
            outcome = reconcile::not_started{why};
            log.result = step_refused{why};
            break;
        }
        auto answer = co_await send_once{step.request(*std::move(ours)), looked + fresh_look::longest};
        if (!answer) {
            continue;
        }
        auto of = attempt{.id = id, .guest = made.guest(), .wanted = *wanted, .begun = begun};
        auto one = co_await follow_up(*std::move(answer), std::move(of), at);
        outcome = std::move(one.outcome);
        log.result = outcome;
        if (!one.nothing_done || calls >= at.patience.most_calls) {
            break;
        }
        static_cast<void>(co_await wait_for_another(calls, at.patience));
        ++calls;
    }
    static_cast<void>(co_await note_end(id, outcome));
    co_return log;
}

} // namespace detail

/// The self-test that changes something, on a guest that is stopped. It ends at the first step that fails.
[[nodiscard]] inline auto selftest(vmid guest, proxmox::selftest_snapshot planned, node_context at)
    -> procedure<std::vector<selftest_step>>
{
    auto log = detail::steps{};
    const auto first = co_await detail::read_both(at.node, guest);
    if (!first) {
        log.push_back({"read the guest", first.error()});
        co_return log;
    }
    if (first->status.summary.power == proxmox::power_state::running) {
        log.push_back(
            {"the guest is stopped", step_refused{"guest " + guest.text()
                                                  + " is running, and a rollback would stop it; name a stopped "
                                                    "guest"}});
        co_return log;
    }
    const auto original = detail::description_in(first->config);
    if (!detail::can_be_put_back(original)) {
        log.push_back({"the description could be restored",
                       step_refused{"Proxmox VE would not take back what stands there; name another guest"}});
        co_return log;
    }
    auto capable = co_await detail::can_be_snapshotted(guest, first->config, at);
    if (capable) {
        log.push_back(*std::move(capable));
        co_return log;
    }
    auto text = std::optional{std::string{"felhom self-test: this text is gone in a moment"}};
    auto name_of_step = std::string{"write a description"};
    auto written = co_await detail::set_description(guest, std::move(text), std::move(name_of_step), at);
    if (detail::may_have_written(written)) {
        written.what += detail::it_was(original);
    }
    log.push_back(std::move(written));
    if (!passed(log.back())) {
        co_return log;
    }
    auto name_of_next = std::string{"restore the description"};
    auto restored = co_await detail::set_description(guest, original, std::move(name_of_next), at);
    if (!passed(restored)) {
        restored.what += detail::it_was(original);
    }
    log.push_back(std::move(restored));
    if (!passed(log.back())) {
        co_return log;
    }
    const auto before = co_await detail::read_both(at.node, guest);
    if (!before) {
        log.push_back({"read the guest", before.error()});
        co_return log;
    }
    const auto made = co_await detail::make_snapshot(std::move(planned), guest, at, &log);
    if (!made) {
        co_return log;
    }
    for (const auto& step : detail::undos) {
        auto log_of_step = co_await detail::undo_snapshot(step, *made, before->config, at);
        log.push_back(std::move(log_of_step));
        if (!passed(log.back())) {
            co_return log;
        }
    }
    co_return log;
}

} // namespace felhom::operate
