// SPDX-License-Identifier: Apache-2.0
#include "agent/setup/console.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace felhom::agent {

auto style_of_stdout(bool colour_wanted, bool json) -> present::text_style
{
    const auto* const no_colour = std::getenv("NO_COLOR");
    const auto* const terminal = std::getenv("TERM");
    const auto refused = !colour_wanted || (no_colour != nullptr && *no_colour != '\0')
                         || (terminal != nullptr && std::string_view{terminal} == "dumb");
    return refused || json || ::isatty(STDOUT_FILENO) == 0 ? present::no_colour : present::terminal_colour;
}

auto is_at_terminal() -> bool
{
    return ::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0 && stderr_is_terminal();
}

auto stderr_is_terminal() -> bool
{
    return ::isatty(STDERR_FILENO) != 0;
}

auto width_of_stdout() -> std::optional<std::size_t>
{
    auto size = ::winsize{};
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): ioctl(2) is one
    const auto told = ::isatty(STDOUT_FILENO) != 0 && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
    return told && size.ws_col > 0 ? std::optional<std::size_t>{size.ws_col} : std::nullopt;
}

} // namespace felhom::agent
