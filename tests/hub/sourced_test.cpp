// SPDX-License-Identifier: Apache-2.0
#include "hub/observations.hpp"

#include <felhom/hub/report/sourced.hpp>

#include <string>
#include <vector>

using namespace felhom;
using namespace felhom::hub;
using kind = source_error::kind;

namespace {

auto kind_of(const proxmox::call_error& why) -> kind
{
    return source_error_of(why).what;
}
auto kind_of(const host_tools::error& why) -> kind
{
    return source_error_of(why).what;
}
auto transport(net::transport_error::kind what) -> proxmox::call_error
{
    return net::transport_error{.what = what, .maybe_sent = false, .detail = {}};
}

} // namespace

TEST_CASE("every way in which a call to Proxmox VE fails has its code in the report")
{
    using of = net::transport_error::kind;
    CHECK(kind_of(transport(of::unreachable)) == kind::unreachable);
    CHECK(kind_of(transport(of::interrupted)) == kind::unreachable);
    CHECK(kind_of(transport(of::timeout)) == kind::timeout);
    CHECK(kind_of(transport(of::untrusted)) == kind::untrusted);
    CHECK(kind_of(transport(of::too_large)) == kind::unreadable);
    CHECK(kind_of(transport(of::not_http)) == kind::unreadable);
    CHECK(kind_of(proxmox::api_error{.status = 401, .message = ""}) == kind::denied);
    CHECK(kind_of(proxmox::api_error{.status = 403, .message = ""}) == kind::denied);
    CHECK(kind_of(proxmox::api_error{.status = 500, .message = ""}) == kind::failed);
    CHECK(kind_of(proxmox::decode_error{.path = "$", .expected = "", .got = ""}) == kind::unreadable);
}

TEST_CASE("every way in which a program of root's fails has its code in the report")
{
    CHECK(kind_of(host_tools::cannot_start{.program = "p", .reason = "r"}) == kind::failed);
    CHECK(kind_of(host_tools::timed_out{.program = "p", .after = std::chrono::seconds{1}}) == kind::timeout);
    CHECK(kind_of(host_tools::too_much_output{.program = "p", .limit = 1}) == kind::unreadable);
    CHECK(kind_of(host_tools::killed{.program = "p", .signal = 9}) == kind::failed);
    CHECK(kind_of(host_tools::failed{.program = "p", .exit_code = 1, .message = ""}) == kind::failed);
    CHECK(kind_of(host_tools::unreadable{.program = "p", .cause = json_syntax_error{.offset = 0, .reason = ""}})
          == kind::unreadable);
}

TEST_CASE("the detail of a failed source is its error in words")
{
    CHECK(source_error_of(proxmox::call_error{proxmox::api_error{.status = 500, .message = "got timeout"}}).detail
          == "Proxmox VE answered 500: got timeout");
    CHECK(source_error_of(host_tools::error{host_tools::killed{.program = "/usr/bin/sensors", .signal = 9}}).detail
          == "/usr/bin/sensors was ended by signal 9");
}
