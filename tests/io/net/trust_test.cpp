// SPDX-License-Identifier: Apache-2.0
#include "io/net/authorities.hpp"
#include "support/catch.hpp"
#include "support/client.hpp"

#include <string>

using namespace felhom::testing;
using felhom::net::authorities;
using felhom::net::insecure_skip_verify;
using felhom::net::system_roots;
using kind = felhom::net::transport_error::kind;

namespace {

void check_refused_unheard(tls_server& server, const felhom::net::exchanged& outcome)
{
    const auto error = error_of(outcome);
    CHECK(error.what == kind::untrusted);
    CHECK_FALSE(error.maybe_sent);
    server.stop();
    CHECK(server.saw().failed_handshakes == 1);
    CHECK(server.saw().bytes == 0);
}

} // namespace

TEST_CASE("a server with the pinned certificate is heard, whatever its host name and dates")
{
    const auto identity = certificate::make({.host = "elsewhere.example", .expired = true});
    auto server = tls_server{identity, answering("hello")};
    auto client = client_of(server.url(), identity.fingerprint());
    CHECK(send_one(client, get()) == ok("hello"));
    server.stop();
    CHECK(server.saw().bytes > 0);
}

TEST_CASE("a server with another certificate than the pinned one receives not one byte of HTTP")
{
    const auto version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
    const auto identity = certificate::make();
    const auto pinned = certificate::make();
    auto server = tls_server{identity, answering("hello"), {.greatest_version = version}};
    auto client = client_of(server.url(), pinned.fingerprint());
    const auto outcome = send_one(client, post("/secret", "password=1"));
    check_refused_unheard(server, outcome);
    CHECK(outcome.error().detail
          == "the server's certificate has the fingerprint " + identity.fingerprint().text() + ", configured is "
                 + pinned.fingerprint().text());
}

TEST_CASE("a pin holds for the certificate, not for its key")
{
    const auto authority = certificate::make({.authority = true});
    const auto identity = certificate::make({}, &authority);
    auto server = tls_server{identity, answering("hello")};
    auto client = client_of(server.url(), authority.fingerprint()); // its issuer's is not the leaf's
    check_refused_unheard(server, send_one(client, get()));
}

TEST_CASE("a connection after the first resumes the pinned session, in TLS 1.3 and in TLS 1.2")
{
    const auto version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
    const auto identity = certificate::make();
    auto server = tls_server{identity, answering("hello"), {.greatest_version = version}};
    auto client = client_of(server.url(), identity.fingerprint());
    CHECK(send_one(client, get()) == ok("hello"));
    CHECK(send_one(client, post()) == ok("hello"));
    CHECK(send_one(client, post()) == ok("hello"));
    server.stop();
    CHECK(server.saw().full_handshakes == 1);
    CHECK(server.saw().resumed_handshakes == 2);
}

TEST_CASE("another server that is offered the session of the pinned one is refused unheard")
{
    const auto version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
    const auto identity = certificate::make();
    auto honest = tls_server{identity, answering("hello"), {.greatest_version = version}};
    auto client = client_of(honest.url(), identity.fingerprint());
    CHECK(send_one(client, get()) == ok("hello"));
    honest.stop();

    auto impostor =
        tls_server{certificate::make(), answering("hello"), {.port = honest.port(), .greatest_version = version}};
    const auto outcome = send_one(client, post());
    CHECK(impostor.saw().resumptions_asked_for == 1);
    CHECK(impostor.saw().resumed_handshakes == 0);
    check_refused_unheard(impostor, outcome);
}

TEST_CASE("a session made under one pin is never offered by a client that has another")
{
    const auto identity = certificate::make();
    auto server = tls_server{identity, answering("hello")};
    auto trusting = client_of(server.url(), insecure_skip_verify{});
    CHECK(send_one(trusting, get()) == ok("hello"));
    auto pinned = client_of(server.url(), certificate::make().fingerprint());
    const auto outcome = send_one(pinned, get());
    CHECK(error_of(outcome).what == kind::untrusted);
    server.stop();
    CHECK(server.saw().resumptions_asked_for == 0);
    CHECK(server.saw().failed_handshakes == 1);
    CHECK(server.saw().requests.size() == 1);
}

