// SPDX-License-Identifier: Apache-2.0
#include "statuses.hpp"
#include "support/catch.hpp"

#include <felhom/core/json/writer.hpp>
#include <felhom/local_api/agent_status_json.hpp>
#include <felhom/local_api/read_status.hpp>

using namespace felhom;
using namespace felhom::testing;

TEST_CASE("what a status tells of operations under way is read as it was told, but for their tasks")
{
    auto status = well();
    status.operations.under_way = {
        {.id = operate::operation_id{5}, .guest = guest(103), .op = "guest.start", .started = status.now}};
    const auto read = local_api::read_under_way(json_text(local_api::to_json(status)));
    REQUIRE(read.has_value());
    CHECK(*read == status.operations.under_way);
    CHECK_FALSE(local_api::read_under_way("{}").has_value());
}
