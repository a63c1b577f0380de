#include "proxmox/sample.hpp"
#include "support/catch.hpp"

#include <felhom/proxmox/error.hpp>
#include <felhom/proxmox/refusal.hpp>

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
             "  pveum role add Felhom-vms-101-VMConfigOptions --privs VM.Audit,VM.Config.Options\n"
             "  pveum acl modify /vms/101 --tokens 'felhom@pve!agent' --roles Felhom-vms-101-VMConfigOptions\n"
             "  pveum acl modify /vms/101 --users 'felhom@pve' --roles Felhom-vms-101-VMConfigOptions"
             " # where the owner lacks it too; the owner keeps there only what the role holds");
    CHECK(describe(task_error{.exit_status = "403 …", .refusal = missing("/", {"Sys.Modify"})},
                   caller{.token = *token_id::parse("root@pam!x1"), .granted = permissions{{}}})
          == "the task failed: the privilege Sys.Modify is missing on /\n"
             "  pveum role add FelhomSysModify --privs Sys.Modify\n"
             "  pveum acl modify / --tokens 'root@pam!x1' --roles FelhomSysModify");
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
    CHECK(grant_lines(missing_privilege{"/vms/101", {"VM.Backup"}, ""}, *token_id::parse("o'x@pve!agent"),
                      {"VM.PowerMgmt", "VM.Audit"})
          == std::vector<std::string>{
              "pveum role add Felhom-vms-101-VMBackup --privs VM.Audit,VM.Backup,VM.PowerMgmt",
              "pveum acl modify /vms/101 --tokens 'o'\\''x@pve!agent' --roles Felhom-vms-101-VMBackup",
              "pveum acl modify /vms/101 --users 'o'\\''x@pve' --roles Felhom-vms-101-VMBackup"
              " # where the owner lacks it too; the owner keeps there only what the role holds",
          });
}

TEST_CASE("where any of several privileges would do, the one of them that allows the least harm is granted")
{
    const auto refused = missing_privilege{"/vms/101", {"VM.Config.Disk", "VM.Config.CPU", "VM.Config.Options"}, ""};
    const auto token = *token_id::parse("root@pam!agent");
    CHECK(grant_lines(refused, token, {"VM.Audit"}).front()
          == "pveum role add Felhom-vms-101-VMConfigOptions --privs VM.Audit,VM.Config.Options");
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
