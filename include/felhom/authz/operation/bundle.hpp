// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/operation/canonical_json.hpp>
#include <felhom/core/json/document.hpp>
#include <felhom/core/json/error.hpp>
#include <felhom/core/json/object_reader.hpp>

#include <boost/json/object.hpp>
#include <tl/expected.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace felhom::authz {

/// An operation's bytes and the signature over them, as they travel in one file.
struct bundle {
    std::string blob;
    std::string armor;

    friend auto operator==(const bundle&, const bundle&) -> bool = default;
};

/// In bytes; a longer one is none.
inline constexpr auto longest_bundle = std::size_t{4} << 20U;

/// The text of a bundle.
[[nodiscard]] inline auto write_bundle(const bundle& both) -> tl::expected<std::string, json_type_error>
{
    return canonical_json(boost::json::object{{"operation", both.blob}, {"signature", both.armor}})
        .map([](const std::string& text) { return text + "\n"; });
}

/// Reads a bundle. Its parts are not looked into: that is for the pipeline.
[[nodiscard]] inline auto parse_bundle(std::string_view text) -> tl::expected<bundle, json_error>
{
    static constexpr auto limits = json_limits{.bytes = longest_bundle};
    return read_json(text, limits, [](const json_node& root) {
        auto in = object_reader{root};
        auto both = bundle{.blob = in.text("operation"), .armor = in.text("signature")};
        return std::move(in).finish(std::move(both));
    });
}

} // namespace felhom::authz
