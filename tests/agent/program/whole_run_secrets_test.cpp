// SPDX-License-Identifier: Apache-2.0
#include "hub_agent.hpp"
#include "support/catch.hpp"

#include <boost/json/serialize.hpp>

#include <csignal>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace felhom;
using namespace felhom::testing;

namespace {

using names = std::vector<std::string>;

/// Everything that was said and written, by where it stands.
using texts = std::map<std::string, std::string>;

auto holders_of(std::string_view part, const texts& among) -> names
{
    auto holders = names{};
    for (const auto& [where, text] : among) {
        if (has(text, part)) {
            holders.push_back(where);
        }
    }
    return holders;
}

/// An agent that reads its secrets from files, and to which node and hub repeat what it has sent them.
class watched_agent : public hub_agent {
public:
    watched_agent()
    {
        settings.erase("FELHOM_AGENT_PROXMOX_TOKEN_SECRET");
        settings.erase("FELHOM_AGENT_HUB_API_KEY");
        settings["FELHOM_AGENT_PROXMOX_TOKEN_FILE"] = files.write("token", sim::demo_tokens::agent_secret);
        settings["FELHOM_AGENT_HUB_API_KEY_FILE"] = files.write("hub-key", hub_key);
        settings["FELHOM_AGENT_LOG_LEVEL"] = "debug";
    }

    /// Runs a command and keeps what it says.
    auto says(const std::string& command) -> const std::string&
    {
        const auto said = run(command);
        said_[command + " (stderr)"] = said.err;
        return said_[command] = said.out;
    }

    /// The next call of that name is answered with the key.
    void repeat_key(const std::string& call, sim::http_response with)
    {
        hub.with_hub([&](sim::hub_store& store) {
            store.faults.push_back({.host = {}, .call = call, .what = sim::hub_fault_kind::answers{std::move(with)}});
        });
    }

    /// A change is refused with the token's secret, and so is the reading of a guest that only the report reads.
    void let_node_repeat_secret()
    {
        const auto says = std::string{"Not with "} + sim::demo_tokens::agent_secret;
        break_node({.method = "PUT", .path = "*/lxc/102/config", .what = sim::fault_kind::answers{400, says}});
        break_node(
            {.method = "GET", .path = "*/lxc/104/pending", .what = sim::fault_kind::answers{400, says}, .times = 99});
    }

    /// What was said, what stands in the files, and what node and hub received.
    [[nodiscard]] auto everything() -> texts
    {
        auto all = said_;
        for (const auto& entry : std::filesystem::recursive_directory_iterator{files.path()}) {
            if (entry.is_regular_file()) {
                const auto name = entry.path().lexically_relative(files.path()).string();
                all[name] = files.read(name);
            }
        }
        auto& reports = all["reports"];
        auto& results = all["results"];
        const auto known = host();
        for (const auto& report : known.reports) {
            reports += report.body + "\n";
        }
        for (const auto& [blob, result] : known.results) {
            results += boost::json::serialize(result) + "\n";
        }
        auto& requests = all["requests"];
        server.with_node([&](sim::node& node) {
            for (const auto& request : node.requests) {
                requests += request.method + " " + request.target + " " + request.body + "\n";
            }
        });
        return all;
    }

private:
    texts said_;
};

auto key_in_quotes() -> std::string
{
    return "\"" + std::string{hub_key} + "\"";
}

/// A daemon's life with a hub that is busy, away, and wrong in what it hands out, and says the key at each occasion.
void live_with_hub(watched_agent& agent)
{
    agent.want(7, listed({desired_guest{102}.memory(1024)}));
    auto running = running_agent{agent};
    const auto is_logged = [&](std::string_view part) { return comes_true([&] { return has(running.log(), part); }); };
    CHECK(comes_true([&] { return keeps_generation(agent, 7); }));

    agent.repeat_key("host-report", sim::hub_response(503, "Busy with " + std::string{hub_key}, key_in_quotes(),
                                                      {{"Retry-After", std::string{hub_key}}}));
    running.tell(SIGHUP);
    CHECK(is_logged("the hub answered 503 Busy with <redacted>"));

    agent.hub.stop();
    running.tell(SIGHUP);
    CHECK(is_logged("cannot be reached"));
    agent.hub.start();

    const auto wrong = listed({desired_guest{102}.memory(1024), desired_guest{103}.description(std::string{hub_key})});
    agent.repeat_key("desired-state",
                     sim::hub_response(200, "OK", hub_document(8, wrong).text, {{"ETag", key_in_quotes()}}));
    agent.want(8, listed({desired_guest{102}.memory(1024)}));
    running.tell(SIGHUP);
    CHECK(comes_true([&] { return effects(agent, 103, "config") == 1; }));

    agent.repeat_key(
        "signed-ops",
        sim::hub_response(200, "OK", R"({"schema":"felhom-signed-ops/1","bundles":[)" + key_in_quotes() + "]}"));
    static_cast<void>(agent.bundle());
    agent.offer(agent.files.read("destroy.bundle"));
    running.tell(SIGHUP);
    CHECK(comes_true([&] { return agent.host().results.size() == 2; })); // of that which was none, and of ours
    CHECK(running.end_by(SIGTERM).first == 0);
}

/// What a person types before and after.
void look_around(watched_agent& agent)
{
    for (const auto* const command :
         {"-v config show", "--json config show", "-v config check", "-v plan", "-v apply", "-v explain 102",
          "-v report", "-v report --send", "-v selftest", "-v selftest hub", "-v ops list", "-v journal list --last 99",
          "-v journal verify"}) {
        agent.says(command);
    }
}

} // namespace

