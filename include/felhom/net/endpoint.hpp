// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/ascii.hpp>
#include <felhom/core/decimal.hpp>
#include <felhom/core/parse_error.hpp>

#include <arpa/inet.h>
#include <tl/expected.hpp>

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace felhom::net {

/// Where an API is served: https, a host, a port, and nothing else.
class endpoint {
public:
    static constexpr std::uint16_t default_port = 8006;

    /// Reads https://HOST[:PORT][/]. No other scheme, no user, path, query or fragment; an IPv6 address stands in
    /// brackets.
    [[nodiscard]] static auto parse(std::string_view text) -> tl::expected<endpoint, parse_error>
    {
        static constexpr auto scheme = std::string_view{"https://"};
        const auto refused = [&] {
            // A user and a password may stand before the host.
            return tl::unexpected(parse_error{.what = "API address",
                                              .rule = "https://HOST or https://HOST:PORT, with nothing after it",
                                              .got = "(not shown)"});
        };
        if (!ascii::starts_with_in_any_case(text, scheme)) {
            return refused();
        }
        auto rest = text.substr(scheme.size());
        if (rest.ends_with('/')) {
            rest.remove_suffix(1);
        }
        const auto host_ends = rest.starts_with('[') ? rest.find(']') + 1 : rest.find(':');
        const auto host = rest.substr(0, host_ends);
        const auto after = rest.substr(host.size());
        const auto port = port_of(after);
        if (!is_host(host) || !port) {
            return refused();
        }
        return endpoint{ascii::to_lower(host), *port};
    }

    /// The host in lower case; an IPv6 address in brackets.
    [[nodiscard]] auto host() const -> const std::string& { return host_; }
    [[nodiscard]] auto port() const -> std::uint16_t { return port_; }
    [[nodiscard]] auto url() const -> std::string { return "https://" + host_ + ":" + std::to_string(port_); }

    friend auto operator<=>(const endpoint&, const endpoint&) = default;

private:
    endpoint(std::string host, std::uint16_t port) : host_{std::move(host)}, port_{port} {}

    [[nodiscard]] static auto is_host(std::string_view host) -> bool
    {
        static constexpr std::size_t longest = 253; // RFC 1035 section 2.3.4, without the root's dot
        if (host.size() > 2 && host.front() == '[') {
            auto parsed = in6_addr{};
            return inet_pton(AF_INET6, std::string{host.substr(1, host.size() - 2)}.c_str(), &parsed) == 1;
        }
        const auto legal = [](char c) { return ascii::is_alphanumeric(c) || c == '-' || c == '.' || c == '_'; };
        return !host.empty() && host.size() <= longest && host.front() != '.' && host.front() != '-'
               && std::ranges::all_of(host, legal);
    }

    [[nodiscard]] static auto port_of(std::string_view after_host) -> tl::expected<std::uint16_t, std::errc>
    {
        if (after_host.empty()) {
            return default_port;
        }
        const auto digits = after_host.substr(1);
        const auto port = parse_decimal<std::uint16_t>(digits);
        if (after_host.front() != ':' || !port || digits.front() == '0') {
            return tl::unexpected(std::errc::invalid_argument);
        }
        return *port;
    }

    std::string host_;
    std::uint16_t port_;
};

} // namespace felhom::net
