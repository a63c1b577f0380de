// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/node/node.hpp"

#include <felhom/operate/ledger.hpp>
#include <felhom/proxmox/tasks/upid.hpp>

#include <range/v3/algorithm/contains.hpp>
#include <range/v3/algorithm/find.hpp>

#include <array>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What the journal tells of the agent's work, held against what the node itself knows of it.
namespace felhom::testing {

/// A kind of work: the operation, the type of its task at the node (none: it is a plain write), and whether it takes
/// something away for good, or cannot be taken back.
struct kind_of_work {
    std::string_view op;
    std::string_view task;
    bool is_destructive;
};

[[nodiscard]] inline auto work_of(std::string_view op) -> const kind_of_work&
{
    static constexpr auto all = std::array{
        kind_of_work{"guest.set_config", "", false},
        kind_of_work{"guest.start", "vzstart", false},
        kind_of_work{"guest.shutdown", "vzshutdown", false},
        kind_of_work{"guest.stop", "vzstop", false},
        kind_of_work{"guest.destroy", "vzdestroy", true},
        kind_of_work{"guest.restore", "vzrestore", true},
        kind_of_work{"guest.rollback", "vzrollback", true},
        kind_of_work{"guest.delete_snapshot", "vzdelsnapshot", true},
        kind_of_work{"guest.resize", "resize", true},
        kind_of_work{"backup.delete", "imgdel", true},
    };
    const auto* const found = ranges::find(all, op, &kind_of_work::op);
    if (found == all.end()) {
        throw std::runtime_error{"an operation of a kind that these worlds do not know: " + std::string{op}};
    }
    return *found;
}

/// How often such work was done on a guest, by what the node knows itself.
struct work_done {
    int by_agent = 0;
    int by_others = 0;
};

[[nodiscard]] inline auto done_at(const sim::node& on, const kind_of_work& kind, sim::guest_id guest,
                                  std::string_view agent) -> work_done
{
    auto done = work_done{};
    if (kind.task.empty()) {
        const auto found = on.executed.find("PUT /nodes/pve1/lxc/" + std::to_string(guest) + "/config");
        done.by_agent = found == on.executed.end() ? 0 : found->second;
        return done;
    }
    for (const auto& task : on.tasks) {
        if (task.done && task.type == kind.task && task.id.substr(0, task.id.find('@')) == std::to_string(guest)) {
            ++(task.who() == agent ? done.by_agent : done.by_others);
        }
    }
    return done;
}

/// Of one kind of work on one guest: what the journal says of it.
struct work_told {
    int done = 0; ///< by the agent
    int done_by_another = 0;
    int moved = 0;  ///< not done: the guest is on another node
    int undone = 0; ///< by the agent, and not so any more when it was read
    int unknown = 0;
    std::string details = {};
};

[[nodiscard]] inline auto told_of(const operate::ledger& known)
    -> std::map<std::pair<std::string, sim::guest_id>, work_told>
{
    auto all = std::map<std::pair<std::string, sim::guest_id>, work_told>{};
    for (const auto& [id, op] : known.operations()) {
        if (!op.end) {
            continue;
        }
        const auto& [last, at, how, detail, code] = *op.end;
        auto& told = all[{std::string{name_of(op.what)}, op.guest.number()}];
        told.details += "; " + std::string{text_of(how)} + (code.empty() ? "" : " (" + code + ")") + ": " + detail;
        const auto succeeded = how == operate::ending::succeeded;
        told.done += succeeded && code != "by_another" ? 1 : 0;
        told.done_by_another += succeeded && code == "by_another" ? 1 : 0;
        told.moved += code == "elsewhere" ? 1 : 0;
        told.undone += detail.find("answered with success, but ") != std::string::npos ? 1 : 0;
        told.unknown += how == operate::ending::unknown ? 1 : 0;
    }
    return all;
}

/// Which of the agent's words are not true, once all is quiet.
[[nodiscard]] inline auto false_outcomes(const operate::ledger& known, const sim::node& on, std::string_view agent)
    -> std::vector<std::string>
{
    auto broken = std::vector<std::string>{};
    if (!known.in_flight().empty()) {
        broken.emplace_back("an operation has no end although all is quiet");
    }
    for (const auto& [key, told] : told_of(known)) {
        const auto& [op, guest] = key;
        const auto& kind = work_of(op);
        const auto done = done_at(on, kind, guest, agent);
        const auto demand = [&, which = op + " " + std::to_string(guest) + told.details](bool holds,
                                                                                         const char* otherwise) {
            if (!holds) {
                broken.push_back(std::string{otherwise} + ": " + which);
            }
        };
        demand(told.done <= done.by_agent, "told as done by us, and was not");
        demand(told.done_by_another <= done.by_others, "told as done by another, and was not");
        demand(told.undone <= done.by_agent, "told as answered with success, and was not done");
        demand(told.moved == 0 || on.elsewhere.contains(guest), "told to be on another node, and is not");
        demand(!kind.is_destructive || done.by_agent <= told.done + told.undone + told.unknown,
               "told as not done, and we did it");
        demand(!kind.is_destructive || done.by_agent <= 1, "done twice");
    }
    return broken;
}

} // namespace felhom::testing
