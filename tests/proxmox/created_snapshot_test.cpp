// SPDX-License-Identifier: Apache-2.0
#include "proxmox/sample.hpp"
#include "support/catch.hpp"

#include <felhom/proxmox/api/destructive.hpp>
#include <felhom/proxmox/model/selftest_snapshot.hpp>
#include <felhom/proxmox/tasks/task_watch.hpp>

#include <chrono>

using namespace felhom::net;
using namespace felhom::proxmox;
using namespace std::chrono_literals;
using felhom::steady_instant;

namespace {

auto planned() -> selftest_snapshot
{
    return selftest_snapshot::with_random_name(sample::node(), sample::guest(), 0x0123456789ABCDEF);
}

auto task_of(std::uint32_t pid) -> upid
{
    return sample::task(pid, "vzsnapshot");
}

auto begun(const upid& task) -> snapshot_in_progress
{
    auto started = planned().begun(sample::data("\"" + task.text() + "\""));
    REQUIRE(started.has_value());
    return *std::move(started);
}

const auto digest = *config_digest::parse("4202c1092a6b4e06374400f8f332c3b6fadb450b");

auto stopped_guest() -> guest_status
{
    return {.summary = {.id = sample::guest(), .power = power_state::stopped, .name = "web"}};
}

/// How a task ends when its exit status is this.
auto end_of(const upid& task, const std::string& exit_status) -> finished_task
{
    auto watch = task_watch{{.rereads = 0}};
    watch.add(task, steady_instant{}, steady_instant{1h});
    auto now = steady_instant{1s};
    while (true) {
        const auto questions = watch.ask(now);
        const auto answers =
            std::vector(questions.size(), sample::data(R"({"status":"stopped","exitstatus":")" + exit_status + "\"}"));
        if (auto finished = watch.on_answers(questions, answers, now); !finished.empty()) {
            return finished.front();
        }
        now += 1s;
    }
}

} // namespace

TEST_CASE("a self-test's snapshot has a name of its own")
{
    CHECK(planned().name().text() == "felhom-selftest-0123456789abcdef");
    CHECK(planned().request().form()
          == "snapname=felhom-selftest-0123456789abcdef"
             "&description=made%20by%20felhom%27s%20self-test%2C%20and%20deleted%20by%20it");
}

TEST_CASE("when the snapshot's own task succeeded and its guest was left alone, it can be rolled back to and deleted")
{
    for (const auto* success : {"OK", "WARNINGS: 1"}) {
        const auto made = begun(task_of(7)).finished(end_of(task_of(7), success));
        REQUIRE(made.has_value());
        const auto look = [&] {
            return untouched_snapshot::check(*made, digest, stopped_guest(), {.entries = {}, .digest = digest.text()});
        };
        REQUIRE(look().has_value());
        const auto seen = [](const request& call) { return call; };
        const auto rollback = destructive::rollback(*look()).through(seen);
        CHECK(rollback.target() == "/nodes/pve1/lxc/101/snapshot/felhom-selftest-0123456789abcdef/rollback");
        CHECK(rollback.form() == "start=0");
        const auto deletion = destructive::delete_snapshot(*look()).through(seen);
        CHECK(deletion.method() == http_method::del);
        CHECK(deletion.target() == "/nodes/pve1/lxc/101/snapshot/felhom-selftest-0123456789abcdef");
        CHECK(deletion.form().empty());
    }
}

TEST_CASE("a guest that was started, changed, or is another one, is no longer ours to roll back")
{
    const auto made = begun(task_of(7)).finished(end_of(task_of(7), "OK"));
    REQUIRE(made.has_value());
    auto running = stopped_guest();
    running.summary.power = power_state::running;
    auto other = stopped_guest();
    other.summary.id = sample::guest(102);
    const auto unchanged = pending_config{.entries = {}, .digest = digest.text()};
    CHECK_FALSE(untouched_snapshot::check(*made, digest, running, unchanged).has_value());
    CHECK_FALSE(untouched_snapshot::check(*made, digest, other, unchanged).has_value());
    CHECK_FALSE(
        untouched_snapshot::check(*made, digest, stopped_guest(), {.entries = {}, .digest = std::string(40, 'f')})
            .has_value());
    CHECK_FALSE(untouched_snapshot::check(*made, digest, stopped_guest(), {}).has_value());
}

TEST_CASE("a failed task, an unknown end and another task's success make no snapshot")
{
    CHECK_FALSE(begun(task_of(7)).finished(end_of(task_of(7), "snapshot feature is not available")).has_value());
    CHECK_FALSE(begun(task_of(7)).finished(end_of(task_of(7), "unexpected status")).has_value());
    CHECK_FALSE(begun(task_of(7)).finished(end_of(task_of(8), "OK")).has_value());
}

TEST_CASE("the answer must name a snapshot task of that guest on that node")
{
    CHECK_FALSE(planned().begun(sample::data("null")).has_value());
    CHECK_FALSE(planned().begun(sample::data("\"OK\"")).has_value());
    CHECK_FALSE(planned().begun(sample::data("\"" + sample::task(7, "vzstart").text() + "\"")).has_value());
    CHECK_FALSE(planned().begun(sample::data("\"" + sample::task(7, "vzsnapshot", "102").text() + "\"")).has_value());
    CHECK_FALSE(planned().begun(sample::error(500, "CT is locked (backup)")).has_value());
}
