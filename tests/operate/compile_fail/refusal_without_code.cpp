// SPDX-License-Identifier: Apache-2.0
// error: no matching function for call to 'code_of
#include <felhom/operate/gate/gate_refusal.hpp>

using namespace felhom;

struct guest_asleep {
    static constexpr auto is_transient = true;
};

auto name_it(const std::variant<operate::guest_missing, guest_asleep>& why) -> std::string_view
{
    return felhom::code_of(why);
}
