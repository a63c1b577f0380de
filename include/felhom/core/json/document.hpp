// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/json/error.hpp>
#include <felhom/core/json/node.hpp>
#include <felhom/core/json/strict.hpp>

#include <tl/expected.hpp>

#include <string_view>
#include <type_traits>
#include <utility>

namespace felhom {

/// Reads a document that must be strict JSON: what `read` makes of its root.
template <typename Read>
[[nodiscard]] auto read_json(std::string_view text, const json_limits& limits, Read read)
    -> tl::expected<typename std::invoke_result_t<Read&, const json_node&>::value_type, json_error>
{
    const auto document = parse_strict_json(text, limits);
    if (!document) {
        return tl::unexpected<json_error>(document.error());
    }
    return read(json_node::root(*document)).map_error([](auto why) { return json_error{std::move(why)}; });
}

} // namespace felhom
