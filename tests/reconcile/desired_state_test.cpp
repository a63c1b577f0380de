// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"
#include "support/data.hpp"

#include <felhom/reconcile/desired/desired_json.hpp>

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace felhom::lxc;
using namespace felhom::reconcile;
using felhom::json_type_error;
using felhom::json_unknown_member;
using felhom::vmid;

namespace {

auto parse(std::string_view text) -> tl::expected<desired_state, desired_error>
{
    return parse_desired_state(text, key_table::standard());
}

auto one_guest(const std::string& members) -> std::string
{
    return R"({"version":1,"generation":1,"guests":[{"vmid":101)" + members + "}]}";
}

auto entries_of(const std::string& members) -> std::vector<desired_entry>
{
    const auto parsed = parse(one_guest(members));
    INFO(members);
    REQUIRE(parsed.has_value());
    return parsed->guests.front().entries;
}

auto error_of(const std::string& document) -> desired_error
{
    const auto parsed = parse(document);
    INFO(document);
    REQUIRE_FALSE(parsed.has_value());
    return parsed.error();
}

auto error_in_guest(const std::string& members) -> desired_error
{
    return error_of(one_guest(members));
}

} // namespace

TEST_CASE("a guest's keys are gathered from spec, description and config, and sorted")
{
    CHECK(entries_of(R"(,"config":{"tags":"a;b","onboot":true},"spec":{"memory":512,"cores":2},"description":"x")")
          == std::vector<desired_entry>{
              {"cores", "2"}, {"description", "x"}, {"memory", "512"}, {"onboot", "1"}, {"tags", "a;b"}});
}

TEST_CASE("guests are sorted by vmid and their run state is optional")
{
    const auto parsed = parse(R"({"$schema":"felhom-desired-state.schema.json","version":1,"generation":7,"guests":[
        {"vmid":200,"run_state":"stopped"},{"vmid":101,"name":"web","run_state":"running"},{"vmid":150}]})");
    REQUIRE(parsed.has_value());
    CHECK(*parsed
          == desired_state{.generation = 7,
                           .guests = {{.id = *vmid::parse("101"), .run = run_state::running, .entries = {}},
                                      {.id = *vmid::parse("150"), .run = std::nullopt, .entries = {}},
                                      {.id = *vmid::parse("200"), .run = run_state::stopped, .entries = {}}}});
}

TEST_CASE("null means that a key must be unset, an absent member that it is not managed")
{
    CHECK(entries_of(R"(,"description":null)") == std::vector<desired_entry>{{"description", std::nullopt}});
    CHECK(entries_of("").empty());
}

TEST_CASE("booleans are true and false or PVE's own 1 and 0, numbers are exact")
{
    CHECK(entries_of(R"(,"config":{"onboot":0})") == std::vector<desired_entry>{{"onboot", "0"}});
    CHECK(entries_of(R"(,"config":{"cpulimit":1.5})") == std::vector<desired_entry>{{"cpulimit", "1.5"}});
    CHECK(entries_of(R"(,"config":{"cpulimit":2})") == std::vector<desired_entry>{{"cpulimit", "2"}});
}

TEST_CASE("an unknown member is refused with its path and the nearest known name")
{
    CHECK(error_in_guest(R"(,"runstate":"running")")
          == desired_error{json_unknown_member{"$.guests[0].runstate", "run_state"}});
    CHECK(error_in_guest(R"(,"spec":{"mem":1})") == desired_error{json_unknown_member{"$.guests[0].spec.mem", ""}});
    CHECK(error_of(R"({"version":1,"generation":1,"guest":[]})")
          == desired_error{json_unknown_member{"$.guest", "guests"}});
}

TEST_CASE("a configuration key outside the table is refused")
{
    CHECK(error_in_guest(R"(,"config":{"balloon":1})") == desired_error{unknown_key{"$.guests[0].config.balloon"}});
    CHECK(error_in_guest(R"(,"config":{"net32":"name=a,bridge=b"})")
          == desired_error{unknown_key{"$.guests[0].config.net32"}});
}

