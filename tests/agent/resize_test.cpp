// SPDX-License-Identifier: Apache-2.0
#include "agent/engine/operation_io.hpp"
#include "operate/signing.hpp"
#include "operate/simulated/signed_node.hpp"
#include "support/catch.hpp"
#include "support/simulated_agent.hpp"

#include <felhom/operate/operating_rules.hpp>
#include <felhom/operate/procedures/submit.hpp>

#include <range/v3/algorithm/count_if.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>

using namespace felhom;
using namespace felhom::testing;
using namespace std::chrono_literals;
using operate::signed_state;

namespace {

/// An agent at a node whose guest 207 has a volume of 64G, and what is signed for that volume.
class volume_world {
public:
    volume_world()
    {
        agent_.around = {.now = {}, .signers = listed_signers()};
        agent_.on_call = [this](const proxmox::request& call, const operate::ledger& /*known*/) {
            if (hear) {
                hear(call);
            }
        };
        in_ = agent_.start();
    }

    auto grow(const std::string& disk, const std::string& size) -> operate::signed_result
    {
        const auto now = agent_.outside().now();
        auto op = operation_builder{"guest.resize", 207, {{"disk", disk}, {"size", size}}};
        op.with_nonce(std::string(31, 'a') + "0123456789abcdef"[signed_++]).valid(now - 1min, now + 14min);
        auto results = agent::run(in_, operate::submit({op.signed_by(operator_key)}, rules_));
        REQUIRE(results.front().has_value());
        return *std::move(results.front());
    }

    /// The action of a plan that grows it.
    [[nodiscard]] static auto planned(const std::string& size, const std::string& from) -> reconcile::grow_volume
    {
        return reconcile::grow_volume{.id = *vmid::from_number(207),
                                      .disk = *proxmox::disk_slot::parse("mp0"),
                                      .from = from,
                                      .is = *proxmox::disk_size::parse("64G"),
                                      .to = *proxmox::disk_size::parse(size),
                                      .digest = *proxmox::config_digest::parse(std::string(40, '0'))};
    }

    /// Grows it as a pass would that planned so.
    auto grow_as_planned(const std::string& size, const std::string& from) -> operate::action_outcome
    {
        auto jobs = std::vector<operate::lane_job>{};
        jobs.push_back({.guest = *vmid::from_number(207),
                        .kind = operate::job_kind::plain,
                        .work = operate::execute(planned(size, from), 1, operate::origin::reconcile, rules_.at)});
        auto ends = in_.in_lanes(std::move(jobs));
        return std::get<operate::action_outcome>(ends.front().value());
    }

    /// Carries out what a pass planned for the guest.
    auto carry_out(std::vector<reconcile::action> steps) -> std::vector<reconcile::action_result>
    {
        auto jobs = std::vector<operate::lane_job>{};
        jobs.push_back({.guest = *vmid::from_number(207),
                        .kind = operate::job_kind::plain,
                        .work = operate::carry_out_all(std::move(steps), 1, operate::origin::reconcile, rules_.at)});
        auto ends = in_.in_lanes(std::move(jobs));
        return std::get<std::vector<reconcile::action_result>>(ends.front().value());
    }

    /// What its configuration says of the volume.
    [[nodiscard]] auto volume() -> std::string& { return node().guests.at(207).config.current["mp0"]; }
    [[nodiscard]] auto node() -> sim::node& { return agent_.node(); }
    [[nodiscard]] auto storage() -> sim::storage& { return node().storages.at("local-zfs"); }
    [[nodiscard]] auto changes() -> std::ptrdiff_t
    {
        return ranges::count_if(node().requests, [](const auto& request) { return request.method != "GET"; });
    }

    std::function<void(const proxmox::request&)> hear;

private:
    operate::operating_rules rules_{.at = {.node = *node_name::parse("pve1"), .facts = {}, .patience = {}},
                                    .user = sim::demo_tokens::agent,
                                    .gate = {.here = this_host}};
    simulated_agent agent_{node_for_signed_operations()};
    agent::operation_io in_;
    std::size_t signed_ = 0;
};

constexpr auto volume_of_64g = "local-zfs:subvol-207-disk-1,mp=/srv,backup=1,size=64G";
constexpr auto volume_of_128g = "local-zfs:subvol-207-disk-1,mp=/srv,backup=1,size=128G";

} // namespace

TEST_CASE("a volume that was signed to grow has grown, by one call with the digest that was seen")
{
    auto here = volume_world{};
    const auto seen = sim::digest_of(here.node().guests.at(207).config);
    auto sent = std::string{};
    here.hear = [&](const proxmox::request& call) {
        sent = call.method() == net::http_method::get ? sent : call.target() + " " + call.form();
    };
    const auto result = here.grow("mp0", "128G");
    CHECK(text_of(result.state) == "succeeded");
    CHECK(sent == "/nodes/pve1/lxc/207/resize disk=mp0&size=128G&digest=" + seen);
    CHECK(here.node().effects_of(207, "resize") == 1);
    CHECK(here.volume().ends_with("size=128G"));
    CHECK(here.changes() == 1);
}

TEST_CASE(
    "a resize that would shrink, that changes nothing, or that its storage cannot hold is refused before any call")
{
    auto here = volume_world{};
    CHECK(here.grow("mp0", "32G").code == "would_shrink");
    CHECK(here.grow("mp0", "64G").code == "already_as_large");
    CHECK(here.grow("mp7", "128G").code == "not_growable");
    here.storage().used = here.storage().total - (std::int64_t{10} << 30U);
    const auto short_of_space = here.grow("mp0", "128G");
    CHECK(text_of(short_of_space.state) == "refused");
    CHECK(short_of_space.code == "no_space");
    CHECK(short_of_space.detail == "storage local-zfs has 10.0 GiB available, and it would take 64.0 GiB more");
    CHECK(here.changes() == 0);
}

