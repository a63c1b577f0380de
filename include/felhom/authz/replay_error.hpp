#pragma once

#include <felhom/core/instant.hpp>
#include <felhom/core/overloaded.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

namespace felhom::authz {

/// The nonce was claimed before, or may have been.
struct nonce_seen {
    std::string nonce;

    friend auto operator==(const nonce_seen&, const nonce_seen&) -> bool = default;
};

/// The memory no longer tells apart which operations that expire by its horizon were claimed.
struct within_horizon {
    instant expires_at;
    instant horizon;

    friend auto operator==(const within_horizon&, const within_horizon&) -> bool = default;
};

/// The memory holds as many nonces as it may.
struct memory_full {
    std::size_t limit;

    friend auto operator==(const memory_full&, const memory_full&) -> bool = default;
};

/// The claim could not be made durable.
struct claim_not_recorded {
    std::string reason;

    friend auto operator==(const claim_not_recorded&, const claim_not_recorded&) -> bool = default;
};

/// Why a nonce is not accepted. Every doubt is one of these.
using replay_error = std::variant<nonce_seen, within_horizon, memory_full, claim_not_recorded>;

/// The stable name of an error.
[[nodiscard]] inline auto code(const replay_error& why) -> std::string_view
{
    return std::visit(overloaded{
                          [](const nonce_seen&) { return std::string_view{"replay.seen"}; },
                          [](const within_horizon&) { return std::string_view{"replay.horizon"}; },
                          [](const memory_full&) { return std::string_view{"replay.full"}; },
                          [](const claim_not_recorded&) { return std::string_view{"replay.store"}; },
                      },
                      why);
}

/// One line: what is wrong and what can be done.
[[nodiscard]] inline auto describe(const replay_error& why) -> std::string
{
    return std::visit(
        overloaded{
            [](const nonce_seen& e) { return "the nonce " + e.nonce + " was used before: sign the operation anew"; },
            [](const within_horizon& e) {
                return "the operation expires at " + to_rfc3339(e.expires_at)
                       + ", and this host refuses all that expire up to " + to_rfc3339(e.horizon)
                       + " since it no longer knows which of them were used: sign it anew with a later expiry";
            },
            [](const memory_full& e) {
                return "the replay memory holds " + std::to_string(e.limit)
                       + " nonces, its limit: wait until some of them expire";
            },
            [](const claim_not_recorded& e) { return "the nonce could not be recorded: " + e.reason; },
        },
        why);
}

} // namespace felhom::authz
