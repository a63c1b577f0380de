// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/net/endpoint.hpp>
#include <felhom/net/trust.hpp>

#include <string>

using felhom::net::endpoint;

TEST_CASE("an API address is https, a host and a port, which is 8006 unless it is given")
{
    const auto url = [](std::string_view text) { return endpoint::parse(text).map(&endpoint::url); };
    CHECK(url("https://pve1") == "https://pve1:8006");
    CHECK(url("HTTPS://PVE1.Example.ORG/") == "https://pve1.example.org:8006");
    CHECK(url("https://192.0.2.7:443") == "https://192.0.2.7:443");
    CHECK(url("https://[2001:DB8::1]:65535/") == "https://[2001:db8::1]:65535");
    CHECK(url("https://[::1]") == "https://[::1]:8006");
}

TEST_CASE("an API address without https, with a user, a path, a query or a port that is none is refused")
{
    for (const auto* text : {"",
                             "https://",
                             "https:///",
                             "pve1",
                             "pve1:8006",
                             "http://pve1",
                             "ftp://pve1",
                             "https:/pve1",
                             "https://root@pve1",
                             "https://root:pw@pve1:8006",
                             "https://pve1/api2/json",
                             "https://pve1//",
                             "https://pve1?x=1",
                             "https://pve1#x",
                             "https://pve1:",
                             "https://pve1:0",
                             "https://pve1:08006",
                             "https://pve1:65536",
                             "https://pve1:+1",
                             "https://pve1:1:2",
                             "https://:8006",
                             "https://pve 1",
                             "https://-pve1",
                             "https://.pve1",
                             "https://[::1",
                             "https://[]",
                             "https://[pve1]",
                             "https://::1",
                             "https://[::1]8006",
                             "https://[fe80::1%eth0]",
                             "https://pve1\n"}) {
        INFO(text);
        const auto parsed = endpoint::parse(text);
        REQUIRE_FALSE(parsed.has_value());
        CHECK(parsed.error()
              == felhom::parse_error{"API address", "https://HOST or https://HOST:PORT, with nothing after it",
                                     "(not shown)"});
    }
}

TEST_CASE("only a trust that protects nothing comes with a warning")
{
    using namespace felhom::net;
    CHECK_FALSE(warning(trust{fingerprint{fingerprint::digest{}}}).has_value());
    CHECK_FALSE(warning(trust{authorities{"PEM"}}).has_value());
    CHECK_FALSE(warning(trust{system_roots{}}).has_value());
    REQUIRE(warning(trust{insecure_skip_verify{}}).has_value());
    CHECK(warning(trust{insecure_skip_verify{}})->find("insecure_skip_verify") == 0);
}
