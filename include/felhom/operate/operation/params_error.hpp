// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/overloaded.hpp>
#include <felhom/core/printable.hpp>
#include <felhom/operate/operation/operation.hpp>
#include <felhom/proxmox/errors/config_changes_error.hpp>

#include <string>
#include <variant>

// Why the parameters of an operation are not understood.
namespace felhom::operate {

struct unknown_operation {
    std::string op;
    std::string nearest; ///< empty when none is near

    friend auto operator==(const unknown_operation&, const unknown_operation&) -> bool = default;
};
struct unknown_param {
    std::string op;
    std::string name;
    std::string nearest;

    friend auto operator==(const unknown_param&, const unknown_param&) -> bool = default;
};
struct missing_param {
    std::string op;
    std::string name;

    friend auto operator==(const missing_param&, const missing_param&) -> bool = default;
};
struct bad_param {
    std::string op;
    std::string name;
    std::string expected;
    std::string got;

    friend auto operator==(const bad_param&, const bad_param&) -> bool = default;
};
/// Changes that no configuration call of this agent may carry.
struct bad_changes {
    proxmox::config_changes_error why;

    friend auto operator==(const bad_changes&, const bad_changes&) -> bool = default;
};

using params_error = std::variant<unknown_operation, unknown_param, missing_param, bad_param, bad_changes>;

[[nodiscard]] inline auto describe(const params_error& error) -> std::string
{
    const auto meant = [](const std::string& nearest) {
        return nearest.empty() ? std::string{} : " (did you mean '" + nearest + "'?)";
    };
    return std::visit(
        overloaded{
            [&](const unknown_operation& e) {
                return "there is no operation '" + printable(e.op) + "'" + meant(e.nearest);
            },
            [&](const unknown_param& e) {
                return e.op + " has no parameter '" + printable(e.name) + "'" + meant(e.nearest);
            },
            [](const missing_param& e) { return e.op + " needs the parameter '" + e.name + "'"; },
            [](const bad_param& e) {
                return e.op + ", parameter '" + e.name + "': expected " + e.expected + ", got " + printable(e.got);
            },
            [](const bad_changes& e) { return std::string{guest_set_config::name} + ": " + proxmox::describe(e.why); },
        },
        error);
}

} // namespace felhom::operate
