// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/hub/report/sourced.hpp>
#include <felhom/proxmox/errors/error.hpp>
#include <felhom/proxmox/model/partial_list.hpp>
#include <felhom/proxmox/model/permissions.hpp>
#include <felhom/reconcile/privileges/needed_privileges.hpp>

#include <tl/expected.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace felhom::hub {

/// Why a list may lack something: Proxmox VE leaves out what the token may not see, and does not say so.
[[nodiscard]] inline auto why_left_out(const std::vector<reconcile::needed_privilege>& needed,
                                       const tl::expected<proxmox::permissions, source_error>& granted)
    -> std::optional<source_error>
{
    if (!granted) {
        return source_error{granted.error().what,
                            "whether the API token is shown all of it is not known: " + granted.error().detail};
    }
    auto lacking = std::string{};
    for (const auto& one : reconcile::missing_of(needed, *granted)) {
        lacking += (lacking.empty() ? "" : " and ") + one.privilege + " on " + one.path;
    }
    return lacking.empty()
               ? std::nullopt
               : std::optional{source_error{source_error::kind::denied,
                                            "the API token lacks " + lacking + ": what it may not see is left out"}};
}

/// The same of a list of which some rows are not understood.
[[nodiscard]] inline auto why_left_out(const std::vector<proxmox::odd_row>& odd) -> std::optional<source_error>
{
    if (odd.empty()) {
        return std::nullopt;
    }
    auto first = odd.front().why;
    return source_error{source_error::kind::unreadable,
                        (odd.size() == 1 ? std::string{"a row"} : std::to_string(odd.size()) + " rows")
                            + " of the list is left out, since it is not understood: " + proxmox::describe(first)};
}

/// A list, and why there may be more in it.
template <typename Row>
struct told_list {
    observed<std::vector<Row>> rows;
    std::optional<source_error> left_out;
};

/// The rows that are understood. What is not takes them from nobody.
template <typename Row>
[[nodiscard]] auto told(observed<proxmox::partial_list<Row>> seen, std::optional<source_error> not_shown)
    -> told_list<Row>
{
    auto odd = seen.result ? why_left_out(seen.result->odd) : std::nullopt;
    return {
        .rows = {.at = seen.at, .result = std::move(seen.result).map([](auto list) { return std::move(list.rows); })},
        .left_out = odd ? std::move(odd) : std::move(not_shown)};
}

} // namespace felhom::hub
