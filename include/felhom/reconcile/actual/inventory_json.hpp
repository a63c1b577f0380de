// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/json/document.hpp>
#include <felhom/core/json/error.hpp>
#include <felhom/core/json/object_reader.hpp>
#include <felhom/core/json/vmids.hpp>
#include <felhom/core/json/writer.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/reconcile/actual/inventory.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <tl/expected.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace felhom::reconcile {

/// The text under which an inventory is kept between two passes.
[[nodiscard]] inline auto print_inventory(const inventory& guests) -> std::string
{
    auto numbers = boost::json::array{};
    for (const auto id : guests) {
        numbers.push_back(id.number());
    }
    return json_text(boost::json::object{{"version", 1}, {"guests", std::move(numbers)}});
}

[[nodiscard]] inline auto parse_inventory(std::string_view text) -> tl::expected<inventory, json_error>
{
    return read_json(text, {.integers_only = true}, [](const json_node& root) {
        auto in = object_reader{root};
        static_cast<void>(in.integer("version", 1, 1));
        auto guests = in.required("guests", read_vmids).value_or(inventory{});
        return std::move(in).finish(std::move(guests));
    });
}

} // namespace felhom::reconcile
