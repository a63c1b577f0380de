#include "support/catch.hpp"

#include <felhom/operate/reversibility.hpp>
#include <felhom/operate/signed_params.hpp>
#include <felhom/proxmox/lxc/key_table.hpp>

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace felhom;
using namespace felhom::operate;

namespace {

using params = boost::json::object;

struct row {
    std::string op;
    params with;
    reversibility what;
};

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
        {"guest.resize", {{"disk", "rootfs"}, {"size", "8G"}}, reversible},
        {"guest.restore", {{"archive", "a"}}, reversible},
        {"guest.restore", {{"archive", "a"}, {"force", false}}, reversible},
        {"guest.restore", {{"archive", "a"}, {"force", true}}, destructive},
        {"guest.restore", {{"archive", "a"}, {"force", 1}}, destructive},
        {"guest.restore", {{"archive", "a"}, {"rootfs", "x"}}, destructive},
        {"guest.rollback", {{"snapshot", "s1"}}, destructive},
        {"guest.delete_snapshot", {{"snapshot", "s1"}}, destructive},
        {"guest.destroy", {}, destructive},
        {"backup.delete", {{"volid", "v"}}, destructive},
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
        CHECK(classify(op, with).what == what);
        CHECK(!classify(op, with).why.empty());
    }
}

TEST_CASE("whatever can be signed has a class of its own, not the one for the unknown")
{
    for (const auto& rule : signed_operations) {
        INFO(rule.op);
        CHECK(std::ranges::find(classified_operations, rule.op, &operate::detail::classified_operation::op)
              != classified_operations.end());
    }
}

TEST_CASE("no key that a plan never writes is benign, and every one that it writes freely is")
{
    for (const auto* const rule : lxc::key_table::standard().rules()) {
        const auto key = std::string{rule->key} + (rule->indices > 0 ? "0" : "");
        INFO(key);
        const auto what = classify("guest.set_config", set(key, "1")).what;
        const auto is_free =
            rule->managed == lxc::management::planned && rule->weight != lxc::consequence::connectivity_risk;
        CHECK((what == benign) == (is_free || key == "protection"));
    }
}
