// SPDX-License-Identifier: Apache-2.0
#include "reconcile/builders.hpp"
#include "support/catch.hpp"

#include <felhom/reconcile/plan/skip_reason.hpp>

#include <string>
#include <vector>

using namespace felhom::lxc;
using namespace felhom::reconcile;
using namespace felhom::testing;

namespace {

using guest = actual_guest_builder;

/// The plan for one guest whose desired keys are these.
auto plan_for(guest actual, std::vector<std::pair<std::string, std::optional<std::string>>> entries,
              std::optional<run_state> run = std::nullopt, const node_facts& facts = {.release = {9, 1}}) -> plan
{
    return planned(normalized({desire(101, std::move(entries), run)}, facts), observed({actual.build()}));
}

auto only_change(const plan& made) -> config_change
{
    REQUIRE(made.actions().size() == 1);
    const auto* const update = std::get_if<update_config>(&made.actions().front());
    REQUIRE(update != nullptr);
    REQUIRE(update->changes.size() == 1);
    return update->changes.front();
}

auto only_skip(const plan& made) -> skipped
{
    CHECK(made.actions().empty());
    REQUIRE(made.skips().size() == 1);
    return made.skips().front();
}

auto is_empty(const plan& made) -> bool
{
    return made.actions().empty() && made.skips().empty();
}

} // namespace

TEST_CASE("no desired guest, no action, whatever the node holds")
{
    CHECK(is_empty(planned(normalized({}), observed({guest{101}.with("memory", "512").build()}))));
}

TEST_CASE("a key that differs is written with the digest that was read, and no other key is touched")
{
    const auto made = plan_for(guest{101}.with("memory", "512").with("tags", "a"), {{"memory", "1024"}});
    REQUIRE(made.actions().size() == 1);
    const auto& update = std::get<update_config>(made.actions().front());
    CHECK(update.digest.text() == a_digest);
    const auto change = only_change(made);
    CHECK(change.key == "memory");
    CHECK(change.from == "512");
    CHECK(change.to == "1024");
    CHECK(change.weight == consequence::live);
}

TEST_CASE("equal by meaning is no drift: a description's newline, tags in another order, an explicit default")
{
    CHECK(is_empty(plan_for(guest{101}.with("description", "a\n"), {{"description", "a"}})));
    CHECK(is_empty(plan_for(guest{101}.with("tags", "a;b"), {{"tags", "B, a"}})));
    CHECK(is_empty(plan_for(guest{101}, {{"onboot", "0"}})));
    CHECK(is_empty(plan_for(guest{101}.with("onboot", "0"), {{"onboot", std::nullopt}})));
    CHECK(is_empty(plan_for(guest{101}, {{"memory", "512"}})));
}

TEST_CASE("swap has no default that may be taken for granted")
{
    CHECK(only_change(plan_for(guest{101}, {{"swap", "512"}})).to == "512");
}

TEST_CASE("a key that must be unset is deleted when it is set to something")
{
    const auto change = only_change(plan_for(guest{101}.with("tags", "a"), {{"tags", std::nullopt}}));
    CHECK(change.to == std::nullopt);
    CHECK(is_empty(plan_for(guest{101}, {{"tags", std::nullopt}})));
}

TEST_CASE("a blank that PVE stored for an empty text is as good as unset")
{
    CHECK(is_empty(plan_for(guest{101}.with("tags", " "), {{"tags", std::nullopt}})));
    CHECK(is_empty(plan_for(guest{101}.with("features", " "), {{"features", std::nullopt}})));
}

TEST_CASE("a blank that stands for name servers or search domains is taken away where the key must be unset")
{
    for (const auto* const key : {"nameserver", "searchdomain"}) {
        for (const auto* const blank : {" ", "  ", ","}) {
            INFO(key << "='" << blank << "'");
            const auto change = only_change(plan_for(guest{101}.with(key, blank), {{key, std::nullopt}}));
            CHECK(change.from == blank);
            CHECK(change.to == std::nullopt);
        }
        CHECK(is_empty(plan_for(guest{101}, {{key, std::nullopt}})));
    }
    const auto waits = guest{101}.pending("nameserver", "192.0.2.1", " ");
    CHECK(only_change(plan_for(waits, {{"nameserver", "192.0.2.1"}})).to == "192.0.2.1");
}

TEST_CASE("an interface that waits to be unplugged and is desired again keeps the address that it still has")
{
    const auto going =
        guest{101}.pending_removal("net10", "name=eth10,bridge=vmbr0,hwaddr=BC:24:11:0A:0B:0C,type=veth");
    CHECK(only_change(plan_for(going, {{"net10", "name=eth10,bridge=vmbr0"}})).to
          == "name=eth10,bridge=vmbr0,hwaddr=BC:24:11:0A:0B:0C");
}

TEST_CASE("an interface keeps the address that it has, unless another is desired")
{
    const auto stored = std::string{"name=eth0,bridge=vmbr0,hwaddr=BC:24:11:0A:0B:0C,ip=dhcp,type=veth"};
    CHECK(is_empty(plan_for(guest{101}.with("net0", stored), {{"net0", "name=eth0,bridge=vmbr0,ip=dhcp"}})));
    const auto moved =
        only_change(plan_for(guest{101}.with("net0", stored), {{"net0", "name=eth0,bridge=vmbr1,ip=dhcp"}}));
    CHECK(moved.to == "name=eth0,bridge=vmbr1,ip=dhcp,hwaddr=BC:24:11:0A:0B:0C");
    CHECK(moved.weight == consequence::connectivity_risk);
    const auto given = only_change(plan_for(guest{101}.with("net0", stored),
                                            {{"net0", "name=eth0,bridge=vmbr0,ip=dhcp,hwaddr=BC:24:11:00:00:01"}}));
    CHECK(given.to == "name=eth0,bridge=vmbr0,ip=dhcp,hwaddr=BC:24:11:00:00:01");
}

