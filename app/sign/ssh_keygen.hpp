// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/sshsig/envelope.hpp>

#include <tl/expected.hpp>

#include <string>
#include <string_view>

namespace felhom::sign {

/// Has ssh-keygen sign a message in the namespace of operations, so that keys in agents and in tokens work as they do
/// elsewhere. Its questions go to the terminal. The error is prose.
[[nodiscard]] auto ssh_keygen_sign(const std::string& key_file, authz::message_hash hash, std::string_view message)
    -> tl::expected<std::string, std::string>;

} // namespace felhom::sign
