#pragma once

#include <felhom/core/decimal.hpp>
#include <felhom/core/json_cursor.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/reconcile/desired_error.hpp>
#include <felhom/reconcile/key_rule.hpp>
#include <felhom/reconcile/node_facts.hpp>

#include <boost/json/value.hpp>
#include <tl/expected.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace felhom::reconcile {

namespace detail {

[[nodiscard]] inline auto read_desired_boolean(const json_cursor& at) -> tl::expected<std::string, json_type_error>
{
    if (const auto* const flag = at.value().if_bool()) {
        return *flag ? "1" : "0";
    }
    if (const auto number = at.integer<int>(0, 1)) { // as PVE itself spells booleans
        return std::to_string(*number);
    }
    return tl::unexpected(at.fail("true or false"));
}

[[nodiscard]] inline auto read_desired_number(const json_cursor& at, const number_value& range)
    -> tl::expected<std::string, json_type_error>
{
    auto ec = boost::system::error_code{};
    const auto number = at.value().to_number<double>(ec);
    if (ec || !at.value().is_number() || number < range.least || number > range.greatest) {
        auto rule = std::string{"a number from "};
        append_plain_decimal(range.least, rule);
        rule += " to ";
        append_plain_decimal(range.greatest, rule);
        return tl::unexpected(at.fail(std::move(rule)));
    }
    auto text = std::string{};
    append_plain_decimal(number, text);
    return text;
}

[[nodiscard]] inline auto read_desired_text(const json_cursor& at, const text_check& check)
    -> tl::expected<std::string, json_type_error>
{
    const auto text = at.string();
    if (!text) {
        return tl::unexpected(at.fail(std::string{check.rule}));
    }
    if (!check.accepts(*text)) {
        return tl::unexpected(at.fail(std::string{check.rule}));
    }
    return std::string{*text};
}

/// What a value of a key is, to be read after "expected".
[[nodiscard]] inline auto expected_of(const key_rule& rule) -> std::string
{
    return std::visit(overloaded{
                          [](const boolean_value&) { return std::string{"true or false"}; },
                          [](const integer_value& range) {
                              return "an integer from " + std::to_string(range.least) + " to "
                                     + std::to_string(range.greatest);
                          },
                          [](const number_value&) { return std::string{"a number with at most 17 decimals"}; },
                          [](const text_value& free) { return std::string{free.check.rule}; },
                      },
                      rule.type);
}

/// Whether a call would carry the value, of a key that the plan may write. What is only compared, never written, need
/// not be what a call admits.
[[nodiscard]] inline auto can_be_written(std::string_view text, std::string_view key, const key_rule& rule) -> bool
{
    switch (rule.managed) {
    case management::planned:
    case management::planned_up:
    case management::nesting_only:
        break;
    case management::root_only:
    case management::immutable:
    case management::storage:
    case management::pve:
        return true;
    }
    const auto* const parameter = parameter_of(rule, key);
    return parameter != nullptr && proxmox::admits(*parameter, text);
}

} // namespace detail

/// The value that a JSON member gives to a key, as the text of a form; nothing for null, which unsets the key.
[[nodiscard]] inline auto read_desired_value(const json_cursor& at, std::string_view key, const key_rule& rule)
    -> tl::expected<std::optional<std::string>, desired_error>
{
    if (rule.managed == management::pve) {
        return tl::unexpected<desired_error>(not_settable{.path = at.path()});
    }
    if (at.is_null()) {
        if (!rule.deletable && rule.managed == management::planned) {
            return tl::unexpected<desired_error>(not_removable{.path = at.path()});
        }
        return std::nullopt;
    }
    auto text = std::visit(
        overloaded{
            [&](const boolean_value&) { return detail::read_desired_boolean(at); },
            [&](const integer_value& range) {
                return at.integer(range.least, range.greatest).map([](std::int64_t n) { return std::to_string(n); });
            },
            [&](const number_value& range) { return detail::read_desired_number(at, range); },
            [&](const text_value& free) { return detail::read_desired_text(at, free.check); },
        },
        rule.type);
    if (!text) {
        return tl::unexpected<desired_error>(std::move(text).error());
    }
    auto meaning = std::string{};
    rule.normalize(*text, node_facts{}, meaning);
    if (meaning.empty() && rule.managed != management::nesting_only) { // features with every flag off mean something
        return tl::unexpected<desired_error>(empty_value{.path = at.path()});
    }
    if (!detail::can_be_written(*text, key, rule)) {
        return tl::unexpected<desired_error>(at.fail(detail::expected_of(rule)));
    }
    return std::optional{*std::move(text)};
}

} // namespace felhom::reconcile
