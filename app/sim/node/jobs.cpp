// SPDX-License-Identifier: Apache-2.0
#include "sim/node/jobs.hpp"

#include "sim/api/calls.hpp"
#include "sim/api/text.hpp"
#include "sim/node/config_update.hpp"
#include "sim/node/volumes.hpp"

#include <felhom/core/contains.hpp>
#include <felhom/core/overloaded.hpp>

#include <date/date.h>

#include <algorithm>
#include <memory>

namespace felhom::sim {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

auto clock_text(instant at, const char* format) -> std::string
{
    return date::format(format, std::chrono::floor<seconds>(at));
}

auto find_guest(node& on, guest_id vmid) -> guest*
{
    const auto found = on.guests.find(vmid);
    return found == on.guests.end() ? nullptr : &found->second;
}

/// How a worker begins: its checks, its marks, its log.
class beginning {
public:
    beginning(node& on, task& of) : on_{on}, of_{of} {}

    auto operator()(const job::start& work) -> course
    {
        auto* const of = find_guest(on_, work.vmid);
        if (of == nullptr) {
            return fails(no_such_guest(on_, work.vmid));
        }
        if (const auto lock = lock_of(*of); !lock.empty() && lock != "mounted") {
            return fails("CT is locked (" + lock + ")");
        }
        if (value_of(of->config.current, "template") == "1") {
            return fails("you can't start a CT if it's a template");
        }
        if (const auto built = rebuild(on_, *of); !built) {
            return fails(built.error().message.substr(0, built.error().message.find('\n')));
        }
        if (of->lacks_volume) {
            return fails("volume '" + rootfs_of(*of) + "' does not exist");
        }
        return takes(on_.settings.takes.start);
    }

    auto operator()(const job::stop& work) -> course
    {
        const auto* const of = find_guest(on_, work.vmid);
        if (of == nullptr) {
            return fails(no_such_guest(on_, work.vmid));
        }
        if (const auto lock = lock_of(*of); !lock.empty() && lock != "mounted") {
            return fails("CT is locked (" + lock + ")");
        }
        return takes(on_.settings.takes.stop);
    }

    auto operator()(const job::shutdown& work) -> course
    {
        const auto* const of = find_guest(on_, work.vmid);
        if (of == nullptr) {
            return fails(no_such_guest(on_, work.vmid));
        }
        if (const auto lock = lock_of(*of); !lock.empty() && lock != "mounted") {
            return fails("CT is locked (" + lock + ")");
        }
        if (!of->ignores_shutdown && on_.settings.takes.shutdown <= work.timeout) {
            return takes(on_.settings.takes.shutdown);
        }
        if (work.force) {
            return takes(work.timeout + on_.settings.takes.stop);
        }
        of_.last_words = {"command 'lxc-stop -n " + std::to_string(work.vmid) + " --nokill --timeout "
                          + std::to_string(work.timeout.count()) + "' failed: exit code 1"};
        // A shutdown that fails ends after up to twice its time-out and 5 s.
        return course{.takes = 2 * work.timeout + seconds{5}, .exit_status = "container did not stop"};
    }

    auto operator()(const job::reboot& work) -> course
    {
        return find_guest(on_, work.vmid) == nullptr ? fails(no_such_guest(on_, work.vmid))
                                                     : takes(on_.settings.takes.reboot);
    }

    auto operator()(const job::take_snapshot& work) -> course
    {
        const auto* const of = find_guest(on_, work.vmid);
        if (of == nullptr) {
            return fails(no_such_guest(on_, work.vmid));
        }
        if (const auto lock = lock_of(*of); !lock.empty()) {
            return fails("CT is locked (" + lock + ")");
        }
        if (of->config.snapshots.contains(work.name)) {
            return fails("snapshot name '" + work.name + "' already used");
        }
        if (!can_snapshot(*of)) {
            return fails("snapshot feature is not available");
        }
        return takes(on_.settings.takes.snapshot);
    }

    auto operator()(const job::roll_back& work) -> course
    {
        return on_snapshot(work.vmid, work.name, on_.settings.takes.rollback);
    }

    auto operator()(const job::delete_snapshot& work) -> course
    {
        return on_snapshot(work.vmid, work.name, on_.settings.takes.snapshot);
    }

