// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"
#include "support/understand.hpp"

#include <felhom/proxmox/api/exchange.hpp>
#include <felhom/proxmox/api/mutate.hpp>
#include <felhom/proxmox/api/read.hpp>
#include <felhom/proxmox/api/reply.hpp>
#include <felhom/proxmox/errors/error.hpp>
#include <felhom/proxmox/model/pending.hpp>
#include <felhom/proxmox/tasks/task_outcome.hpp>

#include <string>

using namespace felhom;
using namespace felhom::net;
using namespace felhom::proxmox;
using felhom::testing::understand;

namespace {

const auto pve1 = *node_name::parse("pve1");
const auto guest = *vmid::parse("101");

auto error_of(const request& call, exchanged answer) -> call_error
{
    return understand(answer_to(call, std::move(answer)), decode_pending).error();
}

auto broken(bool maybe_sent) -> exchanged
{
    return tl::unexpected(transport_error{
        .what = transport_error::kind::interrupted, .maybe_sent = maybe_sent, .detail = "after 12 bytes"});
}

/// What a hostile server may put anywhere: a command to the terminal, and a byte that is no UTF-8.
const auto foreign = std::string{"a\x1b[2J\xff"};
const auto as_shown = std::string{"a\\x1b[2J\\xff"};

} // namespace

TEST_CASE("an error says which call it belongs to")
{
    CHECK(describe(error_of(read::pending(pve1, guest).request, response{500, "no", ""}))
          == "GET /nodes/pve1/lxc/101/pending: Proxmox VE answered 500: no");
    CHECK(describe(error_of(read::pending(pve1, guest).request, response{200, "OK", R"({"data":1})"}))
          == "GET /nodes/pve1/lxc/101/pending: the answer is not understood: $.data: expected an array, got 1");
    CHECK(describe(error_of(read::pending(pve1, guest).request, response{200, "OK", "<html>"}))
              .starts_with("GET /nodes/pve1/lxc/101/pending: the answer is not understood: $: expected JSON, got"));
    CHECK(describe(error_of(mutate::start(pve1, guest), broken(true)))
          == "POST /nodes/pve1/lxc/101/status/start: the connection broke before the answer was complete: after 12 "
             "bytes (the request may have taken effect)");
}

TEST_CASE("a query is no part of what a call is named by")
{
    CHECK(describe(error_of(read::config_current(pve1, guest).request, response{500, "no", ""}))
              .starts_with("GET /nodes/pve1/lxc/101/config: "));
}

TEST_CASE("a read that broke is not said to have had an effect, nor is a change that was never sent")
{
    CHECK(describe(error_of(read::pending(pve1, guest).request, broken(true)))
          == "GET /nodes/pve1/lxc/101/pending: the connection broke before the answer was complete: after 12 bytes");
    CHECK(describe(error_of(mutate::start(pve1, guest), broken(false))).find("taken effect") == std::string::npos);
}

TEST_CASE("a token that is refused and a node that is not there are told with where to look")
{
    const auto who = caller{.token = *token_id::parse("felhom@pve!agent")};
    CHECK(describe(call_error{api_error{.status = 401, .message = "Authentication failed!"}}, who)
          == "Proxmox VE answered 401: Authentication failed!\n  look at proxmox.token_id and its secret: does `pveum "
             "user token list felhom@pve` on the node show felhom@pve!agent, not expired?");
    CHECK(describe(call_error{api_error{.status = 500, .message = "hostname lookup 'pve7' failed - no"}}, who)
          == "Proxmox VE answered 500: hostname lookup 'pve7' failed - no\n  look at proxmox.node: it must be what "
             "`hostname` prints on the node");
    CHECK(describe(call_error{api_error{.status = 500, .message = "no"}}, who) == "Proxmox VE answered 500: no");
}

TEST_CASE("two fingerprints that differ are both shown whole")
{
    const auto both = "has the fingerprint " + std::string(95, 'A') + ", configured is " + std::string(95, 'B');
    CHECK(describe(transport_error{.what = transport_error::kind::untrusted, .maybe_sent = false, .detail = both})
          == "the server's certificate is not trusted: " + both);
}

TEST_CASE("nothing that a server says commands the terminal or breaks the encoding")
{
    CHECK(describe(api_error{.status = 500, .message = foreign}) == "Proxmox VE answered 500: " + as_shown);
    CHECK(describe(api_error{.status = 400, .message = "no", .fields = {{foreign, foreign}}})
          == "Proxmox VE answered 400: no\n  " + as_shown + ": " + as_shown);
    CHECK(describe(api_error{.status = 403, .message = "", .refusal = root_only{foreign}})
          == "Proxmox VE answered 403: only root@pam may do this, and no token: " + as_shown);
    CHECK(describe(api_error{.status = 403, .message = "", .refusal = other_refusal{foreign}})
          == "Proxmox VE answered 403: " + as_shown);
    CHECK(describe(api_error{.status = 403, .message = "", .refusal = ticket_only{foreign}})
          == "Proxmox VE answered 403: " + as_shown + " is not open to API tokens");
    CHECK(describe(decode_error{.path = "$." + foreign, .expected = "a number", .got = foreign})
          == "the answer is not understood: $." + as_shown + ": expected a number, got " + as_shown);
    CHECK(describe(task_error{.exit_status = foreign, .log_tail = {foreign}})
          == "the task failed: " + as_shown + "\n  " + as_shown);
    CHECK(describe(task_outcome{unknown_outcome{.why = unknown_outcome::reason::log_gone, .detail = foreign}})
          == "the task's log is gone; what it did is not known (" + as_shown + ")");
    CHECK(describe(transport_error{.what = transport_error::kind::not_http, .maybe_sent = false, .detail = foreign})
          == "the answer is not HTTP: " + as_shown);
}

TEST_CASE("of a message in several lines every line is shown, and no more than a screen of them")
{
    CHECK(describe(api_error{.status = 400, .message = "one\ntwo"}) == "Proxmox VE answered 400: one\n  two");
    auto endless = std::string{};
    for (auto line = 0; line < 1000; ++line) {
        endless += "line\n";
    }
    CHECK(describe(api_error{.status = 500, .message = endless}).size() < 300);
}
