// SPDX-License-Identifier: Apache-2.0
#include "io/net/https_client.hpp"

#include "io/net/curl.hpp"
#include "io/net/tls_guard.hpp"
#include "io/net/transfer.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <future>
#include <limits>
#include <mutex>
#include <new>
#include <ranges>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

namespace felhom::io {

namespace {

/// So long a client's thread waits for the next calls, in milliseconds, before it ends: most come in rows, and then
/// nothing for minutes.
constexpr auto longest_idleness = 1000;

/// libcurl's process-wide state, made with the first client.
void initialise_libcurl()
{
    static const auto status = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (status != CURLE_OK) {
        throw std::runtime_error{std::string{"libcurl: "} + curl_easy_strerror(status)};
    }
}

auto header_list_of(const std::vector<secret>& headers) -> curl::header_list
{
    auto list = curl::header_list{};
    curl::append(list, "Expect:"); // PVE never answers 100-continue
    for (const auto& header : headers) {
        curl::append(list, std::string{header.reveal()}.c_str());
    }
    return list;
}

} // namespace

class https_client::engine {
public:
    explicit engine(https_server server) : server_{std::move(server)}, headers_{header_list_of(server_.headers)}
    {
        if (!multi_) {
            throw std::bad_alloc{};
        }
        const auto connections = std::max(server_.limits.connections, std::size_t{1});
        for (const auto option :
             {CURLMOPT_MAX_TOTAL_CONNECTIONS, CURLMOPT_MAX_HOST_CONNECTIONS, CURLMOPT_MAXCONNECTS}) {
            curl::set(multi_.get(), option, static_cast<long>(connections));
        }
        while (slots_.size() < connections) {
            slots_.emplace_back(server_, sessions_, headers_.get());
        }
    }

    engine(const engine&) = delete;
    auto operator=(const engine&) -> engine& = delete;
    engine(engine&&) = delete;
    auto operator=(engine&&) -> engine& = delete;

    ~engine()
    {
        {
            const auto lock = std::scoped_lock{mutex_};
            stopping_ = true;
        }
        wake();
        if (thread_.joinable()) {
            thread_.join();
        }
    }

    auto send(std::vector<https_call> calls) -> std::vector<net::exchanged>
    {
        if (calls.empty()) {
            return {};
        }
        const auto mine = std::make_shared<batch>(std::move(calls));
        {
            const auto lock = std::scoped_lock{mutex_};
            if (!driving_) {
                start_driving(); // throws where no thread can be had, and nothing waits for one then
                driving_ = true;
            }
            mine->number = ++batches_;
            arrived_.push_back(mine);
        }
        wake();
        mine->done.get_future().wait();
        return std::move(mine->answers);
    }

    void break_off()
    {
        {
            const auto lock = std::scoped_lock{mutex_};
            broken_off_ = std::max(broken_off_, batches_);
        }
        wake();
    }

    void close()
    {
        {
            const auto lock = std::scoped_lock{mutex_};
            broken_off_ = std::numeric_limits<std::uint64_t>::max();
        }
        wake();
    }

private:
    /// The calls that one caller waits for.
    struct batch {
        explicit batch(std::vector<https_call> made)
            : calls{std::move(made)}, answers(calls.size()), unanswered{calls.size()}
        {
        }

        std::vector<https_call> calls;
        std::vector<net::exchanged> answers;
        std::uint64_t number = 0; ///< of those that were brought
        std::size_t next = 0;
        std::size_t unanswered;
        std::promise<void> done;
    };

    /// A place for one call at a time: there are as many as connections.
    struct slot : transfer {
        using transfer::transfer;

        std::shared_ptr<batch> owner;
        std::size_t index = 0;
        std::chrono::steady_clock::time_point began;
    };

    /// Under the lock. The thread before has ended, or is about to without taking the lock again.
    void start_driving()
    {
        if (thread_.joinable()) {
            thread_.join();
        }
        thread_ = std::thread{[this] { run(); }};
    }

    void run()
    {
        // Signals are the main thread's, and a connection that breaks while it is written to must not end the process.
        auto all = sigset_t{};
        sigfillset(&all);
        pthread_sigmask(SIG_BLOCK, &all, nullptr);
        while (receive()) {
            end_broken_off();
            feed();
            auto running = 0;
            static_cast<void>(curl_multi_perform(multi_.get(), &running));
            if (reap()) {
                continue; // what ended makes room for what waits
            }
            // Until a connection has something, a timer of libcurl's comes due, or somebody wakes it.
            static_cast<void>(curl_multi_poll(multi_.get(), nullptr, 0, longest_idleness, nullptr));
            if (busy_ == 0 && is_over()) {
                return;
            }
        }
    }

    /// Ends the present wait, or the next. From any thread.
    void wake() { static_cast<void>(curl_multi_wakeup(multi_.get())); }

    /// Takes what callers brought; false when there will be no more.
    auto receive() -> bool
    {
        const auto lock = std::scoped_lock{mutex_};
        waiting_.insert(waiting_.end(), arrived_.begin(), arrived_.end());
        arrived_.clear();
        return !stopping_;
    }