TEST_CASE("what a running guest takes only at its next start is planned once, and then waits")
{
    const auto change = only_change(plan_for(guest{101}, {{"timezone", "UTC"}}));
    CHECK(change.effect == applies::pending);
    CHECK(change.weight == consequence::needs_restart);
    const auto made = plan_for(guest{101}.pending("timezone", std::nullopt, "UTC"), {{"timezone", "UTC"}});
    CHECK(only_skip(made)
          == skipped{id_of(101), "timezone", std::nullopt, "UTC", awaits_restart{}, consequence::needs_restart});
}

TEST_CASE("what a running guest takes at once and that waits all the same could not be plugged in")
{
    const auto failed = skip_reason{hotplug_failed{}};
    CHECK(only_skip(plan_for(guest{101}.pending("memory", "512", "1024"), {{"memory", "1024"}})).why == failed);
    CHECK(only_skip(plan_for(guest{101}.pending_removal("cores", "2"), {{"cores", std::nullopt}})).why == failed);
    CHECK(
        only_skip(plan_for(guest{101}.pending_removal("net1", "name=eth1,bridge=vmbr0"), {{"net1", std::nullopt}})).why
        == failed);
    CHECK(only_skip(plan_for(guest{101}.pending_removal("net10", "name=eth1,bridge=vmbr0"), {{"net10", std::nullopt}}))
              .why
          == skip_reason{awaits_restart{}});
    CHECK(is_empty(plan_for(guest{101}.stopped().pending("memory", "512", "1024"), {{"memory", "1024"}})));
}

TEST_CASE("an interface of a running guest of which nothing is in force is lost, and is not written again")
{
    const auto stored = std::string{"name=eth0,bridge=vmbr9,hwaddr=BC:24:11:AA:BB:02"};
    const auto lost = [&] { return guest{101}.pending("net0", std::nullopt, stored); };
    const auto expected =
        skipped{id_of(101), "net0", std::nullopt, stored, interface_lost{}, consequence::connectivity_risk};
    CHECK(only_skip(plan_for(lost(), {{"net0", stored}})) == expected);
    CHECK(only_skip(plan_for(lost(), {})) == expected); // also where nobody manages it
    CHECK(is_empty(plan_for(lost().stopped(), {{"net0", stored}})));
    CHECK(only_change(plan_for(lost(), {{"net0", "name=eth0,bridge=vmbr0"}})).to
          == "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:AA:BB:02");
}

TEST_CASE("a stopped guest takes everything at once")
{
    CHECK(only_change(plan_for(guest{101}.stopped(), {{"timezone", "UTC"}})).weight == consequence::live);
    CHECK(is_empty(plan_for(guest{101}.stopped().pending("timezone", std::nullopt, "UTC"), {{"timezone", "UTC"}})));
}

TEST_CASE("a pending removal of a key counts as removed, also when its value is 0")
{
    CHECK(is_empty(plan_for(guest{101}.stopped().pending_removal("swap", "0"), {{"swap", std::nullopt}})));
    CHECK(only_change(plan_for(guest{101}.pending_removal("swap", "0"), {{"swap", "0"}})).from == std::nullopt);
}

TEST_CASE("a connectivity key that waits for a restart keeps the graver consequence")
{
    const auto change = only_change(plan_for(guest{101}, {{"nameserver", "1.1.1.1"}}));
    CHECK(change.effect == applies::pending);
    CHECK(change.weight == consequence::connectivity_risk);
}

TEST_CASE("dropping protection is held for a signature, raising it is planned")
{
    const auto dropped = only_skip(plan_for(guest{101}.with("protection", "1"), {{"protection", "0"}}));
    CHECK(dropped.why == skip_reason{needs_signature{consequence::destructive}});
    CHECK(dropped.weight == consequence::destructive);
    const auto unset = only_skip(plan_for(guest{101}.with("protection", "1"), {{"protection", std::nullopt}}));
    CHECK(unset.why == skip_reason{needs_signature{consequence::destructive}});
    const auto raised = only_change(plan_for(guest{101}, {{"protection", "1"}}));
    CHECK(raised.to == "1");
    CHECK(raised.weight == consequence::live);
}

TEST_CASE("disks are never planned: a mount point that differs is held")
{
    const auto stored = std::string{"local:v,mp=/data,size=8G"};
    CHECK(only_skip(plan_for(guest{101}.with("mp0", stored), {{"mp0", "local:v,mp=/other"}})).why
          == skip_reason{needs_signature{consequence::destructive}});
    CHECK(only_skip(plan_for(guest{101}.with("mp0", stored), {{"mp0", std::nullopt}})).why
          == skip_reason{needs_signature{consequence::destructive}});
    CHECK(only_skip(plan_for(guest{101}.with("rootfs", "local:v,size=8G"), {{"rootfs", "local:w,size=8G"}})).why
          == skip_reason{needs_signature{consequence::destructive}});
}

namespace {

constexpr auto data_of_64g = "local-lvm:vm-101-disk-1,mp=/data,backup=1,size=64G";

auto desired_size(const std::string& size) -> std::string
{
    return "local-lvm:vm-101-disk-1,mp=/data,backup=1,size=" + size;
}

/// What a plan makes of a volume of 64G that is desired with another size, where plans may grow volumes.
auto plan_of_size(guest found, const std::string& size, plan_policy policy = {.allow_grow = true}) -> plan
{
    return planned(normalized({desire(101, {{"mp0", desired_size(size)}})}), observed({found.build()}), policy);
}

} // namespace

TEST_CASE("a volume that is desired larger is grown where this host allows it, stopped or running")
{
    const auto grown = grow_volume{.id = id_of(101),
                                   .disk = *proxmox::disk_slot::parse("mp0"),
                                   .from = data_of_64g,
                                   .is = *proxmox::disk_size::parse("64G"),
                                   .to = *proxmox::disk_size::parse("128G"),
                                   .digest = *proxmox::config_digest::parse(a_digest)};
    CHECK(plan_of_size(guest{101}.with("mp0", data_of_64g), "128G").actions() == std::vector<action>{grown});
    CHECK(plan_of_size(guest{101}.with("mp0", data_of_64g).stopped(), "131072M").actions()
          == std::vector<action>{grown});
    CHECK(weight_of(action{grown}) == consequence::growing);
    const auto root =
        planned(normalized({desire(101, {{"rootfs", "local-lvm:vm-101-disk-0,size=16G"}})}),
                observed({guest{101}.with("rootfs", "local-lvm:vm-101-disk-0,size=8G").build()}), {.allow_grow = true});
    REQUIRE(root.actions().size() == 1);
    CHECK(std::get<grow_volume>(root.actions().front()).disk.text() == "rootfs");
}

