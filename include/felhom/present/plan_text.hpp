// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/overloaded.hpp>
#include <felhom/core/printable.hpp>
#include <felhom/present/plan_summary.hpp>
#include <felhom/present/text_style.hpp>
#include <felhom/present/value_difference.hpp>
#include <felhom/proxmox/api/caller.hpp>
#include <felhom/proxmox/lxc/consequence.hpp>
#include <felhom/proxmox/lxc/key_table.hpp>
#include <felhom/reconcile/plan/plan.hpp>
#include <felhom/reconcile/plan/skip_reason.hpp>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// A plan for a person: a line that sums it up, what is done guest by guest, and apart from that what is not, with the
// reason and what would lift it.
namespace felhom::present {

namespace detail {

inline constexpr auto key_column = std::size_t{6};
inline constexpr auto value_column = std::size_t{21};
inline constexpr auto consequence_column = std::size_t{46};

/// Lines one after the other, as wide as they may be.
class indented_text {
public:
    explicit indented_text(const text_format& format) : format_{format} {}

    void line(const std::string& text) { text_ += text + "\n"; }

    /// Words, as many in a line as it has room for. They begin at a column, in the first line behind `left`, which
    /// reaches that far.
    void words(std::string left, std::size_t column, std::string_view words)
    {
        auto width = column;
        for (auto begin = words.find_first_not_of(' '); begin != std::string_view::npos;
             begin = words.find_first_not_of(' ')) {
            words.remove_prefix(begin);
            const auto word = words.substr(0, words.find(' '));
            words.remove_prefix(word.size());
            if (width > column && format_.width && width + 1 + columns_of(word) > *format_.width) {
                line(left);
                left.assign(column, ' ');
                width = column;
            }
            left.append(width > column ? " " : "").append(word);
            width += columns_of(word) + (width > column ? 1 : 0);
        }
        line(left);
    }

    /// How many columns there are from one on; nothing: as many as are wanted.
    [[nodiscard]] auto room_from(std::size_t column) const -> std::optional<std::size_t>
    {
        static constexpr auto least = std::size_t{20}; // a narrower terminal breaks the line itself
        return format_.width ? std::optional{std::max(least, *format_.width - std::min(*format_.width, column))}
                             : std::nullopt;
    }

