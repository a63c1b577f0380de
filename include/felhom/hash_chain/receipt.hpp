// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/hash_chain/batch.hpp>
#include <felhom/hash_chain/chain.hpp>
#include <felhom/hash_chain/frame.hpp>
#include <felhom/hash_chain/head.hpp>
#include <felhom/hash_chain/payload.hpp>

namespace felhom::io {
class durable_log; // the one that writes and syncs
} // namespace felhom::io

namespace felhom::hash_chain {

/// The proof that a record is on the disk. Only the log makes one, after the sync that covered the record.
class receipt {
public:
    [[nodiscard]] auto at() const -> const head& { return at_; }

    /// Whether this is what was recorded: no other payload continues the hash chain to this place.
    [[nodiscard]] auto covers(const payload& data) const -> bool
    {
        auto line = std::string{};
        append_linked(line, in_, data);
        return chain{}.link(before_, line) == at_.hash;
    }

    friend auto operator==(const receipt&, const receipt&) -> bool = default;

private:
    friend class felhom::io::durable_log;
    receipt(const sha256_digest& before, const place& in, const head& at) : before_{before}, in_{in}, at_{at} {}

    sha256_digest before_; ///< the link of the chain that the record was appended to
    place in_;
    head at_;
};

} // namespace felhom::hash_chain
