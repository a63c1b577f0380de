// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/sshsig/wire.hpp>

#include <tl/expected.hpp>

#include <cstddef>
#include <string_view>

namespace felhom::authz {

/// The digest that stands for the message in the signed bytes.
enum class message_hash { sha256, sha512 };

[[nodiscard]] constexpr auto name(message_hash hash) -> std::string_view
{
    return hash == message_hash::sha256 ? "sha256" : "sha512";
}

/// The fields of a decoded SSH signature (PROTOCOL.sshsig), not yet looked into. Views into the decoded bytes.
struct envelope {
    std::string_view public_key;
    std::size_t public_key_offset;
    std::string_view name_space;
    message_hash hash;
    std::string_view signature;
};

/// Reads the framing of the whole envelope.
[[nodiscard]] inline auto parse_envelope(std::string_view bytes) -> tl::expected<envelope, bad_field>
{
    using namespace std::string_view_literals;
    auto in = wire_reader{bytes};

    const auto magic = in.raw("magic", 6);
    in.require(magic == "SSHSIG", "magic", 0, "\"SSHSIG\"", magic);

    // OpenSSH accepts version 0 as well.
    const auto version = in.raw("version", 4);
    in.require(version == "\0\0\0\1"sv, "version", 6, "1 as four bytes", version);

    const auto public_key_offset = in.offset() + 4;
    const auto public_key = in.string("public key");
    const auto name_space = in.string("namespace");

    // OpenSSH signs an empty reserved field whatever stands here, so that anything here would be unsigned.
    const auto reserved_offset = in.offset();
    const auto reserved = in.string("reserved");
    in.require(reserved.empty(), "reserved", reserved_offset, "nothing", reserved);

    const auto hash_offset = in.offset();
    const auto hash = in.string("hash algorithm");
    in.require(hash == "sha256" || hash == "sha512", "hash algorithm", hash_offset, "sha256 or sha512", hash);

    const auto signature = in.string("signature");
    return std::move(in).finish("envelope",
                                envelope{.public_key = public_key,
                                         .public_key_offset = public_key_offset,
                                         .name_space = name_space,
                                         .hash = hash == "sha256" ? message_hash::sha256 : message_hash::sha512,
                                         .signature = signature});
}

} // namespace felhom::authz
