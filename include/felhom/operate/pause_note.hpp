// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/instant.hpp>

#include <string>

namespace felhom::operate {

/// What a pause says of itself wherever something is held by it.
struct pause_note {
    std::string reason; ///< may be empty
    std::string by;     ///< a user of this machine
    instant at;

    friend auto operator==(const pause_note&, const pause_note&) -> bool = default;
};

/// "moving house, by root at 2026-06-01T12:00:00Z".
[[nodiscard]] inline auto text_of(const pause_note& note) -> std::string
{
    const auto who = "by " + note.by + " at " + to_rfc3339(note.at);
    return note.reason.empty() ? who : note.reason + ", " + who;
}

} // namespace felhom::operate
