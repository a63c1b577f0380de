// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/enum_table.hpp>
#include <felhom/core/json/error.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/core/printable.hpp>
#include <felhom/net/call_line.hpp>
#include <felhom/proxmox/api/caller.hpp>
#include <felhom/proxmox/api/exchange.hpp>
#include <felhom/proxmox/errors/decode_error.hpp>
#include <felhom/proxmox/errors/refusal.hpp>

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace felhom::proxmox {

/// Proxmox VE answered with an error.
struct api_error {
    int status;
    std::string message;                                          ///< every line of it, as far as it is known
    std::vector<std::pair<std::string, std::string>> fields = {}; ///< of a 400: parameter and what is wrong with it
    std::optional<proxmox::refusal> refusal = std::nullopt;       ///< of a 403
    std::optional<net::call_line> to = std::nullopt;
    std::optional<std::string> points_to = std::nullopt; ///< of a redirect, which is not followed

    friend auto operator==(const api_error&, const api_error&) -> bool = default;
};

/// A task ended without success.
struct task_error {
    std::string exit_status;
    std::optional<proxmox::refusal> refusal = std::nullopt;
    std::vector<std::string> log_tail = {};

    static constexpr auto is_success = false;
    friend auto operator==(const task_error&, const task_error&) -> bool = default;
};

/// A call that brought no usable answer.
using call_error = std::variant<net::transport_error, api_error, decode_error>;

/// Status and message, then what is wrong with each parameter, each in its own line.
[[nodiscard]] inline auto describe(const api_error& error) -> std::string
{
    auto text = net::prefix_of(error.to) + "Proxmox VE answered " + std::to_string(error.status) + ": "
                + (error.refusal ? describe(*error.refusal) : printable_lines(error.message));
    if (error.points_to) {
        text += ", a redirect to " + printable(*error.points_to, 500) + ", which is not followed";
    }
    for (const auto& [name, what] : error.fields) {
        text.append("\n  ").append(printable(name)).append(": ").append(printable_lines(what, "    "));
    }
    return text;
}

[[nodiscard]] inline auto describe(const decode_error& error) -> std::string
{
    return net::prefix_of(error.to)
           + "the answer is not understood: " + describe_flaw(error.path, error.expected, error.got);
}

[[nodiscard]] inline auto describe(const call_error& error) -> std::string
{
    return std::visit([](const auto& e) { return describe(e); }, error);
}

/// The exit status, then the end of the log.
[[nodiscard]] inline auto describe(const task_error& error) -> std::string
{
    auto text = "the task failed: " + (error.refusal ? describe(*error.refusal) : printable(error.exit_status));
    for (const auto& line : error.log_tail) {
        text += "\n  " + printable(line);
    }
    return text;
}

namespace detail {

[[nodiscard]] inline auto with_grant(std::string text, const std::optional<refusal>& why, const caller& who)
    -> std::string
{
    const auto* const missing = why ? std::get_if<missing_privilege>(&*why) : nullptr;
    if (missing != nullptr) {
        for (const auto& line : grant_lines(*missing, who)) {
            text += "\n  " + line;
        }
    }
    return text;
}

} // namespace detail

/// Where to look for what Proxmox VE's own words do not name; empty where they do.
[[nodiscard]] inline auto where_to_look(const api_error& error, const caller& who) -> std::string
{
    static constexpr auto unauthorized = 401;
    if (error.status == unauthorized) {
        return "look at proxmox.token_id and its secret: does `pveum user token list " + who.token.user()
               + "` on the node show " + who.token.text() + ", not expired?";
    }
    // Every call below /nodes/NAME is passed on to the node of that name (tests/data/pve-captures/routing.json).
    return error.message.starts_with("hostname lookup '")
               ? "look at proxmox.node: it must be what `hostname` prints on the node"
               : "";
}

/// The same with the commands that would grant the caller what it lacks, or where else to look.
[[nodiscard]] inline auto describe(const call_error& error, const caller& who) -> std::string
{
    const auto* const api = std::get_if<api_error>(&error);
    if (api == nullptr) {
        return describe(error);
    }
    const auto hint = where_to_look(*api, who);
    return detail::with_grant(describe(*api), api->refusal, who) + (hint.empty() ? "" : "\n  " + hint);
}
[[nodiscard]] inline auto describe(const task_error& error, const caller& who) -> std::string
{
    return detail::with_grant(describe(error), error.refusal, who);
}

} // namespace felhom::proxmox
