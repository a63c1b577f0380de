// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/file_policy.hpp>

#include <tl/expected.hpp>

#include <system_error>

namespace felhom::io {

/// What the system says of an open file.
[[nodiscard]] auto facts_of(int descriptor) -> tl::expected<file_facts, std::error_code>;

/// As whom this process reads.
[[nodiscard]] auto this_reader() -> file_reader;

} // namespace felhom::io
