// SPDX-License-Identifier: Apache-2.0
#include "sim/api/calls.hpp"
#include "sim/api/text.hpp"
#include "sim/node/config_update.hpp"
#include "sim/node/volumes.hpp"

#include <felhom/core/ascii.hpp>

namespace felhom::sim {

namespace {

auto seconds_between(instant from, instant to) -> std::int64_t
{
    return std::chrono::duration_cast<std::chrono::seconds>(to - from).count();
}

auto number_or(const config_section& section, std::string_view key, std::int64_t otherwise) -> std::int64_t
{
    const auto text = value_of(section, key);
    return text.empty() ? otherwise : number_of(text);
}

auto name_of(guest_id vmid, const guest& of) -> std::string
{
    const auto hostname = value_of(of.config.current, "hostname");
    return hostname.empty() ? "CT" + std::to_string(vmid) : hostname;
}

auto disk_bytes(const node& on, const guest& of) -> std::int64_t
{
    static constexpr auto when_unknown = std::int64_t{4} << 30U;
    for (const auto& [key, value] : properties_of(on, "rootfs", value_of(of.config.current, "rootfs"))) {
        if (key == "size") {
            return parse_size(value);
        }
    }
    return when_unknown;
}

/// PVE 9's pressure stall figures: text in a list, and null where the kernel gives none.
void add_pressure(const node& on, json::object& row)
{
    for (const auto* const what : {"cpu", "io", "memory"}) {
        for (const auto* const how : {"some", "full"}) {
            row["pressure" + std::string{what} + how] =
                on.settings.stall_figures ? json::value("0.00") : json::value(nullptr);
        }
    }
}

/// How many cores a guest may use: its cores, or else its limit, as it stands in its file (pve-container LXC.pm,
/// vmstatus).
auto cpus_of(const node& on, const config_section& config) -> json::value
{
    const auto limit = value_of(config, "cpulimit");
    return config.contains("cores") || limit.empty() ? json::value(number_or(config, "cores", on.settings.cores))
                                                     : json::value(limit);
}

auto status_row(const node& on, guest_id vmid, const guest& of) -> json::object
{
    static constexpr auto little = std::int64_t{942080};
    const auto& config = of.config.current;
    auto row = json::object{
        {"vmid", vmid},
        {"type", "lxc"},
        {"status", of.running ? "running" : "stopped"},
        {"name", name_of(vmid, of)},
        {"cpus", cpus_of(on, config)},
        {"cpu", 0},
        {"mem", of.running ? little : 0},
        {"maxmem", number_or(config, "memory", 512) * mebibyte},
        {"swap", 0},
        {"maxswap", number_or(config, "swap", 0) * mebibyte},
        {"disk", of.running ? little : 0},
        {"maxdisk", disk_bytes(on, of)},
        {"netin", 0},
        {"netout", 0},
        {"diskread", 0},
        {"diskwrite", 0},
        {"uptime", of.running ? seconds_between(of.started, on.now()) : 0},
    };
    if (of.running) {
        row["pid"] = 1000 + vmid;
        if (on.settings.version == pve_version::v9) {
            add_pressure(on, row);
        }
    }
    if (value_of(config, "template") == "1") {
        row["template"] = 1;
    }
    for (const auto* const key : {"lock", "tags"}) {
        if (config.contains(key)) {
            row[key] = value_of(config, key);
        }
    }
    return row;
}

auto resource_row(const node& on, const std::string& where, guest_id vmid, const guest& of) -> json::object
{
    auto row = status_row(on, vmid, of);
    row["id"] = "lxc/" + std::to_string(vmid);
    row["node"] = where;
    const auto& cpus = row.at("cpus");
    row["maxcpu"] = cpus.is_string() ? json::value(std::stod(std::string{cpus.get_string()})) : cpus;
    row["template"] = value_of(of.config.current, "template") == "1" ? 1 : 0;
    for (const auto* const key : {"cpus", "swap", "maxswap", "pid"}) {
        row.erase(key);
    }
    return row;
}

auto node_row(const call& c) -> json::object
{
    const auto& name = c.on.settings.name;
    auto row =
        json::object{{"id", "node/" + name}, {"node", name}, {"type", "node"}, {"status", "online"}, {"level", ""}};
    if (c.may("/nodes/" + name, "Sys.Audit")) {
        row["cpu"] = 0.02;
        row["maxcpu"] = c.on.settings.cores;
        row["mem"] = std::int64_t{1} << 30U;
        row["maxmem"] = std::int64_t{24} << 30U;
        row["disk"] = std::int64_t{20} << 30U;
        row["maxdisk"] = std::int64_t{256} << 30U;
        row["uptime"] = seconds_between(c.on.settings.boot, c.on.now());
    }
    return row;
}

auto storage_row(const call& c, const std::string& id, const storage& of) -> json::object
{
    return json::object{{"id", "storage/" + c.on.settings.name + "/" + id},
                        {"storage", id},
                        {"node", c.on.settings.name},
                        {"type", "storage"},
                        {"status", "available"},
                        {"content", joined(of.content, ",")},
                        {"plugintype", of.type},
                        {"shared", 0},
                        {"disk", of.used},
                        {"maxdisk", of.total}};
}

auto audits_storage(const call& c, const std::string& id) -> bool
{
    return c.may("/storage/" + id, "Datastore.Audit") || c.may("/storage/" + id, "Datastore.AllocateSpace");
}

} // namespace

auto call::guest_here() const -> tl::expected<guest*, refusal>
{
    const auto found = on.guests.find(vmid());
    if (found == on.guests.end()) {
        return died(no_such_guest(on, vmid()));
    }
    return &found->second;
}

auto vms_path(guest_id vmid) -> std::string
{
    return "/vms/" + std::to_string(vmid);
}

auto no_such_guest(const node& on, guest_id vmid) -> std::string
{
    return "Configuration file 'nodes/" + on.settings.name + "/lxc/" + std::to_string(vmid) + ".conf' does not exist";
}

auto lock_timeout_text(guest_id vmid) -> std::string
{
    return "can't lock file '/run/lock/lxc/pve-config-" + std::to_string(vmid) + ".lock' - got timeout";
}

auto version(const call& c) -> answer
{
    const auto is_8 = c.on.settings.version == pve_version::v8;
    return reply{.data = json::object{{"version", is_8 ? "8.4.21" : "9.2.11"},
                                      {"release", is_8 ? "8.4" : "9.2"},
                                      {"repoid", is_8 ? "2606ac850d46da29" : "b9984c6d90a4bd80"}}};
}

auto list_nodes(const call& c) -> answer
{
    auto row = node_row(c);
    row["ssl_fingerprint"] = c.on.settings.fingerprint;
    return reply{.data = json::array{std::move(row)}};
}

auto node_status(const call& c) -> answer
{
    const auto is_9 = c.on.settings.version == pve_version::v9;
    const auto* const fixed = surroundings("GET /nodes/{node}/status");
    auto status = fixed == nullptr ? json::object{} : fixed->get_object();
    status["uptime"] = seconds_between(c.on.settings.boot, c.on.now());
    status["pveversion"] = is_9 ? "pve-manager/9.2.11/b9984c6d90a4bd80" : "pve-manager/8.4.21/2606ac850d46da29";
    if (is_9) {
        status["memory"].as_object()["available"] = std::int64_t{22} << 30U;
        status["cpuinfo"].as_object()["vendor"] = "GenuineIntel";
        status["cpuinfo"].as_object()["family"] = "6";
    }
    return reply{.data = std::move(status)};
}

auto list_guests(const call& c) -> answer
{
    auto rows = json::array{};
    for (const auto& [vmid, of] : c.on.guests) {
        if (c.may(vms_path(vmid), "VM.Audit")) {
            rows.push_back(status_row(c.on, vmid, of));
        }
    }
    return reply{.data = std::move(rows)};
}

auto guest_status(const call& c) -> answer
{
    return c.guest_here().map([&](const guest* of) {
        auto row = status_row(c.on, c.vmid(), *of);
        row["ha"] = json::object{{"managed", 0}};
        return reply{.data = std::move(row)};
    });
}

auto guest_config(const call& c) -> answer
{
    if (c.given.has("snapshot") && c.given.has("current")) {
        const auto text = std::string{"cannot use 'snapshot' parameter with 'current'"};
        return invalid({{"snapshot", text}, {"current", text}});
    }
    return c.guest_here().and_then([&](const guest* of) -> answer {
        const auto& keys = c.on.schema().config_keys();
        if (!c.given.has("snapshot")) {
            return reply{.data = merged_view(of->config, c.given.flag("current"), keys)};
        }
        const auto name = c.given.text("snapshot");
        const auto found = of->config.snapshots.find(name);
        if (found == of->config.snapshots.end()) {
            return died("snapshot '" + name + "' does not exist");
        }
        auto view = merged_view(config_file{.current = found->second}, true, keys);
        view["digest"] = digest_of(of->config);
        return reply{.data = std::move(view)};
    });
}

auto guest_pending(const call& c) -> answer
{
    return c.guest_here().map(
        [&](const guest* of) { return reply{.data = pending_view(of->config, c.on.schema().config_keys())}; });
}

auto guest_interfaces(const call& c) -> answer
{
    return c.guest_here().map([&](const guest* of) {
        if (!of->running) {
            return reply{};
        }
        const auto row = [](const std::string& name, const std::string& mac) {
            return json::object{
                {"name", name}, {"hwaddr", mac}, {"hardware-address", mac}, {"ip-addresses", json::array{}}};
        };
        auto rows = json::array{row("lo", "00:00:00:00:00:00")};
        for (const auto& [key, value] : of->config.current) {
            if (is_indexed(key, "net")) {
                const auto net = properties_of(c.on, key, value);
                rows.push_back(row(find_property(net, "name").value_or("eth0"),
                                   ascii::to_lower(find_property(net, "hwaddr").value_or(""))));
            }
        }
        return reply{.data = std::move(rows)};
    });
}

auto cluster_resources(const call& c) -> answer
{
    const auto type = c.given.text("type");
    auto rows = json::array{};
    for (const auto& [vmid, of] : c.on.guests) {
        if ((type.empty() || type == "vm") && c.may(vms_path(vmid), "VM.Audit")) {
            rows.push_back(resource_row(c.on, c.on.settings.name, vmid, of));
        }
    }
    for (const auto& [vmid, away] : c.on.elsewhere) {
        if ((type.empty() || type == "vm") && c.may(vms_path(vmid), "VM.Audit")) {
            rows.push_back(resource_row(c.on, away.node, vmid, away.of));
        }
    }
    for (const auto& [vmid, of] : c.on.virtual_machines) {
        if ((type.empty() || type == "vm") && c.may(vms_path(vmid), "VM.Audit")) {
            rows.push_back(machine_resource(c.on, vmid));
        }
    }
    if (type.empty() || type == "node") {
        auto row = node_row(c);
        row["cgroup-mode"] = c.on.settings.cgroup;
        rows.push_back(std::move(row));
    }
    for (const auto& [id, of] : c.on.storages) {
        if ((type.empty() || type == "storage") && audits_storage(c, id)) {
            rows.push_back(storage_row(c, id, of));
        }
    }
    return reply{.data = std::move(rows)};
}

auto cluster_status(const call& c) -> answer
{
    auto rows = surroundings("GET /cluster/status")->as_array();
    const auto& peers = c.on.settings.peers;
    if (peers.empty()) {
        return reply{.data = std::move(rows)};
    }
    auto number = std::int64_t{0};
    rows.front().as_object()["nodeid"] = ++number;
    for (const auto& peer : peers) {
        ++number;
        rows.push_back(json::object{{"local", 0},
                                    {"level", ""},
                                    {"ip", "10.99.0." + std::to_string(number)},
                                    {"name", peer},
                                    {"id", "node/" + peer},
                                    {"nodeid", number},
                                    {"type", "node"},
                                    {"online", c.on.settings.quorate ? 1 : 0}});
    }
    rows.push_back(json::object{{"type", "cluster"},
                                {"id", "cluster"},
                                {"name", "cluster"},
                                {"version", number},
                                {"nodes", number},
                                {"quorate", c.on.settings.quorate ? 1 : 0}});
    return reply{.data = std::move(rows)};
}

auto cluster_options(const call& c) -> answer
{
    auto options = surroundings("GET /cluster/options")->as_object();
    if (c.on.settings.tags_case_sensitive) {
        options["tag-style"] = json::object{{"case-sensitive", 1}};
    }
    const auto& registered = c.on.settings.registered_tags;
    if (!registered.empty() && c.may("/", "Sys.Audit")) {
        options["registered-tags"] = json::array(registered.begin(), registered.end());
    }
    return reply{.data = std::move(options)};
}

auto list_disks(const call& c) -> answer
{
    if (!c.on.settings.disks_error.empty()) {
        return died(c.on.settings.disks_error);
    }
    return reply{.data = json::array{}};
}

auto next_id(const call& c) -> answer
{
    if (c.given.has("vmid")) {
        if (c.on.guests.contains(c.vmid()) || c.on.elsewhere.contains(c.vmid())) {
            return invalid({{"vmid", "VM " + std::to_string(c.vmid()) + " already exists"}});
        }
        return reply{.data = json::value(c.given.text("vmid"))};
    }
    auto free = guest_id{100};
    while (c.on.guests.contains(free) || c.on.elsewhere.contains(free)) {
        ++free;
    }
    return reply{.data = json::value(std::to_string(free))};
}

/// Whoever may not audit /access is shown the entries of those paths alone where he may change them: here, none.
auto access_list(const call& c) -> answer
{
    auto rows = json::array{};
    if (c.may("/access", "Sys.Audit")) {
        for (const auto& entry : c.on.access.entries) {
            rows.push_back(json::object{{"path", entry.path},
                                        {"propagate", entry.propagate ? 1 : 0},
                                        {"roleid", entry.role},
                                        {"type", entry.who.find('!') == std::string::npos ? "user" : "token"},
                                        {"ugid", entry.who}});
        }
    }
    return reply{.data = std::move(rows)};
}

auto permissions(const call& c) -> answer
{
    const auto path = c.given.has("path") ? std::optional{c.given.text("path")} : std::nullopt;
    return reply{.data = c.on.access.permissions(c.by, path)};
}

} // namespace felhom::sim
