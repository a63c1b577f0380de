#include "io/serve/http_server.hpp"

#include <felhom/control/handed_command_json.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <thread>
#include <type_traits>
#include <utility>

namespace felhom::io {

// Not anonymous: http_server::engine, which other files can name, is made of what stands here.
namespace serve_detail {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using local = asio::local::stream_protocol;

/// How long a client may take over its request, or over reading the answer.
constexpr auto visit_limit = std::chrono::seconds{30};

struct limits {
    std::uint64_t body;
    std::uint32_t header = std::uint32_t{16} << 10U;
};

namespace {

/// Who is at the other end of a Unix socket.
[[nodiscard]] auto peer_of(local::socket& socket) -> std::optional<::uid_t>
{
    auto who = ::ucred{};
    auto size = static_cast<::socklen_t>(sizeof who);
    const auto told = ::getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &who, &size) == 0;
    return told ? std::optional{who.uid} : std::nullopt;
}

[[nodiscard]] auto is_ours(std::optional<::uid_t> peer) -> bool
{
    return peer && (*peer == 0 || *peer == ::geteuid());
}

} // namespace

/// One client: a request, its answer, and the end.
template <typename Protocol>
class visit : public std::enable_shared_from_this<visit<Protocol>> {
public:
    using socket = typename Protocol::socket;

    visit(std::shared_ptr<asio::io_context> context, socket open, std::optional<::uid_t> peer, limits most,
          const http_server::handler& answers)
        : context_{std::move(context)}, stream_{std::move(open)}, peer_{peer}, answers_{answers}
    {
        parser_.body_limit(most.body);
        parser_.header_limit(most.header);
    }

    void run()
    {
        stream_.expires_after(visit_limit);
        http::async_read(stream_, buffer_, parser_,
                         [self = this->shared_from_this()](error_code ec, std::size_t /*bytes*/) {
                             if (ec == http::error::body_limit) {
                                 self->write({.status = 413, .type = "text/plain", .body = "too much\n"});
                             } else if (!ec) {
                                 self->received();
                             }
                         });
    }

private:
    void received()
    {
        stream_.expires_never(); // an answer takes as long as what it tells of
        auto& request = parser_.get();
        answers_({.method = std::string{request.method_string()},
                  .target = std::string{request.target()},
                  .body = std::move(request.body()),
                  .peer = peer_},
                 [context = context_, self = this->shared_from_this()](served_answer answer) {
                     asio::post(*context,
                                [self, answer = std::move(answer)]() mutable { self->write(std::move(answer)); });
                 });
    }

    void write(served_answer answer)
    {
        message_.version(11); // HTTP/1.1
        message_.result(static_cast<unsigned>(answer.status));
        message_.set(http::field::content_type, answer.type);
        message_.set(http::field::cache_control, "no-store");
        message_.keep_alive(false);
        message_.body() = std::move(answer.body);
        message_.prepare_payload();
        stream_.expires_after(visit_limit);
        http::async_write(stream_, message_, [self = this->shared_from_this()](error_code, std::size_t) {
            auto ignored = error_code{};
            static_cast<void>(self->stream_.socket().shutdown(socket::shutdown_both, ignored));
        });
    }

    std::shared_ptr<asio::io_context> context_; ///< the first member: the stream needs it to the end
    beast::basic_stream<Protocol> stream_;
    std::optional<::uid_t> peer_;
    const http_server::handler& answers_;
    beast::flat_buffer buffer_;
    http::request_parser<http::string_body> parser_;
    http::response<http::string_body> message_;
};

/// Takes in clients at one address.
template <typename Protocol>
class door {
public:
    door(std::shared_ptr<asio::io_context> context, typename Protocol::acceptor open, limits most,
         http_server::handler answers)
        : context_{std::move(context)}, acceptor_{std::move(open)}, most_{most}, answers_{std::move(answers)}
    {
    }

    void open()
    {
        acceptor_.async_accept([this](error_code ec, typename Protocol::socket socket) {
            if (ec == asio::error::operation_aborted) {
                return;
            }
            if (!ec) {
                welcome(std::move(socket));
            }
            open();
        });
    }

private:
    void welcome(typename Protocol::socket socket)
    {
        auto peer = std::optional<::uid_t>{};
        if constexpr (std::is_same_v<Protocol, local>) {
            peer = peer_of(socket);
            if (!is_ours(peer)) {
                return; // the socket closes
            }
        }
        std::make_shared<visit<Protocol>>(context_, std::move(socket), peer, most_, answers_)->run();
    }

