// SPDX-License-Identifier: Apache-2.0
#include "io/files/file_error.hpp"

#include <felhom/core/may_pass.hpp>
#include <felhom/core/overloaded.hpp>

#include <system_error>

namespace felhom::io {

auto describe(const file_error& error) -> std::string
{
    return std::visit(
        overloaded{
            [](const file_missing& e) { return e.path + " does not exist"; },
            [](const file_refused& e) { return felhom::describe(e.flaw, e.path); },
            [](const file_too_large& e) {
                return e.path + " is longer than " + std::to_string(e.limit) + " bytes, the most that is read";
            },
            [](const file_failed& e) {
                return "cannot " + e.doing + " " + e.path + ": " + std::generic_category().message(e.error);
            },
        },
        error);
}

auto may_pass(const file_error& error) -> bool
{
    const auto* const refused = std::get_if<file_failed>(&error);
    return refused != nullptr && felhom::may_pass(static_cast<std::errc>(refused->error));
}

} // namespace felhom::io
