// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/core/instant.hpp>

#include <chrono>

using felhom::instant;
using felhom::parse_instant;

namespace {

auto at(std::int64_t milliseconds) -> instant
{
    return instant{std::chrono::milliseconds{milliseconds}};
}

} // namespace

TEST_CASE("a time is read with its zone offset and compared as an instant")
{
    CHECK(*parse_instant("1970-01-01T00:00:00Z") == at(0));
    CHECK(*parse_instant("1970-01-01T01:00:00+01:00") == at(0));
    CHECK(*parse_instant("1969-12-31T14:30:00-09:30") == at(0));
    CHECK(*parse_instant("2026-11-23T13:05:00.25Z")
          == *parse_instant("2026-11-23T13:05:00Z") + std::chrono::milliseconds{250});
    CHECK(*parse_instant("2026-11-23T13:05:00.1239999999Z") == *parse_instant("2026-11-23T13:05:00.123Z"));
    CHECK(*parse_instant("9999-12-31T23:59:59Z") == at(253402300799000));
    CHECK(*parse_instant("2024-02-29T00:00:00Z") == at(1709164800000));
}

TEST_CASE("what RFC 3339 does not allow, and what it allows but people do not mean, is no time")
{
    for (const auto* text : {"",
                             "2026-11-23",
                             "2026-11-23T13:05:00",
                             "2026-11-23 13:05:00Z",
                             "2026-11-23t13:05:00z",
                             "2026-11-23T13:05Z",
                             "2026-11-23T13:05:00+0100",
                             "2026-11-23T13:05:00+1:00",
                             "2026-11-23T13:05:00.Z",
                             "2026-02-30T00:00:00Z",
                             "2026-13-01T00:00:00Z",
                             "2026-11-23T24:00:00Z",
                             "2026-11-23T13:60:00Z",
                             "2026-11-23T13:05:61Z",
                             "2026-11-23T13:05:00Z ",
                             " 2026-11-23T13:05:00Z",
                             "+2026-11-23T13:05:00Z",
                             "2026-11-23T13:05:00+25:00",
                             "2023-02-29T00:00:00Z",
                             "2026-11-23T13:05:60Z"}) {
        INFO(text);
        CHECK_FALSE(parse_instant(text).has_value());
    }
}

TEST_CASE("a time prints in UTC and reads back as itself")
{
    CHECK(felhom::to_rfc3339(at(1709164800000)) == "2024-02-29T00:00:00Z");
    CHECK(felhom::to_rfc3339(at(1709164800250)) == "2024-02-29T00:00:00.250Z");
}
