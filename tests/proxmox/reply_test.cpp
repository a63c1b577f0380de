// SPDX-License-Identifier: Apache-2.0
#include "proxmox/sample.hpp"
#include "support/catch.hpp"
#include "support/understand.hpp"

#include <felhom/proxmox/api/mutation_reply.hpp>
#include <felhom/proxmox/api/reply.hpp>
#include <felhom/proxmox/decode/configuration.hpp>

#include <cstdint>
#include <string>

using namespace felhom::net;
using namespace felhom::proxmox;
using felhom::testing::understand;

namespace {

auto integer(const std::string& json) -> tl::expected<std::uint64_t, call_error>
{
    return understand(sample::data(json), [](const reply_node& data) { return data.integer<std::uint64_t>(); });
}

auto flag(const std::string& json) -> tl::expected<bool, call_error>
{
    return understand(sample::data(json), [](const reply_node& data) { return data.flag(); });
}

auto mutation(const exchanged& answer) -> tl::expected<mutation_reply, call_error>
{
    return understand(answer, decode_mutation);
}

auto failed(std::string path, std::string expected, std::string got) -> call_error
{
    return decode_error{std::move(path), std::move(expected), std::move(got)};
}

} // namespace

TEST_CASE("a number is exact however it is written: as text, beyond 2^53, in scientific notation")
{
    CHECK(integer("101") == 101U);
    CHECK(integer("\"101\"") == 101U);
    CHECK(integer("1.0") == 1U);
    CHECK(integer("9007199254740993") == 9007199254740993U);
    CHECK(integer("18446744073709551615") == 18446744073709551615U);
    CHECK(integer("3.47e+15") == 3470000000000000U);
    CHECK(integer("9.007199254740993e15") == 9007199254740993U);
    CHECK(integer("9007199254740993.0") == 9007199254740993U);
    CHECK(integer("\"3.47e+15\"") == 3470000000000000U);
    CHECK(integer("1234500e-2") == 12345U);
}

TEST_CASE("a number that is no integer, negative or too large is refused with its path")
{
    for (const auto* json : {"1.5", "-1", "18446744073709551616", "\"1x\"", "\"\"", "\" 1\"", "null", "[]", "true"}) {
        INFO(json);
        CHECK_FALSE(integer(json).has_value());
    }
    CHECK(integer("\"1x\"").error() == failed("$.data", "an integer of at least 0", "\"1x\""));
    CHECK_FALSE(integer("1e99999").has_value());
}

TEST_CASE("a boolean is 0 or 1 in any dress, and absent is false")
{
    for (const auto* json : {"1", "\"1\"", "true"}) {
        CHECK(flag(json) == true);
    }
    for (const auto* json : {"0", "\"0\"", "false", "\"\"", "null"}) {
        CHECK(flag(json) == false);
    }
    for (const auto* json : {"2", "\"yes\"", "[]", "0.5"}) {
        CHECK_FALSE(flag(json).has_value());
    }
}

TEST_CASE("the answer to a change is a UPID, done at once, or the text OK")
{
    CHECK(mutation(sample::recorded("pve9.2/lxc-start-upid"))
          == mutation_reply{*upid::parse("UPID:pve:00083447:0131DE60:6A84EA23:vzstart:101:root@pam!mytoken:")});
    CHECK(mutation(sample::recorded("pve9.2/lxc-config-put-null")) == mutation_reply{done_at_once{}});
    CHECK(mutation(sample::data("\"\"")) == mutation_reply{done_at_once{}});
    CHECK(mutation(sample::data("\"OK\"")) == mutation_reply{nothing_to_do{}});
}

TEST_CASE("an answer to a change that is none of the three is an error, never success")
{
    for (const auto* json : {"\"ok\"", "\"UPID:pve\"", "1", "true", "{}", "[]"}) {
        INFO(json);
        CHECK_FALSE(mutation(sample::data(json)).has_value());
    }
    CHECK_FALSE(mutation(sample::answer("{}")).has_value());
}

TEST_CASE("a body that is not JSON says what came")
{
    CHECK(mutation(sample::answer("")).error() == failed("$", "JSON", "an empty body"));
    CHECK(mutation(sample::answer("<html>x</html>")).error()
          == failed("$", "JSON", "'<html>x</html>' (syntax error at byte 0)"));
    CHECK(mutation(sample::answer(R"({"data":null)")).error()
          == failed("$", "JSON", R"('{"data":null' (incomplete JSON at byte 12))"));
    CHECK(mutation(sample::answer("[]")).error() == failed("$", "an object with a member 'data'", "an array"));
    CHECK_FALSE(mutation(sample::answer(R"({"data":null} x)")).has_value());
}

TEST_CASE("an error's message comes from the body, else from the reason phrase, else from a plain body")
{
    const auto message = [](const exchanged& answer) {
        const auto error = mutation(answer).error();
        REQUIRE(std::holds_alternative<api_error>(error));
        return std::get<api_error>(error).message;
    };
    CHECK(message(sample::error(500, "first", R"({"data":null,"message":"first\nsecond\n"})")) == "first\nsecond");
    CHECK(message(sample::error(500, "CT is locked (backup)")) == "CT is locked (backup)");
    CHECK(message(sample::error(401, "No ticket", "")) == "No ticket");
    CHECK(message(sample::error(500, "", "plain text\n")) == "plain text");
    CHECK(message(sample::error(596, "Connection timed out", "")) == "Connection timed out");
}

TEST_CASE("what is wrong with each parameter is kept, in the order of their names")
{
    CHECK(mutation(sample::recorded("derived/err-400-params")).error()
          == call_error{api_error{
              .status = 400,
              .message = "Parameter verification failed.",
              .fields = {{"memory", "type check ('integer') failed - got 'x'"},
                         {"net0",
                          "invalid format - format error\nnet0.name: property is missing and it is not optional"}},
          }});
}

TEST_CASE("a transport error passes through as it is")
{
    const auto broken = transport_error{.what = transport_error::kind::timeout, .maybe_sent = true, .detail = "30 s"};
    CHECK(mutation(tl::unexpected(broken)).error() == call_error{broken});
}

TEST_CASE("errors are described in words, parameter by parameter")
{
    CHECK(describe(mutation(sample::recorded("derived/err-400-bool-word")).error())
          == "Proxmox VE answered 400: Parameter verification failed.\n"
             "  onboot: type check ('boolean') failed - got 'yes'");
    CHECK(describe(failed("$.data", "a string", "null"))
          == "the answer is not understood: $.data: expected a string, got null");
    CHECK(describe(call_error{transport_error{transport_error::kind::interrupted, true, "after 12 bytes"}})
          == "the connection broke before the answer was complete: after 12 bytes (the request may have taken effect)");
}
