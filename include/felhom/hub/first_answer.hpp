// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/steady_instant.hpp>

#include <chrono>

namespace felhom::hub {

/// After a start, no change is begun on the strength of what the hub said in an earlier run, until it has answered in
/// this one and what it names as desired is here; but not for longer than so long.
class first_answer {
public:
    /// How often it is asked whether it has come.
    static constexpr auto look_every = std::chrono::milliseconds{500};

    /// Where there is no hub, `at_most` is zero.
    first_answer(steady_instant begun, std::chrono::milliseconds at_most) : until_{begun + at_most} {}

    [[nodiscard]] auto is_awaited(bool has_heard_hub, steady_instant now) const -> bool
    {
        return !has_heard_hub && now < until_;
    }

private:
    steady_instant until_;
};

} // namespace felhom::hub
