// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/contains.hpp>
#include <felhom/core/decimal.hpp>
#include <felhom/core/json/node.hpp>
#include <felhom/core/json/strict.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/proxmox/lxc/config_key.hpp>
#include <felhom/proxmox/lxc/key_table.hpp>
#include <felhom/reconcile/actual/actual_state.hpp>
#include <felhom/reconcile/desired/desired_json.hpp>
#include <felhom/reconcile/desired/desired_state.hpp>
#include <felhom/reconcile/desired/desired_value.hpp>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// A desired state out of what is there: whoever plans with it is told that nothing differs.
namespace felhom::reconcile {

/// One key with its value as it stands in the document: JSON.
struct imported_entry {
    std::string key;
    std::string value;

    friend auto operator==(const imported_entry&, const imported_entry&) -> bool = default;
};

struct imported_guest {
    vmid id;
    std::string name;
    run_state run;
    std::vector<imported_entry> entries; ///< sorted by key

    friend auto operator==(const imported_guest&, const imported_guest&) -> bool = default;
};

/// What was asked for and is not in the document. An empty key: the guest.
struct left_out {
    vmid id;
    std::string key;
    std::string why;

    friend auto operator==(const left_out&, const left_out&) -> bool = default;
};

struct imported_state {
    std::vector<imported_guest> guests;
    std::vector<left_out> left;

    friend auto operator==(const imported_state&, const imported_state&) -> bool = default;
};

namespace detail {

/// Whether a key is imported: one that was named, or, where none was, one that a plan may write without a signature.
[[nodiscard]] inline auto is_imported(const lxc::config_key& rule, std::string_view key,
                                      const std::vector<std::string>& named) -> bool
{
    using lxc::management;
    if (rule.managed == management::pve) {
        return false;
    }
    if (!named.empty()) {
        return contains(named, key) || contains(named, rule.key);
    }
    return rule.managed == management::planned || rule.managed == management::set_only
           || rule.managed == management::nesting_only;
}

/// A stored value as JSON of the type that a desired state has it in; a text where it is not of that type.
[[nodiscard]] inline auto json_of_stored(const lxc::config_key& rule, std::string_view stored) -> std::string
{
    auto as_text = boost::json::serialize(boost::json::value(stored));
    auto normal = std::string{};
    lxc::normalize(rule, stored, lxc::node_facts{}, normal);
    return std::visit(
        overloaded{
            [&](const lxc::boolean&) {
                return normal == "1" ? std::string{"true"} : normal == "0" ? std::string{"false"} : as_text;
            },
            [&](const lxc::integer&) {
                const auto number = parse_decimal<std::int64_t>(stored);
                return number ? std::to_string(*number) : as_text;
            },
            [&](const lxc::number&) { return normal.empty() ? as_text : normal; },
            [&](const auto&) { return as_text; },
        },
        rule.admits);
}

/// Whether the reader of desired states takes it, and for what is stored.
[[nodiscard]] inline auto is_read_as(const std::string& json, const lxc::config_key& rule, std::string_view stored)
    -> bool
{
    const auto document = parse_strict_json(R"({"value":)" + json + "}", desired_limits);
    if (!document) {
        return false;
    }
    const auto root = json_node::root(*document);
    const auto read = read_desired_value(root["value"], rule).value_or(std::nullopt);
    const auto normal_of = [&](std::string_view text) {
        auto normal = std::string{};
        lxc::normalize(rule, text, lxc::node_facts{}, normal);
        return normal;
    };
    return read && normal_of(*read) == normal_of(stored);
}

inline void import_entry(const proxmox::pending_entry& entry, const lxc::config_key& rule, imported_guest& guest,
                         std::vector<left_out>& left)
{
    const auto leave = [&](std::string why) {
        left.push_back({.id = guest.id, .key = entry.key, .why = std::move(why)});
    };
    if (!entry.in_sync()) {
        leave("a change of it waits for the guest's next start");
        return;
    }
    const auto& stored = entry.value ? *entry.value : std::string{};
    auto json = json_of_stored(rule, stored);
    if (is_read_as(json, rule, stored)) {
        guest.entries.push_back({.key = entry.key, .value = std::move(json)});
    } else {
        leave("a desired state cannot have this value");
    }
}

} // namespace detail

/// The desired state that these guests are in, as far as a plan may bring them to it. `keys`: instead, of these only,
/// by their names or those of their rows ("net0", "net").
[[nodiscard]] inline auto import_desired(const actual_state& actual, const std::vector<std::string>& keys,
                                         const lxc::key_table& table) -> imported_state
{
    auto imported = imported_state{};
    for (const auto& found : actual.guests) {
        const auto* const config = std::get_if<actual_config>(&found.config);
        if (config == nullptr) {
            const auto* const unread = std::get_if<unread_config>(&found.config);
            imported.left.push_back({.id = found.id, .key = {}, .why = proxmox::describe(unread->why)});
            continue;
        }
        auto guest = imported_guest{.id = found.id, .name = found.name, .run = found.run, .entries = {}};
        for (const auto& entry : config->entries) {
            const auto* const rule = table.find(entry.key);
            if (rule == nullptr || !detail::is_imported(*rule, entry.key, keys)) {
                continue;
            }
            if (keys.empty() && !rule->read_privilege.empty()) {
                imported.left.push_back(
                    {.id = found.id,
                     .key = entry.key,
                     .why = "not everybody may read it, and it may hold secrets: name it to import it"});
                continue;
            }
            detail::import_entry(entry, *rule, guest, imported.left);
        }
        imported.guests.push_back(std::move(guest));
    }
    for (const auto& odd : actual.odd) {
        imported.left.push_back({.id = odd.id, .key = {}, .why = proxmox::describe(odd.why)});
    }
    return imported;
}

namespace detail {

/// Members, one a line, in an object.
class printed_object {
public:
    explicit printed_object(std::string indent) : indent_{std::move(indent)} {}