TEST_CASE("a key that PVE keeps for itself cannot be desired")
{
    for (const auto* key : {"lock", "lxc", "parent", "unused0"}) {
        CHECK(error_in_guest(std::string{R"(,"config":{")"} + key + R"(":"x"})")
              == desired_error{not_settable{std::string{"$.guests[0].config."} + key}});
    }
}

TEST_CASE("one field given in two places is refused with both")
{
    CHECK(error_in_guest(R"(,"spec":{"memory":512},"config":{"memory":512})")
          == desired_error{given_twice{"$.guests[0].config.memory", "$.guests[0].spec.memory"}});
    CHECK(error_in_guest(R"(,"description":"a","config":{"description":"a"})")
          == desired_error{given_twice{"$.guests[0].config.description", "$.guests[0].description"}});
}

TEST_CASE("a repeated key is refused before anything is read from it")
{
    const auto error = error_in_guest(R"(,"spec":{"memory":512,"memory":1024})");
    REQUIRE(std::holds_alternative<felhom::json_syntax_error>(error));
}

TEST_CASE("a desired state names at most 4,096 guests, and what to do about more is told")
{
    const auto guests = [](std::uint32_t count) {
        auto text = std::string{R"({"version":1,"generation":1,"guests":[)"};
        for (auto number = std::uint32_t{0}; number < count; ++number) {
            text += std::string{number == 0 ? "" : ","} + "{\"vmid\":" + std::to_string(100 + number) + "}";
        }
        return text + "]}";
    };
    CHECK(parse(guests(4096)).value().guests.size() == 4096);
    CHECK(error_of(guests(4097)) == desired_error{too_many_guests{.found = 4097, .most = 4096}});
    CHECK(
        describe(error_of(guests(4097)))
        == "$.guests: 4097 guests, and a desired state may name 4096; remove those that are not to be managed on this "
           "node");
}

TEST_CASE("a guest may have every key that Proxmox VE has, each of them in every number")
{
    auto members = std::string{};
    const auto add = [&](const std::string& key) { members += (members.empty() ? "\"" : ",\"") + key + "\":null"; };
    for (const auto& [key, count] : {std::pair{"net", 32}, {"mp", 256}, {"dev", 256}}) {
        for (auto number = 0; number < count; ++number) {
            add(key + std::to_string(number));
        }
    }
    for (const auto* const key : {"description", "tags", "startup", "nameserver", "searchdomain", "features"}) {
        add(key);
    }
    CHECK(entries_of(R"(,"config":{)" + members + "}").size() == 32 + 256 + 256 + 6);
}

TEST_CASE("as many guests as may be desired are read, of five keys each and written without blanks")
{
    auto many = std::string{R"({"version":1,"generation":1,"guests":[)"};
    for (auto number = std::size_t{0}; number < most_desired_guests; ++number) {
        many += (number == 0 ? "" : ",") + (R"({"vmid":)" + std::to_string(100 + number))
                + R"(,"run_state":"running","spec":{"cores":2,"memory":512,"swap":512},"config":{"onboot":true}})";
    }
    const auto read = parse_desired_state(many + "]}", key_table::standard());
    REQUIRE(read.has_value());
    CHECK(read->guests.size() == most_desired_guests);
}

TEST_CASE("a desired state of more values than one for 16 bytes is refused with the limit")
{
    auto many = std::string{R"({"version":1,"generation":1,"guests":[1)"};
    for (auto number = 0; number < 45'000; ++number) {
        many += ",1";
    }
    CHECK(describe(error_of(many + "]}")).find("more than 40000 values") != std::string::npos);
}

TEST_CASE("a guest described twice is refused")
{
    CHECK(error_of(R"({"version":1,"generation":1,"guests":[{"vmid":101},{"vmid":102},{"vmid":101}]})")
          == desired_error{duplicate_guest{"$.guests[2].vmid", 101}});
}

TEST_CASE("wrongly typed values are refused with path, rule and what was there")
{
    CHECK(error_in_guest(R"(,"spec":{"memory":"512"})")
          == desired_error{json_type_error{"$.guests[0].spec.memory", "an integer from 16 to 1073741824", "\"512\""}});
    CHECK(error_in_guest(R"(,"spec":{"cores":0})")
          == desired_error{json_type_error{"$.guests[0].spec.cores", "an integer from 1 to 8192", "0"}});
    CHECK(error_in_guest(R"(,"config":{"onboot":"yes"})")
          == desired_error{json_type_error{"$.guests[0].config.onboot", "true or false", "\"yes\""}});
    CHECK(error_in_guest(R"(,"run_state":"paused")")
          == desired_error{json_type_error{"$.guests[0].run_state", "\"running\" or \"stopped\"", "\"paused\""}});
    CHECK(error_in_guest(R"(,"config":{"cpulimit":-1})")
          == desired_error{json_type_error{"$.guests[0].config.cpulimit", "a number from 0 to 8192", "-1"}});
}

TEST_CASE("a vmid out of range, an unknown version and a missing generation are refused")
{
    CHECK(error_of(R"({"version":1,"generation":1,"guests":[{"vmid":99}]})")
          == desired_error{json_type_error{"$.guests[0].vmid", "an integer from 100 to 999999999", "99"}});
    CHECK(error_of(R"({"version":2,"generation":1,"guests":[]})") == desired_error{unsupported_version{2}});
    CHECK(error_of(R"({"version":1,"guests":[]})")
          == desired_error{json_type_error{"$.generation", "a value", "nothing"}});
}

TEST_CASE("texts are held to the form that PVE takes")
{
    const auto refused = [](const std::string& config) {
        return std::holds_alternative<json_type_error>(error_in_guest(R"(,"config":{)" + config + "}"));
    };
    CHECK(refused(R"("hostname":"a_b")"));
    CHECK(refused(R"("hostname":"a.")"));
    CHECK(refused(R"("tags":"a;-b")"));
    CHECK(refused(R"("nameserver":"dns.example")"));
    CHECK(refused(R"("nameserver":"1.1.1.1\u0000x")"));
    CHECK(refused(R"("searchdomain":"a..b")"));
    CHECK(refused(R"("startup":"order=any")"));
    CHECK(refused(R"("startup":"1,order=2")"));
    CHECK(refused(R"("features":"nesting=1,nesting=0")"));
    CHECK(refused(R"("features":"unheard=1")"));
    CHECK(refused(R"("net0":"name=eth0")"));
    CHECK(refused(R"("net0":"name=eth0,bridge=vmbr0,ip=10.0.0.4")"));
    CHECK(refused(R"("net0":"name=eth0,bridge=vmbr0,ip=10.0.0.4/33")"));
    CHECK(refused(R"("net0":"name=eth0, bridge=vmbr0")"));
    CHECK(refused(R"("cmode":"serial")"));
    CHECK(refused(R"("timezone":"../etc/shadow")"));
    CHECK(refused(R"("entrypoint":"/bin/a\n/bin/b")"));
}

TEST_CASE("what no call could carry is refused where it is written, not when it is sent")
{
    const auto refused = [](const std::string& config, const std::string& path, const std::string& rule) {
        INFO(config);
        const auto error = error_in_guest(R"(,"config":{)" + config + "}");
        const auto* const wrong = std::get_if<json_type_error>(&error);
        REQUIRE(wrong != nullptr);
        CHECK(wrong->path == "$.guests[0].config." + path);
        CHECK(wrong->expected == rule);
    };
    const auto interface_rule =
        std::string{"an interface such as name=eth0,bridge=vmbr0,ip=10.0.0.2/24 with at least name and bridge"};
    refused(R"("net0":"name=eth0,bridge=vmbr0,tag=abc")", "net0", interface_rule);
    refused(R"("net0":"name=eth0,bridge=vmbr0,hwaddr=zz")", "net0", interface_rule);
    refused(R"("net0":"name=eth0,bridge=vmbr0,mtu=1")", "net0", interface_rule);
    for (const auto* const address : {"ip=10.0.0.2/4", "ip=10.0.0.2/7", "ip6=fd00::2/7", "ip6=1:2:3/64", "gw=10.0.0",
                                      "gw=fd00::1", "gw6=1:2:3", "gw6=10.0.0.1"}) {
        refused(R"("net0":"name=eth0,bridge=vmbr0,)" + std::string{address} + "\"", "net0", interface_rule);
    }
    refused(R"("features":"nesting=2")", "features", "features such as nesting=1");
    refused(R"("startup":"order=007")", "startup", "a start order such as order=3,up=10,down=60");
    refused(R"("cpulimit":1e-20)", "cpulimit", "a number with at most 17 decimals");
    refused(R"("entrypoint":"/bin/a\tb")", "entrypoint", "a text on one line");
}

