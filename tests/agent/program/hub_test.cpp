// SPDX-License-Identifier: Apache-2.0
#include "hub_agent.hpp"
#include "support/catch.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <utility>

using namespace felhom;
using namespace felhom::testing;
using namespace std::chrono_literals;

namespace {

/// What the hub answers to every report from now on, without keeping it.
void answers_to_reports(hub_agent& agent, int status, const std::string& body)
{
    agent.hub.with_hub([&](sim::hub_store& store) {
        store.faults.push_back({.host = {},
                                .call = "host-report",
                                .what = sim::hub_fault_kind::answers{sim::hub_response(status, "Answer", body)},
                                .times = 1'000'000});
    });
}

} // namespace

TEST_CASE("the first report comes at once, and the hub's desired state is brought about")
{
    auto agent = hub_agent{};
    agent.want(7, R"({"vmid":102,"spec":{"memory":1024}})");
    auto running = running_agent{agent};
    CHECK(comes_true([&] { return effects(agent, 102, "config") == 1; }));
    REQUIRE(agent.host().reports.size() >= 1);
    const auto report = agent.last_report();
    CHECK(report.at("host_id").as_string() == this_host.text());
    CHECK(report.at("host").at("name").as_string() == "pve1");
    CHECK(report.at("guests").as_array().size() >= 3);
    CHECK(running.end_by(SIGTERM).first == 0);
    CHECK_FALSE(has(running.log(), hub_key));
}

TEST_CASE("after its first pass the agent reports again, and tells how the host stands")
{
    auto agent = hub_agent{};
    agent.want(7, R"({"vmid":102,"spec":{"memory":1024}})");
    auto running = running_agent{agent};
    CHECK(comes_true([&] { return !agent.host().reports.empty() && agent.last_report().at("drift").is_object(); }));
    CHECK(agent.last_report().at("sources").at("drift").at("error").is_null());
}

TEST_CASE("a report that a person sends beside a running agent is the agent's own, and hides nothing from the hub")
{
    auto agent = hub_agent{};
    agent.want(7, R"({"vmid":102,"spec":{"memory":1024}})");
    auto running = running_agent{agent};
    REQUIRE(comes_true([&] { return !agent.host().reports.empty() && agent.last_report().at("drift").is_object(); }));
    const auto before = agent.last_report();
    for (const auto* const command : {"report --send", "selftest hub"}) {
        const auto sent = agent.run(command);
        CHECK(sent.status == 0);
        CHECK(has(sent.out, "\"poll_interval_seconds\":60"));
        const auto report = agent.last_report();
        CHECK(report.at("run") == before.at("run"));
        CHECK(report.at("sequence").as_int64() > before.at("sequence").as_int64());
        CHECK(report.at("trial") == false);
        CHECK(report.at("drift").is_object());
        CHECK(report.at("journal_head").is_string());
    }
    const auto shown = boost::json::parse(agent.run("report").out);
    CHECK(shown.at("run") == before.at("run"));
    CHECK(shown.at("drift").is_object());
}

TEST_CASE("a person who sends a report beside a running agent hears why the hub did not take it")
{
    auto agent = hub_agent{};
    auto running = running_agent{agent};
    REQUIRE(comes_true([&] { return has(running.log(), "msg=pass"); }));
    answers_to_reports(agent, 503, "");
    const auto sent = agent.run("report --send");
    CHECK(sent.status == 1);
    CHECK(has(sent.err, "the hub answered 503 Answer"));
}

TEST_CASE("a report that a person sends without a running agent is a trial, and says what was not collected")
{
    auto agent = hub_agent{};
    CHECK(agent.run("report --send").status == 0);
    const auto report = agent.last_report();
    CHECK(report.at("trial") == true);
    CHECK(report.at("sources").at("drift").at("error").at("code") == "not_collected");
    CHECK(report.at("sources").at("audit_tail").at("error").at("detail")
          == "no agent is running: a person had this report made");
}

