// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/json/error.hpp>
#include <felhom/core/json/node.hpp>
#include <felhom/core/vmid.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace felhom {

[[nodiscard]] inline auto read_vmid(const json_node& at) -> tl::expected<vmid, json_type_error>
{
    return at.integer(vmid::least, vmid::greatest).map([](auto number) { return *vmid::from_number(number); });
}

/// Reads an array of vmids, sorted; one may stand in it twice.
[[nodiscard]] inline auto read_vmids(const json_node& at) -> tl::expected<std::vector<vmid>, json_type_error>
{
    if (at.if_array() == nullptr) {
        return tl::unexpected(at.fail("an array of vmids"));
    }
    return read_each(at, read_vmid).map([](std::vector<vmid> ids) {
        std::ranges::sort(ids);
        return ids;
    });
}

} // namespace felhom
