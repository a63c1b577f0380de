// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "operate/simulated/signed_node.hpp"
#include "sim/node/others.hpp"
#include "support/simulated_agent.hpp"

#include <range/v3/algorithm/find.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

// What comes between an agent and its work: others at the node, the owner, the clock, the disk.
namespace felhom::testing {

enum class disturbance : std::uint8_t {
    guest_changed,
    guest_migrated,
    guest_destroyed,
    guest_switched,
    vetoed,
    paused,
    blocked,
    clock_forward,
    clock_back,
    disk_fails,
};

struct disturbance_row {
    disturbance what;
    std::string_view name;
};

inline constexpr auto disturbances = std::array{
    disturbance_row{disturbance::guest_changed, "somebody changes the guest, or the backup"},
    disturbance_row{disturbance::guest_migrated, "somebody migrates the guest"},
    disturbance_row{disturbance::guest_destroyed, "somebody destroys the guest, or the backup"},
    disturbance_row{disturbance::guest_switched, "somebody starts or stops the guest"},
    disturbance_row{disturbance::vetoed, "the owner puts down the veto file"},
    disturbance_row{disturbance::paused, "the owner pauses"},
    disturbance_row{disturbance::blocked, "the hub blocks"},
    disturbance_row{disturbance::clock_forward, "the clock is set forward"},
    disturbance_row{disturbance::clock_back, "the clock is set back"},
    disturbance_row{disturbance::disk_fails, "the disk fails once"},
};

[[nodiscard]] inline auto name_of(disturbance what) -> std::string_view
{
    return ranges::find(disturbances, what, &disturbance_row::what)->name;
}

/// What an operation works on: a guest, or the old backup.
struct subject {
    sim::guest_id guest;
    bool is_backup = false;

    friend auto operator<=>(const subject&, const subject&) = default;
};

namespace detail {

inline auto change(sim::node& on, subject at, std::uint32_t how) -> bool
{
    if (at.is_backup) {
        auto& volumes = on.storages.at("local").volumes;
        const auto found = volumes.find(old_backup);
        if (found == volumes.end()) {
            return false;
        }
        found->second.size += 1;
        return true;
    }
    const auto found = on.guests.find(at.guest);
    if (found == on.guests.end()) {
        return false;
    }
    auto& config = found->second.config;
    if (how % 3 == 0) {
        config.snapshots["by-hand"] = {{"arch", "amd64"}, {"memory", "256"}, {"snaptime", "1794999999"}};
    } else {
        config.current["tags"] = "by-hand-" + std::to_string(how % 7);
    }
    return true;
}

/// A guest on which a task works has its lock, and is migrated only afterwards.
inline auto migrate(sim::node& on, sim::guest_id guest) -> bool
{
    const auto found = on.guests.find(guest);
    if (found == on.guests.end() || found->second.lock_holder) {
        return false;
    }
    sim::migrate(on, guest, "pve2");
    return true;
}

inline auto destroy(sim::node& on, subject at) -> bool
{
    if (at.is_backup) {
        static_cast<void>(on.spawn(sim::root_itself(), "imgdel", std::to_string(at.guest) + "@local",
                                   sim::job::remove_volume{.storage = "local", .volid = old_backup}));
        return true;
    }
    if (!on.guests.contains(at.guest)) {
        return false;
    }
    sim::destroy_by_hand(on, at.guest);
    return true;
}

inline auto switch_power(sim::node& on, sim::guest_id guest) -> bool
{
    const auto found = on.guests.find(guest);
    if (found == on.guests.end()) {
        return false;
    }
    const auto id = std::to_string(guest);
    if (found->second.running) {
        static_cast<void>(on.spawn(sim::root_itself(), "vzstop", id, sim::job::stop{.vmid = guest, .overruled = {}}));
    } else {
        static_cast<void>(on.spawn(sim::root_itself(), "vzstart", id, sim::job::start{.vmid = guest}));
    }
    return true;
}

/// The clock of the machine, which the agent and its node share.
inline auto step_clock(simulated_agent& agent, std::chrono::milliseconds by) -> bool
{
    agent.outside().step_clock(by);
    agent.node().settings.clock_step += by;
    return true;
}

} // namespace detail

/// Lets it happen now, and says whether it could. `how`: any number, from which it takes what it leaves open.
[[nodiscard]] inline auto cause(disturbance what, subject at, simulated_agent& agent, std::uint32_t how) -> bool
{
    auto& on = agent.node();
    const auto step = std::chrono::minutes{how % 2 == 0 ? 10 : 120};
    switch (what) {
    case disturbance::guest_changed:
        return detail::change(on, at, how);
    case disturbance::guest_migrated:
        return detail::migrate(on, at.guest);
    case disturbance::guest_destroyed:
        return detail::destroy(on, at);
    case disturbance::guest_switched:
        return detail::switch_power(on, at.guest);
    case disturbance::vetoed:
        agent.around.vetoed = "not today";
        return true;
    case disturbance::paused:
        agent.around.paused = "I am at work";
        return true;
    case disturbance::blocked:
        agent.around.blocked = true;
        return true;
    case disturbance::clock_forward:
        return detail::step_clock(agent, step);
    case disturbance::clock_back:
        return detail::step_clock(agent, -step);
    case disturbance::disk_fails:
        agent.disk().plan(how % 3, how % 2 == 0 ? tests::fault::io_error : tests::fault::no_space);
        return true;
    }
    return false;
}

/// The owner and the hub take back what they said.
inline void lift_holds(simulated_agent& agent)
{
    agent.around.vetoed.reset();
    agent.around.paused.reset();
    agent.around.blocked = false;
}

} // namespace felhom::testing
