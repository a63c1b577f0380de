// SPDX-License-Identifier: Apache-2.0
#include "recorded_tools.hpp"
#include "support/catch.hpp"

#include <felhom/host_tools/sensors.hpp>

using namespace felhom;
using namespace felhom::host_tools;

namespace {

[[nodiscard]] auto sensors_of(std::string out) -> temperatures_read
{
    const auto read = sensors::read_temperatures(wrote(std::move(out)));
    REQUIRE(read.has_value());
    return *read;
}

[[nodiscard]] auto flaws_of(const temperatures_read& read) -> std::vector<std::string>
{
    auto texts = std::vector<std::string>{};
    for (const auto& why : read.unread) {
        texts.push_back(describe(why));
    }
    return texts;
}

/// A chip as sensors prints it, around the lines of its features.
[[nodiscard]] auto chip(const std::string& name, const std::string& features) -> std::string
{
    return "   \"" + name + "\":{\n      \"Adapter\": \"ISA adapter\",\n" + features + "   }";
}

[[nodiscard]] auto feature(const std::string& label, const std::string& readings) -> std::string
{
    return "      \"" + label + "\":{\n" + readings + "\n      }\n";
}

using temperature_list = std::vector<temperature>;

} // namespace

TEST_CASE("the host's temperatures are read, fans and silent sensors left out")
{
    CHECK(sensors::read_all().argv() == std::vector<std::string>{"/usr/bin/sensors", "-j"});
    CHECK(sensors_of(recorded("sensors.json"))
          == temperatures_read{.all = {{.chip = "coretemp-isa-0000", .label = "Package id 0", .celsius = 45.0},
                                       {.chip = "coretemp-isa-0000", .label = "Core 0", .celsius = 43.5},
                                       {.chip = "nvme-pci-0100", .label = "Composite", .celsius = -2.15}}});
}

TEST_CASE("a chip without readings takes no other chip's along")
{
    CHECK(sensors_of(recorded("sensors-chip-without-readings.json"))
          == temperatures_read{.all = {{.chip = "nvme-pci-0100", .label = "Composite", .celsius = 38.85}}});
}

TEST_CASE("two sensors of one label are both there")
{
    CHECK(sensors_of(recorded("sensors-same-label.json"))
          == temperatures_read{.all = {{.chip = "jc42-i2c-6-18", .label = "SODIMM", .celsius = 33.0},
                                       {.chip = "jc42-i2c-6-18", .label = "SODIMM", .celsius = 36.0}}});
    CHECK(
        sensors_of(R"({"a":{"X":{"temp1_input":1,"temp2_input":2},"X":{"temp2_input":2}},"a":{"X":{"temp1_input":1}}})")
            .all.size()
        == 4);
}

TEST_CASE("a label with quotes in it is read as it stands")
{
    const auto read = sensors_of(
        "{\n" + chip("k10temp-pci-00c3", feature("CPU \"die\"", R"(         "temp1_input": 51.125)")) + "\n}\n");
    CHECK(read == temperatures_read{.all = {{.chip = "k10temp-pci-00c3", .label = "CPU \"die\"", .celsius = 51.125}}});
}

TEST_CASE("a label that is no UTF-8 spoils nothing")
{
    const auto read =
        sensors_of("{\n" + chip("a-isa-0", feature("T\xe9l\xe9", R"(         "temp1_input": 20.000)")) + "\n}\n");
    CHECK(read == temperatures_read{.all = {{.chip = "a-isa-0", .label = "T\xe9l\xe9", .celsius = 20.0}}});
}

TEST_CASE("a reading that is no JSON is told with its byte, and spoils no other of its feature, chip or host")
{
    const auto text =
        "{\n" + chip("a-isa-0", feature("CPU", "         \"temp1_input\": nan,\n         \"temp2_input\": 20.000"))
        + ",\n" + chip("b-isa-0", feature("GPU", "         \"temp1_input\": 30.000")) + "\n}\n";
    const auto read = sensors_of(text);
    CHECK(read.all
          == temperature_list{{.chip = "a-isa-0", .label = "CPU", .celsius = 20.0},
                              {.chip = "b-isa-0", .label = "GPU", .celsius = 30.0}});
    REQUIRE(read.unread.size() == 1);
    const auto flaw = flaws_of(read).front();
    INFO(flaw);
    const auto nan = text.find("nan");
    CHECK((flaw.starts_with("not valid JSON at byte " + std::to_string(nan) + ":")
           || flaw.starts_with("not valid JSON at byte " + std::to_string(nan + 1) + ":")));
}

TEST_CASE("what a library prints between the readings spoils none")
{
    const auto text = "{\n"
                      + chip("a-isa-0", feature("CPU", "         \"temp1_input\": 21.000,\nERROR: Can't get value\n"
                                                       "         \"temp1_max\": 80.000"))
                      + "\n}\n";
    const auto read = sensors_of(text);
    CHECK(read.all == temperature_list{{.chip = "a-isa-0", .label = "CPU", .celsius = 21.0}});
    CHECK(read.unread.size() == 1);
}

TEST_CASE("of output that is cut off the whole lines are read, and the end is told")
{
    const auto whole = "{\n" + chip("a-isa-0", feature("CPU", "         \"temp1_input\": 21.000")) + ",\n"
                       + chip("b-isa-0", feature("GPU", "         \"temp1_input\": 35.000")) + "\n}\n";
    const auto read = sensors_of(whole.substr(0, whole.find("35.000") + 1));
    CHECK(read.all == temperature_list{{.chip = "a-isa-0", .label = "CPU", .celsius = 21.0}});
    CHECK_FALSE(read.unread.empty());
}

TEST_CASE("a temperature that is no number and a chip that is none are told by their places")
{
    const auto read = sensors_of(R"({"a":{"X":{"temp1_input":"45","temp1_max":"x"},"Y":{"temp2_input":1.5}},"b":7,
                                     "c":{"Z":{"temp1_input":{}},"W":5,"V":[{"temp1_input":1}]},"d":null,"e":[]})");
    CHECK(read.all == temperature_list{{.chip = "a", .label = "Y", .celsius = 1.5}});
    CHECK(flaws_of(read)
          == std::vector<std::string>{"$.a.X.temp1_input: expected a number, got \"45\"",
                                      "$.b: expected an object, got 7",
                                      "$.c.Z.temp1_input: expected a number, got an object",
                                      "$.d: expected an object, got null", "$.e: expected an object, got an array"});
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
    CHECK(refused({.exit_code = 1, .out = "", .err = ""})
          == "/usr/bin/sensors failed with exit code 1: it says nothing");
    CHECK(refused(wrote("{")) == "the output of /usr/bin/sensors: not valid JSON at byte 1: incomplete JSON");
    CHECK(refused(wrote("")).starts_with("the output of /usr/bin/sensors: not valid JSON at byte 0"));
    CHECK(refused(wrote("[]")) == "the output of /usr/bin/sensors: $: expected an object, got an array");
    CHECK(refused(wrote(R"({"chip":1})")) == "the output of /usr/bin/sensors: $.chip: expected an object, got 1");
}

TEST_CASE("a host whose chips have no temperature has none, and that is no failure")
{
    CHECK(sensors_of("{\n\n}\n") == temperatures_read{});
    CHECK(sensors_of(R"({"fan-isa-0":{"Adapter":"ISA","fan1":{"fan1_input":1200.0}}})") == temperatures_read{});
}
