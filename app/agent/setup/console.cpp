#include "agent/setup/console.hpp"

#include <unistd.h>

#include <cstdlib>

namespace felhom::agent {

auto style_of_stdout(bool colour_wanted, bool json) -> present::text_style
{
    const auto* const no_colour = std::getenv("NO_COLOR");
    const auto refused = !colour_wanted || (no_colour != nullptr && *no_colour != '\0');
    return refused || json || ::isatty(STDOUT_FILENO) == 0 ? present::no_colour : present::terminal_colour;
}

} // namespace felhom::agent
