// SPDX-License-Identifier: Apache-2.0
// error: cannot convert '[a-z_:]*made_up' to 'const felhom::hash_chain::receipt
#include <felhom/authz/replay/claim.hpp>

using namespace felhom;

struct made_up {
    [[nodiscard]] auto at() const -> int { return 1; }
    [[nodiscard]] auto covers(const hash_chain::payload& /*any*/) const -> bool { return true; }
};

auto execute(authz::claim&& fresh, const hash_chain::receipt& proof)
{
    return authz::claimed::by_receipt(std::move(fresh), made_up{});
}
