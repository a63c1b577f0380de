// SPDX-License-Identifier: Apache-2.0
#include "hub/observations.hpp"

#include <felhom/hub/hub_answer.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace felhom;
using namespace felhom::hub;
using namespace felhom::net;
using namespace felhom::hub::testing;
using net::http_method;

static_assert(!std::is_constructible_v<hub_call, http_method, std::string, std::string, std::optional<etag>>,
              "a call of the hub is hub_api's to make");

namespace {

const auto host = host_id::parse("home-17.example").value();

auto answer(int status, std::string body = {}) -> hub_answer
{
    return {.status = status, .reason = "Reason", .body = std::move(body)};
}

auto unusable(json_type_error why) -> hub_error
{
    return unusable_answer{json_error{std::move(why)}};
}

auto digest(char c) -> sha256_digest
{
    return digest_from_hex(std::string(64, c)).value();
}

auto result(char blob, const std::string& state) -> op_result
{
    return {.blob = digest(blob),
            .document = {{"schema", "felhom-op-result/1"}, {"blob_sha256", std::string(64, blob)}, {"state", state}}};
}

const auto gone = net::transport_error{
    .what = net::transport_error::kind::unreachable, .maybe_sent = false, .detail = "connection refused"};

} // namespace

TEST_CASE("this host asks its hub for four things and no more")
{
    const auto report = hub_api::host_report("{}");
    CHECK(report.method() == http_method::post);
    CHECK(report.target() == "/api/v1/host-report");
    CHECK(report.body() == "{}");

    const auto tag = etag::parse("\"7\"").value();
    const auto desired = hub_api::desired_state(host, tag);
    CHECK(desired.method() == http_method::get);
    CHECK(desired.target() == "/api/v1/hosts/home-17.example/desired-state");
    CHECK(desired.none_match() == tag);
    CHECK(desired.body().empty());

    const auto operations = hub_api::signed_ops(host);
    CHECK(operations.method() == http_method::get);
    CHECK(operations.target() == "/api/v1/hosts/home-17.example/signed-ops");
    CHECK(operations.none_match() == std::nullopt);

    const auto results = hub_api::op_results(host, "[]");
    CHECK(results.method() == http_method::post);
    CHECK(results.target() == "/api/v1/hosts/home-17.example/op-results");
    CHECK(results.body() == "[]");
}

TEST_CASE("an answer without success is an error with its status, its reason and when to come back")
{
    auto busy = answer(503);
    busy.retry_after = "30";
    const auto expected =
        hub_error{http_error{.status = 503, .reason = "Reason", .retry_after = retry_after{std::chrono::seconds{30}}}};
    CHECK(read_envelope(busy, {}) == tl::unexpected(expected));
    CHECK(read_desired(busy) == tl::unexpected(expected));
    CHECK(read_signed_ops(busy) == tl::unexpected(expected));
    CHECK(read_accepted_results(busy) == tl::unexpected(expected));
    CHECK(wish_of(expected, now) == std::chrono::seconds{30});
}

TEST_CASE("an answer that never came is an error everywhere")
{
    const auto nothing = hub_exchanged{tl::unexpected(gone)};
    CHECK(read_envelope(nothing, {}) == tl::unexpected<hub_error>(gone));
    CHECK(read_desired(nothing) == tl::unexpected<hub_error>(gone));
    CHECK(read_signed_ops(nothing) == tl::unexpected<hub_error>(gone));
    CHECK(read_accepted_results(nothing) == tl::unexpected<hub_error>(gone));
}

TEST_CASE("a report is delivered with any success, and a body that is not understood is an error of the envelope alone")
{
    const auto in_force = control_envelope{.blocked = true, .desired_generation = 7};
    for (const auto status : {200, 201, 202, 204, 299}) {
        INFO(status);
        const auto read = read_envelope(answer(status, R"({"poll_interval_seconds":90})"), in_force);
        REQUIRE(read.has_value());
        CHECK(read->poll_interval == std::chrono::seconds{90});
        CHECK(read->blocked);
        const auto spoilt = read_envelope(answer(status, "thank you"), in_force);
        REQUIRE_FALSE(spoilt.has_value());
        CHECK(std::holds_alternative<unusable_answer>(spoilt.error()));
    }
}

