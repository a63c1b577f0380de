// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/instant.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/hub/report/sourced.hpp>
#include <felhom/proxmox/model/backup_kind.hpp>
#include <felhom/proxmox/model/guest_kind.hpp>
#include <felhom/proxmox/model/node_status.hpp>
#include <felhom/proxmox/model/storage.hpp>
#include <felhom/proxmox/model/storage_id.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace felhom::hub {

/// A storage that this node may write to. One that is not active tells no sizes; what is not told is nothing, not 0.
struct storage_target {
    proxmox::storage_id id;
    std::string type;
    std::vector<std::string> content; ///< sorted
    bool active;
    bool enabled;
    bool shared;
    std::optional<proxmox::usage> space = std::nullopt; ///< bytes
    std::optional<std::uint64_t> available = std::nullopt;

    friend auto operator==(const storage_target&, const storage_target&) -> bool = default;
};

/// One backup of a container.
struct reported_backup {
    vmid guest;
    proxmox::storage_id storage;
    std::string volume;
    std::string format;
    std::optional<std::chrono::sys_seconds> created = std::nullopt;
    std::optional<std::chrono::seconds> age = std::nullopt; ///< when the report was made; nothing of one dated ahead
    bool is_dated_ahead = false;                            ///< its date had not come when its storage was asked
    std::optional<std::uint64_t> size = std::nullopt;       ///< bytes
    std::optional<std::string> verification = std::nullopt; ///< by a Proxmox Backup Server
    bool is_protected = false;

    friend auto operator==(const reported_backup&, const reported_backup&) -> bool = default;
};

/// A snapshot on a Proxmox Backup Server, of a guest here or of anything else that is kept there.
struct pbs_snapshot {
    proxmox::storage_id storage;
    std::string volume;
    std::optional<vmid> guest = std::nullopt;
    std::optional<proxmox::guest_kind> guest_type = std::nullopt; ///< nothing: it does not tell
    std::optional<std::chrono::sys_seconds> created = std::nullopt;
    bool is_dated_ahead = false;
    std::optional<std::uint64_t> size = std::nullopt;
    std::optional<std::string> verification = std::nullopt;
    bool is_protected = false;

    friend auto operator==(const pbs_snapshot&, const pbs_snapshot&) -> bool = default;
};

/// The newest of many, and how many more there are.
struct pbs_snapshots {
    std::vector<pbs_snapshot> newest;
    std::size_t omitted = 0;

    friend auto operator==(const pbs_snapshots&, const pbs_snapshots&) -> bool = default;
};

/// The backups on one storage, as it was asked for them.
struct storage_backups {
    proxmox::storage_id storage;
    std::string type; ///< "pbs", "dir"
    observed<std::vector<proxmox::stored_volume>> volumes;
    std::optional<source_error> left_out = std::nullopt; ///< why there may be more of them
};

/// All that was asked about storages.
struct storage_sources {
    observed<std::vector<proxmox::node_storage>> list;
    std::vector<storage_backups> backups = {};
    std::optional<source_error> left_out = std::nullopt; ///< why there may be more storages
};

namespace detail {

/// What several storages say together: as old as the oldest of it, with the first error among them.
template <typename T, typename Counts>
[[nodiscard]] auto part_of(const storage_sources& seen, Counts counts) -> sourced<T>
{
    auto part = sourced<T>{.collected_at = seen.list.at};
    auto others = std::size_t{0};
    const auto add = [&](source_error why) {
        if (part.error) {
            ++others;
        } else {
            part.error = std::move(why);
        }
    };
    if (!seen.list.result) {
        add(seen.list.result.error());
    } else if (seen.left_out) {
        add(*seen.left_out);
    }
    for (const auto& [storage, type, volumes, left_out] : seen.backups) {
        if (!counts(type)) {
            continue;
        }
        part.collected_at = std::min(part.collected_at, volumes.at);
        const auto why = volumes.result ? left_out : std::optional{volumes.result.error()};
        if (why) {
            add({why->what, "storage " + storage.text() + ": " + why->detail});
        }
    }
    if (part.error && others > 0) {
        part.error->detail += " (and " + std::to_string(others) + " more)";
    }
    return part;
}

[[nodiscard]] inline auto any_type(std::string_view /*type*/) -> bool
{
    return true;
}
[[nodiscard]] inline auto is_pbs(std::string_view type) -> bool
{
    return type == "pbs";
}

/// A Proxmox Backup Server that does not know a size says 1 (pve-storage PBSPlugin.pm).
[[nodiscard]] inline auto size_of(const proxmox::stored_volume& volume) -> std::optional<std::uint64_t>
{
    const auto unknown = volume.format.starts_with("pbs-") && volume.size == std::uint64_t{1};
    return unknown ? std::nullopt : volume.size;
}

/// Whether nobody can say how old it is, since the clock that dated it was ahead of the one here.
[[nodiscard]] inline auto is_dated_ahead(const proxmox::stored_volume& volume, instant asked_at) -> bool
{
    return volume.created && *volume.created > asked_at;
}

[[nodiscard]] inline auto backup_of(vmid guest, const proxmox::storage_id& storage,
                                    const proxmox::stored_volume& volume, instant asked_at, instant now)
    -> reported_backup
{
    auto backup = reported_backup{.guest = guest,
                                  .storage = storage,
                                  .volume = volume.id,
                                  .format = volume.format,
                                  .created = volume.created,
                                  .is_dated_ahead = is_dated_ahead(volume, asked_at),
                                  .size = size_of(volume),
                                  .verification = volume.verification,
                                  .is_protected = volume.kept_from_pruning};
    if (volume.created && !backup.is_dated_ahead) {
        const auto passed = std::chrono::floor<std::chrono::seconds>(now) - *volume.created;
        backup.age = std::max(passed, std::chrono::seconds{0});
    }
    return backup;
}

/// A snapshot or backup of unknown age counts as the oldest, and one dated ahead has none; equally old ones are told
/// apart by their names.
template <typename Backup>
[[nodiscard]] auto is_newer(const Backup& a, const Backup& b) -> bool
{
    return std::tuple{!a.is_dated_ahead, a.created, std::string_view{a.volume}}
           > std::tuple{!b.is_dated_ahead, b.created, std::string_view{b.volume}};
}

} // namespace detail

