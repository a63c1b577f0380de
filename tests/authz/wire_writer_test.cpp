// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/authz/sshsig/wire_writer.hpp>

#include <string>

using felhom::authz::wire_writer;

TEST_CASE("what does not fit a message leaves it incomplete for good, whatever follows")
{
    CHECK(wire_writer{}.raw(std::string(256, 'x')).complete());
    CHECK_FALSE(wire_writer{}.raw(std::string(257, 'x')).complete());
    auto message = wire_writer{};
    static_cast<void>(message.raw("SSHSIG").string(std::string(300, 'x')));
    CHECK_FALSE(message.complete());
    CHECK_FALSE(message.string("short").complete());
}
