// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/parse_error.hpp>
#include <felhom/net/trust.hpp>

#include <tl/expected.hpp>

#include <string>

namespace felhom::io {

/// The authorities whose certificates a PEM text holds; refused when it holds none, or one that is none.
[[nodiscard]] auto read_authorities(std::string pem) -> tl::expected<net::authorities, parse_error>;

} // namespace felhom::io
