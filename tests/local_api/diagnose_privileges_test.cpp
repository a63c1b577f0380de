// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/local_api/diagnose_privileges.hpp>

#include <range/v3/algorithm/count_if.hpp>

#include <cstdint>
#include <string>
#include <vector>

using namespace felhom;
using local_api::finding_kind;
using reconcile::needed_privilege;

namespace {

const auto agent_token = proxmox::token_id::parse("felhom@pve!agent").value();

auto id_of(std::uint32_t number) -> vmid
{
    return vmid::from_number(number).value();
}

auto row(std::string path, const std::vector<std::string>& privileges) -> proxmox::path_permissions
{
    auto made = proxmox::path_permissions{.path = std::move(path), .privileges = {}};
    for (const auto& privilege : privileges) {
        made.privileges.push_back({.name = privilege, .propagates = true});
    }
    return made;
}

auto rights(std::vector<proxmox::path_permissions> rows) -> local_api::token_rights
{
    return {.token = agent_token, .granted = {.paths = std::move(rows)}};
}

/// That so many guests from 101 on need these.
auto needed_on_guests(std::uint32_t guests, const std::vector<std::string>& privileges) -> std::vector<needed_privilege>
{
    auto all = std::vector<needed_privilege>{};
    for (auto id = std::uint32_t{101}; id < 101 + guests; ++id) {
        for (const auto& privilege : privileges) {
            all.push_back({.path = "/vms/" + std::to_string(id),
                           .privilege = privilege,
                           .purpose = "guest " + std::to_string(id)});
        }
    }
    return reconcile::each_once(std::move(all));
}

auto shown(local_api::token_rights of, std::uint32_t guests) -> local_api::token_rights
{
    for (auto id = std::uint32_t{101}; id < 101 + guests; ++id) {
        of.guests.push_back(id_of(id));
    }
    return of;
}

auto diagnosed(std::vector<needed_privilege> needed, const local_api::token_rights& of)
    -> std::vector<local_api::finding>
{
    return local_api::diagnose_privileges({.needed = std::move(needed)}, of);
}

auto lines_of(const std::vector<local_api::finding>& found) -> std::vector<std::string>
{
    auto lines = std::vector<std::string>{};
    for (const auto& one : found) {
        lines.insert(lines.end(), one.fix.begin(), one.fix.end());
    }
    return lines;
}

auto needing_memory() -> std::vector<needed_privilege>
{
    return {{.path = "/vms/102", .privilege = "VM.Audit", .purpose = "guest 102: to see it"},
            {.path = "/vms/102", .privilege = "VM.Config.Memory", .purpose = "guest 102: memory"}};
}

} // namespace

TEST_CASE("a privilege that is missing comes with the commands that grant it and keep what is held")
{
    const auto found = diagnosed(needing_memory(), rights({row("/vms/102", {"VM.Audit"})}));
    REQUIRE(found.size() == 1);
    CHECK(found.front().kind == finding_kind::bad);
    CHECK(found.front().code == exit_code::denied);
    CHECK(found.front().detail == "the token lacks on /vms/102: VM.Config.Memory (guest 102: memory)");
    REQUIRE(found.front().fix.size() == 2);
    CHECK(found.front().fix[0] == "pveum role add Felhom_VM.Audit_VM.Config.Memory --privs VM.Audit,VM.Config.Memory");
    CHECK(found.front().fix[1].starts_with(
        "pveum acl modify /vms/102 --tokens 'felhom@pve!agent' --roles Felhom_VM.Audit_VM.Config.Memory # where"));
}

TEST_CASE("what is missing at one path is granted by one role")
{
    const auto found = diagnosed(needing_memory(), rights({}));
    REQUIRE(found.size() == 1);
    CHECK(found.front().fix.front().ends_with("--privs VM.Audit,VM.Config.Memory"));
}