    void add(std::string_view name, std::string_view json)
    {
        members_.append(members_.empty() ? "" : ",\n").append(indent_).append("  \"");
        members_.append(name).append("\": ").append(json);
    }
    [[nodiscard]] auto is_empty() const -> bool { return members_.empty(); }
    [[nodiscard]] auto text() const -> std::string { return "{\n" + members_ + "\n" + indent_ + "}"; }

private:
    std::string indent_;
    std::string members_;
};

[[nodiscard]] inline auto print(const imported_guest& guest) -> std::string
{
    const auto quoted = [](std::string_view text) { return boost::json::serialize(boost::json::value(text)); };
    auto printed = printed_object{"    "};
    auto spec = printed_object{"      "};
    auto config = printed_object{"      "};
    printed.add("vmid", guest.id.text());
    if (!guest.name.empty()) {
        printed.add("name", quoted(guest.name));
    }
    printed.add("run_state", quoted(run_state_words.text_of(guest.run)));
    for (const auto& entry : guest.entries) {
        auto& to = entry.key == "description" ? printed : contains(spec_members, entry.key) ? spec : config;
        to.add(entry.key, entry.value);
    }
    for (const auto& [name, members] : {std::pair{"spec", &spec}, std::pair{"config", &config}}) {
        if (!members->is_empty()) {
            printed.add(name, members->text());
        }
    }
    return printed.text();
}

} // namespace detail

/// The document, for a person to go on with.
[[nodiscard]] inline auto print(const imported_state& imported) -> std::string
{
    auto guests = std::string{};
    for (const auto& guest : imported.guests) {
        guests.append(guests.empty() ? "\n    " : ",\n    ").append(detail::print(guest));
    }
    return "{\n  \"version\": " + std::to_string(desired_version) + ",\n  \"generation\": 1,\n  \"guests\": [" + guests
           + (guests.empty() ? "" : "\n  ") + "]\n}\n";
}

} // namespace felhom::reconcile
