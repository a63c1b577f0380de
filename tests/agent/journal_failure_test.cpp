// SPDX-License-Identifier: Apache-2.0
#include "agent/engine/live_io.hpp"
#include "agent/engine/operation_io.hpp"
#include "live_node.hpp"
#include "operate/signing.hpp"
#include "support/catch.hpp"
#include "support/simulated_disk.hpp"

#include <felhom/operate/operating_rules.hpp>
#include <felhom/operate/procedures/take_up.hpp>

#include <range/v3/algorithm/count.hpp>
#include <range/v3/algorithm/count_if.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

using namespace felhom;
using namespace felhom::testing;
using namespace std::chrono_literals;

namespace {

constexpr auto first_guest = live_node::first_guest;

/// An agent whose disk may fail, at a node that does not. Started again, it has its disk and nothing else.
class failing_agent {
public:
    explicit failing_agent(sim::guest_id guests = 1) : node_{guests}
    {
        REQUIRE(io::journal::create(disk_.calls(), path, "test").has_value());
        node_.on_call = [this](const proxmox::request& call) { called(call); };
        start();
    }

    [[nodiscard]] auto disk() -> tests::simulated_disk& { return disk_; }
    [[nodiscard]] auto journal() -> io::journal& { return *journal_; }
    [[nodiscard]] auto file() const -> std::string { return disk_.contents(path); }

    /// Called before each change is made at the node.
    std::function<void(const proxmox::request&)> on_change = [](const proxmox::request&) {};

    [[nodiscard]] auto starts(sim::guest_id guest) -> int
    {
        return node_.with_node([&](sim::node& on) { return on.effects_of(guest, "start"); });
    }

    /// Starts a guest, in its lane.
    [[nodiscard]] auto start_guest(sim::guest_id id) -> operate::lane_end
    {
        const auto guest = *vmid::from_number(id);
        auto jobs = std::vector<operate::lane_job>{};
        jobs.push_back(
            {.guest = guest,
             .kind = operate::job_kind::plain,
             .work = operate::execute(reconcile::start_guest{guest}, 1, operate::origin::reconcile, rules().at)});
        return std::move(world_->view().in_lanes(std::move(jobs)).front());
    }

    /// Lets go of everything, and begins anew with what the disk has.
    void start_anew()
    {
        world_.reset();
        journal_.reset();
        disk_.heal();
        has_failed_ = false;
        start();
        static_cast<void>(agent::run(world_->view(), operate::take_up(rules())));
    }

    [[nodiscard]] auto told(const std::string& what) -> std::ptrdiff_t
    {
        const auto hold = std::lock_guard{mutex_};
        return ranges::count(told_, what);
    }
    [[nodiscard]] auto changes() const -> std::ptrdiff_t { return changes_; } ///< called for; its task may still run
    [[nodiscard]] auto failures() const -> std::size_t { return failures_; }
    [[nodiscard]] auto changes_after_failure() const -> std::size_t { return changes_after_failure_; }

private:
    static constexpr auto path = "/state/journal.log";

    [[nodiscard]] static auto rules() -> operate::operating_rules
    {
        return {.at = {.node = *node_name::parse("pve1"), .facts = {}, .patience = {}},
                .user = sim::demo_tokens::agent,
                .gate = {.here = this_host},
                .search = {.settles_within = 0ms}};
    }

    void start()
    {
        auto opened = io::journal::open(disk_.calls(), path, "test");
        REQUIRE(opened.has_value());
        journal_ = *std::move(opened);
        auto seen = node_.view();
        seen.tell = [this](const agent::log_event& event) {
            const auto hold = std::lock_guard{mutex_};
            told_.push_back(event.what);
        };
        world_ = std::make_unique<agent::live_io>(seen, *journal_, operate::lane_limits{.at_once = 4}, [] {
            return operate::host_switches{.now = real_time(), .signers = nullptr};
        });
        journal_->when_failed([this](const std::string&) {
            world_->halt();
            ++failures_;
            has_failed_ = true;
        });
    }

    void called(const proxmox::request& call)
    {
        if (call.method() == net::http_method::get) {
            return;
        }
        ++changes_;
        if (has_failed_) {
            ++changes_after_failure_;
        }
        on_change(call);
    }

    live_node node_;
    tests::simulated_disk disk_{1};
    std::unique_ptr<io::journal> journal_;
    std::mutex mutex_;
    std::vector<std::string> told_;
    std::atomic<std::size_t> failures_ = 0;
    std::atomic<std::ptrdiff_t> changes_ = 0;
    std::atomic<bool> has_failed_ = false;
    std::atomic<std::size_t> changes_after_failure_ = 0;
    std::unique_ptr<agent::live_io> world_; ///< the last: its threads use the others
};

auto ended_well(const operate::lane_end& end) -> bool
{
    const auto* const outcome = end ? std::get_if<operate::action_outcome>(&*end) : nullptr;
    return outcome != nullptr && reconcile::is_achieved(*outcome);
}

auto ended_in(const operate::ledger& known) -> std::ptrdiff_t
{
    return ranges::count_if(known.operations(), [](const auto& one) { return one.second.end.has_value(); });
}

} // namespace

TEST_CASE(
    "whichever write or sync fails, nothing is called after it or told for want of it, and a new run finds it out")
{
    auto failed = std::size_t{0};
    for (auto nth = std::size_t{0};; ++nth) {
        INFO("change " << nth << " of the disk");
        auto agent = failing_agent{};
        agent.disk().plan(nth, tests::fault::io_error);
        const auto end = agent.start_guest(first_guest);
        if (!agent.journal().failure()) {
            CHECK(ended_well(end));
            break;
        }
        ++failed;
        CHECK(agent.failures() == 1);
        CHECK_FALSE(end.has_value());
        CHECK(agent.changes_after_failure() == 0);
        CHECK(agent.told("operation begins") <= agent.changes());
        agent.start_anew();
        const auto known = agent.journal().read();
        CHECK(known.in_flight().empty());
        CHECK(agent.told("operation ended") <= ended_in(known));
        CHECK(agent.starts(first_guest) <= 1);
        for (const auto& [id, one] : known.operations()) {
            const auto succeeded = one.end && one.end->how == operate::ending::succeeded;
            CHECK(succeeded == (agent.starts(first_guest) == 1));
        }
    }
    CHECK(failed >= 6); // of three records a write and a sync each
}

TEST_CASE("an operation that was in a call when another's record failed writes nothing more, and is taken up")
{
    auto agent = failing_agent{2};
    auto calling = std::promise<void>{};
    auto release = std::promise<void>{};
    auto released = release.get_future().share();
    agent.on_change = [&](const proxmox::request& call) {
        if (call.target().find("/300/") != std::string::npos) {
            calling.set_value();
            released.wait();
        }
    };
    auto first = std::async(std::launch::async, [&] { return agent.start_guest(first_guest); });
    calling.get_future().wait();
    agent.disk().plan(0, tests::fault::io_error);
    CHECK_FALSE(agent.start_guest(first_guest + 1).has_value());
    CHECK(agent.starts(first_guest + 1) == 0);
    const auto file = agent.file();
    agent.disk().heal();
    release.set_value();
    CHECK_FALSE(first.get().has_value());
    CHECK(agent.file() == file);
    CHECK(agent.told("operation ended") == 0);
    agent.on_change = [](const proxmox::request&) {};
    agent.start_anew();
    const auto known = agent.journal().read();
    CHECK(known.in_flight().empty());
    CHECK(agent.starts(first_guest) == 1);
    CHECK(agent.starts(first_guest + 1) == 0);
}
