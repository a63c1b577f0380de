// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/decimal.hpp>
#include <felhom/core/json/node.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/proxmox/lxc/config_key.hpp>
#include <felhom/proxmox/lxc/node_facts.hpp>
#include <felhom/proxmox/lxc/property_form.hpp>
#include <felhom/reconcile/desired/desired_error.hpp>

#include <boost/json/value.hpp>
#include <tl/expected.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace felhom::reconcile {

namespace detail {

[[nodiscard]] inline auto read_desired_boolean(const json_node& at) -> tl::expected<std::string, json_type_error>
{
    if (const auto flag = exact_json::flag(at.value())) {
        return *flag ? "1" : "0";
    }
    if (const auto number = at.integer<int>(0, 1)) { // as PVE itself spells booleans
        return std::to_string(*number);
    }
    return tl::unexpected(at.fail("true or false"));
}

[[nodiscard]] inline auto read_desired_number(const json_node& at, const lxc::number& range)
    -> tl::expected<std::string, json_type_error>
{
    const auto number = at.figure();
    if (!number || *number < static_cast<double>(range.least) || *number > static_cast<double>(range.greatest)) {
        return tl::unexpected(
            at.fail("a number from " + std::to_string(range.least) + " to " + std::to_string(range.greatest)));
    }
    auto text = std::string{};
    append_plain_decimal(*number, text);
    return text;
}

/// "tty, console or shell".
[[nodiscard]] inline auto any_of(std::span<const std::string_view> words) -> std::string
{
    auto text = std::string{words.front()};
    for (const auto word : words.subspan(1)) {
        text += word == words.back() ? " or " : ", ";
        text += word;
    }
    return text;
}

/// What a value of a key is, to be read after "expected".
[[nodiscard]] inline auto expected_of(const lxc::config_key& key) -> std::string
{
    if (!key.desired.expected.empty()) {
        return std::string{key.desired.expected};
    }
    return std::visit(overloaded{
                          [](const lxc::boolean&) { return std::string{"true or false"}; },
                          [](const lxc::integer& range) {
                              return "an integer from " + std::to_string(range.least) + " to "
                                     + std::to_string(range.greatest);
                          },
                          [](const lxc::number&) { return std::string{"a number with at most 17 decimals"}; },
                          [](const lxc::one_of& choice) { return any_of(choice.words); },
                          [](const lxc::text&) { return std::string{"a text"}; },
                          [](const lxc::property_string&) { return std::string{"NAME=value separated by commas"}; },
                      },
                      key.admits);
}

/// A member as the text of a form.
[[nodiscard]] inline auto form_text_of(const json_node& at, const lxc::config_key& key)
    -> tl::expected<std::string, json_type_error>
{
    const auto refused = [&](const json_type_error&) { return at.fail(expected_of(key)); };
    const auto as_text = [&] {
        return at.text().map([](std::string_view text) { return std::string{text}; }).map_error(refused);
    };
    return std::visit(overloaded{
                          [&](const lxc::boolean&) { return read_desired_boolean(at); },
                          [&](const lxc::integer& range) {
                              return at.integer(range.least, range.greatest)
                                  .map([](std::int64_t n) { return std::to_string(n); })
                                  .map_error(refused);
                          },
                          [&](const lxc::number& range) { return read_desired_number(at, range); },
                          [&](const lxc::one_of&) { return as_text(); },
                          [&](const lxc::text&) { return as_text(); },
                          [&](const lxc::property_string&) { return as_text(); },
                      },
                      key.admits);
}

/// Whether a text is as good as empty. Properties say something also where each is as by default.
[[nodiscard]] inline auto says_nothing(std::string_view text, const lxc::config_key& key) -> bool
{
    if (lxc::format_of(key) != nullptr) {
        const auto properties = lxc::properties_of(text);
        return properties && properties->empty();
    }
    auto meaning = std::string{};
    lxc::normalize(key, text, lxc::node_facts{}, meaning);
    return text.empty() || meaning.empty();
}

} // namespace detail

/// The value that a JSON member gives to a key, as the text of a form; nothing for null, which unsets the key.
[[nodiscard]] inline auto read_desired_value(const json_node& at, const lxc::config_key& key)
    -> tl::expected<std::optional<std::string>, desired_error>
{
    if (key.managed == lxc::management::pve) {
        return tl::unexpected<desired_error>(not_settable{.path = at.path()});
    }
    if (at.is_null()) {
        if (!key.deletable && key.managed == lxc::management::planned) {
            return tl::unexpected<desired_error>(not_removable{.path = at.path()});
        }
        return std::nullopt;
    }
    auto text = detail::form_text_of(at, key);
    if (!text) {
        return tl::unexpected<desired_error>(std::move(text).error());
    }
    if (detail::says_nothing(*text, key)) {
        return tl::unexpected<desired_error>(empty_value{.path = at.path()});
    }
    if (!admits(key.admits, *text) || !key.desired.accepts(*text)) {
        return tl::unexpected<desired_error>(at.fail(detail::expected_of(key)));
    }
    return std::optional{*std::move(text)};
}

} // namespace felhom::reconcile
