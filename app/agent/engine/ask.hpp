#pragma once

#include "agent/engine/node_io.hpp"

#include <felhom/operate/ask.hpp>

namespace felhom::agent {

/// Asks the node, and asks again, a bounded number of times, what failed for a reason that may have passed.
template <typename... Part>
[[nodiscard]] auto ask(const node_io& in, const proxmox::questions<Part...>& all) ->
    typename proxmox::questions<Part...>::answers
{
    return run(in, operate::ask_patiently(all));
}

} // namespace felhom::agent
