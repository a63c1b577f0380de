#pragma once

#include <felhom/core/json_cursor.hpp>
#include <felhom/core/nearest.hpp>
#include <felhom/core/strict_json.hpp>
#include <felhom/proxmox/lxc/key_table.hpp>
#include <felhom/reconcile/desired_error.hpp>
#include <felhom/reconcile/desired_state.hpp>
#include <felhom/reconcile/desired_value.hpp>

#include <range/v3/algorithm/stable_sort.hpp>
#include <tl/expected.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom::reconcile {

/// The document's version that this agent reads.
inline constexpr auto desired_version = std::uint64_t{1};

/// A desired state of 1,000 guests with 20 keys each takes about 1 MiB.
inline constexpr auto desired_limits = json_limits{.bytes = std::size_t{16} << 20U, .depth = 16};

namespace detail {

using desired_members = std::vector<std::pair<std::string_view, json_cursor>>;

template <typename T>
using desired_result = tl::expected<T, desired_error>;

inline constexpr auto document_members = std::array<std::string_view, 4>{"$schema", "version", "generation", "guests"};
inline constexpr auto guest_members =
    std::array<std::string_view, 7>{"vmid", "name", "absent", "run_state", "spec", "description", "config"};
inline constexpr auto spec_members = std::array<std::string_view, 3>{"cores", "memory", "swap"};

/// The members of an object that may hold these names and no others.
[[nodiscard]] inline auto known_members(const json_cursor& at, std::span<const std::string_view> known)
    -> desired_result<desired_members>
{
    auto members = at.members();
    if (!members) {
        return tl::unexpected<desired_error>(std::move(members).error());
    }
    for (const auto& [name, member] : *members) {
        if (std::ranges::find(known, name) == known.end()) {
            return tl::unexpected<desired_error>(
                unknown_member{.path = member.path(), .nearest = std::string{nearest(name, known)}});
        }
    }
    return *std::move(members);
}

[[nodiscard]] inline auto member_of(const desired_members& members, std::string_view name) -> const json_cursor*
{
    const auto found = std::ranges::find(members, name, [](const auto& member) { return member.first; });
    return found == members.end() ? nullptr : &found->second;
}

/// A key with the path that it was read from, so that a second mention can name the first.
struct located_entry {
    desired_entry entry;
    std::string path;
};

[[nodiscard]] inline auto read_entry(std::string_view key, const json_cursor& at, const lxc::key_table& table)
    -> desired_result<located_entry>
{
    const auto* const rule = table.find(key);
    if (rule == nullptr) {
        return tl::unexpected<desired_error>(unknown_key{.path = at.path()});
    }
    return read_desired_value(at, *rule).map([&](std::optional<std::string> value) {
        return located_entry{.entry = {.key = std::string{key}, .value = std::move(value)}, .path = at.path()};
    });
}

[[nodiscard]] inline auto read_run_state(const json_cursor& at) -> desired_result<run_state>
{
    const auto text = at.string();
    const auto state = text ? run_state_words.parse(*text) : std::nullopt;
    if (!state) {
        return tl::unexpected<desired_error>(at.fail(run_state_words.choices()));
    }
    return *state;
}

/// Every key that a guest manages, wherever in the guest it is written.
[[nodiscard]] inline auto read_entries(const desired_members& guest, const lxc::key_table& table)
    -> desired_result<std::vector<desired_entry>>
{
    auto written = std::vector<std::pair<std::string_view, json_cursor>>{};
    if (const auto* const spec = member_of(guest, "spec")) {
        auto members = known_members(*spec, spec_members);
        if (!members) {
            return tl::unexpected(std::move(members).error());
        }
        written = *std::move(members);
    }
    if (const auto* const description = member_of(guest, "description")) {
        written.emplace_back("description", *description);
    }
    if (const auto* const config = member_of(guest, "config")) {
        auto members = config->members();
        if (!members) {
            return tl::unexpected<desired_error>(std::move(members).error());
        }
        written.insert(written.end(), members->begin(), members->end());
    }
    auto located = std::vector<located_entry>{};
    located.reserve(written.size());
    for (const auto& [key, at] : written) {
        auto entry = read_entry(key, at, table);
        if (!entry) {
            return tl::unexpected(std::move(entry).error());
        }
        located.push_back(*std::move(entry));
    }
    const auto key_of = [](const located_entry& l) -> const std::string& { return l.entry.key; };
    ranges::stable_sort(located, {}, key_of);
    if (const auto twice = std::ranges::adjacent_find(located, {}, key_of); twice != located.end()) {
        return tl::unexpected<desired_error>(given_twice{.path = (twice + 1)->path, .other_path = twice->path});
    }
    auto entries = std::vector<desired_entry>{};
    entries.reserve(located.size());
    for (auto& [entry, path] : located) {
        entries.push_back(std::move(entry));
    }
    return entries;
}

[[nodiscard]] inline auto read_guest(const json_cursor& at, const lxc::key_table& table)
    -> desired_result<desired_guest>
{
    const auto members = known_members(at, guest_members);
    if (!members) {
        return tl::unexpected(members.error());
    }
    const auto number = at.require("vmid").and_then(
        [](const json_cursor& member) { return member.integer(vmid::least, vmid::greatest); });
    if (!number) {
        return tl::unexpected<desired_error>(number.error());
    }
    if (const auto* const name = member_of(*members, "name"); name != nullptr && !name->string()) {
        return tl::unexpected<desired_error>(name->string().error()); // for people only: never compared
    }
    auto guest = desired_guest{.id = *vmid::from_number(*number), .run = std::nullopt, .entries = {}};
    if (const auto* const absent = member_of(*members, "absent")) {
        const auto flag = absent->boolean();
        if (!flag) {
            return tl::unexpected<desired_error>(flag.error());
        }
        guest.absent = *flag;
    }
    if (guest.absent) {
        const auto managed = [](const auto& member) {
            return member.first != "vmid" && member.first != "name" && member.first != "absent";
        };
        const auto other = std::ranges::find_if(*members, managed);
        return other == members->end() ? desired_result<desired_guest>{std::move(guest)}
                                       : tl::unexpected<desired_error>(absent_and_managed{other->second.path()});
    }
    if (const auto* const run = member_of(*members, "run_state")) {
        const auto state = read_run_state(*run);
        if (!state) {
            return tl::unexpected(state.error());
        }
        guest.run = *state;
    }
    auto entries = read_entries(*members, table);
    if (!entries) {
        return tl::unexpected(std::move(entries).error());
    }
    guest.entries = *std::move(entries);
    return guest;
}

} // namespace detail

