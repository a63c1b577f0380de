// SPDX-License-Identifier: Apache-2.0
// error: receipt::receipt.* is private within this context
#include <felhom/hash_chain/receipt.hpp>

using namespace felhom;

auto promise(const hash_chain::receipt& proof, const hash_chain::head& at)
{
    return hash_chain::receipt{at.hash, hash_chain::place{}, at};
}
