// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

// The rooms of the source tree, and which of them may include which: the table of docs/architecture.md.
namespace felhom::testing {

/// Room -> the rooms that it may include. Its own always belongs to them.
using room_table = std::map<std::string, std::set<std::string>, std::less<>>;

/// One #include that crosses from a room into another.
struct crossing {
    std::string file;
    std::string from;
    std::string into;
};

/// The texts between backquotes.
[[nodiscard]] inline auto backquoted(std::string_view cell) -> std::vector<std::string>
{
    auto found = std::vector<std::string>{};
    for (auto begin = cell.find('`'); begin != std::string_view::npos; begin = cell.find('`')) {
        cell.remove_prefix(begin + 1);
        const auto end = cell.find('`');
        found.emplace_back(cell.substr(0, end));
        cell.remove_prefix(std::min(cell.size(), end == std::string_view::npos ? end : end + 1));
    }
    return found;
}

/// Reads the rows "| `room` | what it holds | `may`, `include` |" of a Markdown file.
[[nodiscard]] inline auto read_room_table(const std::filesystem::path& document) -> room_table
{
    auto rooms = room_table{};
    auto in = std::ifstream{document};
    for (auto line = std::string{}; std::getline(in, line);) {
        if (!line.starts_with("| `")) {
            continue;
        }
        const auto last = line.rfind('|', line.size() - 2);
        const auto name = backquoted(line.substr(0, line.find('|', 1))).front();
        const auto may = backquoted(std::string_view{line}.substr(last));
        rooms[name] = {may.begin(), may.end()};
        rooms[name].insert(name);
    }
    return rooms;
}

/// The room of a path within include/felhom or app: "core", "io/journal", "agent/engine", "agent".
[[nodiscard]] inline auto room_of(std::string_view path) -> std::string
{
    const auto has_rooms_within = path.starts_with("io/") || path.starts_with("agent/");
    return std::string{path.substr(0, has_rooms_within ? path.rfind('/') : path.find('/'))};
}

/// The room that a line includes a header of; nothing where it includes none of ours.
[[nodiscard]] inline auto included_room(std::string_view line) -> std::string
{
    for (const auto opening : {std::string_view{"#include <felhom/"}, std::string_view{"#include \""}}) {
        if (line.starts_with(opening)) {
            return room_of(line.substr(opening.size()));
        }
    }
    return {};
}

/// Every #include of the sources below a folder.
[[nodiscard]] inline auto crossings_below(const std::filesystem::path& folder) -> std::vector<crossing>
{
    auto all = std::vector<crossing>{};
    for (const auto& entry : std::filesystem::recursive_directory_iterator{folder}) {
        const auto kind = entry.path().extension();
        if (kind != ".hpp" && kind != ".cpp") {
            continue;
        }
        const auto from = room_of(entry.path().lexically_relative(folder).generic_string());
        auto in = std::ifstream{entry.path()};
        for (auto line = std::string{}; std::getline(in, line);) {
            if (auto into = included_room(line); !into.empty()) {
                all.push_back({.file = entry.path().generic_string(), .from = from, .into = std::move(into)});
            }
        }
    }
    return all;
}

/// Those that the table does not allow, as "FILE: FROM may not include INTO".
[[nodiscard]] inline auto forbidden(const room_table& rooms, const std::vector<crossing>& all)
    -> std::vector<std::string>
{
    auto found = std::vector<std::string>{};
    for (const auto& [file, from, into] : all) {
        const auto may = rooms.find(from);
        if (may == rooms.end()) {
            found.push_back(file + ": " + from + " is in no row of the table");
        } else if (!may->second.contains(into)) {
            found.push_back(file + ": " + from + " may not include " + into);
        }
    }
    return found;
}

/// Rooms that include each other, directly or through others.
[[nodiscard]] inline auto circles(const room_table& rooms) -> std::set<std::string>
{
    auto reach = rooms;
    for (const auto& [through, ignored] : rooms) {
        for (auto& [from, may] : reach) {
            if (may.contains(through)) {
                may.insert(reach.at(through).begin(), reach.at(through).end());
            }
        }
    }
    auto found = std::set<std::string>{};
    for (const auto& [from, may] : reach) {
        for (const auto& into : may) {
            const auto back = reach.find(into);
            if (into != from && back != reach.end() && back->second.contains(from)) {
                found.insert(from);
            }
        }
    }
    return found;
}

} // namespace felhom::testing
