// SPDX-License-Identifier: Apache-2.0
#include "proxmox/sample.hpp"
#include "support/catch.hpp"

#include <felhom/proxmox/api/reply.hpp>
#include <felhom/proxmox/errors/classify.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace felhom::net;
using namespace felhom::proxmox;

namespace {

using cls = error_class;
using act = error_action;

struct row {
    std::string text;
    error_class what;
    error_action action;
};

// Every text as Proxmox VE writes it, in a reason phrase or in the exit status of a task.
const auto known_rows = std::vector<row>{
    {"CT is locked (create)", cls::held, act::ask_operator},
    {"CT is locked (destroyed)", cls::held, act::ask_operator},
    {"CT is locked (mounted)", cls::held, act::ask_operator},
    {"CT is locked (backup)", cls::held, act::wait_for_owner},
    {"CT is locked (disk)", cls::held, act::wait_for_owner},
    {"CT is locked (fstrim)", cls::held, act::wait_for_owner},
    {"CT is locked (migrate)", cls::held, act::wait_for_owner},
    {"CT is locked (rollback)", cls::held, act::wait_for_owner},
    {"CT is locked (snapshot)", cls::held, act::wait_for_owner},
    {"CT is locked (snapshot-delete)", cls::held, act::wait_for_owner},
    {"VM is locked (clone)", cls::held, act::wait_for_owner},
    {"can't lock file '/run/lock/lxc/pve-config-111.lock' - got timeout", cls::busy, act::retry_with_backoff},
    {"cfs-lock 'storage-local' error: got lock request timeout", cls::busy, act::retry_with_backoff},
    {"cluster not ready - no quorum?", cls::cluster, act::stop_writing},
    {"no quorum!", cls::cluster, act::stop_writing},
    {"pve cluster filesystem not online.", cls::cluster, act::stop_writing},
    {"unable to open file '/etc/pve/nodes/pve1/lxc/101.conf.tmp.1' - Permission denied", cls::cluster,
     act::stop_writing},
    {"detected modified configuration - file changed by other user? Try again.", cls::conflict, act::read_and_replan},
    {"CT 101 already exists on node 'pve1'", cls::conflict, act::read_and_replan},
    {"VM 101 already exists on node 'pve1'", cls::conflict, act::read_and_replan},
    {"VM 101 already exists", cls::conflict, act::read_and_replan},
    {"unable to destroy CT 101 - container is running", cls::conflict, act::read_and_replan},
    {"can't overwrite running container", cls::conflict, act::read_and_replan},
    {"unable to hotplug memory: command failed: container not running", cls::conflict, act::read_and_replan},
    {"snapshot name 'before' already used", cls::conflict, act::read_and_replan},
    {"snapshot 'before' does not exist", cls::conflict, act::read_and_replan},
    {"snapshot feature is not available", cls::request, act::correct_the_request},
    {"unable to use snapshot name 'current' (reserved name)", cls::request, act::correct_the_request},
    {"unable to use snapshot name 'vzdump' (reserved name)", cls::request, act::correct_the_request},
    {"can't rollback, 'a' is not most recent snapshot on 'zfs:subvol-101-disk-0'", cls::request,
     act::correct_the_request},
    {"CT 101 already running", cls::already_done, act::take_as_done},
    {"CT 101 not running", cls::already_done, act::take_as_done},
    {"VM 101 not running", cls::already_done, act::take_as_done},
    {"you can't convert a template to a template", cls::already_done, act::take_as_done},
    {"disk is already at specified size", cls::already_done, act::take_as_done},
    {"no such resource 'ct:100'", cls::already_done, act::take_as_done},
    {"Configuration file 'nodes/pve1/lxc/999.conf' does not exist", cls::not_found_here, act::look_up_in_cluster},
    {"no such task", cls::unknown_outcome, act::read_back},
    {"got no worker upid - start worker failed", cls::unknown_outcome, act::read_back},
    {"unexpected status", cls::unknown_outcome, act::read_back},
    {"unable to get last line from task log - No such file or directory", cls::unknown_outcome, act::read_back},
    {"command 'lxc-stop -n 111' failed: received interrupt", cls::unknown_outcome, act::read_back},
    {"Only root may use this option.", cls::identity, act::use_root_path},
    {"Only root can pass arbitrary filesystem paths.", cls::identity, act::use_root_path},
    {"only root can set 'arch' config", cls::identity, act::use_root_path},
    {"restoring 'mp0' to bind mount is only possible for root", cls::identity, act::use_root_path},
    {"can't remove CT 101 - protection mode enabled", cls::request, act::correct_the_request},
    {"can't update CT 101 drive 'mp0' - protection mode enabled", cls::request, act::correct_the_request},
    {"can't remove CT 101 drive 'mp0' - protection mode enabled", cls::request, act::correct_the_request},
    {"unable to remove CT 101 - used in HA resources and purge parameter not set.", cls::request,
     act::correct_the_request},
    {"you can't start a CT if it's a template", cls::request, act::correct_the_request},
    {"container did not stop", cls::request, act::ask_operator},
    {"no options specified", cls::request, act::correct_the_request},
    {"unable to modify read-only option: 'unprivileged'", cls::request, act::correct_the_request},
    {"unable to delete read-only option: 'unprivileged'", cls::request, act::correct_the_request},
    {"unable to delete required option 'memory'", cls::request, act::correct_the_request},
    {"Quotas are not supported by unprivileged containers.", cls::request, act::correct_the_request},
    {"MTU size '9000' is bigger than bridge MTU '1500'", cls::request, act::correct_the_request},
    {"unable to shrink disk size", cls::request, act::correct_the_request},
    {"storage 'nas' is not online", cls::transient, act::retry_with_backoff},
    {"storage 'nas' does not exist", cls::request, act::correct_the_request},
    {"storage 'nas' is disabled", cls::request, act::correct_the_request},
    {"No such storage.", cls::request, act::correct_the_request},
    {"storage 'local' does not allow content type 'rootdir'", cls::request, act::correct_the_request},
    {"storage 'local' does not support container directories", cls::request, act::correct_the_request},
    {"zfs error: cannot open 'tank/x': dataset does not exist", cls::request, act::correct_the_request},
    {"hostname lookup 'pve9' failed - failed to get address info for: pve9: Name or service not known", cls::request,
     act::correct_the_request},
};

auto of_reply(int status, const std::string& reason, intent meant, const std::string& body = R"({"data":null})")
    -> classification
{
    const auto document = parse_document(sample::error(status, reason, body));
    REQUIRE_FALSE(document.has_value());
    return classify(document.error(), meant);
}

auto of_transport(transport_error::kind what, bool maybe_sent, intent meant) -> classification
{
    return classify(call_error{transport_error{.what = what, .maybe_sent = maybe_sent, .detail = ""}}, meant);
}

} // namespace

