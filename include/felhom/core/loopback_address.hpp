// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/decimal.hpp>
#include <felhom/core/parse_error.hpp>

#include <tl/expected.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace felhom {

/// An address that only this machine reaches, and a port: "127.0.0.1:9101", "[::1]:9101". No name is taken: what it
/// resolves to is another's to say.
class loopback_address {
public:
    [[nodiscard]] static auto parse(std::string_view text) -> tl::expected<loopback_address, parse_error>
    {
        const auto colon = text.rfind(':');
        const auto host = text.substr(0, colon);
        const auto port =
            colon == std::string_view::npos ? std::nullopt : parse_decimal<std::uint16_t>(text.substr(colon + 1));
        if (!port || (host != "[::1]" && !is_loopback_4(host))) {
            return tl::unexpected(parse_error{.what = "loopback address",
                                              .rule = "an address of this machine alone and a port, such as "
                                                      "127.0.0.1:9101 or [::1]:9101",
                                              .got = std::string{text}});
        }
        return loopback_address{host == "[::1]" ? "::1" : std::string{host}, *port};
    }

    [[nodiscard]] auto host() const -> const std::string& { return host_; } ///< "127.0.0.1", "::1"
    [[nodiscard]] auto port() const -> std::uint16_t { return port_; }

    [[nodiscard]] auto text() const -> std::string
    {
        return (host_ == "::1" ? "[::1]" : host_) + ":" + std::to_string(port_);
    }

    friend auto operator==(const loopback_address&, const loopback_address&) -> bool = default;

private:
    loopback_address(std::string host, std::uint16_t port) : host_{std::move(host)}, port_{port} {}

    /// 127.0.0.0/8 (RFC 1122 section 3.2.1.3), all four numbers written out.
    [[nodiscard]] static auto is_loopback_4(std::string_view host) -> bool
    {
        auto numbers = 0;
        for (auto rest = host; numbers < 4; ++numbers) {
            const auto dot = rest.find('.');
            const auto number = parse_decimal<std::uint8_t>(rest.substr(0, dot));
            if (!number || (numbers == 0 && *number != 127)) {
                return false;
            }
            if (dot == std::string_view::npos) {
                return numbers == 3;
            }
            rest.remove_prefix(dot + 1);
        }
        return false;
    }

    std::string host_;
    std::uint16_t port_;
};

} // namespace felhom
