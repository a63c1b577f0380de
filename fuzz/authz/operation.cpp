// SPDX-License-Identifier: Apache-2.0
#include "fuzz.hpp"

#include <felhom/authz/operation/operation.hpp>
#include <felhom/authz/operation/write_operation.hpp>

#include <chrono>

using namespace felhom;

// An operation that is accepted and has a canonical text is read back from it, but for numbers that Boost.JSON rounds.
extern "C" auto LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) -> int
{
    const auto op = authz::parse_operation(fuzz::text(data, size), std::chrono::hours{24});
    if (op) {
        fuzz::require(op->not_before < op->expires_at);
        const auto written = authz::write_operation(*op);
        if (written) {
            auto again = authz::parse_operation(*written, std::chrono::hours{24});
            fuzz::require(again.has_value());
            again->params = op->params;
            fuzz::require(*again == *op);
        }
    }
    return 0;
}
