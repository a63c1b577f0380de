// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/json/error.hpp>
#include <felhom/core/overloaded.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <variant>

namespace felhom::host_tools {

/// The program could not be started at all.
struct cannot_start {
    std::string program;
    std::string reason;

    friend auto operator==(const cannot_start&, const cannot_start&) -> bool = default;
};

/// The program was killed, with all its children, because its time was over.
struct timed_out {
    std::string program;
    std::chrono::milliseconds after;

    friend auto operator==(const timed_out&, const timed_out&) -> bool = default;
};

/// The program was killed because it wrote too much.
struct too_much_output {
    std::string program;
    std::size_t limit;

    friend auto operator==(const too_much_output&, const too_much_output&) -> bool = default;
};

/// The program was ended by a signal that did not come from here.
struct killed {
    std::string program;
    int signal;

    friend auto operator==(const killed&, const killed&) -> bool = default;
};

/// The program says that it failed.
struct failed {
    std::string program;
    int exit_code;
    std::string message; ///< the first line of what it wrote

    friend auto operator==(const failed&, const failed&) -> bool = default;
};

/// The program wrote something other than what it is known to write.
struct unreadable {
    std::string program;
    json_error cause;

    friend auto operator==(const unreadable&, const unreadable&) -> bool = default;
};

using error = std::variant<cannot_start, timed_out, too_much_output, killed, failed, unreadable>;

/// One line: which program, and what became of it.
[[nodiscard]] inline auto describe(const error& happened) -> std::string
{
    return std::visit(
        overloaded{
            [](const cannot_start& e) { return e.program + " could not be started: " + e.reason; },
            [](const timed_out& e) {
                return e.program + " was killed after " + std::to_string(e.after.count()) + " ms";
            },
            [](const too_much_output& e) {
                return e.program + " was killed: it wrote more than " + std::to_string(e.limit) + " bytes";
            },
            [](const killed& e) { return e.program + " was ended by signal " + std::to_string(e.signal); },
            [](const failed& e) {
                return e.program + " failed with exit code " + std::to_string(e.exit_code) + ": "
                       + (e.message.empty() ? "it says nothing" : e.message);
            },
            [](const unreadable& e) { return "the output of " + e.program + ": " + describe(e.cause); },
        },
        happened);
}

} // namespace felhom::host_tools