TEST_CASE("forty guests that lack the same take two lines at each of them, or two on all, and the report two more")
{
    auto needed = needed_on_guests(40, {"VM.Audit", "VM.Config.Memory"});
    needed.push_back({.path = "/vms", .privilege = "VM.Backup", .purpose = "backups in the host report"});
    const auto found = diagnosed(reconcile::each_once(std::move(needed)), shown(rights({}), 45));
    REQUIRE(found.size() == 3);
    CHECK(found[0].detail == "the token lacks on /vms: VM.Backup (backups in the host report)");
    CHECK(found[1].kind == finding_kind::bad);
    CHECK(found[1].fix.front()
          == "pveum role add Felhom_VM.Audit_VM.Backup_VM.Config.Memory --privs "
             "VM.Audit,VM.Backup,VM.Config.Memory");
    CHECK(found[2].kind == finding_kind::advice);
    CHECK(found[2].detail
          == "instead of that at each of the 40 guests, one grant on /vms would do; it reaches 5 further guests that "
             "the token is shown, and every one that is made later");
    CHECK(found[2].fix[1].starts_with("pveum acl modify /vms --tokens "));
    CHECK(lines_of(found).size() == 6);
}

TEST_CASE("what most guests lack and only lets the token look is granted on all of them")
{
    const auto found = diagnosed(needed_on_guests(40, {"VM.Audit"}), shown(rights({}), 45));
    REQUIRE(found.size() == 1);
    CHECK(found.front().fix.size() == 2);
    CHECK(
        found.front().fix[1].starts_with("pveum acl modify /vms --tokens 'felhom@pve!agent' --roles Felhom_VM.Audit "));
}

TEST_CASE("what few of the guests lack is granted at those alone")
{
    const auto found = diagnosed(needed_on_guests(3, {"VM.Audit"}), shown(rights({}), 45));
    REQUIRE(found.size() == 1);
    CHECK(found.front().fix[1].starts_with("for path in /vms/101 /vms/102 /vms/103; do pveum acl modify"));
}

TEST_CASE("guests that hold different privileges are granted different roles")
{
    const auto found =
        diagnosed(needed_on_guests(2, {"VM.Audit"}), shown(rights({row("/vms/102", {"VM.PowerMgmt"})}), 45));
    REQUIRE(found.size() == 2);
    CHECK(found[0].fix.front() == "pveum role add Felhom_VM.Audit --privs VM.Audit");
    CHECK(found[1].fix.front() == "pveum role add Felhom_VM.Audit_VM.PowerMgmt --privs VM.Audit,VM.PowerMgmt");
}

TEST_CASE("what is to be granted on every guest is not granted again at one that inherits it")
{
    auto needed = needed_on_guests(1, {"VM.Audit"});
    needed.push_back({.path = "/vms", .privilege = "VM.Audit", .purpose = "guests in the host report"});
    const auto found = diagnosed(reconcile::each_once(std::move(needed)), rights({}));
    REQUIRE(found.size() == 1);
    CHECK(found[0].detail == "the token lacks on /vms: VM.Audit (guests in the host report)");
}

TEST_CASE("a guest that is to get an entry of its own keeps by it what is granted on every guest")
{
    auto needed = needed_on_guests(1, {"VM.Audit", "VM.PowerMgmt"});
    needed.push_back({.path = "/vms", .privilege = "VM.Audit", .purpose = "guests in the host report"});
    const auto found = diagnosed(reconcile::each_once(std::move(needed)), rights({}));
    REQUIRE(found.size() == 2);
    CHECK(found[0].detail == "the token lacks on /vms: VM.Audit (guests in the host report)");
    CHECK(found[1].detail == "the token lacks on /vms/101: VM.PowerMgmt (guest 101)");
    CHECK(found[1].fix.front() == "pveum role add Felhom_VM.Audit_VM.PowerMgmt --privs VM.Audit,VM.PowerMgmt");
}

