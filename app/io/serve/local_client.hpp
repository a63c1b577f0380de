// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/loopback_address.hpp>

#include <tl/expected.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace felhom::io {

/// What a server on this machine answered.
struct local_answer {
    int status = 0;
    std::string body;
};

/// Why there is no answer.
struct local_failure {
    bool nobody_there; ///< no connection was made, so nothing was sent
    bool not_served;   ///< of these: there is no such socket, or nobody listens at it
    std::string reason;
};

/// GETs, or POSTs where there is a body, at a Unix socket. It waits for the answer as long as that takes, unless told
/// otherwise: a command may have to wait for a task.
[[nodiscard]] auto ask_socket(const std::string& path, const std::string& target,
                              const std::optional<std::string>& body,
                              std::optional<std::chrono::milliseconds> patience = std::nullopt)
    -> tl::expected<local_answer, local_failure>;

/// GETs at a loopback address, where anybody may have taken the port: an answer of more than 64 KiB is none.
[[nodiscard]] auto ask_loopback(const loopback_address& at, const std::string& target,
                                std::chrono::milliseconds patience) -> tl::expected<local_answer, local_failure>;

} // namespace felhom::io
