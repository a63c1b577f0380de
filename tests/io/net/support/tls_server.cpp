// SPDX-License-Identifier: Apache-2.0
#include "tls_server.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>

#include <array>
#include <charconv>

namespace felhom::testing {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace {

auto content_length(std::string_view head) -> std::size_t
{
    static constexpr auto name = std::string_view{"\r\nContent-Length: "};
    auto length = std::size_t{0};
    if (const auto at = head.find(name); at != std::string_view::npos) {
        const auto digits = head.substr(at + name.size());
        std::from_chars(digits.data(), digits.data() + digits.size(), length);
    }
    return length;
}

} // namespace

auto connection::read_request() -> std::string
{
    static constexpr auto end_of_head = std::string_view{"\r\n\r\n"};
    auto chunk = std::array<char, 16384>{};
    for (;;) {
        if (const auto head = pending_.find(end_of_head); head != std::string::npos) {
            const auto size =
                head + end_of_head.size() + content_length(std::string_view{pending_}.substr(0, head + 2));
            if (pending_.size() >= size) {
                auto request = pending_.substr(0, size);
                pending_.erase(0, size);
                server_.count([&](auto& so_far) { so_far.requests.push_back(request); });
                return request;
            }
        }
        const auto got = wire_.read_some(asio::buffer(chunk));
        server_.count([&](auto& so_far) { so_far.bytes += got; });
        pending_.append(chunk.data(), got);
    }
}

void connection::send(std::string_view bytes)
{
    asio::write(wire_, asio::buffer(bytes));
}

void connection::answer(std::string_view body, std::string_view status_line)
{
    send(std::string{status_line} + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n"
         + std::string{body});
}

void connection::say_goodbye()
{
    auto ignored = boost::system::error_code{};
    wire_.shutdown(ignored);
}

tls_server::tls_server(const certificate& identity, script play, const options& chosen)
    : play_{std::move(play)}, acceptor_{io_, tcp::endpoint{asio::ip::address_v4::loopback(), chosen.port}, true},
      port_{acceptor_.local_endpoint().port()}
{
    auto* const context = tls_.native_handle();
    SSL_CTX_use_certificate(context, identity.x509());
    SSL_CTX_use_PrivateKey(context, identity.key());
    SSL_CTX_set_max_proto_version(context, chosen.greatest_version);
    SSL_CTX_set_client_hello_cb(context, &tls_server::on_hello, this);
    if (!chosen.tickets) {
        SSL_CTX_set_num_tickets(context, 0);
        SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
        SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    }
    acceptor_thread_ = std::thread{[this] { accept_all(); }};
}

void tls_server::stop()
{
    {
        const auto lock = std::scoped_lock{mutex_};
        if (std::exchange(stopping_, true)) {
            return;
        }
    }
    ::shutdown(acceptor_.native_handle(), SHUT_RDWR);
    acceptor_thread_.join();
    for (auto& wire : wires_) {
        ::shutdown(wire.next_layer().native_handle(), SHUT_RDWR);
    }
    for (auto& thread : threads_) {
        thread.join();
    }
    wires_.clear();
    acceptor_.close();
}

auto tls_server::saw() const -> seen
{
    const auto lock = std::scoped_lock{mutex_};
    return seen_;
}

void tls_server::accept_all()
{
    for (;;) {
        auto failed = boost::system::error_code{};
        auto socket = tcp::socket{io_};
        acceptor_.accept(socket, failed);
        if (failed) {
            return;
        }
        auto number = std::size_t{};
        count([&](auto& so_far) {
            number = ++so_far.connections;
            so_far.most_at_once = std::max(so_far.most_at_once, ++open_);
        });
        socket.set_option(tcp::no_delay{true});
        auto& wire = wires_.emplace_back(std::move(socket), tls_);
        threads_.emplace_back([this, &wire, number] { serve(wire, number); });
    }
}

void tls_server::serve(connection::stream& wire, std::size_t number)
{
    auto failed = boost::system::error_code{};
    wire.handshake(connection::stream::server, failed);
    count([&](auto& so_far) {
        const auto resumed = SSL_session_reused(wire.native_handle()) == 1;
        ++(failed ? so_far.failed_handshakes : resumed ? so_far.resumed_handshakes : so_far.full_handshakes);
    });
    try {
        auto talk = connection{*this, wire, number};
        if (!failed) {
            play_(talk);
        } else {
            drain(wire.next_layer());
        }
    } catch (const boost::system::system_error&) {
        // the client has gone
    }
    count([&](auto& /*so_far*/) { --open_; });
    ::shutdown(wire.next_layer().native_handle(), SHUT_RDWR);
}

/// Counts what a client still sends, TLS or not, after a handshake that failed.
void tls_server::drain(tcp::socket& socket)
{
    auto chunk = std::array<char, 4096>{};
    for (;;) {
        const auto got = socket.read_some(asio::buffer(chunk));
        count([&](auto& so_far) { so_far.bytes += got; });
    }
}

void tls_server::count(const std::function<void(seen&)>& change)
{
    const auto lock = std::scoped_lock{mutex_};
    change(seen_);
}

auto tls_server::on_hello(SSL* tls, int* /*alert*/, void* self) -> int
{
    const auto* bytes = static_cast<const unsigned char*>(nullptr);
    auto size = std::size_t{0};
    const auto asked = SSL_client_hello_get0_ext(tls, TLSEXT_TYPE_psk, &bytes, &size) == 1
                       || (SSL_client_hello_get0_ext(tls, TLSEXT_TYPE_session_ticket, &bytes, &size) == 1 && size > 0);
    if (asked) {
        static_cast<tls_server*>(self)->count([](auto& so_far) { ++so_far.resumptions_asked_for; });
    }
    return SSL_CLIENT_HELLO_SUCCESS;
}

auto answering(std::string body, std::string status_line) -> tls_server::script
{
    return [body = std::move(body), status_line = std::move(status_line)](connection& client) {
        for (;;) {
            static_cast<void>(client.read_request());
            client.answer(body, status_line);
        }
    };
}

auto sending(std::string bytes) -> tls_server::script
{
    return [bytes = std::move(bytes)](connection& client) {
        static_cast<void>(client.read_request());
        client.send(bytes);
    };
}

} // namespace felhom::testing
