// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/contains.hpp>
#include <felhom/core/decimal.hpp>
#include <felhom/core/node_name.hpp>
#include <felhom/net/call_line.hpp>
#include <felhom/proxmox/api/caller.hpp>
#include <felhom/proxmox/api/question.hpp>
#include <felhom/proxmox/api/read.hpp>
#include <felhom/proxmox/api/request.hpp>
#include <felhom/proxmox/api/token_id.hpp>
#include <felhom/proxmox/errors/decode_error.hpp>
#include <felhom/proxmox/errors/error.hpp>
#include <felhom/proxmox/lxc/node_facts.hpp>
#include <felhom/proxmox/model/cluster_options.hpp>
#include <felhom/proxmox/model/config_digest.hpp>
#include <felhom/proxmox/model/guest_summary.hpp>
#include <felhom/proxmox/model/node_status.hpp>
#include <felhom/proxmox/model/partial_list.hpp>
#include <felhom/proxmox/model/pending.hpp>
#include <felhom/proxmox/model/permissions.hpp>
#include <felhom/proxmox/model/version.hpp>
#include <felhom/proxmox/tasks/task_status.hpp>
#include <felhom/proxmox/tasks/upid.hpp>
#include <felhom/reconcile/actual/actual_state.hpp>
#include <felhom/reconcile/actual/inventory.hpp>
#include <felhom/reconcile/desired/desired_state.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace felhom::reconcile {

/// What the first round of questions tells of a node.
struct survey {
    lxc::pve_release release;
    std::vector<proxmox::guest_summary> guests; ///< sorted by vmid, each once
    std::vector<proxmox::odd_row> odd;          ///< rows of that list that are not understood
    std::optional<proxmox::permissions> granted;
    proxmox::cluster_options options;
    std::optional<std::uint32_t> cgroup; ///< nothing: the API did not tell
    bool all_nodes_online = false;

    friend auto operator==(const survey&, const survey&) -> bool = default;
};

/// There is no observation, and what is known of the token's rights all the same.
struct unread_node {
    proxmox::call_error why;
    std::optional<proxmox::permissions> granted = std::nullopt;

    friend auto operator==(const unread_node&, const unread_node&) -> bool = default;
};

[[nodiscard]] inline auto describe(const unread_node& error, const proxmox::token_id& token) -> std::string
{
    return "the node could not be read: "
           + proxmox::describe(error.why, proxmox::caller{.token = token, .granted = error.granted});
}

/// "9.2.11" and "7.4-16" as far as a release is told apart here.
[[nodiscard]] inline auto parse_release(std::string_view version) -> std::optional<lxc::pve_release>
{
    const auto dot = version.find('.');
    if (dot == std::string_view::npos) {
        return std::nullopt;
    }
    const auto rest = version.substr(dot + 1);
    const auto major = parse_decimal<std::uint16_t>(version.substr(0, dot));
    const auto minor = parse_decimal<std::uint16_t>(rest.substr(0, rest.find_first_not_of("0123456789")));
    return major && minor ? std::optional{lxc::pve_release{.major = *major, .minor = *minor}} : std::nullopt;
}

/// The first round of an observation: which release, which guests, what this token may do, and what holds for the
/// cluster.
[[nodiscard]] inline auto survey_questions(const node_name& node)
{
    using proxmox::read;
    return proxmox::questions{read::version(), read::guests(node), read::permissions(), read::cluster_options(),
                              read::cluster_nodes()};
}
using survey_answers = decltype(survey_questions(std::declval<const node_name&>()))::answers;

