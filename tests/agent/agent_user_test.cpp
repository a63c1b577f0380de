// SPDX-License-Identifier: Apache-2.0
#include "agent/setup/agent_user.hpp"
#include "support/catch.hpp"
#include "support/unprivileged.hpp"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <string>

using namespace felhom;

namespace {

/// As whom a process goes on whose configuration has this group, where root may give it away, and this mode: "uid gid".
auto goes_on_as(::gid_t group, ::mode_t mode) -> std::string
{
    const auto where = testing::scratch{};
    const auto file = where.path() + "/config.json";
    std::ofstream{file} << "{}";
    if (::chown(file.c_str(), static_cast<::uid_t>(-1), group) != 0) {
        REQUIRE(::geteuid() != 0);
    }
    REQUIRE(::chmod(file.c_str(), mode) == 0);
    auto ends = std::array<int, 2>{};
    REQUIRE(::pipe(ends.data()) == 0);
    const auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        const auto became = agent::become_agent_user(file);
        const auto is_root_again = ::geteuid() != 0 && ::setuid(0) == 0;
        const auto said = !became         ? became.error().lines().front()
                          : is_root_again ? std::string{"root again"}
                                          : std::to_string(::getuid()) + " " + std::to_string(::getgid());
        ::_exit(::write(ends[1], said.data(), said.size()) == static_cast<::ssize_t>(said.size()) ? 0 : 1);
    }
    ::close(ends[1]);
    auto answer = std::string(200, ' ');
    answer.resize(static_cast<std::size_t>(std::max(::ssize_t{0}, ::read(ends[0], answer.data(), answer.size()))));
    ::close(ends[0]);
    auto status = 0;
    ::waitpid(child, &status, 0);
    return answer;
}

auto numbers(::uid_t user, ::gid_t group) -> std::string
{
    return std::to_string(user) + " " + std::to_string(group);
}

auto own_numbers() -> std::string
{
    return numbers(::getuid(), ::getgid());
}

} // namespace

TEST_CASE("a command of root's goes on as the user whose group may read root's configuration, and cannot go back")
{
    const auto* const daemon = ::getpwnam("daemon"); // Debian's, of a group of the same name
    REQUIRE(daemon != nullptr);
    const auto expected = ::geteuid() == 0 ? numbers(daemon->pw_uid, daemon->pw_gid) : own_numbers();
    CHECK(goes_on_as(daemon->pw_gid, 0640) == expected);
}

TEST_CASE("a command stays who it is where the configuration was made for no other")
{
    const auto* const daemon = ::getpwnam("daemon");
    const auto* const group_alone = ::getgrnam("adm"); // without a user of that name
    REQUIRE(daemon != nullptr);
    REQUIRE(group_alone != nullptr);
    CHECK(goes_on_as(daemon->pw_gid, 0600) == own_numbers());
    CHECK(goes_on_as(daemon->pw_gid, 0644) == own_numbers());
    CHECK(goes_on_as(::getgid(), 0640) == own_numbers());
    CHECK(goes_on_as(group_alone->gr_gid, 0640) == own_numbers());
}
