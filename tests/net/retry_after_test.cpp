// SPDX-License-Identifier: Apache-2.0
#include "hub/observations.hpp"

#include <felhom/net/retry_after.hpp>

using namespace felhom;
using namespace felhom::hub;
using namespace felhom::net;
using namespace felhom::hub::testing;
using std::chrono::seconds;

TEST_CASE("a Retry-After is a number of seconds, or a date in any of HTTP's three forms")
{
    const auto date = retry_after{seconds_at("1994-11-06T08:49:37Z")};
    CHECK(parse_retry_after("120") == retry_after{seconds{120}});
    CHECK(parse_retry_after(" 0\r\n") == retry_after{seconds{0}});
    CHECK(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT") == date);
    CHECK(parse_retry_after("Sunday, 06-Nov-94 08:49:37 GMT") == date);
    CHECK(parse_retry_after("Sun Nov  6 08:49:37 1994") == date);
}

TEST_CASE("a number of seconds that is longer than any wait is still a number")
{
    CHECK(parse_retry_after("99999999999999999999999") == retry_after{seconds{2'147'483'648}});
}

TEST_CASE("what is neither a number nor a date is no Retry-After")
{
    for (const auto* const text : {"", " ", "-1", "1.5", "soon", "120 seconds", "Sun, 06 Nov 1994 08:49:37",
                                   "Sun, 06 Nov 1994 08:49:37 GMT, 120", "Mon, 06 Nov 1994 08:49:37 GMT",
                                   "Sun, 32 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z", "0x10"}) {
        INFO(text);
        CHECK(parse_retry_after(text) == std::nullopt);
    }
}

TEST_CASE("a date is waited for from now on, and one that has passed not at all")
{
    CHECK(delay_until(seconds{5}, now) == seconds{5});
    CHECK(delay_until(seconds_at("2026-11-24T12:00:30Z"), now) == seconds{30});
    CHECK(delay_until(seconds_at("2026-11-24T11:00:00Z"), now) == seconds{0});
}

TEST_CASE("a date reads from any of HTTP's three forms, and a number is none")
{
    const auto then = seconds_at("1994-11-06T08:49:37Z");
    CHECK(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT") == then);
    CHECK(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT") == then);
    CHECK(parse_http_date("Sun Nov  6 08:49:37 1994") == then);
    CHECK(parse_http_date("120") == std::nullopt);
    CHECK(parse_http_date("") == std::nullopt);
}