    auto operator()(const job::resize& work) -> course
    {
        const auto* const of = find_guest(on_, work.vmid);
        if (of == nullptr) {
            return fails(no_such_guest(on_, work.vmid));
        }
        // What was checked before the worker began is checked once more, now that it has the lock.
        if (const auto lock = lock_of(*of); !lock.empty()) {
            return fails("CT is locked (" + lock + ")");
        }
        if (!work.digest.empty() && work.digest != digest_of(of->config)) {
            return fails("detected modified configuration - file changed by other user? Try again.");
        }
        say({"Image resized.", "e2fsck 1.47.0 (5-Feb-2023)", "Pass 1: Checking inodes, blocks, and sizes",
             "Pass 2: Checking directory structure", "Pass 3: Checking directory connectivity",
             "Pass 4: Checking reference counts", "Pass 5: Checking group summary information",
             "69/26104 files (0.0% non-contiguous), 14173/104448 blocks", "resize2fs 1.47.0 (5-Feb-2023)",
             "Resizing the filesystem to 120832 (1k) blocks.", "The filesystem is now 120832 (1k) blocks long.", ""});
        return takes(on_.settings.takes.resize);
    }

    auto operator()(const job::destroy& work) -> course
    {
        const auto* const of = find_guest(on_, work.vmid);
        if (of == nullptr) {
            return fails(no_such_guest(on_, work.vmid));
        }
        if (of->running && !work.force) {
            return fails("unable to destroy CT " + std::to_string(work.vmid) + " - container is running");
        }
        if (of->running) {
            say({"forced to stop CT " + std::to_string(work.vmid) + " before destroying!"});
        }
        if (work.purge) {
            say({"purging CT " + std::to_string(work.vmid) + " from related configurations.."});
        }
        return takes(on_.settings.takes.destroy + (of->running ? on_.settings.takes.stop : milliseconds{0}));
    }

    auto operator()(const job::create& work) -> course
    {
        const auto id = std::to_string(work.vmid);
        if (work.restore) {
            say({"recovering backed-up configuration from '" + work.archive + "'"});
        }
        if (find_volume(on_, work.archive) == nullptr) {
            return fails(std::string{work.restore ? "unable to restore CT " : "unable to create CT "} + id
                         + " - volume '" + work.archive + "' does not exist");
        }
        // While it is being made, a reader sees half a guest.
        on_.guests[work.vmid].config.current["lock"] = "create";
        of_.marked.push_back(work.vmid);
        say({"Creating filesystem with 262144 1k blocks and 65536 inodes",
             "Filesystem UUID: 00000000-0000-4000-8000-000000000000",
             "Superblock backups stored on blocks: ", "\t8193, 24577, 40961, 57345, 73729"});
        if (work.restore) {
            say({"restoring '" + work.archive + "' now..", "extracting archive '" + work.archive + "'",
                 "Total bytes read: 2088960 (2.0MiB, 87MiB/s)", "merging backed-up and given configuration.."});
            return takes(on_.settings.takes.restore);
        }
        say({"extracting archive '" + work.archive + "'", "Total bytes read: 2017280 (2.0MiB, 84MiB/s)",
             "Detected container architecture: amd64"});
        return takes(on_.settings.takes.create);
    }

    auto operator()(job::back_up& work) -> course
    {
        if (const auto refused = refused_storage(work.storage)) {
            return fails(*refused);
        }
        auto ids = std::string{};
        for (const auto vmid : work.vmids) {
            ids += " " + std::to_string(vmid);
        }
        say({"INFO: starting new backup job: vzdump" + ids + " --node " + on_.settings.name + work.options});
        auto way = takes(milliseconds{0});
        for (const auto vmid : work.vmids) {
            work.begins.push_back(on_.now() + way.takes);
            if (const auto takes = begin_backup(vmid, work)) {
                way.takes += *takes;
            } else {
                way.exit_status = "job errors";
            }
        }
        if (way.exit_status != "OK") {
            say({"INFO: Backup job finished with errors"});
        }
        way.takes = std::max(way.takes, on_.settings.takes.refusal);
        return way;
    }

    auto operator()(const job::remove_volume& work) -> course
    {
        const auto* const found = find_volume(on_, work.volid);
        const auto name = work.volid.substr(work.volid.find(':') + 1);
        if (found != nullptr && found->is_protected) {
            return fails("cannot remove protected volume '" + name + "' on '" + work.storage + "'");
        }
        if (found == nullptr) {
            say({"disk image '/var/lib/vz/dump/" + name.substr(name.rfind('/') + 1) + "' does not exist"});
        }
        say({"Removed volume '" + work.volid + "'"});
        return takes(on_.settings.takes.remove_volume);
    }

