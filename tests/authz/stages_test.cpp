// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/authz/pipeline.hpp>
#include <felhom/authz/replay/claim.hpp>

#include <string>
#include <tuple>
#include <type_traits>

using namespace felhom;
using namespace felhom::authz;

namespace {

// One callable a stage, with everything but the previous stage's value supplied.
constexpr auto stages = std::tuple{
    [](auto&& s) -> decltype(require_namespace(std::forward<decltype(s)>(s))) { throw 0; },
    [](auto&& s) -> decltype(parse_key(std::forward<decltype(s)>(s), std::declval<const signers&>())) { throw 0; },
    [](auto&& s) -> decltype(find_signer(std::forward<decltype(s)>(s), std::declval<const signers&>(), instant{})) {
        throw 0;
    },
    [](auto&& s) -> decltype(authenticate(std::forward<decltype(s)>(s), "")) { throw 0; },
    [](auto&& s) -> decltype(read_operation(std::forward<decltype(s)>(s), time_policy{})) { throw 0; },
    [](auto&& s) -> decltype(require_target(std::forward<decltype(s)>(s), std::declval<const host_id&>())) { throw 0; },
    [](auto&& s) -> decltype(require_time(std::forward<decltype(s)>(s), instant{}, time_policy{})) { throw 0; },
    [](auto&& s) -> decltype(propose_claim(std::forward<decltype(s)>(s), std::declval<replay_memory&>())) { throw 0; },
    [](auto&& s) -> decltype(claimed::by_receipt(std::forward<decltype(s)>(s),
                                                 std::declval<const hash_chain::receipt&>())) { throw 0; },
};

using passed = std::tuple<armored, framed, keyed, allowed, authentic, parsed, targeted, timely, claim, claimed>;

template <std::size_t Stage, std::size_t... Before>
constexpr auto takes_only_the_stage_before(std::index_sequence<Before...> /*all*/) -> bool
{
    return ((std::is_invocable_v<std::tuple_element_t<Stage, decltype(stages)>, std::tuple_element_t<Before, passed>>
             == (Stage == Before))
            && ...);
}

template <std::size_t... Stage>
constexpr auto each_takes_only_the_stage_before(std::index_sequence<Stage...> /*all*/) -> bool
{
    return (takes_only_the_stage_before<Stage>(std::make_index_sequence<std::tuple_size_v<passed>>{}) && ...);
}

static_assert(each_takes_only_the_stage_before(std::make_index_sequence<std::tuple_size_v<decltype(stages)>>{}));

template <typename... Passed>
constexpr auto none_is_made_of_nothing(std::tuple<Passed...>* /*types*/) -> bool
{
    return ((!std::is_default_constructible_v<Passed> && !std::is_aggregate_v<Passed>) && ...);
}

static_assert(none_is_made_of_nothing(static_cast<passed*>(nullptr)));

// A lvalue would let one stage's value be used twice.
static_assert(!std::is_invocable_v<std::tuple_element_t<0, decltype(stages)>, armored&>);

// A receipt comes from the log, and there is no other way to one.
static_assert(!std::is_default_constructible_v<hash_chain::receipt> && !std::is_aggregate_v<hash_chain::receipt>);

} // namespace
