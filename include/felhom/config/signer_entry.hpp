// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/signers/signer_settings.hpp>
#include <felhom/authz/signers/signer_settings_json.hpp>
#include <felhom/core/json/error.hpp>
#include <felhom/core/json/node.hpp>

#include <tl/expected.hpp>

#include <vector>

namespace felhom::config {

using authz::signer_tag;

/// An element of authz.signers, as a file of signers has it too. The key itself is judged where signatures are.
using signer_entry = authz::signer_settings;

/// Reads the whole of authz.signers; the first error ends it. There are no notes here: whatever is unknown is refused.
[[nodiscard]] inline auto read_signers(const json_node& at) -> tl::expected<std::vector<signer_entry>, json_error>
{
    return authz::read_signer_list(at, authz::other_members::refused);
}

} // namespace felhom::config
