// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/procedure.hpp>
#include <felhom/operate/effect.hpp>

namespace felhom::operate {

/// What is done about one guest.
template <typename T>
using procedure = felhom::procedure<effect, T>;

/// What only asks the node, as often as it takes.
template <typename T>
using reading = felhom::procedure<reading_effect, T>;

} // namespace felhom::operate
