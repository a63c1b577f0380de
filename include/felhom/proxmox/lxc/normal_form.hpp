// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/ascii.hpp>
#include <felhom/core/decimal.hpp>
#include <felhom/proxmox/lxc/node_facts.hpp>

#include <boost/container/small_vector.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Normal forms of single values: two texts that Proxmox VE takes for the same value have the same normal form. Each
/// appends to `out`, so that a caller who reuses one buffer allocates nothing. A text that is not of the expected kind
/// is its own normal form: it differs from everything but itself.
namespace felhom::lxc {

using normal_form = void (*)(std::string_view text, const node_facts& facts, std::string& out);

inline void normalize_verbatim(std::string_view text, const node_facts& /*facts*/, std::string& out)
{
    out += text;
}

/// pve-common JSONSchema.pm, parse_boolean: words in any case, kept as they were written in property strings.
[[nodiscard]] inline auto read_boolean(std::string_view text) -> std::optional<bool>
{
    const auto is = [&](std::string_view word) {
        return std::ranges::equal(text, word, {}, [](char c) { return ascii::to_lower(c); });
    };
    if (is("1") || is("on") || is("yes") || is("true")) {
        return true;
    }
    if (is("0") || is("off") || is("no") || is("false")) {
        return false;
    }
    return std::nullopt;
}

inline void normalize_boolean(std::string_view text, const node_facts& /*facts*/, std::string& out)
{
    const auto flag = read_boolean(text);
    out += flag ? (*flag ? "1" : "0") : text;
}

/// PVE's integer is [+-]?\d+ and keeps a sign or leading zeros as they were typed.
[[nodiscard]] inline auto read_integer(std::string_view text) -> std::optional<std::int64_t>
{
    if (text.size() > 1 && text.front() == '+' && ascii::is_digit(text[1])) {
        text.remove_prefix(1);
    }
    return parse_decimal<std::int64_t>(text);
}

inline void normalize_integer(std::string_view text, const node_facts& /*facts*/, std::string& out)
{
    if (const auto number = read_integer(text)) {
        append_decimal(*number, out);
    } else {
        out += text;
    }
}

/// PVE's number may be written .5, 01, 1e1 or 1.50 and stays so.
inline void normalize_number(std::string_view text, const node_facts& /*facts*/, std::string& out)
{
    if (const auto number = parse_decimal<double>(text)) {
        append_decimal(*number == 0 ? 0.0 : *number, out); // no minus zero
    } else {
        out += text;
    }
}

/// cpuunits as the kernel takes them: clamped to 1..10000 under cgroup v2, to 2..262144 under v1 (PVE/CGroup.pm).
inline void normalize_cpuunits(std::string_view text, const node_facts& facts, std::string& out)
{
    const auto number = read_integer(text);
    if (!number) {
        out += text;
        return;
    }
    const auto least = std::int64_t{facts.cgroup_v2 ? 1 : 2};
    const auto most = std::int64_t{facts.cgroup_v2 ? 10'000 : 262'144};
    append_decimal(*number < least ? least : *number > most ? most : *number, out);
}

/// PVE reads every description back with exactly one newline at its end (PVE/LXC/Config.pm, write_pct_config); CRLF is
/// kept as data, but means a line end to whoever wrote it.
inline void normalize_description(std::string_view text, const node_facts& /*facts*/, std::string& out)
{
    while (text.ends_with('\n') || text.ends_with("\r")) {
        text.remove_suffix(1);
    }
    while (!text.empty()) {
        const auto returns = text.find_first_not_of('\r');
        const auto before_newline = returns != std::string_view::npos && returns > 0 && text[returns] == '\n';
        const auto kept = before_newline ? returns : std::size_t{0};
        out += text[kept];
        text.remove_prefix(kept + 1);
    }
}

/// The words of a PVE list: separated by commas, semicolons and blanks (pve-common PVE/Tools.pm, split_list).
using words = boost::container::small_vector<std::string_view, 16>;

[[nodiscard]] inline auto split_list(std::string_view text) -> words
{
    static constexpr auto separators = std::string_view{",; \t\r\n\0", 7};
    auto all = words{};
    while (true) {
        const auto begin = text.find_first_not_of(separators);
        if (begin == std::string_view::npos) {
            return all;
        }
        text.remove_prefix(begin);
        const auto end = text.find_first_of(separators);
        all.push_back(text.substr(0, end));
        if (end == std::string_view::npos) {
            return all;
        }
        text.remove_prefix(end);
    }
}

/// Tags are a set; unless the data center says otherwise, upper case is folded (PVE/GuestHelpers.pm, get_unique_tags).
inline void normalize_tags(std::string_view text, const node_facts& facts, std::string& out)
{
    const auto fold = [&](char c) { return facts.tags_case_sensitive ? c : ascii::to_lower(c); };
    const auto before = [&](std::string_view a, std::string_view b) {
        return std::ranges::lexicographical_compare(a, b, {}, fold, fold);
    };
    const auto same = [&](std::string_view a, std::string_view b) { return std::ranges::equal(a, b, {}, fold, fold); };
    auto tags = split_list(text);
    std::ranges::sort(tags, before);
    tags.erase(std::ranges::unique(tags, same).begin(), tags.end());
    auto separator = std::string_view{};
    for (const auto tag : tags) {
        out += separator;
        for (const auto c : tag) {
            out += fold(c);
        }
        separator = ";";
    }
}

/// PVE joins the words of nameserver and searchdomain with single blanks; their order has a meaning. A text of no
/// words, which it stores as a blank, is not as good as none: where a key is there the guest gets nothing from the node
/// (pve-container PVE/LXC/Setup/Base.pm, lookup_dns_conf).
template <typename Append>
void normalize_words(std::string_view text, std::string& out, Append append)
{
    const auto all = split_list(text);
    if (all.empty()) {
        out += ' ';
    }
    auto separator = std::string_view{};
    for (const auto word : all) {
        out += separator;
        append(word);
        separator = " ";
    }
}

inline void normalize_word_list(std::string_view text, const node_facts& /*facts*/, std::string& out)
{
    normalize_words(text, out, [&](std::string_view word) { out += word; });
}

/// A `;` list inside a property string, as a set: mount options, file systems, VLAN trunks.
inline void normalize_semicolon_set(std::string_view text, const node_facts& /*facts*/, std::string& out)
{
    auto parts = split_list(text);
    std::ranges::sort(parts);
    parts.erase(std::ranges::unique(parts).begin(), parts.end());
    auto separator = std::string_view{};
    for (const auto part : parts) {
        out += separator;
        out += part;
        separator = ";";
    }
}

/// env is a map: NAME=value separated by NULs (PVE/LXC/Config.pm).
inline void normalize_environment(std::string_view text, const node_facts& /*facts*/, std::string& out)
{
    auto variables = words{};
    while (!text.empty()) {
        const auto end = text.find('\0');
        if (end != 0) {
            variables.push_back(text.substr(0, end));
        }
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    std::ranges::sort(variables);
    auto first = true;
    for (const auto variable : variables) {
        if (!first) {
            out += '\0';
        }
        out += variable;
        first = false;
    }
}

} // namespace felhom::lxc
