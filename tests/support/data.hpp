// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/catch.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <fstream>
#include <iterator>
#include <string>

namespace felhom::testing {

/// A file of tests/data, whole.
[[nodiscard]] inline auto read_data(const std::string& name) -> std::string
{
    auto in = std::ifstream{std::string{FELHOM_DATA "/"} + name, std::ios::binary};
    INFO("tests/data/" << name);
    REQUIRE(in.good());
    return {std::istreambuf_iterator<char>{in}, {}};
}

[[nodiscard]] inline auto read_json_data(const std::string& name) -> boost::json::value
{
    return boost::json::parse(read_data(name));
}

} // namespace felhom::testing
