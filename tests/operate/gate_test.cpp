// SPDX-License-Identifier: Apache-2.0
#include "operate/signing.hpp"
#include "reconcile/builders.hpp"
#include "support/catch.hpp"

#include <felhom/operate/gate/gate.hpp>

using namespace felhom;
using namespace felhom::operate;
using namespace felhom::testing;

namespace {

const auto digest = std::string{a_digest};

auto destroy(boost::json::object params = {}) -> operation_builder
{
    auto op = operation_builder{"guest.destroy", 101, std::move(params)};
    op.seen_at(digest);
    return op;
}

/// A stopped guest as the gate would read it.
class facts_builder {
public:
    facts_builder()
    {
        auto config = reconcile::actual_config{.entries = {{.key = "memory", .value = "512"}},
                                               .digest = *proxmox::config_digest::parse(digest)};
        facts_.guest =
            present_guest{.power = proxmox::power_state::stopped, .lock = std::nullopt, .config = std::move(config)};
    }
    auto running() -> facts_builder&
    {
        facts_.guest->power = proxmox::power_state::running;
        return *this;
    }
    auto locked(std::string lock) -> facts_builder&
    {
        facts_.guest->lock = std::move(lock);
        return *this;
    }
    auto with(std::string key, std::string value) -> facts_builder&
    {
        facts_.guest->config.entries.push_back({.key = std::move(key), .value = std::move(value)});
        return *this;
    }
    auto changed() -> facts_builder&
    {
        facts_.guest->config.digest = *proxmox::config_digest::parse(std::string(40, 'f'));
        return *this;
    }
    auto with_snapshot(std::string name) -> facts_builder&
    {
        facts_.snapshots.push_back({.name = std::move(name)});
        return *this;
    }
    auto with_backup(proxmox::stored_volume backup) -> facts_builder&
    {
        facts_.backup = std::move(backup);
        return *this;
    }
    auto waiting(std::string key, std::string value, std::string after) -> facts_builder&
    {
        facts_.guest->config.entries.push_back(
            {.key = std::move(key), .value = std::move(value), .pending = std::move(after)});
        return *this;
    }
    auto with_space(std::string_view left) -> facts_builder&
    {
        facts_.space = *proxmox::disk_size::parse(left);
        return *this;
    }
    auto with_space_unknown(std::string why) -> facts_builder&
    {
        facts_.space = tl::unexpected(std::move(why));
        return *this;
    }
    auto without_guest() -> facts_builder&
    {
        facts_.guest.reset();
        return *this;
    }
    [[nodiscard]] auto done() const -> guest_facts { return facts_; }

private:
    guest_facts facts_;
};

/// The code of what the gate says: "admitted", or why not.
auto verdict(const signature_set& submitted, const guest_facts& facts, const host_switches& now = quiet_noon(),
             const gate_policy& policy = gate_here()) -> std::string
{
    auto heard = gate::examine(submitted, now, policy);
    if (!heard) {
        return std::string{code_of(heard.error())};
    }
    const auto passed = gate::admit(*std::move(heard), facts);
    return passed ? "admitted" : std::string{code_of(passed.error())};
}

auto verdict(const operation_builder& op, const facts_builder& facts = {}) -> std::string
{
    return verdict(op.signed_by(operator_key), facts.done());
}

} // namespace

TEST_CASE("a destroy that is signed, seen and of a stopped guest passes")
{
    CHECK(verdict(destroy()) == "admitted");
    CHECK(verdict(destroy({{"purge", true}})) == "admitted");
}

TEST_CASE("no signature, no passing: a stranger's, a damaged one, and none at all")
{
    const auto facts = facts_builder{}.done();
    CHECK(verdict(destroy().signed_by(stranger_key), facts) == "unknown_signer");
    CHECK(verdict({.blob = destroy().blob(), .armors = {}}, facts) == "malformed");
    auto other = destroy().signed_by(operator_key);
    other.blob += " ";
    CHECK(verdict(other, facts) == "bad_signature");
    auto nobody = quiet_noon();
    nobody.signers = nullptr;
    CHECK(verdict(destroy().signed_by(operator_key), facts, nobody) == "unknown_signer");
}

TEST_CASE("an operation for another host does not pass")
{
    CHECK(verdict(destroy().on_host("host-b")) == "target");
}