TEST_CASE("each known text has its class and its action, as a reply, in the body's message, and as an exit status")
{
    for (const auto& [text, what, action] : known_rows) {
        INFO(text);
        const auto expected = classification{what, action};
        for (const auto meant : {intent::read, intent::write}) {
            CHECK(of_reply(500, text, meant) == expected);
            CHECK(of_reply(400, "Parameter verification failed.", meant,
                           R"({"data":null,"errors":{"upid":")" + text + "\\n\"}}")
                  == expected);
        }
        CHECK(classify(task_error{.exit_status = text}) == expected);
        CHECK(classify(task_error{.exit_status = "unable to restore CT 130 - " + text}) == expected);
    }
}

TEST_CASE("no known text is without an example")
{
    for (const auto& known : known_texts) {
        INFO(known.pattern);
        const auto is_first_match = [&](const row& example) {
            for (const auto& candidate : known_texts) {
                if (detail::mentions(example.text, candidate.pattern)) {
                    return candidate.pattern == known.pattern;
                }
            }
            return false;
        };
        CHECK(std::any_of(known_rows.begin(), known_rows.end(), is_first_match));
    }
}

TEST_CASE("a failure that says nothing is retried for a read and read back for a write")
{
    const auto passing = classification{cls::transient, act::retry_with_backoff};
    const auto unknown = classification{cls::unknown_outcome, act::read_back};
    for (const auto status : {500, 502, 503, 595, 596, 597, 599}) {
        INFO(status);
        CHECK(of_reply(status, "Connection timed out", intent::read, "") == passing);
        CHECK(of_reply(status, "Connection timed out", intent::write, "") == unknown);
    }
    CHECK(of_reply(500, "bridge 'vmbr9' does not exist", intent::write) == unknown);
    CHECK(classify(call_error{decode_error{"$", "JSON", "an empty body"}}, intent::read) == passing);
    CHECK(classify(call_error{decode_error{"$", "JSON", "an empty body"}}, intent::write) == unknown);
}

