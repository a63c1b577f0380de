// SPDX-License-Identifier: Apache-2.0
#include "sim/node/demo_world.hpp"
#include "sim/serve/https_server.hpp"
#include "support/catch.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <memory>
#include <string>

// Over real TLS, read byte by byte, so that what an HTTP library would smooth over is seen.

namespace {

using namespace felhom::sim;
using namespace std::chrono_literals;

template <auto Free>
struct freed_by {
    template <typename T>
    void operator()(T* held) const
    {
        Free(held);
    }
};
using owned_context = std::unique_ptr<SSL_CTX, freed_by<SSL_CTX_free>>;
using owned_bio = std::unique_ptr<BIO, freed_by<BIO_free_all>>;
using owned_session = std::unique_ptr<SSL_SESSION, freed_by<SSL_SESSION_free>>;

/// A client that trusts exactly the server's own certificate.
auto trusting(const https_server& server, int version = TLS1_3_VERSION) -> owned_context
{
    std::signal(SIGPIPE, SIG_IGN); // OpenSSL's own sockets raise it when the server has closed
    auto context = owned_context{SSL_CTX_new(TLS_client_method())};
    const auto pem =
        owned_bio{BIO_new_mem_buf(server.certificate_pem().data(), static_cast<int>(server.certificate_pem().size()))};
    auto* const certificate = PEM_read_bio_X509(pem.get(), nullptr, nullptr, nullptr);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), certificate);
    X509_free(certificate);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_max_proto_version(context.get(), version);
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT);
    return context;
}

class client {
public:
    client(const https_server& server, SSL_CTX* context, SSL_SESSION* resume = nullptr)
        : bio_{BIO_new_ssl_connect(context)}
    {
        BIO_get_ssl(bio_.get(), &ssl_);
        const auto address = "127.0.0.1:" + std::to_string(server.port());
        BIO_set_conn_hostname(bio_.get(), address.c_str());
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_), "127.0.0.1");
        if (resume != nullptr) {
            SSL_set_session(ssl_, resume);
        }
        connected_ = BIO_do_handshake(bio_.get()) == 1;
    }

    [[nodiscard]] auto connected() const -> bool { return connected_; }
    [[nodiscard]] auto session() const -> owned_session { return owned_session{SSL_get1_session(ssl_)}; }

    auto get(const std::string& path, const std::string& secret = demo_tokens::agent_secret) -> std::string
    {
        const auto request = "GET /api2/json" + path + " HTTP/1.1\r\nHost: pve1\r\nAuthorization: PVEAPIToken="
                             + demo_tokens::agent + "=" + secret + "\r\n\r\n";
        BIO_write(bio_.get(), request.data(), static_cast<int>(request.size()));
        return read_answer();
    }

    /// Whatever still comes until the other side closes; empty if nothing does.
    auto rest() -> std::string
    {
        auto text = std::string{};
        auto bytes = std::array<char, 4096>{};
        for (auto size = 1; size > 0;) {
            size = BIO_read(bio_.get(), bytes.data(), static_cast<int>(bytes.size()));
            text.append(bytes.data(), static_cast<std::size_t>(std::max(size, 0)));
        }
        return text;
    }

private:
    auto read_answer() -> std::string
    {
        auto text = std::string{};
        auto byte = char{};
        while (text.find("\r\n\r\n") == std::string::npos) {
            if (BIO_read(bio_.get(), &byte, 1) != 1) {
                return text;
            }
            text += byte;
        }
        const auto length = text.find("Content-Length: ");
        if (length == std::string::npos) {
            return text + rest();
        }
        for (auto left = std::stoi(text.substr(length + 16)); left > 0; --left) {
            if (BIO_read(bio_.get(), &byte, 1) != 1) {
                break;
            }
            text += byte;
        }
        return text;
    }

    owned_bio bio_;
    SSL* ssl_ = nullptr;
    bool connected_ = false;
};

auto quick() -> server_settings
{
    auto settings = server_settings{};
    settings.delay_scale = 0.01;
    return settings;
}

auto served(server_settings settings = quick()) -> std::unique_ptr<https_server>
{
    return std::make_unique<https_server>(demo_world(settings.clock()), settings);
}

} // namespace

