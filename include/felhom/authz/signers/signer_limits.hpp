// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/error.hpp>
#include <felhom/authz/keys/fingerprint.hpp>
#include <felhom/authz/signers/signers.hpp>
#include <felhom/core/instant.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

// What a key may sign: asked by the host of each signature, and by whoever is about to sign.
namespace felhom::authz {

/// The signer with this key, who must be within the term set for him.
[[nodiscard]] inline auto signer_at(const signers& listed, std::string_view key_blob, instant now)
    -> tl::expected<std::shared_ptr<const signer>, error>
{
    auto found = listed.find(key_blob);
    if (!found) {
        return tl::unexpected(error{unknown_signer{fingerprint(key_blob, listed.hashes())}});
    }
    if (!found->settings().term.includes(now)) {
        return tl::unexpected(error{signer_out_of_term{found->key_id(), found->settings().term, now}});
    }
    return found;
}

/// Why a signer may not sign an operation of that name; nothing where he may.
[[nodiscard]] inline auto objection_to(const signer& by, std::string_view op) -> std::optional<error>
{
    const auto& granted = by.settings().operations;
    const auto may = !granted || std::ranges::find(*granted, op) != granted->end();
    return may ? std::nullopt : std::optional<error>{operation_not_granted{by.key_id(), std::string{op}}};
}

} // namespace felhom::authz
