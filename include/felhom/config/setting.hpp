// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/ascii.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace felhom::config {

/// What the agent can be asked to do, as far as it needs settings for it. Each command names the parts it needs, and
/// only those must be complete.
enum class part : std::uint8_t {
    none = 0,
    proxmox = 1,
    desired = 2,
    reconcile = 4,
    state = 8,
    log = 16,
    authz = 32,
    hub = 64,
    journal = 128,
    all = 255,
};

[[nodiscard]] constexpr auto operator|(part a, part b) -> part
{
    // NOLINTNEXTLINE(clang-analyzer-optin.core.EnumCastOutOfRange): a set of parts is one of their unions
    return static_cast<part>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}

[[nodiscard]] constexpr auto includes(part set, part one) -> bool
{
    return (static_cast<unsigned>(set) & static_cast<unsigned>(one)) != 0;
}

/// What a value looks like, in the file and in the environment.
enum class kind {
    text,
    number,  ///< an integer from least to greatest
    flag,    ///< true or false
    choice,  ///< one of the choices
    secret,  ///< a text that is never shown
    signers, ///< a JSON array; in the environment, its text
    vmids,   ///< likewise
    object,  ///< a JSON object that another room reads; in the environment, its text
};

/// One key of the configuration.
struct setting {
    /// Says what a text should be, if it is not that.
    using rule = std::optional<std::string> (*)(std::string_view);

    std::string_view path; ///< "proxmox.url"
    kind what;
    std::string_view doc;
    part required_by = part::none;
    std::string_view default_value{}; ///< the default, written as in the environment; empty if there is none
    std::int64_t least = 0;           ///< of a number
    std::int64_t greatest = 0;        ///< of a number
    std::string_view choices{};       ///< of a choice: "observe|enforce"
    rule broken_rule_of = nullptr;    ///< of a text or a secret
    bool hides_wrong = false;         ///< a wrong value is not shown: a secret is easily typed there
};

inline constexpr auto environment_prefix = std::string_view{"FELHOM_AGENT_"};

/// The variable that sets the same: "FELHOM_AGENT_PROXMOX_URL" for "proxmox.url".
/// What stands in an error for a value that must not be shown.
inline constexpr auto not_shown = std::string_view{"something else (not shown)"};

[[nodiscard]] inline auto environment_name(std::string_view path) -> std::string
{
    auto name = std::string{environment_prefix};
    for (const auto c : path) {
        if (c == '.') {
            name += '_';
        } else {
            name += ascii::is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c;
        }
    }
    return name;
}

} // namespace felhom::config
