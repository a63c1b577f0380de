// SPDX-License-Identifier: Apache-2.0
#include "hub_agent.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

using namespace felhom;
using namespace felhom::testing;
using namespace std::chrono_literals;

namespace {

/// As many processes begin at once, on a machine that may be small.
constexpr auto fleet_patience = 120s;

/// One agent of many, and the guest that it is to look after.
class member {
public:
    member(std::size_t number, sim::https_server& node) : number_{number}, node_{node}
    {
        of.look_after(node);
        node.with_node([&](sim::node& world) {
            const auto id = std::to_string(guest());
            sim::add_guest(world, guest(),
                           "arch: amd64\nhostname: g" + id + "\nmemory: 128\nostype: debian\nrootfs: local-zfs:subvol-"
                               + id + "-disk-0,size=1G\n");
        });
    }

    [[nodiscard]] auto host() const -> std::string { return "host-" + std::to_string(number_); }
    [[nodiscard]] auto key() const -> std::string { return "k-of-" + host() + "-4f1d2c3b4a59"; }
    [[nodiscard]] auto guest() const -> sim::guest_id { return static_cast<sim::guest_id>(201 + number_); }

    // No two of them have these in common.
    [[nodiscard]] auto generation(std::uint64_t round) const -> std::uint64_t { return (100 * (number_ + 1)) + round; }
    [[nodiscard]] auto memory(std::uint64_t round) const -> std::uint64_t { return generation(round); }

    [[nodiscard]] auto document(std::uint64_t round) const -> sim::hub_document
    {
        const auto memory_then = static_cast<std::int64_t>(memory(round));
        return hub_document(generation(round), listed({desired_guest{guest()}.memory(memory_then)}));
    }

    /// Whether its guest is as it is to be in that round, each of which was worked on once.
    [[nodiscard]] auto has_done(std::uint64_t round) const -> bool
    {
        auto done = false;
        node_.with_node([&](sim::node& world) {
            done = world.effects_of(guest(), "config") == static_cast<int>(round)
                   && world.guests.at(guest()).config.current.at("memory") == std::to_string(memory(round));
        });
        return done;
    }

    /// Whether what its hub said last was meant for it.
    [[nodiscard]] auto has_envelope(std::uint64_t round) const -> bool
    {
        return has(of.files.read("state/hub-envelope.json"),
                   "\"desired_generation\":" + std::to_string(generation(round)) + ",");
    }

    installation of;

private:
    std::size_t number_;
    sim::https_server& node_;
};

/// Twenty agents on four nodes and one hub.
class fleet {
public:
    static constexpr auto agents = std::size_t{20};
    static constexpr auto shared_by = std::size_t{5};

    fleet()
    {
        for (auto number = std::size_t{0}; number < agents; ++number) {
            if (number % shared_by == 0) {
                nodes.push_back(std::make_unique<sim::https_server>(quick_world(), sim::server_settings{}));
            }
            const auto& one = members.emplace_back(number, *nodes.back());
            hub.with_hub([&](sim::hub_store& store) { store.hosts[one.host()] = {.api_key = one.key()}; });
        }
        for (auto& one : members) {
            join(one.of, hub, one.host(), one.key());
        }
    }

    void want(std::uint64_t round)
    {
        hub.with_hub([&](sim::hub_store& store) {
            for (const auto& one : members) {
                store.hosts.at(one.host()).desired = one.document(round);
            }
        });
    }

    [[nodiscard]] auto each(const std::function<bool(const member&)>& is_so) const -> bool
    {
        return std::ranges::all_of(members, is_so);
    }

    [[nodiscard]] auto known_of(const member& one) -> sim::hub_host
    {
        auto copy = sim::hub_host{};
        hub.with_hub([&](sim::hub_store& store) { copy = store.hosts.at(one.host()); });
        return copy;
    }

    sim::hub_server hub{sim::hub_store{}};
    std::vector<std::unique_ptr<sim::https_server>> nodes;
    std::deque<member> members;
};

/// Of all effects on the nodes, how many there were.
auto changes_in(fleet& all) -> int
{
    auto sum = 0;
    for (const auto& node : all.nodes) {
        node->with_node([&](sim::node& world) {
            for (const auto& [what, times] : world.effects) {
                sum += times;
            }
        });
    }
    return sum;
}

} // namespace

TEST_CASE("twenty agents on one hub report each for itself, and bring about each what is wanted of it alone")
{
    auto all = fleet{};
    all.want(1);
    auto running = std::deque<running_agent>{};
    for (const auto& one : all.members) {
        running.emplace_back(one.of);
    }
    CHECK(comes_true([&] { return all.each([](const member& one) { return one.has_done(1); }); }, fleet_patience));
    CHECK(all.each([](const member& one) { return one.has_envelope(1); }));

    all.want(2);
    for (const auto& agent : running) {
        agent.tell(SIGHUP); // the next report comes at once
    }
    CHECK(comes_true([&] { return all.each([](const member& one) { return one.has_done(2); }); }, fleet_patience));
    CHECK(all.each([](const member& one) { return one.has_envelope(2); }));

    for (const auto& one : all.members) {
        INFO(one.host());
        const auto known = all.known_of(one);
        CHECK(known.reports.size() == known.counters.reports); // none was another host's
        CHECK(known.counters.reports >= 2);
        CHECK(known.counters.desired_reads >= 2);
        for (const auto& report : known.reports) {
            CHECK(boost::json::parse(report.body).at("host_id").as_string() == one.host());
        }
    }
    CHECK(changes_in(all) == 2 * static_cast<int>(fleet::agents));
    for (const auto& agent : running) {
        agent.tell(SIGTERM);
    }
    for (auto& agent : running) {
        CHECK(agent.end_by(SIGTERM).first == 0);
    }
}
