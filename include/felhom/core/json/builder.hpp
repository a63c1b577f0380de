// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/json/error.hpp>
#include <felhom/core/json/value_limit.hpp>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/storage_ptr.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_stack.hpp>
#include <tl/expected.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace felhom::detail {

/// A Boost.JSON handler that builds a document by the rules of its reader. They are told of every key and of every
/// number that is no 64-bit integer, which they push themselves, and answer why it is refused; an empty text: it is
/// not. Values are counted as they are read, so that a document of too many is refused before it takes their memory.
template <typename Rules>
class json_builder {
public:
    static constexpr std::size_t max_object_size = most_json_elements;
    static constexpr std::size_t max_array_size = most_json_elements;
    static constexpr std::size_t max_key_size = std::size_t{1} << 16U;
    static constexpr std::size_t max_string_size = std::size_t{1} << 26U;

    using code = boost::system::error_code;

    json_builder(Rules rules, std::size_t most_values, boost::json::storage_ptr storage)
        : rules_{std::move(rules)}, values_left_{most_values}, storage_{std::move(storage)},
          stack_{{}, scratch_.data(), scratch_.size()}
    {
    }

    [[nodiscard]] auto reason() const -> const std::string& { return reason_; }
    [[nodiscard]] auto has_too_many_values() const -> bool { return has_too_many_values_; }
    [[nodiscard]] auto release() -> boost::json::value { return stack_.release(); }

    auto on_document_begin(code& /*ec*/) -> bool
    {
        stack_.reset(storage_);
        return true;
    }
    static auto on_document_end(code& /*ec*/) -> bool { return true; }
    auto on_object_begin(code& ec) -> bool
    {
        rules_.begin_object();
        return count(ec);
    }
    auto on_object_end(std::size_t count, code& /*ec*/) -> bool
    {
        rules_.end_object();
        stack_.push_object(count);
        return true;
    }
    auto on_array_begin(code& ec) -> bool { return count(ec); }
    auto on_array_end(std::size_t count, code& /*ec*/) -> bool
    {
        stack_.push_array(count);
        return true;
    }
    auto on_key_part(std::string_view part, std::size_t /*n*/, code& /*ec*/) -> bool
    {
        rules_.key_part(part);
        stack_.push_chars(part);
        return true;
    }
    auto on_key(std::string_view part, std::size_t /*n*/, code& ec) -> bool
    {
        stack_.push_key(part);
        return accept(rules_.key(part), ec);
    }
    auto on_string_part(std::string_view part, std::size_t /*n*/, code& /*ec*/) -> bool
    {
        stack_.push_chars(part);
        return true;
    }
    auto on_string(std::string_view part, std::size_t /*n*/, code& ec) -> bool
    {
        stack_.push_string(part);
        return count(ec);
    }
    auto on_number_part(std::string_view part, code& /*ec*/) -> bool
    {
        number_ += part;
        return true;
    }
    auto on_int64(std::int64_t number, std::string_view /*text*/, code& ec) -> bool
    {
        number_.clear();
        stack_.push_int64(number);
        return count(ec);
    }
    auto on_uint64(std::uint64_t number, std::string_view /*text*/, code& ec) -> bool
    {
        number_.clear();
        stack_.push_uint64(number);
        return count(ec);
    }
    auto on_double(double rounded, std::string_view last_part, code& ec) -> bool
    {
        number_ += last_part;
        const auto text = std::exchange(number_, {});
        return accept(rules_.push_number(text, rounded, stack_), ec) && count(ec);
    }
    auto on_bool(bool value, code& ec) -> bool
    {
        stack_.push_bool(value);
        return count(ec);
    }
    auto on_null(code& ec) -> bool
    {
        stack_.push_null();
        return count(ec);
    }
    static auto on_comment_part(std::string_view /*part*/, code& /*ec*/) -> bool { return true; }
    static auto on_comment(std::string_view /*part*/, code& /*ec*/) -> bool { return true; }

private:
    auto count(code& ec) -> bool
    {
        if (values_left_ > 0) {
            --values_left_;
            return true;
        }
        has_too_many_values_ = true;
        ec = boost::json::error::exception;
        return false;
    }

    auto accept(std::string why_not, code& ec) -> bool
    {
        if (why_not.empty()) {
            return true;
        }
        reason_ = std::move(why_not);
        ec = boost::json::error::syntax;
        return false;
    }

    Rules rules_;
    std::size_t values_left_;
    bool has_too_many_values_ = false;
    boost::json::storage_ptr storage_;
    std::array<unsigned char, 1024> scratch_{};
    boost::json::value_stack stack_;
    std::string number_;
    std::string reason_;
};

/// Which limit a reader met; empty: none.
template <typename Rules>
[[nodiscard]] auto limit_met(const json_builder<Rules>& by, const boost::system::error_code& ec,
                             const json_value_limit& values, std::size_t bytes) -> std::string
{
    if (by.has_too_many_values()) {
        return too_many_values(values, bytes);
    }
    if (ec == boost::json::error::array_too_large) {
        return too_many_elements("elements in one array");
    }
    return ec == boost::json::error::object_too_large ? too_many_elements("members in one object") : std::string{};
}

/// Reads one JSON document, and nothing behind it, by the rules of its reader.
template <typename Rules>
[[nodiscard]] auto parse_json(std::string_view text, Rules rules, const json_value_limit& values,
                              const boost::json::parse_options& options, boost::json::storage_ptr storage)
    -> tl::expected<boost::json::value, json_syntax_error>
{
    auto parser = boost::json::basic_parser<json_builder<Rules>>{options, std::move(rules), values.most_in(text.size()),
                                                                 std::move(storage)};
    auto ec = boost::system::error_code{};
    const auto used = parser.write_some(/*more=*/false, text.data(), text.size(), ec);
    if (ec) {
        if (auto limit = limit_met(parser.handler(), ec, values, text.size()); !limit.empty()) {
            return tl::unexpected(json_syntax_error{.offset = used, .reason = std::move(limit), .beyond_limit = true});
        }
        const auto& reason = parser.handler().reason();
        return tl::unexpected(json_syntax_error{.offset = used, .reason = reason.empty() ? ec.message() : reason});
    }
    if (used < text.size()) {
        return tl::unexpected(json_syntax_error{.offset = used, .reason = "text after the end of the document"});
    }
    return parser.handler().release();
}

} // namespace felhom::detail
