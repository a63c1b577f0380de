// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/core/ascii.hpp>
#include <felhom/net/fingerprint.hpp>

#include <algorithm>
#include <string>

using felhom::net::fingerprint;

namespace {

const auto canonical = std::string{"00:01:7F:80:AB:CD:EF:FF:00:01:7F:80:AB:CD:EF:FF:"
                                   "00:01:7F:80:AB:CD:EF:FF:00:01:7F:80:AB:CD:EF:FF"};

auto without_colons(std::string text) -> std::string
{
    std::erase(text, ':');
    return text;
}

auto lower(const std::string& text) -> std::string
{
    return felhom::ascii::to_lower(text);
}

} // namespace

TEST_CASE("a fingerprint is the same in upper and lower case, with and without colons")
{
    const auto parsed = fingerprint::parse(canonical);
    REQUIRE(parsed.has_value());
    CHECK(parsed->text() == canonical);
    CHECK(parsed->bytes()[2] == 0x7F);
    for (const auto& text : {lower(canonical), without_colons(canonical), lower(without_colons(canonical))}) {
        INFO(text);
        CHECK(fingerprint::parse(text) == parsed);
    }
}

TEST_CASE("a fingerprint that is cut, too long, not hexadecimal or joined otherwise is refused")
{
    auto colon_moved = canonical;
    std::swap(colon_moved[2], colon_moved[3]);
    auto one_colon_missing = canonical;
    one_colon_missing.erase(2, 1);
    auto other_joint = canonical;
    std::ranges::replace(other_joint, ':', '-');
    auto not_hex = canonical;
    not_hex.front() = 'G';
    for (const auto& text :
         {std::string{}, canonical.substr(0, 59) /* a SHA-1 */, canonical + ":00", canonical + ":", " " + canonical,
          colon_moved, one_colon_missing, other_joint, not_hex, "SHA256:" + without_colons(canonical)}) {
        INFO(text);
        const auto parsed = fingerprint::parse(text);
        REQUIRE_FALSE(parsed.has_value());
        CHECK(parsed.error()
              == felhom::parse_error{"certificate fingerprint",
                                     "the SHA-256 as 32 hexadecimal pairs, with or without colons", text});
    }
}
