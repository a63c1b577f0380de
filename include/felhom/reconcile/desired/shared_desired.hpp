// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/reconcile/desired/desired_state.hpp>

#include <algorithm>
#include <memory>
#include <utility>

namespace felhom::reconcile {

/// A desired state in order, which nobody changes any more: its guests sorted by vmid, and their entries by key. Copies
/// are the same one, so that a pass does not hold a large document once for each of its steps. Any desired state is
/// one.
class shared_desired {
public:
    shared_desired() : shared_desired{desired_state{}} {}
    shared_desired(desired_state of) : of_{std::make_shared<const desired_state>(in_order(std::move(of)))} {}

    [[nodiscard]] auto operator*() const -> const desired_state& { return *of_; }
    [[nodiscard]] auto operator->() const -> const desired_state* { return of_.get(); }

    friend auto operator==(const shared_desired& a, const shared_desired& b) -> bool { return *a == *b; }

private:
    [[nodiscard]] static auto in_order(desired_state of) -> desired_state
    {
        std::ranges::sort(of.guests, {}, &desired_guest::id);
        for (auto& guest : of.guests) {
            std::ranges::sort(guest.entries, {}, &desired_entry::key);
        }
        return of;
    }

    std::shared_ptr<const desired_state> of_;
};

} // namespace felhom::reconcile
