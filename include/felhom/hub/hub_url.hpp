// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/ascii.hpp>
#include <felhom/core/parse_error.hpp>
#include <felhom/net/endpoint.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace felhom::hub {

/// Where the hub is served: https, a host, a port, and a path that stands before that of every call.
class hub_url {
public:
    /// Reads https://HOST[:PORT][/PATH]; the port is 443 by default. No other scheme, no user, query or fragment.
    [[nodiscard]] static auto parse(std::string_view text) -> tl::expected<hub_url, parse_error>
    {
        static constexpr auto scheme = std::string_view{"https://"};
        const auto refused = [] {
            // A user and a password may stand before the host.
            return tl::unexpected(parse_error{.what = "hub address",
                                              .rule = "https://HOST, https://HOST:PORT or https://HOST/PATH",
                                              .got = "(not shown)"});
        };
        if (!ascii::starts_with_in_any_case(text, scheme)) {
            return refused();
        }
        const auto rest = text.substr(scheme.size());
        const auto authority = rest.substr(0, rest.find('/'));
        auto path = rest.substr(authority.size());
        if (path.ends_with('/')) {
            path.remove_suffix(1);
        }
        const auto served = net::endpoint::parse(std::string{scheme} + with_port(authority));
        if (!served || !is_path(path)) {
            return refused();
        }
        return hub_url{served->url() + std::string{path}};
    }

    /// Scheme, host, port and path, without a slash at its end.
    [[nodiscard]] auto text() const -> const std::string& { return text_; }

    friend auto operator==(const hub_url&, const hub_url&) -> bool = default;

private:
    explicit hub_url(std::string text) : text_{std::move(text)} {}

    [[nodiscard]] static auto with_port(std::string_view authority) -> std::string
    {
        const auto address_ends = authority.starts_with('[') ? authority.find(']') : 0;
        const auto has_port = authority.find(':', address_ends) != std::string_view::npos;
        return std::string{authority} + (has_port ? "" : ":443");
    }

    /// Segments that need no escape, none of them empty or one of dots alone, which a server may resolve.
    [[nodiscard]] static auto is_path(std::string_view path) -> bool
    {
        while (!path.empty()) {
            const auto segment = path.substr(1, path.find('/', 1) - 1);
            const auto legal = [](char c) {
                return ascii::is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
            };
            if (segment.find_first_not_of('.') == std::string_view::npos || !std::ranges::all_of(segment, legal)) {
                return false;
            }
            path.remove_prefix(1 + segment.size());
        }
        return true;
    }

    std::string text_;
};

} // namespace felhom::hub