TEST_CASE("a report does not pass over the backups that the token may not see")
{
    auto agent = hub_agent{};
    const auto report = [&] { return boost::json::parse(agent.run("report").out); };
    CHECK(report().at("sources").at("backups").at("error").is_null());
    CHECK(report().at("backups").as_array().size() == 1);
    agent.settings["FELHOM_AGENT_PROXMOX_TOKEN_ID"] = sim::demo_tokens::auditor;
    agent.settings["FELHOM_AGENT_PROXMOX_TOKEN_SECRET"] = sim::demo_tokens::auditor_secret;
    const auto seen = report().at("sources").at("backups");
    CHECK(seen.at("error").at("code") == "denied");
    CHECK(has(std::string{seen.at("error").at("detail").as_string()}, "VM.Backup on /vms"));
}

TEST_CASE("a report does not pass over the guests and the storages that the token may not see")
{
    auto agent = hub_agent{};
    const auto sources = [&] { return boost::json::parse(agent.run("report").out).at("sources"); };
    CHECK(sources().at("guests").at("error").is_null());
    agent.server.with_node([](sim::node& node) {
        for (const auto* const privilege : {"VM.Audit", "Datastore.Audit", "Datastore.AllocateSpace"}) {
            node.access.roles.at("FelhomAgent").erase(privilege);
        }
    });
    const auto seen = sources();
    CHECK(has(std::string{seen.at("guests").at("error").at("detail").as_string()}, "lacks VM.Audit on /vms"));
    CHECK(seen.at("vms").at("error") == seen.at("guests").at("error"));
    CHECK(seen.at("storage_targets").at("error").at("code") == "denied");
    CHECK(seen.at("backups").at("error").at("code") == "denied");
}

TEST_CASE("a report does not pass over the backups of a storage that is not active")
{
    auto agent = hub_agent{};
    agent.server.with_node([](sim::node& node) { node.storages.at("local").active = false; });
    const auto backups = boost::json::parse(agent.run("report").out).at("sources").at("backups");
    CHECK(backups.at("error").at("detail") == "storage local: not active");
}

TEST_CASE("after a pass the report says how the host stands, and what local policy kept from the hub")
{
    auto agent = hub_agent{};
    agent.want(7, R"({"vmid":102,"spec":{"memory":8192}},{"vmid":103,"description":"of the hub"})");
    auto running = running_agent{agent};
    CHECK(comes_true([&] { return effects(agent, 103, "config") == 1; }));
    CHECK(comes_true([&] { return has(running.log(), "msg=pass generation=7"); }));
    running.tell(SIGHUP); // the next report comes at once, too
    CHECK(comes_true([&] {
        const auto report = agent.last_report();
        const auto* const desired = report.at("desired").if_object();
        return desired != nullptr && desired->at("generation") == 7 && desired->at("refused").as_array().size() == 1;
    }));
    CHECK(effects(agent, 102, "config") == 0);
    const auto planned = boost::json::parse(agent.run("--json plan").out);
    REQUIRE(planned.at("refused").as_array().size() == 1);
    CHECK(planned.at("refused").at(0).at("guest") == 102);
}

TEST_CASE("what local policy keeps from the hub is told wherever a person looks")
{
    auto agent = hub_agent{};
    agent.want(7, R"({"vmid":102,"spec":{"memory":8192}})");
    {
        auto running = running_agent{agent};
        REQUIRE(comes_true([&] { return has(running.log(), "msg=pass generation=7"); }));
        const auto status = agent.run("status").out;
        CHECK(has(status, "not taken: guest 102: memory: "));
        CHECK(has(status, "guests      0 in sync, 0 wait for a restart, 1 refused, "));
        CHECK(has(status, "refused: memory: "));
        CHECK(running.end_by(SIGTERM).first == 0);
    }
    static constexpr auto told = "Not taken from the hub:\n  102 memory         ";
    CHECK(has(agent.run("plan").out, told));
    CHECK(has(agent.run("explain 102").out, "guest 102, memory: not for the hub: "));
    CHECK(has(agent.run("apply").out, told));
    CHECK(agent.run("plan").status == 2);
    CHECK(agent.run("apply").status == 5);
    CHECK(boost::json::parse(agent.run("--json apply").out).at("refused").at(0).at("key") == "memory");
}

