// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Proxmox VE's own description of its API, and whether a request keeps to it. Written independently of the core: it
// knows the core's requests only as text, and takes a form apart as Proxmox VE does.
namespace schema {

namespace json = boost::json;

inline auto decode_percent(std::string_view text) -> std::string
{
    auto decoded = std::string{};
    for (auto at = std::size_t{0}; at < text.size(); ++at) {
        if (text[at] == '%' && at + 2 < text.size() + 0 && at + 2 <= text.size() - 1) {
            decoded += static_cast<char>(std::stoi(std::string{text.substr(at + 1, 2)}, nullptr, 16));
            at += 2;
        } else {
            decoded += text[at] == '+' ? ' ' : text[at];
        }
    }
    return decoded;
}

inline auto split(std::string_view text, std::string_view separators) -> std::vector<std::string>
{
    auto parts = std::vector<std::string>{};
    while (true) {
        const auto end = text.find_first_of(separators);
        parts.emplace_back(text.substr(0, end));
        if (end == std::string_view::npos) {
            return parts;
        }
        text.remove_prefix(end + 1);
    }
}

using fields = std::vector<std::pair<std::string, std::string>>;

/// Pairs split at `&` and `;`, each at `=`, of which only the first piece after the key is kept
/// (pve-http-server AnyEvent.pm, decode_urlencoded).
inline auto decode_form(std::string_view form) -> fields
{
    auto decoded = fields{};
    if (form.empty()) {
        return decoded;
    }
    for (const auto& pair : split(form, "&;")) {
        const auto pieces = split(pair, "=");
        decoded.emplace_back(decode_percent(pieces[0]), pieces.size() > 1 ? decode_percent(pieces[1]) : "");
    }
    return decoded;
}

inline auto number(const json::value& value) -> double
{
    return value.to_number<double>();
}

/// Whether the whole text matches. To build an automaton takes far longer than to use it, so each is built once.
inline auto matches(const std::string& text, const std::string& pattern) -> bool
{
    static auto automata = std::map<std::string, std::regex, std::less<>>{};
    auto known = automata.find(pattern);
    if (known == automata.end()) {
        known = automata.emplace(pattern, std::regex{pattern, std::regex::ECMAScript}).first;
    }
    return std::regex_match(text, known->second);
}

inline auto is_dns_name(const std::string& text) -> bool
{
    return matches(text, "([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)(\\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*");
}
inline auto is_ipv4(const std::string& text) -> bool
{
    return matches(text, "((25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)(\\.|$)){4}");
}
inline auto is_ipv6(const std::string& text) -> bool
{
    auto address = in6_addr{};
    return inet_pton(AF_INET6, text.c_str(), &address) == 1 && text.find('\0') == std::string::npos;
}
inline auto has_prefix_length(const std::string& text, int greatest) -> bool
{
    return matches(text, ".*/\\d{1,9}") && std::stoi(text.substr(text.find('/') + 1)) > 7
           && std::stoi(text.substr(text.find('/') + 1)) <= greatest;
}

inline auto all_of_list(const std::string& text, bool (*is_element)(const std::string&)) -> bool
{
    for (const auto& element : split(text, " ,;")) {
        if (!element.empty() && !is_element(element)) {
            return false;
        }
    }
    return true;
}

/// The formats that have a name (pve-common JSONSchema.pm). An unknown one is an error of the test itself.
inline auto has_format(const std::string& name, const std::string& text) -> bool
{
    if (name == "pve-node") {
        return matches(text, "[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?");
    }
    if (name == "pve-vmid" || name == "pve-vmid-list") {
        return matches(text, "[1-9][0-9]{2,8}");
    }
    if (name == "pve-storage-id") {
        return matches(text, "[A-Za-z][A-Za-z0-9_.-]*[A-Za-z0-9]");
    }
    if (name == "pve-configid") {
        return matches(text, "[A-Za-z][A-Za-z0-9_-]+");
    }
    if (name == "pve-configid-list") {
        return all_of_list(text, [](const std::string& id) { return matches(id, "[A-Za-z][A-Za-z0-9_-]+"); });
    }
    if (name == "pve-volume-id") {
        return matches(text, "[A-Za-z][A-Za-z0-9_.-]*[A-Za-z0-9]:[^\\n]+");
    }
    if (name == "pve-lxc-mp-string") {
        const auto names = split(text, "/");
        const auto leads_elsewhere = [](const std::string& part) { return part == "." || part == ".."; };
        return !text.empty() && (names.size() == 1 || std::ranges::none_of(names, leads_elsewhere));
    }
    if (name == "pve-lxc-dev-string") {
        return text.starts_with("/dev/");
    }
    if (name == "disk-size") {
        return matches(text, "\\d+(\\.\\d+)?[KMGT]?");
    }
    if (name == "dns-name") {
        return is_dns_name(text);
    }
    if (name == "dns-name-list") {
        return all_of_list(text, is_dns_name);
    }
    if (name == "ipv4") {
        return is_ipv4(text);
    }
    if (name == "ipv6") {
        return is_ipv6(text);
    }
    if (name == "lxc-ip-with-ll-iface-list") {
        return all_of_list(text, [](const std::string& address) {
            return is_ipv4(address) || is_ipv6(address.substr(0, address.find('%')));
        });
    }
    if (name == "mac-addr") {
        return matches(text, "[0-9a-fA-F][02468aceACE]:([0-9a-fA-F]{2}:){4}[0-9a-fA-F]{2}");
    }
    if (name == "pve-ipv4-config") {
        return matches(text, "dhcp|manual") || (is_ipv4(text.substr(0, text.find('/'))) && has_prefix_length(text, 32));
    }
    if (name == "pve-ipv6-config") {
        return matches(text, "auto|dhcp|manual")
               || (is_ipv6(text.substr(0, text.find('/'))) && has_prefix_length(text, 128));
    }
    if (name == "pve-startup-order") {
        return matches(text, "((order=)?\\d+|up=\\d+|down=\\d+)(,((order=)?\\d+|up=\\d+|down=\\d+))*");
    }
    if (name == "pve-tag-list") {
        return all_of_list(text, [](const std::string& tag) { return matches(tag, "[A-Za-z0-9_][A-Za-z0-9_.+-]*"); });
    }
    if (name == "pve-ct-timezone") {
        return matches(text, "[A-Za-z][A-Za-z0-9_+/-]*"); // the names in zone.tab
    }
    if (name == "pve-storage-content") {
        return matches(text, "[a-z]+");
    }
    throw std::logic_error{"no test knows the format " + name};
}

/// A Perl pattern of the schema: `(?^:…)` is Perl's way to print a compiled one.
inline auto has_pattern(std::string pattern, const std::string& text) -> bool
{
    if (pattern.find("(?:\\0\\w+=") != std::string::npos) { // of `env`: std::regex knows no NUL
        for (const auto& variable : split(text, std::string_view{"\0", 1})) {
            if (!matches(variable, "\\w+=[^\\x01-\\x08\\x10-\\x1F\\x7F]*")) {
                return false;
            }
        }
        return true;
    }
    for (auto at = pattern.find("(?^:"); at != std::string::npos; at = pattern.find("(?^:")) {
        pattern.replace(at, 4, "(?:");
    }
    if (pattern.find("[^\\x00") != std::string::npos && text.find('\0') != std::string::npos) {
        return false;
    }
    for (auto at = pattern.find("\\x00"); at != std::string::npos; at = pattern.find("\\x00")) {
        pattern.replace(at, 4, "\\x01");
    }
    return matches(text, pattern);
}

inline auto check(const json::object& rule, const std::string& text, bool in_property_string)
    -> std::optional<std::string>;

inline auto check_property_string(const json::object& properties, const std::string& text) -> std::optional<std::string>
{
    auto seen = std::set<std::string>{};
    for (const auto& item : split(text, ",")) {
        const auto equals = item.find('=');
        auto name = item.substr(0, equals);
        auto value = equals == std::string::npos ? item : item.substr(equals + 1);
        if (equals == std::string::npos) {
            name.clear();
            for (const auto& [key, rule] : properties) {
                if (rule.as_object().contains("default_key")) {
                    name = key;
                }
            }
        }
        const auto* const rule = properties.if_contains(name);
        if (rule == nullptr) {
            return "unknown property in '" + item + "'";
        }
        if (!seen.insert(name).second) {
            return "property '" + name + "' twice";
        }
        if (auto wrong = check(rule->as_object(), value, true)) {
            return name + ": " + *wrong;
        }
    }
    for (const auto& [key, rule] : properties) {
        if (!rule.as_object().contains("optional") && !seen.contains(key)) {
            return "property '" + std::string{key} + "' is missing";
        }
    }
    return std::nullopt;
}

inline auto check(const json::object& rule, const std::string& text, bool in_property_string)
    -> std::optional<std::string>
{
    const auto wrong = [&](const std::string& why) { return std::optional{why + ": '" + text + "'"}; };
    const auto type = std::string{rule.at("type").as_string()};
    if (type == "boolean" && text != "0" && text != "1"
        && !(in_property_string
             && matches(text, "([oO][nN]|[oO][fF][fF]|[yY][eE][sS]|[nN][oO]|true|false|TRUE|FALSE|True|False)"))) {
        return wrong("no boolean");
    }
    if (type == "integer" && !matches(text, "[+-]?\\d+")) {
        return wrong("no integer");
    }
    if (type == "number" && !matches(text, "[+-]?(\\d+(\\.\\d*)?|\\.\\d+)")) {
        return wrong("no number");
    }
    if (type == "integer" || type == "number") {
        const auto value = std::stod(text);
        if (const auto* const least = rule.if_contains("minimum"); least != nullptr && value < number(*least)) {
            return wrong("too small");
        }
        if (const auto* const most = rule.if_contains("maximum"); most != nullptr && value > number(*most)) {
            return wrong("too large");
        }
    }
    if (const auto* const words = rule.if_contains("enum")) {
        auto found = false;
        for (const auto& word : words->as_array()) {
            found = found || word.as_string() == text;
        }
        if (!found) {
            return wrong("not in the enumeration");
        }
    }
    if (const auto* const longest = rule.if_contains("maxLength")) {
        auto characters = std::size_t{0};
        for (const auto c : text) {
            characters += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
        }
        if (static_cast<double>(characters) > number(*longest)) {
            return wrong("too long");
        }
    }
    if (const auto* const pattern = rule.if_contains("pattern");
        pattern != nullptr && !has_pattern(std::string{pattern->as_string()}, text)) {
        return wrong("does not match");
    }
    if (const auto* const format = rule.if_contains("format")) {
        if (const auto* const properties = format->if_object()) {
            return check_property_string(*properties, text);
        }
        if (!has_format(std::string{format->as_string()}, text)) {
            return wrong("not of the format " + std::string{format->as_string()});
        }
    }
    return std::nullopt;
}

class api {
public:
    static auto of_this_release() -> const api&
    {
        static const auto read = [] {
            auto file = std::ifstream{FELHOM_DATA "/pve-schema/schema.json"};
            auto text = std::ostringstream{};
            text << file.rdbuf();
            return api(json::parse(text.str()));
        }();
        return read;
    }

