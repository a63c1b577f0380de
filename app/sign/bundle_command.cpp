// SPDX-License-Identifier: Apache-2.0
#include "sign/bundle_command.hpp"

#include "sign/sign_command.hpp"

#include <felhom/authz/error.hpp>
#include <felhom/authz/keys/fingerprint.hpp>
#include <felhom/authz/keys/public_key.hpp>
#include <felhom/authz/operation/operation.hpp>
#include <felhom/authz/pipeline.hpp>
#include <felhom/authz/rehearsal.hpp>
#include <felhom/authz/signers/signers_json.hpp>
#include <felhom/core/host_id.hpp>
#include <felhom/core/sha256.hpp>
#include <felhom/operate/operation/operation_params.hpp>
#include <felhom/operate/operation/params_error.hpp>
#include <felhom/operate/operation/reversibility.hpp>

#include <utility>
#include <variant>

namespace felhom::sign {

namespace {

auto row(const std::string& name, const std::string& value) -> std::string
{
    static constexpr auto name_width = std::size_t{11};
    return name + std::string(name_width - name.size(), ' ') + value + "\n";
}

auto cost_line(const authz::operation& op) -> std::string
{
    const auto read = operate::parse_signed_operation(op.op, op.params);
    if (!read) {
        return row("costs", "nothing: the host refuses it: " + operate::describe(read.error()));
    }
    const auto cost = std::visit([](const auto& one) { return operate::cost_of(operate::operation{one}); }, *read);
    return row("costs", std::string{text_of(cost.what)} + ": " + cost.why);
}

auto time_line(const authz::operation& op, instant now) -> std::string
{
    const auto when = now < op.not_before    ? "not yet: it may be begun from " + to_rfc3339(op.not_before) + " on"
                      : now >= op.expires_at ? "expired at " + to_rfc3339(op.expires_at)
                                             : "it may be begun until " + to_rfc3339(op.expires_at);
    return row("now", when);
}

/// "ssh-ed25519 SHA256:…", as ssh-keygen -l names a key.
auto key_of(const authz::bundle& both) -> or_prose<std::string>
{
    const auto signature = authz::parse_armor(both.armor).map_error([](const auto& e) { return authz::describe(e); });
    if (!signature) {
        return tl::unexpected(signature.error());
    }
    const auto blob = signature->frame().public_key;
    return authz::public_key::parse(blob, signature->frame().public_key_offset)
        .map([&](const authz::public_key& key) {
            return std::string{key.type()} + " " + authz::fingerprint(blob, authz::digests::fetch());
        })
        .map_error([](const authz::bad_field& e) { return authz::describe(e); });
}

/// Whether the bundle would pass at a host with these signers, when the operation may be begun.
auto judged_by(const std::string& signers, const authz::bundle& both, const authz::operation& op)
    -> or_prose<std::string>
{
    const auto listed = authz::parse_signers_file(signers).map_error([](const auto& e) { return authz::describe(e); });
    if (!listed) {
        return tl::unexpected("the signers: " + listed.error());
    }
    const auto here = host_id::parse(op.host_id).map_error([](const parse_error& e) { return describe(e); });
    return here
        .and_then([&](const host_id& host) {
            return authz::verify({.armor = both.armor, .blob = both.blob}, *listed, host, op.not_before, {})
                .map_error([](const authz::error& e) { return authz::describe(e); });
        })
        .map([](const authz::timely& passed) {
            return passed.by().key_id() + " (" + std::string{name(passed.by().tag())} + ")";
        });
}

} // namespace

auto show_bundle(const authz::bundle& both, const std::optional<std::string>& signers, instant now)
    -> or_prose<shown_bundle>
{
    const auto op =
        authz::parse_operation(both.blob, authz::time_policy{}.longest_window).map_error([](const authz::bad_field& e) {
            return authz::describe(e);
        });
    if (!op) {
        return tl::unexpected("the bundle holds no operation: " + op.error());
    }
    auto shown = shown_bundle{.text = summary(*op) + cost_line(*op) + time_line(*op, now)};
    const auto digest = sha256(both.blob);
    shown.text += row("sha256", digest ? to_hex(*digest) : "not available");
    const auto key = key_of(both);
    shown.text += row("key", key ? *key : "none that can be read: " + key.error());
    const auto rehearsed = authz::rehearse(both);
    shown.holds = rehearsed.has_value();
    shown.text += row("signature", rehearsed ? "good" : "bad: " + authz::describe(rehearsed.error()));
    if (signers) {
        const auto by = judged_by(*signers, both, *op);
        shown.holds = shown.holds && by.has_value();
        shown.text += row("signer", by ? *by : "refused: " + by.error());
    }
    return shown;
}

auto cosign(const authz::bundle& first, const std::string& key, authz::message_hash hash) -> or_prose<authz::bundle>
{
    return sign_bytes(first.blob, key, hash).and_then([&](authz::bundle second) -> or_prose<authz::bundle> {
        const auto before = key_of(first);
        if (before && before == key_of(second)) {
            return tl::unexpected(std::string{"this key has signed it already: a quorum counts different keys"});
        }
        return second;
    });
}

} // namespace felhom::sign