    auto operator()(const job::fail& work) -> course
    {
        say(work.lines);
        return fails(work.text);
    }

private:
    [[nodiscard]] static auto takes(milliseconds time) -> course { return course{.takes = time}; }
    [[nodiscard]] auto fails(std::string text) const -> course
    {
        return course{.takes = on_.settings.takes.refusal, .exit_status = std::move(text)};
    }
    void say(const std::vector<std::string>& lines) { of_.log.insert(of_.log.end(), lines.begin(), lines.end()); }

    [[nodiscard]] static auto lock_of(const guest& of) -> std::string { return value_of(of.config.current, "lock"); }

    [[nodiscard]] static auto rootfs_of(const guest& of) -> std::string
    {
        const auto text = value_of(of.config.current, "rootfs");
        return text.substr(0, text.find(','));
    }

    /// Every mount point must be a volume on a storage that takes snapshots.
    [[nodiscard]] auto can_snapshot(const guest& of) const -> bool
    {
        return std::ranges::all_of(of.config.current, [&](const auto& entry) {
            const auto& [key, value] = entry;
            const auto in = on_.storages.find(value.substr(0, value.find(':')));
            return (key != "rootfs" && !is_indexed(key, "mp"))
                   || (in != on_.storages.end() && in->second.takes_snapshots());
        });
    }

    auto on_snapshot(guest_id vmid, const std::string& name, milliseconds time) -> course
    {
        const auto* const of = find_guest(on_, vmid);
        if (of == nullptr) {
            return fails(no_such_guest(on_, vmid));
        }
        if (const auto lock = lock_of(*of); !lock.empty()) {
            return fails("CT is locked (" + lock + ")");
        }
        if (!of->config.snapshots.contains(name)) {
            return fails("snapshot '" + name + "' does not exist");
        }
        return takes(time);
    }

    [[nodiscard]] auto refused_storage(const std::string& id) const -> std::optional<std::string>
    {
        const auto found = on_.storages.find(id);
        if (found == on_.storages.end()) {
            const auto text = "'" + id + "': storage '" + id + "' does not exist";
            return "could not activate storage " + text + " could not get storage information for " + text;
        }
        if (!contains(found->second.content, "backup")) {
            return "could not get storage information for '" + id + "': can't use storage '" + id
                   + "' for backups - wrong content type";
        }
        return std::nullopt;
    }

    auto begin_backup(guest_id vmid, job::back_up& work) -> std::optional<milliseconds>
    {
        const auto id = std::to_string(vmid);
        auto* const of = find_guest(on_, vmid);
        if (of == nullptr) {
            say({"ERROR: Backup of VM " + id + " failed - unable to find VM '" + id + "'", "INFO: Failed"});
            return std::nullopt;
        }
        say({"INFO: Starting Backup of VM " + id + " (lxc)",
             "INFO: Backup started at " + clock_text(on_.now(), "%F %T"),
             std::string{"INFO: status = "} + (of->running ? "running" : "stopped")});
        if (const auto lock = lock_of(*of); !lock.empty()) {
            say({"ERROR: Backup of VM " + id + " failed - CT is locked (" + lock + ")", "INFO: Failed"});
            return std::nullopt;
        }
        of->config.current["lock"] = "backup";
        of_.marked.push_back(vmid);
        say_course(*of, vmid, work);
        const auto stays_up = !of->running || work.mode == "snapshot";
        if (!stays_up) {
            // It stands still until its archive is written; a backup that is interrupted leaves it so.
            work.stopped.push_back(vmid);
            of->running = false;
        }
        return on_.settings.takes.backup + (stays_up ? milliseconds{0} : on_.settings.takes.quiesce);
    }

