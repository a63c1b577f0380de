// SPDX-License-Identifier: Apache-2.0
// error: no match for call to .*guest_migrate
#include <felhom/operate/operation/postcondition.hpp>

struct guest_migrate {};

auto expected_of(const guest_migrate& what)
{
    return felhom::operate::shown_by(what);
}
