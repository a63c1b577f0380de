// SPDX-License-Identifier: Apache-2.0
#include "sample.hpp"
#include "support/catch.hpp"

#include <felhom/proxmox/model/guest_lookup.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace felhom;
using namespace felhom::net;
using namespace felhom::proxmox;

namespace {

/// What node and cluster answer about guest 101.
struct told {
    std::string on_node = "[]";
    std::string in_cluster = "[]";
    exchanged cluster_status = sample::data(R"([{"type":"node","name":"pve1","online":1}])");
    std::string nodes = R"([{"type":"node","node":"pve1","status":"online"}])";
    std::string rights =
        R"({"/vms/101":{"VM.Audit":1}})"; // of which Proxmox VE tells what holds, wherever it comes from
};

auto where_is(told answers) -> tl::expected<whereabouts, call_error>
{
    const auto asked = whereabouts_questions(sample::guest(), sample::node());
    return understand_whereabouts(sample::guest(), sample::node(),
                                  asked.understand({sample::data(answers.on_node), sample::data(answers.in_cluster),
                                                    std::move(answers.cluster_status), sample::data(answers.nodes),
                                                    sample::data(answers.rights)}));
}

constexpr auto on_pve2 = R"([{"type":"lxc","vmid":101,"node":"pve2","status":"running"}])";
const auto forbidden = sample::error(403, "Permission check failed (/, Sys.Audit)");

auto is_not_told(const tl::expected<whereabouts, call_error>& found, const std::string& why) -> bool
{
    const auto* const unknown = found ? std::get_if<guest_not_listed>(&*found) : nullptr;
    return unknown != nullptr && unknown->why.find(why) != std::string::npos;
}

} // namespace

TEST_CASE("a guest that the node lists is here, and so is one that only the cluster's list has here already")
{
    CHECK(where_is({.on_node = R"([{"vmid":101,"status":"stopped"}])"}) == whereabouts{guest_is_here{}});
    CHECK(where_is({.in_cluster = R"([{"type":"lxc","vmid":101,"node":"pve1","status":"running"}])"})
          == whereabouts{guest_is_here{}});
}

TEST_CASE("a guest of another node is there, and a number may be a virtual machine's")
{
    CHECK(where_is({.in_cluster = on_pve2}) == whereabouts{guest_is_elsewhere{sample::node("pve2")}});
    CHECK(where_is({.in_cluster = R"([{"type":"qemu","vmid":101,"node":"pve1","status":"running"}])"})
          == whereabouts{guest_is_elsewhere{sample::node(), cluster_guest::kind::qemu}});
}

TEST_CASE("a guest that would be seen, and that no node of a quorate cluster lists, is nowhere")
{
    CHECK(where_is({}) == whereabouts{guest_is_nowhere{}});
    CHECK(where_is({.cluster_status = sample::data(R"([{"type":"cluster","quorate":1}])"),
                    .nodes = R"([{"node":"pve1","status":"online"},{"node":"pve2","status":"offline"}])"})
          == whereabouts{guest_is_nowhere{}});
}

TEST_CASE("what is granted on the guest itself goes with it, and proves nothing once it is not listed")
{
    CHECK(is_not_told(where_is({.rights = "{}"}), "VM.Audit on /vms stays"));
    CHECK(is_not_told(where_is({.rights = R"({"/vms/101":{"VM.PowerMgmt":1}})"}), "VM.Audit on /vms stays"));
}

TEST_CASE("without quorum a node tells what was so before")
{
    CHECK(is_not_told(where_is({.cluster_status = sample::data(R"([{"type":"cluster","quorate":0}])")}), "no quorum"));
}

TEST_CASE("a token that may not ask for quorum knows of it where every node is online")
{
    CHECK(where_is({.cluster_status = forbidden}) == whereabouts{guest_is_nowhere{}});
    CHECK(is_not_told(where_is({.cluster_status = forbidden,
                                .nodes = R"([{"node":"pve1","status":"online"},{"node":"pve2","status":"offline"}])"}),
                      "Sys.Audit on /"));
    CHECK(is_not_told(where_is({.cluster_status = forbidden, .nodes = "[]"}), "Sys.Audit on /"));
    const auto unsure = where_is({.cluster_status = forbidden, .nodes = "[]"});
    const auto* const unread = unsure ? std::get_if<guest_not_listed>(&*unsure) : nullptr;
    REQUIRE(unread != nullptr);
    CHECK_FALSE(unread->may_be_hidden);
    CHECK(unread->unread.has_value());
}

TEST_CASE("where a guest is is not known unless both lists of guests are read")
{
    CHECK_FALSE(where_is({.on_node = "{}"}).has_value());
    CHECK_FALSE(where_is({.in_cluster = "{}"}).has_value());
}
