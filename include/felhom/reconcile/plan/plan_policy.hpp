// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/host_id.hpp>
#include <felhom/core/vmid.hpp>

#include <optional>
#include <vector>

namespace felhom::reconcile {

/// What a pass may do beyond the rules of the key table.
struct plan_policy {
    bool kill_after_timeout = false;  ///< a guest that does not shut down in time is killed
    bool allow_grow = false;          ///< a volume that is desired larger is grown, without a signature
    std::vector<vmid> observed = {};  ///< guests that are looked at and never changed
    std::optional<host_id> host = {}; ///< by which operators name this host in what they sign
};

} // namespace felhom::reconcile
