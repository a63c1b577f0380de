// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/vmid.hpp>
#include <felhom/host_tools/checked_text.hpp>
#include <felhom/host_tools/command.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace felhom::host_tools {

namespace detail {

struct template_archive_rule {
    static constexpr auto what = std::string_view{"template archive"};
    static constexpr auto rule = std::string_view{"STORAGE:vztmpl/NAME.tar.gz, .tar.xz or .tar.zst"};
    [[nodiscard]] static auto accepts(std::string_view text) -> bool
    {
        static constexpr auto kind = std::string_view{":vztmpl/"};
        const auto split = text.find(kind);
        if (split == std::string_view::npos || !is_word(text.substr(0, split), "-_.", 100)) {
            return false;
        }
        const auto name = text.substr(split + kind.size());
        return is_word(name, "-_.+", 200)
               && (name.ends_with(".tar.gz") || name.ends_with(".tar.xz") || name.ends_with(".tar.zst"));
    }
};

struct storage_rule {
    static constexpr auto what = std::string_view{"storage"};
    static constexpr auto rule = std::string_view{"a letter, then letters, digits, - _ . and at last no sign"};
    [[nodiscard]] static auto accepts(std::string_view text) -> bool
    {
        return is_word(text, "-_.", 100) && text.size() > 1 && ascii::is_letter(text.front())
               && ascii::is_alphanumeric(text.back());
    }
};

struct hostname_rule {
    static constexpr auto what = std::string_view{"host name"};
    static constexpr auto rule = std::string_view{"labels of letters, digits and inner hyphens, joined by dots"};
    [[nodiscard]] static auto accepts(std::string_view text) -> bool
    {
        if (text.size() > 253) {
            return false;
        }
        for (auto rest = text;;) {
            const auto dot = rest.find('.');
            const auto label = rest.substr(0, dot);
            if (!is_word(label, "-", 63) || label.back() == '-') {
                return false;
            }
            if (dot == std::string_view::npos) {
                return true;
            }
            rest.remove_prefix(dot + 1);
        }
    }
};

struct bridge_rule {
    static constexpr auto what = std::string_view{"network bridge"};
    static constexpr auto rule = std::string_view{"a letter, then up to 14 letters, digits or _"}; // IFNAMSIZ
    [[nodiscard]] static auto accepts(std::string_view text) -> bool
    {
        return is_word(text, "_", 15) && ascii::is_letter(text.front());
    }
};

} // namespace detail

using template_archive = checked_text<detail::template_archive_rule>;
using storage_name = checked_text<detail::storage_rule>;
using hostname = checked_text<detail::hostname_rule>;
using bridge_name = checked_text<detail::bridge_rule>;

/// The container that every other is cloned or restored from. It needs keyctl, to run containers inside of itself, and
/// no API token may set that feature (pve-container LXC.pm): hence the way over root.
// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): without an id there is no constructor that could forget it
struct golden_container {
    vmid id;
    template_archive archive;
    felhom::host_tools::hostname hostname;
    storage_name storage;
    bridge_name bridge;
    std::uint32_t disk_gib = 8;
    std::uint32_t cores = 2;
    std::uint32_t memory_mib = 2048;
    std::uint32_t swap_mib = 512;
};

/// Proxmox VE's own command line for containers.
struct pct {
    /// Makes the container, stopped. pct refuses an id that is taken.
    [[nodiscard]] static auto create(const golden_container& made) -> command
    {
        return command{{
            "/usr/sbin/pct",  "create",
            made.id.text(),   made.archive.text(),
            "--unprivileged", "1",
            "--features",     "keyctl=1,nesting=1",
            "--hostname",     made.hostname.text(),
            "--rootfs",       made.storage.text() + ":" + std::to_string(made.disk_gib),
            "--cores",        std::to_string(made.cores),
            "--memory",       std::to_string(made.memory_mib),
            "--swap",         std::to_string(made.swap_mib),
            "--net0",         "name=eth0,bridge=" + made.bridge.text() + ",ip=dhcp",
        }};
    }
};

} // namespace felhom::host_tools
