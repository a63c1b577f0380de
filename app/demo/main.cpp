// SPDX-License-Identifier: Apache-2.0
#include "demo/demo.hpp"

#include <CLI/CLI.hpp>

#include <exception>
#include <filesystem>
#include <iostream>
#include <string>
#include <system_error>

namespace {

/// The felhom-agent that was installed beside this program, or else the one in PATH.
auto agent_beside() -> std::string
{
    auto failed = std::error_code{};
    const auto beside = std::filesystem::read_symlink("/proc/self/exe", failed).parent_path() / "felhom-agent";
    return !failed && std::filesystem::exists(beside, failed) ? beside.string() : "felhom-agent";
}

auto run(int count, const char* const* arguments) -> felhom::exit_code
{
    auto app = CLI::App{"Demonstrate felhom-agent on a simulated Proxmox VE node", "felhom-demo"};
    auto json = false;
    auto no_colour = false;
    auto agent = agent_beside();
    app.add_flag("--json", json, "Print the agent's results as JSON, one document a line");
    app.add_flag("--no-color", no_colour, "Print no colours");
    app.add_option("--agent", agent, "The felhom-agent to run")->type_name("PROGRAM")->capture_default_str();
    try {
        app.parse(count, arguments);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? felhom::exit_code::success : felhom::exit_code::usage;
    }
    const auto style = felhom::agent::style_of_stdout(!no_colour, json);
    return felhom::demo::run_demo({.out = std::cout, .err = std::cerr, .json = json, .format = {.style = style}},
                                  agent);
}

} // namespace

auto main(int count, char** arguments) -> int
{
    try {
        return static_cast<int>(run(count, arguments));
    } catch (const std::exception& e) {
        std::cerr << "error: " << e.what() << "\n";
        return static_cast<int>(felhom::exit_code::error);
    }
}
