// SPDX-License-Identifier: Apache-2.0
#include "reconcile/builders.hpp"
#include "support/catch.hpp"

#include <felhom/operate/procedures/execute.hpp>
#include <felhom/proxmox/lxc/key_table.hpp>
#include <felhom/proxmox/model/harmless_changes.hpp>
#include <felhom/reconcile/desired/desired_json.hpp>

#include <array>
#include <string>

using namespace felhom;
using namespace felhom::reconcile;
using namespace felhom::testing;

namespace {

constexpr auto added = std::array{
    lxc::config_key{.key = "x-owner", .admits = lxc::text{255, lxc::is_name_word}, .privilege = "VM.Config.Options"},
};

auto desired_owner(const std::string& owner) -> tl::expected<desired_state, desired_error>
{
    return parse_desired_state(R"({"version":1,"generation":1,"guests":[{"vmid":101,"config":{"x-owner":")" + owner
                                   + R"("}}]})",
                               lxc::key_table::extended(added));
}

} // namespace

TEST_CASE("a row of another project goes from the document through the plan into a request")
{
    const auto table = lxc::key_table::extended(added);
    const auto desired = desired_owner("ann");
    REQUIRE(desired.has_value());
    const auto normal = normalize(*desired, {.release = {9, 1}}, table);
    REQUIRE(normal.has_value());
    const auto made = planned(*normal, observed({actual_guest_builder{101}.build()}));
    REQUIRE(made.actions().size() == 1);
    const auto request =
        operate::operation_of(made.actions().front(),
                              {.node = *node_name::parse("pve1"), .facts = {}, .patience = {}, .table = table})
            .request;
    REQUIRE(request.has_value());
    CHECK(request->form() == "digest=" + std::string{a_digest} + "&x-owner=ann");
}

TEST_CASE("a row of another project is held to what it admits")
{
    CHECK_FALSE(desired_owner("ann of cleves").has_value());
    const auto in_request = proxmox::config_changes::make({{.key = "x-owner", .value = "ann of cleves"}}, {},
                                                          lxc::key_table::extended(added));
    CHECK(in_request.error() == proxmox::config_changes_error{proxmox::value_not_admitted{"x-owner", "ann of cleves"}});
}

TEST_CASE("a row of another project for more mount points makes none of them anybody's to change")
{
    static constexpr auto more_mount_points =
        std::array{lxc::config_key{.key = "mp", .indices = 512, .admits = lxc::text{255, lxc::is_name_word}}};
    const auto table = lxc::key_table::extended(more_mount_points);
    auto removal = proxmox::config_changes::make({}, {"mp300"}, table);
    REQUIRE(removal.has_value());
    const auto made = proxmox::harmless_changes::of(*std::move(removal));
    REQUIRE_FALSE(made.has_value());
    CHECK(made.error().key == "mp300");
}

TEST_CASE("without its row no call carries the key")
{
    const auto in_request = proxmox::config_changes::make({{.key = "x-owner", .value = "ann"}}, {});
    CHECK(in_request.error() == proxmox::config_changes_error{proxmox::key_not_settable{"x-owner"}});
}
