// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/operation/operation.hpp>
#include <felhom/core/contains.hpp>
#include <felhom/operate/operating_rules.hpp>
#include <felhom/operate/operation/operation_params.hpp>
#include <felhom/operate/operation/signed_result.hpp>
#include <felhom/operate/procedures/execute_signed.hpp>
#include <felhom/operate/procedures/host_procedure.hpp>
#include <felhom/operate/procedures/inbox.hpp>
#include <felhom/operate/procedures/take_up.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace felhom::operate {

namespace detail {

/// What signatures are about; nothing where their bytes are no operation, which the gate will say.
[[nodiscard]] inline auto operation_named_by(const signature_set& submitted, const gate_policy& policy)
    -> std::optional<authz::operation>
{
    auto read = authz::parse_operation(submitted.blob, policy.times.longest_window);
    return read ? std::optional{*std::move(read)} : std::nullopt;
}

/// What it takes of the node besides its guest. One whose parameters are wrong does nothing, as the gate will say.
[[nodiscard]] inline auto kind_of(const authz::operation& named) -> job_kind
{
    const auto what = parse_signed_operation(named.op, named.params);
    return what && makes_volumes(*what) ? job_kind::allocating : job_kind::plain;
}

/// All that was brought: the same operation with other signatures is judged by itself. Empty: it has no name.
[[nodiscard]] inline auto job_name_of(const signature_set& submitted) -> std::string
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

[[nodiscard]] inline auto job_of(const signature_set& submitted, const std::optional<authz::operation>& named,
                                 const operating_rules& rules) -> lane_job
{
    static const auto nobody = *vmid::from_number(vmid::greatest);
    return {.guest = named ? named->guest_id : nobody,
            .kind = named ? kind_of(*named) : job_kind::plain,
            .work = execute_signed(submitted, rules.gate, context_of(rules)),
            .name = job_name_of(submitted)};
}

/// Why a signed operation waits though nothing speaks against it: the task of another one on its guest still runs.
[[nodiscard]] inline auto wait_behind(const operation_state& other, const sha256_digest& blob, instant now)
    -> signed_result
{
    const auto* const task = other.followed_task();
    return {.blob = blob,
            .state = signed_state::waiting,
            .at = now,
            .code = "in_flight",
            .detail = "operation " + std::to_string(number(other.id)) + " on this guest is still running"
                      + (task != nullptr ? " as " + task->text() : std::string{})};
}

/// The operation on the same guest whose task still runs.
[[nodiscard]] inline auto followed_beside(const std::optional<authz::operation>& named,
                                          const std::vector<operation_state>& followed) -> const operation_state*
{
    const auto is_beside = [&](const operation_state& one) { return named && one.guest == named->guest_id; };
    const auto found = std::ranges::find_if(followed, is_beside);
    return found == followed.end() ? nullptr : &*found;
}

/// What came of a job. Null: the agent is stopping, or it goes on.
[[nodiscard]] inline auto outcome_in(const lane_end& end) -> const signed_outcome*
{
    return end ? std::get_if<signed_outcome>(&*end) : nullptr;
}

/// The signatures that hold and are not in the journal yet, for an operation that needs more of them.
[[nodiscard]] inline auto uncounted_signatures(const signature_set& submitted, const host_switches& around,
                                               const ledger& known, const gate_policy& policy)
    -> std::vector<signature_counted>
{
    auto all = gate::signatures_of(submitted, around, policy);
    std::erase_if(all, [&](const signature_counted& one) {
        const auto counted = known.signatures(one.blob);
        return contains(counted, one.signer, &signature_counted::signer);
    });
    return all;
}

} // namespace detail

/// Signed operations, those of different guests side by side: for each the answer that is known already, or what comes
/// of it through gate and lane. Nothing: the agent is stopping.
[[nodiscard]] inline auto submit(std::vector<signature_set> all, operating_rules rules)
    -> host_procedure<std::vector<std::optional<signed_result>>>
{
    const auto known = co_await read_ledger{};
    const auto followed = detail::followed_in(known);
    auto results = std::vector<std::optional<signed_result>>(all.size());
    auto places = std::vector<std::size_t>{}; // of the jobs, among the results
    auto jobs = std::vector<lane_job>{};
    for (auto at = std::size_t{0}; at < all.size(); ++at) {
        const auto blob = sha256(all[at].blob);
        if (!blob) {
            continue;
        }
        if (const auto* const state = known.find(*blob)) {
            results[at] = result_of(*state, *blob);
            continue;
        }
        const auto named = detail::operation_named_by(all[at], rules.gate);
        const auto* const other = detail::followed_beside(named, followed);
        if (other != nullptr) {
            const auto around = co_await look_around{};
            if (gate::examine(all[at], around, rules.gate)) {
                results[at] = detail::wait_behind(*other, *blob, around.now);
                continue;
            }
        }
        places.push_back(at);
        jobs.push_back(detail::job_of(all[at], named, rules));
    }
    auto ends = co_await run_in_lanes{std::move(jobs)};
    const auto known_then = co_await read_ledger{};
    for (auto job = std::size_t{0}; job < places.size() && job < ends.size(); ++job) {
        const auto& submitted = all[places[job]];
        const auto blob = sha256(submitted.blob);
        const auto* const outcome = detail::outcome_in(ends[job]);
        if (outcome == nullptr || !blob) {
            continue;
        }
        auto& result = results[places[job]];
        const auto* const state = known_then.find(*blob);
        if (state != nullptr && !std::holds_alternative<executed>(*outcome)) {
            result = result_of(*state, *blob); // another job was before this one with it
            continue;
        }
        const auto now = co_await read_clock{};
        result = result_of(*outcome, *blob, now);
        if (const auto* const away = std::get_if<operation_refused>(outcome)) {
            result->blob = key_of(away->why, submitted, *blob);
            const auto around = co_await look_around{};
            const auto fresh = detail::uncounted_signatures(submitted, around, known, rules.gate);
            for (const auto& signature : fresh) {
                static_cast<void>(co_await append{signature}); // the bundle is what counts; this is for the record
            }
        }
    }
    co_return results;
}

} // namespace felhom::operate
