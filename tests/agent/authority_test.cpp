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

/// Proxmox VE's own words for a lock that was not had in time, of guest 205.
constexpr auto lock_not_had = "can't lock file '/run/lock/lxc/pve-config-205.lock' - got timeout";

auto is_change(const proxmox::request& call) -> bool
{
    return call.method() != net::http_method::get;
}

/// An agent that carries out what was signed, and somebody who gets in between.
class disturbed_agent {
public:
    disturbed_agent()
    {
        agent_.around = {.now = {}, .signers = listed_signers()};
        agent_.on_call = [this](const proxmox::request& call, const operate::ledger& /*known*/) { hear(call); };
        in_ = agent_.start();
    }

    /// The operation, seen as the guest is now and valid for a quarter of an hour.
    [[nodiscard]] auto operation(std::string op, std::uint32_t guest, boost::json::object params = {})
        -> operation_builder
    {
        auto made = operation_builder{std::move(op), guest, std::move(params)};
        made.seen_at(digest_of(agent_, guest)).valid(now() - 1min, now() + 14min);
        return made;
    }

    /// A change of a guest at the node fails for want of a lock, so often.
    void keep_lock(std::string method, std::string path, int times = 1)
    {
        node().faults.push_back({.method = std::move(method),
                                 .path = std::move(path),
                                 .what = sim::fault_kind::answers{.status = 500, .reason = lock_not_had},
                                 .times = times});
    }

    /// What somebody does just when the agent makes its nth change, counted from 1.
    void at_change(std::size_t nth, std::function<void()> action) { interrupt_ = {nth, is_change, std::move(action)}; }
    /// What somebody does just when the agent's nth request of that kind is on its way.
    void at_request(std::size_t nth, std::function<bool(const proxmox::request&)> of_kind, std::function<void()> action)
    {
        interrupt_ = {nth, std::move(of_kind), std::move(action)};
    }

    auto submit(const operation_builder& op) -> operate::signed_result
    {
        auto results = agent::run(in_, operate::submit({op.signed_by(operator_key)}, rules));
        REQUIRE(results.front().has_value());
        return *std::move(results.front());
    }

    /// Starts a guest as a pass would.
    auto start(sim::guest_id guest) -> operate::action_outcome
    {
        const auto id = *vmid::from_number(guest);
        auto jobs = std::vector<operate::lane_job>{};
        jobs.push_back({.guest = id,
                        .kind = operate::job_kind::plain,
                        .work = operate::execute(reconcile::start_guest{id}, 1, operate::origin::reconcile, rules.at)});
        auto ends = in_.in_lanes(std::move(jobs));
        return std::get<operate::action_outcome>(ends.front().value());
    }

    [[nodiscard]] auto node() -> sim::node& { return agent_.node(); }
    /// Sets the wall clock of the agent's machine, by so much.
    void step_clock(std::chrono::milliseconds by) { agent_.outside().step_clock(by); }
    [[nodiscard]] auto around() -> operate::host_switches& { return agent_.around; }
    [[nodiscard]] auto now() -> instant { return agent_.outside().now(); }
    [[nodiscard]] auto ledger() const -> operate::ledger { return in_.ledger(); }
    [[nodiscard]] auto changes() -> std::ptrdiff_t
    {
        return ranges::count_if(node().requests, [](const auto& request) { return request.method != "GET"; });
    }
    void set(sim::guest_id guest, const std::string& key, const std::string& value)
    {
        node().guests.at(guest).config.current[key] = value;
    }

    operate::operating_rules rules{.at = {.node = *node_name::parse("pve1"), .facts = {}, .patience = {}},
                                   .user = sim::demo_tokens::agent,
                                   .gate = {.here = this_host}};

private:
    struct interruption {
        std::size_t countdown = 0;
        std::function<bool(const proxmox::request&)> of_kind = is_change;
        std::function<void()> action;
    };

    void hear(const proxmox::request& call)
    {
        if (interrupt_.countdown > 0 && interrupt_.of_kind(call) && --interrupt_.countdown == 0) {
            interrupt_.action();
        }
    }

    simulated_agent agent_{node_for_signed_operations()};
    agent::operation_io in_;
    interruption interrupt_;
};

