// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/overloaded.hpp>
#include <felhom/hub/desired_status.hpp>
#include <felhom/hub/generation_mark.hpp>
#include <felhom/proxmox/lxc/key_table.hpp>
#include <felhom/reconcile/desired/desired_json.hpp>

#include <tl/expected.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace felhom::hub {

/// Why a desired state that the hub offers is not taken: the one before stays in force.
using offer_refusal = std::variant<mark_refusal, reconcile::desired_error>;

[[nodiscard]] inline auto describe(const offer_refusal& why) -> std::string
{
    return std::visit(overloaded{
                          [](const mark_refusal& e) { return describe(e); },
                          [](const reconcile::desired_error& e) {
                              return "the desired state that the hub offers is wrong: " + reconcile::describe(e);
                          },
                      },
                      why);
}

/// As it stands in the report.
[[nodiscard]] inline auto reported(const offer_refusal& why) -> reported_refusal
{
    const auto code = std::visit(overloaded{
                                     [](const mark_refusal& e) { return code_of(e); },
                                     [](const reconcile::desired_error&) { return std::string_view{"ill_formed"}; },
                                 },
                                 why);
    return {.guest = std::nullopt, .key = std::nullopt, .code = std::string{code}, .detail = describe(why)};
}

/// The mark that taking this text leaves, if it may be taken: it is well-formed, and its generation does not go back.
[[nodiscard]] inline auto accept_offer(const std::optional<generation_mark>& mark, std::string_view text,
                                       const lxc::key_table& table) -> tl::expected<generation_mark, offer_refusal>
{
    const auto state = reconcile::parse_desired_state(text, table);
    if (!state) {
        return tl::unexpected<offer_refusal>(state.error());
    }
    return raise_mark(mark, state->generation, text).map_error([](const mark_refusal& why) {
        return offer_refusal{why};
    });
}

} // namespace felhom::hub
