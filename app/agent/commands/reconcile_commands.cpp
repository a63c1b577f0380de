// SPDX-License-Identifier: Apache-2.0
#include "agent/commands/reconcile_commands.hpp"

#include <felhom/core/contains.hpp>
#include <felhom/core/json/writer.hpp>
#include <felhom/hub/report/refusal_json.hpp>
#include <felhom/operate/procedures/plan_pass.hpp>
#include <felhom/present/explain.hpp>
#include <felhom/present/pass_text.hpp>
#include <felhom/present/plan_json.hpp>
#include <felhom/present/plan_summary.hpp>
#include <felhom/present/plan_text.hpp>
#include <felhom/present/refusal_text.hpp>
#include <felhom/reconcile/desired/chosen_guests.hpp>
#include <felhom/reconcile/exit_codes.hpp>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace felhom::agent {

namespace {

[[nodiscard]] auto fail(const operate::pass_error& error, const proxmox::token_id& token, const console& to)
    -> exit_code
{
    to.err << "error: " << present::describe(error, token) << "\n";
    return present::exit_code_of(error);
}

} // namespace

auto run_plan(const node_io& in, loaded_pass asked, const plan_request& how, const console& to) -> exit_code
{
    auto chosen = reconcile::choose_guests(*asked.input.desired, how.guests);
    if (!chosen) {
        return fail(describe(chosen.error()), to);
    }
    asked.input.desired = reconcile::shared_desired{*std::move(chosen)};
    std::erase_if(asked.refused, [&](const hub::policy_refusal& refusal) {
        return !how.guests.empty()
               && std::ranges::none_of(how.guests, [&](vmid id) { return hub::may_be_of(refusal, id); });
    });
    const auto pass = run(in, operate::plan_pass(asked.input));
    if (!pass) {
        return fail(pass.error(), asked.input.token, to);
    }
    if (to.json) {
        auto document = present::to_json(pass->plan, pass->who);
        document["refused"] = hub::to_json(hub::reported(asked.refused));
        to.out << json_text(document);
    } else {
        auto around = context_of(asked);
        if (how.guests.empty()) { // `apply` knows no choice
            around.too_many = operate::too_many_in(pass->plan, how.guard);
        }
        auto format = to.format;
        format.width = how.full ? std::nullopt : format.width;
        to.out << (how.only_summary ? present::summary_of(pass->plan, around) + "\n"
                                    : present::to_text(pass->plan, around, format, pass->who));
    }
    // What the hub wants and this host does not let it have is not as desired, either.
    return reconcile::gravest(
        {reconcile::exit_code_of(pass->plan), asked.refused.empty() ? exit_code::success : exit_code::changes});
}

auto run_explain(const node_io& in, loaded_pass asked, vmid guest, const console& to) -> exit_code
{
    asked.input.desired = reconcile::shared_desired{reconcile::with_guest(*asked.input.desired, guest)};
    const auto pass = run(in, operate::plan_pass(asked.input));
    if (!pass) {
        return fail(pass.error(), asked.input.token, to);
    }
    const auto explained = present::explain(pass->desired, pass->actual, pass->plan, guest);
    if (!explained) {
        return fail("nothing is known of guest " + guest.text(), to);
    }
    if (to.json) {
        to.out << json_text(present::to_json(*explained));
    } else {
        to.out << present::to_text(*explained, to.format.style) << present::to_text(asked.refused, guest);
    }
    return exit_code::success;
}

} // namespace felhom::agent
