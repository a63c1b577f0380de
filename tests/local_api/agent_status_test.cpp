// SPDX-License-Identifier: Apache-2.0
#include "statuses.hpp"
#include "support/catch.hpp"

#include <felhom/local_api/agent_status_json.hpp>
#include <felhom/local_api/agent_status_text.hpp>

#include <string>
#include <string_view>

using namespace felhom;
using namespace felhom::testing;
using namespace std::chrono_literals;

namespace {

auto says(const local_api::agent_status& status, std::string_view part) -> bool
{
    return to_text(status).find(part) != std::string::npos;
}

} // namespace

TEST_CASE("a daemon whose passes are made in time is well")
{
    CHECK(unhealthy_reason(well()) == std::nullopt);
}

TEST_CASE("a daemon whose last pass was not made is ill, and says why")
{
    auto status = well();
    status.passes.failure = "the node could not be read";
    CHECK(unhealthy_reason(status) == "the last pass was not made: the node could not be read");
}

TEST_CASE("a daemon is ill once no pass has ended for two intervals and five minutes")
{
    auto status = well();
    status.without_pass = 2 * status.interval + 5min;
    CHECK(unhealthy_reason(status) == std::nullopt);
    status.without_pass += 1ms;
    CHECK(unhealthy_reason(status) == "no pass has ended since 2026-11-23T11:52:59.999Z");
}

TEST_CASE("a daemon that was just started is not ill for want of a pass")
{
    auto status = well();
    status.passes = {};
    status.without_pass = 1min;
    CHECK(unhealthy_reason(status) == std::nullopt);
    status.without_pass = 1h;
    CHECK(unhealthy_reason(status).has_value());
}

TEST_CASE("whether passes come late does not hang on how the wall clock is set")
{
    auto set_forward = well();
    set_forward.now += 24h;
    CHECK(unhealthy_reason(set_forward) == std::nullopt);
    auto set_back = well();
    set_back.now -= 24h;
    set_back.without_pass = 1h;
    CHECK(unhealthy_reason(set_back) == "no pass has ended since 2026-11-22T11:00:00Z");
    CHECK(says(set_back, "last pass   60 min ago\n"));
}

TEST_CASE("the status tells when the wall clock was set")
{
    auto status = well();
    CHECK(to_json(status).at("clock_set").is_null());
    status.clock_set = clock_step{.from = status.now, .to = status.now - 3h};
    CHECK(says(status, "clock       was set back by 3 h, from 2026-11-23T12:00:00Z to 2026-11-23T09:00:00Z\n"));
    CHECK(to_json(status).at("clock_set").at("by_ms").as_int64() == -10'800'000);
}

TEST_CASE("a daemon that only reports is ill")
{
    auto status = well();
    status.mode = local_api::working_mode::only_report;
    CHECK(unhealthy_reason(status) == "no journal: changes are disabled, reporting goes on");
}

TEST_CASE("a daemon that cannot record anything is ill, whatever its last pass came to")
{
    auto status = well();
    status.journal_failure = "sync failed: Input/output error";
    CHECK(unhealthy_reason(status)
          == "the journal cannot be written: nothing is changed until it is opened anew: sync failed: Input/output "
             "error");
    CHECK(says(status, "health      unhealthy: the journal cannot be written"));
    CHECK_FALSE(to_json(status).at("healthy").as_bool());
    status.mode = local_api::working_mode::only_report;
    CHECK(unhealthy_reason(status)
          == "no journal: changes are disabled, reporting goes on: sync failed: Input/output error");
}

TEST_CASE("that the hub is away is no illness, and is told")
{
    auto status = well();
    status.hub = local_api::hub_state{
        .last_answer = status.now - 3h, .failure = "connection refused", .failures = 12, .kept_reports = 11};
    CHECK(unhealthy_reason(status) == std::nullopt);
    CHECK(says(status, "hub         answered 3 h ago\n"));
    CHECK(says(status, "12 reports in a row were not taken: connection refused\n"));
    CHECK(says(status, "11 reports are kept for it\n"));
}

TEST_CASE("an answer of the hub's that is not understood is told, and not as a report that was not taken")
{
    auto status = well();
    status.hub = local_api::hub_state{.last_answer = status.now, .failure = "the hub's answer is not understood"};
    CHECK(says(status, "the last report was taken; the hub's answer is not understood\n"));
    CHECK_FALSE(says(status, "reports in a row"));
}

TEST_CASE("what is refused of the hub's desired state is told with its guest and its key")
{
    auto status = well();
    status.passes.desired->refused = {{.guest = vmid::parse("101").value(),
                                       .key = "net0",
                                       .code = "key_not_allowed",
                                       .detail = "the hub may not set this key"}};
    CHECK(says(status, "not taken: guest 101: net0: the hub may not set this key\n"));
}

