// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/files/file_error.hpp"

#include <felhom/core/file_policy.hpp>
#include <felhom/core/secret.hpp>

#include <tl/expected.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace felhom::io {

inline constexpr auto largest_private_file = std::size_t{1} << 20U;

/// Reads a file that carries a secret or authority. It, and every directory on the way to it, is opened without
/// following links and judged by what its descriptor says, so that nothing can be exchanged between look and use.
[[nodiscard]] auto read_private_file(const std::string& path, file_kind kind, std::size_t limit = largest_private_file)
    -> tl::expected<std::string, file_error>;

/// Reads a file that holds nothing but a secret; one line end after it is no part of it.
[[nodiscard]] auto read_secret_file(const std::string& path) -> tl::expected<secret, file_error>;

/// Puts a file of mode 600 in the place of whatever has this name: after a power cut there is the old one or the new
/// one, whole. The directory is judged as for reading. For one writer at a time.
[[nodiscard]] auto write_private_file_atomically(const std::string& path, std::string_view contents)
    -> tl::expected<void, file_error>;

/// Makes the directory, with mode 700, unless it is there, and judges it. Its parent must be there.
[[nodiscard]] auto ensure_private_directory(const std::string& path, file_kind kind) -> tl::expected<void, file_error>;

/// Judges the directory, if it is there; changes nothing.
[[nodiscard]] auto check_private_directory(const std::string& path, file_kind kind) -> tl::expected<void, file_error>;

} // namespace felhom::io
