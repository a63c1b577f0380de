// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/clock_watch.hpp>
#include <felhom/core/enum_table.hpp>
#include <felhom/core/instant.hpp>
#include <felhom/core/node_name.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/hub/desired_status.hpp>
#include <felhom/operate/ledger.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// How a running daemon is doing: what `status`, the metrics and /healthz are made from.
namespace felhom::local_api {

enum class working_mode : std::uint8_t {
    observe,     ///< plans and reports
    enforce,     ///< also acts
    only_report, ///< without a journal nothing is changed
};

inline constexpr auto working_mode_words =
    enum_table{std::array{enum_word{working_mode::observe, "observe"}, enum_word{working_mode::enforce, "enforce"},
                          enum_word{working_mode::only_report, "only_report"}}};

/// Without a journal nothing can be changed, whatever the configuration says.
[[nodiscard]] constexpr auto mode_of(bool has_journal, bool enforces) -> working_mode
{
    return !has_journal ? working_mode::only_report : enforces ? working_mode::enforce : working_mode::observe;
}

[[nodiscard]] constexpr auto text_of(working_mode mode) -> std::string_view
{
    return working_mode_words.text_of(mode);
}

/// What came of the passes so far.
struct pass_state {
    std::optional<instant> last_good = std::nullopt;   ///< when one was last made to its end
    std::optional<std::string> failure = std::nullopt; ///< of the last one, if it was not made
    std::optional<instant> next = std::nullopt;        ///< nothing: one is under way
    std::optional<hub::desired_status> desired = std::nullopt;
    std::optional<hub::drift_summary> drift = std::nullopt; ///< as of `last_good`
    std::map<vmid, std::string> names = {};                 ///< of the guests, as of then

    friend auto operator==(const pass_state&, const pass_state&) -> bool = default;
};

/// How it stands with the hub.
struct hub_state {
    std::optional<instant> last_answer = std::nullopt;
    std::optional<std::string> failure = std::nullopt; ///< of the last report, or of the answer to it
    std::size_t failures = 0;                          ///< reports in a row that were not taken
    std::size_t kept_reports = 0;                      ///< that wait to be sent

    friend auto operator==(const hub_state&, const hub_state&) -> bool = default;
};

struct parked_guest {
    vmid guest;
    instant since;
    std::string reason;

    friend auto operator==(const parked_guest&, const parked_guest&) -> bool = default;
};

/// An operation that was begun and has not ended, or whose task was still running when it was last looked at.
struct operation_under_way {
    operate::operation_id id;
    vmid guest;
    std::string op;
    instant started;
    std::optional<proxmox::upid> task = std::nullopt;

    friend auto operator==(const operation_under_way&, const operation_under_way&) -> bool = default;
};

/// What the journal knows of operations.
struct operation_counts {
    std::vector<parked_guest> parked = {};
    std::vector<hub::unknown_operation> unknown = {}; ///< that an operator must still look at
    std::vector<operation_under_way> under_way = {};

    friend auto operator==(const operation_counts&, const operation_counts&) -> bool = default;
};

struct agent_status {
    std::string agent_version;
    node_name node;
    std::uint64_t process;
    instant now;
    instant started;
    working_mode mode;
    std::chrono::seconds interval;                             ///< from the end of a pass to the next
    std::optional<std::string> paused = std::nullopt;          ///< what the owner's pause file says
    bool blocked = false;                                      ///< by the hub
    std::optional<std::string> journal_failure = std::nullopt; ///< why nothing can be recorded
    pass_state passes = {};
    std::chrono::milliseconds without_pass{
        0}; ///< since one was made to its end, or the start; however the clock is set
    std::optional<clock_step> clock_set = std::nullopt; ///< the last time that somebody set the wall clock
    std::optional<hub_state> hub = std::nullopt;        ///< nothing: there is none
    operation_counts operations = {};
    std::optional<std::string> veto = std::nullopt; ///< what the owner's veto file says, or why it cannot be read
    std::string veto_file = {};                     ///< where that is
    std::optional<std::string> reload_refused = std::nullopt; ///< why the last new configuration was not taken

    friend auto operator==(const agent_status&, const agent_status&) -> bool = default;
};

[[nodiscard]] inline auto operations_of(const operate::ledger& known,
                                        std::vector<hub::unknown_operation> open_questions) -> operation_counts
{
    auto counts = operation_counts{.unknown = std::move(open_questions)};
    for (const auto& [id, one] : known.operations()) {
        if (one.in_flight() || one.is_followed()) {
            counts.under_way.push_back({.id = id,
                                        .guest = one.guest,
                                        .op = std::string{operate::name_of(one.what)},
                                        .started = one.started,
                                        .task = one.task});
        }
    }
    for (const auto& [guest, parked] : known.parked()) {
        counts.parked.push_back({.guest = guest, .since = parked.at, .reason = parked.reason});
    }
    return counts;
}

/// The name of a guest, as far as it is known.
[[nodiscard]] inline auto name_of(const agent_status& status, vmid guest) -> std::optional<std::string>
{
    const auto found = status.passes.names.find(guest);
    return found == status.passes.names.end() || found->second.empty() ? std::nullopt : std::optional{found->second};
}

/// What keeps the daemon from being called healthy; nothing when it is. A daemon whose passes fail, or come late by
/// more than two intervals and five minutes, keeps nothing in its desired state. That the hub is away is no illness:
/// the host works on without it.
[[nodiscard]] inline auto unhealthy_reason(const agent_status& status) -> std::optional<std::string>
{
    static constexpr auto patience = std::chrono::minutes{5};
    if (status.mode == working_mode::only_report) {
        return "no journal: changes are disabled, reporting goes on"
               + (status.journal_failure ? ": " + *status.journal_failure : std::string{});
    }
    if (status.journal_failure) {
        return "the journal cannot be written: nothing is changed until it is opened anew: " + *status.journal_failure;
    }
    if (status.passes.failure) {
        return "the last pass was not made: " + *status.passes.failure;
    }
    if (status.without_pass > 2 * status.interval + patience) {
        return "no pass has ended since " + to_rfc3339(status.now - status.without_pass);
    }
    return std::nullopt;
}

} // namespace felhom::local_api