    void say_course(const guest& of, guest_id vmid, const job::back_up& work)
    {
        const auto live = of.running && work.mode == "snapshot";
        const auto mode = of.running ? work.mode : "stop";
        if (!live) {
            say({"INFO: backup mode: " + mode});
        }
        if (work.options.find("--bwlimit") != std::string::npos) {
            say({"INFO: bandwidth limit: 100 KiB/s"});
        }
        if (!live) {
            say({"INFO: ionice priority: 7"});
        }
        say({"INFO: CT Name: " + value_of(of.config.current, "hostname"),
             "INFO: including mount point rootfs ('/') in backup"});
        if (live) {
            say({"INFO: backup mode: snapshot", "INFO: ionice priority: 7", "INFO: create storage snapshot 'vzdump'"});
        } else if (of.running) {
            say({"INFO: stopping virtual guest"});
        }
        say({"INFO: creating vzdump archive '/var/lib/vz/dump/vzdump-lxc-" + std::to_string(vmid) + "-"
             + clock_text(on_.now(), "%Y_%m_%d-%H_%M_%S") + suffix(work.compress) + "'"});
    }

public:
    [[nodiscard]] static auto suffix(const std::string& compress) -> std::string
    {
        if (compress == "zstd") {
            return ".tar.zst";
        }
        return compress == "0" ? ".tar" : compress == "lzo" ? ".tar.lzo" : ".tar.gz";
    }

private:
    node& on_;
    task& of_;
};

/// The effect of a worker that did its work.
class completion {
public:
    completion(node& on, task& of) : on_{on}, of_{of} {}

    void operator()(const job::start& work) { start(work.vmid); }

    void operator()(const job::stop& work)
    {
        stop(work.vmid);
        on_.took_effect(work.vmid, "stop");
    }

    void operator()(const job::shutdown& work)
    {
        stop(work.vmid);
        on_.took_effect(work.vmid, "shutdown");
    }

    void operator()(const job::reboot& work)
    {
        stop(work.vmid);
        if (auto* const of = find_guest(on_, work.vmid)) {
            of->running = true;
            of->started = on_.now();
        }
        on_.took_effect(work.vmid, "reboot");
    }

    void operator()(const job::take_snapshot& work)
    {
        auto* const of = find_guest(on_, work.vmid);
        if (of == nullptr) {
            return;
        }
        auto section = of->config.current;
        section.erase("description");
        if (!work.description.empty()) {
            section["description"] = canonical(on_, "description", work.description);
        }
        section["snaptime"] = std::to_string(std::chrono::duration_cast<seconds>(on_.now().time_since_epoch()).count());
        of->config.snapshots[work.name] = std::move(section);
        of->config.current["parent"] = work.name;
        on_.took_effect(work.vmid, "snapshot");
    }

    void operator()(const job::roll_back& work)
    {
        auto* const of = find_guest(on_, work.vmid);
        if (of == nullptr) {
            return;
        }
        // The description of the guest itself stays what it is (AbstractConfig.pm, snapshot_rollback).
        auto section = of->config.snapshots[work.name];
        const auto description = value_of(of->config.current, "description");
        section.erase("description");
        if (!description.empty()) {
            section["description"] = description;
        }
        section.erase("snaptime");
        section["parent"] = work.name;
        of->config.current = std::move(section);
        of->config.pending.clear();
        of->config.pending_deletes.clear();
        of->running = false;
        on_.took_effect(work.vmid, "rollback");
        if (work.start) {
            start_later(work.vmid);
        }
    }

    void operator()(const job::delete_snapshot& work)
    {
        auto* const of = find_guest(on_, work.vmid);
        if (of == nullptr) {
            return;
        }
        const auto parent = value_of(of->config.snapshots[work.name], "parent");
        of->config.snapshots.erase(work.name);
        const auto adopt = [&](config_section& section) {
            if (value_of(section, "parent") == work.name) {
                section.erase("parent");
                if (!parent.empty()) {
                    section["parent"] = parent;
                }
            }
        };
        adopt(of->config.current);
        for (auto& [name, section] : of->config.snapshots) {
            adopt(section);
        }
        on_.took_effect(work.vmid, "delsnapshot");
    }

    void operator()(const job::resize& work)
    {
        auto* const of = find_guest(on_, work.vmid);
        if (of == nullptr) {
            return;
        }
        auto properties = properties_of(on_, work.disk, value_of(of->config.current, work.disk));
        for (auto& [key, value] : properties) {
            if (key == "size") {
                value = print_size(work.bytes);
            }
            if (auto* const volume = find_volume(on_, value); key == "volume" && volume != nullptr) {
                volume->size = work.bytes;
            }
        }
        of->config.current[work.disk] = print_property_string(*on_.schema().config_keys().find(work.disk), properties);
        on_.took_effect(work.vmid, "resize");
    }

