// SPDX-License-Identifier: Apache-2.0
#include "evidence_world.hpp"

using namespace felhom;
using namespace felhom::testing;

namespace {

constexpr auto resources_of_guests = std::string_view{"/cluster/resources?type=vm"};

/// Whoever may see the guests: this role on these paths, and what the node itself asks for besides.
void grant_only(sim::node& on, const std::vector<std::string>& paths)
{
    auto& access = on.access;
    access.entries.clear();
    access.roles["OfNode"] = {"Sys.Audit"};
    for (const auto* const who : {"felhom@pve", sim::demo_tokens::agent}) {
        access.entries.push_back({.path = "/", .who = who, .role = "OfNode"});
        for (const auto& path : paths) {
            access.entries.push_back({.path = path, .who = who, .role = "FelhomAgent"});
        }
    }
}

/// The guest is moved to another node the moment that a change of it comes in, which Proxmox VE so refuses.
void moves_when_changed(evidence_world& world, sim::guest_id guest, std::string refusal)
{
    auto moved = std::make_shared<bool>(false);
    world.instead = [&world, guest, refusal, moved](const proxmox::request& call) -> std::optional<net::exchanged> {
        if (changes_something(call)) {
            world.node().guests.erase(guest);
            *moved = true;
            return answered(call, refusal.starts_with("Permission") ? 403 : 500, refusal);
        }
        if (*moved && call.target() == resources_of_guests) {
            return answered(call, 200, "OK",
                            R"({"data":[{"id":"lxc/103","type":"lxc","vmid":103,"node":"pve2","status":"running"}]})");
        }
        return std::nullopt;
    };
}

} // namespace

TEST_CASE("a guest that moves to another node while it is to be destroyed was not destroyed, and its node is named")
{
    for (const auto* const refusal : {"CT is locked (migrate)", "Permission check failed (/vms/103, VM.Allocate)"}) {
        auto world = evidence_world{};
        moves_when_changed(world, 103, refusal);
        const auto result = world.submit("guest.destroy", 103);
        INFO(refusal << ": " << result.detail);
        CHECK(text_of(result.state) == "failed");
        CHECK(result.code == "elsewhere");
        CHECK(result.detail == "not done: the guest is on node pve2");
        CHECK(world.ledger().operations().begin()->second.end->code == "elsewhere");
    }
}

TEST_CASE("a destroy that was lost while the guest moved is not known to have done nothing")
{
    auto world = evidence_world{};
    moves_when_changed(world, 103, "got no worker upid - start worker failed");
    const auto result = world.submit("guest.destroy", 103);
    CHECK(text_of(result.state) != "succeeded");
    CHECK(result.detail.find("node pve2") != std::string::npos);
}

TEST_CASE("a guest that our own task destroyed is gone, although what was granted on it went with it")
{
    auto world = evidence_world{};
    grant_only(world.node(), {"/vms/103"});
    world.instead = [&](const proxmox::request& call) -> std::optional<net::exchanged> {
        if (call.target() == "/nodes/pve1/lxc" && !world.node().guests.contains(103)) {
            grant_only(world.node(), {}); // Proxmox VE removes the guest's entries with it
        }
        return std::nullopt;
    };
    const auto result = world.submit("guest.destroy", 103);
    INFO(result.detail);
    CHECK(text_of(result.state) == "succeeded");
    CHECK(result.code.empty());
    CHECK(world.node().effects_of(103, "destroy") == 1);
}

TEST_CASE("a guest that is in no list may be hidden: without a task of ours it is not known to be gone")
{
    auto world = evidence_world{};
    grant_only(world.node(), {"/vms/103"});
    world.instead = [&](const proxmox::request& call) -> std::optional<net::exchanged> {
        if (!changes_something(call)) {
            return std::nullopt;
        }
        grant_only(world.node(), {});
        return answered(call, 403, "Permission check failed (/vms/103, VM.Allocate)");
    };
    const auto result = world.submit("guest.destroy", 103);
    INFO(result.detail);
    CHECK(text_of(result.state) == "unknown");
    CHECK(result.detail.find("VM.Audit on /vms stays") != std::string::npos);
    CHECK(world.node().guests.contains(103));
}

TEST_CASE("a guest that moved before it could be started was not started")
{
    auto world = evidence_world{};
    moves_when_changed(world, 103, "Configuration file 'nodes/pve1/lxc/103.conf' does not exist");
    auto jobs = std::vector<operate::lane_job>{};
    const auto guest = *vmid::from_number(103);
    jobs.push_back({.guest = guest,
                    .kind = operate::job_kind::plain,
                    .work = operate::execute(reconcile::start_guest{guest}, 1, operate::origin::reconcile,
                                             evidence_world::rules().at)});
    auto ends = world.in().in_lanes(std::move(jobs));
    const auto outcome = std::get<operate::action_outcome>(ends.front().value());
    CHECK(reconcile::code_of(outcome) == "elsewhere");
    CHECK(reconcile::describe(outcome) == "not done: the guest is on node pve2");
}