    /// Whether nobody has brought anything; then the next who does starts another thread.
    auto is_over() -> bool
    {
        const auto lock = std::scoped_lock{mutex_};
        driving_ = !arrived_.empty();
        return !driving_;
    }

    /// Ends what was brought before somebody broke it off, begun or not.
    void end_broken_off()
    {
        const auto last = [&] {
            const auto lock = std::scoped_lock{mutex_};
            return broken_off_;
        }();
        for (auto& each : slots_) {
            if (each.owner && each.owner->number <= last) {
                static_cast<void>(curl_multi_remove_handle(multi_.get(), each.handle()));
                end(each, each.finish(CURLE_ABORTED_BY_CALLBACK));
            }
        }
        const auto is_broken_off = [last](const auto& each) { return each->number <= last; };
        for (const auto& each : waiting_ | std::views::filter(is_broken_off)) {
            end_unsent(*each);
        }
        std::erase_if(waiting_, is_broken_off);
    }

    static void end_unsent(batch& of)
    {
        of.unanswered -= of.calls.size() - of.next;
        while (of.next < of.calls.size()) {
            of.answers[of.next++] = tl::unexpected(net::transport_error{.what = net::transport_error::kind::interrupted,
                                                                        .maybe_sent = false,
                                                                        .detail = "broken off before it was sent"});
        }
        if (of.unanswered == 0) {
            of.done.set_value();
        }
    }

    /// Begins as many calls as there are slots, taking from the batches in turn. Until the server has given a TLS
    /// session to resume, one call goes alone: the others' handshakes will be short.
    void feed()
    {
        for (auto& each : slots_) {
            if (waiting_.empty() || (busy_ > 0 && !sessions_.any() && !answered_)) {
                return;
            }
            if (each.owner) {
                continue;
            }
            each.owner = waiting_.front();
            waiting_.pop_front();
            each.index = each.owner->next++;
            if (each.owner->next < each.owner->calls.size()) {
                waiting_.push_back(each.owner);
            }
            each.began = std::chrono::steady_clock::now();
            each.begin(each.owner->calls[each.index]);
            static_cast<void>(curl_multi_add_handle(multi_.get(), each.handle()));
            ++busy_;
        }
    }

    /// Ends the calls that libcurl is done with; whether there were any.
    auto reap() -> bool
    {
        auto left = 0;
        auto any = false;
        while (const auto* const message = curl_multi_info_read(multi_.get(), &left)) {
            if (message->msg != CURLMSG_DONE) {
                continue;
            }
            // NOLINTNEXTLINE(cppcoreguidelines-pro-type-union-access): the member that CURLMSG_DONE names
            const auto status = message->data.result;
            auto* const handle = message->easy_handle;
            const auto ended = std::ranges::find(slots_, handle, &slot::handle);
            static_cast<void>(curl_multi_remove_handle(multi_.get(), handle));
            end(*ended, ended->finish(status));
            any = true;
        }
        return any;
    }

    void end(slot& ended, net::exchanged answer)
    {
        const auto owner = std::exchange(ended.owner, nullptr);
        --busy_;
        if (server_.on_answer) {
            const auto took = std::chrono::steady_clock::now() - ended.began;
            server_.on_answer(owner->calls[ended.index], answer,
                              std::chrono::duration_cast<std::chrono::milliseconds>(took));
        }
        if (answer) {
            answered_ = true;
        } else if (!answer.error().maybe_sent) {
            std::erase(waiting_, owner);
            owner->unanswered -= owner->calls.size() - owner->next;
            while (owner->next < owner->calls.size()) {
                owner->answers[owner->next++] = answer;
            }
        }
        owner->answers[ended.index] = std::move(answer);
        if (--owner->unanswered == 0) {
            owner->done.set_value();
        }
    }

    // In the order of need: a handle uses all that stands before it.
    https_server server_;
    tls_sessions sessions_;
    curl::header_list headers_;
    curl::multi multi_{curl_multi_init()};
    std::deque<slot> slots_;
    std::size_t busy_ = 0;
    bool answered_ = false; ///< a server that gives no sessions is not waited for twice
    std::deque<std::shared_ptr<batch>> waiting_;

    std::mutex mutex_; ///< over what follows
    std::vector<std::shared_ptr<batch>> arrived_;
    bool stopping_ = false;
    std::uint64_t batches_ = 0;    ///< that were brought
    std::uint64_t broken_off_ = 0; ///< the last of them that is to end
    bool driving_ = false;         ///< the thread runs, and will look for what arrives

    std::thread thread_;
};

https_client::https_client(https_server server)
{
    initialise_libcurl();
    engine_ = std::make_unique<engine>(std::move(server));
}

https_client::~https_client() = default;

void https_client::break_off()
{
    engine_->break_off();
}

void https_client::close()
{
    engine_->close();
}

auto https_client::send(std::vector<https_call> calls) -> std::vector<net::exchanged>
{
    return engine_->send(std::move(calls));
}

} // namespace felhom::io
