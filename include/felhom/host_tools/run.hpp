// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/host_tools/command.hpp>
#include <felhom/host_tools/error.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace felhom::host_tools {

/// A program that ran to its end, well or not.
struct finished {
    int exit_code;
    std::string out;
    std::string err;

    friend auto operator==(const finished&, const finished&) -> bool = default;
};

/// The capability to run the commands of this room as root.
using run = std::function<tl::expected<finished, error>(const command&)>;

/// The first line of what a program wrote, of its errors where it wrote any.
[[nodiscard]] inline auto first_line(const finished& ended) -> std::string
{
    static constexpr std::size_t longest = 300;
    const auto shown = std::string_view{ended.err.empty() ? ended.out : ended.err};
    return std::string{shown.substr(0, std::min(shown.find('\n'), longest))};
}

/// The failure of a program whose exit code says so.
[[nodiscard]] inline auto failure_of(std::string_view program, const finished& ended) -> error
{
    return failed{.program = std::string{program}, .exit_code = ended.exit_code, .message = first_line(ended)};
}

} // namespace felhom::host_tools
