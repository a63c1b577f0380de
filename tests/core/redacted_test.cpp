// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/core/redacted.hpp>

using namespace felhom;

TEST_CASE("a secret that a server repeats is not shown")
{
    const auto key = secret{"k-0123456789"};
    CHECK(redacted("no k-0123456789 here, k-0123456789k-0123456789", key)
          == "no <redacted> here, <redacted><redacted>");
    CHECK(redacted("k-012345678", key) == "k-012345678");
    CHECK(redacted("abc", secret{"abc"}) == "abc");
    CHECK(redacted("abc", secret{""}) == "abc");
}