TEST_CASE("a write that may have been sent has an unknown outcome, whatever broke")
{
    using kind = transport_error::kind;
    for (const auto what :
         {kind::unreachable, kind::timeout, kind::untrusted, kind::interrupted, kind::too_large, kind::not_http}) {
        CHECK(of_transport(what, true, intent::write) == classification{cls::unknown_outcome, act::read_back});
    }
    for (const auto what : {kind::unreachable, kind::timeout, kind::interrupted}) {
        CHECK(of_transport(what, false, intent::write) == classification{cls::transient, act::retry_with_backoff});
        CHECK(of_transport(what, true, intent::read) == classification{cls::transient, act::retry_with_backoff});
    }
    CHECK(of_transport(kind::untrusted, false, intent::write) == classification{cls::identity, act::ask_operator});
    CHECK(of_transport(kind::not_http, false, intent::write) == classification{cls::request, act::correct_the_request});
}

TEST_CASE("the forms of 401 are all the credentials'")
{
    for (const auto* reason :
         {"No ticket", "Authentication failed!", "no such token 'x' for user 'u@r'", "user 'u@r' is disabled",
          "invalid token value!", "authentication failure", "invalid PVE ticket", "no tickets"}) {
        CHECK(of_reply(401, reason, intent::write, "") == classification{cls::identity, act::check_credentials});
    }
}

TEST_CASE("the forms of 403 differ in what would help")
{
    const auto of = [](const std::string& detail) {
        return of_reply(403, "Permission check failed" + detail, intent::write);
    };
    CHECK(of(" (/vms/101, VM.Audit)") == classification{cls::privilege, act::grant_privilege});
    CHECK(of(" (/vms/101, VM.Audit|VM.Backup)") == classification{cls::privilege, act::grant_privilege});
    CHECK(of("") == classification{cls::privilege, act::grant_privilege});
    CHECK(of(" (user != root@pam)") == classification{cls::identity, act::use_root_path});
    CHECK(of(" (mount point type bind is only allowed for root@pam)")
          == classification{cls::identity, act::use_root_path});
    CHECK(of(" (URI '/access/password' not available with API token, need proper ticket.")
          == classification{cls::identity, act::use_root_path});
    CHECK(of(" (pool 'x' does not exist)") == classification{cls::request, act::correct_the_request});
    CHECK(of_reply(403, "nothing of the kind", intent::write)
          == classification{cls::request, act::correct_the_request});
    CHECK(classify(task_error{.exit_status = "", .refusal = missing_privilege{"/vms/100", {"VM.Backup"}, ""}})
          == classification{cls::privilege, act::grant_privilege});
}

TEST_CASE("a request that is wrong in itself is not sent again")
{
    const auto wrong = classification{cls::request, act::correct_the_request};
    CHECK(of_reply(400, "Parameter verification failed.", intent::write,
                   R"({"data":null,"errors":{"onboot":"type check ('boolean') failed - got 'yes'"}})")
          == wrong);
    CHECK(of_reply(501, "Method 'GET /x' not implemented", intent::read) == wrong);
    CHECK(of_reply(501, "for data too large", intent::write, "") == wrong);
    CHECK(of_reply(506, "upload 'Content-Type 'text/plain' not implemented", intent::write, "") == wrong);
    CHECK(of_reply(301, "Moved Permanently", intent::read, "") == wrong);
    CHECK(of_reply(596, "tls_process_server_certificate: certificate verify failed", intent::write, "") == wrong);
    CHECK(classify(task_error{.exit_status = "job errors"}) == wrong);
}

TEST_CASE("every class can come out")
{
    const auto example = [](error_class wanted) -> classification {
        switch (wanted) { // no default: a new class needs an example here
        case cls::busy:
            return of_reply(500, "can't lock file 'x' - got timeout", intent::write);
        case cls::held:
            return of_reply(500, "CT is locked (backup)", intent::write);
        case cls::conflict:
            return of_reply(500, "detected modified configuration - file changed by other user? Try again.",
                            intent::write);
        case cls::already_done:
            return of_reply(500, "CT 101 already running", intent::write);
        case cls::not_found_here:
            return of_reply(500, "Configuration file 'nodes/a/lxc/1.conf' does not exist", intent::read);
        case cls::privilege:
            return of_reply(403, "Permission check failed (/, Sys.Audit)", intent::read);
        case cls::identity:
            return of_reply(401, "No ticket", intent::read, "");
        case cls::request:
            return of_reply(400, "Parameter verification failed.", intent::write);
        case cls::cluster:
            return of_reply(500, "no quorum!", intent::write);
        case cls::unknown_outcome:
            return of_reply(596, "Connection timed out", intent::write, "");
        case cls::transient:
            return of_reply(596, "Connection timed out", intent::read, "");
        }
        return {};
    };
    for (const auto wanted :
         {cls::busy, cls::held, cls::conflict, cls::already_done, cls::not_found_here, cls::privilege, cls::identity,
          cls::request, cls::cluster, cls::unknown_outcome, cls::transient}) {
        CHECK(example(wanted).what == wanted);
    }
}
