// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/vmid.hpp>
#include <felhom/proxmox/lxc/config_key.hpp>
#include <felhom/proxmox/lxc/key_table.hpp>
#include <felhom/proxmox/lxc/node_facts.hpp>
#include <felhom/proxmox/lxc/standard_keys.hpp>
#include <felhom/reconcile/desired/desired_state.hpp>
#include <felhom/reconcile/desired/shared_desired.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace felhom::reconcile {

/// One managed key with the rule it is held to and its normal form, computed once. It refers to the desired state that
/// it is from.
struct normal_entry {
    const lxc::config_key* rule;
    const desired_entry* wanted;
    std::string normal; ///< of the value, or of what the key's absence means

    [[nodiscard]] auto key() const -> const std::string& { return wanted->key; }
    /// Nothing: the key must be unset.
    [[nodiscard]] auto value() const -> const std::optional<std::string>& { return wanted->value; }

    friend auto operator==(const normal_entry& a, const normal_entry& b) -> bool
    {
        return a.rule == b.rule && *a.wanted == *b.wanted && a.normal == b.normal;
    }
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

/// A desired state in normal form, for one node. Only `normalize` makes it; a plan takes nothing else. It keeps the
/// desired state that it is of, and refers to the rules of the table it was normalized by.
class normal_desired {
public:
    [[nodiscard]] auto generation() const -> std::uint64_t { return of_->generation; }
    [[nodiscard]] auto guests() const -> const std::vector<normal_guest>& { return guests_; }
    [[nodiscard]] auto facts() const -> const lxc::node_facts& { return facts_; }

    friend auto operator==(const normal_desired&, const normal_desired&) -> bool = default;

private:
    friend auto normalize(shared_desired desired, const lxc::node_facts& facts, const lxc::key_table& table)
        -> tl::expected<normal_desired, invalid_desired>;

    normal_desired(shared_desired of, const lxc::node_facts& facts) : of_{std::move(of)}, facts_{facts} {}

    shared_desired of_;
    lxc::node_facts facts_;
    std::vector<normal_guest> guests_;
};

namespace detail {

[[nodiscard]] inline auto normalize_guest(const desired_guest& guest, const lxc::node_facts& facts,
                                          const lxc::key_table& table) -> tl::expected<normal_guest, invalid_desired>
{
    if (const auto twice = std::ranges::adjacent_find(guest.entries, {}, &desired_entry::key);
        twice != guest.entries.end()) {
        return tl::unexpected(invalid_desired{.id = guest.id.number(), .key = twice->key});
    }
    auto normal = normal_guest{.id = guest.id, .run = guest.run, .entries = {}, .absent = guest.absent};
    normal.entries.reserve(guest.entries.size());
    for (const auto& entry : guest.entries) {
        const auto* const rule = table.find(entry.key);
        if (rule == nullptr || rule->managed == lxc::management::pve) {
            return tl::unexpected(invalid_desired{.id = guest.id.number(), .key = entry.key});
        }
        auto form = std::string{};
        if (entry.value) {
            lxc::normalize(*rule, *entry.value, facts, form);
        } else {
            form = default_of(*rule, facts);
        }
        form.shrink_to_fit();
        normal.entries.push_back({.rule = rule, .wanted = &entry, .normal = std::move(form)});
    }
    return normal;
}

} // namespace detail

/// Brings a desired state into normal form: each value as PVE on this node would mean it.
[[nodiscard]] inline auto normalize(shared_desired desired, const lxc::node_facts& facts, const lxc::key_table& table)
    -> tl::expected<normal_desired, invalid_desired>
{
    auto normal = normal_desired{std::move(desired), facts};
    const auto& guests = normal.of_->guests;
    normal.guests_.reserve(guests.size());
    if (const auto twice = std::ranges::adjacent_find(guests, {}, &desired_guest::id); twice != guests.end()) {
        return tl::unexpected(invalid_desired{.id = twice->id.number(), .key = {}});
    }
    for (const auto& guest : guests) {
        auto made = detail::normalize_guest(guest, facts, table);
        if (!made) {
            return tl::unexpected(std::move(made).error());
        }
        normal.guests_.push_back(*std::move(made));
    }
    return normal;
}
[[nodiscard]] inline auto normalize(desired_state desired, const lxc::node_facts& facts, const lxc::key_table& table)
    -> tl::expected<normal_desired, invalid_desired>
{
    return normalize(shared_desired{std::move(desired)}, facts, table);
}

} // namespace felhom::reconcile
