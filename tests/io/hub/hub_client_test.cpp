// SPDX-License-Identifier: Apache-2.0
#include "io/hub/hub_client.hpp"
#include "sim/hub/hub_server.hpp"
#include "support/catch.hpp"

#include <felhom/hub/hub_answer.hpp>

#include <algorithm>
#include <chrono>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace felhom;
using namespace felhom::hub;
using namespace felhom::net;
using namespace std::chrono_literals;
using sim::hub_fault;
using sim::hub_response;
namespace fault = sim::hub_fault_kind;
using kind = net::transport_error::kind;

namespace {

const auto key_text = std::string{"k-4f1d2c3b4a59687786958473"};
const auto host = host_id::parse("home-17").value();
const auto report = std::string{R"({"schema":"felhom-host-report/2","host_id":"home-17"})"};
const auto blob = std::string(64, 'a');

auto key_of(std::string text) -> hub_key
{
    return hub_key::parse(secret{std::move(text)}).value();
}

/// A hub that knows this host and another one.
auto store() -> sim::hub_store
{
    auto known = sim::hub_store{};
    known.hosts["home-17"] = {.api_key = key_text};
    known.hosts["home-18"] = {.api_key = "another-host's-key"};
    return known;
}

auto served(const sim::hub_store& known = store(), sim::server_settings settings = {}) -> sim::hub_server
{
    return sim::hub_server{known, std::move(settings)};
}

auto client_of(const sim::hub_server& server, io::https_limits limits = io::hub_limits, io::hub_observer observer = {})
    -> io::hub_client
{
    return io::hub_client{hub_url::parse(server.url()).value(), net::authorities{server.certificate_pem()},
                          key_of(key_text), limits, std::move(observer)};
}

void befall(sim::hub_server& server, hub_fault what)
{
    server.with_hub([&](sim::hub_store& known) { known.faults.push_back(std::move(what)); });
}

auto known_of(sim::hub_server& server) -> sim::hub_host
{
    auto copy = sim::hub_host{};
    server.with_hub([&](const sim::hub_store& known) { copy = known.hosts.at("home-17"); });
    return copy;
}

/// The kind of a failed call; nothing when it was answered.
auto failure_of(const hub_exchanged& answer) -> std::optional<kind>
{
    return answer ? std::nullopt : std::optional{answer.error().what};
}

} // namespace

TEST_CASE("a report arrives as it is, and the envelope comes back")
{
    auto known = store();
    known.hosts["home-17"].poll_interval_seconds = 300;
    known.hosts["home-17"].blocked = true;
    known.hosts["home-17"].desired = {.generation = 7, .text = "{}"};
    known.hosts["home-17"].operations = {{.blob_sha256 = blob, .bundle = "{}"}};
    auto server = served(known);
    CHECK(read_envelope(client_of(server)(hub_api::host_report(report)), {})
          == control_envelope{.poll_interval = 300s, .blocked = true, .desired_generation = 7, .has_signed_ops = true});
    const auto kept = known_of(server);
    REQUIRE(kept.reports.size() == 1);
    CHECK(kept.reports.front().body == report);
}

TEST_CASE("a desired state is fetched once, and again only when it is another")
{
    auto known = store();
    known.hosts["home-17"].desired = {.generation = 7, .text = R"({"version":1})"};
    auto server = served(known);
    const auto client = client_of(server);
    const auto first = read_desired(client(hub_api::desired_state(host, std::nullopt)));
    REQUIRE(first.has_value());
    const auto document = std::get<desired_document>(*first);
    CHECK(document.text == R"({"version":1})");
    REQUIRE(document.tag.has_value());

    CHECK(read_desired(client(hub_api::desired_state(host, document.tag))) == desired_answer{not_modified{}});
    server.with_hub([](sim::hub_store& all) { all.hosts["home-17"].desired->generation = 8; });
    CHECK(std::holds_alternative<desired_document>(
        read_desired(client(hub_api::desired_state(host, document.tag))).value()));
    CHECK(known_of(server).counters == sim::hub_counters{.desired_reads = 3, .unmodified = 1});
}

