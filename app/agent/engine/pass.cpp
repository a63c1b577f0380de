#include "agent/engine/pass.hpp"

#include "agent/engine/ask.hpp"

#include <felhom/core/overloaded.hpp>
#include <felhom/reconcile/exit_codes.hpp>
#include <felhom/reconcile/missing_guests.hpp>
#include <felhom/reconcile/observation.hpp>
#include <felhom/reconcile/results_text.hpp>

#include <cstddef>
#include <string>
#include <utility>

namespace felhom::agent {

auto describe(const pass_error& error, const proxmox::token_id& token) -> std::string
{
    return std::visit(overloaded{
                          [&](const reconcile::unread_node& e) { return reconcile::describe(e, token); },
                          [](const reconcile::inventory_shrank& e) { return reconcile::describe(e); },
                          [](const reconcile::invalid_desired& e) { return reconcile::describe(e); },
                          [](const reconcile::invalid_observed& e) { return reconcile::describe(e); },
                      },
                      error);
}

auto exit_code_of(const pass_error& error) -> exit_code
{
    return std::visit(overloaded{
                          [](const reconcile::unread_node& e) { return reconcile::exit_code_of(e.why); },
                          [](const reconcile::inventory_shrank&) { return exit_code::refused; },
                          [](const reconcile::invalid_desired&) { return exit_code::configuration; },
                          [](const reconcile::invalid_observed&) { return exit_code::error; },
                      },
                      error);
}

auto make_pass(const node_io& in, const pass_input& input) -> tl::expected<planned_pass, pass_error>
{
    using failed = tl::unexpected<pass_error>;
    auto survey = reconcile::understand_survey(input.node, ask(in, reconcile::survey_questions(input.node)));
    if (!survey) {
        return failed{std::move(survey).error()};
    }
    auto accepted =
        reconcile::accept_inventory(input.last_inventory, reconcile::inventory_of(*survey), input.inventory_rule);
    if (!accepted) {
        return failed{std::move(accepted).error()};
    }
    const auto facts = reconcile::facts_of(*survey);
    const auto desired = reconcile::normalize(input.desired, facts, input.table);
    if (!desired) {
        return failed{desired.error()};
    }
    const auto wanted = reconcile::guests_to_read(input.desired, *survey);
    auto answers = ask(in, reconcile::config_questions(input.node, *survey, wanted));
    const auto missing = reconcile::missing_guests(input.desired, *survey);
    auto located =
        reconcile::understand_missing(input.node, *survey, missing, ask(in, reconcile::missing_questions(missing)));
    auto actual = reconcile::understand_observation(input.node, *std::move(survey), *std::move(accepted), wanted,
                                                    std::move(answers));
    actual.missing = std::move(located);
    auto plan = reconcile::make_plan(*desired, actual, input.plan_rule);
    if (!plan) {
        return failed{std::move(plan).error()};
    }
    auto who = proxmox::caller{.token = input.token, .granted = actual.granted};
    return planned_pass{
        .desired = *desired, .actual = std::move(actual), .who = std::move(who), .plan = *std::move(plan)};
}

} // namespace felhom::agent
