// SPDX-License-Identifier: Apache-2.0
#include "sim/serve/listener.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include <atomic>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace felhom::sim {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

auto to_request(const http::request<http::string_body>& parsed) -> http_request
{
    auto request = http_request{.method = std::string{parsed.method_string()},
                                .target = std::string{parsed.target()},
                                .headers = {},
                                .body = parsed.body()};
    for (const auto& field : parsed) {
        request.headers.push_back({std::string{field.name_string()}, std::string{field.value()}});
    }
    return request;
}

void say_close(http_response& response)
{
    std::erase_if(response.headers, [](const http_header& header) { return header.name == "Connection"; });
    response.headers.push_back({"Connection", "close"});
    response.closes = true;
}

auto to_message(http_response response) -> http::response<http::string_body>
{
    static constexpr auto http_1_1 = 11U;
    auto message = http::response<http::string_body>{};
    message.version(http_1_1);
    message.result(static_cast<unsigned>(response.status));
    message.reason(response.reason);
    for (const auto& header : response.headers) {
        message.insert(header.name, header.value);
    }
    message.body() = std::move(response.body);
    return message;
}

auto tls_context(const own_certificate& certificate, bool session_tickets) -> asio::ssl::context
{
    auto context = asio::ssl::context{asio::ssl::context::tls_server};
    context.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1
                        | asio::ssl::context::no_tlsv1_1);
    context.use_certificate_chain(asio::buffer(certificate.certificate_pem));
    context.use_private_key(asio::buffer(certificate.key_pem), asio::ssl::context::pem);
    static constexpr auto session_context = std::string_view{"felhom-sim"};
    SSL_CTX_set_session_id_context(
        context.native_handle(),
        reinterpret_cast<const unsigned char*>(session_context.data()), // NOLINT(*-reinterpret-cast): OpenSSL's type
        static_cast<unsigned>(session_context.size()));
    if (!session_tickets) {
        SSL_CTX_set_options(context.native_handle(), SSL_OP_NO_TICKET);
        SSL_CTX_set_session_cache_mode(context.native_handle(), SSL_SESS_CACHE_OFF);
        SSL_CTX_set_num_tickets(context.native_handle(), 0);
    }
    return context;
}

} // namespace

/// Everything of it but the counters and stop() lives in its one thread.
class listener::server {
public:
    server(const own_certificate& certificate, handler answers, server_settings settings)
        : settings_{std::move(settings)}, answers_{std::move(answers)},
          tls_{tls_context(certificate, settings_.session_tickets)}
    {
        bind(settings_.port);
        port_ = acceptor_->local_endpoint().port();
        start();
    }

    ~server() { end(); }

    server(const server&) = delete;
    server(server&&) = delete;
    auto operator=(const server&) -> server& = delete;
    auto operator=(server&&) -> server& = delete;

    void start()
    {
        if (!thread_.joinable()) {
            acceptor_->listen();
            accept();
            thread_ = std::thread{[this] { context_->run(); }};
        }
    }

    void stop()
    {
        if (thread_.joinable()) {
            end();
            bind(port_);
        }
    }

    [[nodiscard]] auto counted() const -> server_counters
    {
        const auto held = std::lock_guard{counters_mutex_};
        return counters_;
    }

    [[nodiscard]] auto port() const -> std::uint16_t { return port_; }

private:
    class connection;

    /// A port that is bound and not listened on refuses its clients, and nobody else can take it.
    void bind(std::uint16_t port)
    {
        context_ = std::make_unique<asio::io_context>(1);
        acceptor_ = std::make_unique<tcp::acceptor>(*context_, tcp::v4());
        acceptor_->set_option(tcp::acceptor::reuse_address{true});
        acceptor_->bind(tcp::endpoint{asio::ip::address_v4::loopback(), port});
    }

    void end()
    {
        if (thread_.joinable()) {
            context_->stop();
            thread_.join();
        }
        // With the context go the handlers, and with them the connections: their clients see the end.
        waiting_.clear();
        in_flight_ = 0;
        acceptor_.reset();
        context_.reset();
    }

    void accept();
    /// Runs `serve` once a place is free; `leave` gives the place back.
    void enter(std::function<void()> serve);
    void leave();

    template <typename Change>
    void count(Change change)
    {
        const auto held = std::lock_guard{counters_mutex_};
        change(counters_);
    }

    server_settings settings_;
    handler answers_;
    std::unique_ptr<asio::io_context> context_;
    asio::ssl::context tls_;
    std::unique_ptr<tcp::acceptor> acceptor_;
    std::uint16_t port_{};
    std::size_t in_flight_ = 0;
    std::deque<std::function<void()>> waiting_;
    mutable std::mutex counters_mutex_;
    server_counters counters_;
    std::thread thread_;
};

/// One client's connection: handshake, then request after request.
class listener::server::connection : public std::enable_shared_from_this<connection> {
public:
    connection(server& of, tcp::socket socket) : of_{of}, stream_{std::move(socket), of.tls_}, timer_{*of.context_} {}

