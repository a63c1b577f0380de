// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/keys/ed25519_point.hpp>
#include <felhom/authz/sshsig/wire.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace felhom::authz {

enum class curve { p256, p384, p521 };

struct ed25519_key {
    std::string_view point;
};
struct rsa_key {
    std::string_view e;
    std::string_view n;
};
struct ecdsa_key {
    curve on;
    std::string_view point;
};
/// A key that lives in a FIDO token; the application is part of what it is.
struct sk_ed25519_key {
    std::string_view point;
    std::string_view application;
};
struct sk_ecdsa_key {
    std::string_view point;
    std::string_view application;
};

/// What a public key is made of. Views into its blob.
using key_material = std::variant<ed25519_key, rsa_key, ecdsa_key, sk_ed25519_key, sk_ecdsa_key>;

/// An SSH public key, a view of its blob. Only its one canonical encoding is read, so keys are equal exactly if their
/// blobs are.
class public_key {
public:
    [[nodiscard]] auto blob() const -> std::string_view { return blob_; }
    [[nodiscard]] auto type() const -> std::string_view { return type_; }
    [[nodiscard]] auto material() const -> const key_material& { return material_; }

    /// Reads a key blob of a type that may sign operations. `offset` is where the blob begins in what errors count
    /// from.
    [[nodiscard]] static auto parse(std::string_view blob, std::size_t offset = 0)
        -> tl::expected<public_key, bad_field>;

private:
    public_key(std::string_view blob, std::string_view type, key_material material)
        : blob_{blob}, type_{type}, material_{material}
    {
    }

    std::string_view blob_;
    std::string_view type_;
    key_material material_;
};

namespace detail {

/// What of a key is told where it is refused: never its bytes.
[[nodiscard]] inline auto size_of(std::string_view bytes)
{
    return [size = bytes.size()] { return std::to_string(size) + " bytes"; };
}

/// A name that stands in a key, where it can be one.
[[nodiscard]] inline auto name_or_size(std::string_view bytes)
{
    return [bytes] {
        const auto is_name =
            bytes.size() <= 64 && std::ranges::all_of(bytes, [](char c) { return c > ' ' && c <= '~'; });
        return is_name ? shown(bytes) : size_of(bytes)();
    };
}

[[nodiscard]] inline auto read_ed25519_point(wire_reader& in) -> std::string_view
{
    const auto at = in.offset();
    const auto point = in.string("ed25519 point");
    in.require(point.size() == ed25519_point_size, "ed25519 point", at, "32 bytes", size_of(point));
    in.require(is_ed25519_point_of_large_order(point), "ed25519 point", at,
               "a reduced point that is not of small order", [] { return std::string{"another one"}; });
    return point;
}

/// The curve's name, which must repeat what the key type says, and an uncompressed point of its size.
[[nodiscard]] inline auto read_ecdsa_point(wire_reader& in, std::string_view curve_name, std::size_t field_size)
    -> std::string_view
{
    const auto name_at = in.offset();
    const auto name = in.string("curve");
    in.require(name == curve_name, "curve", name_at, curve_name, name_or_size(name));
    const auto at = in.offset();
    const auto point = in.string("ecdsa point");
    static constexpr auto expected = std::string_view{"an uncompressed point of the curve's size"};
    in.require(point.size() == 1 + (2 * field_size), "ecdsa point", at, expected, size_of(point));
    in.require(point.starts_with('\x04'), "ecdsa point", at, expected,
               [] { return std::string{"one of its size that is not uncompressed"}; });
    return point;
}

[[nodiscard]] inline auto bits(std::string_view magnitude) -> std::size_t
{
    return magnitude.empty() ? 0
                             : ((magnitude.size() - 1) * 8)
                                   + static_cast<std::size_t>(std::bit_width(static_cast<std::uint8_t>(magnitude[0])));
}

[[nodiscard]] inline auto is_odd(std::string_view magnitude) -> bool
{
    return !magnitude.empty() && (static_cast<std::uint8_t>(magnitude.back()) & 1U) != 0;
}

/// "1024 bits", "an even number of 2048 bits".
[[nodiscard]] inline auto kind_of_number(std::string_view magnitude)
{
    return [magnitude] {
        return (is_odd(magnitude) ? "" : "an even number of ") + std::to_string(bits(magnitude)) + " bits";
    };
}

/// The sizes are held against the limits before anything computes with the numbers (CVE-2026-39829).
[[nodiscard]] inline auto read_rsa(wire_reader& in) -> rsa_key
{
    static constexpr auto fewest_bits = std::size_t{2048};
    static constexpr auto most_bits = std::size_t{8192};
    const auto e_at = in.offset();
    const auto e = in.positive_mpint("rsa exponent");
    // With e = 1 the padded digest is its own signature; small exponents are what padding forgeries need.
    in.require(bits(e) >= 17 && bits(e) <= 32 && is_odd(e), "rsa exponent", e_at,
               "an odd number, 65537 or more, below 2^32", kind_of_number(e));
    const auto n_at = in.offset();
    const auto n = in.positive_mpint("rsa modulus");
    in.require(bits(n) >= fewest_bits && bits(n) <= most_bits && is_odd(n), "rsa modulus", n_at,
               "an odd number of 2048 to 8192 bits", kind_of_number(n));
    return {.e = e, .n = n};
}

[[nodiscard]] inline auto read_material(std::string_view type, wire_reader& in) -> std::optional<key_material>
{
    if (type == "ssh-ed25519") {
        return ed25519_key{.point = read_ed25519_point(in)};
    }
    if (type == "ssh-rsa") {
        return read_rsa(in);
    }
    if (type == "ecdsa-sha2-nistp256") {
        return ecdsa_key{.on = curve::p256, .point = read_ecdsa_point(in, "nistp256", 32)};
    }
    if (type == "ecdsa-sha2-nistp384") {
        return ecdsa_key{.on = curve::p384, .point = read_ecdsa_point(in, "nistp384", 48)};
    }
    if (type == "ecdsa-sha2-nistp521") {
        return ecdsa_key{.on = curve::p521, .point = read_ecdsa_point(in, "nistp521", 66)};
    }
    if (type == "sk-ssh-ed25519@openssh.com") {
        const auto point = read_ed25519_point(in);
        return sk_ed25519_key{.point = point, .application = in.string("application")};
    }
    if (type == "sk-ecdsa-sha2-nistp256@openssh.com") {
        const auto point = read_ecdsa_point(in, "nistp256", 32);
        return sk_ecdsa_key{.point = point, .application = in.string("application")};
    }
    return std::nullopt;
}

[[nodiscard]] inline auto what_instead_of(std::string_view type) -> std::string_view
{
    if (type.ends_with("-cert-v01@openssh.com")) {
        return "a plain key: certificates are not accepted";
    }
    if (type.starts_with("webauthn-")) {
        return "a plain key: webauthn is not accepted";
    }
    return "the type of a key that may sign operations";
}

} // namespace detail

inline auto public_key::parse(std::string_view blob, std::size_t offset) -> tl::expected<public_key, bad_field>
{
    auto in = wire_reader{blob, offset};
    const auto type = in.string("key type");
    const auto material = detail::read_material(type, in);
    in.require(material.has_value(), "key type", offset, detail::what_instead_of(type), detail::name_or_size(type));
    return std::move(in).finish("public key", public_key{blob, type, material.value_or(ed25519_key{})});
}

} // namespace felhom::authz