TEST_CASE("growing is not destructive, and without leave the plan says how to get it")
{
    const auto held = only_skip(plan_of_size(guest{101}.with("mp0", data_of_64g), "128G", {}));
    CHECK(held.weight == consequence::growing);
    CHECK(code_of(held.why) == "growth_not_allowed");
    CHECK(describe(held.why)
          == "it grows once reconcile.allow_grow is set, or under an operator's signature: felhom-sign guest "
             "resize --host HOST-ID --guest 101 --expect-digest "
                 + std::string{a_digest}
                 + R"( --params '{"disk":"mp0","size":"128G"}' --key KEY --out resize-101-mp0.bundle)");
    const auto named =
        only_skip(plan_of_size(guest{101}.with("mp0", data_of_64g), "128G", {.host = *host_id::parse("host-a")}));
    CHECK(describe(named.why).find("--host host-a ") != std::string::npos);
}

TEST_CASE("no volume is planned to shrink, and none that also differs otherwise to grow")
{
    const auto smaller = only_skip(plan_of_size(guest{101}.with("mp0", data_of_64g), "32G"));
    CHECK(smaller.why == skip_reason{never_shrinks{*proxmox::disk_size::parse("64G")}});
    CHECK(smaller.weight == consequence::destructive);
    CHECK(is_empty(plan_of_size(guest{101}.with("mp0", data_of_64g), "65536M")));
    for (const auto* const other :
         {"local-lvm:vm-101-disk-2,mp=/data,backup=1,size=128G", "local-lvm:vm-101-disk-1,mp=/other,backup=1,size=128G",
          "local-lvm:vm-101-disk-1,mp=/data,size=128G", "/mnt/data,mp=/data,size=128G"}) {
        INFO(other);
        const auto made = planned(normalized({desire(101, {{"mp0", other}})}),
                                  observed({guest{101}.with("mp0", data_of_64g).build()}), {.allow_grow = true});
        CHECK(only_skip(made).why == skip_reason{needs_signature{consequence::destructive}});
    }
}

TEST_CASE(
    "a volume is not grown of a guest that is locked or only observed, while a change waits, or without privileges")
{
    const auto here = [] { return guest{101}.with("mp0", data_of_64g); };
    CHECK(only_skip(plan_of_size(here().locked("backup"), "128G")).why == skip_reason{guest_locked{"backup"}});
    CHECK(only_skip(plan_of_size(here(), "128G", {.allow_grow = true, .observed = {id_of(101)}})).why
          == skip_reason{observed_only{}});
    CHECK(only_skip(
              plan_of_size(guest{101}.pending("mp0", "local-lvm:vm-101-disk-1,mp=/old,backup=1,size=64G", data_of_64g),
                           "128G"))
              .why
          == skip_reason{growth_waits{}});
    const auto lacking = [&](std::vector<proxmox::path_permissions> paths) {
        auto actual = observed({here().build()});
        actual.granted = proxmox::permissions{.paths = std::move(paths)};
        return only_skip(
                   planned(normalized({desire(101, {{"mp0", desired_size("128G")}})}), actual, {.allow_grow = true}))
            .why;
    };
    CHECK(lacking(
              {{.path = "/storage/local-lvm", .privileges = {{.name = "Datastore.AllocateSpace", .propagates = true}}}})
          == skip_reason{lacks_privilege{"/vms/101", "VM.Config.Disk"}});
    CHECK(lacking({{.path = "/vms/101", .privileges = {{.name = "VM.Config.Disk", .propagates = true}}}})
          == skip_reason{lacks_privilege{"/storage/local-lvm", "Datastore.AllocateSpace"}});
}

TEST_CASE("a guest's volumes grow after its configuration is written and before it is started")
{
    const auto made = planned(
        normalized({desire(101, {{"memory", "1024"}, {"mp0", desired_size("128G")}}, run_state::running)}),
        observed({guest{101}.with("memory", "512").with("mp0", data_of_64g).stopped().build()}), {.allow_grow = true});
    REQUIRE(made.actions().size() == 3);
    CHECK(std::holds_alternative<update_config>(made.actions()[0]));
    CHECK(std::holds_alternative<grow_volume>(made.actions()[1]));
    CHECK(std::holds_alternative<start_guest>(made.actions()[2]));
}

TEST_CASE("an allocation form is the volume that it once allocated, and an unnamed size the stored one")
{
    const auto stored = std::string{"local-lvm:vm-101-disk-1,mp=/data,size=8G"};
    CHECK(is_empty(plan_for(guest{101}.with("mp0", stored), {{"mp0", "local-lvm:8,mp=/data"}})));
    CHECK(is_empty(plan_for(guest{101}.with("mp0", stored), {{"mp0", "local-lvm:vm-101-disk-1,mp=data"}})));
    CHECK_FALSE(is_empty(plan_for(guest{101}.with("mp0", stored), {{"mp0", "other:8,mp=/data"}})));
}

TEST_CASE("an allocation of another size than the volume has is a difference, which is held and never sent as such")
{
    const auto held = [](const std::string& code, const std::string& stored, const std::string& desired) {
        const auto made = plan_for(guest{101}.with("rootfs", stored), {{"rootfs", desired}});
        const auto& skip = only_skip(made);
        CHECK(code_of(skip.why) == code);
        return skip.to;
    };
    const auto of_8g = std::string{"local-zfs:subvol-101-disk-0,size=8G"};
    CHECK(held("growth_not_allowed", of_8g, "local-zfs:16") == "local-zfs:subvol-101-disk-0,size=16384M");
    CHECK(held(std::string{reconcile::never_shrinks::code}, of_8g, "local-zfs:7.5")
          == "local-zfs:subvol-101-disk-0,size=7680M");
    CHECK(held("growth_not_allowed", of_8g, "local-zfs:16,size=8G") == "local-zfs:subvol-101-disk-0,size=16384M");
    CHECK(held(std::string{reconcile::needs_signature::code}, "local-zfs:subvol-101-disk-0", "local-zfs:16")
          == "local-zfs:subvol-101-disk-0,size=16384M");
    CHECK(held(std::string{reconcile::never_shrinks::code}, "local:101/vm-101-disk-0.raw,size=8G", "local:0")
          == "local:101/vm-101-disk-0.raw,size=0M");
}