TEST_CASE("a resize waits while what its storage has left is not known")
{
    auto here = volume_world{};
    here.storage().active = false;
    const auto waiting = here.grow("mp0", "128G");
    CHECK(text_of(waiting.state) == "waiting");
    CHECK(waiting.code == "space_unknown");
    here.storage().active = true;
    here.node().access.entries.push_back(
        {.path = "/storage/local-zfs", .who = sim::demo_tokens::agent, .role = "NoAccess"});
    CHECK(here.grow("mp0", "128G").code == "space_unknown");
    CHECK(here.changes() == 0);
    here.node().access.entries.pop_back();
    CHECK(text_of(here.grow("mp0", "128G").state) == "succeeded");
}

TEST_CASE("a resize whose storage was filled after it was begun is called off")
{
    auto here = volume_world{};
    auto looks = 0;
    here.hear = [&](const proxmox::request& call) {
        if (call.target().ends_with("/storage/local-zfs/status") && ++looks == 2) {
            here.storage().used = here.storage().total;
        }
    };
    const auto result = here.grow("mp0", "128G");
    CHECK(text_of(result.state) == "failed");
    CHECK(result.code == "no_space");
    CHECK(here.changes() == 0);
}

TEST_CASE("a volume that somebody else grew meanwhile is not told as grown by this operation")
{
    auto here = volume_world{};
    here.hear = [&](const proxmox::request& call) {
        if (call.method() != net::http_method::get) {
            here.volume() = volume_of_128g;
        }
    };
    const auto result = here.grow("mp0", "128G");
    CHECK(text_of(result.state) == "succeeded");
    CHECK(result.code == "by_another");
    CHECK(here.node().effects_of(207, "resize") == 0);
}

TEST_CASE("a resize whose answer is lost is followed by its task, and not sent again")
{
    auto here = volume_world{};
    here.node().faults.push_back(
        {.method = "PUT", .path = "*/resize", .what = sim::fault_kind::drops_after_apply{}, .times = 1});
    CHECK(text_of(here.grow("mp0", "128G").state) == "succeeded");
    CHECK(here.node().effects_of(207, "resize") == 1);
    CHECK(here.changes() == 1);
}

TEST_CASE("a resize whose task fails has failed, and one that found the lock taken is sent again")
{
    auto here = volume_world{};
    const auto fails_with = [&](std::string text) {
        here.node().faults.push_back({.method = "PUT",
                                      .path = "*/resize",
                                      .what = sim::fault_kind::task{sim::task_fault::fails{std::move(text)}}});
    };
    fails_with("lvextend: insufficient free space");
    CHECK(text_of(here.grow("mp0", "128G").state) == "failed");
    CHECK(here.volume().ends_with("size=64G"));
    fails_with("can't lock file '/run/lock/lxc/pve-config-207.lock' - got timeout");
    CHECK(text_of(here.grow("mp0", "128G").state) == "succeeded");
    CHECK(here.node().effects_of(207, "resize") == 1);
    CHECK(here.changes() == 3);
}

TEST_CASE("a resize whose task fails behind the write of the size has failed, whatever the configuration says")
{
    auto here = volume_world{};
    here.node().faults.push_back({.method = "PUT",
                                  .path = "*/resize",
                                  .what = sim::fault_kind::task{sim::task_fault::fails{
                                      "CT running but mount point not attached to a loop device"}}});
    auto was_sent = false;
    here.hear = [&](const proxmox::request& call) {
        if (was_sent) {
            here.volume() = volume_of_128g;
        }
        was_sent = was_sent || call.method() != net::http_method::get;
    };
    CHECK(text_of(here.grow("mp0", "128G").state) == "failed");
}

TEST_CASE("a growth that is not begun keeps no guest from its start")
{
    auto here = volume_world{};
    here.node().guests.at(207).running = false;
    here.storage().used = here.storage().total;
    const auto results =
        here.carry_out({volume_world::planned("128G", volume_of_64g), reconcile::start_guest{*vmid::from_number(207)}});
    REQUIRE(results.size() == 2);
    CHECK(std::holds_alternative<reconcile::not_started>(results.front().outcome));
    CHECK(reconcile::is_achieved(results.back().outcome));
}

TEST_CASE("what a plan grows is looked at once more, and grown with the digest of that look")
{
    auto here = volume_world{};
    CHECK(reconcile::is_achieved(here.grow_as_planned("128G", volume_of_64g)));
    CHECK(here.volume() == volume_of_128g);
    CHECK(here.node().effects_of(207, "resize") == 1);
}

TEST_CASE("a planned growth is not begun where the space is short or unknown, the volume was changed, or is as large")
{
    const auto not_begun = [](volume_world& here, const std::string& size, const std::string& from) {
        const auto outcome = here.grow_as_planned(size, from);
        CHECK(here.changes() == 0);
        return describe(outcome);
    };
    auto here = volume_world{};
    CHECK(not_begun(here, "128G", "local-zfs:subvol-207-disk-9,mp=/srv,size=64G")
          == "not begun: mp0 was changed since it was planned");
    CHECK(not_begun(here, "64G", volume_of_64g) == "not begun: mp0 has 64G already");
    here.storage().used = here.storage().total;
    CHECK(not_begun(here, "128G", volume_of_64g)
          == "not begun: storage local-zfs has 0 MiB available, and it would take 64.0 GiB more");
    here.storage().active = false;
    CHECK(not_begun(here, "128G", volume_of_64g)
          == "not begun: how much storage local-zfs has available is not known: the storage is not active");
}
