// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/setup/session.hpp"
#include "io/journal/journal.hpp"

#include <felhom/authz/signers/signers.hpp>
#include <felhom/config/layered.hpp>
#include <felhom/config/settings.hpp>
#include <felhom/operate/guard.hpp>
#include <felhom/operate/operating_rules.hpp>

#include <tl/expected.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace felhom::agent {

/// What the settings say of the rules that hold actions of a plan back.
[[nodiscard]] auto guard_policy_of(const config::reconcile_settings& rules) -> operate::guard_policy;

/// Everything that the configuration says of operations.
struct operation_settings {
    std::string state_directory;
    std::string journal_path;
    io::journal_options journal = {};
    operate::operating_rules rules;
    std::shared_ptr<const authz::signers> signers = nullptr; ///< null: nobody may sign
    std::size_t guests_at_once = 4;
    std::chrono::days keep_results{90};
    std::string veto_file; ///< empty: there is none
    bool has_hub = false;  ///< which may block all changes
    /// What the hub has said of that, beside the envelope that is kept.
    std::function<bool()> hub_blocks = [] { return false; };
    /// What time it is at the hub, as far as it told.
    std::function<std::optional<instant>(steady_instant)> hub_clock = [](steady_instant) {
        return std::optional<instant>{};
    };
    /// Is told at once, from any thread, and once, when nothing can be recorded any more.
    std::function<void(const std::string&)> journal_failed = [](const std::string&) {};
};

/// The settings of everything that changes something. Without signers it works, and every signed operation is refused.
[[nodiscard]] auto load_operation_settings(const config::layered& from, const node_session& node)
    -> tl::expected<operation_settings, startup_errors>;

} // namespace felhom::agent
