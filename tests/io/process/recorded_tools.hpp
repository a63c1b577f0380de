// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/catch.hpp"

#include <felhom/core/parse_error.hpp>
#include <felhom/host_tools/run.hpp>

#include <tl/expected.hpp>

#include <fstream>
#include <iterator>
#include <string>
#include <utility>

// What the host's tools wrote, for their readers.
namespace felhom::host_tools {

[[nodiscard]] inline auto recorded(const std::string& name) -> std::string
{
    auto file = std::ifstream{std::string{FELHOM_DATA} + "/host_tools/" + name};
    REQUIRE(file);
    return {std::istreambuf_iterator<char>{file}, {}};
}

template <typename T>
[[nodiscard]] auto must(const tl::expected<T, parse_error>& parsed) -> T
{
    REQUIRE(parsed.has_value());
    return *parsed;
}

[[nodiscard]] inline auto wrote(std::string out, int exit_code = 0) -> finished
{
    return {.exit_code = exit_code, .out = std::move(out), .err = ""};
}

} // namespace felhom::host_tools
