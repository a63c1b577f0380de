#pragma once

namespace felhom {

/// What a command's exit status says. 2 belongs to `plan`; 64 and 78 are those of sysexits.h.
enum class exit_code : int {
    success = 0,
    error = 1,
    changes = 2,     ///< plan: there is something to do
    unreachable = 3, ///< the node or the hub cannot be reached
    denied = 4,      ///< authentication, a privilege, or the server's identity
    refused = 5,     ///< needs a signature, or policy forbids it
    busy = 6,        ///< locked, or somebody else is at it
    unknown = 7,     ///< something was begun whose outcome is not known
    usage = 64,
    configuration = 78,
};

} // namespace felhom
