// SPDX-License-Identifier: Apache-2.0
#include "hub/gen.hpp"

#include <felhom/core/json/strict.hpp>
#include <felhom/core/json/writer.hpp>
#include <felhom/core/utf8.hpp>

#include <date/date.h>

#include <bit>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

using namespace felhom;
using namespace felhom::hub;

namespace {

template <typename T>
auto written(const T& value) -> std::string
{
    auto text = std::string{};
    json_writer{text}.value(value);
    return text;
}

} // namespace

TEST_CASE("every text is written as JSON in UTF-8, and reads back with what was no text replaced")
{
    rc::prop("a written text reads back repaired", [] {
        const auto text = *gen::foreign_text();
        const auto document = parse_strict_json(written(text), {});
        RC_ASSERT(document.has_value());
        RC_ASSERT(document->is_string());
        RC_ASSERT(std::string{document->get_string()} == utf8::repaired(text));
    });
}

TEST_CASE("a time is written as the date library writes it, in RFC 3339")
{
    rc::prop("both texts are one", [] {
        const auto time = instant{std::chrono::milliseconds{
            *rc::gen::oneOf(rc::gen::inRange<std::int64_t>(-62'167'219'200'000, 253'500'000'000'000),
                            rc::gen::inRange<std::int64_t>(-10'000'000'000, 4'000'000'000'000),
                            rc::gen::map(rc::gen::inRange<std::int64_t>(-60'000'000'000, 250'000'000'000),
                                         [](std::int64_t seconds) { return seconds * 1000; }))}};
        const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
        const auto text = seconds == time ? date::format("%FT%TZ", seconds) : date::format("%FT%TZ", time);
        RC_ASSERT(to_rfc3339(time) == text);
        RC_ASSERT(written(time) == '"' + text + '"');
    });
}

TEST_CASE("a number reads back as itself, and what JSON has no number for as null")
{
    rc::prop("every double survives", [] {
        const auto number = std::bit_cast<double>(*rc::gen::arbitrary<std::uint64_t>());
        const auto document = parse_strict_json(written(number), {});
        RC_ASSERT(document.has_value());
        if (std::isfinite(number)) {
            RC_ASSERT(document->is_number());
            RC_ASSERT(document->to_number<double>() == number);
        } else {
            RC_ASSERT(document->is_null());
        }
    });
}

TEST_CASE("lists and members are separated by commas, whatever they hold")
{
    rc::prop("a list of lists reads back", [] {
        const auto lists = *rc::gen::container<std::vector<std::vector<std::uint64_t>>>(
            rc::gen::scale(0.2, rc::gen::arbitrary<std::vector<std::uint64_t>>()));
        auto text = std::string{};
        auto out = json_writer{text};
        out.open();
        out.member<"lists">(lists);
        out.member<"count">(lists.size());
        out.close();
        const auto document = parse_strict_json(text, {});
        RC_ASSERT(document.has_value());
        auto expected = boost::json::array{};
        for (const auto& list : lists) {
            expected.push_back(boost::json::array(list.begin(), list.end()));
        }
        // Boost.JSON compares an int64 and a uint64 of one value as equal.
        RC_ASSERT(*document == boost::json::value({{"lists", expected}, {"count", lists.size()}}));
    });
}