    /// What is wrong with a call; nothing when it keeps to the schema.
    [[nodiscard]] auto check_call(const std::string& method, const std::string& target, const std::string& form) const
        -> std::optional<std::string>
    {
        const auto question = target.find('?');
        const auto path = split(target.substr(0, question), "/");
        const auto query = question == std::string::npos ? "" : target.substr(question + 1);
        if ((method == "GET" || method == "DELETE") && !form.empty()) {
            return "a body with " + method;
        }
        if ((method == "PUT" || method == "POST") && !query.empty()) {
            return "a query with " + method;
        }
        const auto candidates = find(method, path);
        if (candidates.empty()) {
            return "no such call: " + method + " " + target;
        }
        auto [parameters, given] = candidates.front();
        for (const auto& field : decode_form(query.empty() ? form : query)) {
            given.push_back(field);
        }
        return check_parameters(*parameters, given);
    }

    /// The parameters of a call.
    [[nodiscard]] auto parameters(const std::string& method, const std::string& path) const -> const json::object&
    {
        for (const auto& endpoint : document_.at("endpoints").as_array()) {
            if (endpoint.at("method").as_string() == method && endpoint.at("path").as_string() == path) {
                return endpoint.at("parameters").at("properties").as_object();
            }
        }
        throw std::logic_error{"no call " + method + " " + path};
    }

private:
    // Braces would make an array of one document.
    explicit api(json::value document) : document_(std::move(document)) {}