TEST_CASE("an allocation of the size that the volume has is no difference")
{
    const auto settled = [](const std::string& stored, const std::string& desired) {
        return is_empty(plan_for(guest{101}.with("rootfs", stored), {{"rootfs", desired}}));
    };
    CHECK(settled("local-zfs:subvol-101-disk-0,size=8G", "local-zfs:8"));
    CHECK(settled("local-zfs:subvol-101-disk-0,size=8G", "volume=local-zfs:8.0"));
    CHECK(settled("local-lvm:vm-101-disk-0,size=8704M", "local-lvm:8.5"));
    CHECK(settled("local-lvm:vm-101-disk-0,size=307M", "local-lvm:0.3")); // whole mebibytes, cut off
    CHECK(settled("local-zfs:subvol-101-disk-0,size=8G", "local-zfs:8,size=16G"));
    CHECK(settled("local:101/vm-101-disk-0.subvol,size=0T", "local:0"));
    CHECK(settled("local-zfs:subvol-101-disk-0,mountoptions=noatime,size=8G", "local-zfs:8,mountoptions=noatime"));
}

TEST_CASE("a mount point's allocation is compared with its size, too")
{
    const auto stored = std::string{"local-lvm:vm-101-disk-1,mp=/data,size=8G"};
    CHECK(only_skip(plan_for(guest{101}.with("mp0", stored), {{"mp0", "local-lvm:9,mp=/data"}})).to
          == "local-lvm:vm-101-disk-1,mp=/data,size=9216M");
}

TEST_CASE("a device's owner and mode that are as by default, and a size with a point, are no difference")
{
    CHECK(is_empty(plan_for(guest{101}.with("dev0", "path=/dev/dri/renderD128,gid=104,mode=0660"),
                            {{"dev0", "/dev/dri/renderD128,gid=104"}})));
    CHECK(is_empty(plan_for(guest{101}.with("rootfs", "local-lvm:vm-101-disk-0,size=8704M"),
                            {{"rootfs", "local-lvm:vm-101-disk-0,size=8.5G"}})));
}

TEST_CASE("what was fixed at creation is reported and not planned")
{
    for (const auto& [key, from, to] : std::vector<std::array<std::string, 3>>{{"arch", "amd64", "arm64"},
                                                                               {"ostype", "debian", "alpine"},
                                                                               {"unprivileged", "0", "1"},
                                                                               {"template", "0", "1"}}) {
        INFO(key);
        CHECK(only_skip(plan_for(guest{101}.with(key, from), {{key, to}})).why == skip_reason{never_changes{}});
    }
}

TEST_CASE("what only root may change is reported and not planned")
{
    CHECK(only_skip(plan_for(guest{101}, {{"hookscript", "local:snippets/a.sh"}})).why == skip_reason{only_root{}});
    CHECK(only_skip(plan_for(guest{101}, {{"dev0", "/dev/ttyUSB0"}})).why == skip_reason{only_root{}});
}

TEST_CASE(
    "of the features only nesting is planned, on an unprivileged guest, and the stored spelling of the rest is kept")
{
    const auto unprivileged = guest{101}.with("unprivileged", "1").with("features", "keyctl=true,nesting=0");
    const auto change = only_change(plan_for(unprivileged, {{"features", "nesting=1,keyctl=1"}}));
    CHECK(change.to == "keyctl=true,nesting=1");
    CHECK(only_skip(plan_for(unprivileged, {{"features", "nesting=1"}})).why == skip_reason{only_root{}});
    const auto privileged = guest{101}.with("features", "nesting=0");
    CHECK(only_skip(plan_for(privileged, {{"features", "nesting=1"}})).why == skip_reason{only_root{}});
    CHECK(is_empty(plan_for(unprivileged, {{"features", "keyctl=1"}})));
}

TEST_CASE("nesting is taken away by unsetting the features when nothing else is left of them")
{
    const auto unprivileged = guest{101}.with("unprivileged", "1").with("features", "nesting=1");
    CHECK(only_change(plan_for(unprivileged, {{"features", std::nullopt}})).to == std::nullopt);
}

TEST_CASE("features that are a blank are as good as none: nesting is set without asking for root")
{
    const auto unprivileged = guest{101}.with("unprivileged", "1").with("features", " ");
    CHECK(only_change(plan_for(unprivileged, {{"features", "nesting=1"}})).to == "nesting=1");
    CHECK(is_empty(plan_for(unprivileged, {{"features", "nesting=0"}})));
}

TEST_CASE("a feature that is off is not written where it is not in force, since Proxmox VE asks for root to do it")
{
    const auto unprivileged = guest{101}.with("unprivileged", "1");
    const auto change = only_change(plan_for(unprivileged, {{"features", "nesting=1,keyctl=0"}}));
    CHECK(change.to == "nesting=1");
    CHECK(change.normal == "nesting=1");
    CHECK(only_skip(plan_for(unprivileged, {{"features", "nesting=1,keyctl=1"}})).why == skip_reason{only_root{}});
}

TEST_CASE("features are unset only where nothing but nesting is in force, and a flag that is off there is kept")
{
    const auto both = guest{101}.with("unprivileged", "1").with("features", "nesting=1,keyctl=0");
    const auto change = only_change(plan_for(both, {{"features", std::nullopt}}));
    CHECK(change.to == "keyctl=0");
    CHECK(change.normal.empty());
    const auto keyctl = guest{101}.with("unprivileged", "1").with("features", "nesting=1,keyctl=1");
    CHECK(only_skip(plan_for(keyctl, {{"features", std::nullopt}})).why == skip_reason{only_root{}});
}

