// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/overloaded.hpp>
#include <felhom/core/printable.hpp>

#include <string>
#include <variant>

namespace felhom::proxmox {

/// Nothing to set and nothing to delete: Proxmox VE refuses such a call.
struct no_changes {
    friend auto operator==(const no_changes&, const no_changes&) -> bool = default;
};
/// A key that no call of this agent may carry.
struct key_not_settable {
    std::string key;
    friend auto operator==(const key_not_settable&, const key_not_settable&) -> bool = default;
};
/// A key without which a container is none.
struct key_not_deletable {
    std::string key;
    friend auto operator==(const key_not_deletable&, const key_not_deletable&) -> bool = default;
};
struct key_given_twice {
    std::string key;
    friend auto operator==(const key_given_twice&, const key_given_twice&) -> bool = default;
};
/// A value that the schema of the call does not admit; the empty text always is one.
struct value_not_admitted {
    std::string key;
    std::string value;
    friend auto operator==(const value_not_admitted&, const value_not_admitted&) -> bool = default;
};

using config_changes_error =
    std::variant<no_changes, key_not_settable, key_not_deletable, key_given_twice, value_not_admitted>;

[[nodiscard]] inline auto describe(const config_changes_error& error) -> std::string
{
    return std::visit(
        overloaded{
            [](const no_changes&) { return std::string{"there is nothing to change"}; },
            [](const key_not_settable& e) { return "'" + e.key + "' is not changed by a configuration call"; },
            [](const key_not_deletable& e) { return "'" + e.key + "' cannot be deleted"; },
            [](const key_given_twice& e) { return "'" + e.key + "' is given twice"; },
            [](const value_not_admitted& e) {
                return e.value.empty() ? "'" + e.key + "' cannot be set to nothing: delete it instead"
                                       : "Proxmox VE does not take '" + printable(e.value) + "' for '" + e.key + "'";
            },
        },
        error);
}

} // namespace felhom::proxmox
