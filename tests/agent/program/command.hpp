// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "program.hpp"

#include <cstdlib>
#include <filesystem>
#include <string>

namespace felhom::testing {

/// Runs a shell's line in a directory; `out` and `err` there are its streams.
[[nodiscard]] inline auto run_in(const private_directory& files, const std::string& line) -> ended
{
    const auto whole = "cd " + files.path() + " && { " + line + " ; } >out 2>err </dev/null";
    const auto status = std::system(whole.c_str()); // NOLINT(cert-env33-c): a test of a command line
    REQUIRE(WIFEXITED(status));
    return {WEXITSTATUS(status), files.read("out"), files.read("err")};
}

// As run_in() changes the directory.
inline const auto agent_path = std::filesystem::absolute(FELHOM_AGENT).string();
inline const auto sign = std::filesystem::absolute(FELHOM_SIGN).string();
inline const auto token_in_software = std::filesystem::absolute(FELHOM_TOKEN_IN_SOFTWARE);

} // namespace felhom::testing