[[nodiscard]] inline auto report_storages(const storage_sources& seen) -> sourced<std::vector<storage_target>>
{
    auto part = sourced<std::vector<storage_target>>{.collected_at = seen.list.at, .error = seen.left_out};
    if (!seen.list.result) {
        part.error = seen.list.result.error();
        return part;
    }
    for (const auto& [id, status] : *seen.list.result) {
        auto target = storage_target{.id = id,
                                     .type = status.type,
                                     .content = status.content,
                                     .active = status.active,
                                     .enabled = status.enabled,
                                     .shared = status.shared};
        if (status.active) {
            target.space = proxmox::usage_of(status.total, status.used);
            target.available = status.available;
        }
        part.value.push_back(std::move(target));
    }
    std::ranges::sort(part.value, {}, &storage_target::id);
    return part;
}

/// The backups of a storage that could not be asked, since it is not active.
[[nodiscard]] inline auto not_active(const proxmox::node_storage& storage, instant at) -> storage_backups
{
    return {
        .storage = storage.id,
        .type = storage.status.type,
        .volumes = {.at = at, .result = tl::unexpected(source_error{source_error::kind::unreachable, "not active"})}};
}

/// Of each container the newest backup, wherever it is kept; one of a virtual machine that has or had the number is no
/// backup of a container. While a storage cannot be read, or not all of it, there may be a newer one, and the error
/// says so.
[[nodiscard]] inline auto report_backups(const storage_sources& seen, instant now)
    -> sourced<std::vector<reported_backup>>
{
    auto newest = std::map<vmid, reported_backup>{};
    for (const auto& [storage, type, volumes, left_out] : seen.backups) {
        if (!volumes.result) {
            continue;
        }
        for (const auto& volume : *volumes.result) {
            if (!volume.owner || volume.content != "backup"
                || proxmox::backup_kind_of(volume) != proxmox::guest_kind::lxc) {
                continue;
            }
            auto backup = detail::backup_of(*volume.owner, storage, volume, volumes.at, now);
            const auto [at, first] = newest.try_emplace(*volume.owner, backup);
            if (!first && detail::is_newer(backup, at->second)) {
                at->second = std::move(backup);
            }
        }
    }
    auto part = detail::part_of<std::vector<reported_backup>>(seen, detail::any_type);
    for (auto& [guest, backup] : newest) {
        part.value.push_back(std::move(backup));
    }
    return part;
}

/// What the Proxmox Backup Servers keep, the newest first and no more than a report can carry.
[[nodiscard]] inline auto report_pbs_snapshots(const storage_sources& seen, std::size_t most = 500)
    -> sourced<pbs_snapshots>
{
    auto part = detail::part_of<pbs_snapshots>(seen, detail::is_pbs);
    auto& all = part.value.newest;
    for (const auto& [storage, type, volumes, left_out] : seen.backups) {
        if (!volumes.result || !detail::is_pbs(type)) {
            continue;
        }
        for (const auto& volume : *volumes.result) {
            all.push_back({.storage = storage,
                           .volume = volume.id,
                           .guest = volume.owner,
                           .guest_type = proxmox::backup_kind_of(volume),
                           .created = volume.created,
                           .is_dated_ahead = detail::is_dated_ahead(volume, volumes.at),
                           .size = detail::size_of(volume),
                           .verification = volume.verification,
                           .is_protected = volume.kept_from_pruning});
        }
    }
    std::ranges::sort(all, detail::is_newer<pbs_snapshot>);
    if (all.size() > most) {
        part.value.omitted = all.size() - most;
        all.erase(all.begin() + static_cast<std::ptrdiff_t>(most), all.end());
    }
    return part;
}

} // namespace felhom::hub