TEST_CASE("no redirect is followed, and to any other question no other success than 200 is one")
{
    for (const auto status : {301, 302, 304, 307, 308}) {
        INFO(status);
        CHECK(read_envelope(answer(status), {})
              == tl::unexpected<hub_error>(http_error{.status = status, .reason = "Reason"}));
    }
    for (const auto status : {201, 204, 301, 302, 304, 307, 308}) {
        INFO(status);
        CHECK(read_signed_ops(answer(status))
              == tl::unexpected<hub_error>(http_error{.status = status, .reason = "Reason"}));
    }
    CHECK(read_desired(answer(307)) == tl::unexpected<hub_error>(http_error{.status = 307, .reason = "Reason"}));
}

TEST_CASE("a desired state comes with its ETag, or is the one that is kept")
{
    auto fresh = answer(200, "{}");
    fresh.tag = "\"7\"";
    CHECK(read_desired(fresh) == desired_answer{desired_document{.text = "{}", .tag = etag::parse("\"7\"").value()}});
    CHECK(read_desired(answer(304)) == desired_answer{not_modified{}});
    fresh.tag = "7";
    CHECK(read_desired(fresh) == desired_answer{desired_document{.text = "{}", .tag = std::nullopt}});
}

TEST_CASE("a hub that has no desired state for this host says so, and no other 404 does")
{
    CHECK(read_desired(answer(404, R"({"error":"no_desired_state","detail":"none yet"})"))
          == desired_answer{no_desired_state{}});
    for (const auto* const body : {"", "<html>", R"({"error":"not_found"})", R"({"detail":"no_desired_state"})"}) {
        CHECK(read_desired(answer(404, body))
              == tl::unexpected<hub_error>(http_error{.status = 404, .reason = "Reason"}));
    }
}

TEST_CASE("signed operations are a list of bundles, whose texts are not looked into")
{
    using bundles = std::vector<std::string>;
    CHECK(read_signed_ops(answer(200, R"({"schema":"felhom-signed-ops/1","bundles":["a\n","{}"],"more":1})"))
          == bundles{"a\n", "{}"});
    CHECK(read_signed_ops(answer(200, R"({"schema":"felhom-signed-ops/1","bundles":[]})")) == bundles{});
    CHECK(read_signed_ops(answer(200, R"({"schema":"felhom-signed-ops/2","bundles":[]})"))
          == tl::unexpected(unusable(
              {.path = "$.schema", .expected = R"("felhom-signed-ops/1")", .got = R"("felhom-signed-ops/2")"})));
    CHECK(read_signed_ops(answer(200, R"({"schema":"felhom-signed-ops/1","bundles":["a",{}]})"))
          == tl::unexpected(unusable({.path = "$.bundles[1]", .expected = "a string", .got = "an object"})));
    CHECK(read_signed_ops(answer(200, R"({"schema":"felhom-signed-ops/1"})"))
          == tl::unexpected(unusable({.path = "$.bundles", .expected = "a value", .got = "nothing"})));
}

TEST_CASE("there is an end to how many signed operations are taken at once")
{
    const auto list_of = [](std::size_t count) {
        auto text = std::string{R"({"schema":"felhom-signed-ops/1","bundles":[)"};
        for (auto number = std::size_t{0}; number < count; ++number) {
            text += number == 0 ? "\"\"" : ",\"\"";
        }
        return text + "]}";
    };
    CHECK(parse_signed_ops(list_of(256)).has_value());
    CHECK(parse_signed_ops(list_of(257))
          == tl::unexpected<json_error>(
              json_type_error{.path = "$.bundles", .expected = "at most 256 bundles", .got = "257"}));
}

TEST_CASE("results are sent in one document with the host that they are of")
{
    CHECK(print_op_results(host, {result('a', "succeeded")})
          == R"({"schema":"felhom-op-results/1","host_id":"home-17.example","results":[)"
             R"({"schema":"felhom-op-result/1","blob_sha256":")"
                 + std::string(64, 'a') + R"(","state":"succeeded"}]})" + "\n");
    CHECK(print_op_results(host, {})
          == R"({"schema":"felhom-op-results/1","host_id":"home-17.example","results":[]})"
             "\n");
}