    // A call whose path is spelled out goes before one with a placeholder.
    [[nodiscard]] auto find(const std::string& method, const std::vector<std::string>& path) const
        -> std::vector<std::pair<const json::object*, fields>>
    {
        auto found = std::map<std::size_t, std::pair<const json::object*, fields>>{};
        for (const auto& endpoint : document_.at("endpoints").as_array()) {
            const auto pattern = split(std::string{endpoint.at("path").as_string()}, "/");
            if (endpoint.at("method").as_string() != method || pattern.size() != path.size()) {
                continue;
            }
            auto captured = fields{};
            auto fits = true;
            for (auto at = std::size_t{0}; at < path.size(); ++at) {
                if (pattern[at].starts_with('{')) {
                    captured.emplace_back(pattern[at].substr(1, pattern[at].size() - 2), decode_percent(path[at]));
                } else {
                    fits = fits && pattern[at] == path[at];
                }
            }
            if (fits) {
                const auto& parameters = endpoint.at("parameters").as_object();
                const auto* const properties = parameters.if_contains("properties");
                static const auto none = json::object{};
                const auto placeholders = captured.size();
                found.emplace(placeholders,
                              std::pair{properties == nullptr ? &none : &properties->as_object(), std::move(captured)});
            }
        }
        auto calls = std::vector<std::pair<const json::object*, fields>>{};
        for (auto& [placeholders, call] : found) {
            calls.push_back(std::move(call));
        }
        return calls;
    }

