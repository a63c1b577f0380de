// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/operation/bundle.hpp>
#include <felhom/authz/sshsig/envelope.hpp>
#include <felhom/core/instant.hpp>

#include <tl/expected.hpp>

#include <optional>
#include <string>

namespace felhom::sign {

/// A bundle as it is shown before somebody adds a signature, or asks what it is.
struct shown_bundle {
    std::string text;
    bool holds = false; ///< its signature verifies, and its signer is one of those that were given, if any were
};

/// What a bundle would do, to what, until when, and who signed it. The error is prose: it is no bundle, or holds no
/// operation. `signers` is the text of a file of the host's signers.
[[nodiscard]] auto show_bundle(const authz::bundle& both, const std::optional<std::string>& signers, instant now)
    -> tl::expected<shown_bundle, std::string>;

/// A second bundle over the same bytes, with a signature of another key. The error is prose.
[[nodiscard]] auto cosign(const authz::bundle& first, const std::string& key, authz::message_hash hash)
    -> tl::expected<authz::bundle, std::string>;

} // namespace felhom::sign
