// SPDX-License-Identifier: Apache-2.0
#include "hub/reports.hpp"

#include <felhom/hub/report_buffer.hpp>

#include <vector>

using namespace felhom;
using namespace felhom::hub;
using namespace felhom::hub::testing;
using std::chrono::minutes;

namespace {

auto minute(int number) -> instant
{
    return now + minutes{number};
}

auto buffer_of(int reports, buffer_limits limits) -> report_buffer
{
    auto buffer = report_buffer{this_run(), limits};
    for (auto number = 0; number < reports; ++number) {
        buffer.push(minute(number), report_made(minute(number)));
    }
    return buffer;
}

auto all_of(report_buffer buffer) -> std::vector<body_facts>
{
    auto facts = std::vector<body_facts>{};
    while (auto report = buffer.take()) {
        facts.push_back(facts_of(std::move(*report).body(now)));
        buffer.delivered();
    }
    CHECK(buffer.empty());
    CHECK(buffer.bytes() == 0);
    return facts;
}

auto missed(std::uint64_t count, int from, int to) -> missed_reports
{
    return {.count = count, .from = minute(from), .to = minute(to)};
}

} // namespace

TEST_CASE("the newest report goes first, then the others, oldest first, and while there is room none is missed")
{
    CHECK(all_of(buffer_of(3, {.reports = 3}))
          == std::vector<body_facts>{{3, minute(2)}, {1, minute(0)}, {2, minute(1)}});
}

TEST_CASE("when there are too many, they are thinned out and the gaps are marked")
{
    CHECK(all_of(buffer_of(4, {.reports = 3}))
          == std::vector<body_facts>{{4, minute(3)}, {1, minute(0)}, {3, minute(2), missed(1, 1, 1)}});
    CHECK(all_of(buffer_of(9, {.reports = 3}))
          == std::vector<body_facts>{{9, minute(8), missed(5, 3, 7)}, {1, minute(0)}, {3, minute(2), missed(1, 1, 1)}});
}

TEST_CASE("the bytes that are kept are bounded, too")
{
    const auto size = report_made(now).size();
    auto buffer = buffer_of(10, {.reports = 100, .bytes = 3 * size + 1});
    CHECK(buffer.reports() == 3);
    CHECK(buffer.bytes() == 3 * size);
}

TEST_CASE("a report that alone is too large is missed before the next one")
{
    const auto size = report_made(now).size();
    auto buffer = report_buffer{this_run(), {.reports = 10, .bytes = size}};
    buffer.push(minute(0), report_made(minute(0), 2 * size));
    CHECK(buffer.empty());
    buffer.push(minute(1), report_made(minute(1)));
    CHECK(all_of(std::move(buffer)) == std::vector<body_facts>{{2, minute(1), missed(1, 0, 0)}});
}

TEST_CASE("one report is sent at a time, and one that came back is itself still")
{
    auto buffer = buffer_of(2, {});
    const auto first = buffer.take();
    REQUIRE(first.has_value());
    CHECK(buffer.take() == std::nullopt);
    CHECK(buffer.reports() == 2);
    buffer.returned();
    CHECK(buffer.take() == first);
}

TEST_CASE("a report that came back waits in its old place, and a newer one goes before it")
{
    auto buffer = buffer_of(2, {});
    REQUIRE(buffer.take().has_value());
    buffer.push(minute(2), report_made(minute(2)));
    buffer.returned();
    CHECK(all_of(std::move(buffer)) == std::vector<body_facts>{{3, minute(2)}, {1, minute(0)}, {2, minute(1)}});
}

TEST_CASE("a report that the hub refuses is missed before the next one, with what was missed before it")
{
    auto buffer = buffer_of(4, {.reports = 3});
    REQUIRE(buffer.take().has_value()); // the newest
    buffer.delivered();
    REQUIRE(buffer.take()->sequence == 1);
    buffer.refused();
    CHECK(all_of(std::move(buffer)) == std::vector<body_facts>{{3, minute(2), missed(2, 0, 1)}});
}

TEST_CASE("a refused report behind which no other waits is missed before the one that is made next")
{
    auto buffer = buffer_of(2, {});
    REQUIRE(buffer.take().has_value());
    buffer.refused();
    buffer.push(minute(2), report_made(minute(2)));
    CHECK(all_of(std::move(buffer)) == std::vector<body_facts>{{3, minute(2), missed(1, 1, 1)}, {1, minute(0)}});
}

TEST_CASE("a report that is being sent is not thinned out")
{
    auto buffer = report_buffer{this_run(), {.reports = 1}};
    buffer.push(minute(0), report_made(minute(0)));
    const auto first = buffer.take();
    buffer.push(minute(1), report_made(minute(1)));
    CHECK(buffer.reports() == 1);
    buffer.returned();
    CHECK(buffer.take() == first);
    buffer.delivered();
    buffer.push(minute(2), report_made(minute(2)));
    CHECK(all_of(std::move(buffer)) == std::vector<body_facts>{{3, minute(2), missed(1, 1, 1)}});
}
