// SPDX-License-Identifier: Apache-2.0
#include "recorded_tools.hpp"
#include "support/catch.hpp"

#include <felhom/host_tools/block_device.hpp>
#include <felhom/host_tools/smart.hpp>

using namespace felhom;
using namespace felhom::host_tools;

namespace {

[[nodiscard]] auto smart_of(std::string out, int exit_code = 0) -> smart_report
{
    const auto read = smartctl::read_report(wrote(std::move(out), exit_code));
    REQUIRE(read.has_value());
    return *read;
}

[[nodiscard]] auto unread_of(const smart_report& report) -> std::vector<std::string>
{
    auto texts = std::vector<std::string>{};
    for (const auto& why : report.unread) {
        texts.push_back(describe(why));
    }
    return texts;
}

[[nodiscard]] auto why_not_asked(std::string out, int exit_code) -> std::string
{
    const auto read = smartctl::read_report(wrote(std::move(out), exit_code));
    REQUIRE_FALSE(read.has_value());
    return describe(read.error());
}

using texts = std::vector<std::string>;

} // namespace

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
              .warnings = {"the disk says that it is failing"},
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
                          .nvme = {},
                          .warnings = {"a command to the disk failed, or a checksum in its data is wrong"}});
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

TEST_CASE("a failing disk whose thresholds cannot be read is a failing disk, with all that it tells")
{
    const auto disk = smart_of(recorded("smart-no-threshold-failing.json"), 8);
    CHECK(disk.health == disk_health::failed);
    CHECK(disk.model == "WDC WDS480 (USB)");
    CHECK(disk.serial == "S9");
    CHECK(disk.celsius == 61);
    CHECK(disk.power_on_hours == 50'000);
    CHECK(disk.attributes
          == std::vector<smart_attribute>{{.id = 5,
                                           .name = "Reallocated_Sector_Ct",
                                           .value = 1,
                                           .worst = 1,
                                           .threshold = std::nullopt,
                                           .raw = 2000}});
    CHECK(disk.unread.empty());
}

TEST_CASE("a healthy disk without thresholds has passed, and has its attributes")
{
    const auto disk = smart_of(recorded("smart-no-threshold.json"));
    CHECK(disk.health == disk_health::passed);
    CHECK(disk.celsius == 34);
    CHECK(disk.power_on_hours == 20'379);
    REQUIRE(disk.attributes.size() == 2);
    CHECK(disk.attributes.back().threshold == std::nullopt);
    CHECK(disk.unread.empty());
}

TEST_CASE("an attribute that has no value and no worst one, as of 64-bit counters, is there without them")
{
    const auto disk =
        smart_of(R"({"ata_smart_attributes":{"table":[{"id":241,"name":"Total_LBAs_Written","raw":{"value":7}}]}})");
    CHECK(disk.attributes
          == std::vector<smart_attribute>{{.id = 241,
                                           .name = "Total_LBAs_Written",
                                           .value = std::nullopt,
                                           .worst = std::nullopt,
                                           .threshold = std::nullopt,
                                           .raw = 7}});
    CHECK(disk.unread.empty());
}

TEST_CASE("a figure that cannot be read is nothing, with its reason, and hides no other")
{
    const auto disk = smart_of(R"({"model_name":7,"serial_number":"S1","smart_status":{"passed":false},
                                   "temperature":{"current":99999},"power_on_time":{"hours":"12"},
                                   "ata_smart_attributes":{"table":[
                                       {"id":5,"name":"A","value":256,"worst":-1,"thresh":"x","raw":{"value":1.5}},
                                       {"id":9,"name":[],"value":1,"worst":1,"thresh":0,"raw":7}]}})");
    CHECK(disk.health == disk_health::failed);
    CHECK(disk.model == std::nullopt);
    CHECK(disk.serial == "S1");
    CHECK(disk.celsius == std::nullopt);
    CHECK(disk.power_on_hours == std::nullopt);
    CHECK(disk.attributes
          == std::vector<smart_attribute>{
              {.id = 5,
               .name = "A",
               .value = std::nullopt,
               .worst = std::nullopt,
               .threshold = std::nullopt,
               .raw = std::nullopt},
              {.id = 9, .name = std::nullopt, .value = 1, .worst = 1, .threshold = 0, .raw = std::nullopt}});
    CHECK(unread_of(disk)
          == texts{"$.model_name: expected a string, got 7",
                   "$.temperature.current: expected an integer from -273 to 1000, got 99999",
                   "$.power_on_time.hours: expected an integer from 0 to 18446744073709551615, got \"12\"",
                   "$.ata_smart_attributes.table[0].value: expected an integer from 0 to 255, got 256",
                   "$.ata_smart_attributes.table[0].worst: expected an integer from 0 to 255, got -1",
                   "$.ata_smart_attributes.table[0].thresh: expected an integer from 0 to 255, got \"x\"",
                   "$.ata_smart_attributes.table[0].raw.value: expected an integer from 0 to 18446744073709551615, "
                   "got the number 1.500000",
                   "$.ata_smart_attributes.table[1].name: expected a string, got an array",
                   "$.ata_smart_attributes.table[1].raw: expected an object, got 7"});
}

TEST_CASE("a count of 128 bits is nothing, with its reason, and the disk keeps its health")
{
    const auto disk = smart_of(R"({"smart_status":{"passed":true},"nvme_smart_health_information_log":
        {"critical_warning":0,"media_errors":340282366920938463463374607431768211455,"percentage_used":3}})");
    CHECK(disk.health == disk_health::passed);
    CHECK(disk.nvme
          == nvme_log{.critical_warning = 0,
                      .available_spare = std::nullopt,
                      .percentage_used = 3,
                      .media_errors = std::nullopt});
    REQUIRE(disk.unread.size() == 1);
    CHECK(describe(disk.unread.front()).starts_with("$.nvme_smart_health_information_log.media_errors: expected an "));
}

