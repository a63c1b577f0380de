// SPDX-License-Identifier: Apache-2.0
#include "agent/setup/user_name.hpp"

#include <pwd.h>
#include <unistd.h>

#include <array>

namespace felhom::agent {

auto user_name_of(::uid_t user) -> std::string
{
    // The daemon asks from several threads.
    auto entry = ::passwd{};
    auto* found = static_cast<::passwd*>(nullptr);
    auto texts = std::array<char, 4096>{};
    const auto known = ::getpwuid_r(user, &entry, texts.data(), texts.size(), &found) == 0 && found != nullptr;
    return known ? std::string{entry.pw_name} : "uid " + std::to_string(user);
}

auto user_name() -> std::string
{
    static const auto first = user_name_of(::getuid()); // a command of root's goes on as another user
    return first;
}

} // namespace felhom::agent
