#include "statuses.hpp"
#include "support/catch.hpp"

#include <felhom/control/handed_command_json.hpp>

#include <string>

using namespace felhom;
using namespace felhom::testing;
using control::handed_request;
using control::parse_handed_request;

TEST_CASE("every command comes out of the socket as it went in")
{
    for (const auto& command : std::vector<control::handed_command>{
             control::apply_once{.accept_inventory = true, .accept_mass_change = false},
             control::apply_once{.accept_inventory = false, .accept_mass_change = true}, control::pass_once{},
             control::submit_bundle{.name = "/tmp/a.bundle", .text = "{\"format\":\"\\u0000\"}\n\"\\"},
             control::acknowledge_operation{operate::operation_id{18'446'744'073'709'551'615U}},
             control::release_guest{guest(102)}, control::reset_generation{},
             control::selftest_guest{guest(999'999'999)}}) {
        const auto request = handed_request{.json = true, .colour = false, .command = command};
        INFO(control::print(request));
        CHECK(parse_handed_request(control::print(request)) == request);
    }
}

TEST_CASE("a reply comes back as it was given")
{
    const auto reply = control::handed_reply{.status = 5, .out = "{\"ok\":false}\n", .err = "error: \"held\"\n"};
    CHECK(control::parse_handed_reply(control::print(reply)) == reply);
}

TEST_CASE("a command of another version is not guessed at")
{
    for (const auto* const text :
         {R"({"version":2,"json":false,"colour":false,"command":"pass"})",
          R"({"version":1,"json":false,"colour":false,"command":"destroy"})",
          R"({"version":1,"json":false,"colour":false,"command":"pass","force":true})",
          R"({"version":1,"json":false,"colour":false,"command":"apply","accept_inventory":true})",
          R"({"version":1,"json":false,"colour":false,"command":"release","guest":99})",
          R"({"version":1,"json":0,"colour":false,"command":"pass"})", R"({"command":"pass"})", "[]", "", "{"}) {
        INFO(text);
        CHECK_FALSE(parse_handed_request(text).has_value());
    }
}
