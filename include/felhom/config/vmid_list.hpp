#pragma once

#include <felhom/core/json_cursor.hpp>
#include <felhom/core/json_error.hpp>
#include <felhom/core/vmid.hpp>

#include <range/v3/action/sort.hpp>
#include <range/v3/action/unique.hpp>
#include <tl/expected.hpp>

#include <string>
#include <utility>
#include <vector>

namespace felhom::config {

/// Reads a JSON array of vmids, sorted, each once. The first error ends it.
[[nodiscard]] inline auto read_vmids(const json_cursor& at) -> tl::expected<std::vector<vmid>, json_type_error>
{
    const auto elements = at.elements();
    if (!elements) {
        return tl::unexpected(at.fail("an array of vmids"));
    }
    auto all = std::vector<vmid>{};
    for (const auto& element : *elements) {
        const auto number = element.integer(vmid::least, vmid::greatest);
        if (!number) {
            return tl::unexpected(number.error());
        }
        if (const auto id = vmid::from_number(*number)) {
            all.push_back(*id);
        }
    }
    return std::move(all) | ranges::actions::sort | ranges::actions::unique;
}

/// "[101, 102]".
[[nodiscard]] inline auto shown(const std::vector<vmid>& ids) -> std::string
{
    auto text = std::string{};
    for (const auto id : ids) {
        text += (text.empty() ? "" : ", ") + id.text();
    }
    return "[" + text + "]";
}

} // namespace felhom::config
