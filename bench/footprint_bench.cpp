// SPDX-License-Identifier: Apache-2.0
// What the daemon costs a host: memory, threads, wake-ups and CPU time while nothing happens, the way from its start to
// where it works, and the room it takes on the disk; each beside a bare libcurl and OpenSSL process (bare_client.cpp)
// that made one request of the same node, measured in the same run. The daemon enforces, reports to a hub, and finds
// its guests in their desired state. Node and hub are in this process, so that their cost is not the daemon's.
#include "authz/support/test_key.hpp"
#include "measure.hpp"
#include "sim/hub/hub_server.hpp"
#include "sim/node/demo_world.hpp"
#include "sim/serve/https_server.hpp"
#include "watched_process.hpp"

#include <benchmark/benchmark.h>
#include <sys/stat.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using namespace felhom; // NOLINT(google-build-using-namespace): a benchmark program
using namespace std::chrono_literals;
using bench::is_quick;

constexpr auto host = "host-0001";
constexpr auto hub_key = "k-4f1d2c3b4a59687786958473";
constexpr auto first_guest = std::uint32_t{1000};

auto node_of(std::int64_t guests) -> sim::node
{
    auto node = sim::demo_world(std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()));
    node.guests.clear();
    node.logs_requests = false;
    for (auto id = first_guest; id < first_guest + guests; ++id) {
        const auto digits = std::to_string(id);
        sim::add_guest(node, id,
                       "arch: amd64\ncores: 1\nhostname: g" + digits
                           + "\nmemory: 512\nnet0: name=eth0,bridge=vmbr0,firewall=1,hwaddr=BC:24:11:00:"
                           + digits.substr(0, 2) + ":" + digits.substr(2)
                           + ",ip=dhcp,type=veth\nonboot: 1\nostype: debian\nrootfs: local-zfs:subvol-" + digits
                           + "-disk-0,size=8G\nswap: 512\ntags: customer;web\nunprivileged: 1\n",
                       /*running=*/true);
    }
    return node;
}

auto desired_of(std::int64_t guests) -> std::string
{
    auto text = std::string{};
    for (auto id = first_guest; id < first_guest + guests; ++id) {
        text += (text.empty() ? "" : ",") + (R"({"vmid":)" + std::to_string(id))
                + R"(,"run_state":"running","spec":{"memory":512},"config":{"onboot":true,"tags":"web;customer"}})";
    }
    return R"({"version":1,"generation":1,"guests":[)" + text + "]}";
}

auto hub_that_knows_us() -> sim::hub_store
{
    auto known = sim::hub_store{};
    known.hosts[host] = {.api_key = hub_key};
    return known;
}

/// A node and a hub, and how the two programs are started on them.
class surroundings {
public:
    explicit surroundings(std::int64_t guests) : node_{node_of(guests)}
    {
        const auto signers = R"([{"authorized_key":")" + authz::test_key{authz::key_kind::ed25519}.line()
                             + R"(","tag":"operational","key_id":"op-1"}])";
        environment_ = {
            "FELHOM_AGENT_CONFIG=" + write("config.json", "{}"),
            "FELHOM_AGENT_STATE_DIR=" + path("state"),
            "FELHOM_AGENT_PROXMOX_URL=" + node_.url(),
            "FELHOM_AGENT_PROXMOX_NODE=pve1",
            std::string{"FELHOM_AGENT_PROXMOX_TOKEN_ID="} + sim::demo_tokens::agent,
            std::string{"FELHOM_AGENT_PROXMOX_TOKEN_SECRET="} + sim::demo_tokens::agent_secret,
            "FELHOM_AGENT_PROXMOX_FINGERPRINT=" + node_.fingerprint(),
            "FELHOM_AGENT_DESIRED_SOURCE=file",
            "FELHOM_AGENT_DESIRED_PATH=" + write("desired.json", desired_of(guests)),
            "FELHOM_AGENT_RECONCILE_MODE=enforce",
            "FELHOM_AGENT_AUTHZ_SIGNERS=" + signers,
            "FELHOM_AGENT_HUB_URL=" + hub_.url(),
            std::string{"FELHOM_AGENT_HUB_HOST_ID="} + host,
            std::string{"FELHOM_AGENT_HUB_API_KEY="} + hub_key,
            "FELHOM_AGENT_HUB_CA_FILE=" + write("hub.pem", hub_.certificate_pem()),
        };
    }

    [[nodiscard]] auto start_agent() const -> std::unique_ptr<bench::watched_process>
    {
        return std::make_unique<bench::watched_process>(std::vector<std::string>{FELHOM_AGENT, "run"}, environment_);
    }

    [[nodiscard]] auto start_bare() const -> std::unique_ptr<bench::watched_process>
    {
        const auto header =
            std::string{"Authorization: PVEAPIToken="} + sim::demo_tokens::agent + "=" + sim::demo_tokens::agent_secret;
        return std::make_unique<bench::watched_process>(
            std::vector<std::string>{FELHOM_BARE_CLIENT, node_.url() + "/api2/json/version", header});
    }

    /// Waits for so many reports at the hub.
    void await_reports(std::uint64_t count)
    {
        for (const auto give_up = std::chrono::steady_clock::now() + 90s; reports() < count;) {
            if (std::chrono::steady_clock::now() > give_up) {
                throw std::runtime_error{"the hub gets no report"};
            }
            std::this_thread::sleep_for(20ms);
        }
    }

    [[nodiscard]] auto reports() -> std::uint64_t
    {
        auto count = std::uint64_t{0};
        hub_.with_hub([&](const sim::hub_store& store) { count = store.hosts.at(host).counters.reports; });
        return count;
    }

    [[nodiscard]] auto effects() -> std::size_t
    {
        auto count = std::size_t{0};
        node_.with_node([&](const sim::node& node) { count = node.effects.size(); });
        return count;
    }

