// SPDX-License-Identifier: Apache-2.0
#include "io/net/support/tls_server.hpp"
#include "program.hpp"
#include "support/catch.hpp"

#include <chrono>
#include <string>
#include <thread>

using namespace felhom;
using namespace felhom::testing;
using namespace std::chrono_literals;

namespace {

/// What the program makes of a server that plays this script on every connection.
auto plan_against(tls_server::script script) -> ended
{
    const auto identity = certificate::make();
    auto server = tls_server{identity, std::move(script)};
    auto agent = program{};
    agent.settings["FELHOM_AGENT_PROXMOX_URL"] = server.url();
    agent.settings["FELHOM_AGENT_PROXMOX_FINGERPRINT"] = identity.fingerprint().text();
    agent.settings["FELHOM_AGENT_PROXMOX_TIMEOUT_SECONDS"] = "2";
    return agent.run("plan");
}

auto body(const std::string& text) -> tls_server::script
{
    return answering(text);
}

void check_says(const ended& said, int status, const std::string& what)
{
    INFO(said.err);
    CHECK(said.status == status);
    CHECK(said.out.empty());
    CHECK(said.err.find("GET /version: ") != std::string::npos);
    CHECK(said.err.find(what) != std::string::npos);
    CHECK(said.err.find('\x1b') == std::string::npos);
    CHECK(said.err.find('\xff') == std::string::npos);
}

const auto chunked = std::string{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"};

} // namespace

TEST_CASE("an answer that is cut exits 3 and says so")
{
    check_says(plan_against(sending("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"data\":")), 3,
               "the connection broke before the answer was complete");
}

TEST_CASE("an answer without end exits 1 once it is larger than any answer")
{
    check_says(plan_against([](connection& to) {
                   (void)to.read_request();
                   to.send("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n");
                   const auto block = std::string(1U << 20U, ' ');
                   for (auto sent = 0; sent < 95; ++sent) {
                       to.send(block);
                   }
               }),
               1, "the answer is too large");
}

TEST_CASE("an answer that is no UTF-8 exits 1 and shows what came, harmlessly")
{
    check_says(plan_against(body("{\"data\":{\"version\":\"9\xff\x1b[2J\"}}")), 1, "expected JSON");
}

TEST_CASE("an answer of other types exits 1 and says where")
{
    check_says(plan_against(body(R"({"data":[1,2]})")), 1, "$.data: expected an object, got an array");
    check_says(plan_against(body(R"({"data":{"version":9,"release":"9.2"}})")), 1,
               "$.data.version: expected a string, got 9");
    check_says(plan_against(body(R"([])")), 1, "$: expected an object with a member 'data', got an array");
}

TEST_CASE("an empty answer exits 1 and says that it is empty")
{
    check_says(plan_against(body("")), 1, "an empty body");
}

TEST_CASE("HTML in the place of JSON exits 1 and shows its beginning")
{
    check_says(plan_against(body("<html><title>Bad Gateway</title>")), 1, "<html><title>");
}

TEST_CASE("chunks that are none, and chunks without end, exit 3 and are not taken for an answer")
{
    check_says(plan_against(sending(chunked + "zz\r\nnot a chunk\r\n")), 3, "connection broke");
    check_says(plan_against(sending(chunked + "8\r\n{\"data\":")), 3, "connection broke");
}

TEST_CASE("what is not HTTP exits 1")
{
    check_says(plan_against(sending("SSH-2.0-OpenSSH_9.2\r\n")), 1, "the answer is not HTTP");
}

TEST_CASE("a server that sends a byte now and then is not waited for beyond the time limit")
{
    const auto began = std::chrono::steady_clock::now();
    check_says(plan_against([](connection& to) {
                   (void)to.read_request();
                   to.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
                   for (auto sent = 0; sent < 1000; ++sent) {
                       std::this_thread::sleep_for(200ms);
                       to.send(" ");
                   }
               }),
               3, "no answer in time");
    CHECK(std::chrono::steady_clock::now() - began < 30s);
}

TEST_CASE("a reason phrase cannot command the terminal")
{
    check_says(plan_against(answering("", "HTTP/1.1 400 a\x1b[2J\xff")), 1, "answered 400: a\\x1b[2J\\xff");
}
