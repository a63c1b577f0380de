// SPDX-License-Identifier: Apache-2.0
#include "agent/engine/operation_io.hpp"
#include "io/net/api_client.hpp"
#include "sim/node/demo_world.hpp"
#include "sim/serve/https_server.hpp"

#include <felhom/operate/procedures/plan_pass.hpp>

#include <benchmark/benchmark.h>
#include <curl/curl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

// A full read of N guests from a node that serves three requests at once, 2 ms each, over HTTPS: a whole observation
// and plan of ours, beside a bare libcurl multi handle with eight transfers that reads the same addresses and throws
// the bodies away, and beside one with four, as many as ours: the more transfers wait in the node, the more of them end
// at once, and the fewer times the reader wakes. The node is a process of its own, so cpu_ms is the reader's alone.
namespace {

using namespace felhom; // NOLINT(google-build-using-namespace): a benchmark

auto now() -> instant
{
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

auto guest_count() -> std::uint32_t
{
    return std::getenv("FELHOM_BENCH_QUICK") != nullptr ? 100 : 1000;
}

auto node_of(std::uint32_t guests) -> sim::node
{
    auto node = sim::demo_world(now());
    node.guests.clear();
    node.logs_requests = false;
    for (auto number = 0U; number < guests; ++number) {
        sim::add_guest(node, 1000 + number,
                       "arch: amd64\ncores: 1\nhostname: g\nmemory: 512\nostype: debian\nswap: 512\n");
    }
    return node;
}

auto settings() -> sim::server_settings
{
    return {.latency = std::chrono::milliseconds{2}, .most_in_flight = 3};
}

void write_line(int to, const std::string& text)
{
    if (::write(to, text.data(), text.size()) != static_cast<::ssize_t>(text.size())) {
        ::_exit(EXIT_FAILURE);
    }
}

auto read_line(int from) -> std::string
{
    auto line = std::string{};
    for (auto c = '\0'; ::read(from, &c, 1) == 1 && c != '\n';) {
        line += c;
    }
    return line;
}

/// A node that serves in a process of its own.
class node_process {
public:
    explicit node_process(std::uint32_t guests)
    {
        if (::pipe(from_node_.data()) != 0 || ::pipe(to_node_.data()) != 0) {
            std::abort();
        }
        child_ = ::fork();
        if (child_ == 0) {
            serve(guests);
        }
        ::close(from_node_[1]);
        ::close(to_node_[0]);
        url_ = read_line(from_node_[0]);
        fingerprint_ = read_line(from_node_[0]);
    }
    node_process(const node_process&) = delete;
    auto operator=(const node_process&) -> node_process& = delete;
    ~node_process()
    {
        ::close(to_node_[1]);
        ::close(from_node_[0]);
        ::waitpid(child_, nullptr, 0);
    }

    [[nodiscard]] auto url() const -> const std::string& { return url_; }
    [[nodiscard]] auto fingerprint() const -> const std::string& { return fingerprint_; }

    /// What the node has seen until now.
    [[nodiscard]] auto counters() const -> sim::server_counters
    {
        write_line(to_node_[1], "counters\n");
        auto seen = sim::server_counters{};
        auto line = std::istringstream{read_line(from_node_[0])};
        line >> seen.requests >> seen.connections >> seen.full_handshakes;
        return seen;
    }

private:
    /// Answers each line with the counters, until there are no more lines.
    [[noreturn]] void serve(std::uint32_t guests) const
    {
        ::close(from_node_[0]);
        ::close(to_node_[1]);
        const auto server = sim::https_server{node_of(guests), settings()};
        write_line(from_node_[1], server.url() + "\n" + server.fingerprint() + "\n");
        while (!read_line(to_node_[0]).empty()) {
            const auto seen = server.counters();
            write_line(from_node_[1], std::to_string(seen.requests) + " " + std::to_string(seen.connections) + " "
                                          + std::to_string(seen.full_handshakes) + "\n");
        }
        ::_exit(EXIT_SUCCESS);
    }

    std::array<int, 2> from_node_{};
    std::array<int, 2> to_node_{};
    ::pid_t child_ = -1;
    std::string url_;
    std::string fingerprint_;
};

void report(benchmark::State& state, const sim::server_counters& seen, std::clock_t cpu)
{
    const auto runs = static_cast<double>(state.iterations());
    state.counters["requests"] = static_cast<double>(seen.requests) / runs;
    state.counters["connections"] = static_cast<double>(seen.connections) / runs;
    state.counters["full_handshakes"] = static_cast<double>(seen.full_handshakes) / runs;
    state.counters["cpu_ms"] = 1000.0 * static_cast<double>(cpu) / CLOCKS_PER_SEC / runs;
    state.counters["requests_per_s"] =
        benchmark::Counter(static_cast<double>(seen.requests), benchmark::Counter::kIsRate);
}

void observe_and_plan(benchmark::State& state)
{
    const auto server = node_process{guest_count()};
    auto desired = reconcile::desired_state{.generation = 1, .guests = {}};
    for (auto number = 0U; number < guest_count(); ++number) {
        desired.guests.push_back({.id = *vmid::from_number(1000 + number),
                                  .run = std::nullopt,
                                  .entries = {{.key = "memory", .value = "512"}}});
    }
    const auto input = operate::pass_input{.node = *node_name::parse("pve1"),
                                           .token = *proxmox::token_id::parse(sim::demo_tokens::agent),
                                           .desired = desired,
                                           .last_inventory = {}};
    const auto began = std::clock();
    for (auto _ : state) {
        const auto in = agent::node_io{
            .exchange =
                io::api_client{
                    *net::endpoint::parse(server.url()), *net::fingerprint::parse(server.fingerprint()),
                    *proxmox::api_token::parse(sim::demo_tokens::agent, secret{sim::demo_tokens::agent_secret})},
            .now = now,
            .sleep_for = [](std::chrono::milliseconds pause) { std::this_thread::sleep_for(pause); }};
        const auto pass = agent::run(in, operate::plan_pass(input));
        if (!pass || pass->plan.compared() != guest_count()) {
            state.SkipWithError("the node could not be read");
            return;
        }
    }
    const auto cpu = std::clock() - began;
    report(state, server.counters(), cpu);
}

void peer_bare_libcurl(benchmark::State& state)
{
    const auto transfers = static_cast<unsigned>(state.range(0));
    const auto server = node_process{guest_count()};
    const auto header =
        std::string{"Authorization: PVEAPIToken="} + sim::demo_tokens::agent + "=" + sim::demo_tokens::agent_secret;
    auto* const headers = curl_slist_append(nullptr, header.c_str());
    const auto began = std::clock();
    for (auto _ : state) {
        auto* const multi = curl_multi_init();
        curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, static_cast<long>(transfers));
        auto next = 0U;
        auto running = 0;
        const auto add = [&](CURL* easy) {
            const auto url = server.url() + "/api2/json/nodes/pve1/lxc/" + std::to_string(1000 + next++) + "/pending";
            curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
            curl_multi_add_handle(multi, easy);
        };
        auto handles = std::vector<CURL*>{};
        for (auto number = 0U; number < transfers; ++number) {
            auto* const easy = curl_easy_init();
            curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
            curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
            curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
            curl_easy_setopt(
                easy, CURLOPT_WRITEFUNCTION,
                +[](char*, std::size_t size, std::size_t count, void*) { return size * count; });
            handles.push_back(easy);
            add(easy);
        }
        do {
            curl_multi_perform(multi, &running);
            auto left = 0;
            while (auto* const message = curl_multi_info_read(multi, &left)) {
                auto* const easy = message->easy_handle;
                curl_multi_remove_handle(multi, easy);
                if (next < guest_count()) {
                    add(easy);
                    running = 1;
                }
            }
            curl_multi_poll(multi, nullptr, 0, 100, nullptr);
        } while (running > 0);
        for (auto* const easy : handles) {
            curl_easy_cleanup(easy);
        }
        curl_multi_cleanup(multi);
    }
    const auto cpu = std::clock() - began;
    report(state, server.counters(), cpu);
    curl_slist_free_all(headers);
}

} // namespace

BENCHMARK(observe_and_plan)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(5);
BENCHMARK(peer_bare_libcurl)
    ->ArgName("transfers")
    ->Arg(8)
    ->Arg(4)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->Iterations(5);
