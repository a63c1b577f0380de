// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/engine/live_io.hpp"
#include "agent/setup/operation_settings.hpp"
#include "agent/setup/watched_clock.hpp"
#include "io/files/drop_box.hpp"
#include "io/journal/journal.hpp"

#include <tl/expected.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace felhom::agent {

/// Why a journal cannot be opened.
[[nodiscard]] auto lines_of(const io::log_error& error) -> startup_errors;

/// Everything that changes something needs: the journal, held against every other process, and what operations do with
/// the world. One a process.
class operating_session {
public:
    [[nodiscard]] static auto open(const operation_settings& settings, const agent::node_io& node,
                                   const io::logger& log)
        -> tl::expected<std::unique_ptr<operating_session>, startup_errors>;

    /// `wait`: how whoever puts work into the lanes waits for it.
    [[nodiscard]] auto view(lane_wait wait = {}) -> operation_io { return live_->view(std::move(wait)); }
    [[nodiscard]] auto rules() const -> const operate::operating_rules& { return settings_.rules; }
    [[nodiscard]] auto journal() -> io::journal& { return *journal_; }
    [[nodiscard]] auto box() -> io::drop_box& { return box_; }

    /// Takes up what was in flight when the last process stopped, and notes who may sign.
    void recover_in_flight(const lane_wait& wait);

    /// Forgets what may be forgotten, and begins a new file when this one is full.
    void compact();

    void stop() { live_->stop(); }

private:
    operating_session(operation_settings settings, std::unique_ptr<io::journal> journal, io::drop_box box,
                      const agent::node_io& node, io::logger log);

    /// Whether what expires by the wall clock may be forgotten.
    [[nodiscard]] auto trusts_clock(instant now) -> bool;

    operation_settings settings_;
    watched_clock clock_;
    bool trusted_clock_ = true; ///< when it was looked at last
    std::unique_ptr<io::journal> journal_;
    io::drop_box box_;
    io::logger log_;
    std::unique_ptr<live_io> live_; ///< the last member: its threads use the others
};

/// Where a state directory keeps things.
struct state_paths {
    std::string signed_ops;
    std::string paused;
    std::string clock_stepped; ///< there as long as nothing spoke for a clock that was set forward

    [[nodiscard]] static auto in(const std::string& directory) -> state_paths
    {
        return {.signed_ops = directory + "/signed-ops",
                .paused = directory + "/paused",
                .clock_stepped = directory + "/clock-stepped"};
    }
};

} // namespace felhom::agent
