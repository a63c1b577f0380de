// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/config/error.hpp>
#include <felhom/config/layered.hpp>
#include <felhom/hub/hub_policy_json.hpp>
#include <felhom/proxmox/lxc/key_table.hpp>

#include <tl/expected.hpp>

namespace felhom::config {

/// What the hub may ask for without a signature: what `policy.hub` says, or the default.
[[nodiscard]] inline auto load_hub_policy(const layered& from) -> tl::expected<hub::hub_policy, config_errors>
{
    static constexpr auto configured = key<object_text>{"policy.hub"};
    const auto* const given = from.find(configured);
    if (given == nullptr) {
        return hub::hub_policy{};
    }
    return hub::parse_hub_policy(given->json, lxc::key_table::standard()).map_error([&](const json_error& why) {
        return config_errors{detail::error_below("policy.hub", from.origin_of(configured), why)};
    });
}

} // namespace felhom::config