TEST_CASE("what Proxmox VE takes and nobody means is refused: a label of 64 letters, an interface without a bridge")
{
    for (const auto& [key, value] :
         std::vector<std::pair<std::string, std::string>>{{"hostname", std::string(64, 'a')},
                                                          {"searchdomain", "example " + std::string(64, 'a')},
                                                          {"net0", "name=eth0"},
                                                          {"startup", "order=1000000000"},
                                                          {"features", "mount=nfs; cifs"},
                                                          {"mp0", "/mnt/my data,mp=/data"}}) {
        INFO(key);
        CHECK(admits(key_table::standard().find(key)->admits, value));
        CHECK(std::holds_alternative<json_type_error>(
            error_in_guest(R"(,"config":{")" + key + R"(":")" + value + R"("})")));
    }
}

TEST_CASE("what is only compared, never written, must be something that Proxmox VE takes, too")
{
    const auto expected = [](const std::string& key, const std::string& value) {
        const auto error = error_in_guest(R"(,"config":{")" + key + R"(":")" + value + R"("})");
        REQUIRE(std::holds_alternative<json_type_error>(error));
        return std::get<json_type_error>(error).expected;
    };
    CHECK(expected("arch", "sparc") == "amd64, i386, arm64, armhf, riscv32 or riscv64");
    CHECK(expected("hookscript", "hook.pl") == "a volume such as local:snippets/hook.pl");
    CHECK(expected("mp0", "local-lvm:8") == "a mount point such as local-lvm:8,mp=/data");
    CHECK(expected("rootfs", "local-lvm:8,mp=/") == "a root disk such as local-lvm:vm-101-disk-0,size=8G");
    CHECK(expected("dev0", "mode=0660") == "a device such as /dev/ttyUSB0,mode=0660");
}

