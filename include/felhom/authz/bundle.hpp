#pragma once

#include <felhom/authz/canonical_json.hpp>
#include <felhom/core/json_cursor.hpp>
#include <felhom/core/json_error.hpp>
#include <felhom/core/strict_json.hpp>

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
    const auto lift = [](auto e) { return json_error{std::move(e)}; };
    const auto document = parse_strict_json(text, limits);
    if (!document) {
        return tl::unexpected(lift(document.error()));
    }
    const auto root = json_cursor::root(*document);
    const auto part = [&](std::string_view key) {
        return root.require(key).and_then([](const json_cursor& c) { return c.string(); });
    };
    const auto blob = part("operation");
    if (!blob) {
        return tl::unexpected(lift(blob.error()));
    }
    const auto armor = part("signature");
    if (!armor) {
        return tl::unexpected(lift(armor.error()));
    }
    return bundle{.blob = std::string{*blob}, .armor = std::string{*armor}};
}

} // namespace felhom::authz
