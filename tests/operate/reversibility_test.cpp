// SPDX-License-Identifier: Apache-2.0
#include "operations.hpp"
#include "support/catch.hpp"

#include <felhom/operate/operation/operation_params.hpp>
#include <felhom/operate/operation/reversibility.hpp>
#include <felhom/proxmox/lxc/key_table.hpp>

#include <boost/json/serialize.hpp>

#include <string>
#include <vector>

using namespace felhom;
using namespace felhom::operate;
using namespace felhom::testing;

namespace {

using params = boost::json::object;

struct row {
    std::string op;
    params with;
    reversibility what;
};

constexpr auto backup_of_101 = "local:backup/vzdump-lxc-101-2026_01_31-03_00_01.tar.zst";
constexpr auto benign = reversibility::benign;
constexpr auto reversible = reversibility::reversible;
constexpr auto destructive = reversibility::destructive;

auto set(std::string_view key, std::string_view value) -> params
{
    return {{"set", {{key, value}}}};
}
auto unset(std::string_view key) -> params
{
    return {{"delete", {key}}};
}

} // namespace

TEST_CASE("every operation has its class")
{
    const auto rows = std::vector<row>{
        {"guest.start", {}, benign},
        {"guest.start", {{"skiplock", true}}, destructive},
        {"guest.shutdown", {{"timeout", 60}, {"force_stop", false}}, reversible},
        {"guest.shutdown", {{"overrule", true}}, destructive},
        {"guest.stop", {}, reversible},
        {"guest.stop", {{"anything", 1}}, destructive},
        {"guest.snapshot", {{"snapshot", "s1"}}, benign},
        {"guest.snapshot", {{"snapshot", "s1"}, {"force", true}}, destructive},
        {"guest.restore", {{"archive", backup_of_101}}, reversible},
        {"guest.restore", {{"archive", backup_of_101}, {"force", false}}, reversible},
        {"guest.restore", {{"archive", backup_of_101}, {"force", true}}, destructive},
        {"guest.restore", {{"archive", backup_of_101}, {"force", 1}}, destructive},
        {"guest.restore", {{"archive", backup_of_101}, {"rootfs", "x"}}, destructive},
        {"guest.rollback", {{"snapshot", "s1"}}, destructive},
        {"guest.delete_snapshot", {{"snapshot", "s1"}}, destructive},
        {"guest.destroy", {}, destructive},
        {"guest.resize", {{"disk", "mp0"}, {"size", "128G"}}, benign},
        {"guest.resize", {{"disk", "mp0"}, {"size", "-128G"}}, destructive},
        {"backup.delete", {{"volid", backup_of_101}}, destructive},
        {"guest.migrate", {}, destructive},
        {"", {}, destructive},
        {"guest.set_config", {}, benign},
        {"guest.set_config", set("memory", "512"), benign},
        {"guest.set_config", set("description", "x"), benign},
        {"guest.set_config", unset("tags"), benign},
        {"guest.set_config", set("net0", "name=eth0"), reversible},
        {"guest.set_config", unset("nameserver"), reversible},
        {"guest.set_config", set("features", "nesting=1"), reversible},
        {"guest.set_config", set("protection", "1"), benign},
        {"guest.set_config", set("protection", "0"), destructive},
        {"guest.set_config", unset("protection"), destructive},
        {"guest.set_config", unset("mp0"), destructive},
        {"guest.set_config", set("mp3", "local:8,mp=/x"), destructive},
        {"guest.set_config", unset("unused0"), destructive},
        {"guest.set_config", set("rootfs", "local:8"), destructive},
        {"guest.set_config", set("hookscript", "local:snippets/x"), destructive},
        {"guest.set_config", set("ostype", "debian"), destructive},
        {"guest.set_config", set("lock", "backup"), destructive},
        {"guest.set_config", set("no-such-key", "1"), destructive},
        {"guest.set_config", {{"set", {{"memory", "512"}, {"protection", "0"}}}}, destructive},
        {"guest.set_config", {{"set", {{"memory", "512"}}}, {"delete", {"net0"}}}, reversible},
        {"guest.set_config", {{"set", 1}}, destructive},
        {"guest.set_config", {{"delete", "mp0"}}, destructive},
        {"guest.set_config", {{"delete", {1}}}, destructive},
        {"guest.set_config", {{"revert", {"memory"}}}, destructive},
    };
    for (const auto& [op, with, what] : rows) {
        INFO(op << " " << boost::json::serialize(with));
        const auto cost = cost_of(recorded_operation(op, with));
        CHECK(cost.what == what);
        CHECK(!cost.why.empty());
    }
}

TEST_CASE("whatever can be signed has a class of its own, not the one for the unknown")
{
    for (const auto& what : one_of_each_kind()) {
        INFO(name_of(what));
        CHECK(cost_of(what).why != cost_of(unread_operation{std::string{name_of(what)}, {}}).why);
    }
}

TEST_CASE("no key that a plan never writes is benign, and every one that it writes freely is")
{
    for (const auto* const rule : lxc::key_table::standard().rules()) {
        const auto key = std::string{rule->key} + (rule->indices > 0 ? "0" : "");
        INFO(key);
        const auto what = cost_of(recorded_operation("guest.set_config", set(key, "1"))).what;
        const auto is_free =
            rule->managed == lxc::management::planned && rule->weight != lxc::consequence::connectivity_risk;
        CHECK((what == benign) == (is_free || key == "protection"));
    }
}
