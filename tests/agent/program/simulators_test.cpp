// SPDX-License-Identifier: Apache-2.0
#include "running_agent.hpp"
#include "signing_agent.hpp"
#include "support/catch.hpp"

#include <filesystem>
#include <sstream>
#include <string>

using namespace felhom;
using namespace felhom::testing;

namespace {

/// One of our simulators as its own program, and what it says at its start.
class simulator {
public:
    simulator(const private_directory& in, const std::string& path, std::vector<std::string> arguments)
        : in_{in}, process_{words(path, std::move(arguments)),
                            {},
                            {.out = in.path() + "/simulator.out", .err = in.path() + "/simulator.err"}}
    {
    }

    /// What stands behind a word that begins a line; waited for.
    [[nodiscard]] auto told(const std::string& word) const -> std::string
    {
        auto found = std::string{};
        INFO(in_.read("simulator.err"));
        REQUIRE(comes_true([&] {
            auto lines = std::istringstream{in_.read("simulator.out")};
            for (auto line = std::string{}; std::getline(lines, line) && !lines.eof();) {
                if (line.starts_with(word + " ")) {
                    found = line.substr(word.size() + 1);
                }
            }
            return !found.empty();
        }));
        return found;
    }

    [[nodiscard]] auto process() -> running_program& { return process_; }
    [[nodiscard]] auto out() const -> std::string { return in_.read("simulator.out"); }

private:
    [[nodiscard]] static auto words(const std::string& path, std::vector<std::string> arguments)
        -> std::vector<std::string>
    {
        arguments.insert(arguments.begin(), path);
        return arguments;
    }

    const private_directory& in_;
    running_program process_;
};

/// What felhom-hub-sim serves: a host with a key, and what its hub has for it.
class hub_directory {
public:
    explicit hub_directory(const private_directory& in) : in_{in}
    {
        std::filesystem::create_directories(in.path() + "/hub/host-a/signed-ops");
        in.write("hub/host-a/key", "k-of-a-test\n");
    }

    void want(const std::string& document) const { in_.write("hub/host-a/desired.json", document); }
    void offer(const std::string& bundle) const { in_.write("hub/host-a/signed-ops/1.bundle", in_.read(bundle)); }
    [[nodiscard]] auto arguments() const -> std::vector<std::string>
    {
        return {in_.path() + "/hub", "--port", "0", "--certificate", in_.path() + "/hub.pem"};
    }

private:
    const private_directory& in_;
};

/// Makes the hub of this program the agent's.
void join(installation& agent, const simulator& hub)
{
    agent.settings["FELHOM_AGENT_HUB_URL"] = hub.told("url");
    agent.settings["FELHOM_AGENT_HUB_API_KEY"] = "k-of-a-test";
    agent.settings["FELHOM_AGENT_HUB_CA_FILE"] = agent.files.path() + "/hub.pem";
    agent.settings["FELHOM_AGENT_DESIRED_SOURCE"] = "hub";
    agent.settings["FELHOM_AGENT_RECONCILE_INTERVAL_SECONDS"] = "5";
}

} // namespace

TEST_CASE("felhom-sim serves a node that the agent works on, and ends when it is told to")
{
    auto agent = installation{};
    auto node = simulator{agent.files, FELHOM_SIM, {"--port", "0"}};
    const auto token = node.told("token");
    agent.settings["FELHOM_AGENT_PROXMOX_URL"] = node.told("url");
    agent.settings["FELHOM_AGENT_PROXMOX_FINGERPRINT"] = node.told("fingerprint");
    agent.settings["FELHOM_AGENT_PROXMOX_TOKEN_ID"] = token.substr(0, token.find('='));
    agent.settings["FELHOM_AGENT_PROXMOX_TOKEN_SECRET"] = token.substr(token.find('=') + 1);
    agent.desire(more_memory);
    CHECK(agent.run("plan").status == 2);
    CHECK(agent.run("apply").status == 0);
    CHECK(agent.run("plan").status == 0);
    CHECK(node.process().end_by(SIGTERM).first == 0);
}

TEST_CASE(
    "felhom-hub-sim hands out the desired state and the signed operations of its directory, and takes the results")
{
    auto agent = signing_agent{};
    const auto directory = hub_directory{agent.files};
    directory.want(R"({"version":1,"generation":7,"guests":[]})");
    static_cast<void>(agent.bundle());
    directory.offer("destroy.bundle");
    auto hub = simulator{agent.files, FELHOM_HUB_SIM, directory.arguments()};
    join(agent, hub);
    auto daemon = running_agent{agent};
    CHECK(comes_true([&] { return agent.destroyed() == 1; }));
    CHECK(comes_true([&] { return has(agent.files.read("state/hub-generation.json"), R"("generation":7,)"); }));
    CHECK(comes_true([&] {
        hub.process().tell(SIGHUP);
        return has(hub.out(), " 1 results\n");
    }));
    CHECK(daemon.end_by(SIGTERM).first == 0);
    CHECK(hub.process().end_by(SIGTERM).first == 0);
}

TEST_CASE("felhom-hub-sim reads its directory again when it is told to, a bundle that came since too")
{
    auto agent = signing_agent{};
    const auto directory = hub_directory{agent.files};
    auto hub = simulator{agent.files, FELHOM_HUB_SIM, directory.arguments()};
    static_cast<void>(hub.told("url"));
    static_cast<void>(agent.bundle());
    directory.offer("destroy.bundle");
    hub.process().tell(SIGHUP);
    CHECK(hub.told("read") == "again");
    CHECK(hub.process().end_by(SIGTERM).first == 0);
}