TEST_CASE("a number beyond all range and bytes that are no UTF-8 leave the disk its health")
{
    const auto digits = std::string(400, '9');
    const auto disk =
        smart_of("{\"model_name\":\"\xff SSD\",\"smart_status\":{\"passed\":false},\"temperature\":{\"current\":"
                 + digits + "}}");
    CHECK(disk.health == disk_health::failed);
    CHECK(disk.celsius == std::nullopt);
    CHECK(disk.model == "\xff SSD");
    CHECK(disk.unread.size() == 1);
}

TEST_CASE("a part of another type is told of, and hides no other")
{
    const auto passed = R"("smart_status":{"passed":true})";
    for (const auto* const part :
         {R"("temperature":7)", R"("power_on_time":"x")", R"("ata_smart_attributes":[])",
          R"("ata_smart_attributes":{"table":{}})", R"("ata_smart_attributes":{"table":[7]})",
          R"("ata_smart_attributes":{"table":[{"name":"x"}]})", R"("nvme_smart_health_information_log":1)",
          R"("scsi_error_counter_log":true)", R"("scsi_grown_defect_list":"many")", R"("serial_number":{})"}) {
        INFO(part);
        const auto disk = smart_of("{" + std::string{part} + "," + passed + "}");
        CHECK(disk.health == disk_health::passed);
        CHECK(disk.attributes.empty());
        CHECK(disk.unread.size() == 1);
    }
}

TEST_CASE("each member may be null, which is as if it were not there")
{
    const auto disk = smart_of(R"({"model_name":null,"smart_status":{"passed":true},"temperature":null,
        "power_on_time":{"hours":null},"ata_smart_attributes":{"table":null},"scsi_grown_defect_list":null})");
    CHECK(disk.health == disk_health::passed);
    CHECK(disk.unread.empty());
}

TEST_CASE("an odd verdict is unknown, unless the exit code says that the disk is failing")
{
    for (const auto* const odd : {R"({"smart_status":{"passed":"yes"}})", R"({"smart_status":true})"}) {
        CHECK(smart_of(odd).health == disk_health::unknown);
        CHECK(smart_of(odd).unread.size() == 1);
        CHECK(smart_of(odd, 8).health == disk_health::failed);
    }
}

TEST_CASE("a disk that fails by the exit code is failing also where its document is none")
{
    for (const auto* const broken : {"", "[]", "{\"smart_status\":", "null"}) {
        INFO(broken);
        const auto disk = smart_of(broken, 8);
        CHECK(disk.health == disk_health::failed);
        CHECK(disk.unread.size() == 1);
    }
}

TEST_CASE("the disk's verdict counts also where the exit code says that the disk was not asked")
{
    CHECK(smart_of(R"({"smart_status":{"passed":false}})", 2).health == disk_health::failed);
    CHECK(smart_of("{}", 0b1010).health == disk_health::failed);
    CHECK(smart_of(R"({"smart_status":{"passed":true}})", 1).health == disk_health::passed);
}

TEST_CASE("a document that is none is refused with its place")
{
    CHECK(why_not_asked("", 0) == "the output of /usr/sbin/smartctl: not valid JSON at byte 0: incomplete JSON");
    CHECK(why_not_asked("[]", 0) == "the output of /usr/sbin/smartctl: $: expected an object, got an array");
    CHECK(why_not_asked("null", 4) == "the output of /usr/sbin/smartctl: $: expected an object, got null");
}

TEST_CASE("the bits of smartctl's exit code are told in words")
{
    CHECK(smart_of("{}", 0b11110100).warnings
          == texts{"a command to the disk failed, or a checksum in its data is wrong",
                   "an attribute that foretells failure is at its threshold or below",
                   "an attribute has been at its threshold or below", "the disk's error log has errors",
                   "the disk's self-test log has errors"});
    CHECK(smart_of("{}").warnings.empty());
}

