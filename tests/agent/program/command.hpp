#pragma once

#include "program.hpp"

#include <cstdlib>
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

inline const auto agent_path = std::string{FELHOM_AGENT};
inline const auto sign = std::string{FELHOM_SIGN};

} // namespace felhom::testing
