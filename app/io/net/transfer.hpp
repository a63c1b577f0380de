// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/net/curl.hpp"
#include "io/net/https.hpp"
#include "io/net/tls_guard.hpp"

#include <array>
#include <cstddef>
#include <string_view>

namespace felhom::io {

/// A libcurl handle that carries one call after the other, and what came back of the present one.
class transfer {
public:
    transfer(const https_server& server, tls_sessions& sessions, curl_slist* headers);

    transfer(const transfer&) = delete;
    auto operator=(const transfer&) -> transfer& = delete;
    transfer(transfer&&) = delete;
    auto operator=(transfer&&) -> transfer& = delete;
    ~transfer() = default;

    [[nodiscard]] auto handle() const -> CURL* { return handle_.get(); }

    /// Prepares the handle for this call, which must live until the call is finished.
    void begin(const https_call& call);

    /// What the call came to, once libcurl is done with it.
    [[nodiscard]] auto finish(CURLcode status) -> net::exchanged;

private:
    static auto on_header(const char* line, std::size_t size, std::size_t count, void* self) -> std::size_t;
    static auto on_body(const char* data, std::size_t size, std::size_t count, void* self) -> std::size_t;
    static auto on_connected(void* self, char* to, char* from, int port_to, int port_from) -> int;

    void choose_headers(const https_call& call);
    [[nodiscard]] auto failure(CURLcode status) const -> net::transport_error;

    const https_server* server_;
    curl_slist* headers_;              ///< of every call
    curl::header_list own_headers_;    ///< of a call that has more, with the others in front
    const https_call* call_ = nullptr; ///< the present one
    tls_guard guard_;
    curl::easy handle_;
    std::array<char, CURL_ERROR_SIZE> message_{};

    net::response answer_{};
    std::size_t header_bytes_ = 0;
    bool is_read_ = true;
    bool sent_ = false; ///< a connection was handed the request: some of it may have left
    bool untrusted_ = false;
    bool too_large_ = false;
    bool head_complete_ = false;
    bool chunked_ = false;
};

} // namespace felhom::io