    std::shared_ptr<asio::io_context> context_;
    typename Protocol::acceptor acceptor_;
    limits most_;
    http_server::handler answers_;
};

} // namespace serve_detail

using namespace serve_detail; // NOLINT(google-build-using-namespace): it is this file's own

namespace {

[[nodiscard]] auto not_served(const std::string& where, const std::string& why) -> tl::unexpected<std::string>
{
    return tl::unexpected(where + ": " + why);
}

} // namespace

class http_server::engine {
public:
    engine() = default;
    engine(const engine&) = delete;
    engine(engine&&) = delete;
    auto operator=(const engine&) -> engine& = delete;
    auto operator=(engine&&) -> engine& = delete;

    ~engine()
    {
        context_->stop();
        if (thread_.joinable()) {
            thread_.join();
        }
        if (!socket_path_.empty()) {
            static_cast<void>(::unlink(socket_path_.c_str()));
        }
    }

    [[nodiscard]] auto serve_socket(const std::string& path, handler answers) -> tl::expected<void, std::string>
    {
        if (path.size() >= sizeof(::sockaddr_un{}.sun_path)) {
            return not_served(path, "the path is too long for a socket (unix(7))");
        }
        if (is_served(path)) {
            return not_served(path, "another process serves this socket");
        }
        static_cast<void>(::unlink(path.c_str()));
        auto ec = error_code{};
        auto acceptor = local::acceptor{*context_};
        static_cast<void>(acceptor.open(local{}, ec));
        if (!ec) {
            static_cast<void>(acceptor.bind(local::endpoint{path}, ec));
        }
        if (ec) {
            return not_served(path, ec.message());
        }
        socket_path_ = path;
        // Until listen() nobody can connect, so that nobody comes in before the mode is right.
        if (::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0) {
            return not_served(path, "its mode could not be set");
        }
        static_cast<void>(acceptor.listen(asio::socket_base::max_listen_connections, ec));
        if (ec) {
            return not_served(path, ec.message());
        }
        socket_door_ = std::make_unique<door<local>>(context_, std::move(acceptor),
                                                     limits{.body = control::largest_handed}, std::move(answers));
        begin(*socket_door_);
        return {};
    }

    [[nodiscard]] auto serve_loopback(const loopback_address& at, handler answers)
        -> tl::expected<std::uint16_t, std::string>
    {
        auto ec = error_code{};
        const auto address = asio::ip::make_address(at.host(), ec);
        auto acceptor = tcp::acceptor{*context_};
        const auto endpoint = tcp::endpoint{address, at.port()};
        if (!ec) {
            static_cast<void>(acceptor.open(endpoint.protocol(), ec));
        }
        if (!ec) {
            static_cast<void>(acceptor.set_option(asio::socket_base::reuse_address{true}, ec));
        }
        if (!ec) {
            static_cast<void>(acceptor.bind(endpoint, ec));
        }
        if (!ec) {
            static_cast<void>(acceptor.listen(asio::socket_base::max_listen_connections, ec));
        }
        if (ec) {
            return not_served(at.text(), ec.message());
        }
        const auto port = acceptor.local_endpoint().port();
        loopback_door_ =
            std::make_unique<door<tcp>>(context_, std::move(acceptor), limits{.body = 0}, std::move(answers));
        begin(*loopback_door_);
        return port;
    }

private:
    [[nodiscard]] static auto is_served(const std::string& path) -> bool
    {
        auto own = asio::io_context{};
        auto trial = local::socket{own};
        auto ec = error_code{};
        static_cast<void>(trial.connect(local::endpoint{path}, ec));
        return !ec;
    }

    template <typename Protocol>
    void begin(door<Protocol>& at)
    {
        at.open();
        if (!thread_.joinable()) {
            thread_ = std::thread{[context = context_] { context->run(); }};
        }
    }

    std::shared_ptr<asio::io_context> context_ = std::make_shared<asio::io_context>(1);
    std::unique_ptr<door<local>> socket_door_;
    std::unique_ptr<door<tcp>> loopback_door_;
    std::string socket_path_; ///< of the socket that we made
    std::thread thread_;
};

http_server::http_server() : engine_{std::make_unique<engine>()} {}

http_server::~http_server() = default;

auto http_server::serve_socket(const std::string& path, handler answers) -> tl::expected<void, std::string>
{
    return engine_->serve_socket(path, std::move(answers));
}

auto http_server::serve_loopback(const loopback_address& at, handler answers)
    -> tl::expected<std::uint16_t, std::string>
{
    return engine_->serve_loopback(at, std::move(answers));
}

} // namespace felhom::io