TEST_CASE("what the signer saw must be what is there")
{
    CHECK(verdict(destroy(), facts_builder{}.changed()) == "digest");
    CHECK(verdict(operation_builder{"guest.destroy", 101}) == "digest_required");
    CHECK(verdict(operation_builder{"guest.stop", 101}) == "admitted");
}

TEST_CASE("a restore over a guest must name what it replaces, and one to a free number need not")
{
    const auto archive = std::string{"local:backup/vzdump-lxc-101-2026_01_31-03_00_01.tar.zst"};
    const auto over = operation_builder{"guest.restore", 101, {{"archive", archive}, {"force", true}}};
    const auto fresh = operation_builder{"guest.restore", 101, {{"archive", archive}}};
    CHECK(verdict(over) == "digest_required");
    CHECK(verdict(operation_builder{over}.seen_at(digest)) == "admitted");
    CHECK(verdict(operation_builder{over}.seen_at(digest), facts_builder{}.without_guest()) == "guest_missing");
    CHECK(verdict(operation_builder{over}.seen_at(digest), facts_builder{}.running()) == "guest_running");
    CHECK(verdict(fresh, facts_builder{}.without_guest()) == "admitted");
    CHECK(verdict(fresh) == "guest_exists");
}

TEST_CASE("a running guest is destroyed only by an operation that says it may be stopped")
{
    CHECK(verdict(destroy(), facts_builder{}.running()) == "guest_running");
    CHECK(verdict(destroy({{"stop", true}}), facts_builder{}.running()) == "admitted");
}

TEST_CASE("a guest that is not there is not operated on")
{
    CHECK(verdict(destroy(), facts_builder{}.without_guest()) == "guest_missing");
}

TEST_CASE("a protected guest is safe from everything but the operation that drops its protection")
{
    const auto guarded = facts_builder{}.with("protection", "1").with_snapshot("before");
    const auto archive = std::string{"local:backup/vzdump-lxc-101-2026_01_31-03_00_01.tar.zst"};
    CHECK(verdict(destroy(), guarded) == "protected");
    CHECK(verdict({"guest.rollback", 101, {{"snapshot", "before"}}}, guarded) == "protected");
    CHECK(verdict({"guest.delete_snapshot", 101, {{"snapshot", "before"}}}, guarded) == "protected");
    CHECK(verdict(operation_builder{"guest.restore", 101, {{"archive", archive}, {"force", true}}}.seen_at(digest),
                  guarded)
          == "protected");
    CHECK(verdict({"guest.set_config", 101, {{"delete", {"protection"}}}}, guarded) == "admitted");
    CHECK(verdict({"guest.stop", 101}, guarded) == "admitted");
}

TEST_CASE("a snapshot must be there")
{
    CHECK(verdict({"guest.rollback", 101, {{"snapshot", "before"}}}) == "snapshot_missing");
    CHECK(verdict({"guest.rollback", 101, {{"snapshot", "before"}}}, facts_builder{}.with_snapshot("before"))
          == "admitted");
    CHECK(verdict({"guest.delete_snapshot", 101, {{"snapshot", "other"}}}, facts_builder{}.with_snapshot("before"))
          == "snapshot_missing");
}

namespace {

auto grow(std::string_view disk, std::string_view size) -> operation_builder
{
    return operation_builder{"guest.resize", 101, {{"disk", disk}, {"size", size}}};
}

/// A guest with a volume of 64G, and what its storage has left.
auto with_volume(std::string_view space = "100G") -> facts_builder
{
    return facts_builder{}.with("mp0", "local-zfs:subvol-101-disk-1,mp=/srv,size=64G").with_space(space);
}

/// What the gate says of it.
auto words(const operation_builder& op, const facts_builder& facts) -> std::string
{
    auto heard = gate::examine(op.signed_by(operator_key), quiet_noon(), gate_here());
    REQUIRE(heard.has_value());
    const auto passed = gate::admit(*std::move(heard), facts.done());
    return passed ? "admitted" : describe(passed.error());
}

} // namespace

