// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/hub/taken_ops.hpp>

#include <algorithm>

using namespace felhom;

namespace {

auto ops(const std::vector<std::string>& bundles) -> std::vector<hub::offered_op>
{
    auto all = std::vector<hub::offered_op>{};
    for (const auto& bundle : bundles) {
        all.push_back(hub::offered(bundle).value());
    }
    return all;
}

auto bundles_of(const std::vector<hub::offered_op>& fresh) -> std::vector<std::string>
{
    auto all = std::vector<std::string>{};
    for (const auto& op : fresh) {
        all.push_back(op.bundle);
    }
    std::ranges::sort(all);
    return all;
}

/// Asks what is fresh, and takes all of it.
auto take(hub::taken_ops& taken, const std::vector<std::string>& listed) -> std::vector<std::string>
{
    const auto fresh = taken.fresh(ops(listed));
    for (const auto& op : fresh) {
        taken.took(op.name);
    }
    return bundles_of(fresh);
}

using texts = std::vector<std::string>;

} // namespace

TEST_CASE("an operation of the hub's has the name of its bytes, so that the same one is one file")
{
    CHECK(hub::offered("a")->name == "hub-ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb");
    CHECK(hub::offered("a") == hub::offered("a"));
    CHECK_FALSE(hub::offered("a")->name == hub::offered("b")->name);
}

TEST_CASE("an operation that the hub lists again and again is taken once")
{
    auto taken = hub::taken_ops{};
    CHECK(take(taken, {"a", "b", "a"}) == texts{"a", "b"});
    CHECK(take(taken, {"b", "a"}).empty());
    CHECK(take(taken, {"b", "c"}) == texts{"c"});
}

TEST_CASE("an operation that could not be put into the box is fresh again")
{
    auto taken = hub::taken_ops{};
    CHECK(bundles_of(taken.fresh(ops({"a"}))) == texts{"a"});
    CHECK(bundles_of(taken.fresh(ops({"a"}))) == texts{"a"});
}

TEST_CASE("what the hub no longer lists is forgotten, and what it then lists again is taken again")
{
    auto taken = hub::taken_ops{};
    CHECK(take(taken, {"a", "b"}) == texts{"a", "b"});
    CHECK(take(taken, {"b"}).empty());
    CHECK(take(taken, {"a", "b"}) == texts{"a"});
}

TEST_CASE("no more operations are taken than there is room for, and the others stay with the hub")
{
    const auto room = hub::room_beside({.files = 3, .bytes = 10}, 1, 4);
    CHECK(room == hub::box_room{.files = 2, .bytes = 6});
    CHECK(bundles_of(hub::that_fit(ops({"a", "b", "c"}), room)) == texts{"a", "b"});
    CHECK(bundles_of(hub::that_fit(ops({"1234567", "123456", "1"}), room)) == texts{"123456"});
    CHECK(hub::room_beside(room, 5, 50) == hub::box_room{.files = 0, .bytes = 0});
}
