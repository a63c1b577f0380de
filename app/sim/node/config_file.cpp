// SPDX-License-Identifier: Apache-2.0
#include "sim/node/config_file.hpp"

#include "sim/api/text.hpp"

#include <felhom/core/ascii.hpp>
#include <felhom/core/contains.hpp>

#include <openssl/evp.h>

#include <array>

namespace felhom::sim {

namespace json = boost::json;

namespace {

/// pve-common Tools.pm, encode_text: control and non-ASCII bytes, colon and percent are escaped.
auto encoded(std::string_view line) -> std::string
{
    auto text = std::string{};
    for (const auto c : line) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20U || byte >= 0x7FU || c == '%' || c == ':') {
            text += "%" + hexadecimal(byte, 2);
        } else {
            text += c;
        }
    }
    return text;
}

auto printed_description(std::string_view description) -> std::string
{
    auto text = std::string{};
    while (!description.empty()) {
        const auto end = description.find('\n');
        text += "#" + encoded(description.substr(0, end)) + "\n";
        description.remove_prefix(end == std::string_view::npos ? description.size() : end + 1);
    }
    return text;
}

auto printed_section(const config_section& section) -> std::string
{
    auto text = printed_description(value_of(section, "description"));
    for (const auto& [key, value] : section) {
        if (key != "description") {
            text.append(key).append(": ").append(value).append("\n");
        }
    }
    return text;
}

auto is_true(std::string_view perl_value) -> bool
{
    return !perl_value.empty() && perl_value != "0";
}

/// One line at a time into the section it stands in.
class reader {
public:
    void line(std::string_view text)
    {
        if (text.starts_with('[') && text.ends_with(']')) {
            begin(text.substr(1, text.size() - 2));
        } else if (text.starts_with('#')) {
            (*section_)["description"] += percent_decoded(text.substr(1)) + "\n";
        } else if (const auto colon = text.find(": "); colon != std::string_view::npos) {
            entry(std::string{text.substr(0, colon)}, std::string{text.substr(colon + 2)});
        }
    }

    config_file file;

private:
    void begin(std::string_view name)
    {
        in_pending_ = name == "pve:pending";
        section_ = in_pending_ ? &file.pending : &file.snapshots[std::string{name}];
    }

    void entry(std::string key, std::string value)
    {
        if (key.starts_with("lxc.")) {
            file.lxc.emplace_back(std::move(key), std::move(value));
        } else if (in_pending_ && key == "delete") {
            file.pending_deletes = split_list(value);
        } else {
            (*section_)[std::move(key)] = std::move(value);
        }
    }

    config_section* section_ = &file.current;
    bool in_pending_ = false;
};

} // namespace

auto value_of(const config_section& section, std::string_view key) -> std::string
{
    const auto found = section.find(key);
    return found == section.end() ? std::string{} : found->second;
}

auto print(const config_file& config) -> std::string
{
    auto text = printed_section(config.current);
    for (const auto& [key, value] : config.lxc) {
        text.append(key).append(": ").append(value).append("\n");
    }
    if (!config.pending.empty() || !config.pending_deletes.empty()) {
        auto pending = config.pending;
        if (!config.pending_deletes.empty()) {
            pending["delete"] = joined(config.pending_deletes, ",");
        }
        text += "\n[pve:pending]\n" + printed_section(pending);
    }
    for (const auto& [name, section] : config.snapshots) {
        text += "\n[" + name + "]\n" + printed_section(section);
    }
    return text;
}

auto parse_config_file(std::string_view text) -> config_file
{
    auto read = reader{};
    for (const auto& line : split(text, "\n")) {
        read.line(line);
    }
    return std::move(read.file);
}

auto digest_of(const config_file& config) -> std::string
{
    const auto text = print(config);
    auto bytes = std::array<unsigned char, EVP_MAX_MD_SIZE>{};
    auto size = unsigned{};
    EVP_Digest(text.data(), text.size(), bytes.data(), &size, EVP_sha1(), nullptr);
    auto digest = std::string{};
    for (auto at = std::size_t{0}; at < size; ++at) {
        digest += hexadecimal(bytes.at(at), 2);
    }
    return ascii::to_lower(digest);
}

auto typed(std::string_view key, const std::string& value, const parameter_table& keys) -> json::value
{
    static constexpr auto longest = std::size_t{18};
    const auto* const schema = keys.find(key);
    const auto is_number =
        key == "snaptime"
        || (schema != nullptr
            && (schema->type == parameter_schema::kind::integer || schema->type == parameter_schema::kind::boolean));
    const auto fits = is_number && is_decimal(value) && value.size() <= longest;
    return fits ? json::value(number_of(value)) : json::value(value);
}

auto merged_view(const config_file& config, bool in_force, const parameter_table& keys) -> json::object
{
    auto view = json::object{};
    for (const auto& [key, value] : config.current) {
        // A pending deletion hides a key only if its value is true in Perl (AbstractConfig.pm, load_current_config).
        if (in_force || !is_true(value) || !contains(config.pending_deletes, key)) {
            view[key] = typed(key, value, keys);
        }
    }
    if (!in_force) {
        for (const auto& [key, value] : config.pending) {
            view[key] = typed(key, value, keys);
        }
    }
    if (!config.lxc.empty()) {
        auto lines = json::array{};
        for (const auto& [key, value] : config.lxc) {
            lines.push_back(json::array{key, value});
        }
        view["lxc"] = std::move(lines);
    }
    view["digest"] = digest_of(config);
    return view;
}

auto pending_view(const config_file& config, const parameter_table& keys) -> json::array
{
    auto rows = json::array{};
    for (const auto& [key, value] : config.current) {
        auto row = json::object{{"key", key}, {"value", typed(key, value, keys)}};
        if (const auto pending = config.pending.find(key); pending != config.pending.end()) {
            row["pending"] = typed(key, pending->second, keys);
        } else if (contains(config.pending_deletes, key)) {
            row["delete"] = 1;
        }
        rows.push_back(std::move(row));
    }
    for (const auto& [key, value] : config.pending) {
        if (!config.current.contains(key)) {
            rows.push_back(json::object{{"key", key}, {"pending", typed(key, value, keys)}});
        }
    }
    for (const auto& key : config.pending_deletes) {
        if (!config.current.contains(key)) {
            rows.push_back(json::object{{"key", key}, {"delete", 2}});
        }
    }
    rows.push_back(json::object{{"key", "digest"}, {"value", digest_of(config)}});
    return rows;
}

} // namespace felhom::sim
