// SPDX-License-Identifier: Apache-2.0
// error: cannot convert 'felhom::hash_chain::head' to 'const felhom::hash_chain::receipt
#include <felhom/operate/gate/gate.hpp>

using namespace felhom;

auto take(operate::admitted&& op, const hash_chain::payload& record, const hash_chain::receipt& proof)
{
    static_cast<void>(proof);
    return operate::authorization::by_receipt(std::move(op), record, hash_chain::head{});
}
