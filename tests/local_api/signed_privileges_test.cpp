// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/local_api/signed_privileges.hpp>
#include <felhom/reconcile/desired/desired_json.hpp>

#include <range/v3/algorithm/contains.hpp>

#include <optional>
#include <string>
#include <vector>

using namespace felhom;
using reconcile::privilege_on;

namespace {

/// One signer who may sign these operations; all of them if nothing is said.
auto signer_of(std::optional<std::vector<std::string>> operations) -> std::vector<authz::signer_settings>
{
    return {{.authorized_key = "ssh-ed25519 AAAA",
             .tag = authz::signer_tag::operational,
             .key_id = "operator",
             .operations = std::move(operations)}};
}

auto desiring(const std::string& guests) -> reconcile::desired_state
{
    return reconcile::parse_desired_state(R"({"version":1,"generation":1,"guests":[)" + guests + "]}",
                                          lxc::key_table::standard())
        .value();
}

auto texts_of(const std::vector<reconcile::needed_privilege>& needed) -> std::vector<std::string>
{
    auto all = std::vector<std::string>{};
    for (const auto& one : reconcile::each_once(needed)) {
        all.push_back(one.path + " " + one.privilege);
    }
    return all;
}

using lines = std::vector<std::string>;

} // namespace

TEST_CASE("what a signer may sign needs its privileges on each guest that is desired")
{
    const auto two = desiring(R"({"vmid":101},{"vmid":102})");
    CHECK(texts_of(local_api::privileges_for(signer_of(lines{"guest.stop"}), two).needed)
          == lines{"/vms/101 VM.PowerMgmt", "/vms/102 VM.PowerMgmt"});
    CHECK(texts_of(local_api::privileges_for(signer_of(lines{"guest.resize"}), two).needed)
          == lines{"/storage Datastore.AllocateSpace", "/vms/101 VM.Config.Disk", "/vms/102 VM.Config.Disk"});
    CHECK(texts_of(local_api::privileges_for(signer_of(lines{"backup.delete"}), two).needed)
          == lines{"/storage Datastore.AllocateSpace", "/vms/101 VM.Backup", "/vms/102 VM.Backup"});
}

TEST_CASE("where nothing is desired, what may be signed needs its privileges on every guest")
{
    CHECK(texts_of(local_api::privileges_for(signer_of(lines{"guest.stop"}), desiring("")).needed)
          == lines{"/vms VM.PowerMgmt"});
}

TEST_CASE("to see that a guest is gone takes VM.Audit from above it, since its own entries go with it")
{
    CHECK(texts_of(local_api::privileges_for(signer_of(lines{"guest.destroy"}), desiring(R"({"vmid":101})")).needed)
          == lines{"/vms VM.Audit", "/vms/101 VM.Allocate", "/vms/101 VM.PowerMgmt"});
}

TEST_CASE("a rollback needs one of two privileges")
{
    const auto needed =
        local_api::privileges_for(signer_of(lines{"guest.rollback"}), desiring(R"({"vmid":101})")).needed;
    REQUIRE(needed.size() == 1);
    CHECK(needed.front().or_else == std::vector<privilege_on>{{"/vms/101", "VM.Snapshot"}});
}

TEST_CASE("who may sign everything gives each privilege of the agent's a use")
{
    const auto wanted = local_api::privileges_for(signer_of(std::nullopt), desiring(R"({"vmid":101})"));
    for (const auto* const privilege : {"VM.Allocate", "VM.Audit", "VM.Backup", "VM.Config.Disk", "VM.Config.Network",
                                        "VM.PowerMgmt", "VM.Snapshot", "VM.Snapshot.Rollback"}) {
        INFO(privilege);
        CHECK(ranges::contains(wanted.at_times, privilege_on{"/vms", privilege}));
    }
    CHECK(ranges::contains(wanted.at_times, privilege_on{"/sdn/zones", "SDN.Use"}));
}

TEST_CASE("what nobody may sign needs nothing")
{
    const auto wanted = local_api::privileges_for(std::vector<authz::signer_settings>{}, desiring(R"({"vmid":101})"));
    CHECK(wanted.needed.empty());
    CHECK(wanted.at_times.empty());
}
