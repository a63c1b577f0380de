// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/exit_code.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>

// What keeps a command from beginning, and a daemon from its work.
namespace felhom::local_api {

enum class obstacle : std::uint8_t {
    to_mend, ///< a person must: the configuration, a file that it names, a journal that is damaged
    passes,  ///< it may be over without anybody mending anything: a full disk, no free file descriptor
    held,    ///< another process holds the journal
};

/// 78 keeps a service manager from trying again, so it is for what no other try could mend.
[[nodiscard]] constexpr auto exit_code_of(obstacle what) -> exit_code
{
    switch (what) {
    case obstacle::to_mend:
        return exit_code::configuration;
    case obstacle::passes:
        return exit_code::error;
    case obstacle::held:
        return exit_code::busy;
    }
    return exit_code::error;
}

/// What a daemon does that has no journal, without which nothing may be changed.
enum class without_journal : std::uint8_t {
    ends,         ///< and says why
    only_reports, ///< to the hub, until somebody has mended it
    tries_again,  ///< after a while, and tells how it is meanwhile
};

enum class moment : std::uint8_t {
    start,   ///< it was just begun
    at_work, ///< it had a journal, or tries for one
};

/// A daemon that was at work does not end because another command took the journal in between.
[[nodiscard]] constexpr auto next_step(obstacle what, moment when, bool has_hub) -> without_journal
{
    switch (what) {
    case obstacle::passes:
        return without_journal::tries_again;
    case obstacle::held:
        return when == moment::start ? without_journal::ends : without_journal::tries_again;
    case obstacle::to_mend:
        break;
    }
    return has_hub ? without_journal::only_reports : without_journal::ends;
}

/// Whether what a pass reads from files keeps a daemon from its start, where it is wrong. What may pass does not, nor
/// what the hub is asked for anew; later, each pass says so itself.
[[nodiscard]] constexpr auto keeps_from_start(obstacle what, moment when, bool hub_sends_it_anew) -> bool
{
    return when == moment::start && what == obstacle::to_mend && !hub_sends_it_anew;
}

/// Whether a configuration that was read anew is taken: when all of it works, and if this host could be changed with
/// the old one, it can be with the new one.
[[nodiscard]] constexpr auto is_taken(bool works, bool could_change, bool can_change) -> bool
{
    return works && (can_change || !could_change);
}

/// Between two tries to open a journal. One that opens and fails again soon, as on a disk that is full but for little,
/// is tried less and less often: `failed_soon` times in a row.
[[nodiscard]] constexpr auto pause_before_try(std::uint32_t failed_soon) -> std::chrono::seconds
{
    constexpr auto shortest = std::chrono::seconds{5};
    constexpr auto most_doublings = 4U;
    return shortest * (1U << std::min(failed_soon, most_doublings));
}

/// Whether a journal that failed after so long a time worked.
[[nodiscard]] constexpr auto failed_soon(std::chrono::milliseconds after) -> bool
{
    return after < std::chrono::minutes{2};
}

} // namespace felhom::local_api