auto asks_for_status(const proxmox::request& call) -> bool
{
    return call.target().ends_with("/status/current");
}

auto contains(const std::string& text, const std::string& part) -> bool
{
    return text.find(part) != std::string::npos;
}

/// Each operation that is repeated after a lock was not had, with what somebody changes of its object meanwhile.
struct repeated_operation {
    std::string op;
    std::uint32_t guest;
    boost::json::object params;
    std::string method;
    std::string path;
    std::function<void(disturbed_agent&)> change;
    sim::guest_id counted_at;
    std::string effect;
};

auto repeated_operations() -> std::vector<repeated_operation>
{
    const auto describe_guest = [](sim::guest_id guest) {
        return [guest](disturbed_agent& here) { here.set(guest, "description", "not this one!\n"); };
    };
    const auto keep_backup = [](disturbed_agent& here) {
        here.node().storages.at("local").volumes.at(old_backup).notes = "keep";
    };
    return {
        {"guest.destroy", 205, {}, "DELETE", "*/lxc/205*", describe_guest(205), 205, "destroy"},
        {"guest.rollback", 201, {{"snapshot", "before"}}, "POST", "*/rollback", describe_guest(201), 201, "rollback"},
        {"guest.delete_snapshot",
         202,
         {{"snapshot", "before"}},
         "DELETE",
         "*/snapshot/before*",
         describe_guest(202),
         202,
         "delsnapshot"},
        {"backup.delete",
         202,
         {{"volid", old_backup}},
         "DELETE",
         "*/content/*",
         keep_backup,
         0,
         "imgdel " + std::string{old_backup}},
    };
}

} // namespace

TEST_CASE("what found a lock taken is done once the lock is free, as long as nothing was changed")
{
    for (const auto& one : repeated_operations()) {
        INFO(one.op);
        auto here = disturbed_agent{};
        here.keep_lock(one.method, one.path);
        const auto result = here.submit(here.operation(one.op, one.guest, one.params));
        CHECK(text_of(result.state) == "succeeded");
        CHECK(here.node().effects_of(one.counted_at, one.effect) == 1);
        CHECK(here.changes() == 2);
    }
}

TEST_CASE("what was changed while a lock was taken is left alone: the operation fails, and says so")
{
    for (const auto& one : repeated_operations()) {
        INFO(one.op);
        auto here = disturbed_agent{};
        here.keep_lock(one.method, one.path);
        here.at_change(1, [&] { one.change(here); });
        const auto result = here.submit(here.operation(one.op, one.guest, one.params));
        CHECK(here.node().effects_of(one.counted_at, one.effect) == 0);
        CHECK(here.changes() == 1);
        CHECK(text_of(result.state) == "failed");
        CHECK(result.code == "digest");
        CHECK(contains(result.detail, "not carried out"));
        CHECK(contains(result.detail, "its nonce is used: sign again"));
    }
}

TEST_CASE("a task that ended for want of a lock is no reason to send again without a look")
{
    auto here = disturbed_agent{};
    here.node().faults.push_back({.method = "DELETE",
                                  .path = "*/lxc/205*",
                                  .what = sim::fault_kind::task{sim::task_fault::fails{lock_not_had}}});
    here.at_change(1, [&] { here.set(205, "description", "not this one!\n"); });
    const auto result = here.submit(here.operation("guest.destroy", 205));
    CHECK(result.code == "digest");
    CHECK(here.changes() == 1);
    CHECK(here.node().guests.contains(205));
}

TEST_CASE("the owner's veto holds in front of each repetition")
{
    for (const auto& one : repeated_operations()) {
        INFO(one.op);
        auto here = disturbed_agent{};
        here.keep_lock(one.method, one.path);
        here.at_change(1, [&] { here.around().vetoed = "not today"; });
        const auto result = here.submit(here.operation(one.op, one.guest, one.params));
        CHECK(here.node().effects_of(one.counted_at, one.effect) == 0);
        CHECK(here.changes() == 1);
        CHECK(text_of(result.state) == "failed");
        CHECK(result.code == "veto");
        CHECK(contains(result.detail, "not today"));
    }
}

