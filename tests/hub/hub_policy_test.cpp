// SPDX-License-Identifier: Apache-2.0
#include "hub/observations.hpp"

#include <felhom/hub/hub_policy_json.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace felhom;
using namespace felhom::hub;
using namespace felhom::hub::testing;
using lxc::key_table;
using reconcile::desired_guest;
using reconcile::desired_state;
using reconcile::run_state;

namespace {

auto desired(std::vector<desired_guest> guests) -> desired_state
{
    return {.generation = 7, .guests = std::move(guests)};
}

auto one(std::vector<reconcile::desired_entry> listed, std::optional<run_state> run = std::nullopt) -> desired_state
{
    return desired({{.id = guest(101), .run = run, .entries = std::move(listed)}});
}

auto permitted(desired_state state, const hub_policy& policy = {}, const restart_counts& restarts = {})
    -> permitted_desired
{
    return permit(std::move(state), policy, restarts, key_table::standard());
}

auto refusal(const std::string& key, std::optional<std::string> wanted, policy_reason why) -> policy_refusal
{
    return {.id = guest(101), .key = key, .wanted = std::move(wanted), .why = std::move(why)};
}

auto policy(const std::string& text) -> hub_policy
{
    const auto read = parse_hub_policy(text, key_table::standard());
    INFO(text);
    REQUIRE(read.has_value());
    return *read;
}

auto policy_fault(const std::string& text) -> json_error
{
    const auto read = parse_hub_policy(text, key_table::standard());
    INFO(text);
    REQUIRE_FALSE(read.has_value());
    return read.error();
}

} // namespace

TEST_CASE("by default the hub may set the run state, the description and the tags")
{
    const auto state = one({{"description", "Web"}, {"tags", std::nullopt}}, run_state::stopped);
    CHECK(permitted(state) == permitted_desired{.state = state, .refused = {}});
}

TEST_CASE("by default the hub may touch neither a guest's connection nor anything else")
{
    for (const auto* const key :
         {"net0", "net31", "nameserver", "searchdomain", "hostname", "onboot", "cores", "memory", "swap", "protection",
          "rootfs", "mp0", "features", "hookscript", "timezone", "startup"}) {
        INFO(key);
        CHECK(permitted(one({{key, "1"}}))
              == permitted_desired{.state = one({}), .refused = {refusal(key, "1", key_not_allowed{})}});
    }
}

TEST_CASE("a key that is in no table of keys is refused, even where the policy names it")
{
    const auto lax = hub_policy{.keys = {{.key = "made_up", .values = any_value{}}}};
    CHECK(permitted(one({{"made_up", "1"}}), lax).refused == std::vector{refusal("made_up", "1", key_not_allowed{})});
}

TEST_CASE("numbers are held to their bounds, which belong to what is allowed")
{
    const auto bounded =
        policy(R"({"keys":{"memory":{"least":256,"greatest":4096},"cpulimit":{"least":0,"greatest":1.5}}})");
    for (const auto& [key, value] :
         {std::pair{"memory", "256"}, {"memory", "4096"}, {"cpulimit", "1.5"}, {"cpulimit", "0"}}) {
        INFO(key << " " << value);
        CHECK(permitted(one({{key, value}}), bounded).refused.empty());
    }
    const auto memory = within{.least = 256, .greatest = 4096};
    CHECK(permitted(one({{"memory", "255"}}), bounded)
          == permitted_desired{.state = one({}), .refused = {refusal("memory", "255", outside_bounds{memory})}});
    CHECK(permitted(one({{"memory", "4097"}}), bounded).refused
          == std::vector{refusal("memory", "4097", outside_bounds{memory})});
    CHECK(permitted(one({{"memory", "nan"}}), bounded).refused
          == std::vector{refusal("memory", "nan", outside_bounds{memory})});
    CHECK(permitted(one({{"cpulimit", "1.51"}}), bounded).refused.size() == 1);
}

TEST_CASE("a key with bounds cannot be unset: its absence may mean more than they allow")
{
    const auto bounded = policy(R"({"keys":{"cores":{"least":1,"greatest":2}}})");
    CHECK(permitted(one({{"cores", std::nullopt}}), bounded).refused
          == std::vector{refusal("cores", std::nullopt, unset_not_allowed{})});
}

