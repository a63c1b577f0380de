// SPDX-License-Identifier: Apache-2.0
#include "reconcile/builders.hpp"
#include "support/catch.hpp"

#include <felhom/reconcile/actual/observation.hpp>

#include <string>

using namespace felhom;
using namespace felhom::reconcile;

namespace {

auto node_answer(const std::string& data) -> net::exchanged
{
    return net::response{.status = 200, .reason = "OK", .body = R"({"data":)" + data + "}"};
}

/// What is found where the node lists these rows of guests.
auto surveyed(const std::string& rows) -> survey
{
    const auto node = node_name::parse("pve1").value();
    return understand_survey(
               node, survey_questions(node).understand(
                         {node_answer(R"({"version":"9.2.11","release":"9.2","repoid":"0123456789abcdef"})"),
                          node_answer("[" + rows + "]"), node_answer("{}"), node_answer("{}"), node_answer("[]")}))
        .value();
}

auto ids_of(const survey& found) -> std::vector<std::string>
{
    auto all = std::vector<std::string>{};
    for (const auto& guest : found.guests) {
        all.push_back(guest.id.text());
    }
    return all;
}

using numbers = std::vector<std::string>;

} // namespace

TEST_CASE("a guest that is listed twice is not known, and takes no other from the node")
{
    const auto found = surveyed(R"({"vmid":102,"status":"running"},{"vmid":101,"status":"stopped"},)"
                                R"({"vmid":103,"status":"stopped"},{"vmid":101,"status":"running"})");
    CHECK(ids_of(found) == numbers{"102", "103"});
    REQUIRE(odd_guests(found).size() == 1);
    CHECK(odd_guests(found).front().id.text() == "101");
    CHECK(proxmox::describe(odd_guests(found).front().why).find("guest 101 twice") != std::string::npos);
}

TEST_CASE("a guest of which one row is not understood is not known, though another row is")
{
    const auto found = surveyed(R"({"vmid":101,"status":"stopped"},{"vmid":101,"status":"paused"},)"
                                R"({"vmid":102,"status":"stopped"})");
    CHECK(ids_of(found) == numbers{"102"});
    CHECK(odd_guests(found).size() == 1);
}

TEST_CASE("a guest that is listed in an odd way still counts in the inventory")
{
    const auto found = surveyed(R"({"vmid":101,"status":"paused"},{"vmid":102,"status":"stopped"})");
    CHECK(inventory_of(found).size() == 2);
}