TEST_CASE("a plan counts what the hub has had started and stopped today, as a pass does")
{
    auto agent = hub_agent{};
    agent.settings["FELHOM_AGENT_POLICY_HUB"] = R"({"restarts_a_day":1})";
    agent.want(7, R"({"vmid":103,"run_state":"running"})");
    auto running = running_agent{agent};
    REQUIRE(comes_true([&] { return effects(agent, 103, "start") == 1; }));
    agent.want(8, R"({"vmid":103,"run_state":"stopped"})");
    running.tell(SIGHUP); // the next report comes at once
    REQUIRE(comes_true([&] { return has(running.log(), "msg=pass generation=8"); }));
    const auto planned = boost::json::parse(agent.run("--json plan").out);
    CHECK(planned.at("actions").as_array().empty());
    CHECK(planned.at("refused").at(0).at("key") == "run_state");
}

TEST_CASE("without a document of the hub's no generation is in force")
{
    auto agent = hub_agent{};
    auto running = running_agent{agent};
    REQUIRE(comes_true([&] { return has(running.log(), "msg=pass"); }));
    CHECK(boost::json::parse(agent.run("--json status").out).at("passes").at("desired").at("generation").is_null());
}

TEST_CASE("what the hub blocks is not done, over a restart and while the hub is away")
{
    auto agent = hub_agent{};
    agent.want(7, R"({"vmid":102,"spec":{"memory":1024}})");
    agent.with_host([](sim::hub_host& host) { host.blocked = true; });
    {
        auto running = running_agent{agent};
        CHECK(comes_true([&] { return agent.host().counters.desired_reads == 1; }));
        CHECK(running.end_by(SIGTERM).first == 0);
    }
    agent.hub.stop();
    CHECK(agent.run("apply").status != 0);
    CHECK(agent.run("run --once").status != 0);
    CHECK(effects(agent, 102, "config") == 0);
}

/// An agent that brought about what its hub wanted, and ended; then somebody made the guest anew, as it was before.
void bring_about_and_undo(hub_agent& agent)
{
    agent.want(7, R"({"vmid":102,"spec":{"memory":1024}})");
    {
        auto running = running_agent{agent};
        CHECK(comes_true([&] { return has(running.log(), "msg=pass generation=7"); })); // not in mid-operation
        CHECK(effects(agent, 102, "config") == 1);
    }
    agent.server.with_node([](sim::node& node) {
        sim::add_guest(node, 102,
                       "arch: amd64\nmemory: 512\nostype: debian\nrootfs: local-zfs:subvol-102-disk-0,size=1G\n");
    });
}

/// The hub blocks all changes, and its next answers come so late.
void block_and_delay(hub_agent& agent, std::chrono::milliseconds by)
{
    agent.with_host([](sim::hub_host& host) { host.blocked = true; });
    agent.hub.with_hub([&](sim::hub_store& store) {
        store.faults.push_back({.host = {}, .call = "host-report", .what = sim::hub_fault_kind::late{by}, .times = 1});
    });
}

TEST_CASE("after a start nothing is begun on what the hub said in an earlier run, before it has answered in this one")
{
    auto agent = hub_agent{};
    agent.settings["FELHOM_AGENT_HUB_FIRST_ANSWER_SECONDS"] = "60";
    bring_about_and_undo(agent);
    block_and_delay(agent, 3s);
    auto running = running_agent{agent};
    CHECK(comes_true([&] { return has(running.log(), "no change is begun before the hub has answered"); }));
    CHECK(comes_true([&] { return has(running.log(), "msg=pass generation=7"); }));
    CHECK(effects(agent, 102, "config") == 1);
}

