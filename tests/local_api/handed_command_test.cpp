// SPDX-License-Identifier: Apache-2.0
#include "statuses.hpp"
#include "support/catch.hpp"

#include <felhom/local_api/handed_command_json.hpp>

#include <string>

using namespace felhom;
using namespace felhom::testing;
using local_api::handed_request;
using local_api::parse_handed_request;

TEST_CASE("every command comes out of the socket as it went in")
{
    for (const auto& command : std::vector<local_api::handed_command>{
             local_api::apply_once{.accept_inventory = true, .accept_mass_change = false},
             local_api::apply_once{.accept_inventory = false, .accept_mass_change = true},
             local_api::apply_once{.agreed = operate::consent{{}}},
             local_api::apply_once{.agreed =
                                       operate::consent{{{.guest = guest(102), .what = "description", .to = "a\n\"b\""},
                                                         {.guest = guest(103), .what = "start"}}}},
             local_api::pass_once{},
             local_api::submit_bundle{.name = "/tmp/a.bundle", .text = "{\"format\":\"\\u0000\"}\n\"\\"},
             local_api::acknowledge_operation{operate::operation_id{18'446'744'073'709'551'615U}},
             local_api::release_guest{guest(102)}, local_api::reset_generation{},
             local_api::selftest_guest{guest(999'999'999)}}) {
        const auto request = handed_request{.json = true, .colour = false, .command = command};
        INFO(local_api::print(request));
        CHECK(parse_handed_request(local_api::print(request)) == request);
    }
}

TEST_CASE("a reply comes back as it was given")
{
    const auto reply = local_api::handed_reply{.status = 5, .out = "{\"ok\":false}\n", .err = "error: \"held\"\n"};
    CHECK(local_api::parse_handed_reply(local_api::print(reply)) == reply);
}

TEST_CASE("a command of another version is not guessed at")
{
    for (const auto* const text :
         {R"({"version":2,"json":false,"colour":false,"command":"pass"})",
          R"({"version":1,"json":false,"colour":false,"command":"destroy"})",
          R"({"version":1,"json":false,"colour":false,"command":"pass","force":true})",
          R"({"version":1,"json":false,"colour":false,"command":"apply","accept_inventory":true})",
          R"({"version":1,"json":false,"colour":false,"command":"apply","accept_inventory":true,)"
          R"("accept_mass_change":true,"agreed":[{"guest":101,"what":"start","from":null}]})",
          R"({"version":1,"json":false,"colour":false,"command":"release","guest":99})",
          R"({"version":1,"json":0,"colour":false,"command":"pass"})", R"({"command":"pass"})", "[]", "", "{"}) {
        INFO(text);
        CHECK_FALSE(parse_handed_request(text).has_value());
    }
}
