// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "program.hpp"
#include "running_program.hpp"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace felhom::testing {

/// `felhom-agent run` as a service manager would start it.
class running_agent {
public:
    explicit running_agent(const installation& of, process_limits most = {})
        : of_{of}, daemon_{{FELHOM_AGENT, "run"}, environment_of(of), {.err = of.files.path() + "/daemon.log"}, most}
    {
    }

    void tell(int signal) const { daemon_.tell(signal); }
    void limit_files(::rlim_t bytes) const { daemon_.limit_files(bytes); }

    /// How it ended, and how long that took.
    [[nodiscard]] auto end_by(int signal) -> std::pair<int, std::chrono::milliseconds>
    {
        return daemon_.end_by(signal);
    }

    [[nodiscard]] auto log() const -> std::string { return of_.files.read("daemon.log"); }

private:
    [[nodiscard]] static auto environment_of(const installation& of) -> std::vector<std::string>
    {
        auto environment = std::vector<std::string>{};
        for (const auto& [name, value] : of.settings) {
            environment.push_back(name + "=" + value);
        }
        return environment;
    }

    const installation& of_;
    running_program daemon_;
};

[[nodiscard]] inline auto effects(program& agent, sim::guest_id guest, const std::string& what) -> int
{
    auto times = 0;
    agent.server.with_node([&](sim::node& node) { times = node.effects_of(guest, what); });
    return times;
}

} // namespace felhom::testing