TEST_CASE("an authority makes a server trusted that it signed for this host")
{
    const auto authority = certificate::make({.authority = true});
    const auto identity = certificate::make({}, &authority);
    auto server = tls_server{identity, answering("hello")};
    auto client = client_of(server.url(), authorities{authority.pem()});
    CHECK(send_one(client, get()) == ok("hello"));
    CHECK(send_one(client, post()) == ok("hello"));
    server.stop();
    CHECK(server.saw().resumed_handshakes == 1);
}

TEST_CASE("a server that the authority did not sign, signed for another host, or long ago, is refused unheard")
{
    const auto authority = certificate::make({.authority = true});
    const auto other = certificate::make({.authority = true});
    SECTION("signed by another authority")
    {
        auto server = tls_server{certificate::make({}, &other), answering("hello")};
        auto client = client_of(server.url(), authorities{authority.pem()});
        check_refused_unheard(server, send_one(client, get()));
    }
    SECTION("long ago")
    {
        auto server = tls_server{certificate::make({.expired = true}, &authority), answering("hello")};
        auto client = client_of(server.url(), authorities{authority.pem()});
        check_refused_unheard(server, send_one(client, get()));
    }
    SECTION("for another host")
    {
        // libcurl compares the name when the handshake is over: the server has no failure to see, and no request.
        auto server = tls_server{certificate::make({.host = "elsewhere.example"}, &authority), answering("hello")};
        auto client = client_of(server.url(), authorities{authority.pem()});
        const auto error = error_of(send_one(client, get()));
        CHECK(error.what == kind::untrusted);
        CHECK_FALSE(error.maybe_sent);
        server.stop();
        CHECK(server.saw().connections == 1);
        CHECK(server.saw().requests.empty());
        // A client that is gone before the server has sent its tickets fails its handshake: an encrypted alert is all
        // it hears.
        static constexpr auto encrypted_alert = std::size_t{24};
        CHECK(server.saw().bytes <= (server.saw().failed_handshakes == 0 ? 0 : encrypted_alert));
    }
}

TEST_CASE("authorities that are no certificates trust nobody")
{
    auto server = tls_server{certificate::make(), answering("hello")};
    for (const auto* const pem : {"", "not a certificate"}) {
        auto client = client_of(server.url(), authorities{pem});
        const auto error = error_of(send_one(client, get()));
        CHECK(error.what == kind::untrusted);
        CHECK_FALSE(error.maybe_sent);
    }
    server.stop();
    CHECK(server.saw().bytes == 0);
}

TEST_CASE("a PEM text is read as authorities only when all of it is certificates, and one is there")
{
    const auto one = certificate::make({.authority = true}).pem();
    CHECK(felhom::io::read_authorities(one) == authorities{one});
    CHECK(felhom::io::read_authorities(one + one) == authorities{one + one});
    const auto cut = one.substr(0, one.size() / 2);
    for (const auto& wrong : {std::string{}, std::string{"rubbish"}, cut, one + cut}) {
        CHECK_FALSE(felhom::io::read_authorities(wrong).has_value());
    }
}

TEST_CASE("the system's authorities do not trust a certificate of a node's own")
{
    auto server = tls_server{certificate::make(), answering("hello")};
    auto client = client_of(server.url(), system_roots{});
    check_refused_unheard(server, send_one(client, get()));
}

TEST_CASE("insecure_skip_verify hears whoever answers")
{
    auto server = tls_server{certificate::make({.host = "elsewhere.example", .expired = true}), answering("hello")};
    auto client = client_of(server.url(), insecure_skip_verify{});
    CHECK(send_one(client, get()) == ok("hello"));
}

TEST_CASE("a server that speaks nothing newer than TLS 1.1 is refused unheard")
{
    const auto identity = certificate::make();
    auto server = tls_server{identity, answering("hello"), {.greatest_version = TLS1_1_VERSION}};
    auto client = client_of(server.url(), identity.fingerprint());
    const auto error = error_of(send_one(client, get()));
    CHECK_FALSE(error.maybe_sent);
    server.stop();
    CHECK(server.saw().failed_handshakes == 1);
    CHECK(server.saw().bytes == 0);
}
