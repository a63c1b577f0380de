#include "hub_agent.hpp"
#include "support/catch.hpp"

#include <chrono>
#include <filesystem>
#include <string>

using namespace felhom;
using namespace felhom::testing;
using namespace std::chrono_literals;

TEST_CASE("the first report comes at once, and the hub's desired state is brought about")
{
    auto agent = hub_agent{};
    agent.want(7, R"({"vmid":102,"spec":{"memory":1024}})");
    auto running = running_agent{agent};
    CHECK(comes_true([&] { return effects(agent, 102, "config") == 1; }));
    REQUIRE(agent.host().reports.size() >= 1);
    const auto report = agent.last_report();
    CHECK(report.at("host_id").as_string() == this_host.text());
    CHECK(report.at("node").at("name").as_string() == "pve1");
    CHECK(report.at("guests").at("items").as_array().size() >= 3);
    CHECK(running.end_by(SIGTERM).first == 0);
    CHECK_FALSE(has(running.log(), hub_key));
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
        const auto* const desired = report.at("desired").at("value").if_object();
        return desired != nullptr && desired->at("generation") == 7 && desired->at("refused").as_array().size() == 1;
    }));
    CHECK(effects(agent, 102, "config") == 0);
    const auto planned = boost::json::parse(agent.run("--json plan").out);
    REQUIRE(planned.at("refused").as_array().size() == 1);
    CHECK(planned.at("refused").at(0).at("guest") == 102);
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
    std::filesystem::create_directories(agent.files.path() + "/state");
    std::filesystem::permissions(agent.files.path() + "/state", std::filesystem::perms::owner_all);
    agent.files.write("state/journal.log", "nonsense\n");
    auto running = running_agent{agent};
    CHECK(comes_true([&] { return agent.host().counters.desired_reads == 1; }));
    CHECK(comes_true([&] { return has(running.log(), "nothing is changed, only reported"); }));
    CHECK(agent.last_report().at("audit_tail").at("error").is_object());
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
