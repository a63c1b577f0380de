// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/enum_table.hpp>
#include <felhom/core/vmid.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace felhom::reconcile {

enum class run_state { running, stopped };

inline constexpr auto run_state_words =
    enum_table{std::array{enum_word{run_state::running, "running"}, enum_word{run_state::stopped, "stopped"}}};

/// One managed key of a guest. No value: the key must be unset.
struct desired_entry {
    std::string key;
    std::optional<std::string> value; ///< as it is written in a form: booleans 0 and 1, numbers in decimal

    friend auto operator==(const desired_entry&, const desired_entry&) -> bool = default;
};

/// What an operator wants of one guest; whatever is not named is not managed.
struct desired_guest {
    vmid id;
    std::optional<run_state> run;
    std::vector<desired_entry> entries; ///< sorted by key, each key once
    bool absent = false;                ///< it is to be gone, and nothing else is managed

    friend auto operator==(const desired_guest&, const desired_guest&) -> bool = default;
};

/// The desired state of a node. The default one manages nothing, and so changes nothing.
struct desired_state {
    std::uint64_t generation = 0;
    std::vector<desired_guest> guests; ///< sorted by vmid, each once

    friend auto operator==(const desired_state&, const desired_state&) -> bool = default;
};

} // namespace felhom::reconcile