TEST_CASE("features are judged by what is in force, not by what waits for a restart")
{
    const auto by_root = guest{101}.with("unprivileged", "1").pending("features", "keyctl=yes", "nesting=1");
    CHECK(only_change(plan_for(by_root, {{"features", "nesting=1,keyctl=1"}})).to == "keyctl=yes,nesting=1");
    const auto at_root = guest{101}.with("unprivileged", "1").pending("features", "nesting=1", "nesting=1,keyctl=1");
    CHECK(only_change(plan_for(at_root, {{"features", "nesting=1"}})).to == "nesting=1");
    CHECK(only_skip(plan_for(at_root, {{"features", "nesting=0,keyctl=1"}})).why == skip_reason{only_root{}});
    const auto going = guest{101}.with("unprivileged", "1").pending_removal("features", "nesting=1,keyctl=0");
    CHECK(only_change(plan_for(going, {{"features", "nesting=1"}})).to == "nesting=1,keyctl=0");
}

TEST_CASE("nesting that waits for a restart is taken back by writing that it is off")
{
    const auto waiting = guest{101}.with("unprivileged", "1").pending("features", std::nullopt, "nesting=1");
    const auto change = only_change(plan_for(waiting, {{"features", "nesting=0"}}));
    CHECK(change.to == "nesting=0");
    CHECK(change.normal.empty());
    const auto taken_back = guest{101}.with("unprivileged", "1").pending("features", std::nullopt, "nesting=0");
    CHECK(plan_for(taken_back, {{"features", "nesting=0"}}).actions().empty());
}

TEST_CASE("a pending value that is the one in force waits for nothing")
{
    CHECK(is_empty(plan_for(guest{101}.pending("timezone", "UTC", "UTC"), {{"timezone", "UTC"}})));
    CHECK(is_empty(plan_for(guest{101}.pending("memory", "512", "512"), {{"memory", "512"}})));
}

TEST_CASE("what waits for a restart is not taken back by unsetting the key, so it is left until then")
{
    const auto stays = skip_reason{waiting_value_stays{}};
    auto waiting = guest{101};
    waiting.with("unprivileged", "1").pending("timezone", "UTC", "host").pending("features", std::nullopt, "nesting=1");
    CHECK(only_skip(plan_for(waiting, {{"timezone", std::nullopt}})).why == stays);
    CHECK(only_skip(plan_for(waiting, {{"features", std::nullopt}})).why == stays);
    CHECK(only_change(plan_for(waiting, {{"timezone", "UTC"}})).to == "UTC");
    CHECK(only_change(plan_for(waiting.stopped(), {{"timezone", std::nullopt}})).to == std::nullopt);
}

TEST_CASE("memory that is written together with the removal of swap is told to need a restart of a running guest")
{
    const auto weights = [](guest actual, std::optional<std::string> swap) {
        const auto made = plan_for(std::move(actual.with("memory", "512").with("swap", "512")),
                                   {{"memory", "64"}, {"swap", std::move(swap)}});
        REQUIRE(made.actions().size() == 1);
        auto all = std::vector<consequence>{};
        for (const auto& change : std::get<update_config>(made.actions().front()).changes) {
            all.push_back(change.weight);
        }
        return all;
    };
    CHECK(weights(guest{101}, std::nullopt) == std::vector{consequence::needs_restart, consequence::live});
    CHECK(weights(guest{101}, "0") == std::vector{consequence::live, consequence::live});
    CHECK(weights(guest{101}.stopped(), std::nullopt) == std::vector{consequence::live, consequence::live});
}

TEST_CASE("a key newer than the node's release is left out with the release that it needs")
{
    const auto made = plan_for(guest{101}, {{"env", "A=1"}}, std::nullopt, {.release = {8, 4}});
    CHECK(only_skip(made).why == skip_reason{needs_release{{9, 1}}});
}

TEST_CASE("a property newer than the node's release keeps its key from being written, and no other key")
{
    const auto made = plan_for(guest{101}.with("net0", "name=eth0,bridge=vmbr0"),
                               {{"net0", "name=eth0,bridge=vmbr0,host-managed=1"}, {"memory", "64"}}, std::nullopt,
                               {.release = {9, 0}});
    CHECK(only_change(made).key == "memory");
    CHECK(made.skips().front().why == skip_reason{needs_release{{9, 1}}});
    CHECK(only_change(plan_for(guest{101}, {{"net0", "name=eth0,bridge=vmbr0,host-managed=1"}})).key == "net0");
}

TEST_CASE("a stopped guest that should run is started, a running one that should not is shut down, never killed")
{
    CHECK(plan_for(guest{101}.stopped(), {}, run_state::running).actions()
          == std::vector<action>{start_guest{id_of(101)}});
    CHECK(plan_for(guest{101}, {}, run_state::stopped).actions()
          == std::vector<action>{shutdown_guest{id_of(101), /*kill_after_timeout=*/false}});
    CHECK(is_empty(plan_for(guest{101}, {}, run_state::running)));
}

TEST_CASE("a guest is killed after its time only where policy says so")
{
    const auto made = planned(normalized({desire(101, {}, run_state::stopped)}), observed({guest{101}.build()}),
                              {.kill_after_timeout = true});
    CHECK(made.actions() == std::vector<action>{shutdown_guest{id_of(101), /*kill_after_timeout=*/true}});
}

TEST_CASE("a guest's configuration comes before its run state, and guests come by vmid")
{
    const auto desired =
        normalized({desire(200, {{"memory", "64"}}), desire(101, {{"memory", "64"}}, run_state::running)});
    const auto made = planned(desired, observed({guest{200}.build(), guest{101}.stopped().build()}));
    REQUIRE(made.actions().size() == 3);
    CHECK(std::holds_alternative<update_config>(made.actions()[0]));
    CHECK(made.actions()[1] == action{start_guest{id_of(101)}});
    CHECK(guest_of(made.actions()[2]) == id_of(200));
}

TEST_CASE("a guest that is not visible is said to be, and nothing is provisioned or destroyed")
{
    const auto made =
        planned(normalized({desire(101, {{"memory", "64"}}, run_state::running)}), observed({guest{102}.build()}));
    CHECK(only_skip(made) == skipped{id_of(101), "", std::nullopt, std::nullopt, guest_not_visible{}});
}

