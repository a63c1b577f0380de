// SPDX-License-Identifier: Apache-2.0
#include "agent/engine/operation_io.hpp"
#include "operate/signing.hpp"
#include "support/catch.hpp"
#include "support/simulated_agent.hpp"

#include <felhom/operate/operating_rules.hpp>
#include <felhom/operate/procedures/submit.hpp>
#include <felhom/operate/procedures/take_up.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace felhom;
using namespace felhom::testing;

namespace {

/// In this cluster a tag with another case is another tag; guest 101 has the tags "customer" and "web".
auto case_sensitive_node() -> sim::node
{
    auto node = sim::demo_world(start_of_simulation);
    node.settings.tags_case_sensitive = true;
    return node;
}

auto rules_here() -> operate::operating_rules
{
    return {.at = {.node = *node_name::parse("pve1"), .facts = {}, .patience = {}},
            .user = sim::demo_tokens::agent,
            .gate = {.here = this_host}};
}

auto tags_written(std::string tags) -> operate::operation
{
    return operate::guest_set_config{.set = {{.key = "tags", .value = std::move(tags)}}, .remove = {}};
}

/// How an agent says that a change ended which another one began before it died.
auto end_of_taken_up(sim::node node, operate::operation what) -> operate::operation_ended
{
    const auto id = operate::operation_id{1};
    auto world = simulated_agent{std::move(node)};
    const auto in = world.start();
    REQUIRE(in.append(operate::operation_started{.id = id,
                                                 .at = in.in.now(),
                                                 .guest = *vmid::from_number(101),
                                                 .from = operate::origin::reconcile,
                                                 .what = std::move(what)})
                .has_value());
    CHECK(agent::run(in, operate::take_up(rules_here())) == 1);
    return in.ledger().find(id)->end.value();
}

} // namespace

TEST_CASE("what was in flight is judged by what its node is: where case matters, another case is not done")
{
    CHECK(end_of_taken_up(case_sensitive_node(), tags_written("customer;Web")).how == operate::ending::unknown);
    CHECK(end_of_taken_up(case_sensitive_node(), tags_written("web;customer")).how == operate::ending::succeeded);
    CHECK(end_of_taken_up(sim::demo_world(start_of_simulation), tags_written("customer;Web")).how
          == operate::ending::succeeded);
}

TEST_CASE("what was in flight stays unknown where its node does not say what it is")
{
    auto node = sim::demo_world(start_of_simulation);
    node.faults.push_back({.method = "GET", .path = "*/version", .what = sim::fault_kind::garbage{}, .times = 99});
    const auto end = end_of_taken_up(std::move(node), tags_written("customer;web"));
    CHECK(end.how == operate::ending::unknown);
    CHECK(end.detail.find("the node could not be read") != std::string::npos);
}

TEST_CASE("a signed change is judged by what its node is")
{
    auto node = case_sensitive_node();
    node.faults.push_back({.method = "PUT", .path = "*/lxc/101/config", .what = sim::fault_kind::drops_before_apply{}});
    const auto seen = sim::digest_of(node.guests.at(101).config);
    auto world = simulated_agent{std::move(node)};
    world.around = {.now = {}, .signers = listed_signers()};
    const auto in = world.start();
    auto op = operation_builder{"guest.set_config", 101, signed_params_of(tags_written("customer;Web"))};
    op.seen_at(seen).valid(in.in.now() - std::chrono::minutes{1}, in.in.now() + std::chrono::minutes{14});
    const auto results = agent::run(in, operate::submit({op.signed_by(operator_key)}, rules_here()));
    REQUIRE(results.front().has_value());
    CHECK(text_of(results.front()->state) == "unknown");
}
