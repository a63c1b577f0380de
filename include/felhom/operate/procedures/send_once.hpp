// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/steady_instant.hpp>
#include <felhom/net/response.hpp>
#include <felhom/proxmox/api/single_call.hpp>

#include <tl/expected.hpp>

#include <utility>

namespace felhom::operate {

/// What allowed a call was seen too long ago: the call was not sent.
struct look_too_old {
    friend auto operator==(const look_too_old&, const look_too_old&) -> bool = default;
};

/// One call that a fresh look allowed, sent while the look is fresh, and used up by that.
class send_once {
public:
    using answer = tl::expected<net::exchanged, look_too_old>;

    send_once(proxmox::single_call&& allowed, steady_instant until) : call_{std::move(allowed)}, fresh_until_{until} {}

    /// Performs it: `exchange` sends a request and returns its answer.
    template <typename Exchange>
    [[nodiscard]] auto perform(steady_instant now, const Exchange& exchange) const -> answer
    {
        return now > fresh_until_ ? answer{tl::unexpected(look_too_old{})} : answer{call_.through(exchange)};
    }

private:
    proxmox::single_call call_;
    steady_instant fresh_until_;
};

} // namespace felhom::operate
