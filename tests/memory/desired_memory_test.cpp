// SPDX-License-Identifier: Apache-2.0
#include "memory/documents.hpp"
#include "memory/limited.hpp"
#include "reconcile/builders.hpp"
#include "support/catch.hpp"

#include <felhom/hub/desired_offer.hpp>
#include <felhom/hub/hub_policy.hpp>
#include <felhom/hub/kept_desired.hpp>
#include <felhom/proxmox/lxc/key_table.hpp>
#include <felhom/reconcile/desired/desired_json.hpp>
#include <felhom/reconcile/desired/normal_desired.hpp>
#include <felhom/reconcile/desired/shared_desired.hpp>
#include <felhom/reconcile/plan/planner.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace felhom;
using namespace felhom::testing;

namespace {

const auto& standard = lxc::key_table::standard();

/// What a pass makes of a desired state on a node with these guests.
auto is_planned(const reconcile::shared_desired& desired, std::vector<reconcile::actual_guest> guests) -> bool
{
    const auto normal = reconcile::normalize(desired, {.release = {9, 1}}, standard);
    return normal && reconcile::make_plan(*normal, observed(std::move(guests)), {}).has_value();
}

auto desired_in(const std::string& text) -> std::optional<reconcile::desired_state>
{
    auto desired = reconcile::parse_desired_state(text, standard);
    return desired ? std::optional{*std::move(desired)} : std::nullopt;
}

/// A pass by a file of the owner's, in which nothing is refused.
auto passes(const std::string& text) -> bool
{
    auto desired = desired_in(text);
    return desired && is_planned(*std::move(desired), {actual_guest_builder{100}.with("memory", "512").build()});
}

auto document_in(const std::string& kept) -> hub::desired_document
{
    return hub::parse_kept_desired(kept).value();
}

/// What is kept of the hub, as far as the policy lets it.
auto permitted_in(std::string kept, const hub::hub_policy& policy) -> std::optional<hub::permitted_desired>
{
    const auto document = document_in(kept);
    kept = std::string{};
    kept.shrink_to_fit();
    auto desired = desired_in(document.text);
    return desired ? std::optional{hub::permit(*std::move(desired), policy, {}, standard)} : std::nullopt;
}

/// A pass by that.
auto passes_for_hub(std::string kept, const hub::hub_policy& policy) -> bool
{
    auto permitted = permitted_in(std::move(kept), policy);
    if (!permitted) {
        return false;
    }
    const auto told = hub::reported(permitted->refused);
    return told.size() <= hub::most_told_refusals + 1 && is_planned(std::move(permitted->state), {});
}

auto kept_of_hub(std::string text) -> std::string
{
    return *hub::print_kept_desired({.text = std::move(text)});
}

auto every_key() -> hub::hub_policy
{
    return {.keys = {{.key = "mp", .values = hub::any_value{}}, {.key = "dev", .values = hub::any_value{}}}};
}

/// As many values as 16 MiB may hold, nearly all of them keys of guests.
auto of_many_keys() -> std::string
{
    return filled_up(desired_of(4096, [] { return unset_keys(252); }), 16 * mebibyte);
}

auto of_mount_points() -> std::string
{
    return filled_up(desired_of(4096,
                                [] {
                                    return listed(120, [](std::size_t number) {
                                        return "\"mp" + std::to_string(number) + R"(":"/a/b,mp=/c/d/e/f")";
                                    });
                                }),
                     16 * mebibyte);
}

auto of_long_texts() -> std::string
{
    return filled_up(desired_of(1900, [] { return R"("description":")" + std::string(8'000, 'x') + "\""; }),
                     16 * mebibyte);
}

} // namespace

TEST_CASE("a pass by an accepted desired state takes at most 8 times its bytes, and 16 MiB beside")
{
    CHECK(read_within_bounds(of_many_keys(), passes) == work_end::did);
    CHECK(read_within_bounds(of_mount_points(), passes) == work_end::did);
    CHECK(read_within_bounds(of_long_texts(), passes) == work_end::did);
    CHECK(read_within_bounds(filled_up(desired_of(4096, [] { return ""; }), mebibyte), passes) == work_end::did);
}

TEST_CASE("a pass by what is kept of the hub takes no more, whatever of it local policy refuses")
{
    for (const auto& policy : {hub::hub_policy{}, every_key()}) {
        const auto pass = [&](std::string text) { return passes_for_hub(std::move(text), policy); };
        CHECK(read_within_bounds(kept_of_hub(of_many_keys()), pass) == work_end::did);
        CHECK(read_within_bounds(kept_of_hub(of_mount_points()), pass) == work_end::did);
        CHECK(read_within_bounds(kept_of_hub(of_long_texts()), pass) == work_end::did);
    }
}

TEST_CASE("a plan for guests of which every key is another takes no more than its document allows")
{
    const auto text = filled_up(desired_of(64, [] { return unset_keys(252); }), mebibyte);
    const auto pass = [](const std::string& document) {
        auto desired = reconcile::parse_desired_state(document, standard);
        auto guests = std::vector<reconcile::actual_guest>{};
        for (auto id = 100U; id < 164; ++id) {
            auto guest = actual_guest_builder{id};
            for (auto number = 0; number < 252; ++number) {
                guest.with("mp" + std::to_string(number), "local:1,mp=/a");
            }
            guests.push_back(guest.build());
        }
        return desired && is_planned(*std::move(desired), std::move(guests));
    };
    CHECK(read_within_bounds(text, pass) == work_end::did);
}

TEST_CASE("a desired state that is refused takes no more")
{
    const auto is_refused = [](const std::string& text) {
        return !hub::accept_offer(std::nullopt, text, standard).has_value();
    };
    const auto all = 16 * mebibyte;
    CHECK(read_within_bounds("[" + listed(all / 2 - 1, [](auto) { return "1"; }) + "]", is_refused) == work_end::did);
    CHECK(read_within_bounds("[" + listed(all / 3 - 1, [](auto) { return "{}"; }) + "]", is_refused) == work_end::did);
    CHECK(read_within_bounds(std::string(all, '['), is_refused) == work_end::did);
    CHECK(read_within_bounds(desired_of(4096, [] { return unset_keys(500); }), is_refused) == work_end::did);
    const auto of_objects = [](std::size_t) {
        return "{" + listed(100, [](std::size_t number) { return "\"" + std::to_string(number) + "\":{\"\":{}}"; })
               + "}";
    };
    CHECK(read_within_bounds(filled_up("[" + listed(5000, of_objects) + "]", all), is_refused) == work_end::did);
}