    void operator()(const job::destroy& work)
    {
        const auto mine = [&](const auto& entry) {
            return entry.second.vmid == work.vmid && entry.second.content == "rootdir";
        };
        for (auto& [id, in] : on_.storages) {
            std::erase_if(in.volumes, mine);
        }
        on_.guests.erase(work.vmid);
        // What was granted on the guest itself goes with it (pve-container API2/LXC.pm, destroy_vm: remove_vm_access).
        std::erase_if(on_.access.entries, [&](const acl_entry& entry) { return entry.path == vms_path(work.vmid); });
        on_.took_effect(work.vmid, "destroy");
    }

    void operator()(const job::create& work)
    {
        auto section = config_section{};
        if (const auto* const archive = find_volume(on_, work.archive); work.restore && archive != nullptr) {
            section = parse_config_file(archive->config).current;
            for (const auto* const not_restored : {"parent", "lock"}) {
                section.erase(not_restored);
            }
        } else {
            section = defaults(work.vmid);
        }
        const auto backed_up_rootfs = value_of(section, "rootfs");
        for (const auto& [key, value] : work.given) {
            section[key] = canonical(on_, key, value);
        }
        auto& made = on_.guests[work.vmid];
        const auto old = value_of(made.config.current, "rootfs");
        make_rootfs(section, work, backed_up_rootfs);
        if (!old.empty()) {
            free_volume(on_, old.substr(0, old.find(',')));
        }
        if (work.unique) {
            renew_macs(section);
        }
        made.config = config_file{.current = std::move(section)};
        made.running = false;
        on_.took_effect(work.vmid, work.restore ? "restore" : "create");
        if (work.start) {
            start_later(work.vmid);
        }
    }

    void operator()(const job::back_up& work)
    {
        for (auto at = std::size_t{0}; at < work.vmids.size(); ++at) {
            finish_backup(work.vmids[at], work, work.begins[at]);
        }
        of_.log.emplace_back("INFO: Backup job finished successfully");
    }

    void operator()(const job::remove_volume& work)
    {
        free_volume(on_, work.volid);
        on_.took_effect(0, "imgdel " + work.volid);
    }

    void operator()(const job::fail& /*work*/) {}

private:
    void start(guest_id vmid)
    {
        auto* const of = find_guest(on_, vmid);
        if (of == nullptr || of->running) {
            return;
        }
        apply_pending(on_, vmid, *of);
        of->running = true;
        of->started = on_.now();
        on_.took_effect(vmid, "start");
    }

    void stop(guest_id vmid)
    {
        if (auto* const of = find_guest(on_, vmid)) {
            of->running = false;
            apply_pending(on_, vmid, *of);
        }
    }

    /// As a worker of its own, once this one has released the guest.
    void start_later(guest_id vmid)
    {
        const auto by = identity{.user = of_.user, .token = of_.token, .separated = true};
        static_cast<void>(on_.spawn(by, "vzstart", std::to_string(vmid), job::start{.vmid = vmid}));
    }

    [[nodiscard]] auto defaults(guest_id vmid) const -> config_section
    {
        auto section = config_section{{"arch", "amd64"},
                                      {"hostname", "CT" + std::to_string(vmid)},
                                      {"memory", "512"},
                                      {"ostype", "debian"},
                                      {"swap", "512"}};
        if (on_.settings.version == pve_version::v9) {
            section["unprivileged"] = "1";
        }
        return section;
    }

    void make_rootfs(config_section& section, const job::create& work, const std::string& backed_up)
    {
        static constexpr auto default_gib = 4.0;
        auto wish = allocation{.storage = work.storage, .gib = default_gib};
        auto bytes = allocated_bytes(wish.gib);
        if (const auto given = work.given.find("rootfs"); given != work.given.end()) {
            const auto volume = find_property(properties_of(on_, "rootfs", given->second), "volume").value_or("");
            wish = parse_allocation(volume, work.storage).value_or(wish);
            bytes = allocated_bytes(wish.gib);
        } else if (const auto size = find_property(properties_of(on_, "rootfs", backed_up), "size")) {
            bytes = parse_size(*size);
        }
        if (const auto made = allocate(on_, work.vmid, wish.storage, bytes)) {
            section["rootfs"] = *made + ",size=" + print_size(bytes);
        }
    }

