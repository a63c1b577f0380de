// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/host_tools/command.hpp>
#include <felhom/host_tools/run.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace felhom::io {

struct process_limits {
    std::chrono::milliseconds time{60'000};
    std::size_t output_bytes = std::size_t{4} << 20U; ///< of both streams together
};

/// Runs a program by its absolute path: no shell, a fixed environment, nothing to read, no descriptor but its output.
/// When a limit is met, the program and its process group are killed.
[[nodiscard]] auto run_program(const std::vector<std::string>& argv, const process_limits& limits)
    -> tl::expected<host_tools::finished, host_tools::error>;

/// The capability to run the commands of the root room.
[[nodiscard]] auto root_runner(process_limits limits) -> host_tools::run;

} // namespace felhom::io
