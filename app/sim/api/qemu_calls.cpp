// SPDX-License-Identifier: Apache-2.0
#include "sim/api/calls.hpp"
#include "sim/api/text.hpp"
#include "sim/node/volumes.hpp"

#include <felhom/core/contains.hpp>

#include <array>

// Virtual machines are only neighbours here: they can be read, and none can start.
namespace felhom::sim {

namespace {

auto typed_machine(std::string_view key, const std::string& value) -> json::value
{
    static constexpr auto integers = std::array<std::string_view, 4>{"cores", "sockets", "numa", "onboot"};
    const auto is_number = contains(integers, key) && is_decimal(value);
    return is_number ? json::value(number_of(value)) : json::value(value);
}

auto machine_called(const call& c) -> tl::expected<const config_section*, refusal>
{
    const auto found = c.on.virtual_machines.find(c.vmid());
    if (found == c.on.virtual_machines.end()) {
        return died("Configuration file 'nodes/" + c.on.settings.name + "/qemu-server/" + std::to_string(c.vmid())
                    + ".conf' does not exist");
    }
    return &found->second;
}

auto row_of(guest_id vmid, const config_section& config) -> json::object
{
    const auto disk = value_of(config, "scsi0");
    const auto size = disk.rfind("size=");
    return json::object{{"vmid", vmid},
                        {"name", value_of(config, "name")},
                        {"status", "stopped"},
                        {"cpus", number_of(value_of(config, "cores"))},
                        {"cpu", 0},
                        {"mem", 0},
                        {"maxmem", number_of(value_of(config, "memory")) << 20U},
                        {"disk", 0},
                        {"maxdisk", size == std::string::npos ? 0 : parse_size(disk.substr(size + 5))},
                        {"netin", 0},
                        {"netout", 0},
                        {"uptime", 0}};
}

} // namespace

auto list_machines(const call& c) -> answer
{
    auto rows = json::array{};
    for (const auto& [vmid, config] : c.on.virtual_machines) {
        if (c.may(vms_path(vmid), "VM.Audit")) {
            rows.push_back(row_of(vmid, config));
        }
    }
    return reply{.data = std::move(rows)};
}

auto machine_config(const call& c) -> answer
{
    return machine_called(c).map([&](const config_section* config) {
        auto view = json::object{{"digest", digest_of(config_file{.current = *config})}};
        for (const auto& [key, value] : *config) {
            view[key] = typed_machine(key, value);
        }
        return reply{.data = std::move(view)};
    });
}

auto machine_pending(const call& c) -> answer
{
    return machine_called(c).map([&](const config_section* config) {
        auto rows = json::array{json::object{{"key", "digest"}, {"value", digest_of(config_file{.current = *config})}}};
        for (const auto& [key, value] : *config) {
            rows.push_back(json::object{{"key", key}, {"value", typed_machine(key, value)}});
        }
        return reply{.data = std::move(rows)};
    });
}

auto machine_status(const call& c) -> answer
{
    return machine_called(c).map([&](const config_section* config) {
        auto row = row_of(c.vmid(), *config);
        row["qmpstatus"] = "stopped";
        row["ha"] = json::object{{"managed", 0}};
        return reply{.data = std::move(row)};
    });
}

auto start_machine(const call& c) -> answer
{
    return reply{.data = json::value(c.on.spawn(
                     c.by, "qmstart", std::to_string(c.vmid()),
                     job::fail{.text = "KVM virtualisation configured, but not available. Either disable in VM "
                                       "configuration or enable in BIOS.",
                               .lines = {}}))};
}

auto machine_resource(const node& on, guest_id vmid) -> json::object
{
    auto row = row_of(vmid, on.virtual_machines.at(vmid));
    row["id"] = "qemu/" + std::to_string(vmid);
    row["type"] = "qemu";
    row["node"] = on.settings.name;
    row["maxcpu"] = row["cpus"];
    row["template"] = 0;
    row["diskread"] = 0;
    row["diskwrite"] = 0;
    row.erase("cpus");
    return row;
}

} // namespace felhom::sim
