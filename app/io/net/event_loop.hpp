#pragma once

#include "io/files/descriptor.hpp"
#include "io/net/curl.hpp"

#include <poll.h>

#include <chrono>
#include <optional>
#include <vector>

namespace felhom::io {

/// Drives the transfers of one libcurl multi handle, and touches those only whose connection has something for them
/// or whose time has come. curl_multi_perform would ask the kernel about each of them at every turn.
class event_loop {
public:
    using clock = std::chrono::steady_clock;

    /// Throws what libcurl or the kernel lacks.
    event_loop();

    event_loop(const event_loop&) = delete;
    auto operator=(const event_loop&) -> event_loop& = delete;
    event_loop(event_loop&&) = delete;
    auto operator=(event_loop&&) -> event_loop& = delete;
    ~event_loop() = default;

    [[nodiscard]] auto handle() const -> CURLM* { return multi_.get(); }

    /// Does what is due; if nothing is, waits for something: for so long if nothing comes, for ever if not said.
    void turn(std::optional<std::chrono::milliseconds> longest);

    /// Ends the present wait, or the next. From any thread.
    void wake() const;

private:
    static auto on_socket(CURL* handle, curl_socket_t socket, int what, void* self, void* socket_data) -> int;
    static auto on_timer(CURLM* multi, long milliseconds, void* self) -> int;

    [[nodiscard]] auto patience(std::optional<std::chrono::milliseconds> longest) const -> int;
    void watch(curl_socket_t socket, short events);
    void act(curl_socket_t socket, int what) const;

    file_descriptor wake_;
    std::vector<pollfd> watched_; ///< the first is wake_
    std::vector<pollfd> ready_;   ///< of the present turn: what acts on one may change those above
    std::optional<clock::time_point> due_;
    curl::multi multi_; ///< calls back into the others until it is gone
};

} // namespace felhom::io
