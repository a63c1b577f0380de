// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/operation/canonical_json.hpp>
#include <felhom/authz/operation/operation.hpp>
#include <felhom/core/instant.hpp>

#include <boost/json/object.hpp>
#include <tl/expected.hpp>

#include <string>

namespace felhom::authz {

/// The canonical bytes of an operation: what an operator signs. parse_operation reads them back.
[[nodiscard]] inline auto write_operation(const operation& op) -> tl::expected<std::string, json_type_error>
{
    auto members = boost::json::object{{"v", 1},
                                       {"op", op.op},
                                       {"host_id", op.host_id},
                                       {"guest_id", op.guest_id.text()},
                                       {"params", op.params},
                                       {"nonce", op.nonce.text()},
                                       {"not_before", to_rfc3339(op.not_before)},
                                       {"expires_at", to_rfc3339(op.expires_at)},
                                       {"key_id", op.key_id}};
    if (op.expected_digest) {
        members["expect"] = boost::json::object{{"digest", *op.expected_digest}};
    }
    return canonical_json(members);
}

} // namespace felhom::authz
