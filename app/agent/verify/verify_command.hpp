// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/error.hpp>
#include <felhom/authz/replay/claim.hpp>
#include <felhom/authz/stages.hpp>
#include <felhom/core/instant.hpp>
#include <felhom/hash_chain/evidence.hpp>

#include <tl/expected.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>

namespace felhom::agent {

/// `felhom-agent verify` as it was typed. An empty text was not given.
struct verify_options {
    std::string signers{};
    std::string host_id{};
    std::string blob{};
    std::string signature{};
    std::optional<std::string> bundle{};
    std::optional<std::string> at{}; ///< RFC 3339; the clock if absent
    std::string skew = "30s";
    std::string max_window = "24h";
    std::optional<std::string> nonce_store{};
    bool json = false;
    std::optional<std::string> batch{}; ///< "-" for the standard input
    std::optional<std::string> repair_nonce_store{};
};

/// What opening a nonce store had to cut off: a crash left it, or the disk lost it.
struct nonce_store_loss {
    hash_chain::torn_tail cut;
    std::optional<instant> refused_until; ///< all that expires by then; nothing if nothing was ever claimed

    friend auto operator==(const nonce_store_loss&, const nonce_store_loss&) -> bool = default;
};

/// One open memory of nonces.
struct nonce_store {
    /// Stage 9.
    std::function<tl::expected<authz::claimed, authz::error>(authz::timely&&)> claim;
    /// Forgets what expired. The error is prose.
    std::function<tl::expected<void, std::string>(instant now, std::chrono::milliseconds skew)> prune;
    std::optional<nonce_store_loss> loss{};
};

/// A nonce store that was made to take the place of a damaged or vanished one.
struct repaired_store {
    std::size_t nonces = 0;
    instant refused_until;
    std::optional<std::string> aside; ///< where the damaged file is now
};

/// What the command needs of the effects around it. The errors are prose.
struct verify_io {
    std::function<instant()> now;
    /// Reads a file, but no more of it than `most` bytes and one, which shows that there were more.
    std::function<tl::expected<std::string, std::string>(const std::string& path, std::size_t most)> read_file;
    std::function<tl::expected<nonce_store, std::string>(const std::string& path)> open_nonce_store;
    std::function<tl::expected<repaired_store, std::string>(const std::string& path, instant horizon)>
        repair_nonce_store;
};

/// Exit statuses of the command (sysexits.h, and 5 for an operation that is refused).
enum class verify_exit : int { accepted = 0, refused = 5, usage = 64, configuration = 78 };

/// Verifies one operation, or a batch of them, and prints what came of it. A batch that was read to its end is
/// `accepted`, whatever the verdicts: they are on its lines.
[[nodiscard]] auto run_verify(const verify_options& options, const verify_io& effects, std::istream& in,
                              std::ostream& out, std::ostream& err) -> verify_exit;

} // namespace felhom::agent
