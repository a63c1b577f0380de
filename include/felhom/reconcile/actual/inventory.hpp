// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/vmid.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <vector>

namespace felhom::reconcile {

/// The guests that a read of the node returned, sorted.
using inventory = std::vector<vmid>;

/// When a shrunken inventory is more likely a lost privilege than lost guests (peers-quirks.md §4: a missing VM.Audit
/// gives an empty list, not an error).
struct inventory_policy {
    std::size_t missing_count = 5;    ///< more than so many gone …
    std::size_t missing_percent = 30; ///< … and more than so many per cent of the last inventory
};

/// The pass is held: too many guests have vanished since the last one.
struct inventory_shrank {
    std::size_t before;
    inventory missing;

    friend auto operator==(const inventory_shrank&, const inventory_shrank&) -> bool = default;
};

[[nodiscard]] inline auto describe(const inventory_shrank& error) -> std::string
{
    return std::to_string(error.missing.size()) + " of the " + std::to_string(error.before)
           + " guests seen last time are gone; a lost privilege (VM.Audit) looks like this, so nothing is changed";
}

/// An inventory that may be acted on. Only `accept_inventory` makes it.
class accepted_inventory {
public:
    [[nodiscard]] auto guests() const -> const inventory& { return guests_; }

    friend auto operator==(const accepted_inventory&, const accepted_inventory&) -> bool = default;

private:
    friend auto accept_inventory(const inventory& before, inventory now, const inventory_policy& policy)
        -> tl::expected<accepted_inventory, inventory_shrank>;

    explicit accepted_inventory(inventory guests) : guests_{std::move(guests)} {}

    inventory guests_;
};

/// Holds an inventory against the last one that was seen: refused when it is empty and was not, or when more guests are
/// gone than policy allows.
[[nodiscard]] inline auto accept_inventory(const inventory& before, inventory now, const inventory_policy& policy)
    -> tl::expected<accepted_inventory, inventory_shrank>
{
    auto missing = inventory{};
    std::ranges::set_difference(before, now, std::back_inserter(missing));
    const auto emptied = now.empty() && !before.empty();
    const auto shrunk =
        missing.size() > policy.missing_count && missing.size() * 100 > before.size() * policy.missing_percent;
    if (emptied || shrunk) {
        return tl::unexpected(inventory_shrank{.before = before.size(), .missing = std::move(missing)});
    }
    return accepted_inventory{std::move(now)};
}

} // namespace felhom::reconcile
