// SPDX-License-Identifier: Apache-2.0
// What would bring a guest to its desired state: plan_guest DESIRED.json NODE VMID PENDING.json
//
// PENDING.json is what the API answers to GET /nodes/NODE/lxc/VMID/pending; the guest is taken to run.
#include <felhom/reconcile/actual/observation.hpp>
#include <felhom/reconcile/desired/desired_json.hpp>
#include <felhom/reconcile/plan/planner.hpp>

#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

using namespace felhom;

namespace {

auto contents_of(const char* path) -> std::string
{
    auto file = std::ifstream{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

auto complain(const std::string& why) -> int
{
    std::cerr << "error: " << why << '\n';
    return 1;
}

} // namespace

auto main(int count, char** arguments) -> int
{
    const auto node = node_name::parse(count == 5 ? arguments[2] : "");
    const auto guest = vmid::parse(count == 5 ? arguments[3] : "");
    if (!node || !guest) {
        return complain("usage: plan_guest DESIRED.json NODE VMID PENDING.json");
    }
    const auto& keys = lxc::key_table::standard();
    auto parsed = reconcile::parse_desired_state(contents_of(arguments[1]), keys);
    if (!parsed) {
        return complain(describe(parsed.error()));
    }
    const auto desired = normalize(*std::move(parsed), lxc::node_facts{}, keys);
    if (!desired) {
        return complain(describe(desired.error()));
    }
    const auto answer = net::response{200, "OK", contents_of(arguments[4])};
    auto config = reconcile::understand_config(*node, *guest, proxmox::read::pending(*node, *guest).understand(answer));
    auto actual = reconcile::actual_state{
        .inventory = *reconcile::accept_inventory({}, {*guest}, {}), .guests = {}, .granted = {}};
    actual.guests = {{*guest, "", reconcile::run_state::running, {}, false, std::move(config)}};
    const auto plan = make_plan(*desired, actual, {});
    for (const auto& step : plan->actions()) {
        std::cout << "guest " << guest_of(step).text() << ": " << name_of(step) << '\n';
    }
    for (const auto& left : plan->skips()) {
        std::cout << "guest " << left.id.text() << ": " << left.key << " is left: " << describe(left.why) << '\n';
    }
}