TEST_CASE("a volume grows where its storage has the space, of a running guest and of a protected one too")
{
    CHECK(verdict(grow("mp0", "128G"), with_volume()) == "admitted");
    CHECK(verdict(grow("mp0", "128G"), with_volume("64G")) == "admitted");
    CHECK(verdict(grow("mp0", "128G"), with_volume().running()) == "admitted");
    CHECK(verdict(grow("mp0", "128G"), with_volume().with("protection", "1")) == "admitted");
    CHECK(verdict(grow("mp0", "128G"), with_volume().locked("backup")) == "locked");
    CHECK(verdict(grow("mp0", "128G"), facts_builder{}.without_guest()) == "guest_missing");
    CHECK(verdict(grow("mp0", "128G").seen_at(digest), with_volume().changed()) == "digest");
}

TEST_CASE("no volume is shrunk, whoever signs it, and the refusal says so")
{
    CHECK(verdict(grow("mp0", "32G"), with_volume()) == "would_shrink");
    CHECK(words(grow("mp0", "65535M"), with_volume())
          == "mp0 has 64G, and no volume is ever shrunk (to 65535M): that would lose what is at its end");
    CHECK(verdict(grow("mp0", "65536M"), with_volume()) == "already_as_large");
    CHECK(words(grow("mp0", "64G"), with_volume()) == "mp0 has 64G already");
}

TEST_CASE("a volume does not grow beyond what its storage has left, and the refusal has the figures")
{
    CHECK(verdict(grow("mp0", "128G"), with_volume("63G")) == "no_space");
    CHECK(words(grow("mp0", "128G"), with_volume("10752M"))
          == "storage local-zfs has 10.5 GiB available, and it would take 64.0 GiB more");
    CHECK(words(grow("mp0", "65G"), with_volume("512M"))
          == "storage local-zfs has 512 MiB available, and it would take 1.0 GiB more");
    // Never as if there were enough: what is there is rounded down, what it takes up.
    CHECK(words(grow("mp0", "76728M"), with_volume("11182M"))
          == "storage local-zfs has 10.9 GiB available, and it would take 11.0 GiB more");
}

TEST_CASE("space that is not known is not enough: the operation waits until it is")
{
    const auto unknown = with_volume().with_space_unknown("storage 'local-zfs' is not online");
    CHECK(words(grow("mp0", "128G"), unknown)
          == "how much storage local-zfs has available is not known: storage 'local-zfs' is not online");
    CHECK(verdict(grow("mp0", "128G"), facts_builder{}.with("mp0", "local-zfs:subvol-101-disk-1,mp=/srv,size=64G"))
          == "space_unknown");
    CHECK(is_transient(gate_refusal{space_unknown{*proxmox::storage_id::parse("local-zfs"), "?"}}));
    CHECK_FALSE(is_transient(gate_refusal{
        no_space{*proxmox::storage_id::parse("local-zfs"), proxmox::disk_size{2}, proxmox::disk_size{1}}}));
}

TEST_CASE("only a volume of a storage that is as it will be grows")
{
    CHECK(words(grow("mp1", "128G"), with_volume()) == "mp1 cannot be grown: the guest has none");
    CHECK(words(grow("mp1", "128G"), with_volume().with("mp1", "/mnt/pictures,mp=/pictures"))
          == "mp1 cannot be grown: it is no volume of a storage");
    CHECK(words(grow("mp1", "128G"), with_volume().with("mp1", "local-zfs:subvol-101-disk-2,mp=/b"))
          == "mp1 cannot be grown: its configuration does not tell its size");
    CHECK(words(grow("mp1", "128G"), with_volume().waiting("mp1", "local-zfs:subvol-101-disk-2,mp=/b,size=8G",
                                                           "local-zfs:subvol-101-disk-2,mp=/c,size=8G"))
          == "mp1 cannot be grown: a change of it waits for the guest's next start");
}

TEST_CASE("a backup is deleted only if it is there, the guest's own, and not protected")
{
    const auto volid = std::string{"local:backup/vzdump-lxc-101-2026_01_31-03_00_01.tar.zst"};
    const auto deletion = operation_builder{"backup.delete", 101, {{"volid", volid}}};
    const auto backup = [&](std::uint32_t owner, bool kept) {
        return facts_builder{}.with_backup({.id = volid,
                                            .content = "backup",
                                            .format = "tar.zst",
                                            .owner = *vmid::from_number(owner),
                                            .kept_from_pruning = kept});
    };
    CHECK(verdict(deletion) == "volume_missing");
    CHECK(verdict(deletion, backup(102, false)) == "volume_of_other_guest");
    CHECK(verdict(deletion, backup(101, true)) == "volume_protected");
    CHECK(verdict(deletion, backup(101, false)) == "admitted");
    CHECK(verdict(deletion, backup(101, false).without_guest()) == "admitted"); // backups outlive their guests
}

