// SPDX-License-Identifier: Apache-2.0
#include "io/net/api_client.hpp"
#include "support/catch.hpp"
#include "support/client.hpp"
#include "support/requests.hpp"

#include <algorithm>
#include <type_traits>

using namespace felhom::testing;
using felhom::io::api_client;
using namespace felhom::net;
using namespace felhom::proxmox;

static_assert(std::is_constructible_v<exchange, api_client>);

namespace {

auto api(const tls_server& server, const certificate& pinned) -> api_client
{
    const auto token = api_token::parse("felhom@pve!agent", felhom::secret{token_secret});
    const auto where = endpoint::parse(server.url());
    REQUIRE((token.has_value() && where.has_value()));
    return api_client{*where, pinned.fingerprint(), *token};
}

} // namespace

TEST_CASE("requests of the API are sent below /api2/json with the token and answered in order")
{
    const auto identity = certificate::make();
    auto server = tls_server{identity, answering(R"({"data":null})")};
    const auto call = exchange{api(server, identity)};
    const auto node = felhom::node_name::parse("pve1");
    const auto id = felhom::vmid::parse("101");
    REQUIRE((node.has_value() && id.has_value()));
    const auto calls = std::vector{read::version().request, mutate::start(*node, *id)};
    CHECK(call(calls)
          == std::vector{answer_to(calls[0], ok(R"({"data":null})")), answer_to(calls[1], ok(R"({"data":null})"))});
    server.stop();
    auto requests = server.saw().requests;
    std::ranges::sort(requests);
    REQUIRE(requests.size() == 2);
    CHECK(requests[0].starts_with("GET /api2/json/version HTTP/1.1\r\n"));
    CHECK(requests[1].starts_with("POST /api2/json/nodes/pve1/lxc/101/status/start HTTP/1.1\r\n"));
    for (const auto& request : requests) {
        CHECK(request.find("\r\nAuthorization: PVEAPIToken=felhom@pve!agent=" + token_secret + "\r\n")
              != std::string::npos);
    }
}

TEST_CASE("a node with another certificate hears nothing of the token")
{
    auto server = tls_server{certificate::make(), answering("")};
    const auto answers = api(server, certificate::make())({read::version().request});
    REQUIRE(answers.size() == 1);
    CHECK(error_of(answers.front()).what == transport_error::kind::untrusted);
    server.stop();
    CHECK(server.saw().bytes == 0);
}

TEST_CASE("a node that repeats the token's secret does not bring it into an answer")
{
    const auto identity = certificate::make();
    auto server = tls_server{
        identity, answering(R"({"message":")" + token_secret + R"("})", "HTTP/1.1 400 Not with " + token_secret)};
    const auto answers = api(server, identity)({read::version().request});
    REQUIRE(answers.size() == 1);
    REQUIRE(answers.front().has_value());
    CHECK(answers.front()->reason == "Not with <redacted>");
    CHECK(answers.front()->body == R"({"message":"<redacted>"})");
}

TEST_CASE("a redirect that repeats the token's secret does not bring it into an answer")
{
    const auto identity = certificate::make();
    auto server = tls_server{identity, sending("HTTP/1.1 302 Found\r\nLocation: https://x.example/?t=" + token_secret
                                               + "\r\nContent-Length: 0\r\n\r\n")};
    const auto answers = api(server, identity)({read::version().request});
    REQUIRE(answers.size() == 1);
    REQUIRE(answers.front().has_value());
    CHECK(answers.front()->location == "https://x.example/?t=<redacted>");
}