private:
    [[nodiscard]] auto path(const char* name) const -> std::string
    {
        return std::filesystem::absolute(files_ / name).lexically_normal();
    }

    /// Private, as the agent demands it of its files.
    [[nodiscard]] auto write(const char* name, std::string_view text) const -> std::string
    {
        auto at = path(name);
        std::ofstream{at, std::ios::binary} << text;
        ::chmod(at.c_str(), S_IRUSR | S_IWUSR);
        return at;
    }

    bench::bench_directory files_;
    sim::https_server node_;
    sim::hub_server hub_{hub_that_knows_us()};
    std::vector<std::string> environment_;
};

/// What happened between two moments, as rates.
struct rates {
    double wakeups_per_s = 0;
    double voluntary_per_s = 0;
    double cpu_ms_a_minute = 0;
};

auto rates_between(const bench::activity& before, const bench::activity& after) -> rates
{
    const auto seconds = std::chrono::duration<double>(after.at - before.at).count();
    auto made = rates{};
    for (const auto& [thread, now] : after.by_thread) {
        const auto known = before.by_thread.find(thread);
        const auto then = known == before.by_thread.end() ? bench::activity::switches{} : known->second;
        made.voluntary_per_s += (now.voluntary - then.voluntary) / seconds;
        made.wakeups_per_s += (now.voluntary + now.involuntary - then.voluntary - then.involuntary) / seconds;
    }
    made.cpu_ms_a_minute = 60'000 * (after.cpu_seconds - before.cpu_seconds) / seconds;
    return made;
}

/// How long nothing is done before something is measured, and for how long it is.
auto settling() -> std::chrono::milliseconds
{
    return is_quick() ? 300ms : 2s;
}
auto window() -> std::chrono::milliseconds
{
    return is_quick() ? 1s : 20s;
}

void report_memory(benchmark::State& state, const bench::watched_process& agent, const bench::watched_process& bare)
{
    static constexpr auto kibibytes = 1024.0;
    const auto compare = [&](const std::string& name, const char* file, std::string_view field) {
        const auto ours = agent.field(file, field) / kibibytes;
        const auto theirs = bare.field(file, field) / kibibytes;
        state.counters[name + "_MiB"] = ours;
        state.counters["bare_" + name + "_MiB"] = theirs;
        state.counters[name + "_ratio"] = ours / theirs;
    };
    compare("rss", "status", "VmRSS:");
    compare("anon", "status", "RssAnon:");
    compare("pss", "smaps_rollup", "Pss:");
    state.counters["threads"] = agent.field("status", "Threads:");
    state.counters["bare_threads"] = bare.field("status", "Threads:");
}

void report_rates(benchmark::State& state, const std::string& of, const rates& measured)
{
    state.counters[of + "wakeups_per_s"] = measured.wakeups_per_s;
    state.counters[of + "voluntary_per_s"] = measured.voluntary_per_s;
    state.counters[of + "cpu_ms_a_minute"] = measured.cpu_ms_a_minute;
}

