// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "operate/signing.hpp"
#include "program.hpp"

#include <felhom/authz/operation/bundle.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>
#include <filesystem>
#include <string>

namespace felhom::testing {

[[nodiscard]] inline auto wall_clock() -> instant
{
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

/// An agent that one operator may sign for, on a node with a stopped guest 110 that nobody needs.
class signing_agent : public program {
public:
    signing_agent()
    {
        settings["FELHOM_AGENT_HUB_HOST_ID"] = this_host.text();
        settings["FELHOM_AGENT_AUTHZ_SIGNERS"] = boost::json::serialize(boost::json::array{
            boost::json::object{{"authorized_key", operator_key.line()}, {"tag", "operational"}, {"key_id", "op-1"}}});
        server.with_node([&](sim::node& node) {
            sim::add_guest(node, 110,
                           "arch: amd64\nhostname: old\nmemory: 64\nostype: debian\n"
                           "rootfs: local-zfs:subvol-110-disk-0,size=1G\n");
            digest_ = sim::digest_of(node.guests.at(110).config);
        });
    }

    /// The bundle that destroys 110 as it is now.
    [[nodiscard]] auto bundle(const authz::test_key& by = operator_key) const -> std::string
    {
        auto op = operation_builder{"guest.destroy", 110};
        op.seen_at(digest_).valid(wall_clock() - std::chrono::minutes{1}, wall_clock() + std::chrono::minutes{10});
        const auto submitted = op.signed_by(by);
        const auto text = authz::write_bundle({.blob = submitted.blob, .armor = submitted.armors.front()});
        return files.write("destroy.bundle", *text);
    }

    /// Puts that bundle in the drop box, which must be there.
    void drop() const
    {
        const auto box = std::filesystem::path{files.path() + "/state/signed-ops"};
        std::filesystem::copy_file(bundle(), box / "1.tmp");
        std::filesystem::rename(box / "1.tmp", box / "1.bundle");
    }

    [[nodiscard]] auto destroyed() -> int
    {
        auto times = 0;
        server.with_node([&](sim::node& node) { times = node.effects_of(110, "destroy"); });
        return times;
    }

private:
    std::string digest_;
};

} // namespace felhom::testing
