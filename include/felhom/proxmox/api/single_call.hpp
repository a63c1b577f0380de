// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/proxmox/api/request.hpp>

#include <utility>

namespace felhom::proxmox {

/// A request that is sent once: it cannot be copied, and nobody but the one who sends it gets to see it.
class single_call {
public:
    explicit single_call(request made) : what_{std::move(made)} {}

    single_call(const single_call&) = delete;
    auto operator=(const single_call&) -> single_call& = delete;
    single_call(single_call&&) = default;
    auto operator=(single_call&&) -> single_call& = default;
    ~single_call() = default;

    /// What `send` makes of the request.
    template <typename Send>
    [[nodiscard]] auto through(const Send& send) const
    {
        return send(what_);
    }

private:
    request what_;
};

} // namespace felhom::proxmox
