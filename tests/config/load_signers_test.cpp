// SPDX-License-Identifier: Apache-2.0
#include "settings_builder.hpp"

#include <felhom/config/load_signers.hpp>

#include <range/v3/algorithm/any_of.hpp>

using namespace felhom::config;
using namespace felhom::config::testing;

namespace {

constexpr auto good_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAhqYyyihyPCidSdW/y9z25/DMpmiI6mji/QAWEJmoPv operator";

auto list_of(const std::vector<std::string>& keys) -> std::string
{
    auto text = std::string{};
    for (const auto& one : keys) {
        text += (text.empty() ? "" : ",") + (R"({"authorized_key":")" + one + R"(","tag":"operational","key_id":"k"})");
    }
    return "[" + text + "]";
}

auto loaded(const std::vector<std::string>& keys)
{
    return load_signers(layers(with({}, "authz.signers", list_of(keys))));
}

} // namespace

TEST_CASE("the signers of the configuration are loaded with their keys and limits")
{
    const auto signers = loaded({good_key});
    REQUIRE(signers.has_value());
    REQUIRE(signers->all().size() == 1);
    CHECK(signers->all().front()->key_id() == "k");
}

TEST_CASE("one key that cannot be loaded refuses all signers, by its place in the list")
{
    const auto signers = loaded({good_key, "ssh-ed25519 AAAA"});
    REQUIRE_FALSE(signers.has_value());
    CHECK(signers.error()
          == config_errors{bad_value{"authz.signers[1].authorized_key", origin::environment,
                                     "key type at byte 0 to be 4 bytes", "3 bytes"}});
    CHECK_FALSE(loaded({good_key, good_key}).has_value());
}

TEST_CASE("a key whose private half is published is refused, with the name of the publication")
{
    const auto published = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea operator";
    const auto wrong = check_with_signers(layers(with({}, "authz.signers", list_of({published}))), part::authz);
    CHECK(ranges::any_of(wrong, [](const config_error& error) {
        return describe(error).find("a key of RFC 8032, section 7, whose private half is published")
               != std::string::npos;
    }));
}

TEST_CASE("a list that nobody gave is missing")
{
    CHECK(load_signers(layers({})).error() == config_errors{missing_value{"authz.signers", ""}});
}
