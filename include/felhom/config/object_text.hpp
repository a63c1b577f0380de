// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace felhom::config {

/// A JSON object that another room reads, as text.
struct object_text {
    std::string json;

    friend auto operator==(const object_text&, const object_text&) -> bool = default;
};

} // namespace felhom::config
