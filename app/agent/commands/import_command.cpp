// SPDX-License-Identifier: Apache-2.0
#include "agent/commands/import_command.hpp"

#include "io/files/private_file.hpp"

#include <felhom/core/contains.hpp>
#include <felhom/core/printable.hpp>
#include <felhom/operate/procedures/read_guests.hpp>
#include <felhom/present/pass_text.hpp>
#include <felhom/proxmox/lxc/key_table.hpp>
#include <felhom/reconcile/desired/import_desired.hpp>

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace felhom::agent {

namespace {

/// One of the names that no row of the table has.
[[nodiscard]] auto unknown_key(const std::vector<std::string>& keys, const lxc::key_table& table)
    -> std::optional<std::string>
{
    const auto rules = table.rules();
    const auto is_unknown = [&](const std::string& key) {
        return table.find(key) == nullptr && std::ranges::find(rules, std::string_view{key}, [](const auto* rule) {
                                                 return rule->key;
                                             }) == rules.end();
    };
    const auto found = std::ranges::find_if(keys, is_unknown);
    return found == keys.end() ? std::nullopt : std::optional{*found};
}

[[nodiscard]] auto write(const std::string& path, bool replaces, const std::string& text, const console& to)
    -> exit_code
{
    auto error = std::error_code{};
    const auto there = std::filesystem::symlink_status(path, error).type();
    if (there == std::filesystem::file_type::none) {
        return fail(printable(path) + " cannot be written by this user: " + error.message()
                        + "; without --out the document goes to standard output",
                    to);
    }
    if (there != std::filesystem::file_type::not_found && !replaces) {
        return fail(printable(path) + " is there already: --force replaces it", to, exit_code::refused);
    }
    const auto written = io::write_private_file_atomically(path, text);
    return written ? exit_code::success : fail(describe(written.error()), to);
}

} // namespace

auto run_import(const node_session& node, const import_request& asked, const console& to) -> exit_code
{
    const auto table = lxc::key_table::standard();
    if (const auto unknown = unknown_key(asked.keys, table)) {
        return fail("unknown configuration key '" + printable(*unknown) + "'", to, exit_code::usage);
    }
    const auto actual = run(node.in, operate::read_guests(node.node, asked.guests));
    if (!actual) {
        return fail(present::describe(actual.error(), node.token), to, present::exit_code_of(actual.error()));
    }
    for (const auto id : asked.guests) {
        if (!contains(actual->guests, id, &reconcile::actual_guest::id)
            && !contains(actual->odd, id, &reconcile::odd_guest::id)) {
            return fail("guest " + id.text() + " is no container of this node, or hidden from the API token (VM.Audit)",
                        to);
        }
    }
    const auto imported = reconcile::import_desired(*actual, asked.keys, table);
    auto code = exit_code::success;
    for (const auto& left : imported.left) {
        to.err << "note: guest " << left.id.text() << (left.key.empty() ? "" : ": " + left.key)
               << " is left out: " << printable_joined(left.why, 500) << "\n";
        code = left.key.empty() ? exit_code::error : code;
    }
    const auto text = print(imported);
    if (!asked.out) {
        to.out << text;
        return code;
    }
    const auto written = write(*asked.out, asked.replaces, text, to);
    return written == exit_code::success ? code : written;
}

} // namespace felhom::agent
