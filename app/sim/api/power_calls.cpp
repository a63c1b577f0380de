// SPDX-License-Identifier: Apache-2.0
#include "sim/api/calls.hpp"

#include <felhom/core/overloaded.hpp>

namespace felhom::sim {

namespace {

auto text_of(const call& c) -> std::string
{
    return std::to_string(c.vmid());
}

auto only_root_may_skip_locks(const call& c) -> tl::expected<void, refusal>
{
    if (c.given.flag("skiplock")) {
        return invalid({{"skiplock", "Only root may use this option."}});
    }
    return {};
}

/// The guest, which must run. Reboot speaks of a VM even then.
auto running_guest(const call& c, const std::string& what) -> tl::expected<guest*, refusal>
{
    if (auto allowed = only_root_may_skip_locks(c); !allowed) {
        return tl::unexpected(allowed.error());
    }
    const auto found = c.on.guests.find(c.vmid());
    if (found == c.on.guests.end() || !found->second.running) {
        return died(what + " " + text_of(c) + " not running");
    }
    return &found->second;
}

/// Ends the caller's own waiting shutdowns of a guest, and returns their UPIDs.
auto overrule_shutdowns(const call& c) -> std::vector<std::string>
{
    auto overruled = std::vector<std::string>{};
    for (auto& one : c.on.tasks) {
        const auto* const shutdown = std::get_if<job::shutdown>(&one.work);
        if (!one.ended && shutdown != nullptr && shutdown->vmid == c.vmid() && one.who() == c.by.text()) {
            overruled.push_back(one.upid);
        }
    }
    return overruled;
}

} // namespace

auto started(const call& c, std::string type, any_job work) -> answer
{
    return reply{.data = json::value(c.on.spawn(c.by, std::move(type), text_of(c), std::move(work)))};
}

auto start_guest(const call& c) -> answer
{
    if (auto allowed = only_root_may_skip_locks(c); !allowed) {
        return tl::unexpected(allowed.error());
    }
    const auto found = c.on.guests.find(c.vmid());
    if (found != c.on.guests.end() && found->second.running) {
        return died("CT " + text_of(c) + " already running");
    }
    return started(c, "vzstart", job::start{.vmid = c.vmid()});
}

auto stop_guest(const call& c) -> answer
{
    return running_guest(c, "CT").and_then([&](guest* of) -> answer {
        auto overruled = c.given.flag("overrule-shutdown") ? overrule_shutdowns(c) : std::vector<std::string>{};
        const auto waits = of->lock_holder.has_value();
        auto stopped = started(c, "vzstop", job::stop{.vmid = c.vmid(), .overruled = overruled});
        if (overruled.empty()) {
            return stopped;
        }
        // The new task ends the shutdowns first; only then does it get the lock.
        auto& log = c.on.tasks.back().log;
        auto line = std::string{"overruled vzshutdown tasks:"};
        for (const auto& upid : overruled) {
            line += " " + upid;
        }
        log.insert(log.begin(), line);
        for (const auto& upid : overruled) {
            if (waits) {
                c.on.interrupt(*c.on.find_task(upid));
            }
        }
        return stopped;
    });
}

auto shutdown_guest(const call& c) -> answer
{
    static constexpr auto default_timeout = 60;
    return running_guest(c, "CT").and_then([&](guest* /*of*/) {
        return started(c, "vzshutdown",
                       job::shutdown{.vmid = c.vmid(),
                                     .timeout = std::chrono::seconds{c.given.number("timeout", default_timeout)},
                                     .force = c.given.flag("forceStop")});
    });
}

auto reboot_guest(const call& c) -> answer
{
    return running_guest(c, "VM").and_then(
        [&](guest* /*of*/) { return started(c, "vzreboot", job::reboot{.vmid = c.vmid()}); });
}

auto suspend_guest(const call& c) -> answer
{
    return running_guest(c, "CT").and_then([&](guest* /*of*/) {
        return started(c, "vzsuspend", job::fail{.text = "suspend is not modelled", .lines = {}});
    });
}

auto resume_guest(const call& c) -> answer
{
    // CRIU is not installed where this was observed, nor is it on most nodes.
    const auto id = text_of(c);
    return started(
        c, "vzresume",
        job::fail{
            .text = "command 'lxc-checkpoint -n " + id + " -r --foreground -D /var/lib/vz/dump' failed: exit code 1",
            .lines = {"lxc-checkpoint: " + id
                          + ": ../src/lxc/criu.c: criu_version_ok: 767 Connection refused - execing criu failed, "
                            "is it installed?",
                      "lxc-checkpoint: " + id + ": ../src/lxc/tools/lxc_checkpoint.c: restore_finalize: 203 Restoring "
                          + id + " failed"}});
}

} // namespace felhom::sim
