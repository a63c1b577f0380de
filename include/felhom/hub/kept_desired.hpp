#pragma once

#include <felhom/core/json_cursor.hpp>
#include <felhom/core/json_error.hpp>
#include <felhom/core/json_text.hpp>
#include <felhom/core/parse_error.hpp>
#include <felhom/core/sha256.hpp>
#include <felhom/hub/document.hpp>
#include <felhom/net/etag.hpp>

#include <boost/json/object.hpp>
#include <tl/expected.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace felhom::hub {

/// A desired state as it came from the hub, and the name that the hub gave to this version of it. Both are kept in one
/// file: a name beside another text would keep the text from ever being fetched again.
struct desired_document {
    std::string text;
    std::optional<net::etag> tag = std::nullopt;

    friend auto operator==(const desired_document&, const desired_document&) -> bool = default;
};

namespace detail {

[[nodiscard]] inline auto read_etag(const json_cursor& at) -> tl::expected<std::optional<net::etag>, json_type_error>
{
    if (at.is_null()) {
        return std::nullopt;
    }
    return at.string().and_then([&](std::string_view text) {
        return net::etag::parse(text)
            .map([](net::etag tag) { return std::optional{std::move(tag)}; })
            .map_error([&](const parse_error& why) { return at.fail(why.rule); });
    });
}

} // namespace detail

/// What the hub is asked with: send it unless it is still this one.
[[nodiscard]] inline auto if_none_match(const std::optional<desired_document>& kept) -> std::optional<net::etag>
{
    return kept ? kept->tag : std::nullopt;
}

/// The text under which it is kept: a line about the document, then the document. Nothing when OpenSSL gives no digest.
[[nodiscard]] inline auto print_kept_desired(const desired_document& kept) -> std::optional<std::string>
{
    const auto content = sha256(kept.text);
    if (!content) {
        return std::nullopt;
    }
    return json_text(boost::json::object{
               {"version", 1},
               {"sha256", to_hex(*content)},
               {"etag", kept.tag ? boost::json::value(kept.tag->text()) : boost::json::value(nullptr)},
           })
           + kept.text;
}

/// Reads it back. A document that is not the one that the line is about was damaged, and is refused.
[[nodiscard]] inline auto parse_kept_desired(std::string_view text) -> tl::expected<desired_document, json_error>
{
    using result = tl::expected<desired_document, json_type_error>;
    const auto line = text.substr(0, text.find('\n'));
    const auto document = text.substr(line.size() == text.size() ? line.size() : line.size() + 1);
    return detail::read_document(line, {}, [&](const json_cursor& root) -> result {
        const auto version = detail::require_version(root, 1);
        if (!version) {
            return tl::unexpected(version.error());
        }
        const auto at = root.require("sha256");
        const auto content = at.and_then(detail::read_digest);
        if (!content) {
            return tl::unexpected(content.error());
        }
        if (sha256(document) != *content) {
            return tl::unexpected(at->fail("the digest of what follows this line"));
        }
        const auto tag = root.require("etag").and_then(detail::read_etag);
        if (!tag) {
            return tl::unexpected(tag.error());
        }
        return desired_document{.text = std::string{document}, .tag = *tag};
    });
}

} // namespace felhom::hub