TEST_CASE("a backup whose signer saw its guest is deleted only beside that guest as it was")
{
    const auto volid = std::string{"local:backup/vzdump-lxc-101-2026_01_31-03_00_01.tar.zst"};
    auto deletion = operation_builder{"backup.delete", 101, {{"volid", volid}}};
    deletion.seen_at(digest);
    const auto there = facts_builder{}.with_backup(
        {.id = volid, .content = "backup", .format = "tar.zst", .owner = *vmid::from_number(101)});
    CHECK(verdict(deletion, there) == "admitted");
    CHECK(verdict(deletion, facts_builder{there}.changed()) == "digest");
    CHECK(verdict(deletion, facts_builder{there}.without_guest()) == "guest_missing");
}

TEST_CASE("the backup of a virtual machine with the guest's number is not deleted as the guest's")
{
    const auto verdict_on = [](const std::string& volid, const std::string& format) {
        return verdict(operation_builder{"backup.delete", 101, {{"volid", volid}}},
                       facts_builder{}.with_backup(
                           {.id = volid, .content = "backup", .format = format, .owner = *vmid::from_number(101)}));
    };
    CHECK(verdict_on("local:backup/vzdump-qemu-101-2026_01_31-03_00_01.vma.zst", "vma.zst") == "volume_of_other_guest");
    CHECK(verdict_on("pbs:backup/vm/101/2026-01-31T03:00:01Z", "pbs-vm") == "volume_of_other_guest");
    CHECK(verdict_on("local:backup/of-101-long-ago", "raw") == "volume_of_other_guest");
    CHECK(verdict_on("pbs:backup/ct/101/2026-01-31T03:00:01Z", "pbs-ct") == "admitted");
}

TEST_CASE("the owner's veto stops what is destructive, for good, and nothing else")
{
    auto vetoed = quiet_noon();
    vetoed.vetoed = "not this week";
    const auto facts = facts_builder{}.done();
    const auto heard = gate::examine(destroy().signed_by(operator_key), vetoed, gate_here());
    REQUIRE(!heard);
    CHECK(heard.error() == gate_refusal{owner_vetoed{"not this week"}});
    CHECK(!is_transient(heard.error()));
    CHECK(verdict(operation_builder{"guest.stop", 101}.signed_by(operator_key), facts, vetoed) == "admitted");
}

TEST_CASE("where it cannot be told whether there is a veto, nothing destructive is done, and it is asked again")
{
    auto blind = quiet_noon();
    blind.veto_unread = "Too many open files";
    const auto facts = facts_builder{}.done();
    const auto heard = gate::examine(destroy().signed_by(operator_key), blind, gate_here());
    REQUIRE(!heard);
    CHECK(heard.error() == gate_refusal{veto_unread{"Too many open files"}});
    CHECK(is_transient(heard.error()));
    CHECK(verdict(operation_builder{"guest.stop", 101}.signed_by(operator_key), facts, blind) == "admitted");
}

TEST_CASE("a pause, a block and a lock are waited out")
{
    const auto facts = facts_builder{}.done();
    auto paused = quiet_noon();
    paused.paused = "";
    auto blocked = quiet_noon();
    blocked.blocked = true;
    CHECK(verdict(destroy().signed_by(operator_key), facts, paused) == "paused");
    CHECK(verdict(destroy().signed_by(operator_key), facts, blocked) == "blocked");
    CHECK(verdict(destroy(), facts_builder{}.locked("backup")) == "locked");
    CHECK(is_transient(agent_paused{}));
    CHECK(is_transient(hub_blocked{}));
    CHECK(is_transient(guest_is_locked{"backup"}));
}

TEST_CASE("an operation whose time has not come is waited for, and one whose time is over is not")
{
    const auto early = destroy().valid(noon + std::chrono::hours{1}, noon + std::chrono::hours{2});
    const auto late = destroy().valid(noon - std::chrono::hours{2}, noon - std::chrono::hours{1});
    CHECK(verdict(early) == "not_yet_valid");
    CHECK(verdict(late) == "expired");
    CHECK(is_transient(gate::examine(early.signed_by(operator_key), quiet_noon(), gate_here()).error()));
    CHECK(!is_transient(gate::examine(late.signed_by(operator_key), quiet_noon(), gate_here()).error()));
}

