// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/catch.hpp"

#include <felhom/config/layered.hpp>

#include <string>
#include <string_view>

namespace felhom::config::testing {

inline constexpr auto uuid = std::string_view{"01234567-89ab-cdef-0123-456789abcdef"};

/// What a command that only talks to Proxmox VE needs.
inline auto proxmox_only() -> variables
{
    return {{"FELHOM_AGENT_PROXMOX_URL", "https://pve.example:8006"},
            {"FELHOM_AGENT_PROXMOX_NODE", "pve1"},
            {"FELHOM_AGENT_PROXMOX_TOKEN_ID", "felhom@pve!agent"},
            {"FELHOM_AGENT_PROXMOX_TOKEN_SECRET", std::string{uuid}}};
}

inline auto with(variables base, const std::string& path, std::string text) -> variables
{
    base[environment_name(path)] = std::move(text);
    return base;
}

inline auto without(variables base, const std::string& path) -> variables
{
    base.erase(environment_name(path));
    return base;
}

inline auto layers(const variables& environment) -> layered
{
    auto read = layered::read(std::nullopt, environment);
    INFO((read ? "" : describe(read.error().front())));
    REQUIRE(read.has_value());
    return *std::move(read);
}

/// What is wrong with a file.
inline auto errors_in(std::string_view file) -> config_errors
{
    const auto read = layered::read(file, {});
    return read ? config_errors{} : read.error();
}

/// What is wrong with an environment.
inline auto errors_in(const variables& environment) -> config_errors
{
    const auto read = layered::read(std::nullopt, environment);
    return read ? config_errors{} : read.error();
}

} // namespace felhom::config::testing