TEST_CASE("signed operations come as texts, and their results go back by what was signed")
{
    auto known = store();
    known.hosts["home-17"].operations = {{.blob_sha256 = blob, .bundle = "{\"operation\":\"x\"}\n"}};
    auto server = served(known);
    const auto client = client_of(server);
    CHECK(read_signed_ops(client(hub_api::signed_ops(host))) == std::vector<std::string>{"{\"operation\":\"x\"}\n"});

    const auto digest = digest_from_hex(blob).value();
    const auto results =
        print_op_results(host, {{.blob = digest, .document = {{"blob_sha256", blob}, {"state", "succeeded"}}}});
    CHECK(read_accepted_results(client(hub_api::op_results(host, results))) == std::vector{digest});
    CHECK(known_of(server).results.at(blob).at("state") == "succeeded");
    CHECK(read_signed_ops(client(hub_api::signed_ops(host))) == std::vector<std::string>{});
}

TEST_CASE("a result whose acceptance was lost is sent again, and the hub has it once")
{
    auto server = served();
    const auto client = client_of(server);
    befall(server, {.host = {}, .call = "/op-results", .what = fault::drops_after_apply{}});
    auto outbox = result_outbox{};
    outbox.put({.blob = digest_from_hex(blob).value(), .document = {{"blob_sha256", blob}}});
    for (auto turn = 0; turn < 2; ++turn) {
        const auto sent = outbox.next();
        if (const auto accepted =
                read_accepted_results(client(hub_api::op_results(host, print_op_results(host, sent))))) {
            outbox.accepted(sent, *accepted);
        }
    }
    CHECK(outbox.empty());
    CHECK(known_of(server).counters.results == 2);
    CHECK(known_of(server).results.size() == 1);
}

TEST_CASE("a hub that is overloaded says when to come back")
{
    auto server = served();
    befall(server,
           {.host = {}, .call = {}, .what = fault::answers{hub_response(503, "Busy", {}, {{"Retry-After", " 120 "}})}});
    const auto answer = read_envelope(client_of(server)(hub_api::host_report(report)), {});
    CHECK(answer
          == tl::unexpected<hub_error>(http_error{.status = 503, .reason = "Busy", .retry_after = retry_after{120s}}));
    CHECK(std::get<report_postponed>(outcome_of(answer, instant{})).retry_after == 120s);
}

TEST_CASE("a header that stands there twice says nothing")
{
    auto server = served();
    befall(server, {.host = {},
                    .call = {},
                    .what = fault::answers{hub_response(200, "OK", "{}", {{"ETag", "\"1\""}, {"ETag", "\"2\""}})}});
    CHECK(read_desired(client_of(server)(hub_api::desired_state(host, std::nullopt)))
          == desired_answer{desired_document{.text = "{}", .tag = std::nullopt}});
}

TEST_CASE("no redirect is followed, and the key goes nowhere else")
{
    auto server = served();
    auto elsewhere = served();
    befall(server, {.host = {},
                    .call = {},
                    .what = fault::answers{
                        hub_response(307, "Moved", {}, {{"Location", elsewhere.url() + "/api/v1/host-report"}})}});
    CHECK(read_envelope(client_of(server)(hub_api::host_report(report)), {})
          == tl::unexpected<hub_error>(
              http_error{.status = 307, .reason = "Moved", .points_to = elsewhere.url() + "/api/v1/host-report"}));
    CHECK(elsewhere.counters().connections == 0);
}

TEST_CASE("a hub whose certificate nobody vouches for gets neither key nor report")
{
    auto server = served();
    const auto other = served();
    const auto url = hub_url::parse(server.url()).value();
    for (const auto& trust :
         {io::hub_trust{net::system_roots{}}, io::hub_trust{net::authorities{other.certificate_pem()}}}) {
        const auto client = io::hub_client{url, trust, key_of(key_text)};
        const auto answer = client(hub_api::host_report(report));
        CHECK(failure_of(answer) == kind::untrusted);
    }
    CHECK(server.counters().requests == 0);
}

