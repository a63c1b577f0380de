// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/verify/verify_command.hpp"

#include <felhom/authz/error.hpp>
#include <felhom/authz/operation/operation.hpp>
#include <felhom/authz/signers/signers.hpp>

#include <boost/json/object.hpp>
#include <tl/expected.hpp>

#include <iosfwd>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace felhom::agent {

/// The command itself was wrong: no such file, no such time.
struct bad_request {
    std::string detail;
};

/// The signers were refused, so that nobody can be told from anybody.
struct config_refused {
    std::string detail;
};

/// An operation that was verified, and whether its nonce was recorded.
struct accepted_operation {
    authz::operation what;
    std::string key_id;
    authz::signer_tag tag;
    std::string signer; ///< the key's fingerprint
    bool replay_checked;
};

using verify_outcome = std::variant<accepted_operation, authz::error, config_refused, bad_request>;

/// A verdict, and what the nonce store had to tell on the way to it.
struct judgement {
    verify_outcome outcome;
    std::optional<nonce_store_loss> loss{};
    std::vector<std::string> warnings{};
};

[[nodiscard]] auto to_json(const judgement& judged) -> boost::json::object;
[[nodiscard]] auto to_json(const tl::expected<repaired_store, std::string>& repaired) -> boost::json::object;

/// A few lines for people.
void print(const verify_outcome& outcome, std::ostream& out);
void print(const repaired_store& repaired, const std::string& path, std::ostream& out);

/// What the operator should know of the nonce store, one line each.
[[nodiscard]] auto notes_of(const judgement& judged) -> std::vector<std::string>;

} // namespace felhom::agent
