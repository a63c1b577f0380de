// SPDX-License-Identifier: Apache-2.0
#include "authz/support/vectors.hpp"
#include "support/catch.hpp"
#include "support/store_in_memory.hpp"

#include <string>

using namespace felhom;
using namespace felhom::authz;

TEST_CASE("every vector gets its expected verdict")
{
    REQUIRE(vectors::cases().size() == 140);
    for (const auto& [name, one] : vectors::cases()) {
        INFO(name);
        if (one.signers_name == "with-rsa1024") {
            CHECK_FALSE(vectors::listed(one.signers_name).has_value());
            continue;
        }
        const auto made = vectors::run(one);
        INFO((made ? std::string{"accepted"} : describe(made.error())));
        CHECK(vectors::verdict(made) == one.expected);
        if (made && !one.key_id.empty()) {
            CHECK(made->by().key_id() == one.key_id);
            CHECK(authz::name(made->by().tag()) == one.tag);
        }
    }
}

TEST_CASE("every sequence of operations against one memory of nonces gets its expected verdicts")
{
    const auto manifest = vectors::json("manifest.json");
    REQUIRE(manifest.at("sequences").as_array().size() == 8);
    for (const auto& sequence : manifest.at("sequences").as_array()) {
        INFO(vectors::text(sequence, "name"));
        auto store = tests::store_in_memory{};
        for (const auto& step : sequence.at("steps").as_array()) {
            if (step.as_object().contains("action")) {
                REQUIRE(vectors::text(step, "action") == "reopen-store");
                store.reopen();
                continue;
            }
            const auto& one = vectors::cases().at(vectors::text(step, "case"));
            INFO(one.name);
            const auto now = step.as_object().contains("now") ? *parse_instant(vectors::text(step, "now")) : one.now;
            const auto made = vectors::run(one, now).and_then([&](timely&& op) { return store.claim(std::move(op)); });
            CHECK(vectors::verdict(made) == vectors::text(step, "expected"));
        }
    }
}
