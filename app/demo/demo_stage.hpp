// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/setup/console.hpp"
#include "demo/child.hpp"
#include "sim/serve/https_server.hpp"

#include <felhom/core/exit_code.hpp>
#include <felhom/core/instant.hpp>

#include <boost/json/object.hpp>
#include <tl/expected.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom::demo {

/// A directory of our own that is gone afterwards.
class scratch_directory {
public:
    scratch_directory();
    scratch_directory(const scratch_directory&) = delete;
    scratch_directory(scratch_directory&&) = delete;
    auto operator=(const scratch_directory&) -> scratch_directory& = delete;
    auto operator=(scratch_directory&&) -> scratch_directory& = delete;
    ~scratch_directory();

    [[nodiscard]] auto at(std::string_view name) const -> std::string { return path_ + "/" + std::string{name}; }
    void write(std::string_view name, std::string_view text) const;
    [[nodiscard]] auto read(std::string_view name) const -> std::string;

private:
    std::string path_;
};

/// A simulated node, an agent that is configured for it, and an operator's key that is gone afterwards: where the demo
/// takes place.
class stage {
public:
    /// `agent` is the felhom-agent that it runs: its path, or its name in PATH.
    stage(const agent::console& to, std::string agent, sim::node world)
        : to_{to}, agent_{std::move(agent)}, server_{std::move(world)}
    {
    }

    [[nodiscard]] auto server() -> sim::https_server& { return server_; }
    [[nodiscard]] auto files() const -> const scratch_directory& { return files_; }

    void say(std::string_view text) const;
    void complain(std::string_view text) const { to_.err << "error: " << text << "\n"; }

    /// The operator's key; false when ssh-keygen cannot be run.
    [[nodiscard]] auto make_key() const -> bool;

    /// What every configuration of the demo has: the node, the key, and a state directory of its own.
    [[nodiscard]] auto basic_config(std::string_view state) const -> boost::json::object;

    /// The words of `felhom-agent ARGUMENTS` under a configuration.
    [[nodiscard]] auto words(std::string_view config, const std::vector<std::string>& arguments) const
        -> std::vector<std::string>;

    /// Runs `felhom-agent ARGUMENTS` in a process of its own.
    [[nodiscard]] auto run(std::string_view config, const std::vector<std::string>& arguments) const -> exit_code;

    /// The bundle that `felhom-sign guest destroy` makes for a guest as it is now: its text.
    [[nodiscard]] auto sign_destroy(const std::string& guest, const std::string& digest) const
        -> tl::expected<std::string, std::string>;

    /// The digest that the plan names for the guest.
    [[nodiscard]] auto digest_of(sim::guest_id guest) -> std::string;

    [[nodiscard]] auto times(sim::guest_id guest, const std::string& operation) -> int;

private:
    [[nodiscard]] auto key() const -> std::string { return files_.at("operator"); }

    const agent::console& to_;
    std::string agent_;
    scratch_directory files_;
    sim::https_server server_;
};

/// Waits until it holds, for as long as a demo may.
[[nodiscard]] auto comes_about(const std::function<bool()>& condition) -> bool;

[[nodiscard]] auto wall_clock() -> instant;

} // namespace felhom::demo
