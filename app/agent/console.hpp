#pragma once

#include <felhom/reconcile/plan_text.hpp>

#include <ostream>

namespace felhom::agent {

/// Where a command speaks: data to `out`, talk to `err`.
struct console {
    std::ostream& out;
    std::ostream& err;
    bool json = false;
    reconcile::text_style style = reconcile::no_colour;
};

} // namespace felhom::agent