TEST_CASE("an answer that is too large, too late or cut is none")
{
    auto server = served();
    befall(server, {.host = {}, .call = {}, .what = fault::answers{hub_response(200, "OK", std::string(5000, ' '))}});
    const auto small = client_of(server, {.response_bytes = 4096});
    CHECK(failure_of(small(hub_api::host_report(report))) == kind::too_large);

    auto slow = served(); // a server of its own: a call whose time is up may never have reached it
    befall(slow, {.host = {}, .call = {}, .what = fault::late{.by = 5s}});
    const auto hasty = client_of(slow, {.total = 200ms});
    CHECK(failure_of(hasty(hub_api::host_report(report))) == kind::timeout);

    befall(server, {.host = {}, .call = {}, .what = fault::drops_before_apply{}});
    CHECK(failure_of(client_of(server)(hub_api::host_report(report))) == kind::interrupted);

    server.stop();
    CHECK(failure_of(client_of(server)(hub_api::host_report(report))) == kind::unreachable);
}

TEST_CASE("a call that is broken off ends without its answer, and the next one is made")
{
    auto server = served();
    befall(server, {.host = {}, .call = {}, .what = fault::late{.by = 60s}});
    const auto client = client_of(server);
    auto call = std::async(std::launch::async, [&] { return client(hub_api::host_report(report)); });
    while (known_of(server).counters.faults == 0 && call.wait_for(5ms) != std::future_status::ready) {
        // The hub has it before it is broken off: the next call is to meet no fault.
    }
    while (call.wait_for(50ms) != std::future_status::ready) {
        client.break_off();
    }
    // Without an answer, and not because its time was up.
    CHECK(failure_of(call.get()).value_or(kind::timeout) != kind::timeout);
    CHECK(client(hub_api::host_report(report)).has_value());
    client.break_off(); // there is none
    CHECK(client(hub_api::host_report(report)).has_value());
}

