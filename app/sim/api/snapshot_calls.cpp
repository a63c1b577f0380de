// SPDX-License-Identifier: Apache-2.0
#include "sim/api/calls.hpp"
#include "sim/api/text.hpp"
#include "sim/node/config_update.hpp"

#include <algorithm>

namespace felhom::sim {

namespace {

auto snapshot_of(const call& c) -> tl::expected<config_section*, refusal>
{
    return c.guest_here().and_then([&](guest* of) -> tl::expected<config_section*, refusal> {
        const auto name = c.given.text("snapname");
        const auto found = of->config.snapshots.find(name);
        if (found == of->config.snapshots.end()) {
            return died("snapshot '" + name + "' does not exist");
        }
        return &found->second;
    });
}

auto described(const std::string& name, const config_section& section) -> json::object
{
    auto row = json::object{{"name", name},
                            {"description", value_of(section, "description")},
                            {"snaptime", number_of(value_of(section, "snaptime"))}};
    if (const auto parent = value_of(section, "parent"); !parent.empty()) {
        row["parent"] = parent;
    }
    return row;
}

} // namespace

auto list_snapshots(const call& c) -> answer
{
    return c.guest_here().and_then([&](guest* of) -> answer {
        auto rows = json::array{};
        for (const auto& [name, section] : of->config.snapshots) {
            rows.push_back(described(name, section));
        }
        auto current = json::object{{"name", "current"},
                                    {"description", "You are here!"},
                                    {"running", of->running ? 1 : 0},
                                    {"digest", digest_of(of->config)}};
        if (const auto parent = value_of(of->config.current, "parent"); !parent.empty()) {
            current["parent"] = parent;
        }
        rows.push_back(std::move(current));
        return reply{.data = std::move(rows)};
    });
}

auto take_snapshot(const call& c) -> answer
{
    const auto name = c.given.text("snapname");
    if (name == "current" || name == "vzdump") {
        return died("unable to use snapshot name '" + name + "' (reserved name)");
    }
    return started(c, "vzsnapshot",
                   job::take_snapshot{.vmid = c.vmid(), .name = name, .description = c.given.text("description")});
}

auto snapshot_index(const call& /*c*/) -> answer
{
    return reply{.data = json::array{json::object{{"cmd", "rollback"}}, json::object{{"cmd", "config"}}}};
}

auto snapshot_config(const call& c) -> answer
{
    return snapshot_of(c).map([&](const config_section* section) {
        auto view = json::object{};
        for (const auto& [key, value] : *section) {
            view[key] = typed(key, value, c.on.schema().config_keys());
        }
        return reply{.data = std::move(view)};
    });
}

auto describe_snapshot(const call& c) -> answer
{
    return snapshot_of(c).map([&](config_section* section) {
        if (c.given.has("description")) {
            (*section)["description"] = canonical(c.on, "description", c.given.text("description"));
        }
        return reply{};
    });
}

auto roll_back(const call& c) -> answer
{
    return started(c, "vzrollback",
                   job::roll_back{.vmid = c.vmid(), .name = c.given.text("snapname"), .start = c.given.flag("start")});
}

auto delete_snapshot(const call& c) -> answer
{
    return started(c, "vzdelsnapshot", job::delete_snapshot{.vmid = c.vmid(), .name = c.given.text("snapname")});
}

auto guest_feature(const call& c) -> answer
{
    return c.guest_here().map([&](guest* of) {
        const auto has = std::ranges::all_of(of->config.current, [&](const auto& entry) {
            const auto& [key, value] = entry;
            const auto in = c.on.storages.find(value.substr(0, value.find(':')));
            return (key != "rootfs" && !is_indexed(key, "mp"))
                   || (in != c.on.storages.end() && in->second.takes_snapshots());
        });
        return reply{.data = json::object{{"hasFeature", has ? 1 : 0}}};
    });
}

} // namespace felhom::sim