TEST_CASE("a signer who is taken off the list while a lock is taken has nothing done any more")
{
    auto here = disturbed_agent{};
    here.keep_lock("DELETE", "*/lxc/205*");
    here.at_change(1, [&] { here.around().signers = nullptr; });
    CHECK(here.submit(here.operation("guest.destroy", 205)).code == "unknown_signer");
    CHECK(here.node().guests.contains(205));
}

TEST_CASE("a pause, a block and a lock hold a repetition until the operation expires, and the result says what held it")
{
    struct hold {
        std::string what;
        std::function<void(disturbed_agent&)> put;
    };
    const auto holds = std::vector<hold>{
        {"the agent is paused", [](disturbed_agent& here) { here.around().paused = "holidays"; }},
        {"the hub has blocked all changes", [](disturbed_agent& here) { here.around().blocked = true; }},
        {"the guest is locked (backup)", [](disturbed_agent& here) { here.set(205, "lock", "backup"); }},
    };
    for (const auto& [what, put] : holds) {
        INFO(what);
        auto here = disturbed_agent{};
        const auto begun = here.now();
        here.keep_lock("DELETE", "*/lxc/205*");
        here.at_change(1, [&] { put(here); });
        const auto result = here.submit(here.operation("guest.destroy", 205));
        CHECK(here.node().guests.contains(205));
        CHECK(here.changes() == 1);
        CHECK(text_of(result.state) == "failed");
        CHECK(result.code == "expired");
        CHECK(contains(result.detail, what));
        CHECK(here.now() >= begun + 14min);
    }
}

TEST_CASE("what passes before the operation expires only delays it")
{
    auto here = disturbed_agent{};
    here.keep_lock("DELETE", "*/lxc/205*");
    here.around().paused = std::nullopt;
    here.at_change(1, [&] {
        here.around().paused = "a moment";
        here.at_request(5, asks_for_status, [&] { here.around().paused.reset(); });
    });
    CHECK(text_of(here.submit(here.operation("guest.destroy", 205)).state) == "succeeded");
    CHECK_FALSE(here.node().guests.contains(205));
}

TEST_CASE("what the owner says while the guest is stopped for its destroy still counts, and the stopped guest is named")
{
    struct word {
        std::string code;
        std::function<void(disturbed_agent&)> say;
    };
    const auto words = std::vector<word>{
        {"veto", [](disturbed_agent& here) { here.around().vetoed = "not today"; }},
        {"expired", [](disturbed_agent& here) { here.around().paused = "holidays"; }},
        {"expired", [](disturbed_agent& here) { here.around().blocked = true; }},
        {"digest", [](disturbed_agent& here) { here.set(203, "description", "not this one!\n"); }},
        {"digest",
         [](disturbed_agent& here) {
             here.node().guests.at(203).config.snapshots["kept"] = {{"snaptime", "1794990000"}};
         }},
    };
    for (const auto& [code, say] : words) {
        INFO(code);
        auto here = disturbed_agent{};
        here.at_change(1, [&] { say(here); });
        const auto result = here.submit(here.operation("guest.destroy", 203, {{"stop", true}}));
        CHECK(here.node().guests.contains(203));
        CHECK_FALSE(here.node().guests.at(203).running);
        CHECK(text_of(result.state) == "failed");
        CHECK(result.code == code);
        CHECK(contains(result.detail, "the guest was stopped for it"));
    }
}

TEST_CASE("an operation that expires while its guest is being stopped destroys nothing")
{
    auto here = disturbed_agent{};
    auto op = here.operation("guest.destroy", 203, {{"stop", true}});
    op.valid(here.now() - 1min, here.now() + 2s); // the stop takes until then, and the skew is left out
    here.rules.gate.times.skew = 0s;
    here.node().settings.takes.stop = 3s;
    const auto result = here.submit(op);
    CHECK(result.code == "expired");
    CHECK(here.node().guests.contains(203));
    CHECK(contains(result.detail, "the guest was stopped for it"));
}

