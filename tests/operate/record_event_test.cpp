// SPDX-License-Identifier: Apache-2.0
#include "operate/operations.hpp"
#include "support/catch.hpp"

#include <felhom/operate/record_event.hpp>

using namespace felhom;

TEST_CASE("the log tells when an operation begins and how it ended, and of other records whoever appends them tells")
{
    const auto id = operate::operation_id{7};
    const auto begun = operate::event_of(operate::operation_started{
        .id = id, .at = {}, .guest = *vmid::parse("101"), .from = {}, .what = operate::guest_start{}});
    REQUIRE(begun.has_value());
    CHECK(*begun
          == log_event{.what = "operation begins",
                       .with = {{"operation", "7"}, {"guest", "101"}, {"op", "guest.start"}},
                       .detail = false});

    const auto ended = operate::event_of(
        operate::operation_ended{.id = id, .at = {}, .how = operate::ending::failed, .detail = "why"});
    REQUIRE(ended.has_value());
    CHECK(*ended
          == log_event{.what = "operation ended",
                       .with = {{"operation", "7"}, {"outcome", "failed"}, {"detail", "why"}},
                       .detail = false});

    CHECK_FALSE(operate::event_of(operate::remark{.at = {}, .what = {}, .by = {}}).has_value());
}
