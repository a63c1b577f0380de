// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/api/answer.hpp"
#include "sim/node/node.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace felhom::sim {

struct config_change {
    config_section set;
    std::vector<std::string> deletes;
    std::vector<std::string> reverts;
};

/// PUT config on a guest that is not locked: first all goes to the pending section, then what can be applied is
/// (pve-container LXC/Config.pm, update_pct_config). What a running guest refuses key by key is answered with 400, and
/// all else is stored; on any other failure nothing is.
[[nodiscard]] auto update_config(node& on, guest_id vmid, guest& of, const config_change& change)
    -> tl::expected<void, refusal>;

/// What a stop or a start does: everything pending comes into force.
void apply_pending(node& on, guest_id vmid, guest& of);

/// What a write does last, after the file is stored: it writes the container's own configuration, which can fail.
[[nodiscard]] auto rebuild(const node& on, const guest& of) -> tl::expected<void, refusal>;

/// The value that PVE stores for one that was sent.
[[nodiscard]] auto canonical(node& on, std::string_view key, const std::string& value) -> std::string;

/// The property-string schema of a configuration key.
[[nodiscard]] auto properties_of(const node& on, std::string_view key, std::string_view value)
    -> std::vector<std::pair<std::string, std::string>>;

/// "mp0" for "mp" and any number.
[[nodiscard]] auto is_indexed(std::string_view key, std::string_view stem) -> bool;

} // namespace felhom::sim
