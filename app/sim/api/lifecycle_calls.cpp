// SPDX-License-Identifier: Apache-2.0
#include "sim/api/calls.hpp"
#include "sim/api/text.hpp"
#include "sim/node/config_update.hpp"
#include "sim/node/volumes.hpp"

#include <felhom/core/contains.hpp>

#include <set>

namespace felhom::sim {

namespace {

auto id_text(guest_id vmid) -> std::string
{
    return std::to_string(vmid);
}

/// The configuration keys among the parameters of a create call.
auto config_in(const call& c) -> config_section
{
    static const auto not_keys = std::set<std::string>{"node", "vmid", "digest", "lock"};
    auto given = config_section{};
    for (const auto& [key, values] : c.given.values()) {
        if (c.on.schema().config_keys().find(key) != nullptr && !not_keys.contains(key)) {
            given[key] = c.given.text(key);
        }
    }
    return given;
}

auto check_create(const call& c) -> tl::expected<void, refusal>
{
    const auto overwrites = c.given.flag("restore") && c.given.flag("force") && c.on.guests.contains(c.vmid());
    if (!c.may(vms_path(c.vmid()), "VM.Allocate") && !(overwrites && c.may(vms_path(c.vmid()), "VM.Backup"))) {
        return forbidden("");
    }
    const auto storage = c.given.has("storage") ? c.given.text("storage") : "local";
    if (auto allowed = c.require("/storage/" + storage, {"Datastore.AllocateSpace"}); !allowed) {
        return allowed;
    }
    if (!c.on.storages.contains(storage)) {
        return died("storage '" + storage + "' does not exist");
    }
    return {};
}

/// Whether a volume that is to be grown is one of a storage that is there, of this guest, and for this token.
auto check_volume(const call& c, const std::string& volid) -> tl::expected<void, refusal>
{
    const auto storage = volid.substr(0, volid.find(':'));
    const auto in = c.on.storages.find(storage);
    if (volid.starts_with('/')) {
        return died("unable to parse volume ID '" + volid + "'");
    }
    if (in == c.on.storages.end()) {
        return died("storage '" + storage + "' does not exist");
    }
    const auto* const volume = find_volume(c.on, volid);
    if (volume != nullptr && volume->vmid != c.vmid()) {
        return died("can't resize mount point owned by another container (" + id_text(volume->vmid) + ")");
    }
    if (auto allowed = c.require("/storage/" + storage, {"Datastore.AllocateSpace"}); !allowed) {
        return allowed;
    }
    if (!in->second.active) {
        return died("storage '" + storage + "' is not online");
    }
    return {};
}

auto options_text(const call& c) -> std::string
{
    auto text = std::string{};
    for (const auto& [key, values] : c.given.values()) {
        if (key != "vmid" && key != "node") {
            const auto value = c.given.text(key);
            const auto quoted = value.find_first_of("{ ") == std::string::npos ? value : "'" + value + "'";
            text.append(" --").append(key).append(" ").append(quoted);
        }
    }
    return text;
}

} // namespace

auto create_guest(const call& c) -> answer
{
    if (auto allowed = check_create(c); !allowed) {
        return tl::unexpected(allowed.error());
    }
    const auto restore = c.given.flag("restore");
    if (const auto away = c.on.elsewhere.find(c.vmid()); away != c.on.elsewhere.end()) {
        return died("CT " + id_text(c.vmid()) + " already exists on node '" + away->second.node + "'");
    }
    if (const auto found = c.on.guests.find(c.vmid()); found != c.on.guests.end()) {
        if (!restore || !c.given.flag("force")) {
            return died("CT " + id_text(c.vmid()) + " already exists on node '" + c.on.settings.name + "'");
        }
        if (found->second.running) {
            return died("can't overwrite running container");
        }
    }
    const auto storage = c.given.has("storage") ? c.given.text("storage") : "local";
    auto work = job::create{.vmid = c.vmid(),
                            .given = config_in(c),
                            .archive = c.given.text("ostemplate"),
                            .storage = storage,
                            .restore = restore,
                            .unique = c.given.flag("unique"),
                            .start = c.given.flag("start")};
    return reply{
        .data = json::value(c.on.spawn(c.by, restore ? "vzrestore" : "vzcreate", id_text(c.vmid()), std::move(work)))};
}

auto destroy_guest(const call& c) -> answer
{
    return c.guest_here().and_then([&](const guest* of) -> answer {
        const auto id = id_text(c.vmid());
        if (value_of(of->config.current, "protection") == "1") {
            return died("can't remove CT " + id + " - protection mode enabled");
        }
        if (const auto lock = value_of(of->config.current, "lock"); !lock.empty()) {
            return died("CT is locked (" + lock + ")");
        }
        if (of->running && !c.given.flag("force")) {
            return died("unable to destroy CT " + id + " - container is running");
        }
        return reply{
            .data = json::value(c.on.spawn(
                c.by, "vzdestroy", id,
                job::destroy{.vmid = c.vmid(), .force = c.given.flag("force"), .purge = c.given.flag("purge")}))};
    });
}

auto resize_disk(const call& c) -> answer
{
    return c.guest_here().and_then([&](const guest* of) -> answer {
        const auto disk = c.given.text("disk");
        if (const auto lock = value_of(of->config.current, "lock"); !lock.empty()) {
            return died("CT is locked (" + lock + ")");
        }
        const auto digest = c.given.text("digest");
        if (!digest.empty() && digest != digest_of(of->config)) {
            return died("detected modified configuration - file changed by other user? Try again.");
        }
        const auto properties = properties_of(c.on, disk, value_of(of->config.current, disk));
        if (properties.empty()) {
            return died("no volume ID specified in config for '" + disk + "'");
        }
        const auto volid = find_property(properties, "volume").value_or("");
        if (auto usable = check_volume(c, volid); !usable) {
            return tl::unexpected(usable.error());
        }
        const auto* const volume = find_volume(c.on, volid);
        const auto old = volume == nullptr ? parse_size(find_property(properties, "size").value_or("0")) : volume->size;
        const auto wanted = c.given.text("size");
        const auto grows = wanted.starts_with('+');
        const auto bytes = parse_size(grows ? wanted.substr(1) : wanted) + (grows ? old : 0);
        if (bytes < old) {
            return died("unable to shrink disk size");
        }
        if (bytes == old) {
            return died("disk is already at specified size");
        }
        return reply{.data = json::value(
                         c.on.spawn(c.by, "resize", id_text(c.vmid()),
                                    job::resize{.vmid = c.vmid(), .disk = disk, .bytes = bytes, .digest = digest}))};
    });
}

auto back_up(const call& c) -> answer
{
    const auto storage = c.given.has("storage") ? c.given.text("storage") : "local";
    if (!c.given.has("vmid") && !c.given.flag("all") && !c.given.has("pool")) {
        return invalid({{"vmid", "property is missing"}});
    }
    for (const auto* const restricted : {"tmpdir", "dumpdir", "script", "job-id"}) {
        if (c.given.has(restricted)) {
            return invalid({{restricted, "Only root may set this option."}});
        }
    }
    for (const auto* const limited : {"bwlimit", "ionice", "performance"}) {
        if (c.given.has(limited)) {
            if (auto allowed = c.require("/", {"Sys.Modify"}); !allowed) {
                return tl::unexpected(allowed.error());
            }
        }
    }
    if (auto allowed = c.require("/storage/" + storage, {"Datastore.AllocateSpace"}); !allowed) {
        return tl::unexpected(allowed.error());
    }
    auto work = job::back_up{
        .vmids = {},
        .storage = storage,
        .mode = c.given.has("mode") ? c.given.text("mode") : "snapshot",
        .compress = c.given.has("compress") ? c.given.text("compress") : "0",
        .marked_protected = c.given.has("protected") ? std::optional{c.given.flag("protected")} : std::nullopt,
        .notes = c.given.text("notes-template"),
        .options = options_text(c),
    };
    for (const auto& id : split_list(c.given.text("vmid"))) {
        work.vmids.push_back(static_cast<guest_id>(number_of(id)));
    }
    const auto id = work.vmids.size() == 1 ? id_text(work.vmids.front()) : std::string{};
    return reply{.data = json::value(c.on.spawn(c.by, "vzdump", id, std::move(work)))};
}

} // namespace felhom::sim
