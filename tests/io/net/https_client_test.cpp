// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"
#include "support/client.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <thread>

using namespace felhom::testing;
using namespace std::chrono_literals;
using felhom::io::https_call;
using felhom::net::http_method;
using kind = felhom::net::transport_error::kind;

namespace {

const auto server_identity = certificate::make();

/// Answers every request with its own target, after a while.
auto echoing(std::chrono::milliseconds pause = 0ms) -> tls_server::script
{
    return [pause](connection& client) {
        for (;;) {
            const auto request = client.read_request();
            std::this_thread::sleep_for(pause);
            const auto start = request.find(' ') + 1;
            client.answer(request.substr(start, request.find(' ', start) - start));
        }
    };
}

auto reads(std::size_t count) -> std::vector<https_call>
{
    auto calls = std::vector<https_call>{};
    while (calls.size() < count) {
        calls.push_back(get("/" + std::to_string(calls.size())));
    }
    return calls;
}

auto echoes(std::size_t count) -> std::vector<felhom::net::exchanged>
{
    auto answers = std::vector<felhom::net::exchanged>{};
    while (answers.size() < count) {
        answers.push_back(ok("/" + std::to_string(answers.size())));
    }
    return answers;
}

} // namespace

TEST_CASE("many reads come back in their order over four connections and one full handshake")
{
    auto server = tls_server{server_identity, echoing(1ms)};
    auto client = client_of(server.url(), server_identity.fingerprint());
    CHECK(client.send(reads(200)) == echoes(200));
    server.stop();
    const auto saw = server.saw();
    CHECK(saw.connections == 4);
    CHECK(saw.full_handshakes == 1);
    CHECK(saw.resumed_handshakes == 3);
}

TEST_CASE("a server that gives no sessions is still read over four connections")
{
    auto server = tls_server{server_identity, echoing(1ms), {.tickets = false}};
    auto client = client_of(server.url(), server_identity.fingerprint());
    CHECK(client.send(reads(50)) == echoes(50));
    server.stop();
    CHECK(server.saw().connections == 4);
    CHECK(server.saw().full_handshakes == 4);
}

TEST_CASE("one slow first answer does not hold up the reads behind it")
{
    auto first_has_come = std::promise<void>{};
    auto others_are_answered = std::promise<void>{};
    const auto slow_first = [&](connection& client) {
        for (;;) {
            const auto is_first = client.read_request().starts_with("GET /0 ");
            if (is_first) {
                first_has_come.set_value();
                others_are_answered.get_future().wait();
            }
            client.answer(is_first ? "slow" : "fast");
        }
    };
    auto server = tls_server{server_identity, slow_first};
    auto client = client_of(server.url(), server_identity.fingerprint());
    auto slow = std::async(std::launch::async, [&] { return client.send(reads(1)); });
    first_has_come.get_future().wait();
    CHECK(send_one(client, get("/1")) == ok("fast"));
    others_are_answered.set_value();
    CHECK(slow.get() == std::vector{ok("slow")});
}

TEST_CASE("callers in several threads share the connections and get their own answers")
{
    auto server = tls_server{server_identity, echoing()};
    auto client = client_of(server.url(), server_identity.fingerprint());
    auto right = std::vector<char>(8);
    auto callers = std::vector<std::thread>{};
    for (auto& mine : right) {
        callers.emplace_back([&] { mine = client.send(reads(40)) == echoes(40) ? 1 : 0; });
    }
    std::ranges::for_each(callers, &std::thread::join);
    CHECK(std::ranges::all_of(right, [](char mine) { return mine == 1; }));
    server.stop();
    CHECK(server.saw().most_at_once <= 4);
}

