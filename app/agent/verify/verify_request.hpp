// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/verify/verify_command.hpp"
#include "agent/verify/verify_report.hpp"

#include <felhom/authz/time_policy.hpp>
#include <felhom/core/host_id.hpp>

#include <boost/json/object.hpp>
#include <tl/expected.hpp>

#include <optional>
#include <string>

namespace felhom::agent {

/// One operation to be judged, its files read.
struct verify_request {
    std::string signers; ///< where they are
    host_id here;
    instant now;
    authz::time_policy policy;
    std::string armor;
    std::string blob;
    std::optional<std::string> nonce_store;
};

/// What the command line says of times.
[[nodiscard]] auto read_policy(const verify_options& options) -> tl::expected<authz::time_policy, bad_request>;

/// The request that the command line makes.
[[nodiscard]] auto read_request(const verify_options& options, const verify_io& effects)
    -> tl::expected<verify_request, bad_request>;

/// The request that a line of a batch makes. What it leaves out, or gives as null, is taken from the command line.
[[nodiscard]] auto read_request(const boost::json::value& line, const verify_options& options, const verify_io& effects)
    -> tl::expected<verify_request, bad_request>;

} // namespace felhom::agent
