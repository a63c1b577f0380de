// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace felhom::proxmox {

/// What kind of trouble an error is.
enum class error_class {
    busy,            ///< a lock was not had in time; nothing was done
    held,            ///< another operation owns the guest
    conflict,        ///< the world is not as it was when the call was planned
    already_done,    ///< it is as the call wanted it to be
    not_found_here,  ///< not on this node: elsewhere, or nowhere
    privilege,       ///< a privilege is missing
    identity,        ///< the wrong one asks, or the wrong one answers; no privilege would help
    request,         ///< it cannot be done as asked, now or later
    cluster,         ///< the cluster's file system takes no writes
    unknown_outcome, ///< it may or may not have been done
    transient,       ///< a failure that may pass
};

/// What to do about it.
enum class error_action {
    retry_with_backoff,  ///< the same call, later and with jitter
    wait_for_owner,      ///< until the operation that holds the guest is over
    ask_operator,        ///< report; only a person can tell
    read_and_replan,     ///< read the state, plan anew
    take_as_done,        ///< success
    look_up_in_cluster,  ///< find where the guest is before anything else
    grant_privilege,     ///< report path, privilege and grant; do not retry
    check_credentials,   ///< report; do not retry: every 401 costs three seconds
    use_root_path,       ///< only root on the node can; else report it as unsupported
    correct_the_request, ///< report; do not retry
    stop_writing,        ///< reads may go on; long backoff
    read_back,           ///< read the real state, then decide
};

struct classification {
    error_class what;
    error_action action;

    friend auto operator==(const classification&, const classification&) -> bool = default;
};

} // namespace felhom::proxmox
