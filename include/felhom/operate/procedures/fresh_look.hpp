// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/steady_instant.hpp>
#include <felhom/operate/gate/guest_facts.hpp>
#include <felhom/operate/host_switches.hpp>

#include <tl/expected.hpp>

#include <chrono>
#include <string>
#include <utility>

namespace felhom::operate {

/// The guest as it is, and after it what the owner and the hub say: what a call is held against before it is sent.
class fresh_look {
public:
    /// What was read of the guest, or why it could not be.
    [[nodiscard]] auto facts() const -> const tl::expected<guest_facts, std::string>& { return facts_; }
    [[nodiscard]] auto around() const -> const host_switches& { return around_; }
    [[nodiscard]] auto at() const -> steady_instant { return at_; }

    /// Until when a call may be sent on the strength of it.
    [[nodiscard]] auto fresh_until() const -> steady_instant { return begun_ + longest; }

    static constexpr auto longest = std::chrono::seconds{5};

private:
    friend struct take_fresh_look; // read_facts.hpp
    fresh_look(steady_instant begun, tl::expected<guest_facts, std::string> facts, steady_instant at,
               host_switches around)
        : begun_{begun}, facts_{std::move(facts)}, at_{at}, around_{std::move(around)}
    {
    }

    steady_instant begun_;
    tl::expected<guest_facts, std::string> facts_;
    steady_instant at_;
    host_switches around_;
};

} // namespace felhom::operate
