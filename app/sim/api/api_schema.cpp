// SPDX-License-Identifier: Apache-2.0
#include "sim/api/api_schema.hpp"

#include "sim/api/schema_text.hpp"
#include "sim/api/text.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace felhom::sim {

namespace json = boost::json;

namespace {

auto text_at(const json::object& object, std::string_view key) -> std::string
{
    const auto* const value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string{value->get_string()} : std::string{};
}

auto flag_at(const json::object& object, std::string_view key) -> bool
{
    const auto* const value = object.if_contains(key);
    return value != nullptr && value->is_int64() && value->get_int64() != 0;
}

auto number_at(const json::object& object, std::string_view key) -> std::optional<double>
{
    const auto* const value = object.if_contains(key);
    if (value == nullptr || !value->is_number()) {
        return std::nullopt;
    }
    return value->to_number<double>();
}

auto length_at(const json::object& object, std::string_view key) -> std::optional<std::size_t>
{
    const auto number = number_at(object, key);
    return number ? std::optional{static_cast<std::size_t>(*number)} : std::nullopt;
}

/// ECMAScript for a Perl pattern: Perl prints a group with its own flags as "(?^:…)", and ECMAScript has no "\0".
auto translated(std::string pattern) -> std::regex
{
    for (auto at = pattern.find("(?^:"); at != std::string::npos; at = pattern.find("(?^:", at)) {
        pattern.erase(at + 2, 1);
    }
    return std::regex{pattern, std::regex::ECMAScript | std::regex::optimize};
}

auto kind_of(std::string_view type) -> parameter_schema::kind
{
    using kind = parameter_schema::kind;
    static const auto kinds = std::map<std::string_view, kind>{
        {"integer", kind::integer}, {"number", kind::number}, {"boolean", kind::boolean}, {"array", kind::array}};
    const auto found = kinds.find(type);
    return found == kinds.end() ? kind::text : found->second;
}

auto read_parameter(const json::object& object) -> parameter_schema
{
    auto read = parameter_schema{
        .type = kind_of(text_at(object, "type")),
        .optional = flag_at(object, "optional"),
        .is_default_key = flag_at(object, "default_key"),
        .required_with = text_at(object, "requires"),
        .minimum = number_at(object, "minimum"),
        .maximum = number_at(object, "maximum"),
        .longest = length_at(object, "maxLength"),
        .shortest = length_at(object, "minLength"),
        .choices = {},
        .pattern = std::nullopt,
        .format = text_at(object, "format"),
        .properties = {},
    };
    if (const auto* const choices = object.if_contains("enum"); choices != nullptr) {
        for (const auto& choice : choices->as_array()) {
            read.choices.emplace_back(choice.as_string());
        }
    }
    if (object.contains("pattern")) {
        read.pattern = translated(text_at(object, "pattern"));
    }
    if (const auto* const format = object.if_contains("format"); format != nullptr && format->is_object()) {
        for (const auto& property : format->get_object()) {
            read.properties.push_back({property.key(), read_parameter(property.value().as_object())});
        }
    }
    return read;
}

/// ["perm", path, [privileges], "any", 1], or ["or", check, check].
auto read_checks(const json::array& check) -> std::vector<needed_privileges>
{
    if (check.front().as_string() == "or") {
        auto all = std::vector<needed_privileges>{};
        for (auto at = std::size_t{1}; at < check.size(); ++at) {
            for (auto& one : read_checks(check[at].as_array())) {
                all.push_back(std::move(one));
            }
        }
        return all;
    }
    auto needed =
        needed_privileges{.path = std::string{check[1].as_string()}, .privileges = {}, .any = check.size() > 3};
    for (const auto& privilege : check[2].as_array()) {
        needed.privileges.emplace_back(privilege.as_string());
    }
    return {std::move(needed)};
}

auto read_endpoint(const json::object& object) -> endpoint
{
    auto read = endpoint{
        .method = text_at(object, "method"),
        .path = text_at(object, "path"),
        .segments = split(text_at(object, "path"), "/"),
        .is_protected = flag_at(object, "protected"),
        .allows_token = !object.contains("allowtoken") || flag_at(object, "allowtoken"),
        .checks = {},
        .parameters = {},
    };
    if (const auto* const permissions = object.if_contains("permissions"); permissions != nullptr) {
        const auto* const table = permissions->if_object();
        const auto* const check = table != nullptr ? table->if_contains("check") : nullptr;
        if (check != nullptr) {
            read.checks = read_checks(check->as_array());
        }
    }
    const auto* const parameters = object.if_contains("parameters");
    const auto* const properties =
        parameters != nullptr && parameters->is_object() ? parameters->get_object().if_contains("properties") : nullptr;
    if (properties != nullptr) {
        for (const auto& property : properties->as_object()) {
            read.parameters.properties.emplace(property.key(), read_parameter(property.value().as_object()));
        }
    }
    return read;
}

auto is_variable(std::string_view segment) -> bool
{
    return segment.starts_with('{');
}

} // namespace

auto parameter_table::find(std::string_view key) const -> const parameter_schema*
{
    if (const auto exact = properties.find(key); exact != properties.end()) {
        return &exact->second;
    }
    const auto digits = key.find_last_not_of("0123456789") + 1;
    const auto index = key.substr(digits);
    if (digits == 0 || index.empty() || index.size() > 3 || (index.size() > 1 && index.front() == '0')) {
        return nullptr;
    }
    const auto stem = key.substr(0, digits);
    const auto highest = stem == "net" ? 31 : 255;
    const auto indexed = properties.find(std::string{stem} + "[n]");
    return indexed != properties.end() && number_of(index) <= highest ? &indexed->second : nullptr;
}

api_schema::api_schema(const std::vector<std::string_view>& documents)
{
    for (const auto document : documents) {
        const auto parsed = json::parse({document.data(), document.size()});
        for (const auto& object : parsed.as_object().at("endpoints").as_array()) {
            endpoints_.push_back(read_endpoint(object.as_object()));
        }
    }
    config_keys_ = find("PUT", {"nodes", "n", "lxc", "1", "config"})->parameters;
    for (const auto* const not_stored : {"node", "vmid", "delete", "revert", "digest"}) {
        config_keys_.properties.erase(not_stored);
    }
}

auto api_schema::of(pve_version version) -> const api_schema&
{
    static const auto v8 = api_schema{{schema_text::pve_8, schema_text::further}};
    static const auto v9 = api_schema{{schema_text::pve_9, schema_text::further}};
    return version == pve_version::v8 ? v8 : v9;
}

auto api_schema::find(std::string_view method, const std::vector<std::string>& segments) const -> const endpoint*
{
    const auto fits = [&](const endpoint& candidate) {
        if (candidate.method != method || candidate.segments.size() != segments.size()) {
            return false;
        }
        for (auto at = std::size_t{0}; at < segments.size(); ++at) {
            if (!is_variable(candidate.segments[at]) && candidate.segments[at] != segments[at]) {
                return false;
            }
        }
        return true;
    };
    const endpoint* best = nullptr;
    for (const auto& candidate : endpoints_) {
        if (fits(candidate)
            && (best == nullptr || std::ranges::count(candidate.path, '{') < std::ranges::count(best->path, '{'))) {
            best = &candidate;
        }
    }
    return best;
}

} // namespace felhom::sim