TEST_CASE("a guest that the list shows in a way that is not understood is left alone, and the others are not")
{
    auto actual = observed({guest{102}.with("memory", "512").build()});
    actual.odd = {{id_of(101), interrupted()}};
    const auto made = planned(normalized({desire(101, {{"memory", "64"}}), desire(102, {{"memory", "64"}})}), actual);
    CHECK(made.skips()
          == std::vector{skipped{id_of(101), "", std::nullopt, std::nullopt, guest_unreadable{interrupted()}}});
    CHECK(made.actions().size() == 1);
}

TEST_CASE("nothing is written from a configuration that could not be read")
{
    const auto made = plan_for(guest{101}.unreadable(interrupted()), {{"memory", "64"}});
    CHECK(only_skip(made).why == skip_reason{guest_unreadable{interrupted()}});
    CHECK(made.compared() == 0);
}

TEST_CASE("a guest of which only the run state is desired needs no configuration to be compared")
{
    const auto made = plan_for(guest{101}.stopped().unreadable(interrupted()), {}, run_state::running);
    CHECK(made.actions() == std::vector<action>{start_guest{id_of(101)}});
    CHECK(made.skips().empty());
    CHECK(made.compared() == 1);
}

TEST_CASE("a locked guest is left alone, and a mounted one may still be started")
{
    const auto made = plan_for(guest{101}.stopped().locked("backup"), {{"memory", "64"}}, run_state::running);
    CHECK(made.actions().empty());
    REQUIRE(made.skips().size() == 2);
    CHECK(made.skips()[0].why == skip_reason{guest_locked{"backup"}});
    CHECK(made.skips()[1].why == skip_reason{guest_locked{"backup"}});
    CHECK(plan_for(guest{101}.stopped().locked("mounted"), {}, run_state::running).actions().size() == 1);
}

TEST_CASE("a template is not started")
{
    CHECK(only_skip(plan_for(guest{101}.stopped().a_template(), {}, run_state::running)).why
          == skip_reason{guest_is_template{}});
}

TEST_CASE("a guest that is to be absent is held with all that its signer must know, and never acted on")
{
    const auto absent = desired_guest{.id = id_of(101), .run = std::nullopt, .entries = {}, .absent = true};
    const auto host = *felhom::host_id::parse("host-a");
    const auto made =
        planned(normalized({absent}), observed({guest{101}.with("protection", "1").build()}), {.host = host});
    CHECK(made.actions().empty());
    const auto held = destroy_needs_signature{.guest = id_of(101),
                                              .digest = *felhom::proxmox::config_digest::parse(a_digest),
                                              .running = true,
                                              .is_protected = true,
                                              .host = host};
    CHECK(only_skip(made).why == skip_reason{held});
    CHECK(held.signing_line()
          == "felhom-sign guest destroy --host host-a --guest 101 --expect-digest " + std::string{a_digest}
                 + R"( --params '{"stop":true}' --key KEY --out destroy-101.bundle)");
}

TEST_CASE("a guest is gone as it should be only where no node of the cluster has it")
{
    const auto absent = desired_guest{.id = id_of(101), .run = std::nullopt, .entries = {}, .absent = true};
    const auto plan_where = [&](felhom::proxmox::whereabouts where) {
        auto actual = observed({guest{102}.build()});
        actual.missing = {{.id = id_of(101), .where = std::move(where)}};
        return planned(normalized({absent}), actual);
    };
    const auto gone = plan_where(felhom::proxmox::guest_is_nowhere{});
    CHECK(is_empty(gone));
    CHECK(gone.compared() == 1);
    const auto on_pve2 = felhom::proxmox::guest_is_elsewhere{*felhom::node_name::parse("pve2")};
    CHECK(only_skip(plan_where(on_pve2)).why == skip_reason{guest_elsewhere{on_pve2}});
    CHECK(only_skip(plan_where(felhom::proxmox::guest_not_listed{"why"})).why == skip_reason{guest_not_visible{"why"}});
    CHECK(only_skip(plan_where(felhom::proxmox::guest_is_here{})).why == skip_reason{guest_in_motion{}});
    const auto unsure = felhom::proxmox::guest_not_listed{.why = "no quorum", .may_be_hidden = false};
    CHECK(only_skip(plan_where(unsure)).why == skip_reason{whereabouts_unknown{"no quorum"}});
    CHECK(only_skip(planned(normalized({absent}), observed({guest{102}.build()}))).why
          == skip_reason{guest_not_visible{}});
}

TEST_CASE("a guest that is to be there is told to be elsewhere, nowhere, or not to be seen")
{
    const auto plan_where = [](felhom::proxmox::whereabouts where) {
        auto actual = observed({guest{102}.build()});
        actual.missing = {{.id = id_of(101), .where = std::move(where)}};
        return planned(normalized({desire(101, {{"memory", "64"}})}), actual);
    };
    const auto machine = felhom::proxmox::guest_is_elsewhere{.node = *felhom::node_name::parse("pve1"),
                                                             .type = felhom::proxmox::cluster_guest::kind::qemu};
    CHECK(describe(only_skip(plan_where(machine)).why)
          == "no container of this node: its number is a virtual machine's, on node pve1");
    CHECK(only_skip(plan_where(felhom::proxmox::guest_is_nowhere{})).why == skip_reason{guest_nowhere{}});
    CHECK(only_skip(plan_where(felhom::proxmox::guest_not_listed{})).why == skip_reason{guest_not_visible{}});
}

TEST_CASE("several changes of one guest are one write")
{
    const auto made = plan_for(guest{101}.with("memory", "512"), {{"memory", "64"}, {"cores", "1"}, {"tags", "a"}});
    REQUIRE(made.actions().size() == 1);
    CHECK(std::get<update_config>(made.actions().front()).changes.size() == 3);
}

TEST_CASE("an observation with a guest twice is refused")
{
    auto actual = observed({guest{101}.build()});
    actual.guests.push_back(guest{101}.build());
    const auto made = make_plan(normalized({}), actual, {});
    REQUIRE_FALSE(made.has_value());
    CHECK(made.error() == invalid_observed{101});
}

