// error: receipt::receipt.* is private within this context
#include <felhom/durable/receipt.hpp>

using namespace felhom;

auto promise(const durable::receipt& proof, const durable::head& at)
{
    return durable::receipt{at.hash, durable::place{}, at};
}
