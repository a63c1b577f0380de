// SPDX-License-Identifier: Apache-2.0
#include "sim/api/calls.hpp"
#include "sim/api/text.hpp"
#include "sim/node/volumes.hpp"

#include <felhom/core/contains.hpp>

#include <range/v3/action/sort.hpp>

#include <map>

namespace felhom::sim {

namespace {

auto audits(const call& c, const std::string& id) -> bool
{
    return c.may("/storage/" + id, "Datastore.Audit") || c.may("/storage/" + id, "Datastore.AllocateSpace");
}

auto path_in(const storage& of) -> std::string
{
    return of.type == "btrfs" ? "/mnt/btr" : "/var/lib/vz";
}

auto file_name(std::string_view volid) -> std::string
{
    return std::string{volid.substr(volid.rfind('/') + 1)};
}

auto status_row(const storage& of) -> json::object
{
    return json::object{{"type", of.type},
                        {"content", joined(of.content, ",")},
                        {"shared", 0},
                        {"enabled", 1},
                        {"active", of.active ? 1 : 0},
                        {"total", of.active ? of.total : 0},
                        {"used", of.active ? of.used : 0},
                        {"avail", of.active ? of.total - of.used : 0}};
}

/// A backup may be seen by who may make and restore that guest's backups.
auto sees(const call& c, const std::string& storage, const volume& of) -> bool
{
    return of.content != "backup" || c.may("/storage/" + storage, "Datastore.Allocate")
           || (c.may("/storage/" + storage, "Datastore.AllocateSpace") && c.may(vms_path(of.vmid), "VM.Backup"));
}

auto content_row(const volume& of) -> json::object
{
    auto row = json::object{
        {"volid", of.volid}, {"content", of.content}, {"format", of.format}, {"size", of.size}, {"ctime", of.ctime}};
    if (of.content != "vztmpl") {
        row["vmid"] = of.vmid;
    }
    if (of.content == "rootdir") {
        row["parent"] = nullptr;
        row["used"] = of.size / 16;
    }
    if (of.content == "backup") {
        row["subtype"] = "lxc";
        if (!of.notes.empty()) {
            row["notes"] = of.notes.substr(0, of.notes.find('\n'));
        }
        if (of.is_protected) {
            row["protected"] = 1;
        }
    }
    return row;
}

auto storage_called(const call& c) -> tl::expected<storage*, refusal>
{
    const auto id = c.given.text("storage");
    const auto found = c.on.storages.find(id);
    if (found == c.on.storages.end()) {
        return died("storage '" + id + "' does not exist");
    }
    return &found->second;
}

/// The volume of a call: with its storage, or in the storage that the path names.
auto volid_of(const call& c) -> std::string
{
    const auto name = c.given.text("volume");
    return name.find(':') == std::string::npos ? c.given.text("storage") + ":" + name : name;
}

auto volume_called(const call& c) -> tl::expected<volume*, refusal>
{
    auto* const found = find_volume(c.on, volid_of(c));
    if (found == nullptr) {
        return died("volume '" + volid_of(c) + "' does not exist");
    }
    return found;
}

} // namespace

auto storage_table(const call& c) -> answer
{
    auto rows = json::array{};
    for (const auto& [id, of] : c.on.storages) {
        if (!audits(c, id)) {
            continue;
        }
        auto row = json::object{{"storage", id},
                                {"type", of.type},
                                {"content", joined(of.content, ",")},
                                {"path", path_in(of)},
                                {"digest", "c070dafb9f686be284d2123d5289e4d349c68f02"}};
        if (contains(of.content, "backup")) {
            row["prune-backups"] = "keep-all=1";
        }
        rows.push_back(std::move(row));
    }
    return reply{.data = std::move(rows)};
}

auto list_storages(const call& c) -> answer
{
    auto rows = json::array{};
    for (const auto& [id, of] : c.on.storages) {
        const auto content = c.given.text("content");
        if (!audits(c, id) || (c.given.has("storage") && c.given.text("storage") != id)
            || (!content.empty() && !contains(of.content, content))) {
            continue;
        }
        auto row = status_row(of);
        row["storage"] = id;
        if (of.active && of.total > 0) {
            row["used_fraction"] = static_cast<double>(of.used) / static_cast<double>(of.total);
        }
        rows.push_back(std::move(row));
    }
    return reply{.data = std::move(rows)};
}

auto storage_status(const call& c) -> answer
{
    if (!c.on.storages.contains(c.given.text("storage"))) {
        return invalid({{"storage", "No such storage."}});
    }
    return storage_called(c).map([](const storage* of) { return reply{.data = status_row(*of)}; });
}

auto list_content(const call& c) -> answer
{
    return storage_called(c).map([&](const storage* of) {
        auto rows = json::array{};
        for (const auto& [volid, one] : of->volumes) {
            const auto fits = (!c.given.has("content") || one.content == c.given.text("content"))
                              && (!c.given.has("vmid") || one.vmid == c.vmid());
            if (fits && sees(c, c.given.text("storage"), one)) {
                rows.push_back(content_row(one));
            }
        }
        return reply{.data = std::move(rows)};
    });
}

auto volume_attributes(const call& c) -> answer
{
    return volume_called(c).map([&](const volume* of) {
        auto row = json::object{{"path", "/var/lib/vz/dump/" + file_name(of->volid)},
                                {"size", of->size},
                                {"used", of->size},
                                {"format", "raw"}};
        if (of->content == "backup") {
            row["protected"] = of->is_protected ? 1 : 0;
            if (!of->notes.empty()) {
                row["notes"] = of->notes;
            }
        }
        return reply{.data = std::move(row)};
    });
}

auto change_volume(const call& c) -> answer
{
    return volume_called(c).map([&](volume* of) {
        if (c.given.has("notes")) {
            of->notes = c.given.text("notes");
        }
        if (c.given.has("protected")) {
            of->is_protected = c.given.flag("protected");
        }
        return reply{};
    });
}

auto delete_volume(const call& c) -> answer
{
    const auto id = c.given.text("storage");
    if (auto allowed = c.require("/storage/" + id, {"Datastore.AllocateSpace"}); !allowed) {
        return tl::unexpected(allowed.error());
    }
    return storage_called(c).map([&](const storage* /*of*/) {
        const auto volid = volid_of(c);
        // vzdump-lxc-101-…: a missing backup still names its guest.
        const auto name = split(file_name(volid), "-");
        const auto* const found = find_volume(c.on, volid);
        const auto owner = found != nullptr  ? std::to_string(found->vmid)
                           : name.size() > 2 ? name[2]
                                             : std::string{"0"};
        return reply{.data = json::value(c.on.spawn(c.by, "imgdel", owner + "@" + id,
                                                    job::remove_volume{.storage = id, .volid = volid}))};
    });
}

auto extract_config(const call& c) -> answer
{
    return volume_called(c).map([](const volume* of) { return reply{.data = json::value(of->config)}; });
}

auto prune_preview(const call& c) -> answer
{
    const auto rule = c.given.text("prune-backups");
    const auto keep = number_of(rule.substr(rule.find('=') + 1));
    return storage_called(c).map([&](const storage* of) {
        auto by_guest = std::map<guest_id, std::vector<const volume*>>{};
        for (const auto& [volid, one] : of->volumes) {
            if (one.content == "backup" && sees(c, c.given.text("storage"), one)) {
                by_guest[one.vmid].push_back(&one);
            }
        }
        auto rows = json::array{};
        for (const auto& [vmid, backups] : by_guest) {
            auto left = static_cast<std::int64_t>(backups.size());
            for (const auto* const one : backups) {
                rows.push_back(json::object{{"volid", one->volid},
                                            {"ctime", one->ctime},
                                            {"mark", left-- > keep ? "remove" : "keep"},
                                            {"type", "lxc"},
                                            {"vmid", vmid}});
            }
        }
        return reply{.data = std::move(rows)};
    });
}

} // namespace felhom::sim
