// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/file_policy.hpp>

#include <tl/expected.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <variant>
#include <vector>

namespace felhom::io {

template <typename T>
using disk_result = tl::expected<T, std::error_code>;

/// An open file, as its disk counts them.
enum class file_id : int {};

enum class open_mode : std::uint8_t {
    read,         ///< it must exist
    update,       ///< it must exist
    create_empty, ///< made with mode 0600, or emptied
};

/// Another holds the lock: the text that it left.
struct lock_held {
    std::string holder;

    friend auto operator==(const lock_held&, const lock_held&) -> bool = default;
};

/// Releases the lock when the last copy dies.
using lock_token = std::shared_ptr<const void>;

/// The file system as the log needs it. Tests put a simulated one here, with faults.
struct disk {
    std::function<disk_result<file_id>(const std::filesystem::path&, open_mode)> open;
    std::function<void(file_id)> close;
    /// What lets others than its owner read or write the file, if anything does.
    std::function<disk_result<std::optional<file_flaw>>(file_id)> flaw;
    std::function<disk_result<std::uint64_t>(file_id)> size;
    std::function<disk_result<std::size_t>(file_id, std::span<char>, std::uint64_t offset)> read;   ///< may be short
    std::function<disk_result<std::size_t>(file_id, std::string_view, std::uint64_t offset)> write; ///< may be short
    std::function<disk_result<void>(file_id)> sync_data;
    std::function<disk_result<void>(file_id, std::uint64_t size)> truncate;
    std::function<disk_result<void>(const std::filesystem::path& from, const std::filesystem::path& to)> rename;
    std::function<disk_result<void>(const std::filesystem::path& file, const std::filesystem::path& second_name)> link;
    std::function<disk_result<void>(const std::filesystem::path&)> remove;
    std::function<disk_result<std::vector<std::filesystem::path>>(const std::filesystem::path& directory)> list;
    std::function<disk_result<void>(const std::filesystem::path& directory)> sync_directory;
    std::function<disk_result<bool>(const std::filesystem::path&)> exists;
    std::function<tl::expected<lock_token, std::variant<lock_held, std::error_code>>(const std::filesystem::path&,
                                                                                     std::string_view holder)>
        lock;
};

/// The real one.
[[nodiscard]] auto system_disk() -> disk;

} // namespace felhom::io
