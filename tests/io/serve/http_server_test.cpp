// SPDX-License-Identifier: Apache-2.0
#include "io/serve/http_server.hpp"
#include "io/serve/local_client.hpp"
#include "support/catch.hpp"
#include "support/scratch_directory.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <ctime>
#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

using namespace felhom; // NOLINT(google-build-using-namespace): the vocabulary under test
using namespace std::chrono_literals;

namespace {

using answer = tl::expected<io::local_answer, io::local_failure>;

constexpr auto most_at_loopback = 16U;

/// A server whose pages are all the same.
class page_server {
public:
    page_server()
    {
        const auto served = server_.serve_loopback(
            *loopback_address::parse("127.0.0.1:0"),
            [](const io::served_request&, const io::http_server::respond& respond) { respond({.body = "page"}); });
        REQUIRE(served.has_value());
        port_ = *served;
    }

    [[nodiscard]] auto ask(std::chrono::milliseconds patience) const -> answer
    {
        return io::ask_loopback(*loopback_address::parse("127.0.0.1:" + std::to_string(port_)), "/", patience);
    }

    void connect(int visitor) const
    {
        auto at = ::sockaddr_in{};
        at.sin_family = AF_INET;
        at.sin_port = htons(port_);
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): connect(2) takes addresses so
        REQUIRE(::connect(visitor, reinterpret_cast<const ::sockaddr*>(&at), sizeof at) == 0);
    }

private:
    io::http_server server_;
    std::uint16_t port_ = 0;
};

/// Somebody who comes and says nothing.
class silent_visitor {
public:
    explicit silent_visitor(const page_server& server) { server.connect(socket_); }
    silent_visitor(const silent_visitor&) = delete;
    silent_visitor(silent_visitor&&) = delete;
    auto operator=(const silent_visitor&) -> silent_visitor& = delete;
    auto operator=(silent_visitor&&) -> silent_visitor& = delete;
    ~silent_visitor() { ::close(socket_); }

    [[nodiscard]] auto is_sent_away() const -> bool
    {
        auto byte = char{};
        return ::recv(socket_, &byte, 1, 0) <= 0;
    }

private:
    int socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
};

/// A server at a loopback address that answers when it is told to, and at once from then on.
class waiting_room {
public:
    waiting_room()
    {
        const auto served =
            server_.serve_loopback(*loopback_address::parse("127.0.0.1:0"),
                                   [this](const io::served_request&, const io::http_server::respond& respond) {
                                       const auto hold = std::lock_guard{mutex_};
                                       if (open_) {
                                           respond({.body = "page"});
                                       } else {
                                           waiting_.push_back(respond);
                                       }
                                       changed_.notify_all();
                                   });
        REQUIRE(served.has_value());
        port_ = *served;
    }

    [[nodiscard]] auto ask(std::chrono::milliseconds patience) const -> answer
    {
        return io::ask_loopback(*loopback_address::parse("127.0.0.1:" + std::to_string(port_)), "/", patience);
    }

    [[nodiscard]] auto fills_up_to(std::size_t visits) -> bool
    {
        auto hold = std::unique_lock{mutex_};
        return changed_.wait_for(hold, 30s, [&] { return waiting_.size() == visits; });
    }

    void answer_all()
    {
        const auto hold = std::lock_guard{mutex_};
        open_ = true;
        for (const auto& respond : waiting_) {
            respond({.body = "page"});
        }
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<io::http_server::respond> waiting_;
    bool open_ = false;
    std::uint16_t port_ = 0;
    io::http_server server_; ///< the last member: its thread uses the others
};

/// What comes of a page with so long a body, whose content type is so long.
auto answer_of_a_page(std::size_t body, std::size_t type) -> answer
{
    auto server = io::http_server{};
    const auto port =
        server.serve_loopback(*loopback_address::parse("127.0.0.1:0"),
                              [=](const io::served_request&, const io::http_server::respond& respond) {
                                  respond({.type = "text/" + std::string(type, 'x'), .body = std::string(body, 'x')});
                              });
    REQUIRE(port.has_value());
    return io::ask_loopback(*loopback_address::parse("127.0.0.1:" + std::to_string(*port)), "/", 20s);
}

using visitors = std::vector<std::unique_ptr<silent_visitor>>;

auto crowd_at(const page_server& server) -> visitors
{
    auto all = visitors{};
    while (all.size() < most_at_loopback) {
        all.push_back(std::make_unique<silent_visitor>(server));
    }
    return all;
}

/// No more files can be opened by this process while this lives.
class no_more_files {
public:
    no_more_files()
    {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        const auto next = ::dup(0);
        ::close(next);
        set(static_cast<::rlim_t>(next));
    }
    no_more_files(const no_more_files&) = delete;
    no_more_files(no_more_files&&) = delete;
    auto operator=(const no_more_files&) -> no_more_files& = delete;
    auto operator=(no_more_files&&) -> no_more_files& = delete;
    ~no_more_files() { set(before_.rlim_cur); }

private:
    void set(::rlim_t most) const
    {
        const auto limit = ::rlimit{.rlim_cur = most, .rlim_max = before_.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }

    ::rlimit before_{};
};

/// A server that answers when it is told to.
class slow_server {
public:
    slow_server()
    {
        REQUIRE(server_
                    ->serve_socket(path_,
                                   [this](const io::served_request&, io::http_server::respond respond) {
                                       asked_.set_value(std::move(respond));
                                   })
                    .has_value());
    }