    void renew_macs(config_section& section)
    {
        for (auto& [key, value] : section) {
            if (!is_indexed(key, "net")) {
                continue;
            }
            auto net = properties_of(on_, key, value);
            std::erase_if(net, [](const auto& p) { return p.first == "hwaddr"; });
            net.emplace_back("hwaddr", on_.next_mac());
            value = print_property_string(*on_.schema().config_keys().find(key), net);
        }
    }

    void finish_backup(guest_id vmid, const job::back_up& work, instant began)
    {
        auto* const of = find_guest(on_, vmid);
        const auto in = on_.storages.find(work.storage);
        if (of == nullptr || in == on_.storages.end()) {
            return;
        }
        static constexpr auto typical_size = std::int64_t{1082083};
        auto config = config_file{.current = of->config.current};
        config.current.erase("lock");
        config.current.erase("parent");
        const auto volid = work.storage + ":backup/vzdump-lxc-" + std::to_string(vmid) + "-"
                           + clock_text(began, "%Y_%m_%d-%H_%M_%S") + beginning::suffix(work.compress);
        in->second.volumes[volid] = volume{
            .volid = volid,
            .content = "backup",
            .format = beginning::suffix(work.compress).substr(1),
            .size = typical_size,
            .ctime = std::chrono::duration_cast<seconds>(began.time_since_epoch()).count(),
            .vmid = vmid,
            .notes = notes_from(work.notes, vmid, *of),
            .is_protected = work.marked_protected.value_or(false),
            .config = print(config),
        };
        of->running = of->running || contains(work.stopped, vmid);
        say_end(vmid, *of, work);
        on_.took_effect(vmid, "backup");
    }

    void say_end(guest_id vmid, const guest& of, const job::back_up& work)
    {
        auto& log = of_.log;
        log.emplace_back("INFO: Total bytes written: 2088960 (2.0MiB, 123MiB/s)");
        log.emplace_back("INFO: archive file size: 1MB");
        if (!work.notes.empty()) {
            log.emplace_back("INFO: adding notes to backup");
        }
        if (work.marked_protected.value_or(false)) {
            log.emplace_back("INFO: marking backup as protected");
        }
        const auto was_stopped = contains(work.stopped, vmid);
        if (of.running && !was_stopped) {
            log.emplace_back("INFO: cleanup temporary 'vzdump' snapshot");
        } else if (was_stopped) {
            log.emplace_back("INFO: restarting vm");
            log.emplace_back("INFO: guest is online again after 6 seconds");
        }
        log.push_back("INFO: Finished Backup of VM " + std::to_string(vmid) + " (00:00:01)");
        log.push_back("INFO: Backup finished at " + clock_text(on_.now(), "%F %T"));
    }

    [[nodiscard]] static auto notes_from(std::string notes, guest_id vmid, const guest& of) -> std::string
    {
        const auto fill = [&](const std::string& variable, const std::string& value) {
            for (auto at = notes.find(variable); at != std::string::npos; at = notes.find(variable)) {
                notes.replace(at, variable.size(), value);
            }
        };
        fill("{{guestname}}", value_of(of.config.current, "hostname"));
        fill("{{vmid}}", std::to_string(vmid));
        return notes;
    }

    node& on_;
    task& of_;
};

} // namespace

auto guest_to_lock(const any_job& work) -> std::optional<guest_id>
{
    return std::visit(overloaded{
                          [](const job::back_up&) { return std::optional<guest_id>{}; },
                          [](const job::remove_volume&) { return std::optional<guest_id>{}; },
                          [](const job::fail&) { return std::optional<guest_id>{}; },
                          [](const auto& on_guest) { return std::optional<guest_id>{on_guest.vmid}; },
                      },
                      work);
}

auto begin_job(node& on, task& of) -> course
{
    return std::visit(beginning{on, of}, of.work);
}

void complete_job(node& on, task& of)
{
    std::visit(completion{on, of}, of.work);
}

void clear_marks(node& on, const task& of)
{
    for (const auto vmid : of.marked) {
        auto* const marked = find_guest(on, vmid);
        if (marked == nullptr || !marked->config.current.contains("lock")) {
            continue;
        }
        if (std::holds_alternative<job::create>(of.work)) {
            // A create that failed leaves nothing behind.
            on.guests.erase(vmid);
        } else {
            marked->config.current.erase("lock");
        }
    }
}

} // namespace felhom::sim
