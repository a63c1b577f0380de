// SPDX-License-Identifier: Apache-2.0
#include "agent/commands/agree_to_plan.hpp"

#include <felhom/operate/procedures/plan_pass.hpp>
#include <felhom/present/pass_text.hpp>
#include <felhom/present/plan_text.hpp>

#include <string>

namespace felhom::agent {

namespace {

[[nodiscard]] auto says_yes(const operate::consent& to_what, const asked_person& whom, const console& to) -> bool
{
    to.out << std::flush;
    to.err << "\nApply " << present::count(to_what.steps().size(), "change", "changes")
           << "? Only 'yes' is taken for consent: " << std::flush;
    auto answer = std::string{};
    return std::getline(whom.answers, answer) && answer == "yes";
}

} // namespace

auto agree_to_plan(const node_io& in, const loaded_pass& asked, const operate::guard_policy& guard,
                   const asked_person& whom, const console& to)
    -> tl::expected<std::optional<operate::consent>, exit_code>
{
    const auto pass = run(in, operate::plan_pass(asked.input));
    if (!pass) {
        return tl::unexpected{
            fail(present::describe(pass.error(), asked.input.token), to, present::exit_code_of(pass.error()))};
    }
    auto around = context_of(asked);
    around.too_many = operate::too_many_in(pass->plan, guard);
    if (!to.json) {
        to.out << present::to_text(pass->plan, around, to.format, pass->who);
    }
    auto consent = operate::consent::to(pass->plan);
    switch (operate::before_applying_of(
        pass->plan, {.said_yes = whom.said_yes, .can_ask = whom.can_ask, .is_held = around.too_many.has_value()})) {
    case operate::before_applying::goes_on:
        return whom.said_yes ? std::nullopt : std::optional{std::move(consent)};
    case operate::before_applying::agrees_to_none:
        return operate::consent{{}};
    case operate::before_applying::asks:
        if (says_yes(consent, whom, to)) {
            return consent;
        }
        to.err << "Nothing was changed.\n";
        return tl::unexpected{exit_code::refused};
    case operate::before_applying::refuses:
        break;
    }
    return tl::unexpected{fail("the plan does more than live changes, and there is no terminal to ask at: look at "
                               "`felhom-agent plan`, and carry it out with `felhom-agent apply --yes`",
                               to, exit_code::refused)};
}

} // namespace felhom::agent
