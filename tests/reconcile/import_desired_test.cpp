// SPDX-License-Identifier: Apache-2.0
#include "reconcile/builders.hpp"
#include "support/catch.hpp"

#include <felhom/reconcile/desired/import_desired.hpp>

#include <string>
#include <vector>

using namespace felhom;
using namespace felhom::reconcile;
using namespace felhom::testing;

namespace {

auto imported(actual_guest_builder guest, const std::vector<std::string>& keys = {}) -> imported_state
{
    return import_desired(observed({guest.build()}), keys, lxc::key_table::standard());
}

auto web() -> actual_guest_builder
{
    auto guest = actual_guest_builder{101};
    guest.with("memory", "512").with("onboot", "1").with("cpulimit", "1.50").with("description", "a\n\"b\"\n");
    return guest.with("rootfs", "local-lvm:vm-101-disk-0,size=8G").with("ostype", "debian").with("lock", "backup");
}

} // namespace

TEST_CASE("an imported document is written for people, with each value as its type")
{
    CHECK(print(imported(web())) == R"({
  "version": 1,
  "generation": 1,
  "guests": [
    {
      "vmid": 101,
      "name": "CT101",
      "run_state": "running",
      "description": "a\n\"b\"\n",
      "spec": {
        "memory": 512
      },
      "config": {
        "cpulimit": 1.5,
        "onboot": true
      }
    }
  ]
}
)");
    CHECK(print(import_desired(observed({}), {}, lxc::key_table::standard()))
          == "{\n  \"version\": 1,\n  \"generation\": 1,\n  \"guests\": []\n}\n");
}

TEST_CASE("volumes and what nobody can change are imported only where they are named, and Proxmox VE's own never")
{
    const auto named = imported(web(), {"rootfs", "lock", "memory"});
    REQUIRE(named.guests.size() == 1);
    REQUIRE(named.guests.front().entries.size() == 2);
    CHECK(named.guests.front().entries.back().key == "rootfs");
}

TEST_CASE("what waits for a restart and what cannot be desired is left out, and told")
{
    auto guest = actual_guest_builder{101};
    guest.pending("nameserver", "192.0.2.1", "192.0.2.2").with("tags", " ");
    CHECK(imported(guest).left
          == std::vector<left_out>{
              {.id = id_of(101), .key = "nameserver", .why = "a change of it waits for the guest's next start"},
              {.id = id_of(101), .key = "tags", .why = "a desired state cannot have this value"}});
}

TEST_CASE("a guest that could not be read is left out whole, and told")
{
    auto guest = actual_guest_builder{101};
    const auto found = imported(guest.unreadable(interrupted()));
    CHECK(found.guests.empty());
    REQUIRE(found.left.size() == 1);
    CHECK(found.left.front().key.empty());
}
