// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/parse.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

namespace felhom {

namespace detail {

/// The string token that begins at `at`, quotes included.
[[nodiscard]] inline auto string_token(std::string_view text, std::size_t at) -> std::string_view
{
    auto end = at + 1;
    while (end < text.size() && text[end] != '"') {
        end += text[end] == '\\' ? std::size_t{2} : std::size_t{1};
    }
    return text.substr(at, end + 1 - at);
}

/// Whether a string token says this, however it is spelled.
[[nodiscard]] inline auto says(std::string_view token, std::string_view what) -> bool
{
    if (token.find('\\') == std::string_view::npos) {
        return token.size() == what.size() + 2 && token.substr(1, what.size()) == what;
    }
    auto ec = boost::system::error_code{};
    const auto decoded = boost::json::parse(token, ec);
    const auto* const string = decoded.if_string();
    return string != nullptr && std::string_view{*string} == what;
}

} // namespace detail

/// Where the text of a JSON object, which must be valid, names this member of it. The same word in a value, or in an
/// object within, is passed over.
[[nodiscard]] inline auto offset_of_member(std::string_view text, std::string_view key) -> std::optional<std::size_t>
{
    auto depth = 0;
    for (auto at = std::size_t{0}; at < text.size(); ++at) {
        switch (text[at]) {
        case '{':
        case '[':
            ++depth;
            break;
        case '}':
        case ']':
            --depth;
            break;
        case '"': {
            const auto token = detail::string_token(text, at);
            const auto behind = text.find_first_not_of(" \t\r\n", at + token.size());
            const auto names_member = behind != std::string_view::npos && text[behind] == ':';
            if (depth == 1 && names_member && detail::says(token, key)) {
                return at;
            }
            at += token.size() - 1;
            break;
        }
        default:
            break;
        }
    }
    return std::nullopt;
}

} // namespace felhom