TEST_CASE("a client that nobody calls keeps no thread, and makes its next call over the connection that it has")
{
    const auto threads = [] {
        using tasks = std::filesystem::directory_iterator;
        return std::distance(tasks{"/proc/self/task"}, tasks{});
    };
    auto busy = std::atomic<std::ptrdiff_t>{0};
    auto server = tls_server{server_identity, [&](connection& client) {
                                 for (;;) {
                                     client.read_request();
                                     busy = threads(); // the client's waits for the answer
                                     client.answer("here");
                                 }
                             }};
    auto client = client_of(server.url(), server_identity.fingerprint());
    CHECK(send_one(client, get("/0")) == ok("here"));
    const auto give_up = std::chrono::steady_clock::now() + 20s;
    while (threads() >= busy && std::chrono::steady_clock::now() < give_up) {
        std::this_thread::sleep_for(20ms);
    }
    CHECK(threads() == busy - 1);
    CHECK(send_one(client, get("/1")) == ok("here"));
    server.stop();
    CHECK(server.saw().connections == 1);
}

TEST_CASE("no calls need no connection")
{
    auto server = tls_server{server_identity, echoing()};
    auto client = client_of(server.url(), server_identity.fingerprint());
    CHECK(client.send({}).empty());
    server.stop();
    CHECK(server.saw().connections == 0);
}

TEST_CASE("a batch to a server that cannot be reached fails after one attempt")
{
    auto server = tls_server{server_identity, echoing()};
    auto client = client_of(server.url(), certificate::make().fingerprint());
    const auto answers = client.send(reads(100));
    CHECK(answers.size() == 100);
    for (const auto& answer : answers) {
        const auto error = error_of(answer);
        CHECK(error.what == kind::untrusted);
        CHECK_FALSE(error.maybe_sent);
    }
    server.stop();
    CHECK(server.saw().connections == 1);
}

TEST_CASE("a client that failed to connect tries again with the next batch")
{
    auto server = tls_server{server_identity, echoing()};
    const auto port = server.port();
    auto client = client_of(server.url(), server_identity.fingerprint());
    server.stop();
    CHECK(error_of(send_one(client, get())).what == kind::unreachable);
    auto again = tls_server{server_identity, echoing(), {.port = port}};
    CHECK(send_one(client, get("/x")) == ok("/x"));
}

TEST_CASE("each method is sent as Proxmox VE wants it")
{
    auto server = tls_server{server_identity, answering("")};
    auto client = client_of(server.url(), server_identity.fingerprint());
    const auto sent = [&](http_method method, const std::string& body) {
        CHECK(send_one(client, {.method = method, .target = "/api2/json/a%2Fb?c=d", .body = body}) == ok(""));
        return server.saw().requests.back();
    };
    const auto head = "Host: localhost:" + std::to_string(server.port())
                      + "\r\nUser-Agent: felhom-agent\r\nAccept: */*\r\nAuthorization: PVEAPIToken=felhom@pve!agent="
                      + token_secret + "\r\n";
    const auto form = std::string{"Content-Type: application/x-www-form-urlencoded\r\n\r\n"};
    CHECK(sent(http_method::get, "") == "GET /api2/json/a%2Fb?c=d HTTP/1.1\r\n" + head + "\r\n");
    CHECK(sent(http_method::del, "") == "DELETE /api2/json/a%2Fb?c=d HTTP/1.1\r\n" + head + "\r\n");
    CHECK(sent(http_method::post, "")
          == "POST /api2/json/a%2Fb?c=d HTTP/1.1\r\n" + head + "Content-Length: 0\r\n" + form);
    CHECK(sent(http_method::put, "x=1&y=%20")
          == "PUT /api2/json/a%2Fb?c=d HTTP/1.1\r\n" + head + "Content-Length: 9\r\n" + form + "x=1&y=%20");
    CHECK(sent(http_method::post, std::string(5000, 'x')).find("Expect") == std::string::npos);
}