TEST_CASE("entries below that hide a grant are removed after it, but none that gives more or is another's")
{
    auto needed = needed_on_guests(5, {"VM.Audit"});
    auto of = shown(rights({row("/vms/103", {"VM.PowerMgmt"})}), 5);
    of.granted = local_api::with_exact(of.granted, "/vms/102", {.paths = {}});
    using holder = proxmox::acl_entry::holder;
    of.entries = {{{"/vms/102", holder::token, agent_token.text(), "NoAccess"},
                   {"/vms/103", holder::token, agent_token.text(), "Power"},
                   {"/vms/104", holder::user, "somebody@pve", "NoAccess"},
                   {"/vms/105", holder::user, agent_token.user(), "NoAccess"}}};
    const auto lines = lines_of(diagnosed(needed, of));
    const auto removed = [&](const std::string& path) {
        return ranges::count_if(lines,
                                [&](const std::string& line) { return line.starts_with("pveum acl delete " + path); });
    };
    CHECK(removed("/vms/102") == 1);
    CHECK(removed("") == 1);
    CHECK(lines[1].starts_with("pveum acl modify /vms --tokens"));
    CHECK(lines[2].starts_with("pveum acl delete /vms/102 --tokens 'felhom@pve!agent' --roles NoAccess"));
}

TEST_CASE("a token that is denied everything at a guest is granted there what it needs, and denied no more")
{
    auto of = shown(rights({}), 5);
    of.granted = local_api::with_exact(rights({row("/vms", {"VM.Audit"})}).granted, "/vms/102", {.paths = {}});
    of.entries = {{{"/vms/102", proxmox::acl_entry::holder::token, agent_token.text(), "NoAccess"}}};
    const auto needed =
        std::vector<needed_privilege>{{.path = "/vms/102", .privilege = "VM.Audit", .purpose = "guest 102: to see it"}};
    const auto lines = lines_of(diagnosed(needed, of));
    REQUIRE(lines.size() == 3);
    CHECK(lines[2].starts_with("pveum acl delete /vms/102 --tokens 'felhom@pve!agent' --roles NoAccess # after"));
    of.entries = std::nullopt;
    CHECK(lines_of(diagnosed(needed, of)).back().starts_with("pveum acl list # after the grant"));
}

TEST_CASE("where the token is not shown who holds what, the lines say that entries below may be in the way")
{
    const auto lines = lines_of(diagnosed(needed_on_guests(5, {"VM.Audit"}), shown(rights({row("/vms/103", {})}), 5)));
    REQUIRE(lines.size() == 3);
    CHECK(lines.back().starts_with("pveum acl list # after the grant: remove the token's entries there and below"));
}

TEST_CASE("a path without any privilege does not seem to inherit them once it was asked about")
{
    const auto view = proxmox::permissions{.paths = {row("/vms", {"VM.Audit"})}};
    CHECK(view.on("/vms/108").size() == 1);
    const auto told = local_api::with_exact(view, "/vms/108", {.paths = {}});
    CHECK(told.on("/vms/108").empty());
    CHECK(told.on("/vms/109").size() == 1);
    CHECK(local_api::with_exact(view, "/vms/109", {.paths = {row("/vms/109", {"VM.Audit"})}}) == view);
}

TEST_CASE("a token that holds all it needs is good, and what it holds in vain is told")
{
    const auto held = rights({row("/vms", {"VM.Allocate", "VM.Audit", "VM.Config.Memory"})});
    const auto found = local_api::diagnose_privileges({.needed = needing_memory(), .are_all_known = true}, held);
    REQUIRE(found.size() == 2);
    CHECK(found[0].kind == finding_kind::good);
    CHECK(found[1].kind == finding_kind::advice);
    CHECK(found[1].detail == "the token holds what nothing here needs: VM.Allocate on /vms");
}

TEST_CASE("nothing is said to be held in vain while not all that is needed is known")
{
    const auto held = rights({row("/vms", {"VM.Allocate", "VM.Audit", "VM.Config.Memory"})});
    CHECK(diagnosed(needing_memory(), held).size() == 1);
}

TEST_CASE("what the self-tests need is not in vain, and is advised where the token holds it nowhere")
{
    const auto needs = local_api::privilege_needs{
        .needed = {}, .selftests = {{.path = "/vms", .privilege = "VM.Snapshot"}}, .are_all_known = true};
    CHECK(local_api::diagnose_privileges(needs, rights({row("/vms/101", {"VM.Snapshot"})})).size() == 1);
    const auto without = local_api::diagnose_privileges(needs, rights({}));
    REQUIRE(without.size() == 2);
    CHECK(without[1].kind == finding_kind::advice);
    CHECK(without[1].detail == "the self-tests would need VM.Snapshot on /vms");
}
