// SPDX-License-Identifier: Apache-2.0
#include "agent/engine/live_io.hpp"
#include "live_node.hpp"
#include "support/catch.hpp"
#include "support/simulated_disk.hpp"

#include <range/v3/algorithm/all_of.hpp>
#include <range/v3/algorithm/none_of.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace felhom;
using namespace felhom::testing;
using namespace std::chrono_literals;

namespace {

/// An agent's world with all that is real but the node and the disk.
class live_agent {
public:
    explicit live_agent(sim::guest_id guests = 1) : node_{guests}
    {
        const auto made = io::journal::create(disk_.calls(), path, "test");
        auto opened = made ? io::journal::open(disk_.calls(), path, "test") : tl::unexpected(made.error());
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
    }

    [[nodiscard]] auto node() -> live_node& { return node_; }
    [[nodiscard]] auto journal() -> io::journal& { return *journal_; }
    [[nodiscard]] auto disk() -> tests::simulated_disk& { return disk_; }
    [[nodiscard]] auto world() -> agent::live_io& { return *world_; }

    [[nodiscard]] auto told(const std::string& what) -> std::ptrdiff_t
    {
        const auto hold = std::lock_guard{mutex_};
        return std::count(told_.begin(), told_.end(), what);
    }

    /// Starts each of so many guests, in the lanes.
    [[nodiscard]] auto start_guests(sim::guest_id guests = 1) -> std::vector<operate::lane_end>
    {
        auto jobs = std::vector<operate::lane_job>{};
        for (auto id = live_node::first_guest; id < live_node::first_guest + guests; ++id) {
            jobs.push_back(start(id));
        }
        return world_->view().in_lanes(std::move(jobs));
    }

    [[nodiscard]] static auto start(sim::guest_id id) -> operate::lane_job
    {
        const auto guest = *vmid::from_number(id);
        return {.guest = guest,
                .kind = operate::job_kind::plain,
                .work = operate::execute(reconcile::start_guest{guest}, 1, operate::origin::reconcile,
                                         {.node = *node_name::parse("pve1"), .facts = {}, .patience = {}})};
    }

    [[nodiscard]] auto starts(sim::guest_id id = live_node::first_guest) -> int
    {
        return node_.with_node([&](sim::node& on) { return on.effects_of(id, "start"); });
    }
    [[nodiscard]] auto writes() -> std::ptrdiff_t
    {
        return node_.with_node([](sim::node& on) {
            return std::count_if(on.requests.begin(), on.requests.end(),
                                 [](const auto& request) { return request.method != "GET"; });
        });
    }

private:
    static constexpr auto path = "/state/journal.log";

    live_node node_;
    tests::simulated_disk disk_{1};
    std::unique_ptr<io::journal> journal_;
    std::mutex mutex_;
    std::vector<std::string> told_;
    std::unique_ptr<agent::live_io> world_; ///< the last: its threads use the others
};

auto is_achieved(const operate::lane_end& end) -> bool
{
    const auto* const outcome = end ? std::get_if<operate::action_outcome>(&*end) : nullptr;
    return outcome != nullptr && reconcile::is_achieved(*outcome);
}

auto is_write(const proxmox::request& call) -> bool
{
    return call.method() != net::http_method::get;
}

/// Waits for what threads bring about; false where they take too long.
template <typename Holds>
auto comes_true(const Holds& holds) -> bool
{
    const auto last = real_time() + 20s;
    while (!holds()) {
        if (real_time() > last) {
            return false;
        }
        std::this_thread::sleep_for(1ms);
    }
    return true;
}

} // namespace

TEST_CASE("an operation is durable in the journal before its call goes out, and so is how it ended")
{
    auto agent = live_agent{};
    auto announced = std::optional<std::size_t>{};
    auto synced = std::size_t{0};
    agent.node().on_call = [&](const proxmox::request& call) {
        if (is_write(call)) {
            announced = agent.journal().read().in_flight().size();
            synced = agent.disk().counts().syncs;
        }
    };
    const auto before = agent.disk().counts().syncs;
    const auto ends = agent.start_guests();
    CHECK(is_achieved(ends.front()));
    CHECK(announced == 1U);
    CHECK(synced > before);
    const auto known = agent.journal().read();
    CHECK(known.in_flight().empty());
    REQUIRE(known.operations().size() == 1);
    CHECK(agent.told("operation begins") == 1);
    CHECK(agent.told("operation ended") == 1);
}

TEST_CASE("where the journal cannot be written nothing is sent, and nobody is told of anything")
{
    auto agent = live_agent{};
    agent.disk().cut_power();
    CHECK_FALSE(agent.start_guests().front().has_value());
    CHECK(agent.writes() == 0);
    CHECK(agent.told("operation begins") == 0);
}

