// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/json/error.hpp>
#include <felhom/host_tools/sensor_events.hpp>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/parse_options.hpp>
#include <tl/expected.hpp>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What `sensors -j` prints is not always JSON: behind the adapter of a chip without readings stands a comma, and labels
// are printed as they are (lm-sensors, prog/sensors/main.c and chips.c). So what cannot be read as a whole is read chip
// by chip, then feature by feature, then line by line, so that nothing takes more along than itself.
namespace felhom::host_tools {

namespace detail {

/// A part of the output, and where it begins in that.
struct sensor_text {
    std::string_view text;
    std::size_t at;

    [[nodiscard]] auto from(std::size_t begin) const -> sensor_text
    {
        return {.text = text.substr(begin), .at = at + begin};
    }
    [[nodiscard]] auto until(std::size_t end) const -> sensor_text { return {.text = text.substr(0, end), .at = at}; }
};

inline constexpr auto sensor_blanks = std::string_view{" \t\r\n"};

/// Reads JSON in which a comma may stand behind the last member, and a text may be no UTF-8. With `braces` it is what
/// stands between those of an object.
[[nodiscard]] inline auto read_sensor_json(const sensor_text& of, const sensor_path& within, bool braces)
    -> tl::expected<temperatures_read, json_syntax_error>
{
    auto options = boost::json::parse_options{};
    options.allow_trailing_commas = true;
    options.allow_invalid_utf8 = true;
    options.max_depth = 8;
    auto parser = boost::json::basic_parser<sensor_events>{options, within};
    auto ec = boost::system::error_code{};
    auto used = std::size_t{0};
    if (braces) {
        parser.write_some(/*more=*/true, "{", 1, ec);
    }
    if (!ec) {
        used = parser.write_some(/*more=*/braces, of.text.data(), of.text.size(), ec);
    }
    if (!ec && braces && used == of.text.size()) {
        parser.write_some(/*more=*/false, "}", 1, ec);
    }
    if (ec || used < of.text.size()) {
        return tl::unexpected(json_syntax_error{
            .offset = of.at + used, .reason = ec ? ec.message() : std::string{"text after the end of the document"}});
    }
    return std::move(parser.handler()).read();
}

/// The members of an object as they are printed: each begins on a line of its own, all as far to the right as the
/// first. Of readings, every line is one.
[[nodiscard]] inline auto split_sensor_members(const sensor_text& inside, bool readings) -> std::vector<sensor_text>
{
    auto all = std::vector<sensor_text>{};
    auto indent = std::string_view::npos;
    auto begin = std::string_view::npos;
    for (auto line = std::size_t{0}; line < inside.text.size();) {
        const auto end = std::min(inside.text.find('\n', line), inside.text.size());
        const auto blanks = std::min(inside.text.substr(line, end - line).find_first_not_of(sensor_blanks), end - line);
        const auto first = line + blanks;
        const auto starts = first < end && (readings || inside.text[first] == '"');
        if (starts && (indent == std::string_view::npos || first - line <= indent)) {
            if (begin != std::string_view::npos) {
                all.push_back(inside.until(line).from(begin));
            }
            indent = indent == std::string_view::npos ? first - line : indent;
            begin = line;
        }
        line = end + 1;
    }
    if (begin != std::string_view::npos) {
        all.push_back(inside.from(begin));
    }
    return all;
}

/// A member without the blanks around it, and without the commas behind it.
[[nodiscard]] inline auto trimmed(const sensor_text& member) -> sensor_text
{
    const auto begin = std::min(member.text.find_first_not_of(sensor_blanks), member.text.size());
    const auto last = member.text.find_last_not_of(" \t\r\n,");
    return last == std::string_view::npos || last < begin ? member.until(0) : member.until(last + 1).from(begin);
}

/// What stands between the braces of an object. Of one that is cut off, the last line counts only where it is whole.
[[nodiscard]] inline auto inside_braces(const sensor_text& object) -> sensor_text
{
    const auto whole = object.text.ends_with('}');
    const auto end = whole ? object.text.size() - 1 : object.text.rfind('\n');
    return object.until(end == std::string_view::npos || end < 1 ? 1 : end).from(1);
}

inline void read_sensor_members(const sensor_text& inside, const sensor_path& within, temperatures_read& into);

/// Reads one member; one that is no JSON is told of, or read by its own members.
inline void read_sensor_member(const sensor_text& of, const sensor_path& within, temperatures_read& into)
{
    static constexpr auto feature = std::size_t{2};
    const auto member = trimmed(of);
    auto read = read_sensor_json(member, within, /*braces=*/true);
    if (read) {
        std::ranges::move(read->all, std::back_inserter(into.all));
        std::ranges::move(read->unread, std::back_inserter(into.unread));
        return;
    }
    const auto name_end = member.text.find("\":");
    const auto brace = member.text.find('{');
    const auto opens = name_end != std::string_view::npos && brace != std::string_view::npos && name_end < brace
                       && member.text.find_first_not_of(" \t", name_end + 2) == brace;
    if (within.size() >= feature || !member.text.starts_with('"') || !opens) {
        into.unread.emplace_back(std::move(read).error());
        return;
    }
    auto deeper = within;
    deeper.emplace_back(member.text.substr(1, name_end - 1));
    const auto inside = inside_braces(member.from(brace));
    if (!member.text.ends_with('}')) {
        into.unread.emplace_back(std::move(read).error());
    }
    read_sensor_members(inside, deeper, into);
}

inline void read_sensor_members(const sensor_text& inside, const sensor_path& within, temperatures_read& into)
{
    for (const auto& member : split_sensor_members(inside, /*readings=*/within.size() == 2)) {
        read_sensor_member(member, within, into);
    }
}

} // namespace detail

/// The temperatures in the order of the output; a sensor that gave nothing is left out.
[[nodiscard]] inline auto read_temperatures(std::string_view output) -> temperatures_read
{
    using detail::sensor_text;
    const auto whole = detail::trimmed(sensor_text{.text = output, .at = 0});
    auto read = detail::read_sensor_json(whole, {}, /*braces=*/false);
    if (read) {
        return *std::move(read);
    }
    auto parts = temperatures_read{};
    if (whole.text.starts_with('{')) {
        detail::read_sensor_members(detail::inside_braces(whole), {}, parts);
    }
    if (parts.unread.empty() && (parts.all.empty() || !whole.text.ends_with('}'))) {
        parts.unread.emplace_back(std::move(read).error());
    }
    return parts;
}

} // namespace felhom::host_tools
