// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/backoff.hpp>
#include <felhom/proxmox/api/exchange.hpp>
#include <felhom/proxmox/api/reply.hpp>
#include <felhom/proxmox/api/request.hpp>
#include <felhom/proxmox/errors/classify.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace felhom::proxmox {

/// How often a read is made, and how long after each failure it is made again.
struct read_retry_policy {
    std::uint32_t most_attempts = 3;
    backoff_policy pause{.first = std::chrono::milliseconds{500}, .longest = std::chrono::seconds{8}};
};

/// Whether a read that failed so may succeed when it is made again at once. One that ran into its time limit has been
/// waited for long enough, and an answer that is not understood will come again.
[[nodiscard]] inline auto is_worth_another_read(const request& call, const net::exchanged& answer) -> bool
{
    if (call.method() != net::http_method::get) {
        return false;
    }
    if (!answer) {
        return answer.error().what == net::transport_error::kind::interrupted
               || answer.error().what == net::transport_error::kind::unreachable;
    }
    static constexpr auto first_server_error = 500;
    return answer->status >= first_server_error
           && classify(call_error{parse_api_error(*answer)}, intent::read).action == error_action::retry_with_backoff;
}

/// The calls among these that are to be made again, by index; none once policy's attempts are used up.
[[nodiscard]] inline auto reads_to_repeat(const std::vector<request>& calls, const std::vector<net::exchanged>& answers,
                                          std::uint32_t attempts, const read_retry_policy& policy)
    -> std::vector<std::size_t>
{
    auto again = std::vector<std::size_t>{};
    if (attempts >= policy.most_attempts) {
        return again;
    }
    for (auto at = std::size_t{0}; at < calls.size() && at < answers.size(); ++at) {
        if (is_worth_another_read(calls[at], answers[at])) {
            again.push_back(at);
        }
    }
    return again;
}

} // namespace felhom::proxmox
