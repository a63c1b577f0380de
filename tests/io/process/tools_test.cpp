#include "io/process/process.hpp"
#include "support/catch.hpp"

#include <felhom/host_tools/pct.hpp>
#include <felhom/host_tools/sensors.hpp>
#include <felhom/host_tools/smart.hpp>

#include <fstream>
#include <iterator>
#include <type_traits>

using namespace felhom;
using namespace felhom::host_tools;

static_assert(!std::is_constructible_v<command, std::vector<std::string>>, "commands are the tools' to make");

namespace {

auto recorded(const std::string& name) -> std::string
{
    auto file = std::ifstream{std::string{FELHOM_DATA} + "/root/" + name};
    REQUIRE(file);
    return {std::istreambuf_iterator<char>{file}, {}};
}

template <typename T>
auto must(const tl::expected<T, parse_error>& parsed) -> T
{
    REQUIRE(parsed.has_value());
    return *parsed;
}

template <typename T>
void check_refuses(std::initializer_list<const char*> texts)
{
    for (const auto* text : texts) {
        INFO(text);
        CHECK_FALSE(T::parse(text).has_value());
    }
}

auto wrote(std::string out, int exit_code = 0) -> finished
{
    return {.exit_code = exit_code, .out = std::move(out), .err = ""};
}

} // namespace

TEST_CASE("the golden container is made unprivileged, with keyctl and nesting")
{
    const auto golden = golden_container{
        .id = must(vmid::parse("9000")),
        .archive = must(template_archive::parse("local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst")),
        .hostname = must(host_tools::hostname::parse("golden")),
        .storage = must(storage_name::parse("local-lvm")),
        .bridge = must(bridge_name::parse("vmbr0")),
    };
    CHECK(pct::create(golden).argv()
          == std::vector<std::string>{
              "/usr/sbin/pct",  "create", "9000",       "local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst",
              "--unprivileged", "1",      "--features", "keyctl=1,nesting=1",
              "--hostname",     "golden", "--rootfs",   "local-lvm:8",
              "--cores",        "2",      "--memory",   "2048",
              "--swap",         "512",    "--net0",     "name=eth0,bridge=vmbr0,ip=dhcp"});
}

TEST_CASE("what could be an option, a path of its own or a second value is refused as a part of a command")
{
    check_refuses<template_archive>({"", "debian.tar.zst", "-x:vztmpl/a.tar.gz", "local:vztmpl/-a.tar.gz",
                                     "local:vztmpl/../a.tar.gz", "local:vztmpl/a/b.tar.gz", "local:iso/a.tar.gz",
                                     "local:vztmpl/a.zip", "/var/lib/a.tar.gz", "local:vztmpl/a b.tar.gz"});
    check_refuses<storage_name>({"", "a", "-local", "local:8", "local,x=y", "1local", "local-", "lo cal"});
    check_refuses<host_tools::hostname>({"", "-a", "a-", "a..b", ".a", "a.", "a_b", "a b", "a\n"});
    check_refuses<bridge_name>({"", "0br", "vmbr0,ip=x", "vmbr0.100", "a234567890123456"});
    check_refuses<disk_device>({"", "/dev/", "/dev/../etc/passwd", "/dev/disk/by-id/", "/dev/disk/by-id/../x",
                                "/dev/mapper/x", "sda", "-a", "/dev/sd a"});
}

TEST_CASE("a SATA disk's health, temperature and raw attributes are read")
{
    CHECK(smartctl::report(must(disk_device::parse("/dev/disk/by-id/ata-EXAMPLE_HDD-1"))).argv()
          == std::vector<std::string>{"/usr/sbin/smartctl", "--json", "--all", "--nocheck=standby",
                                      "/dev/disk/by-id/ata-EXAMPLE_HDD-1"});
    CHECK(smartctl::read_report(wrote(recorded("smart-ata.json")))
          == smart_report{
              .model = "EXAMPLE HDD 4TB",
              .serial = "EX-0001",
              .health = disk_health::passed,
              .celsius = 32,
              .power_on_hours = 21357,
              .attributes =
                  {{.id = 5, .name = "Reallocated_Sector_Ct", .value = 200, .worst = 199, .threshold = 140, .raw = 3},
                   {.id = 194,
                    .name = "Temperature_Celsius",
                    .value = 118,
                    .worst = 103,
                    .threshold = 0,
                    .raw = 214748364832}},
              .nvme = {},
          });
}

TEST_CASE("an ill NVMe disk is a report, not a failure")
{
    CHECK(smartctl::read_report(wrote(recorded("smart-nvme.json"), 8))
          == smart_report{
              .model = "EXAMPLE NVME 1TB",
              .serial = "EX-0002",
              .health = disk_health::failed,
              .celsius = 61,
              .power_on_hours = 40123,
              .attributes = {},
              .nvme = nvme_log{.critical_warning = 1, .available_spare = 7, .percentage_used = 104, .media_errors = 12},
          });
}