    [[nodiscard]] auto ask() const -> std::future<answer>
    {
        return std::async(std::launch::async, [path = path_] { return io::ask_socket(path, "/", std::nullopt, 20s); });
    }
    [[nodiscard]] auto asked() -> io::http_server::respond { return asked_.get_future().get(); }
    void end() { server_.reset(); }

private:
    tests::scratch_directory files_;
    std::string path_ = (files_ / "socket").string();
    std::promise<io::http_server::respond> asked_;
    std::optional<io::http_server> server_{std::in_place};
};

} // namespace

TEST_CASE("an answer that was given just before the server ends is still written")
{
    auto server = slow_server{};
    auto asking = server.ask();
    server.asked()({.body = "the end"});
    server.end();
    const auto heard = asking.get();
    REQUIRE(heard.has_value());
    CHECK(heard->body == "the end");
}

TEST_CASE(
    "who has no answer when the server ends is told by the end of the connection, and a later answer does nothing")
{
    auto server = slow_server{};
    auto asking = server.ask();
    const auto respond = server.asked();
    server.end();
    CHECK_FALSE(asking.get().has_value());
    respond({.body = "too late"});
}

TEST_CASE("visitors that say nothing, however many, keep nobody waiting who asks")
{
    const auto server = page_server{};
    auto crowds = std::vector<visitors>{};
    while (crowds.size() < 12) {
        crowds.push_back(crowd_at(server));
    }
    CHECK(server.ask(4s).has_value()); // each of them may be silent for 5 s
}

TEST_CASE("so many visitors as wait for their answers are let in at once, and the next waits until one has his")
{
    auto waiting = waiting_room{};
    auto asking = std::vector<std::future<answer>>{};
    while (asking.size() < most_at_loopback) {
        asking.push_back(std::async(std::launch::async, [&] { return waiting.ask(30s); }));
    }
    REQUIRE(waiting.fills_up_to(most_at_loopback));
    CHECK_FALSE(waiting.ask(300ms).has_value());
    waiting.answer_all();
    for (auto& each : asking) {
        CHECK(each.get().has_value());
    }
    CHECK(waiting.ask(20s).has_value());
}

TEST_CASE("a visitor that says nothing is sent away after a while")
{
    const auto server = page_server{};
    CHECK(silent_visitor{server}.is_sent_away());
}

TEST_CASE("an answer at a loopback address is read up to a bound, and its headers are")
{
    const auto kib = std::size_t{1} << 10U;
    CHECK(answer_of_a_page(64 * kib, 0).has_value());
    CHECK_FALSE(answer_of_a_page(64 * kib + 1, 0).has_value());
    CHECK_FALSE(answer_of_a_page(0, 64 * kib - 16).has_value()); // with the other headers more than 64 KiB
}

TEST_CASE("a server that can open no more files rests, and goes on when it can")
{
    const auto server = page_server{};
    const auto late = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto used = [&] {
        const auto none = no_more_files{};
        server.connect(late);
        const auto before = std::clock();
        std::this_thread::sleep_for(600ms);
        return std::clock() - before;
    }();
    CHECK(used < CLOCKS_PER_SEC / 5); // one that tries again at once uses all of the time
    CHECK(server.ask(5s).has_value());
    ::close(late);
}
