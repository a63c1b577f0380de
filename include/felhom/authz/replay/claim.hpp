// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/error.hpp>
#include <felhom/authz/replay/replay_memory.hpp>
#include <felhom/authz/replay/replay_record.hpp>
#include <felhom/authz/stages.hpp>
#include <felhom/hash_chain/payload.hpp>
#include <felhom/hash_chain/receipt.hpp>

#include <tl/expected.hpp>

#include <optional>
#include <utility>

// Stage 9: the nonce is recorded, durably and last. The decision is here, the writing is the log's: whatever a caller
// asks between stages 8 and 9 can still refuse an operation without burning its nonce.
namespace felhom::authz {

/// A timely operation with a fresh nonce, about to be recorded.
class claim {
public:
    [[nodiscard]] auto what() const -> const operation& { return op_.what(); }
    [[nodiscard]] auto by() const -> const signer& { return op_.by(); }

    /// What must be durable, and folded into the memory, before the record is appended; often nothing.
    [[nodiscard]] auto ceiling() const -> const std::optional<ceiling_record>& { return ceiling_; }

    /// What must be durable before the operation may begin.
    [[nodiscard]] auto record() const -> const hash_chain::payload& { return record_; }

private:
    friend auto propose_claim(timely&& op, replay_memory& memory) -> tl::expected<claim, error>;
    friend class claimed;
    claim(timely&& op, std::optional<ceiling_record> ceiling, hash_chain::payload record)
        : op_{std::move(op)}, ceiling_{ceiling}, record_{std::move(record)}
    {
    }

    timely op_;
    std::optional<ceiling_record> ceiling_;
    hash_chain::payload record_;
};

/// Passed 9: this process, and no other and never again, may carry the operation out.
class claimed {
public:
    /// Takes the log's receipt for the claim's record. The receipt of any other record proves nothing for it.
    [[nodiscard]] static auto by_receipt(claim&& recorded, const hash_chain::receipt& proof)
        -> tl::expected<claimed, error>
    {
        if (!proof.covers(recorded.record())) {
            return tl::unexpected(error{claim_not_recorded{"the log's receipt is for another record"}});
        }
        return claimed{std::move(recorded)};
    }

    [[nodiscard]] auto what() const -> const operation& { return before_.what(); }
    [[nodiscard]] auto by() const -> const signer& { return before_.by(); }

private:
    explicit claimed(claim&& before) : before_{std::move(before)} {}

    claim before_;
};

/// Stage 9, the decision: a nonce that the memory has not seen, and cannot have forgotten, gives the claim whose record
/// is to be appended. The memory counts the nonce as seen from here on, whatever becomes of the record.
[[nodiscard]] inline auto propose_claim(timely&& op, replay_memory& memory) -> tl::expected<claim, error>
{
    const auto admitted = memory.admit(op.what().nonce, op.what().expires_at);
    if (!admitted) {
        return tl::unexpected(to_error(admitted.error()));
    }
    auto record = to_payload(
        admitted->claim, {{"op", op.what().op}, {"guest_id", op.what().guest_id.text()}, {"key_id", op.by().key_id()}});
    if (!record) {
        return tl::unexpected(error{claim_not_recorded{describe(record.error())}});
    }
    return claim{std::move(op), admitted->ceiling, *std::move(record)};
}

} // namespace felhom::authz