TEST_CASE("a desired state with a guest or a key twice, or a key outside the table, has no normal form")
{
    const auto normal_form_of = [](std::vector<desired_guest> guests) {
        return normalize({.generation = 1, .guests = std::move(guests)}, {}, key_table::standard());
    };
    CHECK(normal_form_of({desire(101, {}), desire(101, {})}).error() == invalid_desired{101, ""});
    CHECK(normal_form_of({desire(101, {{"tags", "a"}, {"tags", "a"}})}).error() == invalid_desired{101, "tags"});
    CHECK(normal_form_of({desire(101, {{"balloon", "1"}})}).error() == invalid_desired{101, "balloon"});
    CHECK(normal_form_of({desire(101, {{"lock", "backup"}})}).error() == invalid_desired{101, "lock"});
}

TEST_CASE("a difference that the token may not remove is left out with the privilege and the path that are missing")
{
    auto actual = observed({guest{101}.stopped().build()});
    actual.granted = felhom::proxmox::permissions{
        .paths = {{.path = "/vms", .privileges = {{.name = "VM.Config.CPU", .propagates = true}}}}};
    const auto made =
        planned(normalized({desire(101, {{"cores", "1"}, {"memory", "64"}}, run_state::running)}), actual);
    CHECK(only_change(made).key == "cores");
    REQUIRE(made.skips().size() == 2);
    CHECK(made.skips()[0].why == skip_reason{lacks_privilege{"/vms/101", "VM.Config.Memory"}});
    CHECK(made.skips()[1].why == skip_reason{lacks_privilege{"/vms/101", "VM.PowerMgmt"}});
}

TEST_CASE("nesting asks for one of VM.Config.* beside the privilege of its row")
{
    const auto plan_with = [](std::vector<felhom::proxmox::held_privilege> held) {
        auto actual = observed({guest{101}.with("unprivileged", "1").build()});
        actual.granted = felhom::proxmox::permissions{.paths = {{.path = "/vms", .privileges = std::move(held)}}};
        return planned(normalized({desire(101, {{"features", "nesting=1"}})}), actual);
    };
    CHECK(only_skip(plan_with({{.name = "VM.Allocate", .propagates = true}})).why
          == skip_reason{lacks_privilege{"/vms/101", "VM.Config.Options"}});
    CHECK(only_change(
              plan_with({{.name = "VM.Allocate", .propagates = true}, {.name = "VM.Config.CPU", .propagates = true}}))
              .key
          == "features");
}

TEST_CASE("every planned key asks for the privilege of its row")
{
    for (const auto* const rule : key_table::standard().rules()) {
        const auto key = std::string{rule->key} + (rule->indices == 0 ? "" : "0");
        const auto removable = rule->managed == management::planned && rule->deletable;
        if (!removable) {
            continue;
        }
        INFO(key);
        auto actual = observed({guest{101}.with(key, "name=x,bridge=y").build()});
        actual.granted = felhom::proxmox::permissions{.paths = {}};
        const auto made = planned(normalized({desire(101, {{key, std::nullopt}})}), actual);
        CHECK(only_skip(made).why == skip_reason{lacks_privilege{"/vms/101", std::string{rule->privilege}}});
    }
}

TEST_CASE("a locked guest names the task that works on it, where one does")
{
    const auto task = *felhom::proxmox::upid::parse("UPID:pve1:00000001:00000002:6B041F31:vzdump:101:root@pam:");
    const auto made = plan_for(guest{101}.locked("backup").worked_on_by(task), {{"memory", "64"}});
    CHECK(only_skip(made).why == skip_reason{guest_locked{"backup", task}});
}

TEST_CASE("a guest that this host only observes is compared and never changed")
{
    const auto desired =
        normalized({desire(101, {{"memory", "64"}}, run_state::stopped), desire(102, {{"cores", "1"}})});
    const auto made = planned(desired, observed({guest{101}.build(), guest{102}.build()}), {.observed = {id_of(101)}});
    CHECK(only_change(made).key == "cores");
    CHECK(made.skips()
          == std::vector<skipped>{
              {id_of(101), "memory", std::nullopt, "64", observed_only{}, consequence::live},
              {id_of(101), "run_state", "running", "stopped", observed_only{}, consequence::connectivity_risk}});
}

TEST_CASE("what is equal only once completed waits for a restart all the same")
{
    const auto in_force = std::string{"name=eth0,bridge=vmbr0,hwaddr=BC:24:11:0A:0B:0C,type=veth"};
    const auto later = std::string{"name=eth0,bridge=vmbr1,hwaddr=BC:24:11:0A:0B:0C,type=veth"};
    const auto made = plan_for(guest{101}.pending("net0", in_force, later), {{"net0", "name=eth0,bridge=vmbr1"}});
    CHECK(only_skip(made)
          == skipped{id_of(101), "net0", in_force, "name=eth0,bridge=vmbr1", hotplug_failed{},
                     consequence::needs_restart});
    const auto disk = plan_for(guest{101}.pending("mp0", "local:v,mp=/old,size=8G", "local:v,mp=/data,size=8G"),
                               {{"mp0", "local:v,mp=/data"}});
    CHECK(only_skip(disk).why == skip_reason{awaits_restart{}});
}

namespace {

/// A token that holds every VM.Config privilege on all guests, and these besides.
auto granted_to_configure(std::vector<felhom::proxmox::path_permissions> besides = {}) -> felhom::proxmox::permissions
{
    auto paths = std::move(besides);
    auto configure = felhom::proxmox::path_permissions{.path = "/vms", .privileges = {}};
    for (const auto* const name :
         {"VM.Audit", "VM.Config.CPU", "VM.Config.Memory", "VM.Config.Network", "VM.Config.Options"}) {
        configure.privileges.push_back({.name = name, .propagates = true});
    }
    paths.push_back(std::move(configure));
    return {.paths = std::move(paths)};
}

auto use_of(std::string path) -> felhom::proxmox::path_permissions
{
    return {.path = std::move(path), .privileges = {{.name = "SDN.Use", .propagates = true}}};
}

auto plan_granted(guest actual, std::vector<std::pair<std::string, std::optional<std::string>>> entries,
                  felhom::proxmox::permissions granted, const node_facts& facts = {.release = {9, 1}},
                  std::optional<felhom::proxmox::tag_access> tags = std::nullopt) -> plan
{
    auto state = observed({actual.build()});
    state.granted = std::move(granted);
    state.tags = std::move(tags);
    return planned(normalized({desire(101, std::move(entries))}, facts), state);
}

} // namespace

