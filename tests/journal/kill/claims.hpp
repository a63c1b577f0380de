// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/journal/replay_store.hpp"

#include <felhom/authz/replay/nonce.hpp>
#include <felhom/core/instant.hpp>

#include <chrono>
#include <cstdint>
#include <string>

// What the killed program and the test that kills it both know.
namespace felhom::tests {

/// A claim's number is told over a pipe once it is acknowledged. It names the run in its upper half.
using claim_number = std::uint64_t;

inline constexpr auto run_shift = 32U;
inline constexpr auto first_day = instant{std::chrono::seconds{1'800'000'000}};
inline constexpr auto small_files =
    io::replay_options{.rotated_from = std::uint64_t{1} << 10U, .log = {.filled_ahead = std::uint64_t{8} << 10U}};

[[nodiscard]] inline auto nonce_of(claim_number number) -> authz::nonce
{
    auto digits = std::to_string(number);
    return *authz::nonce::parse(std::string(authz::nonce::fewest_digits - digits.size(), 'f') + digits);
}

/// The clock of a run goes on by a second with each claim.
[[nodiscard]] inline auto clock_at(claim_number number) -> instant
{
    return first_day + std::chrono::hours{number >> run_shift} + std::chrono::seconds{number & 0xffffU};
}

/// Most expire at once, so that pruning and rotation have work all the time. Some stay.
[[nodiscard]] inline auto expiry_of(claim_number number) -> instant
{
    return number % 8 == 5 ? first_day + std::chrono::hours{10'000} : clock_at(number);
}

} // namespace felhom::tests
