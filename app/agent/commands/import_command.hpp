// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/engine/node_io.hpp"
#include "agent/setup/console.hpp"
#include "agent/setup/session.hpp"

#include <felhom/core/exit_code.hpp>
#include <felhom/core/vmid.hpp>

#include <optional>
#include <string>
#include <vector>

namespace felhom::agent {

struct import_request {
    std::vector<vmid> guests = {};                 ///< none: all
    std::vector<std::string> keys = {};            ///< none: those that a plan may write without a signature
    std::optional<std::string> out = std::nullopt; ///< a file; nothing: the standard output
    bool replaces = false;                         ///< what has the file's name already
};

/// Prints the desired state that the node's guests are in, and tells what of them it leaves out. Changes nothing.
[[nodiscard]] auto run_import(const node_session& node, const import_request& asked, const console& to) -> exit_code;

} // namespace felhom::agent
