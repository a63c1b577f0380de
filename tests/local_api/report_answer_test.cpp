// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/local_api/report_answer.hpp>

#include <string>

using namespace felhom;
using namespace felhom::local_api;

TEST_CASE("what came of a report is read back from its text")
{
    for (const auto& answer :
         {report_answer{}, report_answer{.report = "{\"a\":\"\\u00e9\"}", .envelope = "{}\n"},
          report_answer{.report = "", .envelope = std::nullopt, .failure = "the hub answered 503"}}) {
        CHECK(parse_report_answer(print(answer)) == answer);
    }
}

TEST_CASE("an answer of another version, or without a member, is an error")
{
    auto text = print(report_answer{.report = "{}"});
    for (auto size = std::size_t{0}; size + 1 < text.size(); ++size) {
        CHECK_FALSE(parse_report_answer(text.substr(0, size)).has_value());
    }
    CHECK_FALSE(parse_report_answer(R"({"version":1,"report":null,"envelope":null})").has_value());
    text.replace(text.find("\"version\":1"), 11, "\"version\":2");
    CHECK_FALSE(parse_report_answer(text).has_value());
}
