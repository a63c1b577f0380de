// SPDX-License-Identifier: Apache-2.0
#include "statuses.hpp"
#include "support/catch.hpp"

#include <felhom/local_api/diagnose.hpp>

#include <string>
#include <vector>

using namespace felhom;
using namespace felhom::testing;
using local_api::finding_kind;
using net::transport_error;

namespace {

const auto token = proxmox::token_id::parse("felhom@pve!agent").value();

auto failed(transport_error::kind what) -> tl::unexpected<proxmox::call_error>
{
    return tl::unexpected<proxmox::call_error>(transport_error{.what = what, .maybe_sent = false, .detail = "detail"});
}

} // namespace

TEST_CASE("an API that answers is good, and says who and where")
{
    const auto found = local_api::diagnose_api(proxmox::version{.number = "9.2.11", .release = "9.2", .repository = ""},
                                               "https://127.0.0.1:8006", token);
    CHECK(found.kind == finding_kind::good);
    CHECK(found.detail == "Proxmox VE 9.2.11 answers at https://127.0.0.1:8006, as felhom@pve!agent");
}

TEST_CASE("a release that the agent was tried on is good, and any other is a warning that names those that were")
{
    const auto found = [](const std::string& release) {
        return local_api::diagnose_release({.number = release + ".1", .release = release, .repository = ""});
    };
    CHECK(found("8.4").kind == finding_kind::good);
    CHECK(found("9.2").kind == finding_kind::good);
    for (const auto* const untried : {"8.1", "9.0", "9.3", "8.40"}) {
        INFO(untried);
        CHECK(found(untried).kind == finding_kind::advice);
        CHECK(found(untried).detail
              == "Proxmox VE " + std::string{untried}
                     + " is supported, and this agent was not tried on it, but on 8.4, 9.2");
    }
    for (const auto* const unsupported : {"7.4", "10.0", "", "80.1"}) {
        INFO(unsupported);
        CHECK(found(unsupported).kind == finding_kind::advice);
        CHECK(found(unsupported).detail.find("is not supported") != std::string::npos);
    }
}

TEST_CASE("a node that cannot be reached, and one that is another, are told apart, each with its fix")
{
    const auto away = local_api::diagnose_api(failed(transport_error::kind::unreachable), "https://pve1:8006", token);
    CHECK(away.code == exit_code::unreachable);
    CHECK(away.fix.front().find("pveproxy") != std::string::npos);
    const auto other = local_api::diagnose_api(failed(transport_error::kind::untrusted), "https://pve1:8006", token);
    CHECK(other.code == exit_code::denied);
    CHECK(other.fix.front().find("proxmox.fingerprint") != std::string::npos);
}

TEST_CASE("a page of a proxy, a redirect and what is no HTTP are told to be no API, and which port to name")
{
    const auto fix_of = [](const proxmox::call_error& why) {
        const auto found = local_api::diagnose_api(tl::unexpected(why), "https://pve1", token);
        REQUIRE(found.fix.size() == 1);
        return found.fix.front();
    };
    const auto no_api =
        "this is no Proxmox VE API, but a proxy or a login page: proxmox.url should name port 8006 of the node";
    CHECK(fix_of(proxmox::decode_error{.path = "$", .expected = "JSON", .got = "'<!DOCTYPE html>'"}) == no_api);
    CHECK(fix_of(proxmox::decode_error{.path = "$", .expected = "an object with a member 'data'", .got = "an object"})
          == no_api);
    CHECK(fix_of(transport_error{.what = transport_error::kind::not_http, .maybe_sent = true, .detail = ""}) == no_api);
    for (const auto status : {301, 302, 303, 307, 308, 404, 405}) {
        CHECK(fix_of(proxmox::api_error{.status = status, .message = "Found"}) == no_api);
    }
    CHECK(fix_of(proxmox::decode_error{.path = "$.data.version", .expected = "a string", .got = "7"})
          == "see what `journalctl -u pveproxy -u pvedaemon` says");
    CHECK(fix_of(proxmox::api_error{.status = 500, .message = "no"})
          == "see what `journalctl -u pveproxy -u pvedaemon` says");
}

