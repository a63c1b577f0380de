#include "support/catch.hpp"

#include <felhom/operate/ask.hpp>
#include <felhom/proxmox/read.hpp>

#include <cstddef>
#include <variant>

using namespace felhom;
using proxmox::read;

TEST_CASE("questions whose order counts are asked one after the other")
{
    auto asking = operate::ask(proxmox::questions{read::cluster_guests(), read::permissions_on("/vms/101")});
    auto rounds = std::size_t{0};
    while (const auto* const asked = asking.pending()) {
        const auto* const reads = std::get_if<operate::read_node>(asked);
        REQUIRE(reads != nullptr);
        CHECK(reads->calls.size() == 1);
        asking.step([&](const auto& wanted) {
            ++rounds;
            using answer = typename std::remove_cvref_t<decltype(wanted)>::answer;
            return answer{};
        });
    }
    CHECK(rounds == 2);
}
