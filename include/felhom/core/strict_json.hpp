#pragma once

#include <felhom/core/decimal.hpp>
#include <felhom/core/json_error.hpp>
#include <felhom/core/key_set.hpp>
#include <felhom/core/printable.hpp>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/storage_ptr.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_stack.hpp>
#include <tl/expected.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom {

/// What a strict document may hold.
struct json_limits {
    std::size_t bytes = std::size_t{1} << 20U;
    std::size_t depth = 16;
    bool integers_only = false;  ///< refuse every number with a fraction, an exponent, or beyond 64 bits
    bool exact_integers = false; ///< refuse every integer beyond 64 bits, which would be rounded
};

namespace detail {

/// A Boost.JSON handler that builds a document only if no object in it repeats a key, and with every double the nearest
/// to its text. Boost.JSON 1.81's own parser is often off by one unit in the last place.
class strict_json_handler {
public:
    static constexpr std::size_t max_object_size = std::size_t{1} << 20U;
    static constexpr std::size_t max_array_size = std::size_t{1} << 20U;
    static constexpr std::size_t max_key_size = std::size_t{1} << 16U;
    static constexpr std::size_t max_string_size = std::size_t{1} << 26U;

    using code = boost::system::error_code;

    strict_json_handler(const json_limits& limits, boost::json::storage_ptr storage)
        : limits_{limits}, storage_{std::move(storage)}, stack_{{}, scratch_.data(), scratch_.size()}
    {
    }

    [[nodiscard]] auto reason() const -> const std::string& { return reason_; }
    [[nodiscard]] auto release() -> boost::json::value { return stack_.release(); }

    auto on_document_begin(code& /*ec*/) -> bool
    {
        stack_.reset(storage_);
        keys_.reserve(usual_depth);
        return true;
    }
    static auto on_document_end(code& /*ec*/) -> bool { return true; }
    auto on_object_begin(code& /*ec*/) -> bool
    {
        if (open_objects_ == keys_.size()) {
            keys_.emplace_back();
        }
        keys_[open_objects_++].clear();
        return true;
    }
    auto on_object_end(std::size_t count, code& /*ec*/) -> bool
    {
        --open_objects_;
        stack_.push_object(count);
        return true;
    }
    static auto on_array_begin(code& /*ec*/) -> bool { return true; }
    auto on_array_end(std::size_t count, code& /*ec*/) -> bool
    {
        stack_.push_array(count);
        return true;
    }

    auto on_key_part(std::string_view part, std::size_t /*n*/, code& /*ec*/) -> bool
    {
        key_ += part;
        return true;
    }
    auto on_key(std::string_view part, std::size_t /*n*/, code& ec) -> bool
    {
        key_ += part;
        stack_.push_key(key_);
        auto key = std::exchange(key_, {});
        if (!keys_[open_objects_ - 1].insert(key)) {
            return refuse("key \"" + printable(key) + "\" is given twice in one object", ec);
        }
        return true;
    }
    auto on_string_part(std::string_view part, std::size_t /*n*/, code& /*ec*/) -> bool
    {
        stack_.push_chars(part);
        return true;
    }
    auto on_string(std::string_view part, std::size_t /*n*/, code& /*ec*/) -> bool
    {
        stack_.push_string(part);
        return true;
    }

    auto on_number_part(std::string_view part, code& /*ec*/) -> bool
    {
        number_ += part;
        return true;
    }
    auto on_int64(std::int64_t number, std::string_view /*text*/, code& /*ec*/) -> bool
    {
        number_.clear();
        stack_.push_int64(number);
        return true;
    }
    auto on_uint64(std::uint64_t number, std::string_view /*text*/, code& /*ec*/) -> bool
    {
        number_.clear();
        stack_.push_uint64(number);
        return true;
    }
    auto on_double(double number, std::string_view last_part, code& ec) -> bool
    {
        number_ += last_part;
        const auto text = std::string_view{number_};
        if (limits_.integers_only) {
            return refuse("only integers of up to 64 bits are allowed", ec);
        }
        if (limits_.exact_integers && text.find_first_of(".eE") == std::string_view::npos) {
            return refuse("the integer does not fit 64 bits", ec);
        }
        number = parse_decimal<double>(text).value_or(number);
        number_.clear();
        // 1e400 is infinity to Boost.JSON.
        if (!std::isfinite(number)) {
            return refuse("the number is out of range", ec);
        }
        stack_.push_double(number);
        return true;
    }
    auto on_bool(bool value, code& /*ec*/) -> bool
    {
        stack_.push_bool(value);
        return true;
    }
    auto on_null(code& /*ec*/) -> bool
    {
        stack_.push_null();
        return true;
    }
    static auto on_comment_part(std::string_view /*part*/, code& /*ec*/) -> bool { return true; }
    static auto on_comment(std::string_view /*part*/, code& /*ec*/) -> bool { return true; }

private:
    auto refuse(std::string reason, code& ec) -> bool
    {
        reason_ = std::move(reason);
        ec = boost::json::error::syntax;
        return false;
    }

    static constexpr auto usual_depth = std::size_t{4};

    json_limits limits_;
    boost::json::storage_ptr storage_;
    std::array<unsigned char, 1024> scratch_{};
    boost::json::value_stack stack_;
    std::vector<key_set> keys_; ///< one a depth, used again and again
    std::size_t open_objects_ = 0;
    std::string key_;
    std::string number_;
    std::string reason_;
};

} // namespace detail

/// Reads a JSON document in which nothing is ambiguous: one value, no repeated key at any depth (also when spelled with
/// escapes), valid UTF-8, bounded depth and size, finite numbers. Boost.JSON alone accepts several of these silently.
/// The document lives in `storage`, which its copies share.
[[nodiscard]] inline auto parse_strict_json(std::string_view text, const json_limits& limits,
                                            boost::json::storage_ptr storage = {})
    -> tl::expected<boost::json::value, json_syntax_error>
{
    if (text.size() > limits.bytes) {
        return tl::unexpected(json_syntax_error{
            .offset = limits.bytes, .reason = "longer than the limit of " + std::to_string(limits.bytes) + " bytes"});
    }
    auto options = boost::json::parse_options{};
    options.max_depth = limits.depth;
    auto parser = boost::json::basic_parser<detail::strict_json_handler>{options, limits, std::move(storage)};
    auto ec = boost::system::error_code{};
    const auto used = parser.write_some(/*more=*/false, text.data(), text.size(), ec);
    if (ec) {
        const auto& reason = parser.handler().reason();
        return tl::unexpected(json_syntax_error{.offset = used, .reason = reason.empty() ? ec.message() : reason});
    }
    if (used < text.size()) {
        return tl::unexpected(json_syntax_error{.offset = used, .reason = "text after the end of the document"});
    }
    return parser.handler().release();
}

} // namespace felhom
