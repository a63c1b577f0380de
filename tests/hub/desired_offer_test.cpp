// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/hub/desired_offer.hpp>

using namespace felhom;
using namespace felhom::hub;

namespace {

const auto& standard = lxc::key_table::standard();

auto offer(std::uint64_t generation, const std::string& guests = "") -> std::string
{
    return R"({"version":1,"generation":)" + std::to_string(generation) + R"(,"guests":[)" + guests + "]}";
}

auto code_of_refusal(const std::optional<generation_mark>& mark, const std::string& text) -> std::string
{
    const auto taken = accept_offer(mark, text, standard);
    return taken ? "" : reported(taken.error()).code;
}

} // namespace

TEST_CASE("an offer that goes on is taken, and raises the floor")
{
    const auto first = accept_offer(std::nullopt, offer(6), standard);
    REQUIRE(first);
    CHECK(first->generation == 6);
    CHECK(accept_offer(*first, offer(7), standard)->generation == 7);
    CHECK(accept_offer(*first, offer(6), standard) == *first);
}

TEST_CASE("an offer that goes back, changes behind its number or is malformed is refused under its own code")
{
    const auto mark = *accept_offer(std::nullopt, offer(6), standard);
    CHECK(code_of_refusal(mark, offer(5)) == "generation_went_back");
    CHECK(code_of_refusal(mark, offer(6, R"({"vmid":101})")) == "content_changed");
    CHECK(code_of_refusal(mark, R"({"version":1,"generation":9,"guests":[{"vmid":1}]})") == "ill_formed");
    CHECK(code_of_refusal(mark, "nonsense") == "ill_formed");
}
