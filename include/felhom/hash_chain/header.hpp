// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/json/strict.hpp>
#include <felhom/core/parse_error.hpp>
#include <felhom/hash_chain/frame.hpp>
#include <felhom/hash_chain/head.hpp>
#include <felhom/hash_chain/limits.hpp>
#include <felhom/hash_chain/refusal.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace felhom::hash_chain {

/// What a log is for, so that one kind is never read as another: "replay", "journal".
class log_kind {
public:
    static constexpr std::size_t longest = 32;

    [[nodiscard]] static auto parse(std::string_view text) -> tl::expected<log_kind, parse_error>
    {
        const auto legal = [](char c) { return ascii::is_lower(c) || c == '-'; };
        if (text.empty() || text.size() > longest || !std::ranges::all_of(text, legal)) {
            return tl::unexpected(parse_error{
                .what = "log kind", .rule = "1 to 32 lower-case letters and hyphens", .got = std::string{text}});
        }
        return log_kind{std::string{text}};
    }

    [[nodiscard]] auto text() const -> const std::string& { return text_; }

    friend auto operator==(const log_kind&, const log_kind&) -> bool = default;

private:
    explicit log_kind(std::string text) : text_{std::move(text)} {}

    std::string text_;
};

/// The first line of a log. A log that was rotated goes on counting and linking where the file before it ended.
struct log_header {
    log_kind kind;
    head follows;

    friend auto operator==(const log_header&, const log_header&) -> bool = default;
};

/// The header's line, without its newline.
[[nodiscard]] inline auto encode(const log_header& header) -> std::string
{
    auto text = R"({"format":"felhom-log","version":)" + std::to_string(format_version) + R"(,"kind":")"
                + header.kind.text() + R"(","follows":")" + to_text(header.follows) + '"';
    const auto crc = checksum(text);
    text.append(R"(,"crc":")").append(crc.data(), crc.size()).append("\"}");
    return text;
}

/// Reads a header's line. A version above ours is told from damage, whatever else its header holds.
[[nodiscard]] inline auto parse_header(std::string_view line) -> tl::expected<log_header, refusal>
{
    const auto no_header = [](std::string reason) {
        return tl::unexpected<refusal>(damaged{.offset = 0, .reason = std::move(reason)});
    };
    const auto document = parse_strict_json(line, json_limits{.bytes = longest_header});
    const auto* const object = document ? document->if_object() : nullptr;
    const auto member = [&](std::string_view key) { return object == nullptr ? nullptr : object->if_contains(key); };
    const auto text = [&](std::string_view key) {
        const auto* const value = member(key);
        const auto* const string = value == nullptr ? nullptr : value->if_string();
        return string == nullptr ? std::string_view{} : std::string_view{*string};
    };
    if (text("format") != "felhom-log") {
        return no_header("the first line is not the header of a felhom log");
    }
    const auto* const version = member("version");
    const auto* const number = version == nullptr ? nullptr : version->if_int64();
    if (number != nullptr && *number > static_cast<std::int64_t>(format_version)) {
        return tl::unexpected<refusal>(
            newer_version{.found = static_cast<std::uint64_t>(*number), .supported = format_version});
    }
    const auto kind = log_kind::parse(text("kind"));
    const auto follows = parse_head(text("follows"));
    if (!kind || !follows) {
        return no_header("the header lacks its kind or the head that it follows");
    }
    // Our own encoding is the only spelling, which checks the version and the checksum as well.
    auto header = log_header{.kind = *kind, .follows = *follows};
    if (encode(header) != line) {
        return no_header("the header's checksum or spelling is wrong");
    }
    return header;
}

} // namespace felhom::hash_chain
