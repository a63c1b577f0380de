// SPDX-License-Identifier: Apache-2.0
#include "hub/observations.hpp"

#include <felhom/hub/envelope.hpp>

#include <string>
#include <string_view>

using namespace felhom;
using namespace felhom::hub;
using namespace felhom::hub::testing;
using std::chrono::seconds;

namespace {

auto with_interval(const std::string& number) -> std::string
{
    return R"({"poll_interval_seconds":)" + number
           + R"(,"blocked":false,"desired_generation":7,"has_signed_ops":true})";
}

auto envelope(const std::string& text) -> control_envelope
{
    const auto read = parse_envelope(text, {});
    INFO(text);
    REQUIRE(read.has_value());
    return *read;
}

auto fault(std::string_view text) -> json_error
{
    const auto read = parse_envelope(text, {});
    INFO(text);
    REQUIRE_FALSE(read.has_value());
    return read.error();
}

} // namespace

TEST_CASE("an envelope is read, and what is not known of it is passed over")
{
    CHECK(envelope(R"({"poll_interval_seconds":300,"blocked":true,"desired_generation":null,"has_signed_ops":false,
                       "motd":{"text":["hello"]}})")
          == control_envelope{.poll_interval = seconds{300},
                              .blocked = true,
                              .desired_generation = std::nullopt,
                              .has_signed_ops = false});
    CHECK(envelope(with_interval("61"))
          == control_envelope{
              .poll_interval = seconds{61}, .blocked = false, .desired_generation = 7, .has_signed_ops = true});
}

TEST_CASE("an interval is brought into its bounds, however far outside it is")
{
    CHECK(envelope(with_interval("0")).poll_interval == seconds{60});
    CHECK(envelope(with_interval("59")).poll_interval == seconds{60});
    CHECK(envelope(with_interval("60")).poll_interval == seconds{60});
    CHECK(envelope(with_interval("3600")).poll_interval == seconds{3600});
    CHECK(envelope(with_interval("3601")).poll_interval == seconds{3600});
    CHECK(envelope(with_interval("-9223372036854775808")).poll_interval == seconds{60});
    CHECK(envelope(with_interval("18446744073709551615")).poll_interval == seconds{3600});
}

TEST_CASE("a wrongly typed member is an error with its path")
{
    const auto is = [](const std::string& path, const std::string& expected, const std::string& got) {
        return json_error{json_type_error{.path = path, .expected = expected, .got = got}};
    };
    CHECK(fault(with_interval("\"60\"")) == is("$.poll_interval_seconds", "an integer", "\"60\""));
    CHECK(fault(with_interval("null")) == is("$.poll_interval_seconds", "an integer", "null"));
    CHECK(fault(R"({"poll_interval_seconds":60,"blocked":0,"desired_generation":7,"has_signed_ops":true})")
          == is("$.blocked", "true or false", "0"));
    CHECK(fault(R"({"poll_interval_seconds":60,"blocked":true,"desired_generation":-1,"has_signed_ops":true})")
          == is("$.desired_generation", "an integer from 0 to 9007199254740991", "-1"));
    CHECK(fault(R"({"poll_interval_seconds":60,"blocked":true,"desired_generation":1,"has_signed_ops":"yes"})")
          == is("$.has_signed_ops", "true or false", "\"yes\""));
    CHECK(fault("[]") == is("$", "an object", "an array"));
}

TEST_CASE("a member that is missing keeps what was in force: silence lifts no block, and makes none")
{
    const auto in_force = control_envelope{
        .poll_interval = seconds{300}, .blocked = true, .desired_generation = 7, .has_signed_ops = true};
    const auto read = parse_envelope(R"({"poll_interval_seconds":60})", in_force);
    REQUIRE(read.has_value());
    CHECK(*read
          == control_envelope{
              .poll_interval = seconds{60}, .blocked = true, .desired_generation = 7, .has_signed_ops = true});
    CHECK(parse_envelope(R"({"poll_interval_seconds":60,"desired_generation":null})", in_force)->desired_generation
          == std::nullopt);
}

TEST_CASE("before the first envelope nothing is blocked, desired or waiting")
{
    CHECK(envelope(R"({"poll_interval_seconds":60})")
          == control_envelope{.poll_interval = seconds{60},
                              .blocked = false,
                              .desired_generation = std::nullopt,
                              .has_signed_ops = false});
}

TEST_CASE("an envelope without an interval is none")
{
    CHECK(fault(R"({"blocked":true,"desired_generation":1,"has_signed_ops":true})")
          == json_error{json_type_error{.path = "$.poll_interval_seconds", .expected = "a value", .got = "nothing"}});
}

TEST_CASE("a generation is at most what every reader of JSON can tell from its neighbours")
{
    const auto announcing = [](const std::string& generation) {
        return parse_envelope(R"({"poll_interval_seconds":60,"desired_generation":)" + generation + "}", {});
    };
    CHECK(announcing("9007199254740991")->desired_generation == 9'007'199'254'740'991U);
    CHECK_FALSE(announcing("9007199254740992").has_value());
}

TEST_CASE("an envelope that says two things at once is no envelope")
{
    CHECK(std::holds_alternative<json_syntax_error>(fault(
        R"({"blocked":true,"poll_interval_seconds":60,"blocked":false,"desired_generation":1,"has_signed_ops":true})")));
}

TEST_CASE("the last good envelope is read back from its text")
{
    const auto kept = kept_envelope{.envelope = {.poll_interval = seconds{120},
                                                 .blocked = true,
                                                 .desired_generation = 18'446'744'073'709'551'615U,
                                                 .has_signed_ops = false},
                                    .received_at = just_now};
    CHECK(print_kept_envelope(kept)
          == R"({"version":1,"received_at":"2026-11-24T11:59:59.250Z","poll_interval_seconds":120,"blocked":true,)"
             R"("desired_generation":18446744073709551615,"has_signed_ops":false})"
             "\n");
    CHECK(parse_kept_envelope(print_kept_envelope(kept)) == kept);
}

TEST_CASE("a kept envelope that was cut, or that a later version wrote, is an error")
{
    const auto whole = print_kept_envelope({.envelope = envelope(with_interval("60")), .received_at = now});
    for (auto size = std::size_t{0}; size + 1 < whole.size(); ++size) {
        CHECK_FALSE(parse_kept_envelope(whole.substr(0, size)).has_value());
    }
    auto later = whole;
    later.replace(later.find("\"version\":1"), 11, "\"version\":2");
    CHECK(parse_kept_envelope(later)
          == tl::unexpected<json_error>(json_type_error{.path = "$.version", .expected = "the integer 1", .got = "2"}));
}
