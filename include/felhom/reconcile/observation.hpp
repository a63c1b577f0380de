#pragma once

#include <felhom/core/ascii.hpp>
#include <felhom/core/contains.hpp>
#include <felhom/core/decimal.hpp>
#include <felhom/core/node_name.hpp>
#include <felhom/proxmox/cluster_options.hpp>
#include <felhom/proxmox/error.hpp>
#include <felhom/proxmox/exchange.hpp>
#include <felhom/proxmox/guest_summary.hpp>
#include <felhom/proxmox/lxc/node_facts.hpp>
#include <felhom/proxmox/node_status.hpp>
#include <felhom/proxmox/pending.hpp>
#include <felhom/proxmox/permissions.hpp>
#include <felhom/proxmox/read.hpp>
#include <felhom/proxmox/reply.hpp>
#include <felhom/proxmox/task_status.hpp>
#include <felhom/proxmox/version.hpp>
#include <felhom/reconcile/actual_state.hpp>
#include <felhom/reconcile/desired_state.hpp>
#include <felhom/reconcile/inventory.hpp>

#include <range/v3/range/conversion.hpp>
#include <range/v3/view/transform.hpp>
#include <tl/expected.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
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
[[nodiscard]] inline auto survey_questions(const node_name& node) -> std::vector<proxmox::request>
{
    return {proxmox::read::version(), proxmox::read::guests(node), proxmox::read::permissions(),
            proxmox::read::cluster_options(), proxmox::read::cluster_nodes()};
}

namespace detail {

/// The cgroup version of a node.
[[nodiscard]] inline auto cgroup_of(const node_name& node, const std::vector<proxmox::cluster_node>& nodes)
    -> std::optional<std::uint32_t>
{
    const auto found = std::ranges::find(nodes, node, &proxmox::cluster_node::name);
    return found == nodes.end() ? std::nullopt : found->cgroup;
}

/// Sorts the guests. Of one that is listed twice, or another time in a way that is not understood, nothing is known.
inline void put_in_order(proxmox::partial_list<proxmox::guest_summary>& guests)
{
    using proxmox::guest_summary;
    std::ranges::sort(guests.rows, {}, &guest_summary::id);
    const auto next_double = [&](auto from) {
        return std::ranges::adjacent_find(from, guests.rows.end(), {}, &guest_summary::id);
    };
    for (auto twice = next_double(guests.rows.begin()); twice != guests.rows.end(); twice = next_double(twice + 2)) {
        guests.odd.push_back(
            {.guest = twice->id,
             .why = {.path = "$.data", .expected = "every guest once", .got = "guest " + twice->id.text() + " twice"}});
    }
    std::erase_if(guests.rows, [&](const guest_summary& row) {
        return contains(guests.odd, std::optional{row.id}, &proxmox::odd_row::guest);
    });
}

} // namespace detail

