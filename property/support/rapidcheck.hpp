// SPDX-License-Identifier: Apache-2.0
#pragma once

// RapidCheck's Catch bridge needs Catch's header first.
// clang-format off
#include "support/catch.hpp"

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
// clang-format on

#include <cstdlib>
#include <string>

namespace felhom::tests {

/// Under ./dev soak a property runs FELHOM_SOAK_CASES cases from FELHOM_SEED on, whoever started the program.
/// RapidCheck asks for its parameters when it checks the first property, which is after this.
inline const auto is_soaking = [] {
    const auto text_of = [](const char* variable, const char* otherwise) {
        const auto* const text = std::getenv(variable);
        return std::string{text == nullptr ? otherwise : text};
    };
    if (text_of("FELHOM_SOAK", "").empty()) {
        return false;
    }
    const auto parameters =
        "seed=" + text_of("FELHOM_SEED", "1") + " max_success=" + text_of("FELHOM_SOAK_CASES", "200000");
    return ::setenv("RC_PARAMS", parameters.c_str(), /*overwrite=*/1) == 0;
}();

} // namespace felhom::tests