TEST_CASE("the status says how the guests stand, and why those that are not in sync are not")
{
    CHECK(says(well(), "guests      3 in sync, 0 wait for a restart, 0 refused, 1 held, 0 parked, 0 unknown\n"));
    CHECK(says(well(), "  104       held: needs a signature\n"));
    CHECK(says(well(), "desired     file, generation 7\n"));
    CHECK(says(well(), "last pass   60 s ago\n"));
    CHECK(says(well(), "next pass   in 20 s\n"));
    CHECK(says(well(), "mode        enforce\n"));
}

TEST_CASE("the status says what stops changes")
{
    auto status = well();
    CHECK_FALSE(says(status, "paused"));
    CHECK_FALSE(says(status, "blocked"));
    status.paused = "moving house";
    status.blocked = true;
    CHECK(says(status, "paused      moving house; `resume` ends it\n"));
    CHECK(says(status, "blocked     by the hub: nothing is changed\n"));
    status.veto = "not today";
    status.veto_file = "/etc/felhom-agent/veto";
    status.reload_refused = "reconcile.moed: no such setting";
    CHECK(says(status, "veto        nothing destructive is done while /etc/felhom-agent/veto is there: not today\n"));
    CHECK(says(status,
               "reload      the last new configuration was not taken, the one before is in force: reconcile.moed: "
               "no such setting\n"));
}

TEST_CASE("the status says what an operator has to look at, and how")
{
    auto status = well();
    status.passes.names = {{guest(102), "db"}};
    status.operations = {.parked = {{guest(102), status.now - 1h, "CT is locked"}},
                         .unknown = {{.id = 17,
                                      .guest = guest(103),
                                      .what = "guest.start",
                                      .started = status.now - 1h,
                                      .detail = "the task vanished"}},
                         .under_way = {begun_on(guest(102)), begun_on(guest(103))}};
    CHECK(says(status,
               "parked      102 (db) since 2026-11-23T11:00:00Z: CT is locked; `ops release 102` tries it again\n"));
    CHECK(says(status, "unknown     operation 17, guest.start of guest 103; `ops show 17` tells more\n"));
    CHECK(says(status, "under way   operation 3, guest.start of guest 102 (db), for 2 min, since 2026-11-23T11:58:00Z, "
                       "task UPID:pve1:"));
    CHECK(says(status, "under way   operation 3, guest.start of guest 103, for 2 min, since"));
}

TEST_CASE("as JSON, what is not known is null, never 0")
{
    auto status = well();
    status.passes = {};
    const auto document = to_json(status);
    CHECK(document.at("schema").as_string() == "felhom-status/1");
    CHECK(document.at("hub").is_null());
    CHECK(document.at("paused").is_null());
    for (const auto* const key : {"last", "failure", "next", "desired", "drift"}) {
        INFO(key);
        CHECK(document.at("passes").at(key).is_null());
    }
}

TEST_CASE("as JSON, every figure of the status is there")
{
    auto status = well();
    status.hub = local_api::hub_state{.last_answer = status.now, .failures = 3, .kept_reports = 2};
    status.operations.parked = {{guest(102), status.now, "CT is locked"}};
    const auto document = to_json(status);
    CHECK(document.at("healthy").as_bool());
    CHECK(document.at("mode").as_string() == "enforce");
    CHECK(document.at("process").as_uint64() == 4711);
    CHECK(document.at("hub").at("failures").to_number<int>() == 3);
    CHECK(document.at("hub").at("kept_reports").to_number<int>() == 2);
    CHECK(document.at("passes").at("desired").at("generation").to_number<int>() == 7);
    CHECK(document.at("passes").at("drift").at("in_sync").to_number<int>() == 3);
    CHECK(document.at("passes").at("drift").at("guests").at(0).at("reasons").at(0).as_string() == "needs a signature");
    CHECK(document.at("operations").at("parked").at(0).at("vmid").to_number<int>() == 102);
}

TEST_CASE("without a journal a host only reports, whatever its configuration says")
{
    using local_api::working_mode;
    CHECK(local_api::mode_of(/*has_journal=*/false, /*enforces=*/true) == working_mode::only_report);
    CHECK(local_api::mode_of(/*has_journal=*/true, /*enforces=*/true) == working_mode::enforce);
    CHECK(local_api::mode_of(/*has_journal=*/true, /*enforces=*/false) == working_mode::observe);
}

TEST_CASE("the service manager is told in one line how the daemon does")
{
    auto status = well();
    CHECK(to_line(status)
          == "enforce; guests: 3 in sync, 0 wait for a restart, 0 refused, 1 held, 0 parked, 0 unknown; pass at "
             "2026-11-23T11:59:00Z");
    status.paused = "maintenance";
    status.blocked = true;
    status.passes = {};
    CHECK(to_line(status) == "enforce, paused, blocked by the hub; no pass yet");
    status.passes.failure = "the node says:\nREADY=0";
    CHECK(to_line(status).starts_with("unhealthy: the last pass was not made: the node says:"));
    CHECK(to_line(status).find('\n') == std::string::npos);
}
