// SPDX-License-Identifier: Apache-2.0
#include "io/files/descriptor.hpp"
#include "io/files/whole_file.hpp"
#include "support/catch.hpp"
#include "support/unprivileged.hpp"

#include <fcntl.h>

#include <fstream>
#include <string>

using felhom::io::file_descriptor;
using felhom::io::read_file;

TEST_CASE("a file is read up to its limit, and what cannot be read is no empty file")
{
    const auto around = felhom::testing::scratch{};
    std::ofstream{around.path() + "/file"} << "12345";
    CHECK(read_file(around.path() + "/file", 5) == "12345");
    CHECK_FALSE(read_file(around.path() + "/file", 4).has_value());
    CHECK_FALSE(read_file(around.path(), 4096).has_value());
}

TEST_CASE("what a full device does not take is an error")
{
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): open(2) is one
    const auto full = file_descriptor{::open("/dev/full", O_WRONLY | O_CLOEXEC)};
    REQUIRE(full.is_open());
    CHECK_FALSE(felhom::io::write_all(full, "/dev/full", "text").has_value());
}
