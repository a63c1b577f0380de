#pragma once

#include "agent/engine/node_io.hpp"
#include "agent/engine/status_board.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

namespace felhom::agent {

/// After a start, no change is begun on the strength of what the hub said in an earlier run, until it has answered in
/// this one and what it names as desired is here; but not for longer than so long.
class first_answer {
public:
    /// How often it is asked whether it has come.
    static constexpr auto look_every = std::chrono::milliseconds{500};

    /// Without a board there is no hub.
    first_answer(std::shared_ptr<const status_board> from, steady_instant begun, std::chrono::milliseconds at_most)
        : from_{std::move(from)}, until_{begun + at_most}
    {
    }

    [[nodiscard]] auto is_awaited(steady_instant now) const -> bool
    {
        return from_ != nullptr && now < until_ && !from_->has_heard_hub();
    }

    /// Whether it went on without one.
    [[nodiscard]] auto was_missed() const -> bool { return from_ != nullptr && !from_->has_heard_hub(); }

private:
    std::shared_ptr<const status_board> from_; ///< null: there is no hub
    steady_instant until_;
};

} // namespace felhom::agent
