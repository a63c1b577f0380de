#pragma once

#include <felhom/core/vmid.hpp>
#include <felhom/proxmox/lxc/config_key.hpp>
#include <felhom/proxmox/lxc/key_table.hpp>
#include <felhom/proxmox/lxc/node_facts.hpp>
#include <felhom/proxmox/lxc/standard_keys.hpp>
#include <felhom/reconcile/desired/desired_state.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace felhom::reconcile {

/// One managed key with the rule it is held to and its normal form, computed once.
struct normal_entry {
    const lxc::config_key* rule;
    std::string key;
    std::optional<std::string> value; ///< nothing: the key must be unset
    std::string normal;               ///< of the value, or of what the key's absence means

    friend auto operator==(const normal_entry&, const normal_entry&) -> bool = default;
};

struct normal_guest {
    vmid id;
    std::optional<run_state> run;
    std::vector<normal_entry> entries; ///< sorted by key
    bool absent = false;

    friend auto operator==(const normal_guest&, const normal_guest&) -> bool = default;
};

/// A desired state that was built in code with something no parser would have let through.
struct invalid_desired {
    std::uint32_t id;
    std::string key; ///< empty: the guest itself is given twice

    friend auto operator==(const invalid_desired&, const invalid_desired&) -> bool = default;
};

[[nodiscard]] inline auto describe(const invalid_desired& error) -> std::string
{
    const auto guest = "guest " + std::to_string(error.id);
    return error.key.empty() ? guest + " is desired twice"
                             : guest + ": '" + error.key + "' is twice there, or no key that a plan may hold";
}

/// A desired state in normal form, for one node. Only `normalize` makes it; a plan takes nothing else. It refers to the
/// rules of the table it was normalized by.
class normal_desired {
public:
    [[nodiscard]] auto generation() const -> std::uint64_t { return generation_; }
    [[nodiscard]] auto guests() const -> const std::vector<normal_guest>& { return guests_; }
    [[nodiscard]] auto facts() const -> const lxc::node_facts& { return facts_; }

    friend auto operator==(const normal_desired&, const normal_desired&) -> bool = default;

private:
    friend auto normalize(desired_state desired, const lxc::node_facts& facts, const lxc::key_table& table)
        -> tl::expected<normal_desired, invalid_desired>;

    normal_desired(std::uint64_t generation, const lxc::node_facts& facts) : generation_{generation}, facts_{facts} {}

    std::uint64_t generation_;
    lxc::node_facts facts_;
    std::vector<normal_guest> guests_;
};

namespace detail {

[[nodiscard]] inline auto normalize_guest(desired_guest guest, const lxc::node_facts& facts,
                                          const lxc::key_table& table) -> tl::expected<normal_guest, invalid_desired>
{
    std::ranges::sort(guest.entries, {}, &desired_entry::key);
    if (const auto twice = std::ranges::adjacent_find(guest.entries, {}, &desired_entry::key);
        twice != guest.entries.end()) {
        return tl::unexpected(invalid_desired{.id = guest.id.number(), .key = twice->key});
    }
    auto normal = normal_guest{.id = guest.id, .run = guest.run, .entries = {}, .absent = guest.absent};
    normal.entries.reserve(guest.entries.size());
    for (auto& [key, value] : guest.entries) {
        const auto* const rule = table.find(key);
        if (rule == nullptr || rule->managed == lxc::management::pve) {
            return tl::unexpected(invalid_desired{.id = guest.id.number(), .key = key});
        }
        auto form = std::string{};
        if (value) {
            lxc::normalize(*rule, *value, facts, form);
        } else {
            form = default_of(*rule, facts);
        }
        normal.entries.push_back(
            {.rule = rule, .key = std::move(key), .value = std::move(value), .normal = std::move(form)});
    }
    return normal;
}

} // namespace detail

/// Brings a desired state into normal form: sorted, each value as PVE on this node would mean it.
[[nodiscard]] inline auto normalize(desired_state desired, const lxc::node_facts& facts, const lxc::key_table& table)
    -> tl::expected<normal_desired, invalid_desired>
{
    auto normal = normal_desired{desired.generation, facts};
    normal.guests_.reserve(desired.guests.size());
    std::ranges::sort(desired.guests, {}, &desired_guest::id);
    if (const auto twice = std::ranges::adjacent_find(desired.guests, {}, &desired_guest::id);
        twice != desired.guests.end()) {
        return tl::unexpected(invalid_desired{.id = twice->id.number(), .key = {}});
    }
    for (auto& guest : desired.guests) {
        auto made = detail::normalize_guest(std::move(guest), facts, table);
        if (!made) {
            return tl::unexpected(std::move(made).error());
        }
        normal.guests_.push_back(*std::move(made));
    }
    return normal;
}

} // namespace felhom::reconcile
