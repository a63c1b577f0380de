// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/net/call_line.hpp>
#include <felhom/net/transport_error.hpp>

#include <tl/expected.hpp>

#include <optional>
#include <string>

namespace felhom::net {

/// What came back over HTTP, not yet understood.
struct response {
    int status;
    std::string reason; ///< the HTTP reason phrase: PVE puts its error message there
    std::string body;
    std::optional<call_line> to = std::nullopt;         ///< the call that it answers
    std::optional<std::string> location = std::nullopt; ///< of a redirect, which is not followed

    friend auto operator==(const response&, const response&) -> bool = default;
};

using exchanged = tl::expected<response, transport_error>;

} // namespace felhom::net
