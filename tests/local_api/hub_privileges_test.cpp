// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/local_api/hub_privileges.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace felhom;
using reconcile::privilege_on;

namespace {

auto allowed_by(const hub::hub_policy& policy) -> std::vector<privilege_on>
{
    return local_api::privileges_for(policy, lxc::key_table::standard());
}

auto contains(const std::vector<privilege_on>& all, const privilege_on& one) -> bool
{
    return std::ranges::find(all, one) != all.end();
}

} // namespace

TEST_CASE("what the hub may ask for by default is a guest's run state, its description and its tags")
{
    const auto allowed = allowed_by({});
    CHECK(contains(allowed, {"/vms", "VM.PowerMgmt"}));
    CHECK(contains(allowed, {"/vms", "VM.Config.Options"}));
    CHECK_FALSE(contains(allowed, {"/vms", "VM.Config.Memory"}));
}

TEST_CASE("a policy for some guests asks for nothing on others")
{
    const auto allowed = allowed_by({.guests = std::vector{vmid::from_number(101).value()}});
    CHECK(contains(allowed, {"/vms/101", "VM.PowerMgmt"}));
    CHECK_FALSE(contains(allowed, {"/vms", "VM.PowerMgmt"}));
}

TEST_CASE("a hub that may neither start nor stop needs no power over guests")
{
    CHECK_FALSE(contains(allowed_by({.may_start = false, .may_stop = false}), {"/vms", "VM.PowerMgmt"}));
    CHECK_FALSE(contains(allowed_by({.restarts_a_day = 0}), {"/vms", "VM.PowerMgmt"}));
}

TEST_CASE("a key of which there are many is allowed with all that setting it takes")
{
    const auto allowed = allowed_by({.keys = {{.key = "net", .values = hub::any_value{}}}});
    CHECK(contains(allowed, {"/vms", "VM.Config.Network"}));
    CHECK(contains(allowed, {"/sdn/zones", "SDN.Use"}));
    const auto nesting = allowed_by({.keys = {{.key = "features", .values = hub::any_value{}}}});
    CHECK(contains(nesting, {"/vms", "VM.Allocate"}));
    CHECK(contains(nesting, {"/vms", "VM.Config.Options"}));
}
