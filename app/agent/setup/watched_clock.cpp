// SPDX-License-Identifier: Apache-2.0
#include "agent/setup/watched_clock.hpp"

#include "io/files/private_file.hpp"

#include <unistd.h>

#include <utility>
#include <variant>

namespace felhom::agent {

watched_clock::watched_clock(std::string mark)
    : mark_{std::move(mark)}, trust_{is_marked()}, was_marked_{trust_.is_suspected()}
{
}

auto watched_clock::look(instant wall, steady_instant steady, std::chrono::milliseconds skew, authz::clock_words words)
    -> bool
{
    const auto marked = is_marked();
    words.person = words.person || (was_marked_ && !marked);
    const auto trusted = trust_.look(wall, steady, skew, words);
    if (trusted && marked) {
        static_cast<void>(::unlink(mark_.c_str())); // if it stays, the next start suspects the clock once more
    }
    if (!trusted && !marked) {
        static_cast<void>(io::write_private_file_atomically(mark_, to_rfc3339(wall) + "\n")); // tried again next time
    }
    was_marked_ = is_marked();
    return trusted;
}

/// What cannot be looked at counts as there.
auto watched_clock::is_marked() const -> bool
{
    const auto text = io::read_private_file(mark_, file_kind::authority);
    return text || !std::holds_alternative<io::file_missing>(text.error());
}

} // namespace felhom::agent
