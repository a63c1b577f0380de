// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/ascii.hpp>
#include <felhom/core/parse_error.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <compare>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace felhom::host_tools {

/// A text that keeps a rule, and so can stand in an argument list without being taken for an option.
template <typename Rule>
class checked_text {
public:
    [[nodiscard]] static auto parse(std::string_view text) -> tl::expected<checked_text, parse_error>
    {
        if (!Rule::accepts(text)) {
            return tl::unexpected(parse_error{
                .what = std::string{Rule::what}, .rule = std::string{Rule::rule}, .got = std::string{text}});
        }
        return checked_text{std::string{text}};
    }

    [[nodiscard]] auto text() const -> const std::string& { return text_; }

    friend auto operator<=>(const checked_text&, const checked_text&) = default;

private:
    explicit checked_text(std::string text) : text_{std::move(text)} {}

    std::string text_;
};

/// Begins with a letter or digit and goes on with those and the characters of `more`.
[[nodiscard]] inline auto is_word(std::string_view text, std::string_view more, std::size_t longest) -> bool
{
    const auto legal = [&](char c) { return ascii::is_alphanumeric(c) || more.find(c) != std::string_view::npos; };
    return !text.empty() && text.size() <= longest && ascii::is_alphanumeric(text.front())
           && std::ranges::all_of(text, legal);
}

} // namespace felhom::host_tools
