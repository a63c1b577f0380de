// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/core/loopback_address.hpp>

using felhom::loopback_address;

TEST_CASE("an address of this machine alone, and a port, is taken")
{
    CHECK(loopback_address::parse("127.0.0.1:9101").value().text() == "127.0.0.1:9101");
    CHECK(loopback_address::parse("127.1.2.3:1").value().host() == "127.1.2.3");
    CHECK(loopback_address::parse("[::1]:65535").value().text() == "[::1]:65535");
    CHECK(loopback_address::parse("[::1]:0").value().port() == 0);
}

TEST_CASE("an address that others reach, a name, or half an address is refused")
{
    for (const auto* const text :
         {"0.0.0.0:9101", "192.0.2.1:9101", "localhost:9101", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", ":9101",
          "127.0.0:9101", "127.0.0.0.1:9101", "127.0.0.256:9101", "127..0.1:9101", "[::]:9101", "::1:9101", "", ":",
          "127.0.0.1:9101 ", "128.0.0.1:1"}) {
        INFO(text);
        CHECK_FALSE(loopback_address::parse(text).has_value());
    }
}