TEST_CASE("a redirect names its target")
{
    const auto found =
        local_api::diagnose_api(tl::unexpected<proxmox::call_error>(proxmox::api_error{
                                    .status = 302, .message = "Found", .points_to = "https://auth.example.com/login"}),
                                "https://pve1", token);
    CHECK(found.detail
          == "https://pve1: Proxmox VE answered 302: Found, a redirect to https://auth.example.com/login, which is not "
             "followed");
}

TEST_CASE("a token that is refused is about the token, and nothing else")
{
    const auto found = local_api::diagnose_api(tl::unexpected<proxmox::call_error>(proxmox::api_error{
                                                   .status = 401, .message = "token 'agent' access expired"}),
                                               "https://pve1:8006", token);
    CHECK(found.detail == "https://pve1:8006: Proxmox VE answered 401: token 'agent' access expired");
    CHECK(found.fix
          == std::vector<std::string>{"look at proxmox.token_id and its secret: does `pveum user token list "
                                      "felhom@pve` on the node show felhom@pve!agent, not expired?"});
    CHECK(found.code == exit_code::denied);
    const auto later = local_api::privileges_not_told(proxmox::api_error{.status = 401, .message = "no"});
    CHECK(later.fix.front().find("fingerprint") == std::string::npos);
    CHECK(later.fix.front().find("proxmox.token_id") != std::string::npos);
}

TEST_CASE("a finding of several lines is shown on several lines, without escapes")
{
    const auto text =
        local_api::to_text({local_api::bad("proxmox", "first\n  second\n\tthird", "mend it", exit_code::error)});
    CHECK(text == "FAIL  proxmox       first\n        second\n      \\x09third\n      fix: mend it\n");
}

TEST_CASE("a node name that nobody has is bad, and the names that there are are told")
{
    const auto nodes = proxmox::partial_list<proxmox::cluster_node>{
        .rows = {{.name = node_name::parse("pve7").value()}, {.name = node_name::parse("pve8").value()}}};
    const auto found = local_api::diagnose_node_name(nodes, node_name::parse("pve1").value());
    CHECK(found.kind == finding_kind::bad);
    CHECK(found.code == exit_code::configuration);
    CHECK(found.detail == "there is no node 'pve1', but pve7, pve8");
    CHECK(local_api::diagnose_node_name(nodes, node_name::parse("pve8").value()).kind == finding_kind::good);
}

TEST_CASE("a clock that follows nothing is bad, one that could not be asked is not looked at")
{
    CHECK(local_api::diagnose_clock(true).kind == finding_kind::good);
    CHECK(local_api::diagnose_clock(false).fix.front() == "timedatectl set-ntp true");
    CHECK(local_api::diagnose_clock(tl::unexpected(hub::source_error{hub::source_error::kind::failed, "EPERM"})).kind
          == finding_kind::not_looked);
}

TEST_CASE("a hub that refuses the key, one that is away and one that is another are told apart")
{
    const auto answered = [](int status, std::string body = "") {
        return local_api::diagnose_hub(
            hub::hub_answer{.status = status, .reason = "", .body = std::move(body), .tag = {}, .retry_after = {}},
            "https://hub.example");
    };
    const auto fails = [](transport_error::kind what) {
        return local_api::diagnose_hub(
            tl::unexpected(transport_error{.what = what, .maybe_sent = false, .detail = "detail"}),
            "https://hub.example");
    };
    CHECK(answered(200, R"({"version":1,"generation":1,"guests":[]})").kind == finding_kind::good);
    for (const auto status : {302, 405, 429}) {
        CHECK(answered(status).kind == finding_kind::bad);
    }
    CHECK(answered(200, "<html>login</html>").kind == finding_kind::bad);
    CHECK(answered(401).code == exit_code::denied);
    CHECK(answered(403).code == exit_code::denied);
    CHECK(answered(503).code == exit_code::unreachable);
    CHECK(fails(transport_error::kind::unreachable).code == exit_code::unreachable);
    CHECK(fails(transport_error::kind::untrusted).code == exit_code::denied);
    CHECK(fails(transport_error::kind::untrusted).fix.front().find("hub.ca_file") != std::string::npos);
}

