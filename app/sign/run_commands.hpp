// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sign/sign_command.hpp"

#include <optional>
#include <string>
#include <vector>

// What felhom-sign does, once its command line is read. Each answers the exit status.
namespace felhom::sign {

struct output_options {
    std::string bundle = "-";
    std::optional<std::string> blob;
    std::optional<std::string> signature;
};

struct sign_arguments {
    std::string verb;
    std::vector<std::string> hosts;
    std::optional<std::string> plan; ///< what the parameters are taken from
    sign_options options;
    output_options outputs;
    bool yes = false;
};

struct bundle_arguments {
    std::string bundle = "-";
    std::optional<std::string> signers;
    std::string key;
    std::string hash = "sha512";
    std::string out = "-";
    bool yes = false;
};

/// For each host an operation, shown, confirmed, signed and written.
[[nodiscard]] auto run_sign(sign_arguments given) -> int;

[[nodiscard]] auto run_show(const bundle_arguments& given) -> int;
[[nodiscard]] auto run_cosign(const bundle_arguments& given) -> int;
[[nodiscard]] auto run_canonicalize(const std::string& path) -> int;

/// Says on standard error what went wrong, and answers the status.
[[nodiscard]] auto complain(const std::string& what, int status) -> int;

inline constexpr auto exit_usage = 64;
inline constexpr auto exit_software = 70;

} // namespace felhom::sign