TEST_CASE("a single unattended pass asks the hub first")
{
    auto agent = hub_agent{};
    agent.settings["FELHOM_AGENT_HUB_FIRST_ANSWER_SECONDS"] = "60";
    bring_about_and_undo(agent);
    block_and_delay(agent, 1s);
    CHECK(agent.run("run --once").status != 0);
    CHECK(effects(agent, 102, "config") == 1);
}

TEST_CASE("a hub that does not answer in time is gone on without, and a person who applies is told how old its word is")
{
    auto agent = hub_agent{};
    bring_about_and_undo(agent);
    agent.hub.stop();
    const auto applied = agent.run("apply");
    CHECK(has(applied.err, "note: what the hub said at "));
    CHECK(effects(agent, 102, "config") == 2);
}

TEST_CASE("a report is not sent again because its answer is not understood, and what was in force stays")
{
    auto agent = hub_agent{};
    agent.want(7, R"({"vmid":102,"spec":{"memory":1024}})");
    agent.with_host([](sim::hub_host& host) { host.blocked = true; });
    auto running = running_agent{agent};
    REQUIRE(comes_true([&] { return has(running.log(), "msg=pass generation=7"); }));
    answers_to_reports(agent, 202, "thank you");
    running.tell(SIGHUP); // the next report comes at once
    REQUIRE(comes_true([&] { return has(running.log(), "its answer not understood"); }));
    CHECK(comes_true(
        [&] { return has(agent.run("status").out, "the last report was taken; the hub's answer is not understood"); }));
    const auto status = [&] { return boost::json::parse(agent.run("--json status").out); };
    CHECK(comes_true([&] { return status().at("hub").at("kept_reports") == 0; })); // an older one may still go after it
    CHECK(status().at("hub").at("failures") == 0);
    CHECK(status().at("blocked").as_bool());
    CHECK(effects(agent, 102, "config") == 0);
}

TEST_CASE("a hub that names only its interval lifts no block")
{
    auto agent = hub_agent{};
    agent.want(7, R"({"vmid":102,"spec":{"memory":1024}})");
    agent.with_host([](sim::hub_host& host) { host.blocked = true; });
    auto running = running_agent{agent};
    REQUIRE(comes_true([&] { return has(running.log(), "msg=pass generation=7"); }));
    answers_to_reports(agent, 200, R"({"poll_interval_seconds":90})");
    running.tell(SIGHUP); // the next report comes at once
    CHECK(comes_true([&] { return has(agent.files.read("state/hub-envelope.json"), ":90,"); }));
    CHECK(has(agent.files.read("state/hub-envelope.json"), R"("blocked":true,"desired_generation":7)"));
    CHECK(effects(agent, 102, "config") == 0);
}

TEST_CASE("what the hub blocks is not done, also where its word cannot be kept")
{
    auto agent = hub_agent{};
    agent.want(7, R"({"vmid":102,"spec":{"memory":1024}})");
    agent.with_host([](sim::hub_host& host) { host.blocked = true; });
    const auto in_the_way = agent.files.path() + "/state/.hub-envelope.json.new";
    make_state_directory(agent);
    std::filesystem::create_directory(in_the_way);
    auto running = running_agent{agent};
    CHECK(comes_true([&] { return has(running.log(), "the hub's envelope could not be kept"); }));
    CHECK(comes_true([&] { return has(running.log(), "msg=pass generation=7"); }));
    CHECK(effects(agent, 102, "config") == 0);
    CHECK(boost::json::parse(agent.run("--json status").out).at("blocked").as_bool());
}

