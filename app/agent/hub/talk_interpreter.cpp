// SPDX-License-Identifier: Apache-2.0
#include "agent/hub/talk_interpreter.hpp"

#include "agent/engine/inbox_interpreter.hpp"

#include <felhom/core/overloaded.hpp>

#include <string>
#include <vector>

namespace felhom::agent {

namespace {

/// The drop box, or why it is not there. Nothing is asked of it where this host has none.
template <typename T, typename Use>
[[nodiscard]] auto with_box(std::optional<io::drop_box>& box, const Use& use) -> tl::expected<T, operate::box_trouble>
{
    if (!box.has_value()) {
        return tl::unexpected(operate::box_trouble{.what = "this host has no drop box", .may_pass = false});
    }
    return use(*box).map_error(inbox_interpreter::trouble_of);
}

void write_remark(const io::logger& log, const hub::talk_remark& remark)
{
    auto fields = std::vector<io::log_field>{};
    for (const auto& [name, value] : remark.with) {
        fields.emplace_back(name, value);
    }
    log.log(remark.level, remark.what, io::log_fields{fields});
}

} // namespace

auto talk_interpreter::operator()(const hub::call_hub& wanted) const -> hub::hub_exchanged
{
    return by_.exchange(wanted.call);
}

auto talk_interpreter::operator()(const hub::tell_report_end& end) const -> std::monostate
{
    report_ended_(end);
    return {};
}

auto talk_interpreter::operator()(const hub::read_mark& /*asked*/) const -> hub::read_mark::answer
{
    return by_.files.mark();
}

auto talk_interpreter::operator()(const hub::read_kept_desired& /*asked*/) const -> hub::read_kept_desired::answer
{
    return by_.files.desired();
}

auto talk_interpreter::operator()(const hub::keep_mark& wanted) const -> hub::keep_mark::answer
{
    return by_.files.raise(wanted.mark, wanted.judged_by);
}

auto talk_interpreter::operator()(const hub::keep_desired& wanted) const -> hub::keep_desired::answer
{
    return by_.files.keep(wanted.document);
}

auto talk_interpreter::operator()(const hub::keep_envelope& wanted) const -> hub::keep_envelope::answer
{
    return by_.files.keep(wanted.envelope);
}

auto talk_interpreter::operator()(const hub::put_bundle& wanted) const -> hub::put_bundle::answer
{
    return with_box<void>(by_.box, [&](io::drop_box& box) { return box.put(wanted.name, wanted.text); });
}

auto talk_interpreter::operator()(const hub::measure_box& /*asked*/) const -> hub::measure_box::answer
{
    return with_box<hub::measure_box::load>(by_.box, [](io::drop_box& box) {
        return box.load().map(
            [](const io::box_load& load) { return hub::measure_box::load{.files = load.files, .bytes = load.bytes}; });
    });
}

auto talk_interpreter::operator()(const hub::list_results& /*asked*/) const -> hub::list_results::answer
{
    return with_box<std::vector<std::string>>(by_.box, [](io::drop_box& box) { return box.results(); });
}

auto talk_interpreter::operator()(const operate::read_result& wanted) const -> operate::read_result::answer
{
    return with_box<std::string>(by_.box, [&](io::drop_box& box) { return box.stored_result(wanted.name); });
}

auto talk_interpreter::operator()(const hub::ask_whether_to_stop& /*asked*/) const -> bool
{
    return is_stopping_();
}

auto talk_interpreter::operator()(const hub::tell_host& told) const -> std::monostate
{
    std::visit(overloaded{
                   [&](const hub::hub_told_time& n) { by_.board->hub_told_time(n.there, steady_clock_now()); },
                   [&](const hub::hub_told_block& n) { by_.board->hub_blocks(n.blocked); },
                   [&](const hub::offer_was_judged& n) {
                       by_.board->refused(n.refusal ? std::vector{*n.refusal} : std::vector<hub::reported_refusal>{});
                   },
                   [&](const hub::desired_came&) { by_.desired_came(); },
                   [&](const hub::signed_ops_came&) { by_.signed_ops_came(); },
                   [&](const hub::hub_was_heard&) {
                       by_.board->hub_was_heard();
                       by_.heard();
                   },
                   [&](const hub::talk_remark& n) { write_remark(by_.log, n); },
               },
               told.news);
    return {};
}

auto talk_interpreter::operator()(const operate::read_clock& /*asked*/) const -> instant
{
    return by_.now();
}

auto talk_interpreter::operator()(const operate::read_steady_clock& /*asked*/) const -> steady_instant
{
    return steady_clock_now();
}

} // namespace felhom::agent
