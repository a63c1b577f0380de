// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/keys/openssl_handle.hpp>
#include <felhom/authz/sshsig/octets.hpp>

#include <openssl/bn.h>
#include <range/v3/view/reverse.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace felhom::authz {

inline constexpr auto ed25519_point_size = std::size_t{32};

namespace detail {

using point_bytes = std::array<std::uint8_t, ed25519_point_size>;

/// The y coordinates of the points of order 1, 2, 4 and 8 on edwards25519, little-endian.
inline constexpr auto small_order = std::array{
    point_bytes{0x00}, // order 4
    point_bytes{0x01}, // the identity
    point_bytes{0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
    point_bytes{0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
                0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
    point_bytes{0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
                0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
};

/// 2^255 - 19, little-endian.
inline constexpr auto field_prime =
    point_bytes{0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f};

} // namespace detail

/// Says whether an encoded point has its y below p and is none of small order. Under a key of small order a forged
/// signature verifies for any message, and OpenSSL imports such keys.
[[nodiscard]] inline auto is_ed25519_point_of_large_order(std::string_view point) -> bool
{
    if (point.size() != ed25519_point_size) {
        return false;
    }
    auto y = detail::point_bytes{};
    std::ranges::transform(point, y.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
    y.back() &= 0x7fU; // the top bit is the sign of x
    const auto below_p =
        std::ranges::lexicographical_compare(ranges::views::reverse(y), ranges::views::reverse(detail::field_prime));
    return below_p && !std::ranges::any_of(detail::small_order, [&](const auto& small) { return small == y; });
}

/// Says whether a reduced y is that of any point of the curve: x^2 = (y^2 - 1) / (d y^2 + 1) must have a root, and it
/// has one exactly if the product of the two is a square. OpenSSL imports keys that are no point, and then verifies
/// nothing with them.
[[nodiscard]] inline auto is_ed25519_point(std::string_view point) -> bool
{
    auto y_bytes = std::string{point};
    if (y_bytes.size() != ed25519_point_size) {
        return false;
    }
    y_bytes.back() = static_cast<char>(static_cast<std::uint8_t>(y_bytes.back()) & 0x7fU);
    const auto prime_bytes = detail::field_prime;
    const auto y =
        detail::bignum_handle{BN_lebin2bn(octets(y_bytes).data(), static_cast<int>(ed25519_point_size), nullptr)};
    const auto p =
        detail::bignum_handle{BN_lebin2bn(prime_bytes.data(), static_cast<int>(prime_bytes.size()), nullptr)};
    BIGNUM* read = nullptr;
    BN_hex2bn(&read, "52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3");
    const auto d = detail::bignum_handle{read};
    const auto context = detail::bignum_context_handle{BN_CTX_new()};
    const auto u = detail::bignum_handle{BN_new()};
    const auto v = detail::bignum_handle{BN_new()};
    const auto product = detail::bignum_handle{BN_new()};
    const auto computed =
        y && p && d && context && u && v && product && BN_mod_sqr(u.get(), y.get(), p.get(), context.get()) == 1
        && BN_mod_mul(v.get(), u.get(), d.get(), p.get(), context.get()) == 1 && BN_sub_word(u.get(), 1) == 1
        && BN_add_word(v.get(), 1) == 1 && BN_mod_mul(product.get(), u.get(), v.get(), p.get(), context.get()) == 1;
    const auto symbol = computed ? BN_kronecker(product.get(), p.get(), context.get()) : -1;
    return symbol == 0 || symbol == 1;
}

} // namespace felhom::authz
