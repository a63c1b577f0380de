// SPDX-License-Identifier: Apache-2.0
#include "hub/gen.hpp"
#include "hub/policy_oracle.hpp"

#include <felhom/hub/hub_policy_json.hpp>
#include <felhom/proxmox/lxc/key_table.hpp>

#include <map>
#include <optional>
#include <string>
#include <utility>

using namespace felhom;
using namespace felhom::hub;
using namespace felhom::hub::testing;

namespace {

/// Any key there is, with values on both sides of the bounds.
auto any_desired() -> reconcile::desired_state
{
    auto desired = reconcile::desired_state{.generation = *rc::gen::arbitrary<std::uint64_t>(), .guests = {}};
    for (auto number = std::uint64_t{100}; number < 105; ++number) {
        if (*rc::gen::inRange(0, 3) == 0) {
            continue;
        }
        auto entries = std::map<std::string, std::optional<std::string>>{};
        const auto count = *rc::gen::inRange(0, 8);
        for (auto taken = 0; taken < count; ++taken) {
            const auto key = *rc::gen::element<std::string>(
                "cores", "memory", "swap", "tags", "description", "net0", "net1", "net10", "onboot", "hostname",
                "nameserver", "searchdomain", "features", "cpulimit", "rootfs", "mp0", "mp12", "hookscript", "lxc");
            entries[key] = *rc::gen::element<std::optional<std::string>>(std::nullopt, "0", "1", "2", "1.5", "512",
                                                                         "1024", "-1", "nan", "inf", "1e9", "text", "");
        }
        auto guest =
            reconcile::desired_guest{.id = vmid::from_number(number).value(), .run = std::nullopt, .entries = {}};
        for (auto& [key, value] : entries) {
            guest.entries.push_back({.key = key, .value = std::move(value)});
        }
        guest.run = *rc::gen::element<std::optional<reconcile::run_state>>(std::nullopt, reconcile::run_state::running,
                                                                           reconcile::run_state::stopped);
        desired.guests.push_back(std::move(guest));
    }
    return desired;
}

} // namespace

TEST_CASE("nothing outside the policy survives, and nothing inside it is dropped")
{
    rc::prop("the policy and its second description agree", [] {
        const auto policy = *gen::hub_policies();
        const auto restarts = *gen::restart_counts();
        const auto desired = any_desired();
        check_is_permitted(desired, policy, restarts, permit(desired, policy, restarts, lxc::key_table::standard()));
    });
}

TEST_CASE("what was permitted once is permitted again, whole")
{
    rc::prop("permit is idempotent", [] {
        const auto policy = *gen::hub_policies();
        const auto restarts = *gen::restart_counts();
        const auto once = permit(any_desired(), policy, restarts, lxc::key_table::standard());
        const auto twice = permit(once.state, policy, restarts, lxc::key_table::standard());
        RC_ASSERT((twice == permitted_desired{.state = once.state, .refused = {}}));
    });
}
