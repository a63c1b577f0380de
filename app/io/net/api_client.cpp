// SPDX-License-Identifier: Apache-2.0
#include "io/net/api_client.hpp"

#include <felhom/core/redacted.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace felhom::io {

namespace {

constexpr auto root = std::string_view{"/api2/json"};

auto header(const proxmox::api_token& token) -> secret
{
    return secret{"Authorization: " + std::string{token.authorization().reveal()}};
}

auto without(const secret& sent, net::exchanged answer) -> net::exchanged
{
    return std::move(answer)
        .map([&](net::response got) {
            got.reason = redacted(std::move(got.reason), sent);
            got.body = redacted(std::move(got.body), sent);
            if (got.location) {
                got.location = redacted(*std::move(got.location), sent);
            }
            return got;
        })
        .map_error([&](net::transport_error failed) {
            failed.detail = redacted(std::move(failed.detail), sent);
            return failed;
        });
}

} // namespace

api_client::api_client(const net::endpoint& api, net::trust trust, const proxmox::api_token& token,
                       const https_limits& limits, call_observer on_answer)
    : https_{std::make_shared<https_client>(https_server{.url = api.url(),
                                                         .trust = std::move(trust),
                                                         .headers = {header(token)},
                                                         .limits = limits,
                                                         .on_answer = std::move(on_answer)})},
      token_secret_{token.value()}
{
}

auto api_client::operator()(const std::vector<proxmox::request>& requests) const -> std::vector<net::exchanged>
{
    auto calls = std::vector<https_call>{};
    calls.reserve(requests.size());
    for (const auto& request : requests) {
        calls.push_back(
            {.method = request.method(), .target = std::string{root} + request.target(), .body = request.form()});
    }
    auto answers = https_->send(std::move(calls));
    for (auto at = std::size_t{0}; auto& answer : answers) {
        answer = proxmox::answer_to(requests[at++], without(token_secret_, std::move(answer)));
    }
    return answers;
}

} // namespace felhom::io
