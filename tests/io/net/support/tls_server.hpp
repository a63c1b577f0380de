// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "certificate.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace felhom::testing {

class tls_server;

/// One accepted connection, in the hands of the script.
class connection {
public:
    using stream = boost::asio::ssl::stream<boost::asio::ip::tcp::socket>;

    connection(tls_server& server, stream& wire, std::size_t number) : server_{server}, wire_{wire}, number_{number} {}

    /// The order in which it was accepted, from 1.
    [[nodiscard]] auto number() const -> std::size_t { return number_; }

    /// The next request, headers and body. Ends the script when the client goes.
    auto read_request() -> std::string;

    void send(std::string_view bytes);
    void answer(std::string_view body, std::string_view status_line = "HTTP/1.1 200 OK");

    /// The end of the connection with TLS's own goodbye; without it the script's end just drops the connection.
    void say_goodbye();

private:
    tls_server& server_;
    stream& wire_;
    std::size_t number_;
    std::string pending_;
};

/// A TLS server on localhost that plays a script on each connection and keeps what it saw.
class tls_server {
public:
    using script = std::function<void(connection&)>;

    struct options {
        std::uint16_t port = 0;
        int greatest_version = TLS1_3_VERSION;
        bool tickets = true;
    };

    struct seen {
        std::size_t connections = 0;
        std::size_t most_at_once = 0;
        std::size_t full_handshakes = 0;
        std::size_t resumed_handshakes = 0;
        std::size_t failed_handshakes = 0;
        std::size_t resumptions_asked_for = 0;
        std::size_t bytes = 0; ///< after the handshake, decrypted where it succeeded
        std::vector<std::string> requests;
    };

    tls_server(const certificate& identity, script play, const options& chosen);
    tls_server(const certificate& identity, script play) : tls_server{identity, std::move(play), options{}} {}
    tls_server(const tls_server&) = delete;
    auto operator=(const tls_server&) -> tls_server& = delete;
    ~tls_server() { stop(); }

    /// Closes everything, so that what was seen is final.
    void stop();

    [[nodiscard]] auto port() const -> std::uint16_t { return port_; }
    [[nodiscard]] auto url() const -> std::string { return "https://localhost:" + std::to_string(port_); }
    [[nodiscard]] auto saw() const -> seen;

private:
    friend class connection;

    void accept_all();
    void serve(connection::stream& wire, std::size_t number);
    void drain(boost::asio::ip::tcp::socket& socket);
    void count(const std::function<void(seen&)>& change);
    static auto on_hello(SSL* tls, int* alert, void* self) -> int;

    script play_;
    boost::asio::io_context io_;
    boost::asio::ssl::context tls_{boost::asio::ssl::context::tls_server};
    boost::asio::ip::tcp::acceptor acceptor_;
    std::uint16_t port_;
    mutable std::mutex mutex_;
    seen seen_;
    std::size_t open_ = 0;
    bool stopping_ = false;
    std::list<connection::stream> wires_;
    std::vector<std::thread> threads_;
    std::thread acceptor_thread_;
};

/// The script that answers every request alike, for as long as the client stays.
[[nodiscard]] auto answering(std::string body, std::string status_line = "HTTP/1.1 200 OK") -> tls_server::script;

/// The script that answers one request with these bytes and drops the connection.
[[nodiscard]] auto sending(std::string bytes) -> tls_server::script;

} // namespace felhom::testing