TEST_CASE("the node answers over TLS with a certificate that vouches for itself")
{
    const auto server = served();
    const auto context = trusting(*server);
    auto one = client{*server, context.get()};
    REQUIRE(one.connected());
    const auto answer = one.get("/version");
    CHECK(answer.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(answer.find("\"release\":\"9.2\"") != std::string::npos);
    CHECK(server->fingerprint().size() == 95);
    CHECK(one.get("/nodes").find(server->fingerprint()) != std::string::npos);
}

TEST_CASE("the reason phrase carries the message, and an error ends the connection")
{
    const auto server = served();
    const auto context = trusting(*server);
    auto one = client{*server, context.get()};
    const auto answer = one.get("/nodes/pve1/lxc/999/config");
    CHECK(answer.starts_with("HTTP/1.1 500 Configuration file 'nodes/pve1/lxc/999.conf' does not exist\r\n"));
    CHECK(answer.find("Connection: close\r\n") != std::string::npos);
    CHECK(one.rest().empty());
    CHECK(one.get("/version").empty());
}

TEST_CASE("a call of the root daemon has two Connection headers, and the connection stays open")
{
    const auto server = served();
    const auto context = trusting(*server);
    auto one = client{*server, context.get()};
    const auto answer = one.get("/nodes/pve1/lxc/101/status/current");
    CHECK(answer.find("Connection: close\r\nConnection: Keep-Alive\r\n") != std::string::npos);
    CHECK(one.get("/version").starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(server->counters().connections == 1);
    CHECK(server->counters().requests == 2);
}

TEST_CASE("bad credentials are answered late, without a body and without a length")
{
    const auto server = served();
    const auto context = trusting(*server);
    auto one = client{*server, context.get()};
    const auto before = std::chrono::steady_clock::now();
    const auto answer = one.get("/version", "wrong");
    CHECK(std::chrono::steady_clock::now() - before >= 30ms);
    CHECK(answer.starts_with("HTTP/1.1 401 Authentication failed!\r\n"));
    CHECK(answer.find("Content-Length") == std::string::npos);
    CHECK(answer.ends_with("\r\n\r\n"));
}

TEST_CASE("the last request that a connection may carry says so")
{
    auto settings = quick();
    settings.requests_per_connection = 2;
    const auto server = served(settings);
    const auto context = trusting(*server);
    auto one = client{*server, context.get()};
    CHECK(one.get("/version").find("Connection: Keep-Alive") != std::string::npos);
    CHECK(one.get("/version").find("Connection: close") != std::string::npos);
    CHECK(one.get("/version").empty());
}

TEST_CASE("a silent connection is closed")
{
    auto settings = quick();
    settings.idle_timeout = 50ms;
    const auto server = served(settings);
    const auto context = trusting(*server);
    auto one = client{*server, context.get()};
    CHECK(one.rest().empty());
}

TEST_CASE("a session is resumed under TLS 1.2 and 1.3, unless tickets are off")
{
    for (const auto version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        for (const auto tickets : {true, false}) {
            auto settings = quick();
            settings.session_tickets = tickets;
            const auto server = served(settings);
            const auto context = trusting(*server, version);
            auto first = client{*server, context.get()};
            static_cast<void>(first.get("/version"));
            const auto session = first.session();
            auto second = client{*server, context.get(), session.get()};
            static_cast<void>(second.get("/version"));
            CHECK(server->counters().resumed_handshakes == (tickets ? 1 : 0));
            CHECK(server->counters().full_handshakes == (tickets ? 1 : 2));
        }
    }
}

TEST_CASE("a fault can take the connection away")
{
    const auto server = served();
    server->with_node([](node& n) {
        n.faults.push_back({.method = "GET", .path = "/version", .what = fault_kind::drops_before_apply{}});
    });
    const auto context = trusting(*server);
    auto one = client{*server, context.get()};
    CHECK(one.get("/version").empty());
}

TEST_CASE("596 goes over the wire as it is")
{
    const auto server = served();
    server->with_node([](node& n) {
        n.faults.push_back(
            {.method = "GET", .path = "/version", .what = fault_kind::answers{596, "Connection timed out"}});
    });
    const auto context = trusting(*server);
    auto one = client{*server, context.get()};
    CHECK(one.get("/version").starts_with("HTTP/1.1 596 Connection timed out\r\n"));
}

TEST_CASE("a node that serves one request at a time lets the others wait")
{
    auto settings = quick();
    settings.most_in_flight = 1;
    settings.latency = 30ms;
    const auto server = served(settings);
    const auto context = trusting(*server);
    auto one = client{*server, context.get()};
    CHECK(one.get("/version").starts_with("HTTP/1.1 200"));
    CHECK(one.get("/version").starts_with("HTTP/1.1 200"));
    CHECK(server->counters().most_in_flight == 1);
}

TEST_CASE("the server stops, with a client connected or not")
{
    const auto server = served();
    const auto context = trusting(*server);
    auto one = client{*server, context.get()};
    REQUIRE(one.connected());
    server->stop();
    server->stop();
    CHECK(one.rest().empty());
    CHECK_FALSE(client{*server, context.get()}.connected());
}