TEST_CASE("in a whole life of an agent neither the token's secret nor the hub's key comes to stand anywhere")
{
    auto agent = watched_agent{};
    live_with_hub(agent);
    agent.server.with_node([](sim::node& node) { node.guests.at(102).config.current["memory"] = "512"; });
    agent.repeat_key("host-report",
                     sim::hub_response(200, "OK", R"({"poll_interval_seconds":)" + key_in_quotes() + "}"));
    agent.let_node_repeat_secret();
    look_around(agent);

    const auto all = agent.everything();
    // The files from which they are read are found, so they would be found elsewhere, too.
    CHECK(holders_of(sim::demo_tokens::agent_secret, all) == names{"token"});
    CHECK(holders_of(hub_key, all) == names{"hub-key"});
    for (const auto* const wire : {"PVEAPIToken", "Bearer"}) {
        CHECK(holders_of(wire, all).empty());
    }
    for (const auto& [where, part] : std::vector<std::pair<std::string, std::string>>{
             {"-v config show", "hub.api_key_file"},
             {"--json config show", "proxmox.token_file"},
             {"-v config check", "The configuration is complete."},
             {"-v plan", "  102 "},
             {"-v apply", "answered 400: Not with <redacted>"},
             {"-v apply (stderr)", "level=debug msg=call"},
             {"-v explain 102", "memory"},
             {"-v report", "felhom-host-report/2"},
             {"-v report --send (stderr)", "the hub's answer is not understood"},
             {"-v selftest", "ok "},
             {"-v selftest hub", "poll_interval_seconds"},
             {"-v ops list", "guest.destroy"},
             {"-v journal list --last 99", "guest.destroy"},
             {"-v journal verify", "the hash chain is intact"},
             {"daemon.log", "level=debug msg=call"},
             {"state/journal.log", "guest.destroy"},
             {"state/hub-envelope.json", "poll_interval_seconds"},
             {"state/hub-desired.json", "<redacted>"},
             {"state/journal.log", "Not with <redacted>"},
             {"reports", "felhom-host-report/2"},
             {"reports", "Not with <redacted>"},
             {"results", "succeeded"},
             {"requests", "PUT /api2/json/nodes/pve1/lxc/102/config"},
         }) {
        INFO(where << " is to hold " << part);
        const auto found = all.find(where);
        CHECK((found != all.end() && has(found->second, part)));
    }
}
