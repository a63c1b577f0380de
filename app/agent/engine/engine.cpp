#include "agent/engine/engine.hpp"

#include <felhom/authz/operation.hpp>
#include <felhom/operate/inbox.hpp>
#include <felhom/operate/operation_params.hpp>

#include <range/v3/view/take.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace felhom::agent {

namespace {

/// The guest in whose lane signatures belong; nothing where its bytes are no operation, which the gate will say.
[[nodiscard]] auto guest_named_by(const operate::signature_set& submitted, const operate::gate_policy& policy)
    -> std::optional<authz::operation>
{
    auto read = authz::parse_operation(submitted.blob, policy.times.longest_window);
    return read ? std::optional{*std::move(read)} : std::nullopt;
}

/// What it takes of the node besides its guest. One whose parameters are wrong does nothing, as the gate will say.
[[nodiscard]] auto kind_of(const authz::operation& named) -> operate::job_kind
{
    const auto what = operate::parse_signed_operation(named.op, named.params);
    return what && operate::makes_volumes(*what) ? operate::job_kind::allocating : operate::job_kind::plain;
}

/// Ends rows of failures and begins them, as the ledger now stands.
void settle(const operation_io& in, const pass_input& input, const engine_rules& rules)
{
    if (const auto noted = operate::settle_clock(in.ledger(), in.in.now(), rules.guard)) {
        static_cast<void>(in.append(*noted)); // until it is recorded, the future counts as now at each look
    }
    for (const auto& record : operate::settle(in.ledger(), input.desired.generation, in.in.now(), rules.guard)) {
        static_cast<void>(in.append(record)); // the next pass comes to the same
    }
}

/// Keeps the signatures that hold, for an operation that needs more of them.
void count_signatures(const operation_io& in, const engine_rules& rules, const operate::signature_set& submitted,
                      const operate::ledger& known)
{
    for (const auto& signature : operate::gate::signatures_of(submitted, in.look_around(), rules.gate)) {
        const auto counted = known.signatures(signature.blob);
        const auto is_same = [&](const operate::signature_counted& other) { return other.signer == signature.signer; };
        if (!std::ranges::any_of(counted, is_same)) {
            static_cast<void>(in.append(signature)); // the bundle itself is what counts; this is for the record
        }
    }
}

/// Adds a look at each of these operations, in its guest's lane.
void look_again_at(const std::vector<operate::operation_state>& all, const operate::node_context& at,
                   std::vector<lane_job>& jobs)
{
    for (const auto& one : all) {
        jobs.push_back({.guest = one.guest,
                        .kind = operate::job_kind::plain,
                        .work = operate::look_again(one, at),
                        .name = "look at operation " + std::to_string(number(one.id))});
    }
}

/// The operations whose tasks took longer than they were waited for.
[[nodiscard]] auto followed_in(const operate::ledger& known) -> std::vector<operate::operation_state>
{
    auto all = known.open_questions();
    std::erase_if(all, [](const operate::operation_state& one) { return !one.is_followed(); });
    return all;
}

/// Why a signed operation waits though nothing speaks against it: the task of another one on its guest still runs.
[[nodiscard]] auto behind_another(const authz::operation& named, const operate::signature_set& submitted,
                                  const sha256_digest& blob, const operation_io& in, const engine_rules& rules)
    -> std::optional<operate::signed_result>
{
    const auto followed = followed_in(in.ledger());
    const auto other = std::ranges::find(followed, named.guest_id, &operate::operation_state::guest);
    if (other == followed.end() || !operate::gate::examine(submitted, in.look_around(), rules.gate)) {
        return std::nullopt;
    }
    return operate::signed_result{.blob = blob,
                                  .state = operate::signed_state::waiting,
                                  .at = in.in.now(),
                                  .code = "in_flight",
                                  .detail = "operation " + std::to_string(number(other->id))
                                            + " on this guest is still running as " + other->followed_task()->text()};
}

/// All that was brought: the same operation with other signatures is judged by itself. Empty: it has no name.
[[nodiscard]] auto name_of(const operate::signature_set& submitted) -> std::string
{
    auto name = std::string{"signed"};
    const auto add = [&](const std::string& text) {
        const auto hash = sha256(text);
        name = hash && !name.empty() ? name + " " + to_hex(*hash) : std::string{};
    };
    add(submitted.blob);
    std::ranges::for_each(submitted.armors, add);
    return name;
}

} // namespace

auto context_of(const engine_rules& rules) -> operate::node_context
{
    auto at = rules.at;
    at.user = rules.user;
    at.search = rules.search;
    return at;
}

