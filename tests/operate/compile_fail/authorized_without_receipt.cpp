// error: cannot convert 'felhom::durable::head' to 'const felhom::durable::receipt
#include <felhom/operate/gate.hpp>

using namespace felhom;

auto take(operate::admitted&& op, const durable::payload& record, const durable::receipt& proof)
{
    static_cast<void>(proof);
    return operate::authorization::by_receipt(std::move(op), record, durable::head{});
}
