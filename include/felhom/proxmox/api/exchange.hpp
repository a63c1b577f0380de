// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/net/response.hpp>
#include <felhom/proxmox/api/request.hpp>

#include <functional>
#include <vector>

namespace felhom::proxmox {

/// What came of a call, with the call's name on it, so that whatever is wrong with it says where.
[[nodiscard]] inline auto answer_to(const request& call, net::exchanged answer) -> net::exchanged
{
    (answer ? answer->to : answer.error().to) = line_of(call);
    return answer;
}

/// The capability to talk to one Proxmox VE API: sends every request, several at once where it can, and answers in the
/// order of the requests, each answer with the name of its call (answer_to).
using exchange = std::function<std::vector<net::exchanged>(const std::vector<request>&)>;

} // namespace felhom::proxmox