auto run_pass(const operation_io& in, const pass_input& input, const engine_rules& rules)
    -> tl::expected<pass_report, pass_error>
{
    auto planned = make_pass(in.in, input);
    if (!planned) {
        return tl::unexpected(std::move(planned).error());
    }
    auto at = context_of(rules);
    at.facts = planned->desired.facts();
    at.table = input.table;
    settle(in, input, rules);
    const auto around = in.look_around();
    auto split =
        operate::guard_plan(planned->plan, in.ledger(), around.paused, around.blocked, around.now, rules.guard);
    auto jobs = std::vector<lane_job>{};
    for (const auto& steps : split.now) {
        const auto guest = guest_of(steps.front());
        // What an earlier pass has begun on the guest is not planned once more. Whoever stands by has asked for this
        // one.
        const auto unattended = rules.guard.who == operate::run_mode::unattended;
        jobs.push_back({.guest = guest,
                        .kind = operate::job_kind::plain,
                        .work = operate::carry_out_all(steps, input.desired.generation, operate::origin::reconcile, at,
                                                       rules.guard.who),
                        .name = unattended ? "reconcile " + guest.text() : std::string{}});
    }
    const auto own = jobs.size();
    look_again_at(followed_in(in.ledger()), context_of(rules), jobs);
    auto report = pass_report{.planned = *std::move(planned), .split = std::move(split), .results = {}};
    auto ends = in.in_lanes(std::move(jobs));
    for (auto& end : ends | ranges::views::take(own)) {
        auto* const results = end ? std::get_if<std::vector<operate::action_result>>(&*end) : nullptr;
        if (results == nullptr) {
            const auto runs = end && std::holds_alternative<goes_on>(*end);
            report.under_way += runs ? 1 : 0;
            report.complete = report.complete && runs;
            continue;
        }
        report.results.insert(report.results.end(), std::make_move_iterator(results->begin()),
                              std::make_move_iterator(results->end()));
    }
    settle(in, input, rules);
    return report;
}

auto resolve_in_flight(const operation_io& in, const engine_rules& rules) -> std::size_t
{
    auto jobs = std::vector<lane_job>{};
    for (const auto& lost : in.ledger().in_flight()) {
        jobs.push_back(
            {.guest = lost.guest, .kind = operate::job_kind::plain, .work = operate::resolve(lost, context_of(rules))});
    }
    const auto count = jobs.size();
    auto unknown = in.ledger().open_questions();
    std::erase_if(unknown, [](const operate::operation_state& one) { return !one.task; });
    look_again_at(unknown, context_of(rules), jobs);
    static_cast<void>(in.in_lanes(std::move(jobs)));
    return count;
}

auto submit(const operation_io& in, const engine_rules& rules, std::vector<operate::signature_set> all)
    -> std::vector<std::optional<operate::signed_result>>
{
    static const auto nobody = *vmid::from_number(vmid::greatest);
    const auto known = in.ledger();
    auto results = std::vector<std::optional<operate::signed_result>>(all.size());
    auto jobs = std::vector<lane_job>{};
    auto places = std::vector<std::pair<std::size_t, sha256_digest>>{}; // of the jobs, among the results
    for (auto at = std::size_t{0}; at < all.size(); ++at) {
        const auto blob = sha256(all[at].blob);
        if (!blob) {
            continue;
        }
        if (const auto* const state = known.find(*blob)) {
            results[at] = operate::result_of(*state, *blob);
            continue;
        }
        const auto named = guest_named_by(all[at], rules.gate);
        if (auto waits = named ? behind_another(*named, all[at], *blob, in, rules) : std::nullopt) {
            results[at] = *std::move(waits);
            continue;
        }
        places.emplace_back(at, *blob);
        jobs.push_back({.guest = named ? named->guest_id : nobody,
                        .kind = named ? kind_of(*named) : operate::job_kind::plain,
                        .work = operate::execute_signed(all[at], rules.gate, context_of(rules)),
                        .name = name_of(all[at])});
    }
    auto ends = in.in_lanes(std::move(jobs));
    const auto known_then = in.ledger();
    auto place = places.begin();
    for (auto& end : ends) {
        const auto& [at, blob] = *place++;
        const auto* const outcome = end ? std::get_if<operate::signed_outcome>(&*end) : nullptr;
        if (outcome == nullptr) {
            continue;
        }
        const auto* const state = known_then.find(blob);
        if (state != nullptr && !std::holds_alternative<operate::executed>(*outcome)) {
            results[at] = operate::result_of(*state, blob); // another job was before this one with it
            continue;
        }
        auto result = operate::result_of(*outcome, blob, in.in.now());
        if (const auto* const away = std::get_if<operate::operation_refused>(outcome)) {
            result.blob = operate::key_of(away->why, all[at], blob);
            count_signatures(in, rules, all[at], known);
        }
        results[at] = std::move(result);
    }
    return results;
}

} // namespace felhom::agent
