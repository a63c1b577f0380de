// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/enum_table.hpp>
#include <felhom/core/instant.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/hash_chain/head.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// How this host stands with what is desired of it, and what it has done: the parts of the report that come out of the
// agent itself.
namespace felhom::hub {

/// One record of the journal, as it stands in the log: its text is what the hash chain covers.
struct audit_record {
    std::uint64_t seq;
    std::string payload;

    friend auto operator==(const audit_record&, const audit_record&) -> bool = default;
};

/// The end of the journal.
struct audit_tail {
    std::optional<hash_chain::head> head = std::nullopt; ///< of the whole log
    std::vector<audit_record> records = {};              ///< the last ones, oldest first

    friend auto operator==(const audit_tail&, const audit_tail&) -> bool = default;
};

/// How a guest stands with what is desired of it.
enum class drift_state : std::uint8_t {
    in_sync,
    pending_restart, ///< all is stored, and waits for the guest's next start
    refused,         ///< local policy keeps something of it from the hub, and the rest is as desired
    held,            ///< something is not to be done now, or not by this agent
    parked,          ///< it failed too often
    unknown,         ///< the guest could not be read
};

inline constexpr auto drift_state_words = enum_table{
    std::array{enum_word{drift_state::in_sync, "in_sync"}, enum_word{drift_state::pending_restart, "pending_restart"},
               enum_word{drift_state::refused, "refused"}, enum_word{drift_state::held, "held"},
               enum_word{drift_state::parked, "parked"}, enum_word{drift_state::unknown, "unknown"}}};

[[nodiscard]] constexpr auto text_of(drift_state state) -> std::string_view
{
    return drift_state_words.text_of(state);
}

/// A guest that is not in sync, and why.
struct guest_drift {
    vmid id;
    drift_state state;
    std::vector<std::string> reasons; ///< one line each

    friend auto operator==(const guest_drift&, const guest_drift&) -> bool = default;
};

struct drift_summary {
    std::size_t in_sync = 0;
    std::size_t pending_restart = 0;
    std::size_t held = 0;
    std::size_t parked = 0;
    std::size_t unknown = 0;
    std::size_t refused = 0;
    std::vector<guest_drift> guests = {}; ///< those that are not in sync, sorted by vmid

    friend auto operator==(const drift_summary&, const drift_summary&) -> bool = default;
};

/// Counts the guests of one pass.
[[nodiscard]] inline auto summarize(std::vector<guest_drift> guests) -> drift_summary
{
    auto summary = drift_summary{};
    for (auto& guest : guests) {
        switch (guest.state) {
        case drift_state::in_sync:
            ++summary.in_sync;
            continue;
        case drift_state::pending_restart:
            ++summary.pending_restart;
            break;
        case drift_state::refused:
            ++summary.refused;
            break;
        case drift_state::held:
            ++summary.held;
            break;
        case drift_state::parked:
            ++summary.parked;
            break;
        case drift_state::unknown:
            ++summary.unknown;
            break;
        }
        summary.guests.push_back(std::move(guest));
    }
    std::ranges::sort(summary.guests, {}, &guest_drift::id);
    return summary;
}

/// Something of a desired state that this host does not do: the whole, a guest, or one key of it.
struct reported_refusal {
    std::optional<vmid> guest;
    std::optional<std::string> key;
    std::string code; ///< stable
    std::string detail;

    friend auto operator==(const reported_refusal&, const reported_refusal&) -> bool = default;
};

/// The desired state in force.
struct desired_status {
    std::string source;                                     ///< "empty", "file", "hub"
    std::optional<std::uint64_t> generation = std::nullopt; ///< the last one applied
    std::vector<reported_refusal> refused = {};

    friend auto operator==(const desired_status&, const desired_status&) -> bool = default;
};

/// An operation that was begun and whose outcome nobody knows.
struct unknown_operation {
    std::uint64_t id;
    std::optional<vmid> guest;
    std::string what;
    instant started;
    std::string detail;

    friend auto operator==(const unknown_operation&, const unknown_operation&) -> bool = default;
};

/// A backup that was restored to see whether it can be.
struct restore_test {
    enum class verdict : std::uint8_t { passed, failed };

    vmid guest;
    std::string volume;
    instant started;
    instant ended;
    verdict result;
    std::string detail;

    friend auto operator==(const restore_test&, const restore_test&) -> bool = default;
};

} // namespace felhom::hub
