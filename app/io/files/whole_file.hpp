// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/files/descriptor.hpp"
#include "io/files/file_error.hpp"

#include <tl/expected.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace felhom::io {

/// What the last call to the system failed with.
[[nodiscard]] auto failed(const std::string& path, std::string doing) -> tl::unexpected<file_error>;

/// Reads what has this name to its end: a file that nobody's trust hangs on.
[[nodiscard]] auto read_file(const std::string& path, std::size_t limit) -> tl::expected<std::string, file_error>;

/// Reads a file to its end.
[[nodiscard]] auto read_all(const file_descriptor& file, const std::string& path, std::size_t limit)
    -> tl::expected<std::string, file_error>;

[[nodiscard]] auto write_all(const file_descriptor& file, const std::string& path, std::string_view rest)
    -> tl::expected<void, file_error>;

} // namespace felhom::io
