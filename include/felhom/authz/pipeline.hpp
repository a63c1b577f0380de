// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/error.hpp>
#include <felhom/authz/keys/fingerprint.hpp>
#include <felhom/authz/keys/import_key.hpp>
#include <felhom/authz/keys/public_key.hpp>
#include <felhom/authz/operation/operation.hpp>
#include <felhom/authz/signers/signer_limits.hpp>
#include <felhom/authz/signers/signers.hpp>
#include <felhom/authz/sshsig/armor.hpp>
#include <felhom/authz/sshsig/envelope.hpp>
#include <felhom/authz/sshsig/signed_bytes.hpp>
#include <felhom/authz/sshsig/verify_signature.hpp>
#include <felhom/authz/stages.hpp>
#include <felhom/authz/time_policy.hpp>
#include <felhom/core/host_id.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace felhom::authz {

/// Stage 1: decodes the armor and reads the frame of the envelope in it.
[[nodiscard]] inline auto parse_armor(std::string_view file) -> tl::expected<armored, error>
{
    auto bytes = decode_armor(file);
    if (!bytes) {
        return tl::unexpected(error{malformed{stage::armor, std::move(bytes).error()}});
    }
    const auto frame = parse_envelope({bytes->data(), bytes->size()});
    if (!frame) {
        return tl::unexpected(error{malformed{stage::armor, frame.error()}});
    }
    return armored{*std::move(bytes), *frame};
}

/// Stage 2: demands the namespace of operations.
[[nodiscard]] inline auto require_namespace(armored&& signature) -> tl::expected<framed, error>
{
    const auto got = signature.frame().name_space;
    if (got != operation_namespace) {
        return tl::unexpected(error{wrong_namespace{shown(operation_namespace), shown(got)}});
    }
    return framed{std::move(signature)};
}

/// Stage 3: reads the key in the envelope. A signer's own key was examined when it was loaded, and is not again.
[[nodiscard]] inline auto parse_key(framed&& signature, const signers& listed) -> tl::expected<keyed, error>
{
    const auto at = signature.frame().public_key_offset;
    const auto key = public_key::parse(signature.frame().public_key, at);
    if (!key) {
        return tl::unexpected(error{malformed{stage::public_key, key.error()}});
    }
    if (!listed.find(key->blob()) && !is_on_its_curve(key->material())) {
        return tl::unexpected(
            error{malformed{stage::public_key, bad_field{"ecdsa point", at, "a point on the curve", "another"}}});
    }
    return keyed{std::move(signature), *key};
}

/// Stage 4: finds the signer with this key, who must be within the term set for him. Key ids and comments decide
/// nothing.
[[nodiscard]] inline auto find_signer(keyed&& signature, const signers& listed, instant now)
    -> tl::expected<allowed, error>
{
    auto found = signer_at(listed, signature.key().blob(), now);
    if (!found) {
        return tl::unexpected(std::move(found).error());
    }
    return allowed{std::move(signature), *std::move(found)};
}

/// Stage 5: verifies the signature over the message's bytes as they were received, with the configured key.
[[nodiscard]] inline auto authenticate(allowed&& signature, std::string_view blob) -> tl::expected<authentic, error>
{
    const auto& by = signature.by();
    const auto& frame = signature.frame();
    if (blob.size() > longest_operation) {
        return tl::unexpected(
            error{malformed{stage::signature, bad_field{"operation", longest_operation, "at most 1 MiB",
                                                        std::to_string(blob.size()) + " bytes"}}});
    }
    const auto digest = digest_value::of(by.key().hashes().of(frame.hash), blob);
    const auto message = signed_bytes(frame.hash, digest);
    if (digest.empty() || !message.complete()) {
        return tl::unexpected(error{bad_signature{by.key_id(), bad_field{"message", 0, "its digest", "none"}}});
    }
    auto verified = verify_signature(by.key(), frame.signature, message.bytes(), by.demand());
    if (!verified) {
        return tl::unexpected(error{bad_signature{by.key_id(), std::move(verified).error()}});
    }
    return authentic{blob, std::move(signature).by_};
}

/// Stage 6: reads the operation out of the bytes that were verified, and asks whether its signer may sign it.
[[nodiscard]] inline auto read_operation(authentic&& message, const time_policy& policy) -> tl::expected<parsed, error>
{
    auto what = parse_operation(message.blob(), policy.longest_window);
    if (!what) {
        return tl::unexpected(error{malformed{stage::operation, std::move(what).error()}});
    }
    if (auto refused = objection_to(message.by(), what->op)) {
        return tl::unexpected(*std::move(refused));
    }
    return parsed{*std::move(what), std::move(message).by_};
}

/// Stage 7: demands that the operation is for this host.
[[nodiscard]] inline auto require_target(parsed&& op, const host_id& here) -> tl::expected<targeted, error>
{
    if (op.what().host_id != here.text()) {
        return tl::unexpected(error{wrong_target{shown(here.text()), shown(op.what().host_id)}});
    }
    return targeted{std::move(op)};
}

/// Stage 8: demands that now is within the operation's window, widened by the skew at either end.
[[nodiscard]] inline auto require_time(targeted&& op, instant now, const time_policy& policy)
    -> tl::expected<timely, error>
{
    const auto opens = op.what().not_before;
    const auto closes = op.what().expires_at;
    const auto skew = policy.tolerated();
    if (now < opens - skew) {
        return tl::unexpected(error{not_yet_valid{opens, skew, now}});
    }
    if (now >= closes + skew) {
        return tl::unexpected(error{expired{closes, skew, now}});
    }
    return timely{std::move(op), closes + skew};
}

/// What is brought to be verified. Views: they must live until verify has answered.
struct submission {
    std::string_view armor;
    std::string_view blob;
};

/// Stages 1 to 8. Nothing is recorded: a refused operation has burnt no nonce, and an accepted one has yet to be
/// claimed.
[[nodiscard]] inline auto verify(const submission& submitted, const signers& listed, const host_id& here, instant now,
                                 const time_policy& policy) -> tl::expected<timely, error>
{
    return parse_armor(submitted.armor)
        .and_then([](armored&& s) { return require_namespace(std::move(s)); })
        .and_then([&](framed&& s) { return parse_key(std::move(s), listed); })
        .and_then([&](keyed&& s) { return find_signer(std::move(s), listed, now); })
        .and_then([&](allowed&& s) { return authenticate(std::move(s), submitted.blob); })
        .and_then([&](authentic&& m) { return read_operation(std::move(m), policy); })
        .and_then([&](parsed&& op) { return require_target(std::move(op), here); })
        .and_then([&](targeted&& op) { return require_time(std::move(op), now, policy); });
}

} // namespace felhom::authz