TEST_CASE("a last generation that cannot be read keeps the hub's desired state out, and the hub hears how to mend it")
{
    auto agent = hub_agent{};
    agent.want(7, R"({"vmid":102,"spec":{"memory":1024}})");
    make_state_directory(agent);
    agent.files.write("state/hub-generation.json", "rubbish");
    auto running = running_agent{agent};
    REQUIRE(comes_true([&] { return has(running.log(), "generation_unreadable"); }));
    running.tell(SIGHUP); // the next report comes at once
    CHECK(comes_true([&] { return agent.host().counters.reports >= 2; }));
    const auto desired = agent.last_report().at("desired");
    CHECK(desired.at("refused").at(0).at("code") == "generation_unreadable");
    CHECK(has(std::string{desired.at("refused").at(0).at("detail").as_string()}, "desired reset-generation"));
    CHECK(effects(agent, 102, "config") == 0);
    CHECK(has(agent.run("doctor").out, "FAIL  hub           the last generation that was applied cannot be read"));
    CHECK(agent.run("desired reset-generation").status == 0);
    running.tell(SIGHUP);
    CHECK(comes_true([&] { return effects(agent, 102, "config") == 1; }));
}

TEST_CASE("without its hub a host goes on with what was desired last")
{
    auto agent = hub_agent{};
    agent.want(7, R"({"vmid":102,"spec":{"memory":1024}})");
    {
        auto running = running_agent{agent};
        CHECK(comes_true([&] { return has(running.log(), "msg=pass generation=7"); })); // not in mid-operation
        CHECK(effects(agent, 102, "config") == 1);
    }
    agent.hub.stop();
    agent.server.with_node([](sim::node& node) {
        sim::add_guest(node, 102,
                       "arch: amd64\nmemory: 512\nostype: debian\nrootfs: local-zfs:subvol-102-disk-0,size=1G\n");
    });
    auto running = running_agent{agent};
    CHECK(comes_true([&] { return effects(agent, 102, "config") == 2; }));
    CHECK(comes_true([&] { return has(running.log(), "the report was not taken"); }));
    const auto [status, took] = running.end_by(SIGTERM);
    CHECK(status == 0);
    CHECK(took < 6s);
    CHECK(has(running.log(), "ended, as asked")); // and not in the middle of a call
}

TEST_CASE("a hub that hangs does not keep the daemon from taking up a new configuration")
{
    auto agent = hub_agent{};
    agent.hub.with_hub([](sim::hub_store& store) {
        store.faults.push_back({.host = {}, .call = "host-report", .what = sim::hub_fault_kind::late{20s}, .times = 1});
    });
    auto running = running_agent{agent};
    REQUIRE(comes_true([&] { return agent.host().counters.faults == 1; })); // the first report hangs
    running.tell(SIGHUP);
    // The fault lasts for 20 s.
    CHECK(comes_true([&] { return has(running.log(), "reading the configuration anew"); }, 10s));
    CHECK(comes_true([&] { return keeps_envelope(agent); }, 10s));
    CHECK(running.end_by(SIGTERM).first == 0);
}

TEST_CASE("SIGHUP with a configuration under which nothing could be changed leaves the old one in force")
{
    auto agent = hub_agent{};
    agent.want(7, R"({"vmid":102,"spec":{"memory":1024}})");
    auto running = running_agent{agent};
    REQUIRE(comes_true([&] { return effects(agent, 102, "config") == 1; }));
    agent.files.write("config.json", R"({"authz":{"nonce_store":")" + agent.files.path() + R"(/none/store"}})");
    running.tell(SIGHUP);
    CHECK(comes_true([&] { return has(running.log(), "the new configuration is not taken"); }));
    agent.want(8, R"({"vmid":102,"spec":{"memory":2048}})");
    running.tell(SIGHUP); // the next report comes at once
    CHECK(comes_true([&] { return effects(agent, 102, "config") == 2; }));
    CHECK(running.end_by(SIGTERM).first == 0);
}

