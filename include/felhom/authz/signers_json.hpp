#pragma once

#include <felhom/authz/error.hpp>
#include <felhom/authz/signer_settings_json.hpp>
#include <felhom/authz/signers.hpp>
#include <felhom/core/json_cursor.hpp>
#include <felhom/core/strict_json.hpp>

#include <tl/expected.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace felhom::authz {

/// Why a file of signers was refused.
using signers_file_error = std::variant<json_syntax_error, json_type_error, unknown_signer_member, signers_error>;

[[nodiscard]] inline auto describe(const signers_file_error& e) -> std::string
{
    return std::visit(
        overloaded{
            [](const json_syntax_error& j) { return describe(json_error{j}); },
            [](const json_type_error& j) { return describe(json_error{j}); },
            [](const unknown_signer_member& u) {
                return u.path + ": no such member" + (u.nearest.empty() ? "" : "; did you mean " + u.nearest + "?");
            },
            [](const signers_error& s) { return "signer " + std::to_string(s.index) + ": " + describe(s.what); },
        },
        e);
}

/// Reads a file of signers, a JSON array, and imports their keys. All of it is in order, or none of it counts. Members
/// such as a name are the author's notes.
[[nodiscard]] inline auto parse_signers_file(std::string_view text) -> tl::expected<signers, signers_file_error>
{
    const auto lift = [](auto e) { return signers_file_error{std::move(e)}; };
    const auto document = parse_strict_json(text, json_limits{});
    if (!document) {
        return tl::unexpected(lift(document.error()));
    }
    return read_signer_list(json_cursor::root(*document), other_members::notes)
        .map_error([&](const signer_settings_error& e) { return std::visit(lift, e); })
        .and_then(
            [&](const std::vector<signer_settings>& configured) { return signers::load(configured).map_error(lift); });
}

} // namespace felhom::authz