    void run()
    {
        expire_when_idle();
        stream_.async_handshake(asio::ssl::stream_base::server, [self = shared_from_this()](error_code ec) {
            if (ec) {
                return;
            }
            const auto resumed = SSL_session_reused(self->stream_.native_handle()) == 1;
            self->of_.count([&](server_counters& c) { ++(resumed ? c.resumed_handshakes : c.full_handshakes); });
            self->read();
        });
    }

private:
    void expire_when_idle() { beast::get_lowest_layer(stream_).expires_after(of_.settings_.idle_timeout); }

    void read()
    {
        static constexpr auto largest_body = std::uint64_t{8} << 20U;
        static constexpr auto largest_header = std::uint32_t{64} << 10U;
        parser_ = std::make_unique<http::request_parser<http::string_body>>();
        parser_->body_limit(largest_body);
        parser_->header_limit(largest_header);
        expire_when_idle();
        http::async_read(stream_, buffer_, *parser_,
                         [self = shared_from_this()](error_code ec, std::size_t bytes) { self->received(ec, bytes); });
    }

    void received(error_code ec, std::size_t bytes)
    {
        of_.count([&](server_counters& c) { c.bytes_received += bytes; });
        if (ec) {
            // A client that left, was silent for too long or does not speak HTTP gets no answer.
            finish();
            return;
        }
        of_.count([](server_counters& c) { ++c.requests; });
        beast::get_lowest_layer(stream_).expires_never();
        of_.enter([self = shared_from_this()] { self->after(self->of_.settings_.latency, [self] { self->serve(); }); });
    }

    void serve()
    {
        auto response = of_.answers_(to_request(parser_->get()));
        ++served_;
        if (served_ >= of_.settings_.requests_per_connection && !response.closes) {
            say_close(response);
        }
        const auto delay = std::chrono::duration<double, std::milli>{response.delay} * of_.settings_.delay_scale;
        after(std::chrono::duration_cast<std::chrono::milliseconds>(delay),
              [self = shared_from_this(), response = std::move(response)]() mutable {
                  self->write(std::move(response));
              });
    }

    void write(http_response response)
    {
        if (response.dropped) {
            of_.leave();
            close();
            return;
        }
        const auto closes = response.closes;
        message_ = to_message(std::move(response));
        expire_when_idle();
        http::async_write(stream_, message_, [self = shared_from_this(), closes](error_code ec, std::size_t /*bytes*/) {
            self->of_.leave();
            if (ec || closes) {
                self->finish();
            } else {
                self->read();
            }
        });
    }

    void finish()
    {
        expire_when_idle();
        stream_.async_shutdown([self = shared_from_this()](error_code /*ec*/) { self->close(); });
    }

    void close()
    {
        auto ignored = error_code{};
        static_cast<void>(beast::get_lowest_layer(stream_).socket().close(ignored));
    }

    template <typename Continue>
    void after(std::chrono::milliseconds delay, Continue go_on)
    {
        if (delay.count() <= 0) {
            go_on();
            return;
        }
        timer_.expires_after(delay);
        timer_.async_wait([self = shared_from_this(), go_on = std::move(go_on)](error_code ec) mutable {
            if (!ec) {
                go_on();
            }
        });
    }

    server& of_;
    beast::ssl_stream<beast::tcp_stream> stream_;
    asio::steady_timer timer_;
    beast::flat_buffer buffer_;
    std::unique_ptr<http::request_parser<http::string_body>> parser_;
    http::response<http::string_body> message_;
    std::size_t served_ = 0;
};

void listener::server::accept()
{
    acceptor_->async_accept([this](error_code ec, tcp::socket socket) {
        if (ec) {
            return;
        }
        count([](server_counters& c) { ++c.connections; });
        auto ignored = error_code{};
        static_cast<void>(socket.set_option(tcp::no_delay{true}, ignored));
        std::make_shared<connection>(*this, std::move(socket))->run();
        accept();
    });
}

void listener::server::enter(std::function<void()> serve)
{
    if (settings_.most_in_flight != 0 && in_flight_ >= settings_.most_in_flight) {
        waiting_.push_back(std::move(serve));
        return;
    }
    ++in_flight_;
    count([&](server_counters& c) { c.most_in_flight = std::max<std::uint64_t>(c.most_in_flight, in_flight_); });
    serve();
}

void listener::server::leave()
{
    --in_flight_;
    if (!waiting_.empty()) {
        auto next = std::move(waiting_.front());
        waiting_.pop_front();
        enter(std::move(next));
    }
}

listener::listener(const own_certificate& certificate, handler answers, server_settings settings)
    : server_{std::make_unique<server>(certificate, std::move(answers), std::move(settings))}
{
}

listener::~listener() = default;

auto listener::port() const -> std::uint16_t
{
    return server_->port();
}

auto listener::url() const -> std::string
{
    return "https://127.0.0.1:" + std::to_string(port());
}

auto listener::counters() const -> server_counters
{
    return server_->counted();
}

void listener::stop()
{
    server_->stop();
}

void listener::start()
{
    server_->start();
}

} // namespace felhom::sim