TEST_CASE("told to stop in the middle of a call, an operation takes no further step, and the journal has it in flight")
{
    auto agent = live_agent{};
    auto calling = std::promise<void>{};
    auto release = std::promise<void>{};
    agent.node().on_call = [&](const proxmox::request& call) {
        if (is_write(call)) {
            calling.set_value();
            release.get_future().wait();
        }
    };
    auto working = std::async(std::launch::async, [&] { return agent.start_guests(); });
    calling.get_future().wait();
    auto stopping = std::async(std::launch::async, [&] { agent.world().stop(); });
    // Once nobody waits for tasks any more, the operations have been told.
    const auto some_task =
        agent.node().begin(proxmox::mutate::start(*node_name::parse("pve1"), *vmid::from_number(103)));
    const auto unheard = agent.world().view().await_task({some_task, 1h});
    CHECK_FALSE(is_success(unheard.outcome()));
    release.set_value();
    stopping.get();
    CHECK(working.get().front() == std::nullopt);
    const auto in_flight = agent.journal().read().in_flight();
    REQUIRE(in_flight.size() == 1);
    CHECK(in_flight.front().guest == *vmid::from_number(live_node::first_guest));
    CHECK(agent.told("operation ended") == 0);
}

TEST_CASE("stopping wakes those who sleep")
{
    auto agent = live_agent{};
    const auto view = agent.world().view();
    auto sleepers = std::vector<std::future<void>>{};
    for (auto sleeper = 0; sleeper < 4; ++sleeper) {
        sleepers.push_back(std::async(std::launch::async, [&] { view.in.sleep_for(1h); }));
    }
    CHECK(comes_true([&] { return agent.told("wait") == 4; }));
    CHECK(sleepers.front().wait_for(10ms) == std::future_status::timeout);
    agent.world().stop();
    for (auto& sleeper : sleepers) {
        CHECK(sleeper.wait_for(30s) == std::future_status::ready);
    }
    view.in.sleep_for(1h); // and nobody sleeps any more
}

TEST_CASE("nobody sleeps longer than asked")
{
    auto agent = live_agent{};
    const auto until = agent::steady_clock_now() + 15ms;
    agent.world().view().in.sleep_for(15ms);
    CHECK(agent::steady_clock_now() >= until);
}

TEST_CASE("a pause is as long as asked though somebody sets the clock meanwhile")
{
    auto agent = live_agent{};
    const auto view = agent.world().view();
    auto sleeping = std::async(std::launch::async, [&] { view.in.sleep_for(300ms); });
    CHECK(comes_true([&] { return agent.told("wait") == 1; }));
    agent.node().step_clock(-1h);
    CHECK(sleeping.wait_for(30s) == std::future_status::ready);
}

TEST_CASE("stopping leaves a task to itself, and the journal knows it, for the next run to take up")
{
    auto agent = live_agent{};
    agent.node().with_node([](sim::node& on) { on.settings.takes.start = 1h; });
    auto working = std::async(std::launch::async, [&] { return agent.start_guests(); });
    CHECK(comes_true([&] {
        const auto in_flight = agent.journal().read().in_flight();
        return in_flight.size() == 1 && in_flight.front().task.has_value();
    }));
    agent.world().stop();
    REQUIRE(working.wait_for(30s) == std::future_status::ready);
    CHECK(working.get().front() == std::nullopt);
    CHECK(agent.journal().read().in_flight().size() == 1);
    CHECK(agent.writes() == 1);
}

TEST_CASE("what takes longer than it is waited for goes on in its lane, and its end is told")
{
    auto agent = live_agent{2};
    agent.node().with_node([](sim::node& on) { on.settings.takes.start = 24h; });
    auto steps = std::vector<std::string>{};
    auto ended = std::promise<void>{};
    const auto wait = agent::lane_wait{.at_most = 1ms,
                                       .begins = [&] { steps.emplace_back("begins"); },
                                       .is_over = [&] { steps.emplace_back("is over"); },
                                       .ended_later =
                                           [&](const operate::lane_end& end) {
                                               CHECK_FALSE(operate::tells_something(end));
                                               ended.set_value();
                                           }};
    auto jobs = std::vector<operate::lane_job>{};
    jobs.push_back(live_agent::start(live_node::first_guest));
    const auto ends = agent.world().view(wait).in_lanes(std::move(jobs));
    REQUIRE(ends.front().has_value());
    CHECK(std::holds_alternative<operate::goes_on>(*ends.front()));
    CHECK(steps == std::vector<std::string>{"begins", "is over"});
    auto later = ended.get_future();
    CHECK(later.wait_for(0s) == std::future_status::timeout);
    agent.world().stop();
    CHECK(later.wait_for(30s) == std::future_status::ready);
}

TEST_CASE("only an end that tells more than before may be followed by something to do")
{
    using operate::lane_end;
    CHECK(operate::tells_something(lane_end{operate::action_outcome{reconcile::achieved{}}}));
    CHECK(operate::tells_something(lane_end{std::vector<operate::action_result>{}}));
    CHECK_FALSE(operate::tells_something(lane_end{operate::action_outcome{reconcile::outcome_unknown{"it runs"}}}));
    CHECK_FALSE(operate::tells_something(std::nullopt));
}

