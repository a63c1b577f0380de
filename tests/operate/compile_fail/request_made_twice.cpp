// error: use of deleted function 'felhom::operate::authorization::authorization
#include <felhom/operate/gate.hpp>

using namespace felhom;

auto take(operate::authorization&& op, const node_name& node)
{
    return operate::gate::request_of(op, node);
}
