// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/error.hpp>
#include <felhom/authz/signers/signer_settings_json.hpp>
#include <felhom/authz/signers/signers.hpp>
#include <felhom/core/json/document.hpp>
#include <felhom/core/json/error.hpp>

#include <tl/expected.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace felhom::authz {

/// Why a file of signers was refused.
using signers_file_error = std::variant<json_error, signers_error>;

[[nodiscard]] inline auto describe(const signers_file_error& e) -> std::string
{
    return std::visit(
        overloaded{
            [](const json_error& j) { return felhom::describe(j); },
            [](const signers_error& s) { return "signer " + std::to_string(s.index) + ": " + describe(s.what); },
        },
        e);
}

/// Reads a file of signers, a JSON array, and imports their keys. All of it is in order, or none of it counts. Members
/// such as a name are the author's notes.
[[nodiscard]] inline auto parse_signers_file(std::string_view text) -> tl::expected<signers, signers_file_error>
{
    const auto lift = [](auto e) { return signers_file_error{std::move(e)}; };
    return read_json(text, {}, [](const json_node& root) { return read_signer_list(root, other_members::notes); })
        .map_error(lift)
        .and_then(
            [&](const std::vector<signer_settings>& configured) { return signers::load(configured).map_error(lift); });
}

} // namespace felhom::authz
