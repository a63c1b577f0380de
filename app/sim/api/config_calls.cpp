// SPDX-License-Identifier: Apache-2.0
#include "sim/api/calls.hpp"
#include "sim/api/text.hpp"
#include "sim/node/config_update.hpp"
#include "sim/node/volumes.hpp"

#include <felhom/core/contains.hpp>

#include <algorithm>
#include <set>

namespace felhom::sim {

namespace {

using checked = tl::expected<void, refusal>;

/// Changing a network needs the right to use its bridge (pve-container LXC.pm, check_bridge_access).
auto check_bridge(const call& c, const property_string& net) -> checked
{
    const auto bridge = find_property(net, "bridge").value_or("");
    if (bridge.empty()) {
        // PVE 9 stores such a network and fails later, when it is too late.
        return c.on.settings.version == pve_version::v8 ? checked{died("no sdn vnet ID specified")} : checked{};
    }
    auto path = "/sdn/zones/localnetwork/" + bridge;
    if (const auto tag = find_property(net, "tag")) {
        path += "/" + *tag;
    }
    return c.require(path, {"SDN.Use"});
}

auto check_network(const call& c, const guest& of, const std::string& key, const std::string& value, bool deleted)
    -> checked
{
    auto held = c.require(vms_path(c.vmid()), {"VM.Config.Network"});
    if (!held || !is_indexed(key, "net")) {
        return held;
    }
    if (const auto old = value_of(of.config.current, key); !old.empty()) {
        const auto parsed = properties_of(c.on, key, old);
        if (find_property(parsed, "bridge") && !c.on.settings.bridges.empty()) {
            held = check_bridge(c, parsed);
        }
    }
    return held && !deleted ? check_bridge(c, properties_of(c.on, key, value)) : held;
}

auto check_mount(const call& c, const std::string& key, const std::string& value, bool deleted) -> checked
{
    auto held = c.require(vms_path(c.vmid()), {"VM.Config.Disk"});
    if (!held || deleted) {
        return held;
    }
    const auto volid = find_property(properties_of(c.on, key, value), "volume").value_or("");
    if (volid.starts_with('/')) {
        return forbidden(std::string{"mount point type "} + (volid.starts_with("/dev/") ? "device" : "bind")
                         + " is only allowed for root@pam");
    }
    const auto storage = volid.substr(0, volid.find(':'));
    if (parse_allocation(volid, "local")) {
        held = c.require("/storage/" + storage, {"Datastore.AllocateSpace"});
    }
    if (held && volid.find(':') != std::string::npos && !c.on.storages.contains(storage)) {
        return died("storage '" + storage + "' does not exist");
    }
    return held;
}

/// Whether of all flags nothing is there but perhaps a nesting that is on.
auto is_nesting_alone(const property_string& flags) -> bool
{
    return flags.empty() || (flags.size() == 1 && find_property(flags, "nesting") == "1");
}

auto differ_besides_nesting(const property_string& one, const property_string& other) -> bool
{
    return std::ranges::any_of(one, [&](const auto& flag) {
        return flag.first != "nesting" && find_property(other, flag.first) != flag.second;
    });
}

/// Only nesting may be changed by anyone but root@pam, whom no token is. What waits for a restart is looked at only
/// where nothing is in force, and a flag that is off is not one that is absent (pve-container LXC.pm,
/// check_ct_modify_config_perm).
auto check_features(const call& c, const guest& of, const std::string& value, bool deleted) -> checked
{
    if (value_of(of.config.current, "unprivileged") != "1") {
        return forbidden("changing feature flags for privileged container is only allowed for root@pam");
    }
    const auto held = value_of(of.config.current, "features");
    const auto in_force = held.empty() && !deleted ? value_of(of.config.pending, "features") : held;
    const auto old = properties_of(c.on, "features", in_force);
    const auto wanted = deleted ? property_string{} : properties_of(c.on, "features", value);
    const auto compared = !deleted && !in_force.empty();
    const auto other_changes = compared ? differ_besides_nesting(old, wanted) || differ_besides_nesting(wanted, old)
                                        : !is_nesting_alone(deleted ? old : wanted);
    const auto nesting_changes = find_property(old, "nesting") != find_property(wanted, "nesting");
    if (other_changes) {
        return forbidden("changing feature flags (except nesting) is only allowed for root@pam");
    }
    return nesting_changes ? c.require(vms_path(c.vmid()), {"VM.Allocate"}) : checked{};
}

/// Reserved tags come and go with Sys.Modify only (pve-guest-common GuestHelpers.pm, assert_tag_permissions).
auto check_tags(const call& c, const guest& of, const std::string& value, bool deleted) -> checked
{
    const auto before = split_list(value_of(of.config.current, "tags"));
    const auto after = deleted ? std::vector<std::string>{} : split_list(value);
    for (const auto& tag : c.on.settings.registered_tags) {
        const auto changes = contains(before, tag) != contains(after, tag);
        if (changes && !c.may("/", "Sys.Modify")) {
            return forbidden("/, Sys.Modify for modifying tag '" + tag + "'");
        }
    }
    return {};
}

/// The privilege that one key needs (pve-container LXC.pm, check_ct_modify_config_perm).
auto check_key(const call& c, const guest& of, const std::string& key, const std::string& value, bool deleted)
    -> checked
{
    static const auto cpu = std::set<std::string>{"cores", "cpulimit", "cpuunits"};
    static const auto network = std::set<std::string>{"nameserver", "searchdomain", "hostname"};
    if (cpu.contains(key)) {
        return c.require(vms_path(c.vmid()), {"VM.Config.CPU"});
    }
    if (key == "memory" || key == "swap") {
        return c.require(vms_path(c.vmid()), {"VM.Config.Memory"});
    }
    if (key == "rootfs" || is_indexed(key, "mp")) {
        return check_mount(c, key, value, deleted);
    }
    if (is_indexed(key, "dev")) {
        return forbidden("configuring device passthrough is only allowed for root@pam");
    }
    if (network.contains(key) || is_indexed(key, "net")) {
        return check_network(c, of, key, value, deleted);
    }
    if (key == "features") {
        return check_features(c, of, value, deleted);
    }
    if (key == "hookscript") {
        return forbidden("changing the hookscript is only allowed for root@pam");
    }
    auto held = c.require(vms_path(c.vmid()), {"VM.Config.Options"});
    return held && key == "tags" ? check_tags(c, of, value, deleted) : held;
}

auto change_in(const parameters& given) -> config_change
{
    static const auto not_keys = std::set<std::string>{"node", "vmid", "digest", "delete", "revert"};
    auto change = config_change{
        .set = {}, .deletes = split_list(given.text("delete")), .reverts = split_list(given.text("revert"))};
    for (const auto& [key, values] : given.values()) {
        if (!not_keys.contains(key)) {
            change.set[key] = given.text(key);
        }
    }
    return change;
}

/// That one of two wants the key, and the other something else of it.
auto both(std::string_view one, std::string_view other, std::string_view key) -> std::string
{
    auto text = std::string{"you can't use '"};
    text.append(one).append(key).append("' and ").append(other).append(key).append("' at the same time");
    return text;
}

auto check_lists(const call& c, const config_change& change) -> checked
{
    for (const auto& key : change.deletes) {
        if (change.set.contains(key)) {
            return invalid({{"delete", both("-", "-delete ", key)}});
        }
        if (c.on.schema().config_keys().find(key) == nullptr) {
            return invalid({{"delete", "unknown option '" + key + "'"}});
        }
    }
    for (const auto& key : change.reverts) {
        if (change.set.contains(key)) {
            return invalid({{"revert", both("-", "'-revert ", key)}});
        }
        if (contains(change.deletes, key)) {
            return invalid({{"revert", both("-delete ", "'-revert ", key)}});
        }
        if (c.on.schema().config_keys().find(key) == nullptr) {
            return invalid({{"revert", "unknown option '" + key + "'"}});
        }
    }
    return {};
}

auto check_keys(const call& c, const guest& of, const config_change& change) -> checked
{
    for (const auto& key : change.deletes) {
        if (auto held = check_key(c, of, key, "", true); !held) {
            return held;
        }
    }
    for (const auto& key : change.reverts) {
        if (auto held = check_key(c, of, key, "", true); !held) {
            return held;
        }
    }
    for (const auto& [key, value] : change.set) {
        if (auto held = check_key(c, of, key, value, false); !held) {
            return held;
        }
    }
    return {};
}

/// Waits for the guest's file lock. In this world the holder's work is brought to its end at once instead, and the
/// answer comes when that would have been.
auto wait_for_lock(const call& c, guest& of) -> tl::expected<std::chrono::milliseconds, refusal>
{
    if (!of.lock_holder) {
        return std::chrono::milliseconds{0};
    }
    const auto remaining = of.lock_until - c.on.now();
    const auto patience = c.on.settings.takes.lock_patience;
    if (remaining > patience || !of.waiting.empty()) {
        return tl::unexpected(
            refusal{.status = 500, .message = lock_timeout_text(c.vmid()) + "\n", .errors = {}, .delay = patience});
    }
    c.on.finish_early(c.vmid());
    return remaining;
}

} // namespace

auto put_config(const call& c) -> answer
{
    auto change = change_in(c.given);
    if (change.set.empty() && !c.given.has("delete") && !c.given.has("revert")) {
        return died("no options specified");
    }
    if (auto refused = check_lists(c, change); !refused) {
        return tl::unexpected(refused.error());
    }
    const auto waited = c.guest_here().and_then([&](guest* of) { return wait_for_lock(c, *of); });
    if (!waited) {
        return tl::unexpected(waited.error());
    }
    const auto left = c.guest_here(); // the holder of the lock may have destroyed it
    if (!left) {
        auto refused = left.error();
        refused.delay = *waited;
        return tl::unexpected(std::move(refused));
    }
    auto& of = **left;
    if (const auto lock = value_of(of.config.current, "lock"); !lock.empty()) {
        return died("CT is locked (" + lock + ")");
    }
    if (const auto digest = c.given.text("digest"); !digest.empty() && digest != digest_of(of.config)) {
        return died("detected modified configuration - file changed by other user? Try again.");
    }
    const auto updated = check_keys(c, of, change).and_then([&] { return update_config(c.on, c.vmid(), of, change); });
    if (!updated) {
        auto refused = updated.error();
        refused.delay = *waited;
        return tl::unexpected(std::move(refused));
    }
    return reply{.data = nullptr, .total = std::nullopt, .delay = *waited};
}

} // namespace felhom::sim
