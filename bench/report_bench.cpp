// SPDX-License-Identifier: Apache-2.0
#include "measure.hpp"

#include <felhom/hub/report/host_report_json.hpp>

#include <benchmark/benchmark.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// The text of a report with N guests, each with a backup and a snapshot of it: beside a writer by hand, which appends
// literals and lets pass what is no UTF-8, and beside a document of Boost.JSON that is built and serialized. All three
// write the same text.
namespace {

using namespace felhom;      // NOLINT(google-build-using-namespace): a benchmark
using namespace felhom::hub; // NOLINT(google-build-using-namespace): a benchmark

const auto noon = *parse_instant("2026-11-24T12:00:00Z");
const auto stamp = report_stamp{.run = run_id::of({}), .sequence = 7, .sent_at = noon};

auto observations(std::int64_t guests) -> host_observations
{
    const auto seen = [](auto value) { return observed<decltype(value)>{.at = noon, .result = std::move(value)}; };
    auto list = std::vector<proxmox::guest_summary>{};
    auto specs = guest_specs{};
    auto volumes = std::vector<proxmox::stored_volume>{};
    const auto pbs = *proxmox::storage_id::parse("pbs");
    for (auto number = std::int64_t{0}; number < guests; ++number) {
        const auto id = *vmid::from_number(static_cast<std::uint64_t>(1000 + number));
        list.push_back({.id = id,
                        .power = proxmox::power_state::running,
                        .name = "guest-" + id.text() + ".home.example",
                        .cpu = 0.0123 * static_cast<double>(number % 17),
                        .cpus = 2,
                        .memory = 268'435'456 + static_cast<std::uint64_t>(number),
                        .memory_limit = 1'073'741'824,
                        .swap = 4096,
                        .swap_limit = 536'870'912,
                        .disk = 1'288'490'188,
                        .disk_limit = 8'589'934'592,
                        .network_in = 123'456'789,
                        .network_out = 987'654'321,
                        .disk_read = 55'555'555,
                        .disk_written = 66'666'666,
                        .uptime = 86'400});
        specs.emplace(id, guest_spec{.cores = 2,
                                     .memory = 1'073'741'824,
                                     .swap = 536'870'912,
                                     .disk = 8'589'934'592,
                                     .onboot = true,
                                     .is_protected = false,
                                     .unprivileged = true,
                                     .tags = {"web", "customer"}});
        volumes.push_back({.id = "pbs:backup/ct/" + id.text() + "/2026-11-24T02:00:01Z",
                           .content = "backup",
                           .format = "pbs-ct",
                           .size = 734'003'200,
                           .created = std::chrono::floor<std::chrono::seconds>(noon) - std::chrono::hours{10},
                           .owner = id,
                           .verification = "ok"});
    }
    return {.host = *host_id::parse("home-17"),
            .agent_version = "0.1.0",
            .now = noon,
            .node = *node_name::parse("pve1"),
            .node_status = seen(proxmox::node_status{.uptime = 0,
                                                     .cpu = 0,
                                                     .cpus = 0,
                                                     .load = std::array{0.0, 0.0, 0.0},
                                                     .memory = proxmox::usage{},
                                                     .swap = proxmox::usage{},
                                                     .root = proxmox::usage{},
                                                     .kernel = "Linux",
                                                     .manager = "pve-manager"}),
            .guests = {.list = seen(std::move(list)), .specs = std::move(specs)},
            .vms = {.list = seen(std::vector<proxmox::vm_summary>{})},
            .cloudflared = seen(host_tools::unit_state::active),
            .tunnel = std::nullopt,
            .storages = {.list = seen(std::vector<proxmox::node_storage>{}),
                         .backups = {{.storage = pbs, .type = "pbs", .volumes = seen(std::move(volumes))}}},
            .restore_tests = seen(std::vector<restore_test>{}),
            .disks = seen(disk_answers{}),
            .temperatures = seen(host_tools::temperatures_read{}),
            .audit_tail = seen(hub::audit_tail{}),
            .desired = seen(desired_status{.source = "hub"}),
            .drift = seen(drift_summary{}),
            .unknown_operations = seen(std::vector<unknown_operation>{}),
            .clock_synchronized = seen(true)};
}

constexpr auto part_names = std::to_array<std::string_view>(
    {"host", "guests", "vms", "storage_targets", "backups", "restore_tests", "pbs_snapshots", "audit_tail",
     "cloudflared", "disks", "temperatures", "desired", "drift", "unknown_operations", "clock"});

/// What one writes who has only this report in mind.
class hand_writer {
public:
    auto write(const host_report& report) -> std::string
    {
        out_.reserve(1024 + report.guests.value.size() * 1024);
        add(R"({"schema":"felhom-host-report/2","host_id":)");
        string(report.host.text());
        add(R"(,"agent_version":)");
        string(report.agent_version);
        add(R"(,"created_at":)");
        time(report.created_at);
        add(R"(,"host":{"name":)");
        string(report.node.name.text());
        add(R"(,"uptime":0,"cpu":0,"cpus":0,"load":[0,0,0],"memory":{"total":0,"used":0},"swap":{"total":0,"used":0})"
            R"(,"root":{"total":0,"used":0},"kernel":)");
        string(*report.node.status.kernel);
        add(R"(,"manager":)");
        string(*report.node.status.manager);
        add(R"(},"guests":[)");
        for (const auto& guest : report.guests.value) {
            one(guest);
        }
        add(R"(],"vms":[],"storage_targets":[],"backups":[)");
        for (const auto& backup : report.backups.value) {
            one(backup);
        }
        add(R"(],"restore_tests":[],"pbs_snapshots":[)");
        for (const auto& snapshot : report.pbs_snapshots.value.newest) {
            one(snapshot);
        }
        add(R"(],"audit_tail":[],"cloudflared":{"status":"active","tunnel":null},"disks":[],"temperatures":[])"
            R"(,"desired":{"source":"hub","generation":null,"refused":[]})"
            R"(,"drift":{"in_sync":0,"pending_restart":0,"held":0,"parked":0,"unknown":0,"refused":0,"guests":[]})"
            R"(,"unknown_operations":[],"clock":{"synchronized":true,"set":null},"journal_head":null,"pbs_snapshots_omitted":)");
        number(report.pbs_snapshots.value.omitted);
        add(R"(,"sources":{)");
        auto separator = std::string_view{"\""};
        for (const auto name : part_names) {
            add(separator);
            add(name);
            add(R"(":{"collected_at":)");
            time(noon);
            add(R"(,"error":null})");
            separator = R"(,")";
        }
        add(R"(},"run":)");
        string(stamp.run.text());
        add(R"(,"sequence":)");
        number(stamp.sequence);
        add(R"(,"trial":false,"sent_at":)");
        time(stamp.sent_at);
        add(R"(,"missed":null})");
        return std::move(out_);
    }

private:
    void add(std::string_view text) { out_ += text; }

    void string(std::string_view text)
    {
        out_ += '"';
        for (const auto c : text) {
            if (c == '"' || c == '\\') {
                out_ += '\\';
                out_ += c;
            } else if (static_cast<unsigned char>(c) < 0x20U) {
                out_ += "\\u00";
                out_ += "01"[static_cast<unsigned char>(c) >> 4U];
                out_ += "0123456789abcdef"[static_cast<unsigned char>(c) & 0xfU];
            } else {
                out_ += c;
            }
        }
        out_ += '"';
    }

    template <typename Number>
    void number(Number of)
    {
        char digits[32];
        out_.append(digits, std::to_chars(digits, digits + sizeof digits, of).ptr);
    }

    void time(instant at)
    {
        const auto seconds = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
        const auto as_time = static_cast<std::time_t>(seconds);
        auto parts = std::tm{};
        gmtime_r(&as_time, &parts);
        char text[24];
        out_.append(text, std::strftime(text, sizeof text, R"("%Y-%m-%dT%H:%M:%SZ")", &parts));
    }

    void usage(std::string_view name, const proxmox::usage& of)
    {
        add(name);
        add(R"({"total":)");
        number(of.total);
        add(R"(,"used":)");
        number(of.used);
        add("}");
    }

    void next()
    {
        if (out_.back() == '}') {
            out_ += ',';
        }
    }

    void one(const reported_guest& guest)
    {
        next();
        add(R"({"vmid":)");
        number(guest.id.number());
        add(R"(,"name":)");
        string(*guest.name);
        add(R"(,"status":"running","template":false,"lock":null,"metrics":{"uptime":)");
        number(*guest.metrics->uptime);
        add(R"(,"cpu":)");
        number(*guest.metrics->cpu);
        add(R"(,"cpus":)");
        number(*guest.metrics->cpus);
        usage(R"(,"memory":)", *guest.metrics->memory);
        usage(R"(,"swap":)", *guest.metrics->swap);
        usage(R"(,"disk":)", *guest.metrics->disk);
        add(R"(,"network_in":)");
        number(*guest.metrics->network_in);
        add(R"(,"network_out":)");
        number(*guest.metrics->network_out);
        add(R"(,"disk_read":)");
        number(*guest.metrics->disk_read);
        add(R"(,"disk_written":)");
        number(*guest.metrics->disk_written);
        add(R"(},"spec":{"cores":)");
        number(*guest.spec->cores);
        add(R"(,"memory":)");
        number(guest.spec->memory);
        add(R"(,"swap":)");
        number(guest.spec->swap);
        add(R"(,"disk":)");
        number(*guest.spec->disk);
        add(R"(,"onboot":)");
        add(guest.spec->onboot ? "true" : "false");
        add(R"(,"protection":)");
        add(guest.spec->is_protected ? "true" : "false");
        add(R"(,"unprivileged":)");
        add(guest.spec->unprivileged ? "true" : "false");
        add(R"(,"tags":)");
        auto separator = '[';
        for (const auto& tag : guest.spec->tags) {
            out_ += separator;
            string(tag);
            separator = ',';
        }
        add(R"(]},"spec_error":null})");
    }

    void one(const reported_backup& backup)
    {
        next();
        add(R"({"vmid":)");
        number(backup.guest.number());
        add(R"(,"storage":)");
        string(backup.storage.text());
        add(R"(,"volume":)");
        string(backup.volume);
        add(R"(,"format":)");
        string(backup.format);
        add(R"(,"created_at":)");
        time(*backup.created);
        add(R"(,"age":)");
        number(backup.age->count());
        add(backup.is_dated_ahead ? R"(,"dated_ahead":true)" : R"(,"dated_ahead":false)");
        add(R"(,"size":)");
        number(*backup.size);
        add(R"(,"verification":)");
        string(*backup.verification);
        add(R"(,"protected":)");
        add(backup.is_protected ? "true}" : "false}");
    }

    void one(const pbs_snapshot& snapshot)
    {
        next();
        add(R"({"storage":)");
        string(snapshot.storage.text());
        add(R"(,"volume":)");
        string(snapshot.volume);
        add(R"(,"vmid":)");
        number(snapshot.guest->number());
        add(R"(,"guest_type":)");
        string(proxmox::text_of(*snapshot.guest_type));
        add(R"(,"created_at":)");
        time(*snapshot.created);
        add(snapshot.is_dated_ahead ? R"(,"dated_ahead":true)" : R"(,"dated_ahead":false)");
        add(R"(,"size":)");
        number(*snapshot.size);
        add(R"(,"verification":)");
        string(*snapshot.verification);
        add(R"(,"protected":)");
        add(snapshot.is_protected ? "true}" : "false}");
    }

    std::string out_;
};

namespace by_boost {

using boost::json::array;
using boost::json::object;
using boost::json::value;

auto usage(const proxmox::usage& of) -> object
{
    return {{"total", of.total}, {"used", of.used}};
}

auto one(const reported_guest& guest) -> object
{
    const auto& m = *guest.metrics;
    const auto& s = *guest.spec;
    return {{"vmid", guest.id.number()},
            {"name", *guest.name},
            {"status", "running"},
            {"template", guest.is_template},
            {"lock", nullptr},
            {"metrics", object{{"uptime", *m.uptime},
                               {"cpu", *m.cpu},
                               {"cpus", *m.cpus},
                               {"memory", usage(*m.memory)},
                               {"swap", usage(*m.swap)},
                               {"disk", usage(*m.disk)},
                               {"network_in", *m.network_in},
                               {"network_out", *m.network_out},
                               {"disk_read", *m.disk_read},
                               {"disk_written", *m.disk_written}}},
            {"spec", object{{"cores", *s.cores},
                            {"memory", s.memory},
                            {"swap", s.swap},
                            {"disk", *s.disk},
                            {"onboot", s.onboot},
                            {"protection", s.is_protected},
                            {"unprivileged", s.unprivileged},
                            {"tags", array(s.tags.begin(), s.tags.end())}}},
            {"spec_error", nullptr}};
}

auto one(const reported_backup& backup) -> object
{
    return {{"vmid", backup.guest.number()},
            {"storage", backup.storage.text()},
            {"volume", backup.volume},
            {"format", backup.format},
            {"created_at", to_rfc3339(*backup.created)},
            {"age", backup.age->count()},
            {"dated_ahead", backup.is_dated_ahead},
            {"size", *backup.size},
            {"verification", *backup.verification},
            {"protected", backup.is_protected}};
}

auto one(const pbs_snapshot& snapshot) -> object
{
    return {{"storage", snapshot.storage.text()},
            {"volume", snapshot.volume},
            {"vmid", snapshot.guest->number()},
            {"guest_type", proxmox::text_of(*snapshot.guest_type)},
            {"created_at", to_rfc3339(*snapshot.created)},
            {"dated_ahead", snapshot.is_dated_ahead},
            {"size", *snapshot.size},
            {"verification", *snapshot.verification},
            {"protected", snapshot.is_protected}};
}

template <typename T>
auto all(const std::vector<T>& items) -> array
{
    auto made = array{};
    made.reserve(items.size());
    for (const auto& item : items) {
        made.push_back(one(item));
    }
    return made;
}

auto write(const host_report& report) -> std::string
{
    const auto nothing = object{{"total", 0}, {"used", 0}};
    auto sources = object{};
    for (const auto name : part_names) {
        sources.emplace(name, object{{"collected_at", to_rfc3339(noon)}, {"error", nullptr}});
    }
    const auto document = object{
        {"schema", host_report_schema},
        {"host_id", report.host.text()},
        {"agent_version", report.agent_version},
        {"created_at", to_rfc3339(report.created_at)},
        {"host", object{{"name", report.node.name.text()},
                        {"uptime", 0},
                        {"cpu", 0},
                        {"cpus", 0},
                        {"load", array{0, 0, 0}},
                        {"memory", nothing},
                        {"swap", nothing},
                        {"root", nothing},
                        {"kernel", *report.node.status.kernel},
                        {"manager", *report.node.status.manager}}},
        {"guests", all(report.guests.value)},
        {"vms", array{}},
        {"storage_targets", array{}},
        {"backups", all(report.backups.value)},
        {"restore_tests", array{}},
        {"pbs_snapshots", all(report.pbs_snapshots.value.newest)},
        {"audit_tail", array{}},
        {"cloudflared", object{{"status", "active"}, {"tunnel", nullptr}}},
        {"disks", array{}},
        {"temperatures", array{}},
        {"desired", object{{"source", "hub"}, {"generation", nullptr}, {"refused", array{}}}},
        {"drift", object{{"in_sync", 0},
                         {"pending_restart", 0},
                         {"held", 0},
                         {"parked", 0},
                         {"unknown", 0},
                         {"refused", 0},
                         {"guests", array{}}}},
        {"unknown_operations", array{}},
        {"clock", object{{"synchronized", true}, {"set", nullptr}}},
        {"journal_head", nullptr},
        {"pbs_snapshots_omitted", report.pbs_snapshots.value.omitted},
        {"sources", std::move(sources)},
        {"run", stamp.run.text()},
        {"sequence", stamp.sequence},
        {"trial", false},
        {"sent_at", to_rfc3339(stamp.sent_at)},
        {"missed", nullptr},
    };
    return boost::json::serialize(document);
}

} // namespace by_boost

/// Boost.JSON writes 2.0 as 2E0, which reads back as another kind of number.
auto alike(const boost::json::value& a, const boost::json::value& b) -> bool
{
    if (a.is_number() && b.is_number()) {
        return a.to_number<double>() == b.to_number<double>();
    }
    const auto* const object = a.if_object();
    const auto* const array = a.if_array();
    if (object != nullptr && b.is_object()) {
        return object->size() == b.get_object().size() && std::ranges::all_of(*object, [&](const auto& member) {
                   const auto* const other = b.get_object().if_contains(member.key());
                   return other != nullptr && alike(member.value(), *other);
               });
    }
    if (array != nullptr && b.is_array()) {
        return std::ranges::equal(*array, b.get_array(), alike);
    }
    return a == b;
}

void must_be_alike(const host_report& report)
{
    const auto ours = to_json(report, stamp);
    if (hand_writer{}.write(report) != ours) {
        throw std::logic_error{"the writer by hand writes another report"};
    }
    if (!alike(boost::json::parse(by_boost::write(report)), boost::json::parse(ours))) {
        throw std::logic_error{"Boost.JSON writes another report"};
    }
}

void report_text(benchmark::State& state)
{
    const auto report = *make_host_report(observations(state.range(0)));
    must_be_alike(report);
    // Several in a row, so that none pays for the caches that the one before it has filled.
    const auto turns = 1 + 1000 / state.range(0);
    const auto several = [&](auto&& write) {
        return [&, write] {
            for (auto turn = std::int64_t{0}; turn < turns; ++turn) {
                benchmark::DoNotOptimize(write(report));
            }
        };
    };
    auto ours = bench::rounds{};
    auto hand = bench::rounds{};
    auto boost = bench::rounds{};
    for (auto _ : state) {
        ours.time(several([](const host_report& of) { return to_json(of, stamp); }));
        hand.time(several([](const host_report& of) { return hand_writer{}.write(of); }));
        boost.time(several([](const host_report& of) { return by_boost::write(of); }));
    }
    const auto bytes = static_cast<double>(to_json(report, stamp).size());
    state.counters["bytes"] = bytes;
    state.counters["MB/s"] = bytes * static_cast<double>(turns) / ours.typical() / 1e6;
    state.counters["speed/hand"] = ours.speed_beside(hand);
    state.counters["speed/boost_json"] = ours.speed_beside(boost);
}

} // namespace

BENCHMARK(report_text)->Arg(10)->Arg(100)->Arg(1000)->Unit(benchmark::kMicrosecond);
