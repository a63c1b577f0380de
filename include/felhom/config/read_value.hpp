// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/config/error.hpp>
#include <felhom/config/object_text.hpp>
#include <felhom/config/setting.hpp>
#include <felhom/config/signer_entry.hpp>
#include <felhom/config/vmid_list.hpp>
#include <felhom/core/decimal.hpp>
#include <felhom/core/json/node.hpp>
#include <felhom/core/json/strict.hpp>
#include <felhom/core/json/vmids.hpp>
#include <felhom/core/json/writer.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/core/printable.hpp>
#include <felhom/core/secret.hpp>

#include <range/v3/action/unique.hpp>
#include <tl/expected.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace felhom::config {

/// A value of the kind its setting has.
using value =
    std::variant<std::string, std::int64_t, bool, secret, std::vector<signer_entry>, std::vector<vmid>, object_text>;

namespace detail {

/// A wrong value as its error shows it.
[[nodiscard]] inline auto shown_wrong(const setting& of, std::string_view text) -> std::string
{
    return of.what == kind::secret || of.hides_wrong ? std::string{not_shown} : std::string{text};
}

[[nodiscard]] inline auto quoted(std::string_view text) -> std::string
{
    static constexpr auto longest = std::size_t{60};
    return "\"" + printable(text, longest) + "\"";
}

[[nodiscard]] inline auto is_choice(std::string_view choices, std::string_view text) -> bool
{
    while (!choices.empty()) {
        const auto one = choices.substr(0, choices.find('|'));
        if (one == text) {
            return true;
        }
        choices.remove_prefix(std::min(one.size() + 1, choices.size()));
    }
    return false;
}

[[nodiscard]] inline auto spoken(std::string_view choices) -> std::string
{
    auto text = std::string{"one of "};
    for (const auto c : choices) {
        text += c == '|' ? std::string{", "} : std::string{c};
    }
    return text;
}

[[nodiscard]] inline auto spoken_range(const setting& of) -> std::string
{
    return "an integer from " + std::to_string(of.least) + " to " + std::to_string(of.greatest);
}

[[nodiscard]] inline auto read_text(const setting& of, origin from, std::string_view text)
    -> tl::expected<value, config_error>
{
    const auto refused = [&](std::string expected) {
        return tl::unexpected<config_error>(bad_value{.path = std::string{of.path},
                                                      .from = from,
                                                      .expected = std::move(expected),
                                                      .got = shown_wrong(of, quoted(text))});
    };
    if (of.what == kind::choice && !is_choice(of.choices, text)) {
        return refused(spoken(of.choices));
    }
    if (of.broken_rule_of != nullptr) {
        if (auto expected = of.broken_rule_of(text)) {
            return refused(*std::move(expected));
        }
    }
    return of.what == kind::secret ? value{secret{std::string{text}}} : value{std::string{text}};
}

/// The path of something in the document as the user knows it: without the root's "$.".
[[nodiscard]] inline auto below(std::string_view root, std::string_view path) -> std::string
{
    path.remove_prefix(std::min<std::size_t>(root.empty() ? 2 : 1, path.size()));
    return std::string{root} + std::string{path};
}

/// An error within a list as one of the setting that it is.
[[nodiscard]] inline auto error_below(std::string_view root, origin from, const json_error& why) -> config_error
{
    return std::visit(overloaded{
                          [](const json_syntax_error& e) -> config_error { return bad_document{e}; },
                          [&](const json_type_error& e) -> config_error {
                              return bad_value{
                                  .path = below(root, e.path), .from = from, .expected = e.expected, .got = e.got};
                          },
                          [&](const json_unknown_member& e) -> config_error {
                              return unknown_name{.name = below(root, e.path), .from = from, .nearest = e.nearest};
                          },
                      },
                      why);
}

[[nodiscard]] inline auto read_signer_list(std::string_view root, origin from, const json_node& at)
    -> tl::expected<value, config_error>
{
    return read_signers(at)
        .map([](std::vector<signer_entry> signers) { return value{std::move(signers)}; })
        .map_error([&](const json_error& why) { return error_below(root, from, why); });
}

[[nodiscard]] inline auto read_vmid_list(std::string_view root, origin from, const json_node& at)
    -> tl::expected<value, config_error>
{
    return read_vmids(at)
        .map([](std::vector<vmid> ids) { return value{std::move(ids) | ranges::actions::unique}; })
        .map_error([&](const json_type_error& why) { return error_below(root, from, why); });
}

} // namespace detail

/// Reads a setting's value out of the configuration file.
[[nodiscard]] inline auto read_json(const setting& of, const json_node& at) -> tl::expected<value, config_error>
{
    const auto refused = [&](const json_type_error& e) -> config_error {
        return bad_value{.path = std::string{of.path},
                         .from = origin::file,
                         .expected = e.expected,
                         .got = detail::shown_wrong(of, e.got)};
    };
    switch (of.what) {
    case kind::number:
        return at.integer(of.least, of.greatest).map([](std::int64_t n) { return value{n}; }).map_error(refused);
    case kind::flag:
        return at.flag().map([](bool flag) { return value{flag}; }).map_error(refused);
    case kind::signers:
        return detail::read_signer_list("", origin::file, at);
    case kind::vmids:
        return detail::read_vmid_list("", origin::file, at);
    case kind::object:
        return at.object()
            .map([](const boost::json::object* object) { return value{object_text{print_json(*object)}}; })
            .map_error(refused);
    case kind::text:
    case kind::choice:
    case kind::secret:
        break;
    }
    return at.text().map_error(refused).and_then(
        [&](std::string_view text) { return detail::read_text(of, origin::file, text); });
}

/// Reads a setting's value out of a text: an environment variable, or the default in the table.
[[nodiscard]] inline auto read_variable(const setting& of, origin from, std::string_view text)
    -> tl::expected<value, config_error>
{
    const auto refused = [&](std::string expected) {
        return tl::unexpected<config_error>(bad_value{
            .path = std::string{of.path}, .from = from, .expected = std::move(expected), .got = detail::quoted(text)});
    };
    switch (of.what) {
    case kind::number: {
        const auto number = parse_decimal<std::int64_t>(text);
        if (!number || *number < of.least || *number > of.greatest) {
            return refused(detail::spoken_range(of));
        }
        return value{*number};
    }
    case kind::flag:
        return text == "true" || text == "false" ? tl::expected<value, config_error>{text == "true"}
                                                 : refused("true or false");
    case kind::signers: {
        const auto document = parse_strict_json(text, {.integers_only = true});
        return document ? detail::read_signer_list(of.path, from, json_node::root(*document))
                        : refused("a JSON array of signers");
    }
    case kind::vmids: {
        const auto document = parse_strict_json(text, {.integers_only = true});
        return document ? detail::read_vmid_list(of.path, from, json_node::root(*document))
                        : refused("a JSON array of vmids");
    }
    case kind::object: {
        const auto document = parse_strict_json(text, {.integers_only = true});
        return document && document->is_object() ? tl::expected<value, config_error>{object_text{std::string{text}}}
                                                 : refused("a JSON object");
    }
    case kind::text:
    case kind::choice:
    case kind::secret:
        break;
    }
    return detail::read_text(of, from, text);
}

} // namespace felhom::config
