// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/vmid.hpp>

#include <boost/json/object.hpp>
#include <tl/expected.hpp>

#include <string>
#include <string_view>

namespace felhom::sign {

/// The parameters of the guest.set_config that a guest's held lines ask for, out of what `felhom-agent plan --json`
/// printed: {"set":{"protection":"0"},"delete":["mp1"]}. The error is prose.
[[nodiscard]] auto params_from_plan(std::string_view plan, vmid guest)
    -> tl::expected<boost::json::object, std::string>;

} // namespace felhom::sign
