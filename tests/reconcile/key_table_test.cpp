// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/core/overloaded.hpp>
#include <felhom/proxmox/lxc/key_table.hpp>

#include <array>
#include <string>
#include <string_view>
#include <variant>

using namespace felhom::lxc;
using namespace felhom::reconcile;

namespace {

struct expected_row {
    std::string_view key;
    std::string_view type;
    std::string_view default_value;
    bool deletable;
    applies effect;
    std::string_view privilege;
    consequence weight;
    management managed;
    pve_release since = {7, 0};
};

/// A type as the documentation of a key would put it.
auto type_text(const value_kind& kind) -> std::string
{
    return std::visit(felhom::overloaded{
                          [](const boolean&) { return std::string{"boolean"}; },
                          [](const integer& t) { return std::to_string(t.least) + ".." + std::to_string(t.greatest); },
                          [](const number& t) {
                              return std::to_string(t.least) + ".." + std::to_string(t.greatest) + " with decimals";
                          },
                          [](const one_of&) { return std::string{"word"}; },
                          [](const text&) { return std::string{"text"}; },
                          [](const property_string&) { return std::string{"properties"}; },
                      },
                      kind);
}

constexpr auto live = applies::live;
constexpr auto pend = applies::pending;
constexpr auto options = std::string_view{"VM.Config.Options"};
constexpr auto networking = std::string_view{"VM.Config.Network"};
constexpr auto calm = consequence::live;
constexpr auto risk = consequence::connectivity_risk;
constexpr auto loss = consequence::destructive;

// Written from PVE's documentation of the keys, apart from the table in the core.
constexpr auto expected_rows = std::array{
    expected_row{"arch", "word", "", false, pend, options, calm, management::immutable},
    expected_row{"cmode", "word", "tty", true, pend, options, calm, management::planned},
    expected_row{"console", "boolean", "1", true, pend, options, calm, management::planned},
    expected_row{"cores", "1..8192", "", true, live, "VM.Config.CPU", calm, management::planned},
    expected_row{"cpulimit", "0..8192 with decimals", "0", true, live, "VM.Config.CPU", calm, management::planned},
    expected_row{"cpuunits", "0..500000", "100", true, live, "VM.Config.CPU", calm, management::planned},
    expected_row{"debug", "boolean", "0", true, pend, options, calm, management::planned},
    expected_row{"description", "text", "", true, live, options, calm, management::planned},
    expected_row{"dev3", "properties", "", true, pend, options, calm, management::root_only, {8, 1}},
    expected_row{"entrypoint", "text", "/sbin/init", true, pend, options, calm, management::planned, {9, 1}},
    expected_row{"env", "text", "", true, pend, options, calm, management::planned, {9, 1}},
    expected_row{"features", "properties", "", true, pend, "VM.Allocate", calm, management::nesting_only},
    expected_row{"hookscript", "text", "", true, live, options, calm, management::root_only},
    expected_row{"hostname", "text", "", true, live, networking, risk, management::planned},
    expected_row{"lock", "text", "", true, live, "", calm, management::pve},
    expected_row{"lxc", "text", "", true, live, "", calm, management::pve},
    expected_row{"memory", "16..9007199254740992", "512", false, live, "VM.Config.Memory", calm, management::planned},
    expected_row{"mp255", "properties", "", true, pend, "VM.Config.Disk", loss, management::storage},
    expected_row{"nameserver", "text", "", true, pend, networking, risk, management::planned},
    expected_row{"net31", "properties", "", true, live, networking, risk, management::planned},
    expected_row{"onboot", "boolean", "0", true, live, options, calm, management::planned},
    expected_row{"ostype", "word", "", false, pend, options, calm, management::immutable},
    expected_row{"parent", "text", "", true, live, "", calm, management::pve},
    expected_row{"protection", "boolean", "0", true, live, options, calm, management::set_only},
    expected_row{"rootfs", "properties", "", false, pend, "VM.Config.Disk", loss, management::storage},
    expected_row{"searchdomain", "text", "", true, pend, networking, risk, management::planned},
    expected_row{"startup", "properties", "", true, live, options, calm, management::planned},
    expected_row{"swap", "0..9007199254740992", "", true, live, "VM.Config.Memory", calm, management::planned},
    expected_row{"tags", "text", "", true, live, options, calm, management::planned},
    expected_row{"template", "boolean", "0", true, pend, options, calm, management::immutable},
    expected_row{"timezone", "text", "", true, pend, options, calm, management::planned},
    expected_row{"tty", "0..6", "2", true, pend, options, calm, management::planned},
    expected_row{"unprivileged", "boolean", "0", false, live, "", calm, management::immutable},
    expected_row{"unused0", "text", "", true, live, "", calm, management::pve},
};

} // namespace

TEST_CASE("every key has its type, release, default, effect, privilege, consequence and management")
{
    const auto table = key_table::standard();
    for (const auto& row : expected_rows) {
        INFO(row.key);
        const auto* const rule = table.find(row.key);
        REQUIRE(rule != nullptr);
        CHECK(type_text(rule->admits) == row.type);
        CHECK(default_of(*rule, node_facts{}) == row.default_value);
        CHECK(rule->deletable == row.deletable);
        CHECK(rule->effect == row.effect);
        CHECK(rule->privilege == row.privilege);
        CHECK(rule->weight == row.weight);
        CHECK(rule->managed == row.managed);
        CHECK(rule->since == row.since);
    }
    CHECK(table.rules().size() == expected_rows.size());
}

TEST_CASE("indices are canonical decimals within their key's range")
{
    const auto table = key_table::standard();
    CHECK(table.find("net0") != nullptr);
    CHECK(table.find("net31") != nullptr);
    CHECK(table.find("mp255") != nullptr);
    for (const auto* key : {"net32", "net", "net01", "net-1", "net 1", "mp256", "mp99999", "memory0", "netx", ""}) {
        INFO(key);
        CHECK(table.find(key) == nullptr);
    }
}

TEST_CASE("the kernel's default of cpuunits depends on its cgroup version")
{
    const auto& rule = *key_table::standard().find("cpuunits");
    CHECK(default_of(rule, {.cgroup_v2 = true}) == "100");
    CHECK(default_of(rule, {.cgroup_v2 = false}) == "1024");
}

TEST_CASE("an interface below net10 is unplugged live, one above waits for a restart")
{
    const auto& rule = *key_table::standard().find("net0");
    CHECK(effect_of(rule, "net9", /*removed=*/true) == applies::live);
    CHECK(effect_of(rule, "net10", /*removed=*/true) == applies::pending);
    CHECK(effect_of(rule, "net10", /*removed=*/false) == applies::live);
}

TEST_CASE("another project adds a row, and may replace one, without touching the standard table")
{
    static constexpr auto reverse = [](std::string_view text, const node_facts&, std::string& out) {
        out.append(text.rbegin(), text.rend());
    };
    static constexpr auto added = std::array{
        config_key{
            .key = "x-owner", .admits = text{255, is_line}, .privilege = "VM.Config.Options", .normalize = reverse},
        config_key{.key = "tags", .admits = text{255, is_line}, .privilege = "VM.Config.Options"},
    };
    const auto table = key_table::extended(added);
    REQUIRE(table.find("x-owner") == &added[0]);
    CHECK(table.find("tags") == &added[1]);
    CHECK(table.find("memory") == key_table::standard().find("memory"));
    auto form = std::string{};
    table.find("x-owner")->normalize("abc", node_facts{}, form);
    CHECK(form == "cba");
}
