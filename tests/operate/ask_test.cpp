// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/core/overloaded.hpp>
#include <felhom/operate/procedures/ask.hpp>
#include <felhom/operate/procedures/node_survey.hpp>
#include <felhom/proxmox/api/read.hpp>

#include <cstddef>
#include <stdexcept>
#include <type_traits>
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

TEST_CASE("what a node is, is asked for as often as patience says, whatever went wrong")
{
    const auto patience = reconcile::run_policy{};
    auto asking = operate::read_node_facts(*node_name::parse("pve1"), patience);
    auto rounds = std::size_t{0};
    while (asking.pending() != nullptr) {
        asking.step(overloaded{
            [&](const operate::read_node& wanted) {
                ++rounds;
                const auto late = net::exchanged{tl::unexpected(net::transport_error{
                    .what = net::transport_error::kind::timeout, .maybe_sent = true, .detail = ""})};
                return operate::read_node::answer(wanted.calls.size(), late);
            },
            [](const operate::draw_jitter&) { return 0.5; },
            []<typename Other>(const Other&) -> typename Other::answer { return {}; },
        });
    }
    CHECK(rounds == patience.most_reads);
    CHECK_FALSE(std::move(asking).result().has_value());
}
