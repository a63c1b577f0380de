// SPDX-License-Identifier: Apache-2.0
#include "evidence_world.hpp"

#include <felhom/hub/report/pass_status.hpp>
#include <felhom/operate/procedures/run_pass.hpp>
#include <felhom/reconcile/desired/desired_json.hpp>
#include <felhom/reconcile/exit_codes.hpp>

using namespace felhom;
using namespace felhom::testing;

namespace {

constexpr auto new_interface = "name=eth0,bridge=vmbr9,hwaddr=BC:24:11:AA:BB:02";

/// As recorded on 8.4.21 and 9.2.11: the running guest's interface is removed, the new one cannot be plugged in, and
/// its value stays as pending.
void loses_net0(evidence_world& world)
{
    world.instead = [&world](const proxmox::request& call) -> std::optional<net::exchanged> {
        if (!changes_something(call)) {
            return std::nullopt;
        }
        auto& config = world.node().guests.at(102).config;
        config.current.erase("net0");
        config.pending["net0"] = new_interface;
        return answered(call, 400, "Parameter verification failed.",
                        R"({"data":null,"errors":{"net0":"unable to hotplug net0: bridge 'vmbr9' does not exist\n"},)"
                        R"("message":"Parameter verification failed.\n"})");
    };
}

auto pass_of(evidence_world& world) -> operate::pass_report
{
    const auto text = R"({"version":1,"generation":1,"guests":[{"vmid":102,"config":{"net0":")"
                      + std::string{new_interface} + R"("}}]})";
    auto rules = evidence_world::rules();
    rules.guard = {.who = operate::run_mode::interactive, .accepts_mass_change = true};
    auto report = agent::run(
        world.in(), operate::run_pass({.node = *node_name::parse("pve1"),
                                       .token = *proxmox::token_id::parse(sim::demo_tokens::agent),
                                       .desired = *reconcile::parse_desired_state(text, lxc::key_table::standard()),
                                       .last_inventory = {}},
                                      rules));
    REQUIRE(report.has_value());
    return *std::move(report);
}

} // namespace

TEST_CASE("an interface that the running guest lost when it was written is a failure that says so")
{
    auto world = evidence_world{};
    loses_net0(world);
    const auto report = pass_of(world);
    REQUIRE(report.results.size() == 1);
    const auto& outcome = report.results.front().outcome;
    CHECK(reconcile::code_of(outcome) == "failed");
    CHECK(reconcile::describe(outcome).starts_with(
        "failed, and net0 is lost until the guest's next start, which will try what is stored: "));
    CHECK(reconcile::describe(outcome).find("bridge 'vmbr9' does not exist") != std::string::npos);
}

TEST_CASE("a lost interface is told at every pass until a value is in force again, and is not written again")
{
    auto world = evidence_world{};
    loses_net0(world);
    static_cast<void>(pass_of(world));
    world.instead = {};
    for (auto pass = 0; pass < 2; ++pass) {
        const auto report = pass_of(world);
        CHECK(report.results.empty());
        REQUIRE(report.planned.plan.skips().size() == 1);
        CHECK(reconcile::code_of(report.planned.plan.skips().front().why) == "interface_lost");
        CHECK(reconcile::exit_code_of(report.planned.plan, report.results) == exit_code::error);
        const auto drift = hub::drift_after({{.id = *vmid::from_number(102), .run = std::nullopt, .entries = {}}},
                                            report.planned.plan, report.split, report.results, report.planned.who);
        CHECK(drift.held == 1);
    }
    auto& config = world.node().guests.at(102).config;
    config.current["net0"] = new_interface;
    config.pending.clear();
    CHECK(pass_of(world).planned.plan.skips().empty());
}

TEST_CASE("what a running guest takes at its next start is stored, and is told not to be in force before")
{
    auto world = evidence_world{};
    const auto result = world.submit("guest.set_config", 102, {{"set", {{"timezone", "host"}, {"tags", "web"}}}});
    CHECK(text_of(result.state) == "succeeded");
    CHECK(result.code == "pending_restart");
    CHECK(result.detail == "done; not in force before the guest's next start: timezone");
    CHECK(world.ledger().operations().begin()->second.end->code == "pending_restart");
    const auto stopped = world.submit("guest.set_config", 103, {{"set", {{"timezone", "host"}}}});
    CHECK(stopped.code.empty());
    CHECK(stopped.detail == "done");
}

TEST_CASE("a key that the node names among the errors was refused, whatever is stored of it")
{
    auto world = evidence_world{};
    world.instead = [&world](const proxmox::request& call) -> std::optional<net::exchanged> {
        if (!changes_something(call)) {
            return std::nullopt;
        }
        world.node().guests.at(103).config.current["tags"] = "web";
        return answered(call, 400, "Parameter verification failed.",
                        R"({"data":null,"errors":{"tags":"no"},"message":"Parameter verification failed.\n"})");
    };
    const auto result = world.submit("guest.set_config", 103, {{"set", {{"tags", "web"}}}});
    CHECK(text_of(result.state) == "failed");
}

TEST_CASE("what was to be applied at once and waits after a success is no success")
{
    auto world = evidence_world{};
    world.instead = [&world](const proxmox::request& call) -> std::optional<net::exchanged> {
        if (!changes_something(call)) {
            return std::nullopt;
        }
        world.node().guests.at(102).config.pending["memory"] = "1024";
        return answered(call, 200, "OK");
    };
    const auto result = world.submit("guest.set_config", 102, {{"set", {{"memory", "1024"}}}});
    CHECK(text_of(result.state) == "failed");
    CHECK(result.detail.find("memory is stored and the running guest did not take it") != std::string::npos);
}
