// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/serve/http_server.hpp"
#include "io/serve/http_session.hpp"

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <list>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace felhom::io::serve_detail {

using local = asio::local::stream_protocol;

/// Who is at the other end of a Unix socket.
[[nodiscard]] inline auto peer_of(local::socket& socket) -> std::optional<::uid_t>
{
    auto who = ::ucred{};
    auto size = static_cast<::socklen_t>(sizeof who);
    const auto told = ::getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &who, &size) == 0;
    return told ? std::optional{who.uid} : std::nullopt;
}

[[nodiscard]] inline auto is_ours(std::optional<::uid_t> peer) -> bool
{
    return peer && (*peer == 0 || *peer == ::geteuid());
}

/// Takes in clients at one address, so many at once. It is used in the server's thread, and destroyed after that.
template <typename Protocol>
class http_acceptor {
public:
    http_acceptor(const std::shared_ptr<asio::io_context>& context, typename Protocol::acceptor open, visit_limits most,
                  http_server::handler answers)
        : context_{context}, acceptor_{std::move(open)}, rest_{*context}, most_{most}, answers_{std::move(answers)}
    {
    }

    void open()
    {
        acceptor_.async_accept([this](error_code ec, typename Protocol::socket socket) {
            if (ec == asio::error::operation_aborted) {
                return;
            }
            if (ec) {
                rest();
                return;
            }
            start(std::move(socket));
            if (has_room()) {
                open();
            } else {
                is_full_ = true;
            }
        });
    }

    /// Takes in nobody any more, and sends away who has no answer yet.
    void close()
    {
        auto ignored = error_code{};
        static_cast<void>(acceptor_.close(ignored));
        rest_.cancel();
        for (const auto& visit : visits_) {
            visit->close();
        }
    }

private:
    /// Whether another may come: whoever has said nothing for longest gives way to who came last, so that idle clients
    /// cost nobody his turn. Only those who wait for their answers do.
    [[nodiscard]] auto has_room() -> bool
    {
        if (visits_.size() <= most_.at_once) {
            return true;
        }
        const auto last = std::prev(visits_.end());
        const auto idle = std::find_if(visits_.begin(), last, [](const auto& visit) { return visit->is_idle(); });
        if (idle == last) {
            return false;
        }
        (*idle)->close();
        return true;
    }

    /// After a failure, which is likely to be there again at once: no files are left (accept(2), EMFILE).
    void rest()
    {
        rest_.expires_after(std::chrono::seconds{1});
        rest_.async_wait([this](error_code ec) {
            if (!ec) {
                open();
            }
        });
    }

    void start(typename Protocol::socket socket)
    {
        auto peer = std::optional<::uid_t>{};
        if constexpr (std::is_same_v<Protocol, local>) {
            peer = peer_of(socket);
            if (!is_ours(peer)) {
                return; // the socket closes
            }
        }
        const auto at =
            visits_.insert(visits_.end(), std::make_shared<http_session<Protocol>>(std::move(socket), peer, most_));
        (*at)->run(context_, answers_, [this, at] {
            visits_.erase(at);
            if (std::exchange(is_full_, false) && acceptor_.is_open()) {
                open();
            }
        });
    }

    std::shared_ptr<asio::io_context> context_;
    typename Protocol::acceptor acceptor_;
    asio::steady_timer rest_;
    visit_limits most_;
    http_server::handler answers_;
    std::list<std::shared_ptr<http_session<Protocol>>> visits_;
    bool is_full_ = false;
};

} // namespace felhom::io::serve_detail
