// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/hub/report/last_pass.hpp>

using namespace felhom;
using namespace felhom::hub;
using namespace std::chrono_literals;

namespace {

constexpr auto pass_end = instant{1000s};
constexpr auto report_time = instant{2000s};

auto after_a_pass() -> last_pass
{
    return {.good = pass_status{
                .at = pass_end, .desired = {.source = "hub", .generation = 7, .refused = {}}, .drift = {.in_sync = 3}}};
}

auto an_offer_refused() -> std::vector<reported_refusal>
{
    return {{.guest = std::nullopt, .key = std::nullopt, .code = "ill_formed", .detail = "it is wrong"}};
}

} // namespace

TEST_CASE("before the first pass neither the desired state nor the drift is known")
{
    const auto why = source_error{source_error::kind::not_collected, "no pass was made yet"};
    CHECK(observed_desired({}, report_time) == observed<desired_status>{report_time, tl::unexpected(why)});
    CHECK(observed_drift({}, report_time) == observed<drift_summary>{report_time, tl::unexpected(why)});
}

TEST_CASE("what was refused of the hub's is reported before the first pass, too")
{
    const auto seen = observed_desired({.offer = an_offer_refused()}, report_time);
    REQUIRE(seen.result.has_value());
    CHECK(seen.result->source == "hub");
    CHECK(seen.result->generation == std::nullopt);
    CHECK(seen.result->refused == an_offer_refused());
}

TEST_CASE("after a pass the desired state and the drift are of its time, with what was refused since")
{
    auto last = after_a_pass();
    last.offer = an_offer_refused();
    const auto desired = observed_desired(last, report_time);
    CHECK(desired.at == pass_end);
    CHECK(desired.result->generation == 7U);
    CHECK(desired.result->refused == an_offer_refused());
    CHECK(observed_drift(last, report_time) == observed<drift_summary>{pass_end, last.good->drift});
}

TEST_CASE("after a pass that was not made the drift is an error, and what is in force is still told")
{
    auto last = after_a_pass();
    last.failure = "the node is away";
    CHECK(observed_drift(last, report_time).result
          == tl::unexpected(source_error{source_error::kind::failed, "the last pass was not made: the node is away"}));
    CHECK(observed_desired(last, report_time).result->generation == 7U);
}