TEST_CASE("why no disk was asked is told by the exit code where smartctl says nothing")
{
    CHECK(why_not_asked(recorded("smart-no-message.json"), 2)
          == "/usr/sbin/smartctl failed with exit code 2: the device could not be opened, or is in a low-power mode");
    CHECK(why_not_asked("", 2)
          == "/usr/sbin/smartctl failed with exit code 2: the device could not be opened, or is in a low-power mode");
    CHECK(
        why_not_asked(R"({"smartctl":{"messages":[]}})", 1)
        == "/usr/sbin/smartctl failed with exit code 1: smartctl does not know the type of the device, or not its own "
           "command line");
    CHECK(
        why_not_asked("{\n  \"smartctl\": {", 3)
        == "/usr/sbin/smartctl failed with exit code 3: smartctl does not know the type of the device, or not its own "
           "command line; the device could not be opened, or is in a low-power mode");
}

TEST_CASE("of smartctl's messages the first error is told")
{
    CHECK(why_not_asked(recorded("smart-warning-before-error.json"), 2)
          == "/usr/sbin/smartctl failed with exit code 2: Read NVMe Identify Controller failed: Invalid argument");
    CHECK(why_not_asked(recorded("smart-emmc.json"), 1)
          == "/usr/sbin/smartctl failed with exit code 1: /dev/mmcblk0: Unable to detect device type");
}

TEST_CASE("a message that is no error is told beside what the exit code says")
{
    const auto standby = R"json({"smartctl":{"messages":[7,{"severity":"error"},
        {"string":"Device is in STANDBY mode, exit(2)","severity":"information"}]}})json";
    CHECK(why_not_asked(standby, 2)
          == "/usr/sbin/smartctl failed with exit code 2: the device could not be opened, or is in a low-power mode: "
             "Device is in STANDBY mode, exit(2)");
}

TEST_CASE("a SAS disk has its model, its defects and its errors")
{
    const auto disk = smart_of(recorded("smart-sas.json"));
    CHECK(disk.model == "SEAGATE ST4000NM");
    CHECK(disk.serial == "Z1");
    CHECK(disk.health == disk_health::passed);
    CHECK(disk.celsius == 33);
    CHECK(disk.power_on_hours == 40'000);
    CHECK(disk.scsi
          == scsi_log{.grown_defects = 4211,
                      .uncorrected_read_errors = 97,
                      .uncorrected_write_errors = std::nullopt,
                      .uncorrected_verify_errors = std::nullopt});
}

TEST_CASE("a SAS disk's model is made of maker and product where it has no other")
{
    CHECK(smart_of(R"({"scsi_vendor":"HGST","scsi_product":"HUC101830CSS200"})").model == "HGST HUC101830CSS200");
    CHECK(smart_of(R"({"scsi_product":"HUC101830CSS200"})").model == "HUC101830CSS200");
    CHECK(smart_of(R"({"scsi_model_name":"A","model_name":"B"})").model == "B");
}

TEST_CASE("the counters of a SAS disk are read each by itself")
{
    const auto disk = smart_of(R"({"smart_status":{"passed":true},"scsi_error_counter_log":{
        "read":7,"write":{"total_uncorrected_errors":3},"verify":{"total_uncorrected_errors":1e30}}})");
    CHECK(disk.health == disk_health::passed);
    CHECK(disk.scsi
          == scsi_log{.grown_defects = std::nullopt,
                      .uncorrected_read_errors = std::nullopt,
                      .uncorrected_write_errors = 3,
                      .uncorrected_verify_errors = std::nullopt});
    CHECK(disk.unread.size() == 2);
}

TEST_CASE("what a failing SAS disk foretells is told")
{
    const auto disk = smart_of(R"({"smart_status":{"passed":false,"scsi":{"asc":93,"ascq":16,
        "ie_string":"HARDWARE IMPENDING FAILURE GENERAL HARD DRIVE FAILURE"}}})",
                               8);
    CHECK(disk.warnings
          == texts{"the disk says: HARDWARE IMPENDING FAILURE GENERAL HARD DRIVE FAILURE",
                   "the disk says that it is failing"});
}

TEST_CASE("what has no disk behind it is no disk")
{
    CHECK(is_disk({.name = "sda", .has_device = true, .hidden = "0", .size = "7814037168"}));
    CHECK(is_disk({.name = "sda", .has_device = true}));
    CHECK(is_disk({.name = "mmcblk0", .has_device = true, .hidden = "0", .size = "61071360"}));
    CHECK_FALSE(is_disk({.name = "loop0", .hidden = "0", .size = "8"}));
    CHECK_FALSE(is_disk({.name = "sr0", .has_device = true, .hidden = "0", .size = "2097151"}));
    CHECK_FALSE(is_disk({.name = "mmcblk0boot0", .has_device = true, .hidden = "0", .size = "8192"}));
    CHECK_FALSE(is_disk({.name = "mmcblk12boot1", .has_device = true, .hidden = "0", .size = "8192"}));
    CHECK_FALSE(is_disk({.name = "mmcblk0rpmb", .has_device = true, .hidden = "0", .size = "8192"}));
    CHECK_FALSE(is_disk({.name = "nvme0c0n1", .has_device = true, .hidden = "1", .size = "2000409264"}));
    CHECK_FALSE(is_disk({.name = "sdc", .has_device = true, .hidden = "0", .size = "0", .removable = "1"}));
    CHECK(is_disk({.name = "sda", .has_device = true, .hidden = "0", .size = "0", .removable = "0"})); // a dead one
}
