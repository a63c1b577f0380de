#include "agent/reconcile_commands.hpp"

#include <felhom/core/json_text.hpp>
#include <felhom/hub/refusal_json.hpp>
#include <felhom/reconcile/explain.hpp>
#include <felhom/reconcile/plan_json.hpp>
#include <felhom/reconcile/plan_text.hpp>
#include <felhom/reconcile/verdict.hpp>

#include <vector>

namespace felhom::agent {

namespace {

[[nodiscard]] auto fail(const pass_error& error, const pass_input& input, const console& to) -> exit_code
{
    to.err << "error: " << describe(error, input.token) << "\n";
    return exit_code_of(error);
}

} // namespace

auto run_plan(const world& in, const pass_input& input, const console& to) -> exit_code
{
    const auto pass = make_pass(in, input);
    if (!pass) {
        return fail(pass.error(), input, to);
    }
    if (to.json) {
        auto refused = std::vector<hub::reported_refusal>{};
        for (const auto& refusal : input.refused) {
            refused.push_back(hub::reported(refusal));
        }
        auto document = reconcile::to_json(pass->plan, pass->who);
        document["refused"] = hub::to_json(refused);
        to.out << json_text(document);
    } else {
        to.out << reconcile::to_text(pass->plan, to.style, pass->who);
        for (const auto& refusal : input.refused) {
            to.out << "guest " << refusal.id.text() << (refusal.key.empty() ? "" : ", " + refusal.key)
                   << ": not for the hub: " << hub::describe(refusal.why) << "\n";
        }
    }
    return reconcile::exit_code_of(pass->plan);
}

auto run_explain(const world& in, const pass_input& input, vmid guest, const console& to) -> exit_code
{
    const auto pass = make_pass(in, input);
    if (!pass) {
        return fail(pass.error(), input, to);
    }
    const auto explained = reconcile::explain(pass->desired, pass->actual, pass->plan, guest);
    if (!explained) {
        to.err << "error: guest " << guest.text() << " is not in the desired state, so nothing is planned for it\n";
        return exit_code::error;
    }
    if (to.json) {
        to.out << json_text(reconcile::to_json(*explained));
    } else {
        to.out << reconcile::to_text(*explained, to.style);
    }
    return exit_code::success;
}

} // namespace felhom::agent
