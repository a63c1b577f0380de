// SPDX-License-Identifier: Apache-2.0
#include "running_agent.hpp"
#include "support/catch.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <utility>

using namespace felhom;
using namespace felhom::testing;

namespace {

/// What a service manager hears of a daemon that it started (sd_notify(3)).
class service_manager {
public:
    explicit service_manager(program& of) : socket_{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)}
    {
        const auto path = of.files.path() + "/notify";
        auto at = ::sockaddr_un{.sun_family = AF_UNIX, .sun_path = {}};
        REQUIRE(path.size() < sizeof(at.sun_path));
        std::ranges::copy(path, std::begin(at.sun_path));
        REQUIRE(::bind(socket_, reinterpret_cast<const ::sockaddr*>(&at), sizeof(at))
                == 0); // NOLINT: as bind(2) has it
        of.settings["NOTIFY_SOCKET"] = path;
    }
    service_manager(const service_manager&) = delete;
    auto operator=(const service_manager&) -> service_manager& = delete;
    ~service_manager() { ::close(socket_); }

    /// Everything that was said so far, one assignment a line.
    [[nodiscard]] auto heard() -> const std::string&
    {
        auto said = std::array<char, 4096>{};
        for (auto got = ::recv(socket_, said.data(), said.size(), 0); got > 0;
             got = ::recv(socket_, said.data(), said.size(), 0)) {
            heard_ += std::string{said.data(), static_cast<std::size_t>(got)} + "\n";
        }
        return heard_;
    }

    /// Waits until this is said for the nth time.
    [[nodiscard]] auto hears(const std::string& what, int nth = 1) -> bool
    {
        return comes_true([&] {
            const auto& all = heard();
            auto found = 0;
            for (auto at = all.find(what); at != std::string::npos; at = all.find(what, at + 1)) {
                ++found;
            }
            return found >= nth;
        });
    }

private:
    int socket_;
    std::string heard_;
};

} // namespace

TEST_CASE("the service manager hears when the daemon takes commands, how it does, that it lives, and that it ends")
{
    auto agent = program{};
    agent.desire(more_memory);
    auto manager = service_manager{agent};
    auto running = running_agent{agent};
    REQUIRE(manager.hears("READY=1\n"));
    CHECK(agent.run("status").status == 0); // it does take them
    CHECK(manager.hears("STATUS=observe; guests: 0 in sync"));
    CHECK(manager.hears("WATCHDOG=1\n"));
    CHECK_FALSE(has(manager.heard(), "STOPPING=1"));
    CHECK(running.end_by(SIGTERM).first == 0);
    CHECK(has(manager.heard(), "STOPPING=1\n"));
}

TEST_CASE("the service manager hears that the configuration is read anew, and that the daemon is ready again")
{
    auto agent = program{};
    auto manager = service_manager{agent};
    const auto running = running_agent{agent};
    REQUIRE(manager.hears("STATUS=observe; guests:"));
    running.tell(SIGHUP);
    CHECK(manager.hears("RELOADING=1\n"));
    CHECK(manager.hears("READY=1\n", 2));
}

TEST_CASE("the service manager hears why the daemon is unhealthy")
{
    auto agent = program{};
    agent.settings["FELHOM_AGENT_PROXMOX_TOKEN_SECRET"] = "11111111-2222-3333-4444-555555555555"; // of no token
    auto manager = service_manager{agent};
    const auto running = running_agent{agent};
    CHECK(manager.hears("STATUS=unhealthy: the last pass was not made"));
}