/// Idle is the time between two passes. The figures called minute_ are of a whole round, from one pass and one report
/// to the next ones, which is too long for the proof that a benchmark runs.
void idle(benchmark::State& state)
{
    for (auto _ : state) {
        auto around = surroundings{state.range(0)};
        const auto bare = around.start_bare();
        bare->await("ready");
        const auto agent = around.start_agent();
        agent->await("msg=pass");
        agent->await("compared=" + std::to_string(state.range(0)));
        around.await_reports(1);
        std::this_thread::sleep_for(settling());
        const auto agent_before = agent->activity_until_now();
        const auto bare_before = bare->activity_until_now();
        std::this_thread::sleep_for(window());
        report_rates(state, "", rates_between(agent_before, agent->activity_until_now()));
        report_rates(state, "bare_", rates_between(bare_before, bare->activity_until_now()));
        report_memory(state, *agent, *bare);
        if (!is_quick()) {
            agent->await("msg=pass", 90s);
            around.await_reports(2);
            std::this_thread::sleep_for(settling());
            report_rates(state, "minute_", rates_between(agent_before, agent->activity_until_now()));
        }
        if (around.effects() != 0 || agent->end() != EXIT_SUCCESS) {
            throw std::runtime_error{"the guests were not as desired, or the agent failed"};
        }
    }
}

/// Of several starts, in turns.
struct starts {
    std::vector<double> cpu_ms;
    std::vector<double> wall_ms;

    void note(const bench::watched_process& ready)
    {
        cpu_ms.push_back(1000 * ready.cpu_seconds());
        wall_ms.push_back(1000 * ready.wall_seconds());
    }
};

void report_starts(benchmark::State& state, const std::string& until, const starts& ours, const starts& bare)
{
    state.counters[until + "_cpu_ms"] = bench::median(ours.cpu_ms);
    state.counters[until + "_cpu_ratio"] = bench::median_ratio(ours.cpu_ms, bare.cpu_ms);
    state.counters[until + "_wall_ms"] = bench::median(ours.wall_ms);
    state.counters[until + "_wall_ratio"] = bench::median_ratio(ours.wall_ms, bare.wall_ms);
}

/// Until the agent works, and until it has read the whole node and its first pass is over; the bare process, until its
/// one request is answered. What the agent goes on to do while its line is being read counts against it.
void start_to_ready(benchmark::State& state)
{
    auto around = surroundings{state.range(0)};
    auto until_running = starts{};
    auto until_pass = starts{};
    auto of_bare = starts{};
    const auto start_once = [&](starts& running, starts& pass, starts& ready) {
        const auto bare = around.start_bare();
        bare->await("ready");
        ready.note(*bare);
        const auto agent = around.start_agent();
        agent->await("msg=running");
        running.note(*agent);
        agent->await("msg=pass");
        pass.note(*agent);
        if (agent->end() != EXIT_SUCCESS) {
            throw std::runtime_error{"the agent failed"};
        }
    };
    auto first = starts{}; // makes the state directory, and fills the caches of the file system
    start_once(first, first, first);
    for (auto _ : state) {
        start_once(until_running, until_pass, of_bare);
    }
    report_starts(state, "running", until_running, of_bare);
    report_starts(state, "first_pass", until_pass, of_bare);
    state.counters["bare_cpu_ms"] = bench::median(of_bare.cpu_ms);
    state.counters["bare_wall_ms"] = bench::median(of_bare.wall_ms);
}

void stripped_size(benchmark::State& state)
{
    const auto directory = bench::bench_directory{};
    const auto size_of = [&](const char* program) {
        const auto stripped = directory / "stripped";
        auto strip = bench::watched_process{{FELHOM_STRIP, "-o", stripped, program}};
        if (strip.wait() != EXIT_SUCCESS) {
            throw std::runtime_error{"strip failed"};
        }
        return static_cast<double>(std::filesystem::file_size(stripped)) / 1024;
    };
    for (auto _ : state) {
        const auto ours = size_of(FELHOM_AGENT);
        const auto bare = size_of(FELHOM_BARE_CLIENT);
        state.counters["KiB"] = ours;
        state.counters["bare_KiB"] = bare;
        state.counters["size_ratio"] = ours / bare;
    }
}

/// The benchmark, or why it could not be.
template <auto Measure>
void footprint(benchmark::State& state)
{
    try {
        Measure(state);
    } catch (const std::exception& error) {
        state.SkipWithError(error.what());
    }
}

} // namespace

BENCHMARK(footprint<idle>)->Name("idle")->ArgName("guests")->Arg(100)->Iterations(1)->UseRealTime();
BENCHMARK(footprint<start_to_ready>)
    ->Name("start_to_ready")
    ->ArgName("guests")
    ->Arg(1)
    ->Arg(100)
    ->Iterations(is_quick() ? 1 : 15)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(footprint<stripped_size>)->Name("stripped_size")->Iterations(1)->UseRealTime();
