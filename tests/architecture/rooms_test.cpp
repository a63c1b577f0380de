// SPDX-License-Identifier: Apache-2.0
#include "architecture/rooms.hpp"
#include "support/catch.hpp"

#include <string>
#include <vector>

using namespace felhom::testing;

namespace {

const auto of_the_document = read_room_table("docs/architecture.md");

} // namespace

TEST_CASE("no room of the core includes one that the table of rooms does not let it include")
{
    const auto all = crossings_below("include/felhom");
    CHECK(all.size() > 100);
    CHECK(forbidden(of_the_document, all) == std::vector<std::string>{});
}

TEST_CASE("no room of the programs includes one that the table of rooms does not let it include")
{
    const auto all = crossings_below("app");
    CHECK(all.size() > 100);
    CHECK(forbidden(of_the_document, all) == std::vector<std::string>{});
}

TEST_CASE("no two rooms include each other, directly or through others")
{
    CHECK(circles(of_the_document).empty());
    CHECK(circles({{"a", {"a", "b"}}, {"b", {"b", "c"}}, {"c", {"a", "c"}}, {"d", {"a", "d"}}})
          == std::set<std::string>{"a", "b", "c"});
}

TEST_CASE("an include of a higher room is found, and one by a room that has no row")
{
    const auto upward = crossing{.file = "core/planted.hpp", .from = "core", .into = "operate"};
    CHECK(forbidden(of_the_document, {upward})
          == std::vector<std::string>{"core/planted.hpp: core may not include operate"});
    const auto unknown = crossing{.file = "attic/planted.hpp", .from = "attic", .into = "core"};
    CHECK(forbidden(of_the_document, {unknown})
          == std::vector<std::string>{"attic/planted.hpp: attic is in no row of the table"});
}

TEST_CASE("the room of an include is read from its line")
{
    CHECK(included_room("#include <felhom/operate/gate/gate.hpp>") == "operate");
    CHECK(included_room("#include \"io/files/descriptor.hpp\"") == "io/files");
    CHECK(included_room("#include \"agent/engine/pass.hpp\"") == "agent/engine");
    CHECK(included_room("#include \"agent/doctor.hpp\"") == "agent");
    CHECK(included_room("#include <vector>").empty());
}
