// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "desired_guest.hpp"
#include "running_agent.hpp"
#include "signing_agent.hpp"
#include "sim/hub/hub_server.hpp"

#include <felhom/core/sha256.hpp>

#include <boost/json/parse.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace felhom::testing {

inline constexpr auto hub_key = std::string_view{"k-4f1d2c3b4a59687786958473"};

/// A desired state of the hub's.
[[nodiscard]] inline auto hub_document(std::uint64_t generation, const std::string& guests) -> sim::hub_document
{
    return {.generation = generation,
            .text = R"({"version":1,"generation":)" + std::to_string(generation) + R"(,"guests":[)" + guests + "]}"};
}

/// Makes this hub the agent's, which brings about what the hub wants as soon as it can.
inline void join(installation& agent, const sim::hub_server& hub, const std::string& host, std::string_view key)
{
    agent.settings["FELHOM_AGENT_HUB_URL"] = hub.url();
    agent.settings["FELHOM_AGENT_HUB_HOST_ID"] = host;
    agent.settings["FELHOM_AGENT_HUB_API_KEY"] = key;
    agent.settings["FELHOM_AGENT_HUB_CA_FILE"] = agent.files.write("hub.pem", hub.certificate_pem());
    agent.settings["FELHOM_AGENT_DESIRED_SOURCE"] = "hub";
    agent.settings["FELHOM_AGENT_HUB_FIRST_ANSWER_SECONDS"] = "1"; // where the hub is away
    agent.settings["FELHOM_AGENT_RECONCILE_MODE"] = "enforce";
    agent.settings["FELHOM_AGENT_RECONCILE_INTERVAL_SECONDS"] = "5";
    agent.settings["FELHOM_AGENT_POLICY_HUB"] = R"({"keys":{"memory":{"least":64,"greatest":4096}}})";
}

/// The last generation that the agent took from its hub and keeps.
[[nodiscard]] inline auto keeps_generation(const installation& agent, std::uint64_t generation) -> bool
{
    return has(agent.files.read("state/hub-generation.json"), "\"generation\":" + std::to_string(generation) + ",");
}

/// As the agent makes it, for what a test puts there first.
inline void make_state_directory(const installation& agent)
{
    const auto path = agent.files.path() + "/state";
    std::filesystem::create_directories(path);
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
}

[[nodiscard]] inline auto keeps_envelope(const installation& agent) -> bool
{
    return std::filesystem::exists(agent.files.path() + "/state/hub-envelope.json");
}

/// An agent that enforces, a node and a hub.
class hub_agent : public signing_agent {
public:
    hub_agent() { join(*this, hub, this_host.text(), hub_key); }

    /// What the hub wants of us.
    void want(std::uint64_t generation, const std::string& guests)
    {
        with_host([&](sim::hub_host& host) { host.desired = hub_document(generation, guests); });
    }

    /// What the hub has for us to carry out.
    void offer(const std::string& bundle)
    {
        const auto parsed = authz::parse_bundle(bundle);
        REQUIRE(parsed);
        with_host([&](sim::hub_host& host) {
            host.operations.push_back({.blob_sha256 = to_hex(*sha256(parsed->blob)), .bundle = bundle});
        });
    }

    void with_host(const std::function<void(sim::hub_host&)>& use)
    {
        hub.with_hub([&](sim::hub_store& store) { use(store.hosts.at(this_host.text())); });
    }

    [[nodiscard]] auto host() -> sim::hub_host
    {
        auto copy = sim::hub_host{};
        with_host([&](const sim::hub_host& known) { copy = known; });
        return copy;
    }

    /// The last report that came.
    [[nodiscard]] auto last_report() -> boost::json::value { return boost::json::parse(host().reports.back().body); }

    sim::hub_server hub{hub_that_knows_us()};

private:
    [[nodiscard]] static auto hub_that_knows_us() -> sim::hub_store
    {
        auto known = sim::hub_store{};
        known.hosts[this_host.text()] = {.api_key = std::string{hub_key}};
        return known;
    }
};

} // namespace felhom::testing
