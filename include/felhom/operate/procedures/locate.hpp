// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/node_name.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/operate/procedure.hpp>
#include <felhom/operate/procedures/ask.hpp>
#include <felhom/proxmox/model/guest_lookup.hpp>

#include <tl/expected.hpp>

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace felhom::operate {

/// What a look at the state showed.
struct observed_state {
    bool as_wanted = false;
    bool was_read = false; ///< the answer was understood
    std::string detail = {};
    bool is_missing = false;                                             ///< the node has no such guest
    std::optional<proxmox::guest_is_elsewhere> elsewhere = std::nullopt; ///< where it was found instead
    std::vector<std::string> waiting = {}; ///< keys of a configuration that come into force at the next start
    std::string not_plugged = {};          ///< of a configuration: what is stored and the running guest did not take
};

/// Asks node and cluster where a guest is.
[[nodiscard]] inline auto locate(vmid guest, node_name node)
    -> procedure<tl::expected<proxmox::whereabouts, proxmox::call_error>>
{
    const auto answers = co_await ask(proxmox::whereabouts_questions(guest, node));
    co_return proxmox::understand_whereabouts(guest, node, answers);
}

/// Whether a guest is gone. What was granted on it is gone with it, so that after our own task has destroyed it the
/// lists need only not show it.
[[nodiscard]] inline auto gone_by(const tl::expected<proxmox::whereabouts, proxmox::call_error>& found, bool we_did_it)
    -> observed_state
{
    if (!found) {
        return {.detail = "where the guest is could not be read: " + proxmox::describe(found.error())};
    }
    return std::visit(
        overloaded{
            [](const proxmox::guest_is_here&) {
                return observed_state{.was_read = true, .detail = "the guest is still there"};
            },
            [](const proxmox::guest_is_elsewhere& at) {
                return observed_state{
                    .was_read = true, .detail = proxmox::describe(at), .is_missing = true, .elsewhere = at};
            },
            [](const proxmox::guest_is_nowhere&) {
                return observed_state{.as_wanted = true, .was_read = true, .is_missing = true};
            },
            [&](const proxmox::guest_not_listed& at) {
                return observed_state{.as_wanted = we_did_it,
                                      .was_read = we_did_it,
                                      .detail = we_did_it ? std::string{}
                                                          : "the guest is in no list, which proves nothing: " + at.why,
                                      .is_missing = true};
            },
        },
        *found);
}

} // namespace felhom::operate
