// SPDX-License-Identifier: Apache-2.0
// error: claim::claim.* is private within this context
#include <felhom/authz/replay/claim.hpp>

using namespace felhom;

auto skip_the_memory(authz::timely&& op, authz::replay_memory& memory, const hash_chain::payload& record)
{
    return authz::claim{std::move(op), std::nullopt, record};
}
