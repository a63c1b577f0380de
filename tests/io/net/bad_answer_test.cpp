// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"
#include "support/client.hpp"

#include <chrono>
#include <thread>

using namespace felhom::testing;
using namespace std::chrono_literals;
using felhom::io::https_limits;
using kind = felhom::net::transport_error::kind;

namespace {

const auto known_identity = certificate::make();

/// What a client makes of this script's answer to one read.
auto outcome_of(tls_server::script script, https_limits limits = {.total = 5s}) -> felhom::net::exchanged
{
    auto server = tls_server{known_identity, std::move(script)};
    auto client = client_of(server.url(), known_identity.fingerprint(), limits);
    return send_one(client, get());
}

auto kind_of_answer(const std::string& bytes) -> kind
{
    const auto error = error_of(outcome_of(sending(bytes)));
    CHECK(error.maybe_sent);
    return error.what;
}

const auto chunked = std::string{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"};

} // namespace

TEST_CASE("the reason phrase is kept byte for byte")
{
    const auto reason = [](const std::string& status_line) {
        const auto answer = outcome_of(answering("{}", status_line));
        REQUIRE(answer.has_value());
        return std::pair{answer->status, answer->reason};
    };
    CHECK(reason("HTTP/1.1 403 Permission check failed (/vms/101, VM.Config.Options)")
          == std::pair{403, std::string{"Permission check failed (/vms/101, VM.Config.Options)"}});
    CHECK(reason("HTTP/1.1 596 Connection timed out") == std::pair{596, std::string{"Connection timed out"}});
    CHECK(reason("HTTP/1.1 500  two  blanks\t") == std::pair{500, std::string{" two  blanks\t"}});
    CHECK(reason("HTTP/1.1 500 caf\xC3\xA9 \xFF\x01") == std::pair{500, std::string{"caf\xC3\xA9 \xFF\x01"}});
    CHECK(reason("HTTP/1.1 200 ") == std::pair{200, std::string{}});
    CHECK(reason("HTTP/1.1 200") == std::pair{200, std::string{}});
}

TEST_CASE("an interim answer's reason is not the final one's")
{
    CHECK(outcome_of(answering("{}", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 Fine"))
          == felhom::net::response{.status = 200, .reason = "Fine", .body = "{}"});
}

TEST_CASE("a body that is not JSON, not UTF-8 or not text is handed on as it came")
{
    for (const auto& body :
         {std::string{}, std::string{"<html><body>It works!</body></html>"}, std::string{"\xFF\xFE\x00\x80", 4}}) {
        CHECK(outcome_of(answering(body)) == ok(body));
    }
}

TEST_CASE("a chunked answer and one with two Connection headers are understood")
{
    CHECK(outcome_of(sending(chunked + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")) == ok("abcde"));
    CHECK(outcome_of(sending("HTTP/1.1 200 OK\r\nConnection: close\r\nConnection: Keep-Alive\r\n"
                             "Content-Length: 2\r\n\r\nhi"))
          == ok("hi"));
}

TEST_CASE("a 401 without body and length ends with the connection, with TLS's goodbye or without")
{
    const auto polite = GENERATE(true, false);
    const auto refusal = [polite](connection& client) {
        static_cast<void>(client.read_request());
        client.send("HTTP/1.1 401 No ticket\r\nConnection: close\r\n\r\n");
        if (polite) {
            client.say_goodbye();
        }
    };
    CHECK(outcome_of(refusal) == felhom::net::response{.status = 401, .reason = "No ticket", .body = {}});
}

TEST_CASE("a redirect is an answer like any other and is not followed")
{
    auto elsewhere = tls_server{known_identity, answering("stolen")};
    auto server = tls_server{known_identity, sending("HTTP/1.1 302 Found\r\nLocation: " + elsewhere.url()
                                                     + "/\r\nContent-Length: 0\r\n\r\n")};
    auto client = client_of(server.url(), known_identity.fingerprint());
    CHECK(send_one(client, get())
          == felhom::net::response{
              .status = 302, .reason = "Found", .body = {}, .to = std::nullopt, .location = elsewhere.url() + "/"});
    elsewhere.stop();
    CHECK(elsewhere.saw().connections == 0);
}

TEST_CASE("an answer that is cut short is interrupted")
{
    CHECK(kind_of_answer("") == kind::interrupted);
    CHECK(kind_of_answer("HTTP/1.1 20") == kind::interrupted);
    CHECK(kind_of_answer("HTTP/1.1 200 OK\r\nContent-Le") == kind::interrupted);
    CHECK(kind_of_answer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{\"data\"") == kind::interrupted);
    CHECK(kind_of_answer(chunked + "ff\r\nabc") == kind::interrupted);
    CHECK(kind_of_answer(chunked + "3\r\nabc\r\n") == kind::interrupted);
}

TEST_CASE("a body that only the end of the connection ends is interrupted, for it may be cut")
{
    CHECK(kind_of_answer("HTTP/1.1 200 OK\r\n\r\n{\"data\":[") == kind::interrupted);
}

TEST_CASE("an answer that is not HTTP is refused")
{
    CHECK(kind_of_answer("<html>no HTTP at all</html>\r\n\r\n") == kind::not_http);
    CHECK(kind_of_answer("SSH-2.0-OpenSSH_9.2\r\n") == kind::not_http);
    CHECK(kind_of_answer("HTTP/1.1 2x0 OK\r\n\r\n") == kind::not_http);
    CHECK(kind_of_answer(std::string{"HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n", 27}) == kind::not_http);
    CHECK(kind_of_answer("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n") == kind::not_http);
}

TEST_CASE("chunks that are none are an error")
{
    for (const auto* garbage : {"xyz\r\nabc\r\n", "\r\n\r\n", "fffffffffffffffff\r\n", "-1\r\nabc"}) {
        INFO(garbage);
        CHECK(kind_of_answer(chunked + garbage) == kind::interrupted);
    }
}

TEST_CASE("an answer above the limit is refused, announced or not, and one at the limit is not")
{
    static constexpr auto limits = https_limits{.total = 5s, .response_bytes = 1000};
    CHECK(outcome_of(answering(std::string(1000, 'x')), limits) == ok(std::string(1000, 'x')));
    CHECK(error_of(outcome_of(answering(std::string(1001, 'x')), limits)).what == kind::too_large);
    const auto endless = [](connection& client) {
        static_cast<void>(client.read_request());
        client.send(chunked);
        for (;;) {
            client.send("100\r\n" + std::string(0x100, 'x') + "\r\n");
        }
    };
    CHECK(error_of(outcome_of(endless, limits)).what == kind::too_large);
    const auto boast = "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n";
    CHECK(error_of(outcome_of(sending(boast), limits)).what == kind::too_large);
}

TEST_CASE("a header without end is refused, be it one line, many, or many answers")
{
    static constexpr auto limits = https_limits{.total = 5s, .header_bytes = 4000};
    for (const auto* part : {"x", "A: b\r\n", "\r\nHTTP/1.1 100 Continue\r\n"}) {
        auto many = std::string{};
        while (many.size() < 10'000) {
            many += part;
        }
        const auto endless = [many](connection& client) {
            static_cast<void>(client.read_request());
            client.send("HTTP/1.1 100 Continue\r\n");
            for (;;) {
                client.send(many);
            }
        };
        INFO(part);
        const auto error = error_of(outcome_of(endless, limits));
        CHECK(error.what == kind::too_large);
    }
}

TEST_CASE("a server that sends a byte now and then is left when the time is over")
{
    const auto drip = [](connection& client) {
        static_cast<void>(client.read_request());
        client.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
        for (;;) {
            client.send("x");
            std::this_thread::sleep_for(20ms);
        }
    };
    const auto start = std::chrono::steady_clock::now();
    const auto error = error_of(outcome_of(drip, {.total = 300ms}));
    CHECK(error.what == kind::timeout);
    CHECK(error.maybe_sent);
    CHECK(std::chrono::steady_clock::now() - start < 3s);
}

TEST_CASE("a server that takes the connection and never speaks TLS is left when the time is over, unsent")
{
    namespace asio = boost::asio;
    auto io = asio::io_context{};
    const auto silent = asio::ip::tcp::acceptor{io, {asio::ip::address_v4::loopback(), 0}};
    auto client = client_of("https://localhost:" + std::to_string(silent.local_endpoint().port()),
                            known_identity.fingerprint(), {.connect = 200ms});
    const auto error = error_of(send_one(client, post()));
    CHECK(error.what == kind::timeout);
    CHECK_FALSE(error.maybe_sent);
}

TEST_CASE("a port where nobody listens and a name that does not exist are unreachable, unsent")
{
    auto server = tls_server{known_identity, answering("")};
    server.stop();
    for (const auto& url : {server.url(), std::string{"https://host.invalid:8006"}}) {
        auto client = client_of(url, known_identity.fingerprint(), {.connect = 5s});
        const auto error = error_of(send_one(client, post()));
        CHECK(error.what == kind::unreachable);
        CHECK_FALSE(error.maybe_sent);
    }
}
