// SPDX-License-Identifier: Apache-2.0
#include "io/serve/http_server.hpp"

#include "io/serve/http_acceptor.hpp"

#include <felhom/local_api/handed_command_json.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <exception>
#include <future>
#include <memory>
#include <thread>
#include <utility>

namespace felhom::io {

using namespace serve_detail; // NOLINT(google-build-using-namespace): what this file is made of
using asio::ip::tcp;

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

    /// Answers that were given are still written, as far as their readers take them at once.
    ~engine()
    {
        if (thread_.joinable()) {
            close_and_wait();
            context_->stop();
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
        static constexpr auto most =
            visit_limits{.body = local_api::largest_handed, .request = std::chrono::seconds{30}, .at_once = 64};
        socket_door_ = std::make_unique<http_acceptor<local>>(context_, std::move(acceptor), most, std::move(answers));
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
        // Everybody on this machine can come here.
        static constexpr auto most = visit_limits{.body = 0, .request = std::chrono::seconds{5}, .at_once = 16};
        loopback_door_ = std::make_unique<http_acceptor<tcp>>(context_, std::move(acceptor), most, std::move(answers));
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

    void close_and_wait() noexcept
    {
        static constexpr auto patience = std::chrono::seconds{1};
        try {
            asio::post(*context_, [this] { close(); });
            static_cast<void>(ended_.get_future().wait_for(patience));
        } catch (const std::exception&) {
            context_->stop(); // without memory for it, nothing more is written
        }
    }

    void close()
    {
        stays_open_.reset();
        if (socket_door_) {
            socket_door_->close();
        }
        if (loopback_door_) {
            loopback_door_->close();
        }
    }

    template <typename Protocol>
    void begin(http_acceptor<Protocol>& at)
    {
        asio::post(*context_, [&at] { at.open(); });
        if (!thread_.joinable()) {
            thread_ = std::thread{[this] {
                context_->run();
                ended_.set_value();
            }};
        }
    }

    std::shared_ptr<asio::io_context> context_ = std::make_shared<asio::io_context>(1);
    asio::executor_work_guard<asio::io_context::executor_type> stays_open_{context_->get_executor()};
    std::unique_ptr<http_acceptor<local>> socket_door_;
    std::unique_ptr<http_acceptor<tcp>> loopback_door_;
    std::string socket_path_;  ///< of the socket that we made
    std::promise<void> ended_; ///< the thread's work
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
