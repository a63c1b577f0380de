// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/setup/console.hpp"
#include "agent/setup/operating_session.hpp"

#include <felhom/core/exit_code.hpp>
#include <felhom/hash_chain/head.hpp>
#include <felhom/operate/pause_note.hpp>
#include <felhom/reconcile/actual/inventory.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace felhom::agent {

/// One pass, by a person or unattended. A guest that somebody else changed in the meantime is read and planned anew, a
/// bounded number of times. `remember` is given the inventory that was acted on. `tells`: the plan, too, where nobody
/// was shown it before.
enum class pass_output : std::uint8_t { plan_and_results, results };
[[nodiscard]] auto run_apply(const operation_io& in, const loaded_pass& asked, const operate::operating_rules& rules,
                             const console& to, const std::function<void(const reconcile::inventory&)>& remember,
                             pass_output tells = pass_output::plan_and_results) -> exit_code;

/// One signed operation, now: the text of a bundle, and the name of where it came from.
[[nodiscard]] auto run_submit(operating_session& session, const operation_io& in, const std::string& name,
                              const std::string& text, const console& to) -> exit_code;

/// What is in the drop box, now.
[[nodiscard]] auto run_intake(operating_session& session, const operation_io& in, const console& to) -> exit_code;

// What needs no lock: the journal's file is read as it is.

[[nodiscard]] auto run_ops_list(const std::string& journal, const console& to) -> exit_code;
[[nodiscard]] auto run_ops_show(const std::string& journal, std::uint64_t id, const console& to) -> exit_code;
[[nodiscard]] auto run_journal_list(const std::string& journal, std::size_t last, const console& to) -> exit_code;
[[nodiscard]] auto run_journal_show(const std::string& journal, std::uint64_t seq, const console& to) -> exit_code;
[[nodiscard]] auto run_journal_verify(const std::string& journal, const std::optional<hash_chain::head>& noted,
                                      const console& to) -> exit_code;

// What an operator, `by` name, tells the journal.

[[nodiscard]] auto run_ops_ack(operating_session& session, operate::operation_id id, const std::string& by,
                               const console& to) -> exit_code;
[[nodiscard]] auto run_ops_release(operating_session& session, vmid guest, const std::string& by, const console& to)
    -> exit_code;

/// Puts the pause file in its place, or takes it away: it counts at once, also for a daemon that is running.
[[nodiscard]] auto run_pause(const std::string& state_directory, const operate::pause_note& note, const console& to)
    -> exit_code;
[[nodiscard]] auto run_resume(const std::string& state_directory, const console& to) -> exit_code;

/// A person's word for a clock that was set forward.
[[nodiscard]] auto run_clock_is_right(const std::string& state_directory, const console& to) -> exit_code;

} // namespace felhom::agent
