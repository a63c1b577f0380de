// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/net/https_client.hpp"
#include "support/catch.hpp"
#include "tls_server.hpp"

#include <felhom/proxmox/api/api_token.hpp>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace felhom::testing {

inline const auto token_secret = std::string{"0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"};

inline auto client_of(const std::string& url, net::trust trust, io::https_limits limits = {}) -> io::https_client
{
    return io::https_client{{
        .url = url,
        .trust = std::move(trust),
        .headers = {secret{"Authorization: PVEAPIToken=felhom@pve!agent=" + token_secret}},
        .limits = limits,
    }};
}

inline auto get(std::string target = "/") -> io::https_call
{
    return {.method = net::http_method::get, .target = std::move(target), .body = {}};
}

inline auto post(std::string target = "/", std::string body = {}) -> io::https_call
{
    return {.method = net::http_method::post, .target = std::move(target), .body = std::move(body)};
}

inline auto send_one(io::https_client& client, io::https_call call) -> net::exchanged
{
    return client.send({std::move(call)}).front();
}

inline auto ok(std::string body) -> net::exchanged
{
    return net::response{.status = 200, .reason = "OK", .body = std::move(body)};
}

/// The failure of an exchange that must have failed.
inline auto error_of(const net::exchanged& outcome) -> net::transport_error
{
    REQUIRE_FALSE(outcome.has_value());
    UNSCOPED_INFO(outcome.error().detail);
    CHECK_FALSE(outcome.error().detail.empty());
    CHECK(outcome.error().detail.find(token_secret) == std::string::npos);
    return outcome.error();
}

} // namespace felhom::testing
