// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/serve/http_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace felhom::io::serve_detail {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

struct visit_limits {
    std::uint64_t body;           ///< bytes
    std::chrono::seconds request; ///< how long a client may take over its request
    std::size_t at_once;          ///< visits; who comes while all wait for answers waits in the kernel's queue
    std::uint32_t header = std::uint32_t{16} << 10U;
};

/// One client: a request, its answer, and the end. All but the answering is done in the server's thread.
template <typename Protocol>
class http_session : public std::enable_shared_from_this<http_session<Protocol>> {
public:
    using socket = typename Protocol::socket;

    http_session(socket open, std::optional<::uid_t> peer, const visit_limits& most)
        : stream_{std::move(open)}, peer_{peer}, patience_{most.request}
    {
        parser_.body_limit(most.body);
        parser_.header_limit(most.header);
    }

    /// `answers` must outlive the visit; `over` is called when the visit has ended by itself.
    void run(const std::shared_ptr<asio::io_context>& context, const http_server::handler& answers,
             std::function<void()> over)
    {
        over_ = std::move(over);
        stream_.expires_after(patience_);
        http::async_read(stream_, buffer_, parser_,
                         [self = this->shared_from_this(), context = std::weak_ptr{context},
                          &answers](error_code ec, std::size_t /*bytes*/) {
                             self->is_asked_ = true;
                             if (ec == http::error::body_limit) {
                                 self->write({.status = 413, .type = "text/plain", .body = "too much\n"});
                             } else if (ec) {
                                 self->over_();
                             } else {
                                 self->ask(context, answers);
                             }
                         });
    }

    /// Whether the client has still to say what it wants.
    [[nodiscard]] auto is_idle() const -> bool { return !is_asked_; }

    /// Ends the visit, unless its answer is on the way.
    void close()
    {
        is_asked_ = true;
        if (!is_answered_) {
            stream_.close();
        }
    }

private:
    /// Neither the context nor the visit is kept by who has yet to answer: both may be gone by then.
    void ask(const std::weak_ptr<asio::io_context>& context, const http_server::handler& answers)
    {
        stream_.expires_never(); // an answer takes as long as what it tells of
        auto& request = parser_.get();
        answers({.method = std::string{request.method_string()},
                 .target = std::string{request.target()},
                 .body = std::move(request.body()),
                 .peer = peer_},
                [context, visit = this->weak_from_this()](served_answer answer) {
                    if (const auto alive = context.lock()) {
                        asio::post(*alive, [visit, answer = std::move(answer)]() mutable {
                            if (const auto self = visit.lock()) {
                                self->write(std::move(answer));
                            }
                        });
                    }
                });
    }

    void write(served_answer answer)
    {
        static constexpr auto patience = std::chrono::seconds{30};
        is_answered_ = true;
        message_.version(11); // HTTP/1.1
        message_.result(static_cast<unsigned>(answer.status));
        message_.set(http::field::content_type, answer.type);
        message_.set(http::field::cache_control, "no-store");
        message_.keep_alive(false);
        message_.body() = std::move(answer.body);
        message_.prepare_payload();
        stream_.expires_after(patience);
        http::async_write(stream_, message_, [self = this->shared_from_this()](error_code, std::size_t) {
            auto ignored = error_code{};
            static_cast<void>(self->stream_.socket().shutdown(socket::shutdown_both, ignored));
            self->over_();
        });
    }

    beast::basic_stream<Protocol> stream_;
    std::optional<::uid_t> peer_;
    std::chrono::seconds patience_;
    std::function<void()> over_;
    bool is_asked_ = false; ///< or is to be asked no more
    bool is_answered_ = false;
    beast::flat_buffer buffer_;
    http::request_parser<http::string_body> parser_;
    http::response<http::string_body> message_;
};

} // namespace felhom::io::serve_detail