TEST_CASE("a generation that goes back is not taken, until it is allowed on the host")
{
    auto agent = hub_agent{};
    agent.want(7, R"({"vmid":102,"spec":{"memory":1024}})");
    {
        auto running = running_agent{agent};
        CHECK(comes_true([&] { return has(running.log(), "msg=pass generation=7"); })); // not in mid-operation
        CHECK(effects(agent, 102, "config") == 1);
    }
    agent.want(6, R"({"vmid":102,"spec":{"memory":2048}})");
    {
        auto running = running_agent{agent};
        CHECK(comes_true([&] { return has(running.log(), "generation_went_back"); }));
        CHECK(running.end_by(SIGTERM).first == 0);
    }
    CHECK(effects(agent, 102, "config") == 1);
    CHECK(agent.run("desired reset-generation").status == 0);
    auto running = running_agent{agent};
    CHECK(comes_true([&] { return effects(agent, 102, "config") == 2; }));
}

TEST_CASE("a host that was killed with a generation kept, and not yet its document, takes it and none below")
{
    auto agent = hub_agent{};
    const auto takes = [&](std::uint64_t generation) {
        std::filesystem::remove(agent.files.path() + "/daemon.log"); // of the run before
        auto running = running_agent{agent};
        CHECK(comes_true([&] { return has(running.log(), "msg=pass generation=" + std::to_string(generation)); }));
        CHECK(running.end_by(SIGTERM).first == 0);
        return has(running.log(), "a new desired state\" generation=" + std::to_string(generation));
    };
    agent.want(7, R"({"vmid":102,"spec":{"memory":1024}})");
    CHECK(takes(7));
    const auto old = agent.files.read("state/hub-desired.json");
    agent.want(9, R"({"vmid":102,"spec":{"memory":2048}})");
    CHECK(takes(9));
    agent.files.write("state/hub-desired.json", old);
    agent.want(8, R"({"vmid":102,"spec":{"memory":3072}})");
    {
        auto running = running_agent{agent};
        CHECK(comes_true([&] { return has(running.log(), "generation_went_back"); }));
        CHECK(running.end_by(SIGTERM).first == 0);
    }
    agent.want(9, R"({"vmid":102,"spec":{"memory":2048}})");
    CHECK(takes(9));
}

TEST_CASE("SIGHUP with a key that is not there leaves the old one in force, and the host goes on")
{
    auto agent = hub_agent{};
    agent.settings.erase("FELHOM_AGENT_HUB_API_KEY");
    const auto key = agent.files.write("key", std::string{hub_key}, 0600);
    agent.settings["FELHOM_AGENT_HUB_API_KEY_FILE"] = key;
    auto running = running_agent{agent};
    CHECK(comes_true([&] { return agent.host().counters.reports >= 1; }));
    std::filesystem::rename(key, key + ".off");
    running.tell(SIGHUP);
    CHECK(comes_true([&] { return has(running.log(), "the new configuration is not taken"); }));
    CHECK(comes_true([&] { return agent.host().counters.reports >= 2; }));
    CHECK(running.end_by(SIGTERM).first == 0);
}

TEST_CASE("a signed operation from the hub is carried out once, and the hub gets its result")
{
    auto agent = hub_agent{};
    static_cast<void>(agent.bundle());
    agent.offer(agent.files.read("destroy.bundle"));
    auto running = running_agent{agent};
    CHECK(comes_true([&] { return agent.host().results.size() == 1; }));
    CHECK(agent.destroyed() == 1);
    CHECK(agent.host().results.begin()->second.at("state").as_string() == "succeeded");
    CHECK(agent.host().operations.empty());
}

