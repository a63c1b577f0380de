// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/json/error.hpp>
#include <felhom/core/json/writer.hpp>
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
    const auto line = text.substr(0, text.find('\n'));
    const auto document = text.substr(line.size() == text.size() ? line.size() : line.size() + 1);
    return read_json(line, {}, [&](const json_node& root) {
        auto in = object_reader{root};
        detail::require_version(in, 1);
        const auto content = in.required("sha256", detail::read_digest);
        in.require(content == sha256(document), "sha256", "the digest of what follows this line");
        auto tag = in.required("etag", or_null([](const json_node& at) { return read_parsed(at, net::etag::parse); }));
        return std::move(in).finish(
            desired_document{.text = std::string{document}, .tag = std::move(tag).value_or(std::nullopt)});
    });
}

} // namespace felhom::hub
