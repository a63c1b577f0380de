// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/json/block_storage.hpp>
#include <felhom/core/json/node.hpp>
#include <felhom/core/json/object_reader.hpp>
#include <felhom/core/json/strict.hpp>
#include <felhom/core/json/vmids.hpp>
#include <felhom/proxmox/lxc/key_table.hpp>
#include <felhom/reconcile/desired/desired_error.hpp>
#include <felhom/reconcile/desired/desired_state.hpp>
#include <felhom/reconcile/desired/desired_value.hpp>

#include <boost/json/array.hpp>
#include <boost/json/storage_ptr.hpp>
#include <tl/expected.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom::reconcile {

/// The document's version that this agent reads.
inline constexpr auto desired_version = std::uint64_t{1};

/// A desired state of 1,000 guests with 20 keys each takes about 1 MiB. Written without blanks, a guest of five keys
/// has nine values in 104 bytes: so many of them are read as there may be guests.
inline constexpr auto desired_limits =
    json_limits{.bytes = std::size_t{16} << 20U, .values = {.least = 40'000}, .depth = 16};

/// More guests than any node runs. A guest's keys are limited by nothing but the table of keys.
inline constexpr auto most_desired_guests = std::size_t{4096};

namespace detail {

template <typename T>
using desired_result = tl::expected<T, desired_error>;

inline constexpr auto document_members = std::array<std::string_view, 4>{"$schema", "version", "generation", "guests"};
inline constexpr auto guest_members =
    std::array<std::string_view, 7>{"vmid", "name", "absent", "run_state", "spec", "description", "config"};
/// Those that say what a guest is to have.
inline constexpr auto managed_members = std::array<std::string_view, 4>{"run_state", "spec", "description", "config"};
inline constexpr auto spec_members = std::array<std::string_view, 3>{"cores", "memory", "swap"};

using desired_reader = object_reader<desired_error>;

/// A key, and where it was read, so that a second mention can name the first.
struct located_entry {
    desired_entry entry;
    json_node at;
    std::size_t mention; ///< the how manieth of the guest's
};

[[nodiscard]] inline auto read_entry(std::string_view key, const json_node& at, std::size_t mention,
                                     const lxc::key_table& table) -> desired_result<located_entry>
{
    const auto* const rule = table.find(key);
    if (rule == nullptr) {
        return tl::unexpected<desired_error>(unknown_key{.path = at.path()});
    }
    return read_desired_value(at, *rule).map([&](std::optional<std::string> value) {
        return located_entry{
            .entry = {.key = std::string{key}, .value = std::move(value)}, .at = at, .mention = mention};
    });
}

/// Every key that a guest manages, wherever in the guest it is written.
[[nodiscard]] inline auto read_entries(const json_node& guest, const lxc::key_table& table)
    -> desired_result<std::vector<desired_entry>>
{
    auto in = desired_reader{guest};
    auto located = std::vector<located_entry>{};
    const auto add = [&](std::string_view key, const json_node& at) {
        auto entry = in.failed() ? std::nullopt : in.keep(read_entry(key, at, located.size(), table));
        if (entry) {
            located.push_back(*std::move(entry));
        }
    };
    const auto add_members = [&](const json_node& of) {
        const auto members = in.keep(of.object());
        if (!members) {
            return;
        }
        for (const auto& [key, value] : **members) {
            add(key, of.member(key, value));
        }
    };
    const auto spec = guest["spec"];
    const auto config = guest["config"];
    if (in.has("spec")) {
        auto part = desired_reader{spec};
        part.only(spec_members);
        in.keep(std::move(part).finish(true));
        add_members(spec);
    }
    if (in.has("description")) {
        add("description", guest["description"]);
    }
    if (in.has("config")) {
        add_members(config);
    }
    const auto key_of = [](const located_entry& l) -> const std::string& { return l.entry.key; };
    std::ranges::sort(located, {},
                      [](const located_entry& l) { return std::pair{std::string_view{l.entry.key}, l.mention}; });
    if (const auto twice = std::ranges::adjacent_find(located, {}, key_of); twice != located.end()) {
        in.fail(given_twice{.path = (twice + 1)->at.path(), .other_path = twice->at.path()});
    }
    auto entries = std::vector<desired_entry>{};
    entries.reserve(located.size());
    for (auto& one : located) {
        entries.push_back(std::move(one.entry));
    }
    return std::move(in).finish(std::move(entries));
}

[[nodiscard]] inline auto read_guest(const json_node& at, const lxc::key_table& table) -> desired_result<desired_guest>
{
    auto in = desired_reader{at};
    in.only(guest_members);
    const auto id = in.required("vmid", read_vmid).value_or(*vmid::from_number(vmid::least));
    static_cast<void>(in.text_if("name")); // for people only: never compared
    auto guest = desired_guest{.id = id, .run = std::nullopt, .entries = {}, .absent = in.flag_or("absent", false)};
    if (guest.absent) {
        const auto* const other =
            std::ranges::find_if(managed_members, [&](std::string_view name) { return in.has(name); });
        if (other != managed_members.end()) {
            in.fail(absent_and_managed{in[*other].path()});
        }
        return std::move(in).finish(std::move(guest));
    }
    if (in.has("run_state")) {
        guest.run = in.one_of("run_state", run_state_words);
    }
    if (!in.failed()) {
        guest.entries = in.keep(read_entries(at, table)).value_or(std::vector<desired_entry>{});
    }
    return std::move(in).finish(std::move(guest));
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
    const auto document = parse_strict_json(text, desired_limits, boost::json::make_shared_resource<block_storage>());
    if (!document) {
        return tl::unexpected<desired_error>(document.error());
    }
    const auto root = json_node::root(*document);
    auto in = detail::desired_reader{root};
    in.only(detail::document_members);
    if (const auto version = in.integer<std::uint64_t>("version"); version != desired_version) {
        in.fail(unsupported_version{.got = version});
    }
    auto desired = desired_state{.generation = in.integer<std::uint64_t>("generation"), .guests = {}};
    if (in.failed()) {
        return std::move(in).finish(std::move(desired));
    }
    if (const auto* const guests = in["guests"].if_array(); guests != nullptr && guests->size() > most_desired_guests) {
        in.fail(too_many_guests{.found = guests->size(), .most = most_desired_guests});
        return std::move(in).finish(std::move(desired));
    }
    desired.guests = in.each("guests", [&](const json_node& at) { return detail::read_guest(at, table); });
    auto seen = std::set<vmid>{};
    const auto is_seen = [&](const desired_guest& guest) { return !seen.insert(guest.id).second; };
    if (const auto twice = std::ranges::find_if(desired.guests, is_seen); twice != desired.guests.end()) {
        const auto index = twice - desired.guests.begin();
        in.fail(duplicate_guest{.path = "$.guests[" + std::to_string(index) + "].vmid", .id = twice->id.number()});
    }
    std::ranges::sort(desired.guests, {}, &desired_guest::id);
    return std::move(in).finish(std::move(desired));
}

} // namespace felhom::reconcile
