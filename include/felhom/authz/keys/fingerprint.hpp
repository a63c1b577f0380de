// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/sshsig/base64.hpp>
#include <felhom/authz/sshsig/digests.hpp>

#include <string>
#include <string_view>

namespace felhom::authz {

/// A key's name for people, as `ssh-keygen -l` prints it. Never compared with anything.
[[nodiscard]] inline auto fingerprint(std::string_view key_blob, const digests& hashes) -> std::string
{
    auto text = encode_base64(digest_value::of(hashes.sha256(), key_blob).bytes());
    text.resize(text.find_last_not_of('=') + 1);
    return "SHA256:" + text;
}

} // namespace felhom::authz
