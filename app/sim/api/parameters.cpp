// SPDX-License-Identifier: Apache-2.0
#include "sim/api/parameters.hpp"

#include "sim/api/formats.hpp"
#include "sim/api/text.hpp"

#include <felhom/core/ascii.hpp>
#include <felhom/core/contains.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstdlib>
#include <sstream>

namespace felhom::sim {

namespace {

using kind = parameter_schema::kind;

constexpr auto not_defined =
    std::string_view{"property is not defined in schema and the schema does not allow additional properties"};

auto name_of(kind type) -> std::string
{
    switch (type) {
    case kind::text:
        return "string";
    case kind::integer:
        return "integer";
    case kind::number:
        return "number";
    case kind::boolean:
        return "boolean";
    case kind::array:
        return "array";
    }
    return {};
}

auto unsigned_part(std::string_view text) -> std::string_view
{
    return text.starts_with('+') || text.starts_with('-') ? text.substr(1) : text;
}

auto is_integer(std::string_view text) -> bool
{
    return is_decimal(unsigned_part(text));
}

auto is_number(std::string_view text) -> bool
{
    static const auto pattern = std::regex{R"([+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)"};
    return text.size() < 64 && std::regex_match(text.begin(), text.end(), pattern);
}

auto has_type(kind type, std::string_view value) -> bool
{
    switch (type) {
    case kind::text:
    case kind::array:
        return true;
    case kind::integer:
        return is_integer(value);
    case kind::number:
        return is_number(value);
    case kind::boolean:
        return value == "0" || value == "1";
    }
    return false;
}

auto printed(double number) -> std::string
{
    auto out = std::ostringstream{};
    out.precision(15);
    out << number;
    return out.str();
}

auto out_of_bounds(const parameter_schema& schema, std::string_view value) -> std::optional<std::string>
{
    if (schema.longest && characters(value) > *schema.longest) {
        return "value may only be " + std::to_string(*schema.longest) + " characters long";
    }
    if (schema.shortest && characters(value) < *schema.shortest) {
        return "value must be at least " + std::to_string(*schema.shortest) + " characters long";
    }
    if ((!schema.minimum && !schema.maximum) || !is_number(value)) {
        return std::nullopt;
    }
    const auto number = std::strtod(std::string{value}.c_str(), nullptr);
    if (schema.minimum && number < *schema.minimum) {
        return "value must have a minimum value of " + printed(*schema.minimum);
    }
    if (schema.maximum && number > *schema.maximum) {
        return "value must have a maximum value of " + printed(*schema.maximum);
    }
    return std::nullopt;
}

/// In the order of pve-common JSONSchema.pm, check_prop.
auto against(const parameter_schema& schema, std::string_view key, std::string_view value) -> std::optional<std::string>
{
    if (!has_type(schema.type, value)) {
        return "type check ('" + name_of(schema.type) + "') failed - got '" + std::string{value} + "'";
    }
    if (!schema.properties.empty()) {
        if (const auto parsed = parse_property_string(schema, key, value); !parsed) {
            return "invalid format - " + parsed.error();
        }
    }
    if (const auto refused = refused_by_format(schema.format, value); refused && !schema.format.empty()) {
        return "invalid format - " + *refused;
    }
    if (schema.pattern && !std::regex_match(value.begin(), value.end(), *schema.pattern)) {
        return "value does not match the regex pattern";
    }
    if (const auto refused = out_of_bounds(schema, value)) {
        return refused;
    }
    if (!schema.choices.empty() && !contains(schema.choices, value)) {
        return "value '" + std::string{value} + "' does not have a value in the enumeration '"
               + joined(schema.choices, ", ") + "'";
    }
    return std::nullopt;
}

auto against_all(const parameter_schema& schema, std::string_view key, const std::vector<std::string>& values)
    -> std::optional<std::string>
{
    if (schema.type == kind::array) {
        return std::nullopt;
    }
    if (values.size() > 1) {
        // A repeated key reaches the check as a Perl array, which only the list formats take.
        if (schema.format.ends_with("-list")) {
            return against(schema, key, joined(values, ","));
        }
        return "type check ('" + name_of(schema.type) + "') failed - got ARRAY";
    }
    return against(schema, key, values.front());
}

auto as_text(const json::value& value) -> std::string
{
    if (value.is_string()) {
        return std::string{value.get_string()};
    }
    if (value.is_bool()) {
        return value.get_bool() ? "1" : "0";
    }
    return json::serialize(value);
}

auto normal_boolean(std::string value) -> std::string
{
    auto lower = ascii::to_lower(value);
    if (lower == "on" || lower == "yes" || lower == "true" || lower == "1") {
        return "1";
    }
    if (lower == "off" || lower == "no" || lower == "false" || lower == "0") {
        return "0";
    }
    return value;
}

auto find_schema(const parameter_schema& schema, std::string_view key) -> const parameter_schema*
{
    const auto found = std::ranges::find(schema.properties, key, &named_parameter::name);
    return found == schema.properties.end() ? nullptr : &found->schema;
}

auto default_key_of(const parameter_schema& schema) -> std::optional<std::string>
{
    for (const auto& [key, property] : schema.properties) {
        if (property.is_default_key) {
            return key;
        }
    }
    return std::nullopt;
}

using piece = std::pair<std::string, std::string>;

auto parse_piece(const parameter_schema& schema, const std::string& part) -> tl::expected<piece, std::string>
{
    const auto equals = part.find('=');
    if (equals == std::string::npos) {
        const auto key = default_key_of(schema);
        if (!key) {
            return tl::unexpected(std::string{"value without key, but schema does not define a default key\n"});
        }
        return piece{*key, part};
    }
    if (equals == 0 || equals + 1 == part.size()) {
        return tl::unexpected(std::string{"missing key in comma-separated list property\n"});
    }
    auto key = part.substr(0, equals);
    auto value = part.substr(equals + 1);
    const auto* const property = find_schema(schema, key);
    if (property != nullptr && property->type == kind::boolean) {
        value = normal_boolean(std::move(value));
    }
    return piece{std::move(key), std::move(value)};
}

auto errors_of(const parameter_schema& schema, std::string_view path, const property_string& properties) -> std::string
{
    auto text = std::string{};
    const auto add = [&](const std::string& key, const std::string& error) {
        text += std::string{path} + "." + key + ": " + error + "\n";
    };
    for (const auto& [key, property] : schema.properties) {
        if (const auto value = find_property(properties, key)) {
            if (const auto error = against(property, key, *value)) {
                add(key, *error);
            }
        } else if (!property.optional) {
            add(key, "property is missing and it is not optional");
        }
    }
    for (const auto& [key, value] : properties) {
        if (find_schema(schema, key) == nullptr) {
            add(key, std::string{not_defined});
        }
    }
    return text;
}

} // namespace

auto parameters::text(std::string_view key) const -> std::string
{
    const auto found = values_.find(key);
    return found == values_.end() ? std::string{} : joined(found->second, ",");
}

auto parameters::number(std::string_view key, std::int64_t otherwise) const -> std::int64_t
{
    return has(key) ? number_of(text(key)) : otherwise;
}

void decode_form(std::string_view form, parameters& into)
{
    for (const auto& pair : split(form, "&;")) {
        const auto equals = pair.find('=');
        if (equals == std::string::npos) {
            continue;
        }
        const auto value = std::string_view{pair}.substr(equals + 1);
        into.add(percent_decoded(std::string_view{pair}.substr(0, equals), true),
                 percent_decoded(value.substr(0, value.find('=')), true));
    }
}

auto decode_json(std::string_view body, parameters& into) -> tl::expected<void, refusal>
{
    auto ec = boost::system::error_code{};
    const auto document = json::parse({body.data(), body.size()}, ec);
    if (ec) {
        return tl::unexpected(refusal{.status = 500,
                                      .message = "malformed JSON string, neither tag, array, object, number, string or "
                                                 "atom, at character offset "
                                                 + std::to_string(body.size())
                                                 + " (before \"(end of string)\") at "
                                                   "/usr/share/perl5/PVE/APIServer/AnyEvent.pm line 917.\n"});
    }
    const auto* const object = document.if_object();
    if (object == nullptr) {
        return tl::unexpected(
            refusal{.status = 500,
                    .message = "Not a HASH reference at /usr/share/perl5/PVE/APIServer/AnyEvent.pm line 957.\n"});
    }
    for (const auto& [key, value] : *object) {
        if (const auto* const elements = value.if_array()) {
            for (const auto& element : *elements) {
                into.add(std::string{key}, as_text(element));
            }
        } else if (!value.is_null()) {
            into.add(std::string{key}, as_text(value));
        }
    }
    return {};
}

auto verify(const parameter_table& table, const parameters& given) -> parameter_errors
{
    auto errors = parameter_errors{};
    for (const auto& [key, values] : given.values()) {
        const auto* const schema = table.find(key);
        if (schema == nullptr) {
            errors.emplace_back(key, not_defined);
        } else if (auto error = against_all(*schema, key, values)) {
            errors.emplace_back(key, std::move(*error));
        } else if (!schema->required_with.empty() && !given.has(schema->required_with)) {
            errors.emplace_back(schema->required_with, "missing property - '" + key + "' requires this property");
        }
    }
    for (const auto& [key, schema] : table.properties) {
        if (!schema.optional && !given.has(key)) {
            errors.emplace_back(key, "property is missing and it is not optional");
        }
    }
    return errors;
}

auto parse_property_string(const parameter_schema& schema, std::string_view path, std::string_view text)
    -> tl::expected<property_string, std::string>
{
    auto properties = property_string{};
    for (const auto& part : split(text, ",")) {
        if (part.find_first_not_of(" \t\r\n") == std::string::npos) {
            continue;
        }
        auto parsed = parse_piece(schema, part);
        if (!parsed) {
            return tl::unexpected(std::move(parsed.error()));
        }
        if (find_property(properties, parsed->first)) {
            return tl::unexpected("duplicate key in comma-separated list property: " + parsed->first + "\n");
        }
        properties.push_back(std::move(*parsed));
    }
    if (auto errors = errors_of(schema, path, properties); !errors.empty()) {
        return tl::unexpected("format error\n" + errors);
    }
    return properties;
}

auto find_property(const property_string& properties, std::string_view key) -> std::optional<std::string>
{
    const auto found = std::ranges::find(properties, key, [](const auto& p) -> std::string_view { return p.first; });
    return found == properties.end() ? std::nullopt : std::optional{found->second};
}

auto print_property_string(const parameter_schema& schema, const property_string& properties) -> std::string
{
    auto sorted = properties;
    const auto rank = [&](const piece& p) {
        const auto* const property = find_schema(schema, p.first);
        if (property == nullptr || property->optional) {
            return std::pair{property != nullptr && property->is_default_key ? 0 : 2, p.first};
        }
        return std::pair{property->is_default_key ? 0 : 1, p.first};
    };
    std::ranges::sort(sorted, {}, rank);
    auto parts = std::vector<std::string>{};
    for (const auto& [key, value] : sorted) {
        const auto* const property = find_schema(schema, key);
        auto part = property != nullptr && property->is_default_key ? std::string{} : key + "=";
        parts.push_back(part.append(value));
    }
    return joined(parts, ",");
}

} // namespace felhom::sim