TEST_CASE("a job of a name that is under way is not begun once more, and its end is told to all who brought it")
{
    auto agent = live_agent{};
    auto begun = std::promise<void>{};
    auto may_end = std::promise<void>{};
    auto held = std::atomic<int>{0};
    agent.node().on_call = [&](const proxmox::request& call) {
        if (is_write(call) && held++ == 0) {
            begun.set_value();
            may_end.get_future().wait();
        }
    };
    const auto named = [] {
        auto jobs = std::vector<operate::lane_job>{};
        jobs.push_back(live_agent::start(live_node::first_guest));
        jobs.back().name = "reconcile";
        return jobs;
    };
    auto first = std::async(std::launch::async, [&] { return agent.world().view().in_lanes(named()); });
    begun.get_future().wait();
    const auto meanwhile = agent.world().view({.at_most = 0ms}).in_lanes(named());
    CHECK(std::holds_alternative<operate::goes_on>(*meanwhile.front()));
    auto second = std::async(std::launch::async, [&] { return agent.world().view().in_lanes(named()); });
    CHECK(second.wait_for(0s) == std::future_status::timeout);
    may_end.set_value();
    CHECK(is_achieved(first.get().front()));
    CHECK(is_achieved(second.get().front()));
    CHECK(agent.journal().read().operations().size() == 1);
}

TEST_CASE("after it was stopped no job begins, and none is recorded")
{
    auto agent = live_agent{3};
    agent.world().stop();
    const auto ends = agent.start_guests(3);
    CHECK(ends.size() == 3);
    CHECK(ranges::none_of(ends, [](const auto& end) { return end.has_value(); }));
    CHECK(agent.writes() == 0);
    CHECK(agent.journal().read().operations().empty());
}

TEST_CASE("guests are worked on side by side")
{
    auto agent = live_agent{2};
    auto calling = std::atomic<int>{0};
    auto met = std::atomic<int>{0};
    agent.node().on_call = [&](const proxmox::request& call) {
        if (is_write(call)) {
            ++calling;
            met += comes_true([&] { return calling == 2; }) ? 1 : 0;
        }
    };
    CHECK(ranges::all_of(agent.start_guests(2), is_achieved));
    CHECK(met == 2);
}

TEST_CASE("jobs of one guest come one after the other, and each end stands at the place of its job")
{
    static constexpr auto guests = 6U;
    auto agent = live_agent{guests};
    agent.node().with_node([](sim::node& on) {
        on.faults.push_back({.method = "POST",
                             .path = "*/302/status/start",
                             .what = sim::fault_kind::task{sim::task_fault::fails{"volume is gone"}}});
    });
    auto overlapping = std::atomic<int>{0};
    agent.node().on_call = [&](const proxmox::request& call) {
        if (is_write(call)) {
            const auto in_flight = agent.journal().read().in_flight();
            for (const auto& one : in_flight) {
                const auto same = [&](const auto& other) { return other.guest == one.guest; };
                overlapping += std::count_if(in_flight.begin(), in_flight.end(), same) > 1 ? 1 : 0;
            }
        }
    };
    auto jobs = std::vector<operate::lane_job>{};
    for (auto turn = 0; turn < 2; ++turn) {
        for (auto id = live_node::first_guest; id < live_node::first_guest + guests; ++id) {
            jobs.push_back(live_agent::start(id));
        }
    }
    const auto ends = agent.world().view().in_lanes(std::move(jobs));
    REQUIRE(ends.size() == 2 * guests);
    CHECK(overlapping == 0);
    for (auto place = std::size_t{0}; place < guests; ++place) {
        CHECK(is_achieved(ends[place]) == (place != 2)); // the one whose first start fails
    }
    CHECK(is_achieved(ends[guests + 2]));
    for (auto id = live_node::first_guest; id < live_node::first_guest + guests; ++id) {
        CHECK(agent.starts(id) == 1);
    }
    CHECK(agent.journal().read().in_flight().empty());
}

TEST_CASE("the jitter that many threads draw is a share, and not always the same")
{
    auto agent = live_agent{};
    const auto view = agent.world().view();
    auto drawers = std::vector<std::future<std::vector<double>>>{};
    for (auto drawer = 0; drawer < 4; ++drawer) {
        drawers.push_back(std::async(std::launch::async, [&] {
            auto drawn = std::vector<double>(100);
            std::generate(drawn.begin(), drawn.end(), view.in.jitter);
            return drawn;
        }));
    }
    for (auto& drawer : drawers) {
        const auto drawn = drawer.get();
        CHECK(ranges::all_of(drawn, [](double one) { return one >= 0 && one <= 1; }));
        CHECK(drawn.front() != drawn.back());
    }
}
