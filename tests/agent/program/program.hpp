// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/node/demo_world.hpp"
#include "sim/serve/https_server.hpp"
#include "support/catch.hpp"

#include <sys/stat.h>
#include <sys/wait.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace felhom::testing {

struct ended {
    int status;
    std::string out;
    std::string err;
};

/// A guest whose memory is to grow.
inline constexpr auto more_memory = std::string_view{R"({"vmid":102,"spec":{"memory":1024}})"};

[[nodiscard]] inline auto has(const std::string& text, std::string_view part) -> bool
{
    return text.find(part) != std::string::npos;
}

/// A directory that only we can enter, as the agent demands it of its files.
class private_directory {
public:
    private_directory()
    {
        auto name = std::string{"/tmp/felhom-program-XXXXXX"};
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    private_directory(const private_directory&) = delete;
    auto operator=(const private_directory&) -> private_directory& = delete;
    ~private_directory() { std::filesystem::remove_all(path_); }

    [[nodiscard]] auto path() const -> const std::string& { return path_; }

    /// Writes a private file and returns its path.
    auto write(const std::string& name, std::string_view text, ::mode_t mode = 0600) const -> std::string
    {
        const auto path = path_ + "/" + name;
        std::ofstream{path, std::ios::binary} << text;
        REQUIRE(::chmod(path.c_str(), mode) == 0);
        return path;
    }

    [[nodiscard]] auto read(const std::string& name) const -> std::string
    {
        auto in = std::ifstream{path_ + "/" + name, std::ios::binary};
        return {std::istreambuf_iterator<char>{in}, {}};
    }

private:
    std::string path_;
};

/// A node whose tasks take a moment only.
[[nodiscard]] inline auto quick_world() -> sim::node
{
    auto world = sim::demo_world(std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()));
    world.settings.takes.start = std::chrono::milliseconds{200};
    return world;
}

/// The program with a configuration and a state directory of its own.
class installation {
public:
    /// Runs `felhom-agent ARGUMENTS`; nothing but `settings` is in its environment.
    [[nodiscard]] auto run(const std::string& arguments) const -> ended { return run_program(FELHOM_AGENT, arguments); }

    /// Runs `PROGRAM ARGUMENTS` in the same environment.
    [[nodiscard]] auto run_program(const std::string& path, const std::string& arguments) const -> ended
    {
        auto line = std::string{"env -i"};
        for (const auto& [name, value] : settings) {
            line += " '" + name + "=" + value + "'";
        }
        line += " " + path + " " + arguments + " >" + files.path() + "/out 2>" + files.path() + "/err </dev/null";
        const auto status = std::system(line.c_str()); // NOLINT(cert-env33-c): a test of a command line
        REQUIRE(WIFEXITED(status));
        return {WEXITSTATUS(status), files.read("out"), files.read("err")};
    }

    /// Makes these the desired guests.
    void desire(std::string_view guests)
    {
        settings["FELHOM_AGENT_DESIRED_SOURCE"] = "file";
        settings["FELHOM_AGENT_DESIRED_PATH"] =
            files.write("desired.json", R"({"version":1,"generation":1,"guests":[)" + std::string{guests} + "]}");
    }

    /// Makes this the agent's node.
    void look_after(const sim::https_server& node)
    {
        settings["FELHOM_AGENT_PROXMOX_URL"] = node.url();
        settings["FELHOM_AGENT_PROXMOX_FINGERPRINT"] = node.fingerprint();
    }

    private_directory files;
    std::map<std::string, std::string> settings{
        {"FELHOM_AGENT_CONFIG", files.write("config.json", "{}")},
        {"FELHOM_AGENT_PROXMOX_NODE", "pve1"},
        {"FELHOM_AGENT_PROXMOX_TOKEN_ID", sim::demo_tokens::agent},
        {"FELHOM_AGENT_PROXMOX_TOKEN_SECRET", sim::demo_tokens::agent_secret},
        {"FELHOM_AGENT_STATE_DIR", files.path() + "/state"},
    };
};

/// The program, a simulated node behind HTTPS, and a configuration that brings the two together.
class program : public installation {
public:
    program() : server{quick_world(), {.delay_scale = 0.05}} { look_after(server); }

    void break_node(sim::fault fault)
    {
        server.with_node([&](sim::node& node) { node.faults.push_back(std::move(fault)); });
    }

    sim::https_server server;
};

} // namespace felhom::testing
