// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/operation/bundle.hpp>
#include <felhom/authz/operation/operation.hpp>
#include <felhom/authz/sshsig/envelope.hpp>
#include <felhom/core/instant.hpp>

#include <tl/expected.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace felhom::sign {

/// What was asked for, or why not, in prose.
template <typename T>
using or_prose = tl::expected<T, std::string>;

/// `felhom-sign guest VERB` or `felhom-sign backup VERB` as it was typed.
struct sign_options {
    std::string op; ///< such as guest.destroy
    std::string host;
    std::string guest;
    std::string key;           ///< a private key, or the public half of one in an agent or a token
    std::string key_id{};      ///< the key file's name if empty
    std::string valid = "15m"; ///< how long
    std::optional<std::string> not_before{};
    std::optional<std::string> expect_digest{};
    std::string params = "{}";
    std::string hash = "sha512";
    std::optional<std::string> signers{}; ///< a file of the host's signers, to hold the key against
};

/// The operation that was asked for, as the agent will read it. The error is prose.
[[nodiscard]] auto plan_operation(const sign_options& options, instant now, std::string_view nonce)
    -> tl::expected<authz::operation, std::string>;

/// Whether the key may sign it, where a file of signers was given. The error is prose.
[[nodiscard]] auto check_signer(const sign_options& options, const authz::operation& op)
    -> tl::expected<void, std::string>;

/// What is about to be signed, for people.
[[nodiscard]] auto summary(const authz::operation& op) -> std::string;

/// Signs an operation's canonical bytes with ssh-keygen.
[[nodiscard]] auto sign_operation(const authz::operation& op, const std::string& key, authz::message_hash hash)
    -> tl::expected<authz::bundle, std::string>;

/// Signs an operation's bytes as they are.
[[nodiscard]] auto sign_bytes(const std::string& blob, const std::string& key, authz::message_hash hash)
    -> tl::expected<authz::bundle, std::string>;

/// 32 random bytes as lower-case hex.
[[nodiscard]] auto random_nonce() -> tl::expected<std::string, std::string>;

} // namespace felhom::sign
