// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace felhom {

/// What a command's exit status says. 2 belongs to `plan`; 64 and 78 are those of sysexits.h.
enum class exit_code : int {
    success = 0,
    error = 1,
    changes = 2,     ///< plan: the node differs from what is desired
    unreachable = 3, ///< the node or the hub cannot be reached
    denied = 4,      ///< authentication, a privilege, or the server's identity
    refused = 5,     ///< needs a signature, or policy forbids it
    busy = 6,        ///< locked, or somebody else is at it
    unknown = 7,     ///< something was begun whose outcome is not known
    not_running = 8, ///< status: no agent answers
    usage = 64,
    configuration = 78,
};

/// How little a code may go unnoticed where there are several: the greater, the graver. Every code has a rank of its
/// own.
[[nodiscard]] constexpr auto gravity_of(exit_code code) -> std::uint8_t
{
    switch (code) {
    case exit_code::success:
        return 0;
    case exit_code::changes:
        return 1;
    case exit_code::refused:
        return 2;
    case exit_code::error:
        return 3;
    case exit_code::not_running:
        return 4;
    case exit_code::busy:
        return 5;
    case exit_code::denied:
        return 6;
    case exit_code::unreachable:
        return 7;
    case exit_code::usage:
        return 8;
    case exit_code::configuration:
        return 9; // nothing is done until a person has edited something
    case exit_code::unknown:
        return 10; // something may have been done
    }
    return 10;
}

} // namespace felhom
