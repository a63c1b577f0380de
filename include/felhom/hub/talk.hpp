// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/host_id.hpp>
#include <felhom/hub/fetch_desired.hpp>
#include <felhom/hub/follow_up_pause.hpp>
#include <felhom/hub/hub_answer.hpp>
#include <felhom/hub/op_results.hpp>
#include <felhom/hub/taken_ops.hpp>
#include <felhom/hub/talk_effect.hpp>
#include <felhom/net/retry_after.hpp>
#include <felhom/operate/operation/signed_result.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// The conversation that begins with a report: what the hub answers is kept, what it names as desired is fetched, the
// signed operations that wait there are taken into the drop box, and their results are brought back.
namespace felhom::hub {

/// What this host wants of its hub.
struct talk_rules {
    host_id host;
    bool takes_desired = false; ///< the desired state is the hub's
    bool takes_ops = false;     ///< this host has a drop box: it may change something
};

/// What is remembered from one conversation to the next, and not over a restart: then all results are sent once more.
struct talk_memory {
    control_envelope in_force = {}; ///< the last one that was understood
    result_outbox outbox = {};
    taken_ops taken = {};
    std::map<std::string, sha256_digest> seen_results = {}; ///< by their files
    follow_up_pause pause = {};
};

namespace detail {

[[nodiscard]] inline auto uptime_of(steady_instant now) -> uptime
{
    return std::chrono::duration_cast<uptime>(now.time_since_epoch());
}

[[nodiscard]] inline auto may_follow(follow_up_pause pause) -> talk_procedure<bool>
{
    const auto is_stopping = co_await ask_whether_to_stop{};
    const auto now = co_await operate::read_steady_clock{};
    co_return !is_stopping && pause.is_over(uptime_of(now));
}

/// A call that followed the report brought nothing; its answer may wish for a pause.
[[nodiscard]] inline auto note_failure(follow_up_pause pause, std::string what, hub_error why)
    -> talk_procedure<follow_up_pause>
{
    const auto is_stopping = co_await ask_whether_to_stop{};
    if (is_stopping) {
        co_return pause;
    }
    auto line = host_news{
        talk_remark{.level = log_level::warning, .what = std::move(what), .with = {{"reason", describe(why)}}}};
    static_cast<void>(co_await tell_host(std::move(line)));
    const auto wall = co_await operate::read_clock{};
    const auto now = co_await operate::read_steady_clock{};
    if (const auto wish = wish_of(why, wall)) {
        pause.wished(uptime_of(now), *wish);
    }
    co_return pause;
}

[[nodiscard]] inline auto left_with_hub(std::string why) -> host_news
{
    return talk_remark{.level = log_level::error,
                       .what = "a signed operation was left with the hub",
                       .with = {{"reason", std::move(why)}}};
}

/// Takes what the hub lists into the drop box, each once.
[[nodiscard]] inline auto take_listed_ops(std::vector<std::string> bundles, taken_ops taken)
    -> talk_procedure<taken_ops>
{
    auto listed = std::vector<offered_op>{};
    for (auto& bundle : bundles) {
        if (auto op = offered(std::move(bundle))) {
            listed.push_back(*std::move(op));
        } else {
            auto line = left_with_hub("OpenSSL could not compute a SHA-256");
            static_cast<void>(co_await tell_host(std::move(line)));
        }
    }
    const auto load = co_await measure_box{};
    if (!load) {
        auto line = left_with_hub(load.error().what);
        static_cast<void>(co_await tell_host(std::move(line)));
        co_return taken;
    }
    const auto fresh = taken.fresh(std::move(listed));
    auto fitting = that_fit(fresh, room_beside({}, load->files, load->bytes));
    if (fitting.size() < fresh.size()) {
        auto line = left_with_hub("too much waits in the drop box: " + std::to_string(load->files) + " files");
        static_cast<void>(co_await tell_host(std::move(line)));
    }
    for (auto& op : fitting) {
        const auto put = co_await put_bundle(op.name + std::string{operate::bundle_ending}, std::move(op.bundle));
        if (put) {
            taken.took(std::move(op.name));
        } else {
            auto line = left_with_hub(put.error().what);
            static_cast<void>(co_await tell_host(std::move(line)));
        }
    }
    auto came = host_news{signed_ops_came{}};
    static_cast<void>(co_await tell_host(std::move(came)));
    co_return taken;
}

[[nodiscard]] inline auto fetch_signed_ops(talk_memory memory, host_id host) -> talk_procedure<talk_memory>
{
    const auto raw = co_await call_hub(hub_api::signed_ops(host));
    auto bundles = read_signed_ops(raw);
    if (!bundles) {
        memory.pause =
            co_await note_failure(memory.pause, "the signed operations were not fetched", std::move(bundles).error());
        co_return memory;
    }
    memory.taken = co_await take_listed_ops(*std::move(bundles), std::move(memory.taken));
    co_return memory;
}

/// What is kept no longer is forgotten.
inline void forget_gone_results(talk_memory& memory, const std::vector<std::string>& names)
{
    std::erase_if(memory.seen_results, [&](const auto& seen) {
        const auto is_gone = !std::ranges::binary_search(names, seen.first);
        if (is_gone) {
            memory.outbox.forget(seen.second);
        }
        return is_gone;
    });
}

/// Puts the results that were not seen yet into the outbox.
[[nodiscard]] inline auto fill_outbox(talk_memory memory) -> talk_procedure<talk_memory>
{
    const auto names = co_await list_results{};
    if (!names) {
        auto line = host_news{talk_remark{.level = log_level::error,
                                          .what = "the results could not be listed",
                                          .with = {{"reason", names.error().what}}}};
        static_cast<void>(co_await tell_host(std::move(line)));
        co_return memory;
    }
    forget_gone_results(memory, *names);
    for (const auto& name : *names) {
        if (memory.seen_results.contains(name)) {
            continue;
        }
        const auto text = co_await operate::read_result(name);
        const auto result = text ? operate::parse_signed_result(*text) : tl::unexpected(json_error{});
        if (!result) {
            // Not seen: it is tried again with the next report, so that no result is lost to a moment's trouble.
            auto line = host_news{
                talk_remark{.level = log_level::error, .what = "a result could not be read", .with = {{"file", name}}}};
            static_cast<void>(co_await tell_host(std::move(line)));
            continue;
        }
        memory.outbox.put({.blob = result->blob, .document = operate::to_json(*result)});
        memory.seen_results.emplace(name, result->blob);
    }
    co_return memory;
}

/// As many at a time as one call takes, as long as the hub accepts any.
[[nodiscard]] inline auto send_results(talk_memory before, host_id host) -> talk_procedure<talk_memory>
{
    auto memory = co_await fill_outbox(std::move(before));
    for (auto any = true; any && !memory.outbox.empty();) {
        const auto is_stopping = co_await ask_whether_to_stop{};
        if (is_stopping) {
            break;
        }
        const auto due = memory.outbox.next();
        const auto raw = co_await call_hub(hub_api::op_results(host, print_op_results(host, due)));
        auto accepted = read_accepted_results(raw);
        if (!accepted) {
            memory.pause =
                co_await note_failure(memory.pause, "the results were not taken", std::move(accepted).error());
            break;
        }
        any = memory.outbox.accepted(due, *accepted);
    }
    co_return memory;
}

} // namespace detail

/// What following an envelope came to.
struct followed_envelope {
    talk_memory memory;
    bool is_here; ///< what it names as desired
};

/// Does what an envelope calls for: the desired state first, then signed operations, then their results.
[[nodiscard]] inline auto follow(talk_memory before, control_envelope envelope, talk_rules rules)
    -> talk_procedure<followed_envelope>
{
    auto done = followed_envelope{.memory = std::move(before), .is_here = !rules.takes_desired};
    auto& memory = done.memory;
    auto may_go_on = co_await detail::may_follow(memory.pause);
    if (rules.takes_desired && may_go_on) {
        auto fetched = co_await fetch_desired(envelope, rules.host);
        done.is_here = fetched.is_here;
        if (fetched.failure) {
            memory.pause = co_await detail::note_failure(memory.pause, "the desired state was not fetched",
                                                         *std::move(fetched.failure));
        }
    }
    if (!rules.takes_ops) {
        co_return done;
    }
    may_go_on = co_await detail::may_follow(memory.pause);
    if (envelope.has_signed_ops && may_go_on) {
        memory = co_await detail::fetch_signed_ops(std::move(memory), rules.host);
    }
    may_go_on = co_await detail::may_follow(memory.pause);
    if (may_go_on) {
        memory = co_await detail::send_results(std::move(memory), rules.host);
    }
    co_return done;
}

/// Sends a report, and does what its answer calls for. An answer that is not understood changes nothing of what is in
/// force, and the hub is not heard by it: after a start no change is begun on its strength.
[[nodiscard]] inline auto talk(talk_memory memory, talk_rules rules, std::string report) -> talk_procedure<talk_memory>
{
    const auto call = hub_api::host_report(std::move(report));
    const auto raw = co_await call_hub(call);
    const auto now = co_await operate::read_clock{};
    const auto date = raw ? raw->date : std::optional<std::string>{};
    if (const auto there = date ? net::parse_http_date(*date) : std::nullopt) {
        auto told = host_news{hub_told_time{*there}};
        static_cast<void>(co_await tell_host(std::move(told)));
    }
    const auto answer = read_envelope(raw, memory.in_force);
    const auto outcome = outcome_of(answer, now);
    static_cast<void>(co_await tell_report_end(call.body(), answer, outcome, now));
    if (!std::holds_alternative<report_accepted>(outcome)) {
        co_return memory;
    }
    if (!answer) {
        const auto in_force = memory.in_force;
        auto done = co_await follow(std::move(memory), in_force, std::move(rules));
        co_return std::move(done.memory);
    }
    memory.in_force = *answer;
    auto block = host_news{hub_told_block{answer->blocked}};
    static_cast<void>(co_await tell_host(std::move(block)));
    auto heard = kept_envelope{.envelope = *answer, .received_at = now};
    const auto kept = co_await keep_envelope(heard);
    if (!kept) {
        auto line = host_news{talk_remark{.level = log_level::error,
                                          .what = "the hub's envelope could not be kept",
                                          .with = {{"reason", kept.error()}}}};
        static_cast<void>(co_await tell_host(std::move(line)));
    }
    auto done = co_await follow(std::move(memory), *answer, std::move(rules));
    if (done.is_here) {
        auto told = host_news{hub_was_heard{}};
        static_cast<void>(co_await tell_host(std::move(told)));
    }
    co_return std::move(done.memory);
}

} // namespace felhom::hub