TEST_CASE("onboot may be allowed in one direction only")
{
    const auto only_on = policy(R"({"keys":{"onboot":{"least":1,"greatest":1}}})");
    CHECK(permitted(one({{"onboot", "1"}}), only_on).refused.empty());
    CHECK(permitted(one({{"onboot", "0"}}), only_on).refused.size() == 1);
    CHECK(permitted(one({{"onboot", std::nullopt}}), only_on).refused.size() == 1);
}

TEST_CASE("the name of a row stands for all of its keys, and a key's own name only for itself")
{
    const auto all = policy(R"({"keys":{"net":true}})");
    CHECK(permitted(one({{"net0", "a"}, {"net31", "b"}}), all).refused.empty());
    const auto first = policy(R"({"keys":{"net0":true}})");
    CHECK(permitted(one({{"net0", "a"}, {"net1", "b"}}), first).refused
          == std::vector{refusal("net1", "b", key_not_allowed{})});
}

TEST_CASE("a guest that the hub may not manage is left out as a whole")
{
    const auto some = policy(R"({"guests":[300,101]})");
    const auto left = desired_guest{.id = guest(101), .run = run_state::running, .entries = {{"tags", "a"}}};
    CHECK(permitted(desired({left, {.id = guest(102), .run = run_state::stopped, .entries = {{"tags", "b"}}}}), some)
          == permitted_desired{
              .state = desired({left}),
              .refused = {{.id = guest(102), .key = "", .wanted = std::nullopt, .why = guest_not_allowed{}}}});
    CHECK(permitted(desired({left}), policy(R"({"guests":[]})")).state == desired({}));
}

TEST_CASE("starting and stopping are allowed one by one")
{
    const auto no_stop = policy(R"({"may_stop":false})");
    CHECK(permitted(one({}, run_state::stopped), no_stop)
          == permitted_desired{.state = one({}), .refused = {refusal("run_state", "stopped", may_not_stop{})}});
    CHECK(permitted(one({}, run_state::running), no_stop).refused.empty());
    const auto no_start = policy(R"({"may_start":false})");
    CHECK(permitted(one({}, run_state::running), no_start).refused
          == std::vector{refusal("run_state", "running", may_not_start{})});
    CHECK(permitted(one({}, run_state::stopped), no_start).refused.empty());
}

TEST_CASE("a guest whose restarts are spent keeps its run state, and its keys are set all the same")
{
    const auto thrice = policy(R"({"restarts_a_day":3})");
    const auto wanted = one({{"tags", "a"}}, run_state::running);
    CHECK(permitted(wanted, thrice, {{guest(101), 2}, {guest(102), 3}}).state == wanted);
    CHECK(permitted(wanted, thrice, {{guest(101), 3}})
          == permitted_desired{.state = one({{"tags", "a"}}),
                               .refused = {refusal("run_state", "running", restarts_spent{3})}});
    CHECK(permitted(wanted, policy(R"({"restarts_a_day":0})")).refused
          == std::vector{refusal("run_state", "running", restarts_spent{0})});
}

TEST_CASE("a thousand refusals are told one by one, and the others counted")
{
    const auto of_keys = [](std::size_t count) {
        auto entries = std::vector<reconcile::desired_entry>{};
        for (auto number = std::size_t{0}; number < count; ++number) {
            entries.push_back({.key = "mp" + std::to_string(number), .value = std::nullopt});
        }
        return one(std::move(entries));
    };
    const auto told = permitted(of_keys(1000));
    CHECK(told.refused.size() == 1000);
    CHECK(told.refused.back() == refusal("mp999", std::nullopt, key_not_allowed{}));
    const auto counted = permitted(of_keys(1002));
    CHECK(counted.state == one({}));
    REQUIRE(counted.refused.size() == 1001);
    CHECK(counted.refused.back() == refusal("", std::nullopt, more_refused{2}));
    CHECK(reported(counted.refused.back())
          == reported_refusal{.guest = guest(101),
                              .key = std::nullopt,
                              .code = "more_refused",
                              .detail = "from here on 2 more are refused, and not told one by one"});
}

TEST_CASE("a policy says what it changes, and the rest is as by default")
{
    CHECK(policy("{}") == hub_policy{});
    CHECK(policy(R"({"keys":{}})") == hub_policy{});
    CHECK(policy(R"({"guests":[102,101],"may_start":false,"may_stop":false,"restarts_a_day":1,
                     "keys":{"memory":{"least":16,"greatest":512},"description":false,"hostname":true}})")
          == hub_policy{.guests = std::vector{guest(101), guest(102)},
                        .may_start = false,
                        .may_stop = false,
                        .restarts_a_day = 1,
                        .keys = {{.key = "hostname", .values = any_value{}},
                                 {.key = "memory", .values = within{.least = 16, .greatest = 512}},
                                 {.key = "tags", .values = any_value{}}}});
}