namespace detail {

/// The cgroup version of a node.
[[nodiscard]] inline auto cgroup_of(const node_name& node, const std::vector<proxmox::cluster_node>& nodes)
    -> std::optional<std::uint32_t>
{
    const auto found = std::ranges::find(nodes, node, &proxmox::cluster_node::name);
    return found == nodes.end() ? std::nullopt : found->cgroup;
}

/// Sorts the guests. Of one that is listed twice, or another time in a way that is not understood, nothing is known.
inline void put_in_order(proxmox::partial_list<proxmox::guest_summary>& guests, const net::call_line& asked)
{
    using proxmox::guest_summary;
    std::ranges::sort(guests.rows, {}, &guest_summary::id);
    const auto next_double = [&](auto from) {
        return std::ranges::adjacent_find(from, guests.rows.end(), {}, &guest_summary::id);
    };
    for (auto twice = next_double(guests.rows.begin()); twice != guests.rows.end(); twice = next_double(twice + 2)) {
        guests.odd.push_back({.guest = twice->id,
                              .why = {.path = "$.data",
                                      .expected = "every guest once",
                                      .got = "guest " + twice->id.text() + " twice",
                                      .to = asked}});
    }
    std::erase_if(guests.rows, [&](const guest_summary& row) {
        return contains(guests.odd, std::optional{row.id}, &proxmox::odd_row::guest);
    });
}

} // namespace detail

/// What the answers come to. Without the list of guests there is no observation; privileges that could not be read are
/// merely not known, and options that could not be read are those of a fresh installation.
[[nodiscard]] inline auto understand_survey(const node_name& node, survey_answers answers)
    -> tl::expected<survey, unread_node>
{
    auto& [version, guests, permissions, options, nodes] = answers;
    auto granted = permissions ? std::optional{*std::move(permissions)} : std::nullopt;
    if (!version) {
        return tl::unexpected(unread_node{.why = version.error(), .granted = granted});
    }
    const auto release = parse_release(version->number);
    if (!release) {
        return tl::unexpected(unread_node{.why = proxmox::decode_error{.path = "$.data.version",
                                                                       .expected = "a version such as 9.2.11",
                                                                       .got = "'" + version->number + "'",
                                                                       .to = line_of(proxmox::read::version().request)},
                                          .granted = granted});
    }
    if (!guests) {
        return tl::unexpected(unread_node{.why = std::move(guests).error(), .granted = granted});
    }
    detail::put_in_order(*guests, line_of(proxmox::read::guests(node).request));
    return survey{
        .release = *release,
        .guests = std::move(guests->rows),
        .odd = std::move(guests->odd),
        .granted = std::move(granted),
        .options = std::move(options).value_or(proxmox::cluster_options{}),
        .cgroup = nodes ? detail::cgroup_of(node, nodes->rows) : std::nullopt,
        .all_nodes_online = nodes && proxmox::are_all_online(*nodes),
    };
}

/// What the survey tells of the node. Where it does not tell the cgroup version, that is the one of a fresh
/// installation.
[[nodiscard]] inline auto facts_of(const survey& found) -> lxc::node_facts
{
    return {.release = found.release,
            .cgroup_v2 = found.cgroup != 1U,
            .tags_case_sensitive = found.options.tags_case_sensitive};
}

[[nodiscard]] inline auto inventory_of(const survey& found) -> inventory
{
    auto all = inventory{};
    std::ranges::transform(found.guests, std::back_inserter(all), &proxmox::guest_summary::id);
    for (const auto& row : found.odd) {
        if (row.guest) {
            all.push_back(*row.guest);
        }
    }
    std::ranges::sort(all);
    const auto twice = std::ranges::unique(all);
    all.erase(twice.begin(), twice.end());
    return all;
}

/// The guests that are desired and there, in order: those whose configuration the second round asks for.
[[nodiscard]] inline auto guests_to_read(const desired_state& desired, const survey& found) -> std::vector<vmid>
{
    auto wanted = std::vector<vmid>{};
    for (const auto& guest : desired.guests) {
        const auto at = std::ranges::lower_bound(found.guests, guest.id, {}, &proxmox::guest_summary::id);
        if (at != found.guests.end() && at->id == guest.id) {
            wanted.push_back(guest.id);
        }
    }
    std::ranges::sort(wanted);
    return wanted;
}

