#include "io/net/event_loop.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <limits>
#include <new>
#include <system_error>

namespace felhom::io {

namespace {

auto events_of(int what) -> short
{
    switch (what) {
    case CURL_POLL_IN:
        return POLLIN;
    case CURL_POLL_OUT:
        return POLLOUT;
    case CURL_POLL_INOUT:
        return POLLIN | POLLOUT;
    default:
        return 0;
    }
}

/// What libcurl is told of a socket; 0 where it shall look itself, as after an error.
auto readiness_of(const pollfd& seen) -> int
{
    if ((seen.revents & ~(POLLIN | POLLOUT)) != 0) {
        return 0;
    }
    return ((seen.revents & POLLIN) != 0 ? CURL_CSELECT_IN : 0)
           | ((seen.revents & POLLOUT) != 0 ? CURL_CSELECT_OUT : 0);
}

} // namespace

event_loop::event_loop() : wake_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)}, multi_{curl_multi_init()}
{
    if (!wake_.is_open()) {
        throw std::system_error{errno, std::generic_category(), "eventfd"};
    }
    if (!multi_) {
        throw std::bad_alloc{};
    }
    watched_.push_back({.fd = wake_.number(), .events = POLLIN, .revents = 0});
    curl::set(handle(), CURLMOPT_SOCKETFUNCTION, &event_loop::on_socket);
    curl::set(handle(), CURLMOPT_SOCKETDATA, this);
    curl::set(handle(), CURLMOPT_TIMERFUNCTION, &event_loop::on_timer);
    curl::set(handle(), CURLMOPT_TIMERDATA, this);
}

void event_loop::turn(std::optional<std::chrono::milliseconds> longest)
{
    if (due_ && *due_ <= clock::now()) {
        due_.reset();
        act(CURL_SOCKET_TIMEOUT, 0);
        return;
    }
    if (::poll(watched_.data(), watched_.size(), patience(longest)) <= 0) {
        return; // nothing, or a signal: the next turn sees what is due
    }
    ready_.clear();
    std::ranges::copy_if(watched_, std::back_inserter(ready_), [](const pollfd& each) { return each.revents != 0; });
    for (const auto& each : ready_) {
        if (each.fd == wake_.number()) {
            auto times = std::uint64_t{};
            static_cast<void>(::read(wake_.number(), &times, sizeof times));
        } else {
            act(each.fd, readiness_of(each));
        }
    }
}

void event_loop::wake() const
{
    static constexpr auto once = std::uint64_t{1};
    static_cast<void>(::write(wake_.number(), &once, sizeof once)); // it can fail only where a wait ends anyway
}

/// How long poll may wait, in milliseconds; rounded up, for a timer that fires early fires twice.
auto event_loop::patience(std::optional<std::chrono::milliseconds> longest) const -> int
{
    if (!due_ && !longest) {
        return -1;
    }
    const auto until_due = due_ ? std::chrono::ceil<std::chrono::milliseconds>(*due_ - clock::now()) : *longest;
    const auto wait = longest ? std::min(*longest, until_due) : until_due;
    return static_cast<int>(std::clamp<std::int64_t>(wait.count(), 0, std::numeric_limits<int>::max()));
}

void event_loop::watch(curl_socket_t socket, short events)
{
    const auto known = std::ranges::find(watched_, socket, &pollfd::fd);
    if (events == 0) {
        if (known != watched_.end()) {
            watched_.erase(known);
        }
    } else if (known != watched_.end()) {
        known->events = events;
    } else {
        watched_.push_back({.fd = socket, .events = events, .revents = 0});
    }
}

/// What a transfer came to, libcurl says of the transfer.
void event_loop::act(curl_socket_t socket, int what) const
{
    auto running = 0;
    static_cast<void>(curl_multi_socket_action(handle(), socket, what, &running));
}

auto event_loop::on_socket(CURL* /*handle*/, curl_socket_t socket, int what, void* self, void* /*socket_data*/) -> int
{
    static_cast<event_loop*>(self)->watch(socket, events_of(what));
    return 0;
}

auto event_loop::on_timer(CURLM* /*multi*/, long milliseconds, void* self) -> int
{
    auto& due = static_cast<event_loop*>(self)->due_;
    due.reset();
    if (milliseconds >= 0) {
        due = clock::now() + std::chrono::milliseconds{milliseconds};
    }
    return 0;
}

} // namespace felhom::io