TEST_CASE("a quorum counts distinct keys with the tags it asks for")
{
    auto policy = gate_here();
    policy.quorums["guest.destroy"] = {.in_all = 2, .operational = 1, .recovery = 1};
    const auto facts = facts_builder{}.done();
    const auto by = [&](std::vector<const authz::test_key*> keys) {
        return verdict(destroy().signed_by(keys), facts, quiet_noon(), policy);
    };
    CHECK(by({&operator_key}) == "quorum");
    CHECK(by({&operator_key, &operator_key}) == "quorum");
    CHECK(by({&operator_key, &second_operator_key}) == "quorum");
    CHECK(by({&operator_key, &stranger_key}) == "quorum");
    CHECK(by({&recovery_key, &operator_key}) == "admitted");
    CHECK(by({&stranger_key, &recovery_key, &operator_key}) == "admitted");
}

TEST_CASE("a key counts once, however many signatures of its own are brought")
{
    auto policy = gate_here();
    policy.quorums["guest.destroy"] = {.in_all = 2};
    const auto facts = facts_builder{}.done();
    auto twice = destroy().signed_by({&operator_key, &operator_key});
    twice.armors.back() = authz::armor_of(
        authz::envelope_for(operator_key, twice.blob, "felhom-op-v1", authz::message_hash::sha256).bytes());
    REQUIRE(twice.armors.front() != twice.armors.back());
    CHECK(verdict(twice, facts, quiet_noon(), policy) == "quorum");
    CHECK(gate::signatures_of(twice, quiet_noon(), policy).size() == 1);
    CHECK(verdict(destroy().signed_by({&operator_key, &second_operator_key}), facts, quiet_noon(), policy)
          == "admitted");
}

TEST_CASE("a signature of one tag does not stand for one of the other")
{
    using tags = std::vector<authz::signer_tag>;
    using enum authz::signer_tag;
    const auto one_operational = authz::quorum{.in_all = 1, .operational = 1};
    CHECK(authz::missing_signatures(one_operational, tags{recovery})
          == std::vector<std::string>{"1 more operational signature"});
    CHECK(authz::missing_signatures(one_operational, tags{recovery, operational}).empty());
    const auto one_for_recovery = authz::quorum{.in_all = 1, .recovery = 1};
    CHECK(authz::missing_signatures(one_for_recovery, tags{operational})
          == std::vector<std::string>{"1 more recovery signature"});
}

TEST_CASE("what is missing of a quorum is named")
{
    using tags = std::vector<authz::signer_tag>;
    const auto needed = authz::quorum{.in_all = 3, .operational = 1, .recovery = 1};
    CHECK(authz::missing_signatures(needed, tags{authz::signer_tag::operational})
          == std::vector<std::string>{"1 more recovery signature", "2 more signatures"});
    CHECK(authz::missing_signatures(authz::quorum{}, tags{}) == std::vector<std::string>{"1 more signature"});
    CHECK(authz::missing_signatures(authz::quorum{}, tags{authz::signer_tag::recovery}).empty());
}

TEST_CASE("a quorum reads from its text")
{
    const auto rule =
        authz::parse_quorum_rule("guest.destroy=operational+recovery, guest.rollback=2,x=operational*2+4");
    REQUIRE(rule.has_value());
    CHECK(authz::quorum_of(*rule, "guest.destroy") == authz::quorum{.in_all = 2, .operational = 1, .recovery = 1});
    CHECK(authz::quorum_of(*rule, "guest.rollback") == authz::quorum{.in_all = 2});
    CHECK(authz::quorum_of(*rule, "x") == authz::quorum{.in_all = 4, .operational = 2});
    CHECK(authz::quorum_of(*rule, "guest.stop") == authz::quorum{});
    CHECK(authz::parse_quorum_rule("")->empty());
    for (const auto* const wrong : {"guest.destroy", "=2", "a=", "a=0", "a=17", "a=friend", "a=operational*", "a=2*2",
                                    "a=1,a=2", "a=operational*0", "a=-1"}) {
        INFO(wrong);
        CHECK(!authz::parse_quorum_rule(wrong));
    }
}

TEST_CASE("wrong parameters are refused for good")
{
    CHECK(verdict(destroy({{"purge", 1}})) == "params");
    CHECK(verdict({"guest.explode", 101}) == "params");
}
