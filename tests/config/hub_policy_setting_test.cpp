// SPDX-License-Identifier: Apache-2.0
#include "settings_builder.hpp"

#include <felhom/config/load_hub_policy.hpp>

using namespace felhom::config;
using namespace felhom::config::testing;
using felhom::hub::hub_policy;

namespace {

auto policy_of(const std::string& file) -> tl::expected<hub_policy, config_errors>
{
    return layered::read(file, {}).and_then(load_hub_policy);
}

} // namespace

TEST_CASE("without policy.hub the default holds, and with it what is said there")
{
    CHECK(policy_of("{}") == hub_policy{});
    const auto policy = policy_of(R"({"policy":{"hub":{"may_stop":false,"restarts_a_day":2}}})");
    REQUIRE(policy);
    CHECK_FALSE(policy->may_stop);
    CHECK(policy->may_start);
    CHECK(policy->restarts_a_day == 2);
}

TEST_CASE("policy.hub may come from the environment, too")
{
    const auto from = layers({{"FELHOM_AGENT_POLICY_HUB", R"({"may_start":false})"}});
    CHECK_FALSE(load_hub_policy(from)->may_start);
}

TEST_CASE("what is wrong in policy.hub is named by its place")
{
    const auto wrong = policy_of(R"({"policy":{"hub":{"keys":{"rootfs":true}}}})");
    REQUIRE_FALSE(wrong);
    const auto* const value = std::get_if<bad_value>(&wrong.error().front());
    REQUIRE(value != nullptr);
    CHECK(value->path == "policy.hub.keys.rootfs");
    CHECK_FALSE(policy_of(R"({"policy":{"hub":7}})"));
    CHECK_FALSE(policy_of(R"({"policy":{"hubb":{}}})"));
}