TEST_CASE("the stop before a destroy is itself sent on a fresh look only")
{
    auto here = disturbed_agent{};
    here.keep_lock("POST", "*/lxc/203/status/stop");
    here.at_change(1, [&] { here.set(203, "description", "not this one!\n"); });
    const auto result = here.submit(here.operation("guest.destroy", 203, {{"stop", true}}));
    CHECK(result.code == "digest");
    CHECK(here.node().guests.at(203).running);
    CHECK_FALSE(contains(result.detail, "stopped"));
}

TEST_CASE("a guest that somebody starts again after it was stopped for its destroy is left alone")
{
    auto here = disturbed_agent{};
    here.keep_lock("DELETE", "*/lxc/203*");
    here.at_change(2, [&] { here.node().guests.at(203).running = true; });
    const auto result = here.submit(here.operation("guest.destroy", 203, {{"stop", true}}));
    CHECK(result.code == "guest_running");
    CHECK(here.node().guests.at(203).running);
}

TEST_CASE("what was pending is applied by the stop, and that is no change")
{
    auto here = disturbed_agent{};
    here.node().guests.at(203).config.pending["memory"] = "768";
    CHECK(text_of(here.submit(here.operation("guest.destroy", 203, {{"stop", true}})).state) == "succeeded");
}

TEST_CASE("between the claim and the call the guest is read once more")
{
    auto here = disturbed_agent{};
    here.at_request(2, asks_for_status, [&] { here.set(205, "description", "not this one!\n"); });
    const auto result = here.submit(here.operation("guest.destroy", 205));
    CHECK(result.code == "digest");
    CHECK(here.changes() == 0);
}

TEST_CASE("a look that took longer than five seconds is taken again before anything is sent")
{
    auto here = disturbed_agent{};
    auto looks = 0;
    here.at_request(2, asks_for_status, [&] {
        here.node().faults.push_back(
            {.method = "GET", .path = "*/lxc/205/pending", .what = sim::fault_kind::late{.by = 6s}});
    });
    CHECK(text_of(here.submit(here.operation("guest.destroy", 205)).state) == "succeeded");
    for (const auto& request : here.node().requests) {
        looks += request.target.ends_with("/lxc/205/pending") ? 1 : 0;
    }
    CHECK(looks == 3); // before the claim, the slow one, and the one that counted
    CHECK(here.changes() == 1);
}

TEST_CASE("a clock that is set back makes no operation last longer")
{
    auto here = disturbed_agent{};
    here.keep_lock("DELETE", "*/lxc/205*");
    const auto begun = here.now();
    here.at_change(1, [&] {
        here.around().paused = "holidays";
        here.step_clock(-24h);
    });
    CHECK(here.submit(here.operation("guest.destroy", 205)).code == "expired");
    CHECK(here.now() <= begun - 24h + 16min);
}

TEST_CASE("a restore over a guest is never sent twice")
{
    auto here = disturbed_agent{};
    here.keep_lock("POST", "*/lxc");
    here.at_change(1, [&] { here.set(205, "lock", "backup"); });
    const auto result = here.submit(here.operation(
        "guest.restore", 205, {{"archive", restorable_backup}, {"force", true}, {"storage", "local-zfs"}}));
    CHECK(here.changes() == 1);
    CHECK(text_of(result.state) == "failed");
    CHECK(here.node().effects_of(205, "restore") == 0);
}

TEST_CASE("the journal knows why an operation was called off, and answers so when it is brought again")
{
    auto here = disturbed_agent{};
    here.keep_lock("DELETE", "*/lxc/205*");
    here.at_change(1, [&] { here.around().vetoed = "not today"; });
    const auto op = here.operation("guest.destroy", 205);
    const auto first = here.submit(op);
    here.around().vetoed.reset();
    const auto again = here.submit(op);
    CHECK(again.state == first.state);
    CHECK(again.code == "veto");
    CHECK(again.detail == first.detail);
    CHECK(here.changes() == 1);
}

TEST_CASE("what the agent does by itself is not repeated once it was paused, either")
{
    auto here = disturbed_agent{};
    here.keep_lock("POST", "*/lxc/205/status/start", 3);
    here.at_change(1, [&] { here.around().paused = "holidays"; });
    CHECK_FALSE(reconcile::is_achieved(here.start(205)));
    CHECK(here.changes() == 1);
}
