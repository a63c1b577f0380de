// SPDX-License-Identifier: Apache-2.0
#include "agent/setup/switch_files.hpp"
#include "support/catch.hpp"
#include "support/unprivileged.hpp"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>

using namespace felhom;
using namespace felhom::testing;

namespace {

auto write(const std::string& path, const std::string& text) -> std::string
{
    std::ofstream{path} << text;
    REQUIRE(::chmod(path.c_str(), 0600) == 0);
    return path;
}

/// No descriptor is free as long as it lives.
class no_free_descriptor {
public:
    no_free_descriptor()
    {
        REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
        auto none = before_;
        none.rlim_cur = 0;
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
    }
    no_free_descriptor(const no_free_descriptor&) = delete;
    no_free_descriptor(no_free_descriptor&&) = delete;
    auto operator=(const no_free_descriptor&) -> no_free_descriptor& = delete;
    auto operator=(no_free_descriptor&&) -> no_free_descriptor& = delete;
    ~no_free_descriptor() { static_cast<void>(::setrlimit(RLIMIT_NOFILE, &before_)); }

private:
    ::rlimit before_{};
};

} // namespace

TEST_CASE("a veto is what its file says, and without a file there is none")
{
    const auto here = scratch{};
    const auto path = here.path() + "/veto";
    CHECK(agent::read_veto("").value() == std::nullopt);
    CHECK(agent::read_veto(path).value() == std::nullopt);
    CHECK(agent::read_veto(write(path, "not this week\n")).value() == "not this week");
}

TEST_CASE("a file of a veto that others may write is one all the same")
{
    const auto here = scratch{};
    const auto path = write(here.path() + "/veto", "no\n");
    REQUIRE(::chmod(path.c_str(), 0666) == 0);
    const auto veto = agent::read_veto(path);
    REQUIRE(veto.has_value());
    CHECK(veto->has_value());
}

TEST_CASE("where no descriptor is free it is not known whether there is a veto, and that is no veto")
{
    const auto here = scratch{};
    const auto path = write(here.path() + "/veto", "no\n");
    const auto veto = [&] {
        const auto exhausted = no_free_descriptor{};
        return agent::read_veto(path);
    }();
    REQUIRE_FALSE(veto.has_value());
    CHECK(veto.error().find("Too many open files") != std::string::npos);
    CHECK(agent::read_veto(path).value() == "no");
}
