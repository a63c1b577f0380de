// SPDX-License-Identifier: Apache-2.0
#include "agent/engine/trim_memory.hpp"
#include "support/catch.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace {

/// Kilobytes of the program's own file that are mapped, and in memory (proc_pid_smaps(5)).
auto resident_of_program() -> long
{
    const auto program = std::filesystem::read_symlink("/proc/self/exe").string();
    auto maps = std::ifstream{"/proc/self/smaps"};
    auto resident = 0L;
    auto is_program = false;
    for (auto line = std::string{}; std::getline(maps, line);) {
        if (line.starts_with("Rss:") && is_program) {
            resident += std::strtol(line.c_str() + std::string{"Rss:"}.size(), nullptr, 10);
        } else if (line.find('-') < line.find(' ')) {
            is_program = line.ends_with(program);
        }
    }
    return resident;
}

} // namespace

TEST_CASE("What work needed of the program itself is given back, and work goes on")
{
    const auto before = resident_of_program();
    REQUIRE(before > 0);
    felhom::agent::trim_memory();
    CHECK(resident_of_program() < before);
}
