// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/decimal.hpp>
#include <felhom/core/json/builder.hpp>
#include <felhom/core/json/error.hpp>
#include <felhom/core/json/value_limit.hpp>
#include <felhom/core/key_set.hpp>
#include <felhom/core/printable.hpp>

#include <boost/json/storage_ptr.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_stack.hpp>
#include <tl/expected.hpp>

#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom {

/// What a strict document may hold.
struct json_limits {
    std::size_t bytes = std::size_t{1} << 20U;
    json_value_limit values = {};
    std::size_t depth = 16;
    bool integers_only = false;  ///< refuse every number with a fraction, an exponent, or beyond 64 bits
    bool exact_integers = false; ///< refuse every integer beyond 64 bits, which would be rounded
    bool lenient = false;        ///< take bytes that are no UTF-8, and infinity for a number beyond all range
};

namespace detail {

/// The rules of a document in which no object repeats a key, and every double is the nearest to its text. Boost.JSON
/// 1.81's own parser is often off by one unit in the last place.
class strict_rules {
public:
    explicit strict_rules(const json_limits& limits) : limits_{limits} { keys_.reserve(usual_depth); }

    void begin_object()
    {
        if (open_objects_ == keys_.size()) {
            keys_.emplace_back();
        }
        keys_[open_objects_++].clear();
    }
    void end_object() { --open_objects_; }
    void key_part(std::string_view part) { key_ += part; }
    [[nodiscard]] auto key(std::string_view part) -> std::string
    {
        key_ += part;
        auto key = std::exchange(key_, {});
        return keys_[open_objects_ - 1].insert(key) ? std::string{}
                                                    : "key \"" + printable(key) + "\" is given twice in one object";
    }

    [[nodiscard]] auto push_number(std::string_view text, double number, boost::json::value_stack& onto) const
        -> std::string
    {
        if (limits_.integers_only) {
            return "only integers of up to 64 bits are allowed";
        }
        if (limits_.exact_integers && text.find_first_of(".eE") == std::string_view::npos) {
            return "the integer does not fit 64 bits";
        }
        number = parse_decimal<double>(text).value_or(number);
        // 1e400 is infinity to Boost.JSON.
        if (!limits_.lenient && !std::isfinite(number)) {
            return "the number is out of range";
        }
        onto.push_double(number);
        return {};
    }

private:
    static constexpr auto usual_depth = std::size_t{4};

    json_limits limits_;
    std::vector<key_set> keys_; ///< one a depth, used again and again
    std::size_t open_objects_ = 0;
    std::string key_;
};

} // namespace detail

namespace detail {

/// What makes a text no JSON before its first character is read; empty where nothing does (RFC 8259 section 8.1). Some
/// editors and shells write a byte order mark, or UTF-16.
[[nodiscard]] constexpr auto foreign_encoding(std::string_view text) -> std::string_view
{
    using namespace std::string_view_literals;
    if (text.starts_with("\xEF\xBB\xBF")) {
        return "it begins with a UTF-8 byte order mark, which JSON must not";
    }
    const auto is_utf16 = text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF") || text.starts_with("{\0"sv)
                          || text.starts_with("\0{"sv);
    return is_utf16 ? "it is UTF-16, and not UTF-8" : std::string_view{};
}

} // namespace detail

/// Reads a JSON document in which nothing is ambiguous: one value, no repeated key at any depth (also when spelled with
/// escapes), valid UTF-8, bounded depth, size and number of values, finite numbers. Boost.JSON alone accepts several of
/// these silently. The document lives in `storage`, which its copies share.
[[nodiscard]] inline auto parse_strict_json(std::string_view text, const json_limits& limits,
                                            boost::json::storage_ptr storage = {})
    -> tl::expected<boost::json::value, json_syntax_error>
{
    if (text.size() > limits.bytes) {
        return tl::unexpected(
            json_syntax_error{.offset = limits.bytes,
                              .reason = "longer than the limit of " + std::to_string(limits.bytes) + " bytes",
                              .beyond_limit = true});
    }
    if (const auto encoding = detail::foreign_encoding(text); !encoding.empty()) {
        return tl::unexpected(json_syntax_error{.offset = 0, .reason = std::string{encoding}});
    }
    auto options = boost::json::parse_options{};
    options.max_depth = limits.depth;
    options.allow_invalid_utf8 = limits.lenient;
    return detail::parse_json(text, detail::strict_rules{limits}, limits.values, options, std::move(storage));
}

} // namespace felhom
