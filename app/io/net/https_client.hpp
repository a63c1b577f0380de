// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/net/https.hpp"

#include <memory>
#include <vector>

namespace felhom::io {

/// Calls one server over a bounded number of connections, for any number of callers at once. All of its state (its
/// connections, its TLS sessions, its verdict on certificates) is its own: two clients share nothing.
class https_client {
public:
    /// Throws std::runtime_error when libcurl lacks something that the protection needs.
    explicit https_client(https_server server);

    https_client(const https_client&) = delete;
    auto operator=(const https_client&) -> https_client& = delete;
    https_client(https_client&&) = delete;
    auto operator=(https_client&&) -> https_client& = delete;
    ~https_client();

    /// Makes all calls, several at once, and answers in their order. Once no connection can be made, the calls of this
    /// batch that have not begun fail alike, unsent: a dead node costs one time-out, not a thousand.
    [[nodiscard]] auto send(std::vector<https_call> calls) -> std::vector<net::exchanged>;

    /// Ends the calls that are under way and those that wait, each with an error. From any thread.
    void break_off();

    /// The same, for all calls to come as well: none of them is sent. From any thread.
    void close();

private:
    class engine;
    std::unique_ptr<engine> engine_;
};

} // namespace felhom::io