TEST_CASE("an interface needs the use of the bridge that it had and of the one that it gets")
{
    const auto stored = std::string{"name=eth0,bridge=vmbr0,hwaddr=BC:24:11:0A:0B:0C,type=veth"};
    const auto moved = std::string{"name=eth0,bridge=vmbr1,tag=7,hwaddr=BC:24:11:0A:0B:0C"};
    const auto move_with = [&](std::vector<felhom::proxmox::path_permissions> uses) {
        return plan_granted(guest{101}.with("net0", stored), {{"net0", moved}}, granted_to_configure(std::move(uses)));
    };
    const auto old_bridge = std::string{"/sdn/zones/localnetwork/vmbr0"};
    const auto new_bridge = std::string{"/sdn/zones/localnetwork/vmbr1/7"};
    CHECK(only_skip(move_with({})).why == skip_reason{lacks_privilege{old_bridge, "SDN.Use"}});
    CHECK(only_skip(move_with({use_of(old_bridge)})).why == skip_reason{lacks_privilege{new_bridge, "SDN.Use"}});
    CHECK(only_skip(move_with({use_of(new_bridge)})).why == skip_reason{lacks_privilege{old_bridge, "SDN.Use"}});
    CHECK(only_change(move_with({use_of(old_bridge), use_of(new_bridge)})).key == "net0");
    CHECK(only_change(move_with({use_of("/sdn/zones/localnetwork")})).key == "net0");
    CHECK(only_change(move_with({use_of("/sdn/zones/other/vmbr1")})).key == "net0"); // the node knows which zone
}

TEST_CASE("before release 8 a bridge needs no privilege of its own")
{
    const auto made =
        plan_granted(guest{101}, {{"net0", "name=eth0,bridge=vmbr0"}}, granted_to_configure(), {.release = {7, 4}});
    CHECK(only_change(made).key == "net0");
}

TEST_CASE("a reserved tag needs Sys.Modify, whether it comes or goes, and where nobody told it the node judges")
{
    const auto reserved = felhom::proxmox::tag_access{.registered = {"prod"}};
    const auto lacks = skip_reason{lacks_privilege{"/", "Sys.Modify"}};
    const auto tagged = [&](const std::string& from, const std::string& to, auto access) {
        return plan_granted(guest{101}.with("tags", from), {{"tags", to}}, granted_to_configure(), {.release = {9, 1}},
                            access);
    };
    CHECK(only_skip(tagged("a", "a;prod", std::optional{reserved})).why == lacks);
    CHECK(only_skip(tagged("a;prod", "a", std::optional{reserved})).why == lacks);
    CHECK(only_change(tagged("a;prod", "b;prod", std::optional{reserved})).key == "tags");
    CHECK(only_change(tagged("a", "prod", std::optional<felhom::proxmox::tag_access>{})).key == "tags");
    const auto listed = felhom::proxmox::tag_access{.any_other = false, .allowed = {"web"}};
    CHECK(only_skip(tagged("a", "a;b", std::optional{listed})).why == lacks);
    CHECK(only_change(tagged("a", "a;web", std::optional{listed})).key == "tags");
}

TEST_CASE("a key that is refused keeps no other key of its guest from being written")
{
    const auto made =
        plan_granted(guest{101}, {{"net0", "name=eth0,bridge=vmbr0"}, {"memory", "64"}, {"tags", "prod"}},
                     granted_to_configure(), {.release = {9, 1}}, felhom::proxmox::tag_access{.registered = {"prod"}});
    CHECK(only_change(made).key == "memory");
    CHECK(made.skips().size() == 2);
}

TEST_CASE("a key that is not shown without a privilege is not known to be unset")
{
    const auto hidden = skip_reason{value_hidden{"/vms/101", "VM.Config.Options"}};
    CHECK(only_skip(plan_for(guest{101}, {{"env", "A=1"}})).why == hidden);
    CHECK(only_skip(plan_for(guest{101}, {{"env", std::nullopt}})).why == hidden);
    auto audit_only = felhom::proxmox::permissions{
        .paths = {{.path = "/vms", .privileges = {{.name = "VM.Audit", .propagates = true}}}}};
    CHECK(only_skip(plan_granted(guest{101}, {{"env", "A=1"}}, audit_only)).why == hidden);
    CHECK(only_change(plan_granted(guest{101}, {{"env", "A=1"}}, granted_to_configure())).to == "A=1");
    CHECK(is_empty(plan_granted(guest{101}, {{"env", std::nullopt}}, granted_to_configure())));
    CHECK(is_empty(plan_for(guest{101}.with("env", "A=1"), {{"env", "A=1"}})));
}

TEST_CASE("a change that no call can carry, since what is stored is odd, is left out and says so")
{
    const auto odd = std::string{"name=eth0,bridge=vmbr0,hwaddr=zz"};
    const auto made = plan_for(guest{101}.with("net0", odd), {{"net0", "name=eth0,bridge=vmbr1"}});
    CHECK(
        only_skip(made).why
        == skip_reason{not_writable{felhom::proxmox::value_not_admitted{"net0", "name=eth0,bridge=vmbr1,hwaddr=zz"}}});
}

TEST_CASE("a plan knows the names of the guests that it says something of")
{
    const auto made = planned(normalized({desire(101, {{"memory", "64"}}), desire(102, {}), desire(103, {})}),
                              observed({guest{101}.build(), guest{102}.build()}));
    CHECK(made.name_of(id_of(101)) == "CT101");
    CHECK(made.name_of(id_of(102)).empty());
    CHECK(made.name_of(id_of(103)).empty());
}
