#pragma once

#include <felhom/core/ill_formed.hpp>
#include <felhom/proxmox/trust.hpp>

#include <tl/expected.hpp>

#include <string>

namespace felhom::io {

/// The authorities whose certificates a PEM text holds; refused when it holds none, or one that is none.
[[nodiscard]] auto read_authorities(std::string pem) -> tl::expected<proxmox::authorities, ill_formed>;

} // namespace felhom::io