TEST_CASE("a server that knows nothing of this host may be no hub, and what to compare is named")
{
    const auto found = local_api::diagnose_hub(
        hub::hub_answer{.status = 404, .reason = "", .body = "", .tag = {}, .retry_after = {}}, "https://hub.example");
    CHECK(found.kind == finding_kind::advice);
    REQUIRE(found.fix.size() == 1);
    CHECK(found.fix.front().find("hub.url and hub.host_id") != std::string::npos);
}

TEST_CASE("a hub that knows this host and has no desired state for it is well")
{
    const auto found = local_api::diagnose_hub(
        hub::hub_answer{.status = 404, .reason = "", .body = R"({"error":"no_desired_state"})"}, "https://hub.example");
    CHECK(found.kind == finding_kind::good);
}

TEST_CASE("a desired state with a mistake, and a hub that is asked too often, are not taken for another server")
{
    const auto fix_of = [](int status, const std::string& body) {
        return local_api::diagnose_hub(
                   hub::hub_answer{.status = status, .reason = "", .body = body, .tag = {}, .retry_after = {}},
                   "https://hub.example")
            .fix.front();
    };
    const auto mistaken = fix_of(200, R"({"version":1,"generation":1,"guests":[{"vmid":101,"spce":{}}]})");
    CHECK(mistaken.starts_with("mend the desired state that the hub has for this host"));
    CHECK(fix_of(429, "") == "wait, and look again");
    CHECK(fix_of(302, "").starts_with("see that hub.url"));
}

TEST_CASE("what was not looked at is no success, and says what is in the way")
{
    const auto unknown = local_api::not_looked("clock", "EPERM", "ask", exit_code::error);
    CHECK(local_api::exit_code_of({local_api::good("a", "b"), unknown}) == exit_code::error);
    CHECK(local_api::exit_code_of({unknown, local_api::bad("a", "b", "c", exit_code::denied)}) == exit_code::denied);
    CHECK(local_api::to_json({unknown}).at("well").as_bool() == false);
    CHECK(local_api::to_text({unknown})
          == "-     clock         EPERM\n"
             "      fix: ask\n");
    CHECK(
        local_api::diagnose_node_name(failed(transport_error::kind::unreachable), node_name::parse("pve1").value()).code
        == exit_code::unreachable);
    CHECK(local_api::privileges_not_told(failed(transport_error::kind::timeout).value()).kind
          == finding_kind::not_looked);
}

TEST_CASE("the exit status is that of the first bad finding, and advice is none")
{
    const auto advice = local_api::advice("daemon", "it is not running", {"start it"});
    CHECK(local_api::exit_code_of({local_api::good("a", "b"), advice}) == exit_code::success);
    CHECK(local_api::exit_code_of({advice, local_api::bad("a", "b", "c", exit_code::unreachable),
                                   local_api::bad("a", "b", "c", exit_code::denied)})
          == exit_code::unreachable);
}

TEST_CASE("each failure shows its fix on a line of its own")
{
    CHECK(local_api::to_text(
              {local_api::good("clock", "well"), local_api::bad("hub", "away", "plug it in", exit_code::error)})
          == "ok    clock         well\n"
             "FAIL  hub           away\n"
             "      fix: plug it in\n");
    const auto document = local_api::to_json({local_api::bad("hub", "away", "plug it in", exit_code::error)});
    CHECK(document.at("well").as_bool() == false);
    CHECK(document.at("findings").at(0).at("fix").at(0).as_string() == "plug it in");
}