TEST_CASE("the hub says which results it has, by what they are about")
{
    const auto text = R"({"accepted":[")" + std::string(64, 'a') + R"("],"more":[]})";
    CHECK(read_accepted_results(answer(200, text)) == std::vector{digest('a')});
    CHECK(
        read_accepted_results(answer(200, R"({"accepted":["a"]})"))
        == tl::unexpected(unusable({.path = "$.accepted[0]", .expected = "64 lower-case hex digits", .got = "\"a\""})));
    CHECK_FALSE(read_accepted_results(answer(200, "{}")).has_value());
}

TEST_CASE("a result is kept until the hub says that it has it")
{
    auto outbox = result_outbox{};
    outbox.put(result('a', "succeeded"));
    outbox.put(result('b', "failed"));
    const auto sent = outbox.next();
    CHECK(sent == std::vector{result('a', "succeeded"), result('b', "failed")});
    outbox.accepted(sent, {digest('a')});
    CHECK(outbox.next() == std::vector{result('b', "failed")});
    outbox.accepted(sent, {digest('b'), digest('b'), digest('c')});
    CHECK(outbox.empty());
}

TEST_CASE("a later result takes the place of the earlier one, also while that is being sent")
{
    auto outbox = result_outbox{};
    outbox.put(result('a', "running"));
    const auto sent = outbox.next();
    outbox.put(result('a', "succeeded"));
    CHECK(outbox.size() == 1);
    outbox.accepted(sent, {digest('a')});
    CHECK(outbox.next() == std::vector{result('a', "succeeded")});
}

TEST_CASE("what was not sent is not the hub's to accept, and no more is sent than asked for")
{
    auto outbox = result_outbox{};
    outbox.put(result('a', "running"));
    outbox.put(result('b', "running"));
    const auto sent = outbox.next(1);
    CHECK(sent == std::vector{result('a', "running")});
    outbox.accepted(sent, {digest('b')});
    CHECK(outbox.size() == 2);
}

TEST_CASE("results that the hub does not accept do not keep the others from being sent")
{
    auto outbox = result_outbox{};
    outbox.put(result('a', "refused"));
    outbox.put(result('b', "succeeded"));
    const auto sent = outbox.next(1);
    CHECK_FALSE(outbox.accepted(sent, {}));
    CHECK(outbox.next(1) == std::vector{result('b', "succeeded")});
    CHECK(outbox.accepted(outbox.next(1), {digest('b')}));
    CHECK(outbox.next() == std::vector{result('a', "refused")});
}

TEST_CASE("a result that is kept no longer is not sent any more")
{
    auto outbox = result_outbox{};
    outbox.put(result('a', "refused"));
    outbox.put(result('b', "succeeded"));
    outbox.forget(digest('a'));
    CHECK(outbox.next() == std::vector{result('b', "succeeded")});
}

TEST_CASE("an error says what the hub said, and nothing that commands a terminal")
{
    CHECK(describe(hub_error{http_error{.status = 503, .reason = "Busy\x1b[2J"}})
          == "the hub answered 503 Busy\\x1b[2J");
    CHECK(describe(hub_error{http_error{.status = 404, .reason = ""}}) == "the hub answered 404");
    auto moved = answer(301);
    moved.location = "https://elsewhere.example/\x1b";
    CHECK(describe(hub_error{http_error_of(moved)})
          == "the hub answered 301 Reason, a redirect to https://elsewhere.example/\\x1b, which is not followed");
    CHECK(describe(hub_error{gone}) == "the server cannot be reached: connection refused");
    CHECK(describe(unusable({.path = "$.blocked", .expected = "true or false", .got = "0"}))
          == "the hub's answer is not understood: $.blocked: expected true or false, got 0");
    CHECK(code_of(hub_error{gone}) == "transport_error");
    CHECK(code_of(hub_error{http_error{.status = 404, .reason = ""}}) == "http_error");
    CHECK(code_of(unusable({.path = "", .expected = "", .got = ""})) == "unusable_answer");
}
