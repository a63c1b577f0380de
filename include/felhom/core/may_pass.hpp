// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <system_error>

namespace felhom {

/// Whether what the operating system refused may be granted later although nobody edits a file, a name or a permission:
/// a full disk, no free file descriptor, no memory, a read that failed. What is not known here may pass: then it is
/// tried again, and nothing is thrown away.
[[nodiscard]] constexpr auto may_pass(std::errc refused) -> bool
{
    constexpr auto to_be_mended = std::array{
        std::errc::permission_denied, std::errc::operation_not_permitted,
        std::errc::not_a_directory,   std::errc::no_such_file_or_directory,
        std::errc::is_a_directory,    std::errc::directory_not_empty,
        std::errc::file_exists,       std::errc::filename_too_long,
        std::errc::cross_device_link, std::errc::too_many_symbolic_link_levels,
        std::errc::invalid_argument,  std::errc::function_not_supported,
        std::errc::not_supported,
    };
    return std::ranges::find(to_be_mended, refused) == to_be_mended.end();
}

} // namespace felhom
