// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/catch.hpp"

#include <felhom/proxmox/api/caller.hpp>
#include <felhom/proxmox/errors/error.hpp>
#include <felhom/reconcile/actual/actual_state.hpp>
#include <felhom/reconcile/desired/normal_desired.hpp>
#include <felhom/reconcile/plan/planner.hpp>

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom::testing {

inline constexpr auto a_digest = std::string_view{"0123456789abcdef0123456789abcdef01234567"};

[[nodiscard]] inline auto id_of(std::uint32_t number) -> vmid
{
    return *vmid::from_number(number);
}

/// A read that brought nothing.
[[nodiscard]] inline auto interrupted() -> proxmox::call_error
{
    return net::transport_error{
        .what = net::transport_error::kind::interrupted, .maybe_sent = true, .detail = "after 12 bytes"};
}

/// In whose name the plans of the tests are shown.
[[nodiscard]] inline auto the_agent(std::optional<proxmox::permissions> granted = std::nullopt) -> proxmox::caller
{
    return {.token = *proxmox::token_id::parse("felhom@pve!agent"), .granted = std::move(granted)};
}

/// A guest as an observation would find it: stopped or running, with these keys in force.
class actual_guest_builder {
public:
    explicit actual_guest_builder(std::uint32_t id)
        : guest_{.id = id_of(id),
                 .name = "CT" + std::to_string(id),
                 .run = reconcile::run_state::running,
                 .lock = std::nullopt,
                 .config = reconcile::unread_config{interrupted()}}
    {
    }

    auto stopped() -> actual_guest_builder&
    {
        guest_.run = reconcile::run_state::stopped;
        return *this;
    }
    auto locked(std::string lock) -> actual_guest_builder&
    {
        guest_.lock = std::move(lock);
        return *this;
    }
    auto a_template() -> actual_guest_builder&
    {
        guest_.is_template = true;
        return *this;
    }
    auto with(std::string key, std::string value) -> actual_guest_builder&
    {
        entries_.push_back({.key = std::move(key), .value = std::move(value)});
        return *this;
    }
    auto pending(std::string key, std::optional<std::string> in_force, std::string after) -> actual_guest_builder&
    {
        entries_.push_back({.key = std::move(key), .value = std::move(in_force), .pending = std::move(after)});
        return *this;
    }
    auto pending_removal(std::string key, std::string in_force) -> actual_guest_builder&
    {
        entries_.push_back({.key = std::move(key), .value = std::move(in_force), .remove = true});
        return *this;
    }
    auto unreadable(proxmox::call_error why) -> actual_guest_builder&
    {
        unread_ = std::move(why);
        return *this;
    }
    auto worked_on_by(proxmox::upid task) -> actual_guest_builder&
    {
        guest_.task = std::move(task);
        return *this;
    }

    [[nodiscard]] auto build() -> reconcile::actual_guest
    {
        std::ranges::sort(entries_, {}, &proxmox::pending_entry::key);
        guest_.config =
            unread_ ? decltype(guest_.config){reconcile::unread_config{*unread_}}
                    : reconcile::actual_config{.entries = entries_, .digest = *proxmox::config_digest::parse(a_digest)};
        return guest_;
    }

private:
    reconcile::actual_guest guest_;
    std::vector<proxmox::pending_entry> entries_;
    std::optional<proxmox::call_error> unread_;
};

[[nodiscard]] inline auto observed(std::vector<reconcile::actual_guest> guests) -> reconcile::actual_state
{
    std::ranges::sort(guests, {}, &reconcile::actual_guest::id);
    auto seen = reconcile::inventory{};
    for (const auto& guest : guests) {
        seen.push_back(guest.id);
    }
    return {.inventory = *reconcile::accept_inventory({}, std::move(seen), {}),
            .guests = std::move(guests),
            .granted = std::nullopt};
}

[[nodiscard]] inline auto desire(std::uint32_t id,
                                 std::vector<std::pair<std::string, std::optional<std::string>>> entries,
                                 std::optional<reconcile::run_state> run = std::nullopt) -> reconcile::desired_guest
{
    auto guest = reconcile::desired_guest{.id = id_of(id), .run = run, .entries = {}};
    for (auto& [key, value] : entries) {
        guest.entries.push_back({.key = std::move(key), .value = std::move(value)});
    }
    return guest;
}

[[nodiscard]] inline auto normalized(std::vector<reconcile::desired_guest> guests,
                                     const lxc::node_facts& facts = {.release = {9, 1}},
                                     const lxc::key_table& table = lxc::key_table::standard())
    -> reconcile::normal_desired
{
    auto normal = reconcile::normalize({.generation = 1, .guests = std::move(guests)}, facts, table);
    REQUIRE(normal.has_value());
    return *std::move(normal);
}

[[nodiscard]] inline auto planned(const reconcile::normal_desired& desired, const reconcile::actual_state& actual,
                                  const reconcile::plan_policy& policy = {}) -> reconcile::plan
{
    auto made = reconcile::make_plan(desired, actual, policy);
    REQUIRE(made.has_value());
    return *std::move(made);
}

} // namespace felhom::testing
