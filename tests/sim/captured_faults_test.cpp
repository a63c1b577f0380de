// SPDX-License-Identifier: Apache-2.0
#include "sim/api/text.hpp"
#include "sim/body_comparison.hpp"
#include "sim/captured_node.hpp"
#include "sim/node/others.hpp"
#include "support/catch.hpp"
#include "support/data.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <cmath>

// What Proxmox VE did where an agent went wrong, done again by the simulated node: what it is found like is taken from
// the recorded reads before a write, and everything after the write has to come out as recorded.

namespace {

using namespace captured;
using felhom::instant;

auto plain(const json::value& value) -> std::string
{
    return value.is_string() ? std::string{value.get_string()} : json::serialize(value);
}

auto time_of(const json::object& exchange) -> instant
{
    return instant{std::chrono::milliseconds{std::llround(exchange.at("at").to_number<double>() * 1000)}};
}

/// What stands under "data".
auto data_in(const json::object& exchange) -> json::value
{
    return json::parse(plain(exchange.at("reply"))).as_object().at("data");
}

auto guest_in(const std::string& target) -> guest_id
{
    const auto parts = split(target.substr(0, target.find('?')), "/");
    return parts.size() > 5 && parts[4] == "lxc" ? static_cast<guest_id>(number_of(parts[5])) : 0;
}

class fault_replay {
public:
    explicit fault_replay(const std::string& name)
        : file_(felhom::testing::read_json_data("pve-captures/faults/" + name + ".json").as_object()),
          exchanges_(file_.at("exchanges").as_array()),
          now_{time_of(exchanges_.front().as_object()) - std::chrono::hours{1}}, node_{base(now_)}
    {
        node_.guests.clear();
        node_.virtual_machines.clear();
        node_.settings.stall_figures = false;
        if (plain(file_.at("pve")).starts_with('9')) {
            node_.settings.version = pve_version::v9;
        }
    }

    [[nodiscard]] auto on() -> node& { return node_; }

    /// The guest's file held something that no read shows, such as snapshots: its digest cannot be known.
    void hide_digests() { digests_count_ = false; }

    /// Takes over the recorded tasks but for the latest ones, which the test makes itself.
    void find_task_rows_but(std::size_t latest)
    {
        auto rows = data_in(exchanges_.front().as_object()).as_array();
        rows.erase(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(latest));
        take_over_tasks(rows);
        written_ = true;
        now_ = time_of(exchanges_.front().as_object());
    }

    /// Sends what was recorded and answers how the answers differ.
    [[nodiscard]] auto differences() -> std::string
    {
        for (const auto& entry : exchanges_) {
            replay(entry.as_object());
        }
        return text_;
    }

private:
    void replay(const json::object& exchange)
    {
        static constexpr auto others_worked = std::chrono::seconds{10};
        const auto at = time_of(exchange);
        const auto reads = exchange.at("method") == "GET";
        if (at > now_ + others_worked) {
            written_ = false;
        }
        now_ = std::max(now_, at);
        node_.advance(now_);
        if (reads && !written_) {
            take_over(exchange);
        }
        written_ = written_ || !reads;
        send(exchange);
    }

    void send(const json::object& exchange)
    {
        const auto made = node_.handle(
            {.method = plain(exchange.at("method")),
             .target = plain(exchange.at("target")),
             .headers = {{"Authorization", "PVEAPIToken=felhom@pve!agent=00000000-0000-4000-8000-0000000000a1"},
                         {"Content-Type", "application/x-www-form-urlencoded"}},
             .body = body_of(exchange)},
            now_);
        check(exchange, "status", plain(exchange.at("status_line")),
              "HTTP/1.1 " + std::to_string(made.status) + " " + made.reason);
        check(exchange, "Connection", connections(exchange), connections(made));
        auto compared = comparison{/*lists_differ=*/false, digests_count_};
        compared.compare(json::parse(plain(exchange.at("reply"))), json::parse(made.body), "", "");
        check(exchange, "body", "", compared.text());
    }

    [[nodiscard]] auto body_of(const json::object& exchange) const -> std::string
    {
        static constexpr auto sha1_digits = std::size_t{40};
        auto body = plain(exchange.at("body"));
        const auto name = std::string_view{"digest="};
        if (const auto at = body.find(name); !digests_count_ && at != std::string::npos) {
            const auto found = node_.guests.at(guest_in(plain(exchange.at("target")))).config;
            body.replace(at + name.size(), sha1_digits, digest_of(found));
        }
        return body;
    }

    static auto connections(const json::object& exchange) -> std::string
    {
        auto text = std::string{};
        for (const auto& header : exchange.at("headers").as_array()) {
            if (const auto line = plain(header); line.starts_with("Connection: ")) {
                text += line + "\n";
            }
        }
        return text;
    }

    static auto connections(const http_response& response) -> std::string
    {
        auto text = std::string{};
        for (const auto& header : response.headers) {
            text += header.name == "Connection" ? "Connection: " + header.value + "\n" : "";
        }
        return text;
    }

    void check(const json::object& exchange, const std::string& what, const std::string& recorded,
               const std::string& made)
    {
        if (recorded != made) {
            text_ += plain(exchange.at("method")) + " " + plain(exchange.at("target")) + ": " + what + ": recorded "
                     + recorded + ", made " + made + "\n";
        }
    }

    void take_over(const json::object& exchange)
    {
        if (!plain(exchange.at("status_line")).starts_with("HTTP/1.1 200")) {
            return;
        }
        const auto target = plain(exchange.at("target"));
        const auto data = data_in(exchange);
        if (target.ends_with("/pending")) {
            take_over_config(guest_in(target), data.as_array());
        } else if (target.find("/tasks?") != std::string::npos) {
            take_over_tasks(data.as_array());
        } else if (const auto* const rows = data.if_array()) {
            for (const auto& row : *rows) {
                take_over_row(row.as_object());
            }
        } else {
            take_over_row(data.as_object());
        }
    }

