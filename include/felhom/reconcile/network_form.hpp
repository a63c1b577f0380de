#pragma once

#include <felhom/core/ascii.hpp>
#include <felhom/reconcile/node_facts.hpp>
#include <felhom/reconcile/normal_form.hpp>

#include <arpa/inet.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Normal forms of network values: addresses compare as addresses, not as texts.
namespace felhom::reconcile {

struct ip_address {
    int family; ///< AF_INET or AF_INET6
    std::array<unsigned char, 16> bytes;

    friend auto operator==(const ip_address&, const ip_address&) -> bool = default;
};

[[nodiscard]] inline auto read_address(std::string_view text) -> std::optional<ip_address>
{
    auto terminated = std::array<char, INET6_ADDRSTRLEN>{};
    if (text.size() >= terminated.size() || text.find('\0') != std::string_view::npos) {
        return std::nullopt;
    }
    text.copy(terminated.data(), text.size());
    auto address = ip_address{.family = text.find(':') == std::string_view::npos ? AF_INET : AF_INET6, .bytes = {}};
    if (::inet_pton(address.family, terminated.data(), address.bytes.data()) != 1) {
        return std::nullopt;
    }
    return address;
}

inline void append_address(const ip_address& address, std::string& out)
{
    auto text = std::array<char, INET6_ADDRSTRLEN>{};
    out += ::inet_ntop(address.family, address.bytes.data(), text.data(), text.size());
}

/// An address; an interface behind a per-cent sign, as link-local name servers have, is kept.
inline void normalize_address(std::string_view text, const node_facts& /*facts*/, std::string& out)
{
    const auto scope = text.find('%');
    if (const auto address = read_address(text.substr(0, scope))) {
        append_address(*address, out);
        if (scope != std::string_view::npos) {
            out += text.substr(scope);
        }
    } else {
        out += text;
    }
}

/// An interface's address: CIDR, or one of the words dhcp, auto and manual. The host part stays: it is the address.
inline void normalize_interface_address(std::string_view text, const node_facts& facts, std::string& out)
{
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) {
        out += text;
        return;
    }
    normalize_address(text.substr(0, slash), facts, out);
    out += '/';
    normalize_integer(text.substr(slash + 1), facts, out);
}

inline void normalize_name_servers(std::string_view text, const node_facts& facts, std::string& out)
{
    auto separator = std::string_view{};
    for (const auto word : split_list(text)) {
        out += separator;
        normalize_address(word, facts, out);
        separator = " ";
    }
}

/// PVE invents MAC addresses in upper case and keeps the case of given ones.
inline void normalize_mac(std::string_view text, const node_facts& /*facts*/, std::string& out)
{
    for (const auto c : text) {
        out += ascii::is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c;
    }
}

} // namespace felhom::reconcile