/// A configuration that came whole, or why none did. Without its digest it cannot be written safely, and counts as
/// unread.
[[nodiscard]] inline auto understand_config(const node_name& node, vmid id,
                                            proxmox::answered<proxmox::pending_config> config)
    -> std::variant<actual_config, unread_config>
{
    if (!config) {
        return unread_config{std::move(config).error()};
    }
    const auto digest = proxmox::config_digest::parse(config->digest.value_or(""));
    if (!digest) {
        return unread_config{proxmox::decode_error{.path = "$.data",
                                                   .expected = "a row 'digest' (" + digest.error().rule + ")",
                                                   .got = digest.error().got.empty() ? "none" : digest.error().got,
                                                   .to = line_of(proxmox::read::pending(node, id).request)}};
    }
    return actual_config{.entries = std::move(config->entries), .digest = *digest};
}

/// The second round: of each guest what is in force, what waits for a restart, and the digest of both, in one read;
/// and, only where one of the guests is locked, which tasks run on the node.
[[nodiscard]] inline auto config_questions(const node_name& node, const survey& found, const std::vector<vmid>& guests)
{
    const auto is_locked = [&](const proxmox::guest_summary& guest) {
        return guest.lock.has_value() && std::ranges::binary_search(guests, guest.id);
    };
    auto configs = std::vector<proxmox::question<proxmox::pending_config>>{};
    std::ranges::transform(guests, std::back_inserter(configs),
                           [&](vmid id) { return proxmox::read::pending(node, id); });
    auto tasks =
        std::ranges::any_of(found.guests, is_locked) ? std::optional{proxmox::read::active_tasks(node)} : std::nullopt;
    return proxmox::questions{std::move(configs), std::move(tasks)};
}
using config_answers = decltype(config_questions(std::declval<const node_name&>(), std::declval<const survey&>(),
                                                 std::declval<const std::vector<vmid>&>()))::answers;

/// The guests of which a row was not understood.
[[nodiscard]] inline auto odd_guests(const survey& found) -> std::vector<odd_guest>
{
    auto all = std::vector<odd_guest>{};
    for (const auto& row : found.odd) {
        if (row.guest) {
            all.push_back({.id = *row.guest, .why = row.why});
        }
    }
    return all;
}

namespace detail {

/// The task that runs on a guest, where those that run were asked for.
[[nodiscard]] inline auto task_on(vmid id, const std::vector<proxmox::listed_task>& running)
    -> std::optional<proxmox::upid>
{
    const auto found = std::ranges::find_if(
        running, [&](const proxmox::listed_task& task) { return task.running() && task.id.id() == id.text(); });
    return found == running.end() ? std::nullopt : std::optional{found->id};
}

/// Tags are reserved where somebody said so, which only Sys.Audit uncovers.
[[nodiscard]] inline auto known_tag_access(const survey& found) -> std::optional<proxmox::tag_access>
{
    const auto told = found.granted && contains(found.granted->on("/"), "Sys.Audit");
    return told ? std::optional{found.options.tags} : std::nullopt;
}

} // namespace detail

/// Joins both rounds; the answers of the second are those to config_questions(node, found, guests).
[[nodiscard]] inline auto understand_observation(const node_name& node, survey found, accepted_inventory accepted,
                                                 const std::vector<vmid>& guests, config_answers answers)
    -> actual_state
{
    auto& [configs, tasks] = answers;
    auto actual = actual_state{.inventory = std::move(accepted),
                               .guests = {},
                               .granted = found.granted,
                               .tags = detail::known_tag_access(found),
                               .odd = odd_guests(found)};
    const auto running = tasks && *tasks ? std::move((*tasks)->rows) : std::vector<proxmox::listed_task>{};
    auto config = configs.begin();
    auto summary = found.guests.begin();
    for (const auto id : guests) {
        while (summary != found.guests.end() && summary->id < id) {
            ++summary;
        }
        if (config == configs.end() || summary == found.guests.end() || summary->id != id) {
            break;
        }
        actual.guests.push_back({
            .id = id,
            .name = std::move(summary->name),
            .run = summary->power == proxmox::power_state::running ? run_state::running : run_state::stopped,
            .lock = std::move(summary->lock),
            .is_template = summary->is_template,
            .config = understand_config(node, id, std::move(*config++)),
            .task = detail::task_on(id, running),
        });
    }
    return actual;
}

} // namespace felhom::reconcile
