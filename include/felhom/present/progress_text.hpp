// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/instant.hpp>
#include <felhom/core/vmid.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

// What a person who waits is told of the operations that are under way.
namespace felhom::present {

/// An operation that was begun and has not ended.
struct running_operation {
    std::uint64_t id;
    vmid guest;
    std::string op; ///< its name, "guest.start"
    instant started;

    friend auto operator==(const running_operation&, const running_operation&) -> bool = default;
};

namespace detail {

/// "guest 103: guest.start (operation 5)".
[[nodiscard]] inline auto text_of(const running_operation& one) -> std::string
{
    return "guest " + one.guest.text() + ": " + one.op + " (operation " + std::to_string(one.id) + ")";
}

[[nodiscard]] inline auto seconds_text(std::chrono::milliseconds length) -> std::string
{
    return std::to_string(std::max<std::int64_t>(0, std::chrono::floor<std::chrono::seconds>(length).count())) + " s";
}

} // namespace detail

/// Turns looks at what is under way into lines: on a terminal one line a guest, drawn anew at each look; elsewhere one
/// at the beginning, one every ten seconds and one at the end.
class progress_lines {
public:
    explicit progress_lines(bool on_terminal) : on_terminal_{on_terminal} {}

    /// What is to be printed now.
    [[nodiscard]] auto look(const std::vector<running_operation>& running, instant now) -> std::string
    {
        return on_terminal_ ? drawn(running, now) : told(running, now);
    }

    /// And at the end.
    [[nodiscard]] auto end(instant now) -> std::string { return look({}, now); }

private:
    struct known_operation {
        running_operation what;
        std::int64_t tens_told = 0; ///< how many times ten seconds were told
    };

    [[nodiscard]] auto drawn(const std::vector<running_operation>& running, instant now) -> std::string
    {
        auto text = lines_drawn_ == 0 ? std::string{} : "\x1b[" + std::to_string(lines_drawn_) + "F\x1b[J";
        for (const auto& one : running) {
            text += detail::text_of(one) + ", " + detail::seconds_text(now - one.started) + "\n";
        }
        lines_drawn_ = running.size();
        return text;
    }

    [[nodiscard]] auto told(const std::vector<running_operation>& running, instant now) -> std::string
    {
        auto text = std::string{};
        for (const auto& one : running) {
            const auto [at, is_new] = known_.try_emplace(one.id, known_operation{.what = one});
            const auto elapsed = std::chrono::floor<std::chrono::seconds>(now - one.started).count();
            const auto tens = std::max<std::int64_t>(0, elapsed / 10);
            if (is_new) {
                text += tens == 0 ? detail::text_of(one) + " begins\n"
                                  : "waiting for " + detail::text_of(one) + ", " + std::to_string(elapsed) + " s\n";
            } else if (tens > at->second.tens_told) {
                text += detail::text_of(one) + ", " + std::to_string(elapsed) + " s\n";
            }
            at->second.tens_told = tens;
        }
        for (auto at = known_.begin(); at != known_.end();) {
            if (std::ranges::find(running, at->first, &running_operation::id) != running.end()) {
                ++at;
                continue;
            }
            const auto& one = at->second.what;
            text += detail::text_of(one) + " ended after " + detail::seconds_text(now - one.started) + "\n";
            at = known_.erase(at);
        }
        return text;
    }

    bool on_terminal_;
    std::size_t lines_drawn_ = 0;
    std::map<std::uint64_t, known_operation> known_;
};

/// What goes on although nobody waits for it any longer. `daemon`: it is at work on it.
[[nodiscard]] inline auto left_text(const std::vector<running_operation>& running, bool daemon) -> std::string
{
    auto text = std::string{"\n"};
    for (const auto& one : running) {
        text += "interrupted; " + detail::text_of(one) + " goes on"
                + (daemon ? ", and so does what the running agent has not begun yet" : "; the next command takes it up")
                + ": see `felhom-agent ops show " + std::to_string(one.id) + "`\n";
    }
    if (running.empty()) {
        text += daemon ? "interrupted; the running agent carries the command out all the same\n"
                       : "interrupted; nothing was under way\n";
    }
    return text;
}

} // namespace felhom::present
