#pragma once

#include <felhom/core/overloaded.hpp>
#include <felhom/core/printable.hpp>
#include <felhom/present/text_style.hpp>
#include <felhom/proxmox/api/caller.hpp>
#include <felhom/proxmox/lxc/key_table.hpp>
#include <felhom/reconcile/plan/change_reason.hpp>
#include <felhom/reconcile/plan/plan.hpp>
#include <felhom/reconcile/plan/property_difference.hpp>
#include <felhom/reconcile/plan/skip_reason.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace felhom::present {

using reconcile::action;
using reconcile::awaits_restart;
using reconcile::config_change;
using reconcile::grow_volume;
using reconcile::guest_unreadable;
using reconcile::plan;
using reconcile::shutdown_guest;
using reconcile::skipped;
using reconcile::start_guest;
using reconcile::update_config;

namespace detail {

inline constexpr auto key_width = std::size_t{14};
inline constexpr auto value_width = std::size_t{48};

[[nodiscard]] inline auto value_text(const std::optional<std::string>& value) -> std::string
{
    return value ? printable(*value, value_width) : std::string{"(unset)"};
}

/// "memory        512 -> 1024".
[[nodiscard]] inline auto difference(std::string_view key, const std::optional<std::string>& from,
                                     const std::optional<std::string>& to) -> std::string
{
    return padded(std::string{key}, key_width) + " " + value_text(from) + " -> " + value_text(to);
}

[[nodiscard]] inline auto marked(std::string_view mark, std::string_view colour, std::string text,
                                 std::string_view note, const text_style& style) -> std::string
{
    static constexpr auto note_column = std::size_t{58};
    return "  " + std::string{colour} + std::string{mark} + std::string{style.plain} + " "
           + padded(std::move(text), note_column) + "  " + std::string{style.faint} + std::string{note}
           + std::string{style.plain} + "\n";
}

[[nodiscard]] inline auto colour_of(lxc::consequence weight, const text_style& style) -> std::string_view
{
    switch (weight) {
    case lxc::consequence::live:
        return style.added;
    case lxc::consequence::needs_restart:
    case lxc::consequence::growing:
    case lxc::consequence::connectivity_risk:
        return style.changed;
    case lxc::consequence::destructive:
        return style.warned;
    }
    return style.plain;
}

/// "connectivity risk, at the next start: set to something else than desired".
[[nodiscard]] inline auto note_of(const config_change& change) -> std::string
{
    auto note = std::string{text_of(change.weight)};
    if (change.effect == lxc::applies::pending && change.weight == lxc::consequence::connectivity_risk) {
        note += ", at the next start";
    }
    return note.append(": ").append(reason_of(change));
}

[[nodiscard]] inline auto note_of(const action& step) -> std::string
{
    return std::string{text_of(weight_of(step))}.append(": ").append(reason_of(step));
}

[[nodiscard]] inline auto mark_of(const config_change& change) -> char
{
    if (!change.from) {
        return '+';
    }
    return change.to ? '~' : '-';
}

[[nodiscard]] inline auto line_of(const config_change& change, const text_style& style) -> std::string
{
    const auto mark = std::string(1, mark_of(change));
    const auto shown =
        reconcile::differing_properties({.from = change.from, .to = change.to}, lxc::format_of(*change.rule));
    return marked(mark, colour_of(change.weight, style), difference(change.key, shown.from, shown.to), note_of(change),
                  style);
}

[[nodiscard]] inline auto lines_of(const action& step, const text_style& style) -> std::string
{
    const auto power = [&](std::string_view from, std::string_view to) {
        return marked(">", colour_of(weight_of(step), style),
                      difference("run_state", std::string{from}, std::string{to}), note_of(step), style);
    };
    return std::visit(overloaded{
                          [&](const update_config& s) {
                              auto lines = std::string{};
                              for (const auto& change : s.changes) {
                                  lines += line_of(change, style);
                              }
                              return lines;
                          },
                          [&](const grow_volume& s) {
                              return marked("~", colour_of(weight_of(step), style),
                                            difference(s.disk.text(), "size=" + s.is.text(), "size=" + s.to.text()),
                                            note_of(step), style);
                          },
                          [&](const start_guest&) { return power("stopped", "running"); },
                          [&](const shutdown_guest&) { return power("running", "stopped"); },
                      },
                      step);
}

[[nodiscard]] inline auto line_of(const skipped& skip, const text_style& style) -> std::string
{
    const auto waits = std::holds_alternative<awaits_restart>(skip.why);
    const auto* const rule = lxc::key_table::standard().find(skip.key);
    const auto shown = reconcile::differing_properties({.from = skip.from, .to = skip.to},
                                                       rule == nullptr ? nullptr : lxc::format_of(*rule));
    return marked(waits ? "." : "!", waits ? style.faint : style.warned,
                  skip.key.empty() ? std::string{"(guest)"} : difference(skip.key, shown.from, shown.to),
                  (skip.weight ? std::string{text_of(*skip.weight)} + ": " : "") + describe(skip.why), style);
}

/// What would grant all that the plan says is missing.
[[nodiscard]] inline auto grants_for(const plan& plan, const proxmox::caller& who) -> std::string
{
    auto missing = std::vector<proxmox::missing_privilege>{};
    for (const auto& skip : plan.skips()) {
        if (auto one = missing_privilege_of(skip.why)) {
            missing.push_back(*std::move(one));
        }
    }
    auto text = std::string{};
    for (const auto& line : proxmox::grant_lines(missing, who)) {
        text.append("      ").append(line).append("\n");
    }
    return text.empty() ? text : "To grant what the API token lacks, run as root on a node:\n" + text;
}

template <typename Reason>
[[nodiscard]] auto count_skips(const plan& plan) -> std::size_t
{
    return static_cast<std::size_t>(std::ranges::count_if(
        plan.skips(), [](const skipped& skip) { return std::holds_alternative<Reason>(skip.why); }));
}

[[nodiscard]] inline auto heading(vmid id, std::string_view name, const text_style& style) -> std::string
{
    auto text = std::string{style.strong} + "guest " + id.text();
    if (!name.empty()) {
        text.append(" (").append(printable(name)).append(")");
    }
    return text.append(style.plain).append("\n");
}

} // namespace detail

