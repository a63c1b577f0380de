// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/operation/bundle.hpp>
#include <felhom/authz/pipeline.hpp>
#include <felhom/authz/sshsig/base64.hpp>

#include <tl/expected.hpp>

#include <string>
#include <utility>

namespace felhom::authz {

/// What an agent will say to a bundle if it lists the key that is in it, is the host that is meant, and is asked when
/// the operation begins. The whole signature is checked, a token's user presence too.
[[nodiscard]] inline auto rehearse(const bundle& both) -> tl::expected<timely, error>
{
    const auto as_malformed = [](stage at) { return [at](bad_field e) { return error{malformed{at, std::move(e)}}; }; };
    const auto signature = parse_armor(both.armor);
    if (!signature) {
        return tl::unexpected(signature.error());
    }
    const auto key = public_key::parse(signature->frame().public_key, signature->frame().public_key_offset);
    if (!key) {
        return tl::unexpected(as_malformed(stage::public_key)(key.error()));
    }
    const auto line = std::string{key->type()} + " " + encode_base64(key->blob());
    const auto listed =
        signers::load({{.authorized_key = line, .tag = signer_tag::operational, .key_id = "the key"}})
            .map_error([&](signers_error e) { return as_malformed(stage::public_key)(std::move(e.what)); });
    if (!listed) {
        return tl::unexpected(listed.error());
    }
    const auto op = parse_operation(both.blob, time_policy{}.longest_window).map_error(as_malformed(stage::operation));
    if (!op) {
        return tl::unexpected(op.error());
    }
    const auto here = host_id::parse(op->host_id);
    if (!here) {
        return tl::unexpected(
            error{malformed{stage::target, bad_field{"host_id", 0, here.error().rule, shown(op->host_id)}}});
    }
    return verify({.armor = both.armor, .blob = both.blob}, *listed, *here, op->not_before, {});
}

} // namespace felhom::authz
