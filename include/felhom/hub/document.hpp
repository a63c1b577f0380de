#pragma once

#include <felhom/core/instant.hpp>
#include <felhom/core/json_cursor.hpp>
#include <felhom/core/json_error.hpp>
#include <felhom/core/parse_error.hpp>
#include <felhom/core/sha256.hpp>
#include <felhom/core/strict_json.hpp>

#include <tl/expected.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

// What the readers of the hub's documents, and of what is kept of them on disk, have in common.
namespace felhom::hub::detail {

/// Reads a document that must be strict JSON.
template <typename Read>
[[nodiscard]] auto read_document(std::string_view text, const json_limits& limits, Read read)
    -> tl::expected<typename decltype(read(std::declval<const json_cursor&>()))::value_type, json_error>
{
    const auto document = parse_strict_json(text, limits);
    if (!document) {
        return tl::unexpected<json_error>(document.error());
    }
    return read(json_cursor::root(*document)).map_error([](json_type_error why) { return json_error{std::move(why)}; });
}

[[nodiscard]] inline auto read_flag(const json_cursor& at) -> tl::expected<bool, json_type_error>
{
    return at.boolean();
}

[[nodiscard]] inline auto read_text(const json_cursor& at) -> tl::expected<std::string_view, json_type_error>
{
    return at.string();
}

[[nodiscard]] inline auto read_instant(const json_cursor& at) -> tl::expected<instant, json_type_error>
{
    return at.string().and_then([&](std::string_view text) {
        return parse_instant(text).map_error([&](const parse_error& why) { return at.fail(why.rule); });
    });
}

[[nodiscard]] inline auto read_digest(const json_cursor& at) -> tl::expected<sha256_digest, json_type_error>
{
    return at.string().and_then([&](std::string_view text) -> tl::expected<sha256_digest, json_type_error> {
        const auto value = digest_from_hex(text);
        if (!value) {
            return tl::unexpected(at.fail("64 lower-case hex digits"));
        }
        return *value;
    });
}

/// The version of a text that this program wrote itself.
[[nodiscard]] inline auto require_version(const json_cursor& root, std::uint32_t version)
    -> tl::expected<std::uint32_t, json_type_error>
{
    return root.require("version").and_then(
        [&](const json_cursor& at) { return at.integer<std::uint32_t>(version, version); });
}

/// The schema that a document of the hub must name.
[[nodiscard]] inline auto require_schema(const json_cursor& root, std::string_view schema)
    -> tl::expected<std::string_view, json_type_error>
{
    return root.require("schema").and_then(
        [&](const json_cursor& at) -> tl::expected<std::string_view, json_type_error> {
            auto named = at.string();
            if (!named || *named != schema) {
                return tl::unexpected(at.fail('"' + std::string{schema} + '"'));
            }
            return named;
        });
}

} // namespace felhom::hub::detail