TEST_CASE("a number is written in plain decimals, never with an exponent")
{
    CHECK(entries_of(R"(,"config":{"cpulimit":0.00001})") == std::vector<desired_entry>{{"cpulimit", "0.00001"}});
    CHECK(entries_of(R"(,"config":{"cpulimit":8192.0})") == std::vector<desired_entry>{{"cpulimit", "8192"}});
}

TEST_CASE("limits count characters, as PVE does, not bytes")
{
    auto longest = std::string{};
    for (auto character = 0; character < 8192; ++character) {
        longest += "ä";
    }
    CHECK(entries_of(R"(,"description":")" + longest + "\"").size() == 1);
    CHECK(std::holds_alternative<json_type_error>(error_in_guest(R"(,"description":")" + longest + "a\"")));
}

TEST_CASE("an empty text is refused: null unsets a key")
{
    CHECK(error_in_guest(R"(,"description":"\n")") == desired_error{empty_value{"$.guests[0].description"}});
    CHECK(error_in_guest(R"(,"config":{"tags":" ; "})") == desired_error{empty_value{"$.guests[0].config.tags"}});
    CHECK(error_in_guest(R"(,"config":{"nameserver":""})")
          == desired_error{empty_value{"$.guests[0].config.nameserver"}});
    CHECK(std::holds_alternative<json_type_error>(error_in_guest(R"(,"config":{"searchdomain":" , "})")));
    CHECK(error_in_guest(R"(,"config":{"dev0":" "})") == desired_error{empty_value{"$.guests[0].config.dev0"}});
}

