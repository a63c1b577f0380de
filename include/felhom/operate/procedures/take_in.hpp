// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/json/writer.hpp>
#include <felhom/operate/box_effect.hpp>
#include <felhom/operate/procedures/submit.hpp>

#include <tl/expected.hpp>

#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// What was dropped into the box, carried out and answered. A result is durable before the bundle that it answers is
// gone, so that whatever step is the last one, each bundle is there still or has its result.
namespace felhom::operate {

/// What came of the bundles in the drop box.
struct intake_report {
    std::vector<signed_result> answers;
    std::vector<std::string> troubles; ///< files that could not be read, or not be let go
};

using inbox_effect = effects_with<host_effect, take_bundles, read_result, write_result, let_bundle_go, put_bundle_back,
                                  keep_newest_results>;

template <typename T>
using inbox_procedure = felhom::procedure<inbox_effect, T>;

namespace detail {

inline void add(intake_report& all, intake_report more)
{
    all.answers.insert(all.answers.end(), std::make_move_iterator(more.answers.begin()),
                       std::make_move_iterator(more.answers.end()));
    all.troubles.insert(all.troubles.end(), std::make_move_iterator(more.troubles.begin()),
                        std::make_move_iterator(more.troubles.end()));
}

[[nodiscard]] inline auto kept(const std::string& why) -> intake_report
{
    return {.answers = {}, .troubles = {why + "; it is kept, and tried again"}};
}

/// Answers with a result whose bundles it lets go.
[[nodiscard]] inline auto let_go(signed_result result, std::vector<std::string> sources)
    -> inbox_procedure<intake_report>
{
    auto report = intake_report{};
    for (const auto& source : sources) {
        const auto gone = co_await let_bundle_go{source};
        if (!gone) {
            report.troubles.push_back(gone.error().what);
        }
    }
    report.answers.push_back(std::move(result));
    co_return report;
}

/// Answers, with a result that stays where nothing is to come any more.
[[nodiscard]] inline auto give(signed_result result, std::string name, std::vector<std::string> sources)
    -> inbox_procedure<intake_report>
{
    if (!result.is_final()) {
        auto report = intake_report{};
        report.answers.push_back(std::move(result));
        co_return report;
    }
    auto text = json_text(to_json(result));
    const auto written = co_await write_result(std::move(name), std::move(text));
    if (!written) {
        auto report = intake_report{};
        report.troubles.push_back(written.error().what);
        co_return report;
    }
    co_return co_await let_go(std::move(result), std::move(sources));
}

/// What was taken and could not be read stays for the next time, or is its owner's again.
[[nodiscard]] inline auto answer_unread(unread_bundle bundle) -> inbox_procedure<intake_report>
{
    if (bundle.why.may_pass) {
        co_return kept(bundle.why.what);
    }
    const auto back = co_await put_bundle_back{bundle.source};
    auto report = intake_report{};
    report.troubles.push_back(bundle.why.what + (back ? "; it was put back as " + *back : "; " + back.error().what));
    co_return report;
}

/// What is to be said without judging: a result that was given before, or that it is not known whether there is one,
/// and a first result stays. Nothing: it is to be judged.
[[nodiscard]] inline auto answer_again(sha256_digest blob, std::vector<std::string> sources)
    -> inbox_procedure<std::optional<intake_report>>
{
    const auto text = co_await read_result(result_name(blob));
    if (!text && text.error().may_pass) {
        co_return kept(text.error().what);
    }
    auto stored = text ? parse_signed_result(*text) : tl::unexpected(json_error{});
    if (!stored || !bars_another_judgement(*stored)) {
        co_return std::nullopt;
    }
    co_return co_await let_go(*std::move(stored), std::move(sources));
}

} // namespace detail

/// Carries out what was dropped, as far as the gate lets it, and writes the results. What waits stays taken, and is
/// looked at again at the next call; what has a result already is answered with it. `only`: of the operations, the one
/// with that hash; the others stay for the next call.
[[nodiscard]] inline auto take_in(std::optional<sha256_digest> only, operating_rules rules)
    -> inbox_procedure<tl::expected<intake_report, box_trouble>>
{
    auto taken = co_await take_bundles{};
    if (!taken) {
        co_return tl::unexpected(std::move(taken).error());
    }
    auto report = intake_report{};
    for (auto& bundle : taken->unread) {
        auto said = co_await detail::answer_unread(std::move(bundle));
        detail::add(report, std::move(said));
    }
    const auto now = co_await read_clock{};
    auto sorted = gather(taken->read, now);
    auto any_unproven = !sorted.unreadable.empty();
    for (auto& bundle : sorted.unreadable) {
        auto name = unproven_result_name(bundle.answer.blob);
        auto sources = std::vector<std::string>{std::move(bundle.source)};
        auto said = co_await detail::give(std::move(bundle.answer), std::move(name), std::move(sources));
        detail::add(report, std::move(said));
    }
    for (const auto& source : sorted.undecided) {
        detail::add(report, detail::kept(source + ": SHA-256 is not available"));
    }
    auto to_judge = std::vector<gathered_signatures>{};
    for (auto& brought : sorted.signature_sets) {
        if (only && brought.blob != *only) {
            continue;
        }
        auto said = co_await detail::answer_again(brought.blob, brought.sources);
        if (said) {
            detail::add(report, *std::move(said));
        } else {
            to_judge.push_back(std::move(brought));
        }
    }
    auto submitted = std::vector<signature_set>{};
    for (const auto& brought : to_judge) {
        submitted.push_back(brought.submitted);
    }
    auto results = co_await submit(std::move(submitted), std::move(rules));
    for (auto at = std::size_t{0}; at < results.size(); ++at) {
        auto& result = results[at];
        if (!result) {
            continue;
        }
        const auto proven = is_proven(*result, to_judge[at].blob);
        auto name = proven ? result_name(to_judge[at].blob) : unproven_result_name(result->blob);
        any_unproven = any_unproven || !proven;
        auto said = co_await detail::give(*std::move(result), std::move(name), std::move(to_judge[at].sources));
        detail::add(report, std::move(said));
    }
    if (any_unproven) {
        const auto thinned = co_await keep_newest_results{unproven, most_unproven};
        if (!thinned) {
            report.troubles.push_back(thinned.error().what);
        }
    }
    co_return report;
}

} // namespace felhom::operate
