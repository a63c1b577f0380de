// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "authz/support/test_key.hpp"

#include <felhom/authz/error.hpp>
#include <felhom/authz/operation/write_operation.hpp>
#include <felhom/authz/pipeline.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

// A host whose signers have one key of every kind, made anew by each program.
namespace felhom::authz {

inline const auto noon = *parse_instant("2026-06-01T12:00:00Z");

/// What a test brings to be verified.
struct brought {
    std::string armor;
    std::string blob;
};

/// An operation for host-a from five minutes before noon to five after.
[[nodiscard]] inline auto some_operation() -> operation
{
    return {.op = "guest.destroy",
            .host_id = "host-a",
            .guest_id = *vmid::parse("101"),
            .params = {{"purge", true}},
            .nonce = *nonce::parse("00112233445566778899aabbccddeeff"),
            .not_before = noon - std::chrono::minutes{5},
            .expires_at = noon + std::chrono::minutes{5},
            .key_id = "op"};
}

[[nodiscard]] inline auto text_of(const operation& op) -> std::string
{
    return write_operation(op).value_or("no canonical text");
}

[[nodiscard]] inline auto listed_keys() -> const signers&
{
    static const auto all = [] {
        auto settings = std::vector<signer_settings>{};
        for (const auto kind : every_key_kind) {
            settings.push_back({.authorized_key = key_of(kind).line(),
                                .tag = signer_tag::operational,
                                .key_id = std::string{type_of(kind)}});
        }
        return *signers::load(settings);
    }();
    return all;
}

[[nodiscard]] inline auto judged(const brought& what, const signers& listed = listed_keys(), instant now = noon)
    -> tl::expected<timely, error>
{
    return verify({.armor = what.armor, .blob = what.blob}, listed, *host_id::parse("host-a"), now, {});
}

/// Signs a blob with the listed key of a kind.
[[nodiscard]] inline auto signed_by(key_kind kind, const std::string& blob) -> brought
{
    return {.armor = sign_message(key_of(kind), blob), .blob = blob};
}

/// The same with the envelope's fields changed before they are put together.
template <typename Change>
[[nodiscard]] auto with_envelope(key_kind kind, Change change) -> brought
{
    auto blob = text_of(some_operation());
    auto fields = envelope_for(key_of(kind), blob);
    change(fields);
    return {.armor = armor_of(fields.bytes()), .blob = std::move(blob)};
}

/// "CODE at STAGE", or "accepted".
template <typename Passed>
[[nodiscard]] auto verdict(const tl::expected<Passed, error>& made) -> std::string
{
    return made ? "accepted" : std::string{code(made.error())} + " at " + std::string{name(stage_of(made.error()))};
}

} // namespace felhom::authz
