// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/node/demo_world.hpp"
#include "sim/node/node.hpp"

#include <felhom/core/instant.hpp>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <chrono>
#include <string>
#include <utility>

namespace felhom::sim::testing {

inline constexpr auto noon = instant{std::chrono::seconds{1795435200}};

/// The demo world, asked with the agent's token; its time passes when it is told.
class world {
public:
    explicit world(pve_version version = pve_version::v9) : node_{demo_world(noon, version)} {}

    auto send(const std::string& method, const std::string& path, const std::string& body = "") -> http_response
    {
        return ask(method, "/nodes/pve1" + path, body);
    }

    auto ask(const std::string& method, const std::string& path, const std::string& body = "") -> http_response
    {
        return node_.handle(http_request{.method = method,
                                         .target = "/api2/json" + path,
                                         .headers = {{"Authorization", std::string{"PVEAPIToken="} + demo_tokens::agent
                                                                           + "=" + demo_tokens::agent_secret}},
                                         .body = body},
                            now_);
    }

    auto data(const std::string& path) -> boost::json::value
    {
        return boost::json::parse(send("GET", path).body).at("data");
    }

    /// What stands below /cluster.
    auto cluster(const std::string& path) -> boost::json::value
    {
        return boost::json::parse(ask("GET", "/cluster" + path).body).at("data");
    }

    /// Starts a task and returns its UPID.
    auto start(const std::string& method, const std::string& path, const std::string& body = "") -> std::string
    {
        return std::string{boost::json::parse(send(method, path, body).body).at("data").as_string()};
    }

    auto task(const std::string& upid) -> boost::json::object { return data("/tasks/" + upid + "/status").as_object(); }

    auto exit_status(const std::string& upid) -> std::string
    {
        return std::string{task(upid).at("exitstatus").as_string()};
    }

    void wait(std::chrono::milliseconds time) { node_.advance(now_ += time); }
    void inject(fault one) { node_.faults.push_back(std::move(one)); }
    [[nodiscard]] auto on() -> node& { return node_; }
    auto operator->() -> node* { return &node_; }

private:
    node node_;
    instant now_ = noon;
};

inline auto memory_of(world& w, int vmid) -> std::int64_t
{
    return w.data("/lxc/" + std::to_string(vmid) + "/config").at("memory").as_int64();
}

} // namespace felhom::sim::testing
