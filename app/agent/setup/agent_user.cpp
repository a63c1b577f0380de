// SPDX-License-Identifier: Apache-2.0
#include "agent/setup/agent_user.hpp"

#include "io/files/descriptor.hpp"
#include "io/files/file_facts.hpp"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <optional>

namespace felhom::agent {

namespace {

/// The group that a configuration was made for, where it was.
[[nodiscard]] auto group_of(const std::string& configuration) -> std::optional<std::uint32_t>
{
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): open(2) is one
    const auto file = io::file_descriptor{::open(configuration.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC)};
    const auto facts = file.is_open() ? io::facts_of(file.number()) : tl::unexpected(std::error_code{});
    return facts ? made_for_group(*facts) : std::nullopt;
}

/// The user of the same name, whose own group it is: so they are made for a service.
[[nodiscard]] auto user_of(std::uint32_t group) -> const ::passwd*
{
    const auto* const named = ::getgrgid(group); // before there is any other thread
    const auto* const user = named == nullptr ? nullptr : ::getpwnam(named->gr_name);
    return user != nullptr && user->pw_gid == group ? user : nullptr;
}

} // namespace

auto become_agent_user(const std::string& configuration) -> tl::expected<void, startup_errors>
{
    if (::geteuid() != 0) {
        return {};
    }
    const auto group = group_of(configuration);
    const auto* const user = group ? user_of(*group) : nullptr;
    if (user == nullptr) {
        return {};
    }
    if (::initgroups(user->pw_name, user->pw_gid) != 0 || ::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0) {
        return tl::unexpected(startup_errors{"cannot go on as user " + std::string{user->pw_name} + ", whom "
                                             + configuration + " was made for: " + std::strerror(errno)});
    }
    return {};
}

} // namespace felhom::agent
