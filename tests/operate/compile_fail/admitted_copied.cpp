// SPDX-License-Identifier: Apache-2.0
// error: use of deleted function 'felhom::operate::admitted::admitted\(const
#include <felhom/operate/gate/gate.hpp>

using namespace felhom;

auto take(const operate::admitted& op, const hash_chain::payload& record, const hash_chain::receipt& proof)
{
    return operate::authorization::by_receipt(operate::admitted{op}, record, proof);
}
