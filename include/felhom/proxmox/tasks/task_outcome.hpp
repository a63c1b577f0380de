// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/alternatives.hpp>
#include <felhom/core/ascii.hpp>
#include <felhom/core/decimal.hpp>
#include <felhom/core/enum_table.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/core/printable.hpp>
#include <felhom/proxmox/errors/error.hpp>
#include <felhom/proxmox/errors/refusal.hpp>
#include <felhom/proxmox/tasks/upid.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace felhom::proxmox {

struct succeeded {
    static constexpr auto is_success = true;
    friend auto operator==(const succeeded&, const succeeded&) -> bool = default;
};
/// A success all the same: a start often ends so.
struct succeeded_with_warnings {
    std::uint32_t count;
    static constexpr auto is_success = true;
    friend auto operator==(const succeeded_with_warnings&, const succeeded_with_warnings&) -> bool = default;
};

/// It is not known what the task did: the real state must be read.
struct unknown_outcome {
    enum class reason {
        worker_vanished, ///< killed, or its node went down: "unexpected status"
        log_gone,        ///< the log was rotated away, or never written
        deadline_passed, ///< it may still run
        cancelled,       ///< the waiting was given up; it may still run
        status_refused,  ///< this token may not read the task's status
    };

    reason why;
    std::string detail = {};

    static constexpr auto is_success = false;
    friend auto operator==(const unknown_outcome&, const unknown_outcome&) -> bool = default;
};

/// How a task ended.
using task_outcome = std::variant<succeeded, succeeded_with_warnings, task_error, unknown_outcome>;

[[nodiscard]] inline auto is_success(const task_outcome& outcome) -> bool
{
    return told<bool>(outcome, [](const auto& one) { return std::remove_cvref_t<decltype(one)>::is_success; });
}

inline constexpr auto unknown_outcome_reason_words =
    enum_table{std::array{enum_word{unknown_outcome::reason::worker_vanished, "the task's worker vanished"},
                          enum_word{unknown_outcome::reason::log_gone, "the task's log is gone"},
                          enum_word{unknown_outcome::reason::deadline_passed, "the task did not end in time"},
                          enum_word{unknown_outcome::reason::cancelled, "the task is no longer waited for"},
                          enum_word{unknown_outcome::reason::status_refused, "the task's status may not be read"}}};

[[nodiscard]] constexpr auto describe(unknown_outcome::reason why) -> std::string_view
{
    return unknown_outcome_reason_words.text_of(why);
}

[[nodiscard]] inline auto describe(const task_outcome& outcome) -> std::string
{
    return std::visit(overloaded{
                          [](const succeeded&) { return std::string{"the task succeeded"}; },
                          [](const succeeded_with_warnings& e) {
                              return "the task succeeded with " + std::to_string(e.count) + " warnings";
                          },
                          [](const task_error& e) { return describe(e); },
                          [](const unknown_outcome& e) {
                              return std::string{describe(e.why)} + "; what it did is not known"
                                     + (e.detail.empty() ? "" : " (" + printable_joined(e.detail) + ")");
                          },
                      },
                      outcome);
}

/// What the exit status of an ended task says (pve-common RESTEnvironment.pm, Tools.pm upid_read_status).
[[nodiscard]] inline auto parse_exit_status(const std::optional<std::string>& exit_status) -> task_outcome
{
    static constexpr auto warnings = std::string_view{"WARNINGS: "};
    static constexpr auto no_last_line = std::string_view{"unable to get last line from task log"};
    if (!exit_status) {
        return unknown_outcome{.why = unknown_outcome::reason::worker_vanished, .detail = "no exit status"};
    }
    const auto text = std::string_view{*exit_status};
    if (text == "OK") {
        return succeeded{};
    }
    if (text == "unexpected status") {
        return unknown_outcome{.why = unknown_outcome::reason::worker_vanished, .detail = *exit_status};
    }
    if (text.starts_with(no_last_line)) {
        return unknown_outcome{.why = unknown_outcome::reason::log_gone, .detail = *exit_status};
    }
    if (text.starts_with(warnings)) {
        const auto digits = text.substr(warnings.size());
        if (!digits.empty() && std::ranges::all_of(digits, ascii::is_digit)) {
            static constexpr auto countless = std::numeric_limits<std::uint32_t>::max();
            return succeeded_with_warnings{parse_decimal<std::uint32_t>(digits).value_or(countless)};
        }
    }
    return task_error{.exit_status = *exit_status, .refusal = parse_refusal(text)};
}

/// A task and how it ended. Only task_watch makes one, out of what Proxmox VE answered.
class finished_task {
public:
    [[nodiscard]] auto task() const -> const upid& { return task_; }
    [[nodiscard]] auto outcome() const -> const task_outcome& { return outcome_; }

    friend auto operator==(const finished_task&, const finished_task&) -> bool = default;

private:
    friend class task_watch;

    finished_task(upid task, task_outcome outcome) : task_{std::move(task)}, outcome_{std::move(outcome)} {}

    upid task_;
    task_outcome outcome_;
};

} // namespace felhom::proxmox
