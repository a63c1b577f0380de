// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/stage.hpp>
#include <felhom/core/alternatives.hpp>
#include <felhom/core/instant.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

// Why a nonce is not accepted. `code` is its name among the errors of all stages, `own_code` the more exact one.
namespace felhom::authz {

/// The nonce was claimed before, or may have been.
struct nonce_seen {
    std::string nonce;

    static constexpr auto code = std::string_view{"replay"};
    static constexpr auto own_code = std::string_view{"replay.seen"};
    static constexpr auto at = stage::nonce;
    static constexpr auto is_transient = false;
    [[nodiscard]] auto describe() const -> std::string
    {
        return "the nonce " + nonce + " was used before: sign the operation anew";
    }
    friend auto operator==(const nonce_seen&, const nonce_seen&) -> bool = default;
};

/// The memory no longer tells apart which operations that expire by its horizon were claimed.
struct within_horizon {
    instant expires_at;
    instant horizon;

    static constexpr auto code = std::string_view{"replay"};
    static constexpr auto own_code = std::string_view{"replay.horizon"};
    static constexpr auto at = stage::nonce;
    static constexpr auto is_transient = false;
    [[nodiscard]] auto describe() const -> std::string
    {
        return "the operation expires at " + to_rfc3339(expires_at) + ", and this host refuses all that expire up to "
               + to_rfc3339(horizon)
               + " since it no longer knows which of them were used: sign it anew with a later expiry";
    }
    friend auto operator==(const within_horizon&, const within_horizon&) -> bool = default;
};

/// The memory holds as many nonces as it may.
struct memory_full {
    std::size_t limit;

    static constexpr auto code = std::string_view{"store"};
    static constexpr auto own_code = std::string_view{"replay.full"};
    static constexpr auto at = stage::nonce;
    static constexpr auto is_transient = true; ///< nonces expire
    [[nodiscard]] auto describe() const -> std::string
    {
        return "the replay memory holds " + std::to_string(limit)
               + " nonces, its limit: wait until some of them expire";
    }
    friend auto operator==(const memory_full&, const memory_full&) -> bool = default;
};

/// The claim could not be made durable.
struct claim_not_recorded {
    std::string reason;

    static constexpr auto code = std::string_view{"store"};
    static constexpr auto own_code = std::string_view{"replay.store"};
    static constexpr auto at = stage::nonce;
    static constexpr auto is_transient = true; ///< the disk may be written again
    [[nodiscard]] auto describe() const -> std::string { return "the nonce could not be recorded: " + reason; }
    friend auto operator==(const claim_not_recorded&, const claim_not_recorded&) -> bool = default;
};

/// Every doubt is one of these.
using replay_error = std::variant<nonce_seen, within_horizon, memory_full, claim_not_recorded>;

/// The stable name of an error.
[[nodiscard]] inline auto code(const replay_error& why) -> std::string_view
{
    return told<std::string_view>(why, [](const auto& one) { return std::remove_cvref_t<decltype(one)>::own_code; });
}

/// One line: what is wrong and what can be done.
[[nodiscard]] inline auto describe(const replay_error& why) -> std::string
{
    return description_of(why);
}

} // namespace felhom::authz
