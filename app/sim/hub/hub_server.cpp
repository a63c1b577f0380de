// SPDX-License-Identifier: Apache-2.0
#include "sim/hub/hub_server.hpp"

#include <utility>

namespace felhom::sim {

hub_server::hub_server(hub_store served, server_settings settings)
    : certificate_{make_certificate()}, clock_{settings.clock}, hub_{std::move(served)},
      listener_{certificate_,
                [this](const http_request& request) {
                    const auto held = std::lock_guard{mutex_};
                    return hub_.handle(request, clock_());
                },
                std::move(settings)}
{
}

void hub_server::with_hub(const std::function<void(hub_store&)>& use)
{
    const auto held = std::lock_guard{mutex_};
    use(hub_);
}

} // namespace felhom::sim
