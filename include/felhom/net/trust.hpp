// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/overloaded.hpp>
#include <felhom/net/fingerprint.hpp>

#include <optional>
#include <string>
#include <variant>

namespace felhom::net {

/// Trust whatever these certificate authorities have signed, for the endpoint's host name. Their certificates are held,
/// not named: a file could be another one by the time that it is used.
struct authorities {
    std::string pem;

    friend auto operator==(const authorities&, const authorities&) -> bool = default;
};

/// Trust what the system's certificate authorities have signed, for the endpoint's host name: for a public certificate,
/// and when nothing was configured.
struct system_roots {
    friend auto operator==(const system_roots&, const system_roots&) -> bool = default;
};

/// Trust whoever answers.
struct insecure_skip_verify {
    friend auto operator==(const insecure_skip_verify&, const insecure_skip_verify&) -> bool = default;
};

/// How a server proves that it is the one meant. A fingerprint names one leaf certificate: neither its chain, nor its
/// host name, nor its dates matter then.
using trust = std::variant<fingerprint, authorities, system_roots, insecure_skip_verify>;

/// What the operator must be told at every start about a trust that protects nothing.
[[nodiscard]] inline auto warning(const trust& chosen) -> std::optional<std::string>
{
    using shown = std::optional<std::string>;
    return std::visit(overloaded{
                          [](const fingerprint&) -> shown { return std::nullopt; },
                          [](const authorities&) -> shown { return std::nullopt; },
                          [](const system_roots&) -> shown { return std::nullopt; },
                          [](const insecure_skip_verify&) -> shown {
                              return "insecure_skip_verify is set: the server's certificate is not checked, anyone on "
                                     "the path can read the token and take the server's place";
                          },
                      },
                      chosen);
}

} // namespace felhom::net
