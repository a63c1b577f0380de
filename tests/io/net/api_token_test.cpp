// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/proxmox/api/api_token.hpp>

#include <string>

using felhom::parse_error;
using felhom::secret;
using felhom::proxmox::api_token;

namespace {

const auto uuid = std::string{"0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"};

auto authorization(const std::string& id) -> std::string
{
    const auto token = api_token::parse(id, secret{uuid});
    return token ? std::string{token->authorization().reveal()} : "refused";
}

} // namespace

TEST_CASE("a token's header holds its id and its secret as PVE splits them")
{
    CHECK(authorization("felhom@pve!agent") == "PVEAPIToken=felhom@pve!agent=" + uuid);
    CHECK(authorization("a.b-c@my.realm-1!t_2") == "PVEAPIToken=a.b-c@my.realm-1!t_2=" + uuid);
}

TEST_CASE("what PVE would decode or cut in a token's header is percent-encoded")
{
    CHECK(authorization("o;h%=n@x!y@pve!agent") == "PVEAPIToken=o%3Bh%25%3Dn@x!y@pve!agent=" + uuid);
    CHECK(authorization("j\xC3\xB6rg@pve!agent") == "PVEAPIToken=j%C3%B6rg@pve!agent=" + uuid);
}

TEST_CASE("a token id that is not USER@REALM!TOKENID is refused")
{
    for (const auto* id :
         {"", "felhom", "felhom@pve", "felhom!agent", "@pve!agent", "felhom@!agent", "felhom@pve!", "felhom@p!agent",
          "felhom@pve!a", "felhom@1pve!agent", "felhom@pve!1agent", "fel hom@pve!agent", "fel:hom@pve!agent",
          "fel/hom@pve!agent", "felhom@pve!agent ", "felhom@pve!age=nt",
          "felhom@pve!agent=0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0", "felhom@pve!agent\r\nX: y", "fel\rhom@pve!agent"}) {
        INFO(id);
        const auto token = api_token::parse(id, secret{uuid});
        REQUIRE_FALSE(token.has_value());
        CHECK(token.error()
              == parse_error{"API token id", "USER@REALM!TOKENID, such as felhom@pve!agent", "(not shown)"});
    }
}

TEST_CASE("a token secret that is no UUID is refused and not shown")
{
    for (const auto& text : {std::string{}, "x" + uuid, uuid.substr(1), "g" + uuid.substr(1), uuid + "\r\n",
                             std::string{"0f1e2d3c04b5a06978087960a5b4c3d2e1f0"}}) {
        const auto token = api_token::parse("felhom@pve!agent", secret{text});
        REQUIRE_FALSE(token.has_value());
        CHECK(token.error()
              == parse_error{"API token secret", "the UUID that PVE showed when the token was made", "(not shown)"});
    }
}