TEST_CASE("a read on a connection that the server has closed meanwhile is made again")
{
    const auto hang_up_on_second = [](connection& client) {
        static_cast<void>(client.read_request());
        client.answer("first");
        if (client.number() == 1) {
            static_cast<void>(client.read_request());
        }
    };
    auto server = tls_server{server_identity, hang_up_on_second};
    auto client = client_of(server.url(), server_identity.fingerprint());
    CHECK(send_one(client, get()) == ok("first"));
    CHECK(send_one(client, get()) == ok("first"));
    server.stop();
    CHECK(server.saw().requests.size() == 3);
}

TEST_CASE("a mutation is sent once, whatever becomes of its connection")
{
    const auto method = GENERATE(http_method::post, http_method::put, http_method::del);
    const auto hang_up_on_mutation = [](connection& client) {
        while (client.read_request().starts_with("GET")) {
            client.answer("read");
        }
    };
    auto server = tls_server{server_identity, hang_up_on_mutation};
    auto client = client_of(server.url(), server_identity.fingerprint());
    CHECK(send_one(client, get()) == ok("read")); // leaves a connection that a mutation could be tempted to reuse
    const auto error = error_of(send_one(client, {.method = method, .target = "/", .body = {}}));
    CHECK(error.what == kind::interrupted);
    CHECK(error.maybe_sent);
    server.stop();
    CHECK(server.saw().requests.size() == 2);
    CHECK(server.saw().connections == 2);
}

TEST_CASE("a mutation after a server closed its idle connections is sent once and answered")
{
    const auto one_answer = [](connection& client) {
        static_cast<void>(client.read_request());
        client.answer("done");
    };
    auto server = tls_server{server_identity, one_answer};
    auto client = client_of(server.url(), server_identity.fingerprint());
    CHECK(send_one(client, get()) == ok("done"));
    CHECK(send_one(client, post()) == ok("done"));
    server.stop();
    CHECK(server.saw().requests.size() == 2);
}

TEST_CASE("mutations at the same time have a connection each and one full handshake between them")
{
    auto server = tls_server{server_identity, echoing(1ms)};
    auto client = client_of(server.url(), server_identity.fingerprint());
    auto calls = reads(40);
    for (auto& call : calls) {
        call.method = http_method::post;
    }
    CHECK(client.send(calls) == echoes(40));
    server.stop();
    CHECK(server.saw().connections == 40);
    CHECK(server.saw().full_handshakes == 1);
}

TEST_CASE("a server that closes its connections after some requests is read to the end with one full handshake")
{
    const auto ten_answers = [](connection& client) {
        for (auto count = 1; count <= 10; ++count) {
            const auto request = client.read_request();
            const auto start = request.find(' ') + 1;
            client.answer(request.substr(start, request.find(' ', start) - start),
                          count < 10 ? "HTTP/1.1 200 OK" : "HTTP/1.1 200 OK\r\nConnection: close");
        }
        client.say_goodbye();
    };
    auto server = tls_server{server_identity, ten_answers};
    auto client = client_of(server.url(), server_identity.fingerprint());
    CHECK(client.send(reads(100)) == echoes(100));
    server.stop();
    CHECK(server.saw().full_handshakes == 1);
    CHECK(server.saw().requests.size() == 100);
}

TEST_CASE("neither a proxy nor a key log is taken from the environment")
{
    const auto log = std::filesystem::temp_directory_path() / ("felhom-keylog-" + std::to_string(getpid()));
    setenv("https_proxy", "http://127.0.0.1:1", 1);
    setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
    setenv("SSLKEYLOGFILE", log.c_str(), 1);
    auto server = tls_server{server_identity, answering("direct")};
    auto client = client_of(server.url(), server_identity.fingerprint());
    CHECK(send_one(client, get()) == ok("direct"));
    unsetenv("https_proxy");
    unsetenv("ALL_PROXY");
    unsetenv("SSLKEYLOGFILE");
    // libcurl opens the file when it is initialised, which is here if this case runs alone, as ctest runs it.
    auto written = std::ifstream{log};
    CHECK(std::string{std::istreambuf_iterator<char>{written}, {}}.empty());
    std::filesystem::remove(log);
}
