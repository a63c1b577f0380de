// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/operation/canonical_json.hpp>
#include <felhom/core/json/error.hpp>
#include <felhom/core/json/strict.hpp>

#include <boost/json/value.hpp>
#include <tl/expected.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace felhom::authz {

/// The canonical text of a JSON text in which nothing is ambiguous.
[[nodiscard]] inline auto canonicalize(std::string_view text, const json_limits& limits)
    -> tl::expected<std::string, json_error>
{
    const auto lift = [](auto e) { return json_error{std::move(e)}; };
    return parse_strict_json(text, limits).map_error(lift).and_then([&](const boost::json::value& value) {
        return canonical_json(value).map_error(lift);
    });
}

} // namespace felhom::authz
