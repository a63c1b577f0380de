// SPDX-License-Identifier: Apache-2.0
// error: no matching function for call to 'std::variant<felhom::operate::guest_destroy
#include <felhom/operate/operation/operation.hpp>

using namespace felhom;

auto sign_it() -> operate::signed_operation
{
    return operate::signed_operation{operate::guest_start{}};
}