TEST_CASE("a disk that tells nothing has an unknown health and no temperature")
{
    CHECK(smartctl::read_report(wrote(recorded("smart-usb.json"), 4))
          == smart_report{.model = "EXAMPLE USB BRIDGE",
                          .serial = {},
                          .health = disk_health::unknown,
                          .celsius = {},
                          .power_on_hours = {},
                          .attributes = {},
                          .nvme = {}});
}

TEST_CASE("the failing bit of smartctl's exit code outweighs what the document says")
{
    const auto report = smartctl::read_report(wrote(R"({"smart_status":{"passed":true}})", 8));
    REQUIRE(report.has_value());
    CHECK(report->health == disk_health::failed);
}

TEST_CASE("a device that smartctl could not open is a failure with smartctl's own words")
{
    CHECK(smartctl::read_report(wrote(recorded("smart-no-device.json"), 2))
          == tl::unexpected<host_tools::error>{
              failed{.program = "/usr/sbin/smartctl",
                     .exit_code = 2,
                     .message = "Smartctl open device: /dev/sdz failed: No such device"}});
    CHECK(smartctl::read_report({.exit_code = 1, .out = "=====> unknown option\n", .err = ""})
          == tl::unexpected<host_tools::error>{
              failed{.program = "/usr/sbin/smartctl", .exit_code = 1, .message = "=====> unknown option"}});
}

TEST_CASE("the first of smartctl's messages is told, whatever the others are")
{
    const auto odd = R"({"smartctl":{"messages":[{"string":"Unable to detect device type"},{"severity":"error"}]}})";
    CHECK(smartctl::read_report(wrote(odd, 2))
          == tl::unexpected<error>(
              failed{.program = "/usr/sbin/smartctl", .exit_code = 2, .message = "Unable to detect device type"}));
}

TEST_CASE("a SMART document with a value of another kind is refused with its place")
{
    const auto refused = [](const char* text) {
        const auto read = smartctl::read_report(wrote(text));
        REQUIRE_FALSE(read.has_value());
        return describe(read.error());
    };
    CHECK(refused("") == "the output of /usr/sbin/smartctl: not valid JSON at byte 0: incomplete JSON");
    CHECK(refused("[]") == "the output of /usr/sbin/smartctl: $: expected an object, got an array");
    CHECK(refused(R"({"smart_status":{"passed":"yes"}})")
          == "the output of /usr/sbin/smartctl: $.smart_status.passed: expected true or false, got \"yes\"");
    CHECK(refused(R"({"temperature":{"current":99999}})")
          == "the output of /usr/sbin/smartctl: $.temperature.current: expected an integer from -273 to 1000, got "
             "99999");
    CHECK(refused(R"({"ata_smart_attributes":{"table":[{"id":256}]}})")
          == "the output of /usr/sbin/smartctl: $.ata_smart_attributes.table[0].name is missing");
    CHECK(refused(R"({"ata_smart_attributes":{"table":[{"name":"x","id":256}]}})")
          == "the output of /usr/sbin/smartctl: $.ata_smart_attributes.table[0].id: expected an integer from 0 to 255, "
             "got 256");
}

TEST_CASE("the host's temperatures are read, fans and silent sensors left out")
{
    CHECK(sensors::read_all().argv() == std::vector<std::string>{"/usr/bin/sensors", "-j"});
    CHECK(sensors::read_temperatures(wrote(recorded("sensors.json")))
          == std::vector<temperature>{{.chip = "coretemp-isa-0000", .label = "Package id 0", .celsius = 45.0},
                                      {.chip = "coretemp-isa-0000", .label = "Core 0", .celsius = 43.5},
                                      {.chip = "nvme-pci-0100", .label = "Composite", .celsius = -2.15}});
}

TEST_CASE("a host without sensors and output that is no object are failures")
{
    const auto refused = [](const finished& ended) {
        const auto read = sensors::read_temperatures(ended);
        REQUIRE_FALSE(read.has_value());
        return describe(read.error());
    };
    CHECK(refused({.exit_code = 1, .out = "", .err = "No sensors found!\nMake sure ...\n"})
          == "/usr/bin/sensors failed with exit code 1: No sensors found!");
    CHECK(refused(wrote("{")).starts_with("the output of /usr/bin/sensors: not valid JSON"));
    CHECK(refused(wrote("[]")) == "the output of /usr/bin/sensors: $: expected an object, got an array");
    CHECK(refused(wrote(R"({"chip":1})")) == "the output of /usr/bin/sensors: $.chip: expected an object, got 1");
}

TEST_CASE("every way in which a program can fail is told in one line")
{
    using namespace std::chrono_literals;
    CHECK(describe(error{cannot_start{"/x", "No such file or directory"}})
          == "/x could not be started: No such file or directory");
    CHECK(describe(error{timed_out{"/x", 1500ms}}) == "/x was killed after 1500 ms");
    CHECK(describe(error{too_much_output{"/x", 10}}) == "/x was killed: it wrote more than 10 bytes");
    CHECK(describe(error{killed{"/x", 9}}) == "/x was ended by signal 9");
}