TEST_CASE("a policy cannot allow what needs a signature, root, or a new guest")
{
    for (const auto* const key : {"rootfs", "mp", "mp0", "dev", "hookscript", "arch", "ostype", "unprivileged",
                                  "template", "lock", "parent", "unused0", "lxc"}) {
        INFO(key);
        CHECK(policy_fault(R"({"keys":{")" + std::string{key} + R"(":true}})")
              == json_error{json_type_error{.path = "$.keys." + std::string{key},
                                            .expected = "a key that can be set without a signature",
                                            .got = "true"}});
    }
}

TEST_CASE("a policy that is not understood is refused whole, with the place")
{
    const auto is = [](const std::string& path, const std::string& expected, const std::string& got) {
        return json_error{json_type_error{.path = path, .expected = expected, .got = got}};
    };
    CHECK(policy_fault(R"({"may_stopp":false})")
          == json_error{json_unknown_member{.path = "$.may_stopp", .nearest = "may_stop"}});
    CHECK(policy_fault(R"({"keys":{"memmory":true}})")
          == is("$.keys.memmory", "a key of a container's configuration", "true"));
    CHECK(policy_fault(R"({"guests":[99]})") == is("$.guests[0]", "an integer from 100 to 999999999", "99"));
    CHECK(policy_fault(R"({"guests":[101,101]})") == is("$.guests", "every guest once", "an array"));
    CHECK(policy_fault(R"({"restarts_a_day":-1})") == is("$.restarts_a_day", "an integer from 0 to 1000", "-1"));
    CHECK(policy_fault(R"({"may_start":1})") == is("$.may_start", "true or false", "1"));
    CHECK(policy_fault(R"({"keys":{"memory":{"least":2,"greatest":1}}})")
          == is("$.keys.memory", "bounds with something between them", "an object"));
    CHECK(policy_fault(R"({"keys":{"memory":{"least":2}}})") == is("$.keys.memory.greatest", "a value", "nothing"));
    CHECK(policy_fault(R"({"keys":{"memory":{"least":2,"greatest":3,"most":4}}})")
          == json_error{json_unknown_member{.path = "$.keys.memory.most", .nearest = ""}});
    CHECK(policy_fault(R"({"keys":{"memory":{"least":"2","greatest":3}}})")
          == is("$.keys.memory.least", "a number", "\"2\""));
    CHECK(policy_fault(R"({"keys":{"hostname":{"least":2,"greatest":3}}})")
          == is("$.keys.hostname", "true", "an object"));
    CHECK(policy_fault(R"({"keys":{"net0":false}})") == is("$.keys.net0", "true", "false"));
    CHECK(policy_fault(R"({"keys":{"onboot":false}})")
          == is("$.keys.onboot", R"(true, or an object with "least" and "greatest")", "false"));
    CHECK(policy_fault("[]") == is("$", "an object", "an array"));
    CHECK(policy_fault(R"({"may_stop":true,"may_stop":false})").index() == 0);
}

TEST_CASE("every reason has its code and its words, and stands so in the report")
{
    CHECK(reported(refusal("memory", "1", outside_bounds{{.least = 256, .greatest = 4096.5}}))
          == reported_refusal{.guest = guest(101),
                              .key = "memory",
                              .code = "outside_bounds",
                              .detail = "the hub may set it from 256 to 4096.5 (policy.hub.keys)"});
    CHECK(reported(refusal("", std::nullopt, guest_not_allowed{}))
          == reported_refusal{.guest = guest(101),
                              .key = std::nullopt,
                              .code = "guest_not_allowed",
                              .detail = "the hub may not manage this guest (policy.hub.guests)"});
    CHECK(reported(refusal("run_state", "running", restarts_spent{3})).detail
          == "started or stopped for the hub 3 times within a day (policy.hub.restarts_a_day)");
    CHECK(reported(refusal("net0", "x", key_not_allowed{})).code == "key_not_allowed");
    CHECK(reported(refusal("cores", std::nullopt, unset_not_allowed{})).code == "unset_not_allowed");
    CHECK(reported(refusal("run_state", "running", may_not_start{})).code == "may_not_start");
    CHECK(reported(refusal("run_state", "stopped", may_not_stop{})).code == "may_not_stop");
}
