// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/sshsig/digests.hpp>
#include <felhom/authz/sshsig/envelope.hpp>
#include <felhom/authz/sshsig/wire_writer.hpp>

#include <string_view>

namespace felhom::authz {

/// The purpose that operators' signatures must name. A constant, so that no caller can have a signature made for
/// something else (a git commit, a file) pass as an operation.
inline constexpr auto operation_namespace = std::string_view{"felhom-op-v1"};

/// What the key signs in place of the message (PROTOCOL.sshsig): the purpose and the message's digest. The namespace is
/// ours and the reserved field empty, whatever was received.
[[nodiscard]] inline auto signed_bytes(message_hash hash, const digest_value& message) -> wire_writer
{
    return wire_writer{}
        .raw("SSHSIG")
        .string(operation_namespace)
        .string("")
        .string(name(hash))
        .string(message.bytes());
}

} // namespace felhom::authz
