// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/proxmox/model/guest_kind.hpp>
#include <felhom/proxmox/model/storage.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

// Which kind of guest a backup was made of. The number alone does not tell: a virtual machine may have had it before.
namespace felhom::proxmox {

namespace detail {

/// "lxc" or "qemu", and "openvz" for the containers before (pve-storage PVE/Storage.pm, archive_info).
[[nodiscard]] inline auto kind_by_subtype(std::string_view subtype) -> std::optional<guest_kind>
{
    if (subtype == "lxc" || subtype == "openvz") {
        return guest_kind::lxc;
    }
    return subtype == "qemu" ? std::optional{guest_kind::qemu} : std::nullopt;
}

/// "pbs-ct", "pbs-vm" (PBSPlugin.pm, list_volumes), "tar.zst", "vma.zst" (Plugin.pm, get_subdir_files).
[[nodiscard]] inline auto kind_by_format(std::string_view format) -> std::optional<guest_kind>
{
    const auto archive = format.substr(0, format.find('.'));
    if (format == "pbs-ct" || archive == "tar" || archive == "tgz") {
        return guest_kind::lxc;
    }
    return format == "pbs-vm" || archive == "vma" ? std::optional{guest_kind::qemu} : std::nullopt;
}

/// "local:backup/vzdump-lxc-101-…", "pbs:backup/vm/101/…".
[[nodiscard]] inline auto kind_by_name(std::string_view volume) -> std::optional<guest_kind>
{
    static constexpr auto beginnings = std::array{
        std::pair{std::string_view{"backup/vzdump-lxc-"}, guest_kind::lxc},
        std::pair{std::string_view{"backup/vzdump-openvz-"}, guest_kind::lxc},
        std::pair{std::string_view{"backup/ct/"}, guest_kind::lxc},
        std::pair{std::string_view{"backup/vzdump-qemu-"}, guest_kind::qemu},
        std::pair{std::string_view{"backup/vm/"}, guest_kind::qemu},
    };
    const auto colon = volume.find(':');
    const auto name = colon == std::string_view::npos ? volume : volume.substr(colon + 1);
    const auto* const found =
        std::ranges::find_if(beginnings, [&](const auto& one) { return name.starts_with(one.first); });
    return found == beginnings.end() ? std::nullopt : std::optional{found->second};
}

} // namespace detail

/// Nothing where neither subtype, format nor name tells it, or where one contradicts another.
[[nodiscard]] inline auto backup_kind_of(const stored_volume& backup) -> std::optional<guest_kind>
{
    auto kind = std::optional<guest_kind>{};
    for (const auto told : {detail::kind_by_subtype(backup.subtype), detail::kind_by_format(backup.format),
                            detail::kind_by_name(backup.id)}) {
        if (kind && told && *kind != *told) {
            return std::nullopt;
        }
        kind = kind ? kind : told;
    }
    return kind;
}

} // namespace felhom::proxmox
