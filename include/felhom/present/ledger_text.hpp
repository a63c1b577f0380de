// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/instant.hpp>
#include <felhom/core/json/writer.hpp>
#include <felhom/core/printable.hpp>
#include <felhom/core/sha256.hpp>
#include <felhom/operate/ledger.hpp>
#include <felhom/operate/operation/operation.hpp>
#include <felhom/operate/operation/operation_params.hpp>
#include <felhom/operate/operation/operation_record.hpp>
#include <felhom/operate/operation/operation_record_json.hpp>
#include <felhom/operate/procedures/selftest_leftovers.hpp>
#include <felhom/present/text_style.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Operations as they are shown: a line each, one in full, or as JSON.
namespace felhom::present {

using operate::ledger;
using operate::operation_state;

/// The format of a list of operations; a member may be added under the same version, none is removed or changed.
inline constexpr auto ops_schema = std::string_view{"felhom-ops/1"};

/// One word for how an operation stands.
[[nodiscard]] inline auto state_text(const operation_state& state) -> std::string_view
{
    if (!state.end) {
        return state.task ? "task running" : "begun";
    }
    if (state.is_followed()) {
        return "task running";
    }
    if (state.end->how == operate::ending::unknown && state.acknowledged) {
        return "acknowledged";
    }
    return text_of(state.end->how);
}

namespace detail {

/// As the journal has them: of a signed operation without those that go without saying.
[[nodiscard]] inline auto params_of(const operation_state& state) -> boost::json::object
{
    return state.claim ? operate::signed_params_of(state.what) : operate::params_of(state.what);
}

} // namespace detail

[[nodiscard]] inline auto to_json(const operation_state& state) -> boost::json::object
{
    auto object = boost::json::object{{"operation", number(state.id)},
                                      {"guest", state.guest.number()},
                                      {"op", name_of(state.what)},
                                      {"params", detail::params_of(state)},
                                      {"from", text_of(state.from)},
                                      {"started", to_rfc3339(state.started)},
                                      {"generation", state.generation},
                                      {"state", state_text(state)},
                                      {"open_question", state.is_open_question()},
                                      {"upid", nullptr},
                                      {"ended", nullptr},
                                      {"code", nullptr},
                                      {"detail", nullptr},
                                      {"blob_sha256", nullptr},
                                      {"signers", nullptr}};
    if (state.task) {
        object["upid"] = state.task->text();
    }
    if (state.end) {
        object["ended"] = to_rfc3339(state.end->at);
        object["detail"] = state.end->detail;
        if (!state.end->code.empty()) {
            object["code"] = state.end->code;
        }
    }
    if (state.claim) {
        object["blob_sha256"] = to_hex(state.claim->blob);
        object["signers"] = operate::detail::json_of(state.claim->signers);
    }
    return object;
}

/// Operations, parked guests and what waits for an operator's eye.
[[nodiscard]] inline auto to_json(const ledger& known) -> boost::json::object
{
    auto operations = boost::json::array{};
    for (const auto& [id, state] : known.operations()) {
        operations.push_back(to_json(state));
    }
    auto parked = boost::json::array{};
    for (const auto& [guest, why] : known.parked()) {
        parked.push_back({{"guest", guest.number()},
                          {"since", to_rfc3339(why.at)},
                          {"generation", why.generation},
                          {"reason", why.reason},
                          {"next_try", nullptr}});
    }
    auto leftovers = boost::json::array{};
    for (const auto& left : operate::selftest_leftovers::of(known)) {
        leftovers.push_back(
            {{"operation", number(left.id)}, {"guest", left.guest.number()}, {"snapshot", left.name.text()}});
    }
    return {{"schema", ops_schema},
            {"operations", std::move(operations)},
            {"parked", std::move(parked)},
            {"selftest_leftovers", std::move(leftovers)}};
}

namespace detail {

[[nodiscard]] inline auto colour_of(const operation_state& state, const text_style& style) -> std::string_view
{
    if (!state.end) {
        return style.changed;
    }
    return state.end->how == operate::ending::succeeded ? style.added : style.warned;
}

} // namespace detail

/// "  12  2026-06-01T12:00:00Z  guest 101  guest.destroy  succeeded  done".
[[nodiscard]] inline auto to_line(const operation_state& state, const text_style& style) -> std::string
{
    static constexpr auto op_width = std::size_t{21};
    static constexpr auto state_width = std::size_t{12};
    auto id = std::to_string(number(state.id));
    id.insert(0, id.size() < 6 ? 6 - id.size() : 0, ' ');
    auto line = id + "  " + to_rfc3339(std::chrono::floor<std::chrono::seconds>(state.started)) + "  guest "
                + padded(state.guest.text(), 9) + " " + padded(printable(name_of(state.what)), op_width) + " "
                + std::string{detail::colour_of(state, style)} + padded(std::string{state_text(state)}, state_width)
                + std::string{style.plain};
    if (state.end && state.end->detail != "done") {
        line += " " + printable_joined(state.end->detail);
    }
    return line + "\n";
}

/// The operations, the newest last, then what an operator should look at.
[[nodiscard]] inline auto to_text(const ledger& known, const text_style& style) -> std::string
{
    auto text = std::string{};
    for (const auto& [id, state] : known.operations()) {
        text += to_line(state, style);
    }
    for (const auto& [guest, why] : known.parked()) {
        text += std::string{style.warned} + "parked" + std::string{style.plain} + "  guest " + guest.text() + " since "
                + to_rfc3339(why.at) + ", until a new generation or `felhom-agent ops release " + guest.text()
                + "`: " + printable(why.reason) + "\n";
    }
    for (const auto& left : operate::selftest_leftovers::of(known)) {
        text += std::string{style.warned} + "left over" + std::string{style.plain} + "  snapshot " + left.name.text()
                + " of guest " + left.guest.text() + ", made by operation " + std::to_string(number(left.id))
                + " of a self-test: `felhom-agent selftest task` deletes it, or you do with `" + left.command()
                + "` and `felhom-agent ops ack " + std::to_string(number(left.id)) + "`\n";
    }
    const auto open = known.open_questions();
    if (!open.empty()) {
        text += std::string{style.warned} + std::to_string(open.size())
                + (open.size() == 1 ? " outcome is" : " outcomes are") + " not known" + std::string{style.plain}
                + ": look at the guest, then `felhom-agent ops ack N`\n";
    }
    return text.empty() ? "No operations yet.\n" : text;
}

/// One operation in full.
[[nodiscard]] inline auto to_text(const operation_state& state) -> std::string
{
    auto text = std::string{};
    const auto say = [&](std::string_view name, const std::string& value) {
        text += padded(std::string{name}, 12) + " " + value + "\n";
    };
    say("operation", std::to_string(number(state.id)));
    say("guest", state.guest.text());
    say("what", printable(name_of(state.what)));
    say("params", printable(print_json(detail::params_of(state)), 4000));
    say("asked by", std::string{text_of(state.from)}
                        + (state.generation > 0 ? ", generation " + std::to_string(state.generation) : ""));
    if (state.claim) {
        auto signers = std::string{};
        for (const auto& signer : state.claim->signers) {
            signers += (signers.empty() ? "" : ", ") + printable(signer);
        }
        say("signed by", signers);
        say("blob", to_hex(state.claim->blob));
        say("nonce", state.claim->nonce);
    }
    say("started", to_rfc3339(state.started));
    say("task", state.task ? state.task->text() : "none (the call completes at once)");
    say("state", std::string{state_text(state)});
    if (state.end) {
        say("ended", to_rfc3339(state.end->at));
        say("detail", printable_lines(state.end->detail, "             ", 20, 1000));
    }
    if (state.acknowledged) {
        say("seen by", printable(state.acknowledged->by) + " at " + to_rfc3339(state.acknowledged->at));
    }
    return text;
}

} // namespace felhom::present