TEST_CASE("a hub that wishes to be left alone when it is asked for the desired state is asked for nothing else")
{
    auto agent = hub_agent{};
    static_cast<void>(agent.bundle());
    agent.offer(agent.files.read("destroy.bundle"));
    agent.want(7, R"({"vmid":102,"spec":{"memory":1024}})");
    agent.hub.with_hub([](sim::hub_store& store) {
        auto busy = sim::hub_response(503, "Busy", {}, {{"Retry-After", "60"}});
        store.faults.push_back(
            {.host = {}, .call = "desired-state", .what = sim::hub_fault_kind::answers{std::move(busy)}, .times = 1});
    });
    auto running = running_agent{agent};
    REQUIRE(comes_true([&] { return has(running.log(), "the desired state was not fetched"); }));
    REQUIRE(
        comes_true([&] { return has(running.log(), "msg=pass"); })); // and with it what would have been asked at once
    CHECK(agent.host().counters.signed_ops_reads == 0);
    CHECK(agent.destroyed() == 0);
}

TEST_CASE("a hub that offers operations nobody signed destroys nothing, and hears why")
{
    auto agent = hub_agent{};
    static_cast<void>(agent.bundle(stranger_key));
    const auto text = agent.files.read("destroy.bundle");
    agent.with_host([&](sim::hub_host& host) {
        host.operations.push_back({.blob_sha256 = std::string(64, 'a'), .bundle = text});
        host.operations.push_back({.blob_sha256 = std::string(64, 'b'), .bundle = "no bundle"});
    });
    auto running = running_agent{agent};
    CHECK(comes_true([&] { return agent.host().results.size() == 2; }));
    CHECK(agent.destroyed() == 0);
    for (const auto& [blob, result] : agent.host().results) {
        CHECK(result.at("state").as_string() == "refused");
    }
}

TEST_CASE("without a journal a host reports, and changes nothing")
{
    auto agent = hub_agent{};
    agent.want(7, R"({"vmid":102,"spec":{"memory":1024}})");
    make_state_directory(agent);
    agent.files.write("state/journal.log", "nonsense\n");
    auto running = running_agent{agent};
    CHECK(comes_true([&] { return agent.host().counters.desired_reads == 1; }));
    CHECK(comes_true([&] { return has(running.log(), "no journal: changes are disabled, reporting goes on"); }));
    CHECK(agent.last_report().at("sources").at("audit_tail").at("error").is_object());
    agent.server.with_node([](sim::node& node) { CHECK(node.effects.empty()); });
    CHECK(running.end_by(SIGTERM).first == 0);
}

TEST_CASE("a hub that hangs does not keep the daemon from ending")
{
    auto agent = hub_agent{};
    agent.hub.with_hub([](sim::hub_store& store) {
        store.faults.push_back({.host = {}, .call = "host-report", .what = sim::hub_fault_kind::late{20s}, .times = 9});
    });
    auto running = running_agent{agent};
    CHECK(comes_true([&] { return has(running.log(), "msg=pass"); }));
    const auto [status, took] = running.end_by(SIGTERM);
    CHECK(status == 0);
    CHECK(took < 6s);
}

TEST_CASE("a desired state of the hub's that was damaged on the disk is fetched anew, and nothing is done meanwhile")
{
    auto agent = hub_agent{};
    agent.want(7, R"({"vmid":102,"spec":{"memory":1024}})");
    {
        auto running = running_agent{agent};
        REQUIRE(comes_true([&] { return effects(agent, 102, "config") == 1; }));
        REQUIRE(running.end_by(SIGTERM).first == 0);
    }
    auto text = agent.files.read("state/hub-desired.json");
    REQUIRE(text.find("1024") != std::string::npos);
    agent.files.write("state/hub-desired.json", text.replace(text.find("1024"), 4, "2048"));
    const auto reads = agent.host().counters.desired_reads;
    auto running = running_agent{agent};
    CHECK(comes_true([&] { return has(running.log(), "the desired state is asked for anew"); }));
    CHECK(comes_true([&] { return agent.host().counters.desired_reads > reads; }));
    CHECK(comes_true([&] { return has(running.log(), "msg=pass generation=7"); }));
    CHECK(effects(agent, 102, "config") == 1);
}
