// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/exit_code.hpp>
#include <felhom/present/text_style.hpp>

#include <cstddef>
#include <optional>
#include <ostream>
#include <string>

namespace felhom::agent {

/// Where a command speaks: data to `out`, talk to `err`.
struct console {
    std::ostream& out;
    std::ostream& err;
    bool json = false;
    present::text_format format = {};
};

/// The colours of the standard output: none where it is no terminal, where JSON is printed, and where NO_COLOR is set
/// (https://no-color.org) or TERM is dumb.
[[nodiscard]] auto style_of_stdout(bool colour_wanted, bool json) -> present::text_style;

/// Whether somebody at a terminal reads the standard output and can be asked.
[[nodiscard]] auto is_at_terminal() -> bool;

/// Whether the standard error is shown on a terminal.
[[nodiscard]] auto stderr_is_terminal() -> bool;

/// How wide the terminal is that the standard output is; nothing where it is none, or does not tell.
[[nodiscard]] auto width_of_stdout() -> std::optional<std::size_t>;

/// Says what is wrong. Answers the exit status.
[[nodiscard]] inline auto fail(const std::string& what, const console& to, exit_code code = exit_code::error)
    -> exit_code
{
    to.err << "error: " << what << "\n";
    return code;
}

} // namespace felhom::agent
