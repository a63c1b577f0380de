// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "program.hpp"

#include <cstdlib>
#include <string>

namespace felhom::testing {

/// What the schema of that name says against a command's output; nothing when it is content.
[[nodiscard]] inline auto verdict(const program& agent, const std::string& schema, const std::string& command,
                                  const std::string& options = "") -> std::string
{
    const auto output = agent.files.write("output.json", agent.run("--json " + command).out);
    const auto line = std::string{FELHOM_PYTHON " " FELHOM_OUTPUT_SCHEMA " " FELHOM_PACKAGING "/felhom-"} + schema
                      + ".schema.json " + output + " " + options + " >" + agent.files.path() + "/verdict 2>&1";
    const auto status = std::system(line.c_str()); // NOLINT(cert-env33-c): a test of a command line
    const auto said = agent.files.read("verdict");
    return status == 0 ? std::string{} : "refused: " + said;
}

} // namespace felhom::testing
