// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/catch.hpp"

#include <felhom/core/node_name.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/proxmox/api/exchange.hpp>
#include <felhom/proxmox/tasks/upid.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <fstream>
#include <sstream>
#include <string>

// Answers to test with: recorded ones, and small ones written where they are used.
namespace sample {

inline auto answer(std::string body) -> felhom::net::exchanged
{
    return felhom::net::response{.status = 200, .reason = "OK", .body = std::move(body)};
}

inline auto data(const std::string& json) -> felhom::net::exchanged
{
    return answer(R"({"data":)" + json + "}");
}

inline auto error(int status, std::string reason, std::string body = R"({"data":null})") -> felhom::net::exchanged
{
    return felhom::net::response{.status = status, .reason = std::move(reason), .body = std::move(body)};
}

/// The response of a file in tests/data/pve-samples.
inline auto recorded(const std::string& name) -> felhom::net::exchanged
{
    auto file = std::ifstream{FELHOM_DATA "/pve-samples/" + name + ".json"};
    auto text = std::ostringstream{};
    text << file.rdbuf();
    INFO(name);
    REQUIRE(file.good());
    const auto document = boost::json::parse(text.str());
    const auto& response = document.at("response");
    const auto& body = response.at("body");
    return felhom::net::response{
        .status = response.at("status").to_number<int>(),
        .reason = std::string{response.at("reason").as_string()},
        .body = body.is_string() ? std::string{body.as_string()} : boost::json::serialize(body),
    };
}

inline auto node(const std::string& name = "pve1") -> felhom::node_name
{
    return *felhom::node_name::parse(name);
}

inline auto guest(std::uint64_t number = 101) -> felhom::vmid
{
    return *felhom::vmid::from_number(number);
}

/// A task of node pve1, told from others by its process id.
inline auto task(std::uint32_t pid = 1, const std::string& type = "vzstart", const std::string& id = "101")
    -> felhom::proxmox::upid
{
    auto hex = std::ostringstream{};
    hex.fill('0');
    hex.width(8);
    hex << std::hex << std::uppercase << pid;
    return *felhom::proxmox::upid::parse("UPID:pve1:" + hex.str() + ":0006B329:6B041E06:" + type + ":" + id
                                         + ":felhom@pve!agent:");
}

} // namespace sample
