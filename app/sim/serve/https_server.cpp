// SPDX-License-Identifier: Apache-2.0
#include "sim/serve/https_server.hpp"

#include <utility>

namespace felhom::sim {

namespace {

/// The node that knows its own certificate.
auto with_certificate(node served, const own_certificate& certificate) -> node
{
    served.settings.fingerprint = certificate.fingerprint;
    return served;
}

} // namespace

https_server::https_server(node served, server_settings settings)
    : certificate_{make_certificate()}, clock_{settings.clock},
      node_{with_certificate(std::move(served), certificate_)}, listener_{certificate_,
                                                                          [this](const http_request& request) {
                                                                              const auto held = std::lock_guard{mutex_};
                                                                              return node_.handle(request, clock_());
                                                                          },
                                                                          std::move(settings)}
{
}

void https_server::with_node(const std::function<void(node&)>& use)
{
    const auto held = std::lock_guard{mutex_};
    use(node_);
}

} // namespace felhom::sim
