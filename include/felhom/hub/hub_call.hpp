// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/host_id.hpp>
#include <felhom/net/etag.hpp>
#include <felhom/proxmox/api/exchange.hpp>
#include <felhom/proxmox/api/request.hpp>

#include <tl/expected.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace felhom::hub {

/// One call of the hub's API, ready to be sent. Only `hub_api` makes one.
class hub_call {
public:
    [[nodiscard]] auto method() const -> net::http_method { return method_; }
    [[nodiscard]] auto target() const -> const std::string& { return target_; } ///< below the hub's URL
    [[nodiscard]] auto body() const -> const std::string& { return body_; }     ///< JSON, of a POST
    [[nodiscard]] auto none_match() const -> const std::optional<net::etag>& { return none_match_; }

    friend auto operator==(const hub_call&, const hub_call&) -> bool = default;

private:
    friend struct hub_api;

    hub_call(net::http_method method, std::string target, std::string body, std::optional<net::etag> none_match)
        : method_{method}, target_{std::move(target)}, body_{std::move(body)}, none_match_{std::move(none_match)}
    {
    }

    net::http_method method_;
    std::string target_;
    std::string body_;
    std::optional<net::etag> none_match_;
};

/// Everything that this host ever asks of its hub.
struct hub_api {
    /// The answer is a control envelope.
    [[nodiscard]] static auto host_report(std::string report) -> hub_call
    {
        return {net::http_method::post, "/api/v1/host-report", std::move(report), std::nullopt};
    }

    /// The desired state, unless it is still the version of that name.
    [[nodiscard]] static auto desired_state(const host_id& host, std::optional<net::etag> unless) -> hub_call
    {
        return {net::http_method::get, path_of(host) + "/desired-state", {}, std::move(unless)};
    }

    /// The signed operations that wait for this host.
    [[nodiscard]] static auto signed_ops(const host_id& host) -> hub_call
    {
        return {net::http_method::get, path_of(host) + "/signed-ops", {}, std::nullopt};
    }

    /// What came of signed operations.
    [[nodiscard]] static auto op_results(const host_id& host, std::string results) -> hub_call
    {
        return {net::http_method::post, path_of(host) + "/op-results", std::move(results), std::nullopt};
    }

private:
    /// The characters of a host id need no escape, and it cannot be "..".
    [[nodiscard]] static auto path_of(const host_id& host) -> std::string { return "/api/v1/hosts/" + host.text(); }
};

/// What came back over HTTP, not yet understood, with those of its headers that count.
struct hub_answer {
    int status;
    std::string reason;
    std::string body;
    std::optional<std::string> tag = std::nullopt;         ///< ETag
    std::optional<std::string> retry_after = std::nullopt; ///< Retry-After
    std::optional<std::string> date = std::nullopt;        ///< Date
    std::optional<std::string> location = std::nullopt;    ///< Location, of a redirect

    friend auto operator==(const hub_answer&, const hub_answer&) -> bool = default;
};

using hub_exchanged = tl::expected<hub_answer, net::transport_error>;

/// The capability to talk to the hub.
using hub_exchange = std::function<hub_exchanged(const hub_call&)>;

} // namespace felhom::hub