    [[nodiscard]] auto style() const -> const text_style& { return format_.style; }
    [[nodiscard]] auto text() && -> std::string { return std::move(text_); }

private:
    text_format format_;
    std::string text_;
};

/// A text in front of the column of values.
[[nodiscard]] inline auto before_value(std::string text = {}) -> std::string
{
    return padded(std::move(text), value_column - 1) + " ";
}

/// "512 -> 1024"; where there is no room for both, the longer is cut first.
[[nodiscard]] inline auto arrow(const changed_part& part, std::optional<std::size_t> room) -> std::string
{
    static constexpr auto between = std::string_view{" -> "};
    const auto absent = std::string_view{part.name.empty() ? "(not set)" : "(none)"};
    const auto shown = [&](const std::optional<std::string>& value, std::optional<std::size_t> most) {
        return value ? printable_within(*value, most) : std::string{absent};
    };
    auto from = shown(part.from, std::nullopt);
    auto to = shown(part.to, std::nullopt);
    const auto both = columns_of(from) + between.size() + columns_of(to);
    if (room && both > *room) {
        const auto left = *room - std::min(*room, between.size());
        const auto share = [&](const std::string& other) {
            return std::max(left / 2, left - std::min(left, columns_of(other)));
        };
        const auto of_from = share(to);
        const auto of_to = share(from);
        from = shown(part.from, of_from);
        to = shown(part.to, of_to);
    }
    return from.append(between).append(to);
}

/// What a change does to the guest's users, where that is not nothing.
[[nodiscard]] inline auto consequence_text(lxc::consequence weight) -> std::string_view
{
    switch (weight) {
    case lxc::consequence::live:
        return "";
    case lxc::consequence::needs_restart:
        return "takes effect at the next restart";
    case lxc::consequence::growing:
        return "cannot be made smaller again";
    case lxc::consequence::connectivity_risk:
        return "may cut the guest off";
    case lxc::consequence::destructive:
        return "destructive";
    }
    return "";
}

[[nodiscard]] inline auto consequence_text(const action& step) -> std::string_view
{
    const auto* const stop = std::get_if<shutdown_guest>(&step);
    if (stop != nullptr) {
        return stop->kill_after_timeout ? "cuts its users off; killed if it does not shut down in time"
                                        : "cuts its users off";
    }
    const auto* const update = std::get_if<update_config>(&step);
    const auto waits =
        update != nullptr && std::ranges::any_of(update->changes, [](const config_change& change) {
            return change.weight == lxc::consequence::connectivity_risk && change.effect == lxc::applies::pending;
        });
    return waits ? "may cut the guest off at its next start" : consequence_text(weight_of(step));
}

[[nodiscard]] inline auto colour_of(lxc::consequence weight, const text_style& style) -> std::string_view
{
    return weight == lxc::consequence::destructive ? style.warned : style.changed;
}

/// What an action is called in front of what it changes.
[[nodiscard]] inline auto verb_of(const action& step) -> std::string_view
{
    return std::visit(overloaded{[](const update_config&) { return "change"; },
                                 [](const grow_volume&) { return "grow"; }, [](const start_guest&) { return "start"; },
                                 [](const shutdown_guest&) { return "shut down"; }},
                      step);
}

[[nodiscard]] inline auto guest_label(vmid id, std::string_view name, const text_style& style) -> std::string
{
    static constexpr auto longest_name = std::size_t{63};
    const auto label = id.text() + (name.empty() ? "" : " " + printable(name, longest_name));
    const auto column = padded("  " + label, value_column - 1);
    return "  " + coloured(style.strong, label, style) + column.substr(2 + label.size()) + " ";
}

inline void write_pieces(indented_text& to, std::string left, const std::vector<changed_piece>& pieces)
{
    static constexpr auto mark_width = std::size_t{2};
    for (const auto& piece : pieces) {
        const auto text = printable_within(piece.text, to.room_from(value_column + mark_width));
        auto shown = std::string{piece.added ? "+" : "-"};
        shown.append(text.empty() ? "" : " ").append(text);
        const auto colour = piece.added ? to.style().added : to.style().warned;
        to.line(before_value(std::exchange(left, {})) + coloured(colour, shown, to.style()));
    }
}

inline void write_parts(indented_text& to, std::string left, const std::vector<changed_part>& parts,
                        std::string_view note)
{
    auto widest = std::size_t{0};
    for (const auto& part : parts) {
        widest = std::max(widest, part.name.empty() ? 0 : columns_of(part.name) + 2);
    }
    for (const auto& part : parts) {
        const auto room = to.room_from(value_column + widest + columns_of(note));
        to.line(before_value(std::exchange(left, {})) + padded(part.name, widest) + arrow(part, room)
                + coloured(to.style().changed, std::exchange(note, {}), to.style()));
    }
}

/// One key, and how its values differ. `note`: what is to be said of it beside that.
inline void write_difference(indented_text& to, std::string_view key, const value_difference& difference,
                             std::string_view note = {})
{
    const auto left = std::string(key_column, ' ').append(key);
    std::visit(overloaded{
                   [&](const changed_parts& d) { write_parts(to, left, d.parts, note); },
                   [&](const changed_set& d) { write_pieces(to, left, d.elements); },
                   [&](const changed_text& d) {
                       to.line(before_value(left) + "(" + count(d.lines.size(), "line", "lines") + " changed)"
                               + coloured(to.style().changed, note, to.style()));
                       write_pieces(to, {}, d.lines);
                   },
               },
               difference);
}

inline void write_changes(indented_text& to, const update_config& step)
{
    for (const auto& change : step.changes) {
        // The guest's line has the gravest; beside others each key tells its own.
        const auto weight = step.changes.size() > 1 ? consequence_text(change.weight) : std::string_view{};
        write_difference(to, change.key, difference_of({.from = change.from, .to = change.to}, change.rule),
                         weight.empty() ? std::string{} : "  (" + std::string{weight} + ")");
    }
}

inline void write_details(indented_text& to, const action& step)
{
    std::visit(overloaded{
                   [&](const update_config& s) { write_changes(to, s); },
                   [&](const grow_volume& s) {
                       write_difference(
                           to, s.disk.text(),
                           changed_parts{{changed_part{.name = "size", .from = s.is.text(), .to = s.to.text()}}});
                   },
                   [](const start_guest&) {},
                   [](const shutdown_guest&) {},
               },
               step);
}

/// What is done to one guest: its steps stand one behind the other.
template <typename Iterator>
void write_guest(indented_text& to, const plan& plan, Iterator begin, Iterator end)
{
    const auto& gravest = *std::ranges::max_element(begin, end, {}, [](const action& step) { return weight_of(step); });
    auto what = std::string{};
    for (auto step = begin; step != end; ++step) {
        what.append(what.empty() ? "" : ", ").append(verb_of(*step));
    }
    const auto id = guest_of(*begin);
    auto line = guest_label(id, plan.name_of(id), to.style()) + what;
    if (const auto consequence = consequence_text(gravest); !consequence.empty()) {
        const auto column = value_column + columns_of(what);
        const auto wide = consequence_column + columns_of(consequence);
        const auto fits = wide <= to.room_from(0).value_or(wide);
        line.append(fits && column < consequence_column ? consequence_column - column : 2, ' ');
        line += coloured(colour_of(weight_of(gravest), to.style()), consequence, to.style());
    }
    to.line(line);
    for (auto step = begin; step != end; ++step) {
        write_details(to, *step);
    }
}

inline void write_actions(indented_text& to, const plan& plan)
{
    const auto& all = plan.actions();
    for (auto begin = all.begin(); begin != all.end();) {
        const auto id = guest_of(*begin);
        const auto end = std::find_if(begin, all.end(), [&](const action& step) { return guest_of(step) != id; });
        write_guest(to, plan, begin, end);
        begin = end;
    }
}

/// One difference that is left, below its guest; the reason, and the command that would lift it on a line of its own.
inline void write_skip(indented_text& to, const skipped& skip, bool tells_reason)
{
    if (!skip.key.empty()) {
        const auto* const rule = lxc::key_table::standard().find(skip.key);
        write_difference(to, skip.key, difference_of({.from = skip.from, .to = skip.to}, rule));
        if (tells_reason) {
            to.words(before_value(), value_column, sentence_of(skip.why));
        }
    }
    if (const auto command = command_of(skip.why)) {
        to.line(before_value() + *command);
    }
}

/// The differences of one kind, under a title.
inline void write_skips(indented_text& to, const plan& plan, reconcile::knowledge kind, std::string_view title)
{
    auto last = std::optional<vmid>{};
    const auto tells_reason = kind != reconcile::knowledge::in_sync; // there the title does
    for (const auto& skip : plan.skips()) {
        if (knowledge_of(skip.why) != kind) {
            continue;
        }
        if (!last) {
            to.line("\n" + coloured(to.style().strong, title, to.style()));
        }
        const auto label = guest_label(skip.id, plan.name_of(skip.id), to.style());
        if (skip.key.empty()) {
            to.words(label, value_column, sentence_of(skip.why));
        } else if (last != skip.id) {
            to.line(label.substr(0, label.find_last_not_of(' ') + 1));
        }
        write_skip(to, skip, tells_reason);
        last = skip.id;
    }
}

inline void write_refused(indented_text& to, const std::vector<hub::policy_refusal>& refused)
{
    if (refused.empty()) {
        return;
    }
    to.line("\n" + coloured(to.style().strong, "Not taken from the hub:", to.style()));
    for (const auto& refusal : refused) {
        to.words(before_value("  " + refusal.id.text() + " " + refusal.key), value_column, describe(refusal.why));
    }
}

/// What would grant all that the plan says is missing.
inline void write_grants(indented_text& to, const plan& plan, const proxmox::caller& who)
{
    auto missing = std::vector<proxmox::missing_privilege>{};
    for (const auto& skip : plan.skips()) {
        if (auto one = missing_privilege_of(skip.why)) {
            missing.push_back(*std::move(one));
        }
    }
    const auto lines = proxmox::grant_lines(missing, who);
    if (!lines.empty()) {
        to.line("\nTo grant what the API token lacks, run as root on a node:");
    }
    for (const auto& line : lines) {
        to.line("      " + line);
    }
}

/// Whether one of the changes is told by its pieces, which are marked.
[[nodiscard]] inline auto uses_marks(const plan& plan) -> bool
{
    const auto is_marked = [](const auto& from, const auto& to, const lxc::config_key* rule) {
        return !std::holds_alternative<changed_parts>(difference_of({.from = from, .to = to}, rule));
    };
    const auto in_change = [&](const config_change& change) { return is_marked(change.from, change.to, change.rule); };
    return std::ranges::any_of(plan.actions(),
                               [&](const action& step) {
                                   const auto* const update = std::get_if<update_config>(&step);
                                   return update != nullptr && std::ranges::any_of(update->changes, in_change);
                               })
           || std::ranges::any_of(plan.skips(), [&](const skipped& skip) {
                  return is_marked(skip.from, skip.to, lxc::key_table::standard().find(skip.key));
              });
}

/// What `apply` would stop at.
[[nodiscard]] inline auto mass_change_text(const operate::too_many_at_once& too_many) -> std::string
{
    return "This changes " + std::to_string(too_many.guests) + " of " + count(too_many.of, "guest", "guests")
           + " at once: `apply` does that only with --accept-mass-change.";
}

} // namespace detail

/// The plan for a person. Values are cut only where a line would be wider than the terminal, reasons are broken into
/// lines there, and commands are left whole, to be copied.
[[nodiscard]] inline auto to_text(const plan& plan, const plan_context& around, const text_format& format,
                                  const proxmox::caller& who) -> std::string
{
    using reconcile::knowledge;
    auto to = detail::indented_text{format};
    to.words({}, 0, summary_of(plan, around));
    if (!plan.actions().empty()) {
        to.line("");
        detail::write_actions(to, plan);
    }
    detail::write_skips(to, plan, knowledge::in_sync, "Pending until the guest restarts:");
    detail::write_skips(to, plan, knowledge::differs, "Cannot be applied:");
    detail::write_skips(to, plan, knowledge::not_known, "Not known:");
    detail::write_refused(to, around.refused);
    detail::write_grants(to, plan, who);
    if (detail::uses_marks(plan)) {
        to.line("\n" + coloured(format.style.faint, "- taken away   + added", format.style));
    }
    if (around.too_many) {
        to.line("\n" + coloured(format.style.changed, detail::mass_change_text(*around.too_many), format.style));
    }
    return std::move(to).text();
}

} // namespace felhom::present
