// SPDX-License-Identifier: Apache-2.0
#include "proxmox/sample.hpp"
#include "support/catch.hpp"

#include <felhom/proxmox/errors/error.hpp>
#include <felhom/proxmox/errors/refusal.hpp>
#include <felhom/proxmox/model/grant.hpp>

#include <set>
#include <string>
#include <vector>

using namespace felhom::proxmox;

namespace {

auto missing(std::string path, std::vector<std::string> any_of, std::string purpose = "") -> std::optional<refusal>
{
    return missing_privilege{std::move(path), std::move(any_of), std::move(purpose)};
}

} // namespace

TEST_CASE("every form of a 403 is read: path and privileges, root only, ticket only, nothing told, another reason")
{
    CHECK(parse_refusal("Permission check failed (/vms/101, VM.Audit)") == missing("/vms/101", {"VM.Audit"}));
    CHECK(parse_refusal("Permission check failed (/storage/local, Datastore.AllocateSpace)")
          == missing("/storage/local", {"Datastore.AllocateSpace"}));
    CHECK(parse_refusal("Permission check failed (/vms/101, VM.Config.Disk|VM.Config.CPU|VM.Config.Memory)")
          == missing("/vms/101", {"VM.Config.Disk", "VM.Config.CPU", "VM.Config.Memory"}));
    CHECK(parse_refusal("Permission check failed (/, Sys.Modify for modifying tag 'x')")
          == missing("/", {"Sys.Modify"}, "modifying tag 'x'"));
    CHECK(parse_refusal("Permission check failed") == refusal{unnamed_privilege{}});
    CHECK(parse_refusal("Permission check failed (user != root@pam)") == refusal{root_only{"user != root@pam"}});
    CHECK(parse_refusal("Permission check failed (pool 'x' does not exist)")
          == refusal{other_refusal{"pool 'x' does not exist"}});
    for (const auto* what : {"mount point type bind is only allowed for root@pam",
                             "configuring device passthrough is only allowed for root@pam",
                             "changing feature flags (except nesting) is only allowed for root@pam",
                             "changing feature flags for privileged container is only allowed for root@pam",
                             "changing the hookscript is only allowed for root@pam"}) {
        CHECK(parse_refusal("Permission check failed (" + std::string{what} + ")") == refusal{root_only{what}});
    }
}

TEST_CASE("a refusal whose closing parenthesis fell on another line is read all the same")
{
    const auto expected = refusal{ticket_only{"/access/password"}};
    const auto line = std::string{
        "Permission check failed (URI '/access/password' not available with API token, need proper ticket."};
    CHECK(parse_refusal(line) == expected);
    CHECK(parse_refusal(line + "\n)\n") == expected);
}

TEST_CASE("in a task the code stands before a refusal, and perhaps more words")
{
    CHECK(parse_refusal("403 Permission check failed (/vms/100, VM.Backup)") == missing("/vms/100", {"VM.Backup"}));
    CHECK(parse_refusal("unable to create CT 100 - 403 Permission check failed (/storage/a, Datastore.AllocateSpace) ")
          == missing("/storage/a", {"Datastore.AllocateSpace"}));
    CHECK(parse_refusal("job errors") == std::nullopt);
}

TEST_CASE("what looks like a path and privileges but is not stays free text")
{
    for (const auto* detail :
         {"/vms/101", "/vms/101, |", "/vms/101, VM.Audit|", "/vms/101, no way", "vms/101, VM.Audit"}) {
        INFO(detail);
        CHECK(parse_refusal("Permission check failed (" + std::string{detail} + ")") == refusal{other_refusal{detail}});
    }
}

TEST_CASE("a refusal prints the commands that grant what is missing")
{
    const auto error = call_error{api_error{.status = 403,
                                            .message = "Permission check failed (/vms/101, VM.Config.Options)",
                                            .refusal = missing("/vms/101", {"VM.Config.Options"})}};
    const auto agent = caller{
        .token = *token_id::parse("felhom@pve!agent"),
        .granted = permissions{{{.path = "/vms", .privileges = {{.name = "VM.Audit", .propagates = true}}}}},
    };
    CHECK(describe(error, agent)
          == "Proxmox VE answered 403: the privilege VM.Config.Options is missing on /vms/101\n"
             "  pveum role add Felhom_VM.Audit_VM.Config.Options --privs VM.Audit,VM.Config.Options\n"
             "  pveum acl modify /vms/101 --tokens 'felhom@pve!agent' --roles Felhom_VM.Audit_VM.Config.Options"
             " # where the owner lacks it too, the same with --users 'felhom@pve', who keeps there only what the role "
             "holds");
    CHECK(describe(task_error{.exit_status = "403 …", .refusal = missing("/", {"Sys.Modify"})},
                   caller{.token = *token_id::parse("root@pam!x1"), .granted = permissions{{}}})
          == "the task failed: the privilege Sys.Modify is missing on /\n"
             "  pveum role add Felhom_Sys.Modify --privs Sys.Modify\n"
             "  pveum acl modify / --tokens 'root@pam!x1' --roles Felhom_Sys.Modify");
}

