// error: destructive::rollback.* is private within this context
#include <felhom/proxmox/destructive.hpp>

namespace proxmox = felhom::proxmox;

auto take(const proxmox::untouched_snapshot& ours) -> proxmox::request
{
    const auto& made = ours.made();
    return proxmox::destructive::rollback(made.node(), made.guest(), made.name(), /*start_after=*/false);
}
