// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/net/call_line.hpp>

#include <string>
#include <utility>

namespace felhom::proxmox {

/// One call of the Proxmox VE API, ready to be sent. Only the builders in read.hpp, mutate.hpp and destructive.hpp can
/// make one, so that no request exists which the core did not decide on.
class request {
public:
    [[nodiscard]] auto method() const -> net::http_method { return method_; }

    /// Path and query below /api2/json, percent-encoded: "/nodes/pve1/lxc/101/config?current=1".
    [[nodiscard]] auto target() const -> const std::string& { return target_; }

    /// The application/x-www-form-urlencoded body of a POST or PUT; empty for GET and DELETE, where PVE refuses one.
    [[nodiscard]] auto form() const -> const std::string& { return form_; }

    friend auto operator==(const request&, const request&) -> bool = default;

private:
    friend struct read;
    friend struct mutate;
    friend class destructive;

    request(net::http_method method, std::string target, std::string form)
        : method_{method}, target_{std::move(target)}, form_{std::move(form)}
    {
    }

    net::http_method method_;
    std::string target_;
    std::string form_;
};

/// What a call is named by in errors and in the log.
[[nodiscard]] inline auto line_of(const request& call) -> net::call_line
{
    return {.method = call.method(), .path = call.target().substr(0, call.target().find('?'))};
}

} // namespace felhom::proxmox