    static auto check_parameters(const json::object& properties, const fields& given) -> std::optional<std::string>
    {
        auto seen = std::set<std::string>{};
        for (const auto& [name, value] : given) {
            const auto* rule = properties.if_contains(name);
            const auto digits = name.find_last_not_of("0123456789") + 1;
            if (rule == nullptr && digits < name.size()) {
                const auto index = std::stoi(name.substr(digits, 6));
                const auto greatest = name.starts_with("net") ? 31 : 255;
                rule = index <= greatest && std::to_string(index) == name.substr(digits)
                           ? properties.if_contains(name.substr(0, digits) + "[n]")
                           : nullptr;
            }
            if (rule == nullptr) {
                return "unknown parameter '" + name + "'";
            }
            if (!seen.insert(name).second) {
                return "parameter '" + name + "' twice";
            }
            if (auto wrong = check(rule->as_object(), value, false)) {
                return name + ": " + *wrong;
            }
        }
        for (const auto& [name, rule] : properties) {
            if (!rule.as_object().contains("optional") && !seen.contains(name)) {
                return "parameter '" + std::string{name} + "' is missing";
            }
            const auto* const needs = rule.as_object().if_contains("requires");
            if (needs != nullptr && seen.contains(name) && !seen.contains(std::string{needs->as_string()})) {
                return "parameter '" + std::string{name} + "' without '" + std::string{needs->as_string()} + "'";
            }
        }
        return std::nullopt;
    }

    json::value document_;
};

} // namespace schema