TEST_CASE("the hub's date comes with its answer")
{
    auto server = served();
    befall(server,
           {.host = {},
            .call = {},
            .what = fault::answers{hub_response(503, "Busy", {}, {{"Date", "Sun, 06 Nov 1994 08:49:37 GMT"}})}});
    const auto answer = client_of(server)(hub_api::host_report(report));
    REQUIRE(answer.has_value());
    CHECK(answer->date == "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST_CASE("an answer of wrong types is refused with the place where it is wrong")
{
    auto server = served();
    befall(server,
           {.host = {},
            .call = {},
            .what = fault::answers{hub_response(
                200, "OK",
                R"({"poll_interval_seconds":60,"blocked":"no","desired_generation":1,"has_signed_ops":false})")}});
    befall(server, {.host = {}, .call = {}, .what = fault::answers{hub_response(200, "OK", "<html>")}});
    const auto client = client_of(server);
    CHECK(read_envelope(client(hub_api::host_report(report)), {})
          == tl::unexpected<hub_error>(
              unusable_answer{json_type_error{.path = "$.blocked", .expected = "true or false", .got = "\"no\""}}));
    const auto garbage = read_envelope(client(hub_api::host_report(report)), {});
    REQUIRE_FALSE(garbage.has_value());
    CHECK(code_of(garbage.error()) == "unusable_answer");
}

TEST_CASE("a host is refused with another's key, and with its own for another")
{
    auto server = served();
    const auto url = hub_url::parse(server.url()).value();
    const auto stranger =
        io::hub_client{url, net::authorities{server.certificate_pem()}, key_of("nobody-has-this-key")};
    CHECK(read_envelope(stranger(hub_api::host_report(report)), {})
          == tl::unexpected<hub_error>(http_error{.status = 401, .reason = "Unauthorized"}));
    const auto other = host_id::parse("home-18").value();
    CHECK(read_signed_ops(client_of(server)(hub_api::signed_ops(other)))
          == tl::unexpected<hub_error>(http_error{.status = 403, .reason = "Another Host"}));
}

TEST_CASE("a hub that repeats the key does not bring it into anything that is told or kept")
{
    auto server = served();
    befall(server, {.host = {},
                    .call = {},
                    .what = fault::answers{hub_response(500, "No " + key_text, "body " + key_text,
                                                        {{"ETag", '"' + key_text + '"'},
                                                         {"Retry-After", key_text},
                                                         {"Location", "https://elsewhere/" + key_text}})}});
    auto told = std::string{};
    const auto client = client_of(
        server, io::hub_limits, [&](const hub_call& call, const hub_exchanged& answer, std::chrono::milliseconds took) {
            told += call.target() + call.body() + std::to_string(took.count()) + answer->reason + answer->body;
        });
    const auto answer = client(hub_api::host_report(report));
    REQUIRE(answer.has_value());
    CHECK(*answer
          == hub_answer{.status = 500,
                        .reason = "No <redacted>",
                        .body = "body <redacted>",
                        .tag = "\"<redacted>\"",
                        .retry_after = "<redacted>",
                        .location = "https://elsewhere/<redacted>"});
    told += describe(read_envelope(answer, {}).error());
    CHECK(told.find("No <redacted>") != std::string::npos);
    CHECK(told.find(key_text) == std::string::npos);
}

TEST_CASE("twenty hosts report at once, and each gets its own answer")
{
    static constexpr auto fleet = 20;
    auto known = sim::hub_store{};
    for (auto number = 0; number < fleet; ++number) {
        const auto id = std::to_string(number);
        known.hosts["host-" + id] = {.api_key = "key-of-host-" + id, .poll_interval_seconds = 60 + number};
    }
    auto server = served(known, {.latency = 10ms});
    auto answers = std::vector<tl::expected<control_envelope, hub_error>>(fleet);
    auto threads = std::vector<std::thread>{};
    for (auto number = 0; number < fleet; ++number) {
        threads.emplace_back([&, number] {
            const auto id = std::to_string(number);
            const auto client = io::hub_client{hub_url::parse(server.url()).value(),
                                               net::authorities{server.certificate_pem()}, key_of("key-of-host-" + id)};
            const auto made = R"({"schema":"felhom-host-report/2","host_id":"host-)" + id + "\"}";
            answers[static_cast<std::size_t>(number)] = read_envelope(client(hub_api::host_report(made)), {});
        });
    }
    std::ranges::for_each(threads, &std::thread::join);
    for (auto number = 0; number < fleet; ++number) {
        const auto& answer = answers[static_cast<std::size_t>(number)];
        INFO((answer ? "answered" : describe(answer.error())));
        CHECK(answer
              == control_envelope{.poll_interval = std::chrono::seconds{60 + number},
                                  .blocked = false,
                                  .desired_generation = std::nullopt,
                                  .has_signed_ops = false});
    }
}

TEST_CASE("a hub's address is https, a host, and at most a port and a path")
{
    const auto text_of = [](std::string_view text) {
        const auto url = hub_url::parse(text);
        return url ? url->text() : std::string{"refused"};
    };
    CHECK(text_of("https://Hub.example") == "https://hub.example:443");
    CHECK(text_of("https://hub.example:8443/") == "https://hub.example:8443");
    CHECK(text_of("https://hub.example/felhom/v1.2/") == "https://hub.example:443/felhom/v1.2");
    CHECK(text_of("https://[::1]") == "https://[::1]:443");
    CHECK(text_of("https://[::1]:8443/a") == "https://[::1]:8443/a");
    for (const auto* const bad :
         {"", "http://hub.example", "hub.example", "https://", "https://user:password@hub.example",
          "https://hub.example?a", "https://hub.example/a?b", "https://hub.example/#a", "https://hub.example/../a",
          "https://hub.example/a//b", "https://hub.example/a//", "https://hub.example/./a", "https://hub.example/a%2fb",
          "https://hub.example:0", "https://hub.example:", "https://[::1", "https://hub.example/a\r\nb",
          "https://hub.example /"}) {
        INFO(bad);
        CHECK(text_of(bad) == "refused");
    }
    CHECK(describe(hub_url::parse("https://user:password@hub.example").error()).find("password") == std::string::npos);
}

TEST_CASE("a key is a bearer token, and its error does not show it")
{
    CHECK(hub_key::parse(secret{"abcdefgh"}).has_value());
    CHECK(hub_key::parse(secret{"AZaz09-._~+/=="}).has_value());
    CHECK(key_of("abcdefgh").authorization() == secret{"Authorization: Bearer abcdefgh"});
    for (const auto* const bad : {"", "abcdefg", "abcdefgh i", "abcdefgh\r\nX: y", "abcdefgh\n", "abcd\xc3\xa9gh"}) {
        INFO(bad);
        const auto key = hub_key::parse(secret{bad});
        REQUIRE_FALSE(key.has_value());
        CHECK(key.error().got == "(not shown)");
    }
    CHECK_FALSE(hub_key::parse(secret{std::string(4097, 'a')}).has_value());
}
