// SPDX-License-Identifier: Apache-2.0
#include "statuses.hpp"
#include "support/catch.hpp"

#include <felhom/local_api/pages.hpp>

#include <string>
#include <string_view>

using namespace felhom;
using namespace felhom::testing;

namespace {

auto has_line(const local_api::agent_status& status, const std::string& line) -> bool
{
    return ("\n" + local_api::to_metrics(status)).find("\n" + line + "\n") != std::string::npos;
}

} // namespace

TEST_CASE("each figure is a line of the exposition format, with its help and its type before it")
{
    CHECK(local_api::to_metrics(well()).starts_with(
        "# HELP felhom_agent_info Always 1; the labels say which agent this is.\n"
        "# TYPE felhom_agent_info gauge\n"
        "felhom_agent_info{version=\"0.1.0\",node=\"pve1\",mode=\"enforce\"} 1\n"));
    CHECK(has_line(well(), "felhom_guests{state=\"in_sync\"} 3"));
    CHECK(has_line(well(), "felhom_guests{state=\"held\"} 1"));
    CHECK(has_line(well(), "felhom_guests{state=\"refused\"} 0"));
    CHECK(has_line(well(), "felhom_desired_generation 7"));
    CHECK(has_line(well(), "felhom_agent_healthy 1"));
    CHECK(has_line(well(), "felhom_last_pass_failed 0"));
    CHECK(has_line(well(), "felhom_last_pass_timestamp_seconds 1795435140"));
}

TEST_CASE("a journal that fails is a figure of its own, and health says no")
{
    CHECK(has_line(well(), "felhom_journal_failed 0"));
    auto status = well();
    status.journal_failure = "no space left on device";
    CHECK(has_line(status, "felhom_journal_failed 1"));
    CHECK(has_line(status, "felhom_agent_healthy 0"));
    CHECK(local_api::write_page(local_api::open_page::health, status).status == 503);
}

TEST_CASE("what is not known has no line, never a 0")
{
    auto status = well();
    status.passes = {};
    const auto text = local_api::to_metrics(status);
    for (const auto* const name : {"felhom_last_pass_timestamp_seconds", "felhom_guests{", "felhom_desired_generation",
                                   "felhom_hub_failures", "felhom_hub_last_answer"}) {
        INFO(name);
        CHECK(text.find(name) == std::string::npos);
    }
}

TEST_CASE("the hub's figures are there where there is a hub")
{
    auto status = well();
    status.hub = local_api::hub_state{.last_answer = status.now, .failures = 3, .kept_reports = 2};
    CHECK(has_line(status, "felhom_hub_failures 3"));
    CHECK(has_line(status, "felhom_hub_kept_reports 2"));
    CHECK(has_line(status, "felhom_hub_last_answer_timestamp_seconds 1795435200"));
}

TEST_CASE("what holds changes up, and what waits for an operator, is counted")
{
    auto status = well();
    status.paused = "";
    status.blocked = true;
    status.operations.under_way.assign(4, begun_on(guest(102)));
    status.operations.parked = {{guest(102), status.now, "CT is locked"}};
    CHECK(has_line(status, "felhom_agent_paused 1"));
    CHECK(has_line(status, "felhom_agent_blocked 1"));
    CHECK(has_line(status, "felhom_operations_in_flight 4"));
    CHECK(has_line(status, "felhom_guests_parked 1"));
}

TEST_CASE("a label's value is escaped")
{
    auto status = well();
    status.agent_version = "a\"b\\c\nd";
    CHECK(local_api::to_metrics(status).find("{version=\"a\\\"b\\\\c\\nd\",") != std::string::npos);
}

TEST_CASE("healthz is 200 for a daemon that is well and 503 for one that is not, and keeps the reason to itself")
{
    CHECK(write_page(local_api::open_page::health, well()).status == 200);
    auto status = well();
    status.passes.failure = "the token was refused";
    const auto page = write_page(local_api::open_page::health, status);
    CHECK(page.status == 503);
    CHECK(page.body == "unhealthy\n");
}

TEST_CASE("the loopback address has two pages, and takes nothing in")
{
    using local_api::find_open_page;
    CHECK(find_open_page("GET", "/metrics") == local_api::open_page::metrics);
    CHECK(find_open_page("GET", "/healthz") == local_api::open_page::health);
    CHECK(find_open_page("POST", "/metrics") == std::nullopt);
    CHECK(find_open_page("GET", "/status") == std::nullopt);
    CHECK(find_open_page("POST", "/command") == std::nullopt);
}

TEST_CASE("the socket tells the status and takes commands, by POST alone")
{
    using local_api::find_socket_page;
    CHECK(find_socket_page("GET", "/status") == local_api::socket_page::status);
    CHECK(find_socket_page("GET", "/status.txt") == local_api::socket_page::status_text);
    CHECK(find_socket_page("POST", "/command") == local_api::socket_page::command);
    CHECK(find_socket_page("GET", "/report") == local_api::socket_page::show_report);
    CHECK(find_socket_page("POST", "/report") == local_api::socket_page::send_report);
    CHECK(find_socket_page("GET", "/command") == std::nullopt);
    CHECK(find_socket_page("POST", "/status") == std::nullopt);
}
