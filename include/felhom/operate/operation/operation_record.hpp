// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/replay/replay_record.hpp>
#include <felhom/core/enum_table.hpp>
#include <felhom/core/instant.hpp>
#include <felhom/core/printable.hpp>
#include <felhom/core/sha256.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/operate/operation/operation.hpp>
#include <felhom/proxmox/tasks/upid.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// What the journal says of operations. Each record is written before the effect that it announces.
namespace felhom::operate {

/// A text of many lines and any origin as one line of a record.
[[nodiscard]] inline auto brief(std::string_view text) -> std::string
{
    static constexpr auto longest = std::size_t{400};
    return printable(text, longest);
}

/// The number of an operation, counted up over the whole life of a journal.
enum class operation_id : std::uint64_t {};

[[nodiscard]] constexpr auto number(operation_id id) -> std::uint64_t
{
    return static_cast<std::uint64_t>(id);
}

/// Who asked for an operation.
enum class origin { reconcile, signature, selftest };

inline constexpr auto origin_words =
    enum_table{std::array{enum_word{origin::reconcile, "reconcile"}, enum_word{origin::signature, "signature"},
                          enum_word{origin::selftest, "selftest"}}};

[[nodiscard]] constexpr auto text_of(origin from) -> std::string_view
{
    return origin_words.text_of(from);
}

/// Whether a person stands behind what is done.
enum class run_mode {
    unattended,  ///< the daemon, or `run --once`
    interactive, ///< `apply`
};

/// An operation of our own is about to be carried out.
struct operation_started {
    operation_id id;
    instant at;
    vmid guest;
    origin from;
    operation what;
    std::uint64_t generation = 0; ///< of the desired state that it serves; 0: of none
    run_mode who = run_mode::unattended;
    std::optional<instant> counted_at = std::nullopt; ///< where the clock was set back after it: when it counts

    friend auto operator==(const operation_started&, const operation_started&) -> bool = default;
};

/// A nonce is used up and its operation is about to be carried out: both in one record, so that no crash falls between.
struct operation_claimed {
    operation_id id;
    instant at;
    vmid guest;
    operation what;
    std::string nonce;
    instant expires_at;               ///< as it was signed: until then, and the skew after it, the nonce is remembered
    sha256_digest blob;               ///< SHA-256 of the signed bytes
    std::vector<std::string> signers; ///< whose signatures it stood on: the configured key ids

    friend auto operator==(const operation_claimed&, const operation_claimed&) -> bool = default;
};

/// The call was answered with a task.
struct operation_task {
    operation_id id;
    instant at;
    proxmox::upid task;

    friend auto operator==(const operation_task&, const operation_task&) -> bool = default;
};

/// How an operation ended.
enum class ending {
    succeeded, ///< the real state was read, and is as it should be
    failed,    ///< it did certainly not come about
    unknown,   ///< what it did could not be told
};

inline constexpr auto ending_words =
    enum_table{std::array{enum_word{ending::succeeded, "succeeded"}, enum_word{ending::failed, "failed"},
                          enum_word{ending::unknown, "unknown"}}};

[[nodiscard]] constexpr auto text_of(ending how) -> std::string_view
{
    return ending_words.text_of(how);
}

/// The code of an operation whose task took longer than it was waited for: nobody waits for it any more, and when it
/// has ended another record tells how.
inline constexpr auto still_running = std::string_view{"running"};

struct operation_ended {
    operation_id id;
    instant at;
    ending how;
    std::string detail = {}; ///< one line for people
    std::string code = {};   ///< stable, of an end that is a special one; else empty

    friend auto operator==(const operation_ended&, const operation_ended&) -> bool = default;
};

/// An operator has looked at an operation whose outcome was unknown.
struct operation_acknowledged {
    operation_id id;
    instant at;
    std::string by;

    friend auto operator==(const operation_acknowledged&, const operation_acknowledged&) -> bool = default;
};

/// A guest that failed too often is left alone until a new generation or an operator.
struct guest_parked {
    vmid guest;
    instant at;
    std::uint64_t generation;
    std::string reason;

    friend auto operator==(const guest_parked&, const guest_parked&) -> bool = default;
};

struct guest_released {
    vmid guest;
    instant at;
    std::string by;

    friend auto operator==(const guest_released&, const guest_released&) -> bool = default;
};

/// How often a guest has failed in a row; written where a new file of the journal begins.
struct failures_counted {
    vmid guest;
    instant at;
    std::uint64_t generation;
    std::string reason;
    std::uint32_t times;

    friend auto operator==(const failures_counted&, const failures_counted&) -> bool = default;
};

/// One signature for an operation that needs several.
struct signature_counted {
    instant at;
    sha256_digest blob;
    instant expires_at; ///< of the operation; after that the signature means nothing
    std::string signer; ///< the fingerprint of its key
    std::string key_id;

    friend auto operator==(const signature_counted&, const signature_counted&) -> bool = default;
};

/// The list of those who may sign is another than before.
struct signers_changed {
    instant at;
    std::vector<std::string> signers; ///< fingerprints with tag and key id, sorted

    friend auto operator==(const signers_changed&, const signers_changed&) -> bool = default;
};

/// Something an operator or the daemon did that is no operation on a guest: paused, resumed, a generation reset.
struct remark {
    instant at;
    std::string what;
    std::string by;
    /// The clock was set back: what is recorded for times after `at`, up to this one, counts as of `at`.
    std::optional<instant> clock_was = std::nullopt;

    friend auto operator==(const remark&, const remark&) -> bool = default;
};

using operation_record =
    std::variant<operation_started, operation_claimed, operation_task, operation_ended, operation_acknowledged,
                 guest_parked, guest_released, failures_counted, signature_counted, signers_changed, remark>;

} // namespace felhom::operate
