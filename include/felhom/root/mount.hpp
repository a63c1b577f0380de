#pragma once

#include <felhom/core/ascii.hpp>
#include <felhom/core/json_cursor.hpp>
#include <felhom/core/strict_json.hpp>
#include <felhom/root/checked_text.hpp>
#include <felhom/root/command.hpp>
#include <felhom/root/run.hpp>

#include <tl/expected.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace felhom::root {

namespace detail {

struct filesystem_uuid_rule {
    static constexpr auto what = std::string_view{"file system UUID"};
    static constexpr auto rule =
        std::string_view{"as blkid shows it: 8-4-4-4-12, 4-4 (FAT) or 16 (NTFS) hexadecimal digits"};
    [[nodiscard]] static auto accepts(std::string_view text) -> bool
    {
        return ascii::is_hex_in_shape(text, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")
               || ascii::is_hex_in_shape(text, "xxxx-xxxx") || ascii::is_hex_in_shape(text, "xxxxxxxxxxxxxxxx");
    }
};

struct mount_point_rule {
    static constexpr auto what = std::string_view{"mount point"};
    static constexpr auto rule = std::string_view{"a directory below /mnt or /media, without . and .. in its path"};
    [[nodiscard]] static auto accepts(std::string_view text) -> bool
    {
        if (text.size() > 255 || !(text.starts_with("/mnt/") || text.starts_with("/media/"))) {
            return false;
        }
        for (auto rest = text.substr(1);;) {
            const auto slash = rest.find('/');
            if (!is_word(rest.substr(0, slash), "-_.", 255)) {
                return false;
            }
            if (slash == std::string_view::npos) {
                return true;
            }
            rest.remove_prefix(slash + 1);
        }
    }
};

} // namespace detail

using filesystem_uuid = checked_text<detail::filesystem_uuid_rule>;
using mount_point = checked_text<detail::mount_point_rule>;

/// Mounting a USB disk, known by its file system's UUID: its device name changes with the socket it is plugged into.
struct mount {
    static constexpr auto program = std::string_view{"/usr/bin/mount"};
    static constexpr auto finder = std::string_view{"/usr/bin/findmnt"};

    /// Nothing on a disk that anybody may plug in gets rights on this host.
    [[nodiscard]] static auto attach(const filesystem_uuid& disk, const mount_point& where) -> command
    {
        return command{{std::string{program}, "-o", "nosuid,nodev", "UUID=" + disk.text(), where.text()}};
    }

    [[nodiscard]] static auto find(const mount_point& where) -> command
    {
        return command{{std::string{finder}, "--json", "--output", "UUID", "--mountpoint", where.text()}};
    }

    /// Out of `find`: the UUID of what is mounted there; nothing when nothing is. That something is mounted does not
    /// make it the disk that was meant. A file system without UUID reads as the empty text.
    [[nodiscard]] static auto read_found(const finished& ended) -> tl::expected<std::optional<std::string>, error>
    {
        if (ended.exit_code == 1 && ended.out.empty() && ended.err.empty()) {
            return std::nullopt; // findmnt(8): nothing found
        }
        if (ended.exit_code != 0) {
            return tl::unexpected(failure_of(finder, ended));
        }
        const auto unreadable_because = [](auto&& cause) {
            return error{unreadable{.program = std::string{finder}, .cause = json_error{cause}}};
        };
        const auto document = parse_strict_json(ended.out, {});
        if (!document) {
            return tl::unexpected(unreadable_because(document.error()));
        }
        // Of several mounts over each other the last is the one seen.
        return json_cursor::root(*document)
            .require("filesystems")
            .and_then([](const json_cursor& all) { return all.elements(); })
            .and_then(&mount::uuid_of_last)
            .map_error(unreadable_because);
    }

private:
    [[nodiscard]] static auto uuid_of_last(const std::vector<json_cursor>& mounts)
        -> tl::expected<std::optional<std::string>, json_type_error>
    {
        if (mounts.empty()) {
            return std::nullopt;
        }
        return mounts.back().require("uuid").and_then(
            [](const json_cursor& uuid) -> tl::expected<std::optional<std::string>, json_type_error> {
                if (uuid.is_null()) {
                    return std::string{};
                }
                return uuid.string().map([](std::string_view text) { return std::optional{std::string{text}}; });
            });
    }
};

} // namespace felhom::root
