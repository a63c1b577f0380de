// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/core/json/place.hpp>

#include <string_view>

using felhom::offset_of_member;

TEST_CASE("a member is found by its name, not where the name stands in a value or deeper")
{
    static constexpr auto text =
        std::string_view{R"({"note":"\"op\":\"x\"","op":"y","params":{"nonce":1,"list":[{"nonce":2}]},"nonce":"z"})"};
    CHECK(offset_of_member(text, "op") == text.find(R"("op":"y")"));
    CHECK(offset_of_member(text, "nonce") == text.find(R"("nonce":"z")"));
    CHECK_FALSE(offset_of_member(text, "list"));
    CHECK_FALSE(offset_of_member(text, "y"));
}

TEST_CASE("a name is found however it is spelled and spaced")
{
    CHECK(offset_of_member(" { \"\\u0076\" \n:\t1}", "v") == 3);
    CHECK(offset_of_member("{\"a\\\"b\":1,\"c\\\\\":2}", "a\"b") == 1);
    CHECK(offset_of_member("{\"a\\\"b\":1,\"c\\\\\":2}", "c\\") == 10);
}
