// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tl/expected.hpp>

#include <optional>
#include <string>

namespace felhom::agent {

/// What the file of a pause says, if it is there. What is there and cannot be read counts, too.
[[nodiscard]] auto read_pause(const std::string& path) -> std::optional<std::string>;

/// The same of the owner's veto; no path: there is none. An error where the system would not let us look: that is no
/// veto, which refuses for good, and nothing destructive may be done either.
[[nodiscard]] auto read_veto(const std::string& path) -> tl::expected<std::optional<std::string>, std::string>;

} // namespace felhom::agent