/// Reads a desired state:
/// {"version":1,"generation":7,"guests":[{"vmid":101,"run_state":"running","spec":{"memory":512},
/// "description":"…","config":{"onboot":true}}]}. What is not given is not managed, null unsets a key; a guest with
/// "absent":true is to be gone, which takes an operator's signature. Anything ambiguous or unknown refuses the whole
/// document, with its path.
[[nodiscard]] inline auto parse_desired_state(std::string_view text, const lxc::key_table& table)
    -> tl::expected<desired_state, desired_error>
{
    const auto document = parse_strict_json(text, desired_limits);
    if (!document) {
        return tl::unexpected<desired_error>(document.error());
    }
    const auto root = json_cursor::root(*document);
    if (const auto members = detail::known_members(root, detail::document_members); !members) {
        return tl::unexpected(members.error());
    }
    static constexpr auto any_number = std::numeric_limits<std::uint64_t>::max();
    const auto number = [&](std::string_view name) {
        return root.require(name).and_then(
            [](const json_cursor& at) { return at.integer<std::uint64_t>(0, any_number); });
    };
    const auto version = number("version");
    if (!version) {
        return tl::unexpected<desired_error>(version.error());
    }
    if (*version != desired_version) {
        return tl::unexpected<desired_error>(unsupported_version{.got = *version});
    }
    const auto generation = number("generation");
    if (!generation) {
        return tl::unexpected<desired_error>(generation.error());
    }
    const auto elements = root.require("guests").and_then(&json_cursor::elements);
    if (!elements) {
        return tl::unexpected<desired_error>(elements.error());
    }
    auto desired = desired_state{.generation = *generation, .guests = {}};
    auto located = std::vector<std::pair<desired_guest, const json_cursor*>>{};
    for (const auto& element : *elements) {
        auto guest = detail::read_guest(element, table);
        if (!guest) {
            return tl::unexpected(std::move(guest).error());
        }
        located.emplace_back(*std::move(guest), &element);
    }
    const auto id_of = [](const auto& guest) { return guest.first.id; };
    ranges::stable_sort(located, {}, id_of);
    if (const auto twice = std::ranges::adjacent_find(located, {}, id_of); twice != located.end()) {
        return tl::unexpected<desired_error>(
            duplicate_guest{.path = (twice + 1)->second->path() + ".vmid", .id = twice->first.id.number()});
    }
    for (auto& [guest, at] : located) {
        desired.guests.push_back(std::move(guest));
    }
    return desired;
}

} // namespace felhom::reconcile
