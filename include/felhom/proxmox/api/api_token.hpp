// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/ascii.hpp>
#include <felhom/core/hex.hpp>
#include <felhom/core/parse_error.hpp>
#include <felhom/core/secret.hpp>
#include <felhom/proxmox/api/token_id.hpp>

#include <tl/expected.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace felhom::proxmox {

/// The name and the secret with which the agent calls the API.
class api_token {
public:
    /// Reads an id USER@REALM!TOKENID and its secret, a UUID. The error never holds the secret.
    [[nodiscard]] static auto parse(std::string_view id, secret value) -> tl::expected<api_token, parse_error>
    {
        return token_id::parse(id).and_then([&](token_id name) { return make(std::move(name), std::move(value)); });
    }

    [[nodiscard]] static auto make(token_id id, secret value) -> tl::expected<api_token, parse_error>
    {
        if (!ascii::is_hex_in_shape(value.reveal(), "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")) {
            return tl::unexpected(parse_error{.what = "API token secret",
                                              .rule = "the UUID that PVE showed when the token was made",
                                              .got = "(not shown)"});
        }
        return api_token{std::move(id), std::move(value)};
    }

    [[nodiscard]] auto id() const -> const token_id& { return id_; }

    /// The value of the Authorization header. PVE percent-decodes it and ends it at a semicolon, hence the encoding.
    [[nodiscard]] auto authorization() const -> secret
    {
        static constexpr auto plain = std::string_view{"@!-._~"};
        auto header = std::string{"PVEAPIToken="};
        for (const auto c : id_.text()) {
            if (ascii::is_alphanumeric(c) || plain.find(c) != std::string_view::npos) {
                header += c;
            } else {
                header += '%';
                append_hex(header, static_cast<unsigned char>(c), hex_letters::upper);
            }
        }
        header += '=';
        header += value_.reveal();
        return secret{std::move(header)};
    }

    [[nodiscard]] auto value() const -> const secret& { return value_; }

    friend auto operator==(const api_token&, const api_token&) -> bool = default;

private:
    api_token(token_id id, secret value) : id_{std::move(id)}, value_{std::move(value)} {}

    token_id id_;
    secret value_;
};

} // namespace felhom::proxmox
