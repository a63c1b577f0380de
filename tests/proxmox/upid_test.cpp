// SPDX-License-Identifier: Apache-2.0
#include "proxmox/sample.hpp"
#include "support/catch.hpp"

#include <felhom/proxmox/tasks/upid.hpp>

#include <chrono>

using felhom::proxmox::upid;

TEST_CASE("a UPID is read with all its parts, and prints as it was")
{
    const auto* const text = "UPID:pve1:0000016F:0006B329:6B041E06:vzstart:999:felhom@pve!agent:";
    const auto read = upid::parse(text);
    REQUIRE(read.has_value());
    CHECK(read->node() == sample::node());
    CHECK(read->pid() == 0x16F);
    CHECK(read->pstart() == 0x6B329);
    CHECK(read->started() == std::chrono::sys_seconds{std::chrono::seconds{1795431942}});
    CHECK(read->type() == "vzstart");
    CHECK(read->id() == "999");
    CHECK(read->user() == "felhom@pve!agent");
    CHECK(read->text() == text);
}

TEST_CASE("the id of a UPID may be empty or hold an @, and after long uptime its third number has nine digits")
{
    CHECK(upid::parse("UPID:pve:00000CCA:0000D953:5FBE5E83:imgdel:100@local:root@pam:")->id() == "100@local");
    CHECK(upid::parse("UPID:pve:00000CCA:0000D953:5FBE5E83:vzdump::root@pam:")->id().empty());
    CHECK(upid::parse("UPID:pve:00000CCA:1FFFFFFFF:5FBE5E83:vzdump::root@pam:")->pstart() == 0x1FFFFFFFF);
    CHECK(upid::parse("UPID:pve:00000CCA:0000D953:5FBE5E83:vzdump::j\xc3\xb6rg@pam:")->user() == "j\xc3\xb6rg@pam");
}

TEST_CASE("what lacks a part, its last colon or a digit is no UPID")
{
    for (const auto* text :
         {"", "OK", "UPID:", "UPID:pve:00000CCA:0000D953:5FBE5E83:vzstart:100:root@pam",
          "UPID:pve:00000CCA:0000D953:5FBE5E83:vzstart:100:root@pam::",
          "UPID:pve:00000CCA:0000D953:5FBE5E83::100:root@pam:", "UPID:pve:00000CCA:0000D953:5FBE5E83:vzstart:100::",
          "UPID:pve:0000CCA:0000D953:5FBE5E83:vzstart:100:root@pam:",
          "UPID:pve:00000CCA:0000D9530A:5FBE5E83:vzstart:100:root@pam:",
          "UPID:pve:00000CCG:0000D953:5FBE5E83:vzstart:100:root@pam:",
          "UPID:pve:+0000CCA:0000D953:5FBE5E83:vzstart:100:root@pam:",
          "UPID:-pve:00000CCA:0000D953:5FBE5E83:vzstart:100:root@pam:",
          "UPID:pve:00000CCA:0000D953:5FBE5E83:vz/start:100:root@pam:",
          "UPID:pve:00000CCA:0000D953:5FBE5E83:vzstart:1 0:root@pam:",
          "upid:pve:00000CCA:0000D953:5FBE5E83:vzstart:100:root@pam:"}) {
        INFO(text);
        CHECK_FALSE(upid::parse(text).has_value());
    }
}
