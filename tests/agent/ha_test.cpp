// SPDX-License-Identifier: Apache-2.0
#include "agent/engine/operation_io.hpp"
#include "support/catch.hpp"
#include "support/simulated_agent.hpp"

#include <felhom/operate/operating_rules.hpp>
#include <felhom/operate/procedures/take_up.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

using namespace felhom;
using namespace felhom::testing;
using namespace std::chrono_literals;

namespace {

/// A node whose guest 102 HA manages: its shutdown is a task that only asks for it, and ends well at once
/// (pve-container API2/LXC/Status.pm). HA does it so much later, or never.
class ha_world {
public:
    explicit ha_world(std::optional<std::chrono::seconds> done_after) : done_after_{done_after}
    {
        in_ = agent_.start();
        agent_.spoilt = [this] {
            auto world = in_;
            world.in.exchange = [this](const std::vector<proxmox::request>& calls) {
                auto answers = std::vector<net::exchanged>{};
                for (const auto& call : calls) {
                    answers.push_back(send(call));
                }
                return answers;
            };
            return world;
        };
    }

    /// What comes of a shutdown for which the guest has five minutes.
    auto shut_down() -> operate::action_outcome
    {
        auto jobs = std::vector<operate::lane_job>{};
        jobs.push_back({.guest = guest_,
                        .kind = operate::job_kind::plain,
                        .work = operate::execute(reconcile::shutdown_guest{.id = guest_, .kill_after_timeout = false},
                                                 1, operate::origin::reconcile, rules().at)});
        auto ends = in_.in_lanes(std::move(jobs));
        REQUIRE(ends.front().has_value());
        return std::get<operate::action_outcome>(*std::move(ends.front()));
    }

    /// How the journal says that the shutdown ended, with an agent that was restarted after HA had been asked.
    auto shut_down_by_two_agents() -> operate::ending
    {
        const auto id = operate::operation_id{1};
        static_cast<void>(send(proxmox::mutate::shutdown(rules().at.node, guest_, 300s, false)));
        REQUIRE(in_.append(operate::operation_started{.id = id,
                                                      .at = agent_.outside().now(),
                                                      .guest = guest_,
                                                      .from = operate::origin::reconcile,
                                                      .what = operate::guest_shutdown{}})
                    .has_value());
        REQUIRE(in_.append(operate::operation_task{.id = id, .at = agent_.outside().now(), .task = task_}).has_value());
        static_cast<void>(agent::run(in_, operate::take_up(rules())));
        return in_.ledger().find(id)->end->how;
    }

    [[nodiscard]] auto waited() -> std::chrono::milliseconds { return agent_.outside().now() - start_of_simulation; }

private:
    [[nodiscard]] static auto rules() -> operate::operating_rules
    {
        return {.at = {.node = *node_name::parse("pve1"), .facts = {}, .patience = {.shutdown_timeout = 300s}},
                .user = sim::demo_tokens::agent,
                .gate = {.here = *host_id::parse("pve1")}};
    }

    [[nodiscard]] auto send(const proxmox::request& call) -> net::exchanged
    {
        const auto answered = [&](std::string data) {
            return proxmox::answer_to(
                call, net::response{.status = 200, .reason = "OK", .body = R"({"data":)" + std::move(data) + "}"});
        };
        if (call.target().ends_with("/lxc/102/status/shutdown")) {
            asked_ = agent_.outside().now();
            return answered("\"" + task_.text() + "\"");
        }
        if (call.target().find("hastop") != std::string::npos) {
            return answered(R"({"status":"stopped","exitstatus":"OK","upid":")" + task_.text()
                            + R"(","node":"pve1","pid":41394,"pstart":12648430,"starttime":1795000000,)"
                              R"("type":"hastop","id":"102","user":"felhom@pve!agent"})");
        }
        if (asked_ && done_after_ && agent_.outside().now() >= *asked_ + *done_after_) {
            agent_.node().guests.at(102).running = false;
        }
        return agent_.outside().send(call);
    }

    std::optional<std::chrono::seconds> done_after_;
    vmid guest_ = *vmid::from_number(102);
    proxmox::upid task_ = *proxmox::upid::parse("UPID:pve1:0000A1B2:00C0FFEE:6AFD90C0:hastop:102:felhom@pve!agent:");
    std::optional<instant> asked_;
    simulated_agent agent_{sim::demo_world(start_of_simulation)};
    agent::operation_io in_;
};

} // namespace

TEST_CASE("what HA was asked for is waited for as long as the guest may take and HA besides")
{
    for (const auto after : {60s, 350s}) {
        auto world = ha_world{after};
        CHECK(world.shut_down() == operate::action_outcome{reconcile::achieved{}});
    }
}

TEST_CASE("what HA has not done in its time is unknown, never failed")
{
    auto world = ha_world{std::nullopt};
    const auto outcome = world.shut_down();
    CHECK(std::holds_alternative<reconcile::outcome_unknown>(outcome));
    CHECK(reconcile::describe(outcome)
          == "outcome unknown: HA was asked for it and has not done it yet: the guest is running");
    CHECK(world.waited() >= 360s);
    CHECK(world.waited() < 400s);
}

TEST_CASE("a restarted agent waits for HA just so")
{
    CHECK(ha_world{60s}.shut_down_by_two_agents() == operate::ending::succeeded);
    CHECK(ha_world{std::nullopt}.shut_down_by_two_agents() == operate::ending::unknown);
}