/// The answers to survey_questions(node), in their order. Without the list of guests there is no observation;
/// privileges that could not be read are merely not known, and options that could not be read are those of a fresh
/// installation.
[[nodiscard]] inline auto understand_survey(const node_name& node, const std::vector<net::exchanged>& answers)
    -> tl::expected<survey, unread_node>
{
    if (answers.size() != 5) {
        return tl::unexpected(unread_node{
            proxmox::decode_error{.path = "$", .expected = "five answers", .got = std::to_string(answers.size())}});
    }
    auto granted = proxmox::understand(answers[2], proxmox::decode_permissions)
                       .map([](proxmox::permissions held) { return std::optional{std::move(held)}; })
                       .value_or(std::nullopt);
    const auto failed = [&](proxmox::call_error why) {
        return tl::unexpected(unread_node{.why = std::move(why), .granted = granted});
    };
    const auto ill_formed_answer = [&](const net::exchanged& answer, std::string path, std::string expected,
                                       std::string got) {
        return failed(proxmox::decode_error{.path = std::move(path),
                                            .expected = std::move(expected),
                                            .got = std::move(got),
                                            .to = answer ? answer->to : std::nullopt});
    };
    const auto version = proxmox::understand(answers[0], proxmox::decode_version);
    if (!version) {
        return failed(version.error());
    }
    const auto release = parse_release(version->number);
    if (!release) {
        return ill_formed_answer(answers[0], "$.data.version", "a version such as 9.2.11", "'" + version->number + "'");
    }
    auto guests = proxmox::understand(answers[1], proxmox::decode_guests);
    if (!guests) {
        return failed(std::move(guests).error());
    }
    detail::put_in_order(*guests);
    for (auto& row : guests->odd) {
        row.why.to = answers[1] ? answers[1]->to : std::nullopt;
    }
    const auto nodes = proxmox::understand(answers[4], proxmox::decode_cluster_nodes)
                           .value_or(proxmox::partial_list<proxmox::cluster_node>{.rows = {}});
    return survey{
        .release = *release,
        .guests = std::move(guests->rows),
        .odd = std::move(guests->odd),
        .granted = std::move(granted),
        .options =
            proxmox::understand(answers[3], proxmox::decode_cluster_options).value_or(proxmox::cluster_options{}),
        .cgroup = detail::cgroup_of(node, nodes.rows),
        .all_nodes_online = proxmox::are_all_online(nodes),
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
    auto all = found.guests | ranges::views::transform(&proxmox::guest_summary::id) | ranges::to<std::vector>();
    for (const auto& row : found.odd) {
        if (row.guest) {
            all.push_back(*row.guest);
        }
    }
    std::ranges::sort(all);
    all.erase(std::ranges::unique(all).begin(), all.end());
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

/// The second round. One read a guest shows what is in force, what waits for a restart, and the digest of both.
[[nodiscard]] inline auto config_questions(const node_name& node, const std::vector<vmid>& guests)
    -> std::vector<proxmox::request>
{
    return guests | ranges::views::transform([&](vmid id) { return proxmox::read::pending(node, id); })
           | ranges::to<std::vector>();
}

/// A configuration that came whole, or why none did. Without its digest it cannot be written safely, and counts as
/// unread.
[[nodiscard]] inline auto understand_config(const net::exchanged& answer) -> std::variant<actual_config, unread_config>
{
    auto config = proxmox::understand(answer, proxmox::decode_pending);
    if (!config) {
        return unread_config{std::move(config).error()};
    }
    const auto digest = proxmox::config_digest::parse(config->digest.value_or(""));
    if (!digest) {
        return unread_config{proxmox::decode_error{.path = "$.data",
                                                   .expected = "a row 'digest' (" + digest.error().rule + ")",
                                                   .got = digest.error().got.empty() ? "none" : digest.error().got,
                                                   .to = answer ? answer->to : std::nullopt}};
    }
    return actual_config{.entries = std::move(config->entries), .digest = *digest};
}

/// Asked beside the second round, and only where one of its guests is locked: which tasks run on the node.
[[nodiscard]] inline auto task_questions(const node_name& node, const survey& found, const std::vector<vmid>& guests)
    -> std::vector<proxmox::request>
{
    const auto is_locked = [&](const proxmox::guest_summary& guest) {
        return guest.lock.has_value() && std::ranges::binary_search(guests, guest.id);
    };
    return std::ranges::any_of(found.guests, is_locked) ? std::vector{proxmox::read::active_tasks(node)}
                                                        : std::vector<proxmox::request>{};
}

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

/// The task that runs on a guest, by the answer to task_questions if there was one.
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

/// Joins both rounds. `answers` are those to config_questions(guests), in their order, and behind them the one to
/// task_questions where that was asked.
[[nodiscard]] inline auto understand_observation(survey found, accepted_inventory accepted,
                                                 const std::vector<vmid>& guests,
                                                 const std::vector<net::exchanged>& answers) -> actual_state
{
    auto actual = actual_state{.inventory = std::move(accepted),
                               .guests = {},
                               .granted = found.granted,
                               .tags = detail::known_tag_access(found),
                               .odd = odd_guests(found)};
    const auto running = answers.size() > guests.size()
                             ? proxmox::understand(answers[guests.size()], proxmox::decode_tasks)
                                   .value_or(proxmox::partial_list<proxmox::listed_task>{.rows = {}})
                                   .rows
                             : std::vector<proxmox::listed_task>{};
    auto answer = answers.begin();
    auto summary = found.guests.begin();
    for (const auto id : guests) {
        while (summary != found.guests.end() && summary->id < id) {
            ++summary;
        }
        if (answer == answers.end() || summary == found.guests.end() || summary->id != id) {
            break;
        }
        actual.guests.push_back({
            .id = id,
            .name = std::move(summary->name),
            .run = summary->power == proxmox::power_state::running ? run_state::running : run_state::stopped,
            .lock = std::move(summary->lock),
            .is_template = summary->is_template,
            .config = understand_config(*answer++),
            .task = detail::task_on(id, running),
        });
    }
    return actual;
}

} // namespace felhom::reconcile
