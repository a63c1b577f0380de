// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/host_tools/systemctl.hpp>
#include <felhom/hub/report/probe_report.hpp>

#include <string>
#include <vector>

using namespace felhom;
using namespace felhom::hub;
using host_tools::unit_state;

namespace {

auto state_of(const std::string& out, int exit_code) -> unit_state
{
    const auto read = host_tools::systemctl::read_is_active({.exit_code = exit_code, .out = out, .err = ""});
    REQUIRE(read.has_value());
    return *read;
}

} // namespace

TEST_CASE("the state of a service is systemd's word for it, whatever the exit code")
{
    CHECK(host_tools::systemctl::is_active(host_tools::unit_name::parse("cloudflared").value()).argv()
          == std::vector<std::string>{"/usr/bin/systemctl", "is-active", "cloudflared"});
    CHECK(state_of("active\n", 0) == unit_state::active);
    CHECK(state_of("reloading\n", 0) == unit_state::active);
    CHECK(state_of("inactive\n", 3) == unit_state::inactive);
    CHECK(state_of("inactive\n", 4) == unit_state::inactive);
    CHECK(state_of("failed\n", 3) == unit_state::failed);
    CHECK(state_of("activating\n", 3) == unit_state::unknown);
}

TEST_CASE("systemd that cannot be asked is an error")
{
    const auto read = host_tools::systemctl::read_is_active(
        {.exit_code = 1, .out = "", .err = "System has not been booted with systemd as init system\n"});
    REQUIRE_FALSE(read.has_value());
    CHECK(
        read.error()
        == host_tools::error{host_tools::failed{.program = "/usr/bin/systemctl",
                                                .exit_code = 1,
                                                .message = "System has not been booted with systemd as init system"}});
}

TEST_CASE("the name of a service can be no option and no path")
{
    for (const auto* const text : {"", "-f", "--all", "/etc/passwd", "a b", "a\n", "a/b"}) {
        INFO(text);
        CHECK_FALSE(host_tools::unit_name::parse(text).has_value());
    }
    CHECK(host_tools::unit_name::parse("cloudflared@home.service").has_value());
}

TEST_CASE("the kernel's clock is synchronized unless adjtimex says otherwise")
{
    CHECK(is_synchronized(0, 0x2001));
    CHECK_FALSE(is_synchronized(5, 0x40));
    CHECK_FALSE(is_synchronized(5, 0));
    CHECK_FALSE(is_synchronized(0, 0x40));
    CHECK_FALSE(is_synchronized(-1, 0));
}

TEST_CASE("a tunnel is ready when cloudflared says so and has a connection")
{
    using read = tl::expected<tunnel_readiness, json_error>;
    CHECK(parse_readiness(200, R"({"status":200,"readyConnections":4,"connectorId":"6b"})")
          == read{tunnel_readiness{.ready = true, .connections = 4}});
    CHECK(parse_readiness(503, R"({"status":503,"readyConnections":0,"connectorId":"6b"})")
          == read{tunnel_readiness{.ready = false, .connections = 0}});
    CHECK(parse_readiness(200, R"({"readyConnections":0})")
          == read{tunnel_readiness{.ready = false, .connections = 0}});
}

TEST_CASE("an answer that is not cloudflared's says nothing about a tunnel")
{
    using read = tl::expected<tunnel_readiness, json_error>;
    CHECK(parse_readiness(404, "{}")
          == read{tl::unexpected<json_error>(
              json_type_error{.path = "the status of /ready", .expected = "200 or 503", .got = "404"})});
    CHECK(parse_readiness(200, "{}")
          == read{tl::unexpected<json_error>(
              json_type_error{.path = "$.readyConnections", .expected = "a value", .got = "nothing"})});
    CHECK_FALSE(parse_readiness(200, R"({"readyConnections":-1})").has_value());
    CHECK_FALSE(parse_readiness(200, "OK").has_value());
}
