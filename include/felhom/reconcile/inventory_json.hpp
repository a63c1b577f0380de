#pragma once

#include <felhom/core/json_cursor.hpp>
#include <felhom/core/json_error.hpp>
#include <felhom/core/strict_json.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/reconcile/inventory.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <tl/expected.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace felhom::reconcile {

/// The text under which an inventory is kept between two passes.
[[nodiscard]] inline auto print_inventory(const inventory& guests) -> std::string
{
    auto numbers = boost::json::array{};
    for (const auto id : guests) {
        numbers.push_back(id.number());
    }
    return boost::json::serialize(boost::json::object{{"version", 1}, {"guests", std::move(numbers)}}) + "\n";
}

[[nodiscard]] inline auto parse_inventory(std::string_view text) -> tl::expected<inventory, json_error>
{
    const auto document = parse_strict_json(text, {.integers_only = true});
    if (!document) {
        return tl::unexpected<json_error>(document.error());
    }
    const auto root = json_cursor::root(*document);
    const auto version =
        root.require("version").and_then([](const json_cursor& at) { return at.integer<std::uint32_t>(1, 1); });
    if (!version) {
        return tl::unexpected<json_error>(version.error());
    }
    const auto elements = root.require("guests").and_then(&json_cursor::elements);
    if (!elements) {
        return tl::unexpected<json_error>(elements.error());
    }
    auto guests = inventory{};
    for (const auto& element : *elements) {
        const auto id = element.integer(vmid::least, vmid::greatest);
        if (!id) {
            return tl::unexpected<json_error>(id.error());
        }
        guests.push_back(*vmid::from_number(*id));
    }
    std::ranges::sort(guests);
    return guests;
}

} // namespace felhom::reconcile
