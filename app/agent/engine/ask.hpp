#pragma once

#include "agent/engine/node_io.hpp"

#include <felhom/proxmox/exchange.hpp>
#include <felhom/proxmox/question.hpp>
#include <felhom/proxmox/read_retry.hpp>
#include <felhom/proxmox/request.hpp>

#include <vector>

namespace felhom::agent {

/// Asks the node, and asks again, a bounded number of times, what failed for a reason that may have passed. For reads.
[[nodiscard]] auto ask(const node_io& in, const std::vector<proxmox::request>& questions,
                       const proxmox::read_retry_policy& policy = {}) -> std::vector<net::exchanged>;

/// The same, with the answers read.
template <typename... Part>
[[nodiscard]] auto ask(const node_io& in, const proxmox::questions<Part...>& all) ->
    typename proxmox::questions<Part...>::answers
{
    return all.understand(ask(in, all.requests()));
}

} // namespace felhom::agent