/// What the plan comes to, in one line.
[[nodiscard]] inline auto summary_of(const plan& plan) -> std::string
{
    const auto waiting = detail::count_skips<awaits_restart>(plan);
    const auto unread = detail::count_skips<guest_unreadable>(plan);
    const auto left = plan.skips().size() - waiting - unread;
    auto text = !plan.actions().empty() ? count(plan.actions().size(), "action", "actions")
                : unread != 0           ? std::string{"Not known what to do"}
                                        : std::string{"Nothing to do"};
    text += ": " + count(plan.compared(), "guest", "guests") + " compared";
    text += unread == 0 ? "" : ", " + count(unread, "guest", "guests") + " not readable";
    text += left == 0 ? "" : ", " + count(left, "difference left as it is", "differences left as they are");
    text += waiting == 0 ? "" : ", " + std::to_string(waiting) + " waiting for a restart";
    return text + ".";
}

/// The plan for a person: one line a difference, marked + set, - unset, ~ changed, > run state, ! left as it is,
/// . waiting for a restart, each with its consequence and its reason; then what would grant all that the token lacks,
/// and a line that sums it up.
[[nodiscard]] inline auto to_text(const plan& plan, const text_style& style, const proxmox::caller& who) -> std::string
{
    auto text = std::string{};
    auto step = plan.actions().begin();
    auto skip = plan.skips().begin();
    while (step != plan.actions().end() || skip != plan.skips().end()) {
        const auto id = skip == plan.skips().end()     ? guest_of(*step)
                        : step == plan.actions().end() ? skip->id
                                                       : std::min(guest_of(*step), skip->id);
        text += detail::heading(id, plan.name_of(id), style);
        for (; step != plan.actions().end() && guest_of(*step) == id; ++step) {
            text += detail::lines_of(*step, style);
        }
        for (; skip != plan.skips().end() && skip->id == id; ++skip) {
            text += detail::line_of(*skip, style);
        }
    }
    return text + detail::grants_for(plan, who) + summary_of(plan) + "\n";
}

} // namespace felhom::present
