// SPDX-License-Identifier: Apache-2.0
#include "demo/demo_daemon.hpp"

#include "demo/child.hpp"
#include "sim/hub/hub_server.hpp"

#include <felhom/authz/operation/bundle.hpp>
#include <felhom/core/json/writer.hpp>
#include <felhom/core/sha256.hpp>

#include <boost/json/object.hpp>

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace felhom::demo {

namespace {

constexpr auto daemon_config = std::string_view{"daemon.json"};
constexpr auto hub_key = std::string_view{"demo-key-of-pve1"};
constexpr auto demo_host = std::string_view{"pve1"};

[[nodiscard]] auto hub_that_knows_us() -> sim::hub_store
{
    auto known = sim::hub_store{};
    known.hosts[std::string{demo_host}] = {.api_key = std::string{hub_key}};
    return known;
}

/// A hub, and the daemon that reports to it.
class daemon_scene {
public:
    explicit daemon_scene(stage& on) : on_{on}
    {
        on.files().write("hub.pem", hub_.certificate_pem());
        auto config = on.basic_config("daemon-state");
        config["hub"] = {
            {"host_id", demo_host}, {"url", hub_.url()}, {"api_key", hub_key}, {"ca_file", on.files().at("hub.pem")}};
        config["desired"] = {{"source", "hub"}};
        config["reconcile"] = {{"mode", "enforce"}};
        config["policy"] = {{"hub", {{"keys", {{"memory", {{"least", 64}, {"greatest", 4096}}}}}}}};
        config["log"] = {{"level", "error"}};
        on.files().write(daemon_config, json_text(config));
    }

    [[nodiscard]] auto hub() -> sim::hub_server& { return hub_; }

    void want(std::uint64_t generation, std::string_view guests)
    {
        with_host([&](sim::hub_host& known) {
            known.desired = sim::hub_document{.generation = generation,
                                              .text = R"({"version":1,"generation":)" + std::to_string(generation)
                                                      + R"(,"guests":[)" + std::string{guests} + "]}"};
        });
    }

    void offer(const std::string& bundle)
    {
        const auto blob = authz::parse_bundle(bundle).map([](const auto& both) { return sha256(both.blob); });
        with_host([&](sim::hub_host& known) {
            known.operations.push_back(
                {.blob_sha256 = blob && *blob ? to_hex(**blob) : std::string{}, .bundle = bundle});
        });
    }

    [[nodiscard]] auto reports() -> std::size_t
    {
        auto count = std::size_t{0};
        with_host([&](const sim::hub_host& known) { count = known.reports.size(); });
        return count;
    }

    [[nodiscard]] auto results() -> std::size_t
    {
        auto count = std::size_t{0};
        with_host([&](const sim::hub_host& known) { count = known.results.size(); });
        return count;
    }

    /// Waits until the guest has been changed so often.
    [[nodiscard]] auto is_changed(sim::guest_id guest, int times) -> bool
    {
        return comes_about([&] { return on_.times(guest, "config") == times; });
    }

private:
    template <typename Use>
    void with_host(const Use& use)
    {
        hub_.with_hub([&](sim::hub_store& store) { use(store.hosts.at(std::string{demo_host})); });
    }

    stage& on_;
    sim::hub_server hub_{hub_that_knows_us()};
};

/// Reports and fetches are a minute apart or more; a new reading of the configuration brings the next one now.
void do_not_wait(stage& on, const child& daemon)
{
    on.say("$ kill -HUP                (the next report, now)");
    daemon.tell(SIGHUP);
}

} // namespace

auto show_daemon(stage& on) -> bool
{
    auto scene = daemon_scene{on};
    const auto before = on.times(102, "config");
    on.say("\n-- Unattended: a hub wants 102 to have 768 MiB, and the daemon is started.");
    scene.want(1, R"({"vmid":102,"spec":{"memory":768}})");
    on.say("\n$ felhom-agent run &");
    auto daemon = child{on.words(daemon_config, {"run"})};
    if (!scene.is_changed(102, before + 1) || !comes_about([&] { return scene.reports() >= 1; })
        || on.run(daemon_config, {"status"}) != exit_code::success) {
        return false;
    }
    on.say("\n-- A new generation: 640 MiB.");
    scene.want(2, R"({"vmid":102,"spec":{"memory":640}})");
    do_not_wait(on, daemon);
    if (!scene.is_changed(102, before + 2)) {
        return false;
    }
    on.say("\n-- The hub passes on an operation that an operator has signed: 110 is destroyed, and the hub has the "
           "result.");
    const auto bundle = on.sign_destroy("110", on.digest_of(110));
    if (!bundle) {
        on.complain(bundle.error());
        return false;
    }
    scene.offer(*bundle);
    do_not_wait(on, daemon);
    if (!comes_about([&] { return scene.results() == 1; }) || on.times(110, "destroy") != 1) {
        return false;
    }
    on.say("\n-- The hub is away; somebody changes 102 by hand, and the daemon changes it back by itself.");
    scene.hub().stop();
    on.server().with_node([](sim::node& node) { node.guests.at(102).config.current["memory"] = "2048"; });
    do_not_wait(on, daemon);
    if (!scene.is_changed(102, before + 3)) {
        return false;
    }
    on.say("\n-- The hub is back, and hears of it.");
    const auto heard = scene.reports();
    scene.hub().start();
    do_not_wait(on, daemon);
    const auto back = comes_about([&] { return scene.reports() > heard; });
    on.say("\n$ kill -TERM");
    daemon.tell(SIGTERM);
    return daemon.wait() == 0 && back;
}

} // namespace felhom::demo
