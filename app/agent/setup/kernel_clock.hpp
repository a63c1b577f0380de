// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/hub/report/sourced.hpp>

#include <tl/expected.hpp>

namespace felhom::agent {

/// What the kernel says of its clock.
[[nodiscard]] auto is_kernel_clock_synchronized() -> tl::expected<bool, hub::source_error>;

} // namespace felhom::agent