TEST_CASE("memory cannot be unset")
{
    CHECK(error_in_guest(R"(,"spec":{"memory":null})") == desired_error{not_removable{"$.guests[0].spec.memory"}});
    CHECK(entries_of(R"(,"spec":{"swap":null})") == std::vector<desired_entry>{{"swap", std::nullopt}});
}

TEST_CASE("a guest that is to be absent has nothing else that could be managed")
{
    CHECK(error_in_guest(R"(,"absent":true,"run_state":"stopped")")
          == desired_error{absent_and_managed{"$.guests[0].run_state"}});
    CHECK(error_in_guest(R"(,"absent":true,"config":{})") == desired_error{absent_and_managed{"$.guests[0].config"}});
    CHECK(std::holds_alternative<json_type_error>(error_in_guest(R"(,"absent":"yes")")));
    const auto text = std::string{R"({"version":1,"generation":1,"guests":[{"vmid":101,"name":"old","absent":)"};
    CHECK(parse_desired_state(text + "true}]}", key_table::standard())->guests.front().absent);
    CHECK_FALSE(parse_desired_state(text + "false}]}", key_table::standard())->guests.front().absent);
}

TEST_CASE("a document that is no JSON object is refused with what it is")
{
    CHECK(error_of("[]") == desired_error{json_type_error{"$", "an object", "an array"}});
    CHECK(std::holds_alternative<felhom::json_syntax_error>(error_of("")));
    CHECK(std::holds_alternative<felhom::json_syntax_error>(error_of("{\"version\":1")));
    CHECK(std::holds_alternative<felhom::json_syntax_error>(error_of("\xff")));
}

TEST_CASE("every kind of error says where")
{
    CHECK(describe(desired_error{json_unknown_member{"$.guest", "guests"}})
          == "$.guest: no such member; did you mean \"guests\"?");
    CHECK(describe(given_twice{"$.a", "$.b"}) == "$.a: already given as $.b; keep one of the two");
    CHECK(describe(duplicate_guest{"$.guests[1].vmid", 101})
          == "$.guests[1].vmid: guest 101 is described twice; merge the two");
}

TEST_CASE("the parser's verdict on every document that the shipped JSON Schema is held against")
{
    const auto cases = felhom::testing::read_json_data("desired/cases.json");
    for (const auto& one : cases.as_array()) {
        const auto document = std::string{one.at("document").as_string()};
        INFO(document);
        CHECK(parse(document).has_value() == (one.at("parser").as_string() == "accepts"));
    }
    CHECK(cases.as_array().size() > 90);
}

TEST_CASE("the shipped JSON Schema knows every key of the table that can be desired, and no other")
{
    auto in = std::ifstream{FELHOM_DESIRED_SCHEMA};
    const auto schema = boost::json::parse(std::string{std::istreambuf_iterator<char>{in}, {}});
    const auto& config = schema.at("definitions").at("guest").at("properties").at("config");
    auto desirable = std::size_t{0};
    auto indexed = std::size_t{0};
    for (const auto* const rule : key_table::standard().rules()) {
        if (rule->managed == management::pve) {
            continue;
        }
        INFO(rule->key);
        if (rule->indices == 0) {
            CHECK(config.at("properties").as_object().contains(rule->key));
            ++desirable;
        } else {
            ++indexed;
        }
    }
    CHECK(config.at("properties").as_object().size() == desirable);
    CHECK(config.at("patternProperties").as_object().size() == indexed);
}