    void take_over_config(guest_id vmid, const json::array& rows)
    {
        auto& of = node_.guests[vmid];
        auto& config = of.config;
        config = config_file{};
        for (const auto& entry : rows) {
            const auto& row = entry.as_object();
            const auto key = plain(row.at("key"));
            if (const auto* const value = row.if_contains("value"); value != nullptr && key != "digest") {
                config.current[key] = plain(*value);
            }
            if (const auto* const pending = row.if_contains("pending")) {
                config.pending[key] = plain(*pending);
            }
            if (row.contains("delete")) {
                config.pending_deletes.push_back(key);
            }
        }
        // Nothing waits for the restart of a guest that is stopped.
        of.running = of.running || !config.pending.empty();
    }

    void take_over_row(const json::object& row)
    {
        const auto vmid = row.at("vmid").to_number<guest_id>();
        const auto size = std::to_string(row.at("maxdisk").to_number<std::int64_t>() >> 20) + "M";
        const auto memory = std::to_string(row.at("maxmem").to_number<std::int64_t>() >> 20);
        const auto cpus = plain(row.at(row.contains("cpus") ? "cpus" : "maxcpu"));
        const auto* const type = row.if_contains("type");
        if (type == nullptr || *type == "qemu") {
            node_.virtual_machines[vmid] = {{"cores", cpus},
                                            {"memory", memory},
                                            {"name", plain(row.at("name"))},
                                            {"scsi0", "local:200/vm-200-disk-0.raw,size=" + size}};
            return;
        }
        auto& of = node_.guests[vmid];
        if (of.config.current.empty()) {
            of.config.current = {{"arch", "amd64"},
                                 {"memory", memory},
                                 {"ostype", "alpine"},
                                 {"rootfs", "local:" + std::to_string(vmid) + "/disk,size=" + size}};
        }
        of.config.current["hostname"] = plain(row.at("name"));
        of.config.current[cpus.find('.') == std::string::npos ? "cores" : "cpulimit"] = cpus;
        if (const auto* const swap = row.if_contains("maxswap")) {
            of.config.current["swap"] = std::to_string(swap->to_number<std::int64_t>() >> 20);
        }
        for (const auto* const key : {"tags", "lock"}) {
            if (const auto* const value = row.if_contains(key)) {
                of.config.current[key] = plain(*value);
            }
        }
        if (const auto* const is_template = row.if_contains("template"); is_template != nullptr && *is_template == 1) {
            of.config.current["template"] = "1";
        }
        of.running = row.at("status") == "running";
    }

    /// The oldest first, as they were started.
    void take_over_tasks(const json::array& rows)
    {
        auto oldest_first = std::vector<json::value>(rows.begin(), rows.end());
        std::ranges::reverse(oldest_first);
        for (const auto& entry : oldest_first) {
            const auto& row = entry.as_object();
            const auto at = [&](const char* key) {
                return instant{std::chrono::seconds{row.at(key).to_number<std::int64_t>()}};
            };
            node_.remember(task{.upid = plain(row.at("upid")),
                                .pid = row.at("pid").to_number<std::uint32_t>(),
                                .pstart = row.at("pstart").to_number<std::uint64_t>(),
                                .started = at("starttime"),
                                .type = plain(row.at("type")),
                                .id = plain(row.at("id")),
                                .user = plain(row.at("user")),
                                .token = row.contains("tokenid") ? plain(row.at("tokenid")) : std::string{},
                                .work = job::fail{.text = plain(row.at("status")), .lines = {}},
                                .begun = true,
                                .ended = at("endtime"),
                                .exit_status = plain(row.at("status"))});
        }
    }

    json::object file_;
    json::array exchanges_;
    instant now_;
    node node_;
    bool written_ = false;
    bool digests_count_ = true;
    std::string text_;
};

} // namespace

TEST_CASE("where an agent went wrong the simulated node answers and stores as Proxmox VE did")
{
    const auto* const name = GENERATE(
        "features-nesting0-over-pending-nesting1", "locked-between-read-and-put", "net0-hotplug-400-removes-interface",
        "net0-stopped-missing-bridge-500-stored-pve9", "restore-new-id-lost-call", "signed-set_config-privilege-403",
        "signed-set_config-stays-pending", "vm-is-not-a-container");
    INFO(name);
    CHECK(fault_replay{name}.differences() == "");
}

TEST_CASE("Proxmox VE 9 takes a running guest's interface away before it refuses the new one, as 8 does")
{
    auto replay = fault_replay{"net0-hotplug-400-removes-interface-pve9"};
    replay.hide_digests();
    CHECK(replay.differences() == "");
}

TEST_CASE("without Sys.Audit the simulated node refuses its state as Proxmox VE does")
{
    auto replay = fault_replay{"sys-audit-403"};
    replay.on().access.roles.at("FelhomAgent").erase("Sys.Audit");
    CHECK(replay.differences() == "");
}

TEST_CASE("a guest that somebody else destroyed leaves that person's task, as under Proxmox VE")
{
    auto replay = fault_replay{"destroy-by-another-after-lost-call"};
    replay.find_task_rows_but(2);
    auto& node = replay.on();
    add_guest(node, 126, idle_guest(126), /*running=*/true);
    static_cast<void>(node.spawn(root_itself(), "vzstop", "126", job::stop{.vmid = 126, .overruled = {}}));
    node.advance(node.now() + std::chrono::seconds{4});
    destroy_by_hand(node, 126);
    node.advance(node.now() + std::chrono::minutes{1});
    CHECK(replay.differences() == "");
}
