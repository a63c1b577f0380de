// SPDX-License-Identifier: Apache-2.0
#include "authz/support/operators.hpp"
#include "support/catch.hpp"

#include <felhom/authz/time_policy.hpp>

#include <string>

using namespace felhom;
using namespace felhom::authz;
using namespace std::chrono_literals;

namespace {

/// A signed operation whose blob has this many bytes.
auto of_size(std::size_t size) -> brought
{
    auto op = some_operation();
    op.params = {{"pad", ""}};
    op.params["pad"] = std::string(size - text_of(op).size(), 'x');
    return signed_by(key_kind::ed25519, text_of(op));
}

} // namespace

TEST_CASE("a blob of 1 MiB is verified, and one with a byte more is malformed at the stage that would hash it")
{
    const auto largest = of_size(std::size_t{1} << 20U);
    REQUIRE(largest.blob.size() == 1'048'576);
    CHECK(verdict(judged(largest)) == "accepted");
    const auto too_large = of_size((std::size_t{1} << 20U) + 1);
    const auto made = judged(too_large);
    CHECK(verdict(made) == "malformed at signature");
    CHECK(describe(made.error()) == "operation at byte 1048576: expected at most 1 MiB, got 1048577 bytes");
}

TEST_CASE("the skew counts from zero to a day, whatever is configured")
{
    CHECK(time_policy{.skew = -1ms}.tolerated() == 0ms);
    CHECK(time_policy{.skew = 0ms}.tolerated() == 0ms);
    CHECK(time_policy{.skew = 24h}.tolerated() == 24h);
    CHECK(time_policy{.skew = 24h + 1ms}.tolerated() == 24h);

    const auto op = signed_by(key_kind::ed25519, text_of(some_operation()));
    const auto at = [&](instant now, std::chrono::milliseconds skew) {
        return verdict(verify({.armor = op.armor, .blob = op.blob}, listed_keys(), *host_id::parse("host-a"), now,
                              {.skew = skew}));
    };
    const auto closes = some_operation().expires_at;
    const auto opens = some_operation().not_before;
    CHECK(at(closes - 1ms, -1h) == "accepted");
    CHECK(at(closes, -1h) == "expired at time");
    CHECK(at(closes + 24h - 1ms, 48h) == "accepted");
    CHECK(at(closes + 24h, 48h) == "expired at time");
    CHECK(at(opens - 24h, 48h) == "accepted");
    CHECK(at(opens - 24h - 1ms, 48h) == "not_yet_valid at time");
}

TEST_CASE("a timely operation says until when it would have been accepted, the skew included")
{
    const auto op = signed_by(key_kind::ed25519, text_of(some_operation()));
    const auto made =
        verify({.armor = op.armor, .blob = op.blob}, listed_keys(), *host_id::parse("host-a"), noon, {.skew = 2min});
    REQUIRE(made);
    CHECK(made->remember_until() == some_operation().expires_at + 2min);
}

TEST_CASE("no operation that is timely now expires later than the policy says")
{
    const auto policy = time_policy{.skew = 1min, .longest_window = 2h};
    CHECK(latest_expiry(noon, policy) == noon + 2h + 1min);
    auto op = some_operation();
    op.not_before = noon + 1min;
    op.expires_at = latest_expiry(noon, policy);
    const auto brought_at_the_limit = signed_by(key_kind::ed25519, text_of(op));
    CHECK(verify({.armor = brought_at_the_limit.armor, .blob = brought_at_the_limit.blob}, listed_keys(),
                 *host_id::parse("host-a"), noon, policy));
}