TEST_CASE("where it is not known what a token holds, no role is printed that would take that away")
{
    const auto unknown = caller{.token = *token_id::parse("felhom@pve!agent")};
    CHECK(grant_lines(missing_privilege{"/vms/101", {"VM.Backup"}, ""}, unknown)
          == std::vector<std::string>{"pveum user token permissions 'felhom@pve' 'agent' --path /vms/101"
                                      " # then grant there one role of what this shows and of VM.Backup"});
}

TEST_CASE("a path that could not stand in a command is free text")
{
    CHECK(parse_refusal("Permission check failed (/vms/\x1b[2J, VM.Audit)")
          == refusal{other_refusal{"/vms/\x1b[2J, VM.Audit"}});
}

TEST_CASE("a grant keeps the privileges that are held, since an entry at a path replaces what is inherited")
{
    CHECK(
        grant_lines(missing_privilege{"/vms/101", {"VM.Backup"}, ""}, *token_id::parse("o'x@pve!agent"),
                    {"VM.PowerMgmt", "VM.Audit"})
        == std::vector<std::string>{
            "pveum role add Felhom_VM.Audit_VM.Backup_VM.PowerMgmt --privs VM.Audit,VM.Backup,VM.PowerMgmt",
            "pveum acl modify /vms/101 --tokens 'o'\\''x@pve!agent' --roles Felhom_VM.Audit_VM.Backup_VM.PowerMgmt"
            " # where the owner lacks it too, the same with --users 'o'\\''x@pve', who keeps there only what the role "
            "holds",
        });
}

TEST_CASE("a role is named by the set that it is made of, and no two sets share a name")
{
    CHECK(role_of(privilege_set{{"VM.Audit", "VM.Backup", "VM.Audit"}}) == "Felhom_VM.Audit_VM.Backup");
    CHECK(role_of(privilege_set{{"VM.Backup", "VM.Audit"}}) == "Felhom_VM.Audit_VM.Backup");
    const auto sets = std::vector{privilege_set{{"VM.Config.CPU"}},    privilege_set{{"VM.ConfigCPU"}},
                                  privilege_set{{"VM.Config", "CPU"}}, privilege_set{{"VM.Config_CPU"}},
                                  privilege_set{{"VM.Config CPU"}},    privilege_set{{"VM.Config-CPU"}}};
    auto names = std::set<std::string>{};
    for (const auto& one : sets) {
        const auto [at, is_new] = names.insert(role_of(one));
        CHECK(is_new);
        CHECK(at->find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")
              == std::string::npos);
    }
}

TEST_CASE("one role at many paths is one line, and root lacks nothing")
{
    CHECK(grant_lines({.paths = {"/vms/101", "/vms/102"}, .privileges = privilege_set{{"VM.Audit"}}},
                      *token_id::parse("root@pam!agent"))
          == std::vector<std::string>{
              "pveum role add Felhom_VM.Audit --privs VM.Audit",
              "for path in /vms/101 /vms/102; do pveum acl modify \"$path\" --tokens 'root@pam!agent'"
              " --roles Felhom_VM.Audit; done",
          });
}

TEST_CASE("entries that are in the way of a grant are removed by lines of their own, one a role")
{
    using enum acl_entry::holder;
    CHECK(removal_lines({{"/vms/105", token, "felhom@pve!agent", "NoAccess"},
                         {"/vms/106", token, "felhom@pve!agent", "Old"},
                         {"/vms/107", token, "felhom@pve!agent", "NoAccess"}})
          == std::vector<std::string>{
              "for path in /vms/105 /vms/107; do pveum acl delete \"$path\" --tokens 'felhom@pve!agent'"
              " --roles NoAccess; done # after the grant: NoAccess overrides what is granted there and above",
              "pveum acl delete /vms/106 --tokens 'felhom@pve!agent' --roles Old"
              " # after the grant: an entry there replaces what comes from above",
          });
}

TEST_CASE("where any of several privileges would do, the one of them that allows the least harm is granted")
{
    const auto refused = missing_privilege{"/vms/101", {"VM.Config.Disk", "VM.Config.CPU", "VM.Config.Options"}, ""};
    const auto token = *token_id::parse("root@pam!agent");
    CHECK(grant_lines(refused, token, {"VM.Audit"}).front()
          == "pveum role add Felhom_VM.Audit_VM.Config.Options --privs VM.Audit,VM.Config.Options");
    CHECK(look_up_lines(refused, token).front().ends_with("of VM.Config.Options"));
    CHECK(grant_lines(missing_privilege{"/", {"VM.Audit", "VM.Backup"}, ""}, token, {}).front().ends_with("VM.Audit"));
}

TEST_CASE("a token id names user, realm and token")
{
    CHECK(token_id::parse("felhom@pve!agent")->user() == "felhom@pve");
    for (const auto* text : {"", "felhom@pve", "felhom!agent", "@pve!agent", "felhom@p!agent", "felhom@pve!a",
                             "felhom@pve!1a", "fel hom@pve!agent", "felhom@pve!agent=secret"}) {
        INFO(text);
        CHECK_FALSE(token_id::parse(text).has_value());
    }
}
