// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/node_name.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/core/steady_instant.hpp>
#include <felhom/proxmox/api/exchange.hpp>
#include <felhom/proxmox/api/read.hpp>
#include <felhom/proxmox/api/reply.hpp>
#include <felhom/proxmox/errors/classify.hpp>
#include <felhom/proxmox/model/guest_summary.hpp>
#include <felhom/proxmox/tasks/poll_budget.hpp>
#include <felhom/proxmox/tasks/poll_interval.hpp>
#include <felhom/proxmox/tasks/task_hint.hpp>
#include <felhom/proxmox/tasks/task_outcome.hpp>
#include <felhom/proxmox/tasks/task_question.hpp>
#include <felhom/proxmox/tasks/task_status.hpp>
#include <felhom/proxmox/tasks/watch_policy.hpp>
#include <felhom/proxmox/tasks/watched_task.hpp>

#include <range/v3/view/transform.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace felhom::proxmox {

/// The tasks that are waited for. It asks nothing itself: `ask` says what to send, `on_answers` takes the answers. A
/// task alone is asked about by its status. Of several, a round asks one list: the guests, whose state shows at once
/// what their tasks have come to, or now and then the active tasks, for those whose guest shows nothing. Only a task
/// that a list suggests has ended is asked about by itself, at once, and a round asks about few of them: what a round
/// costs does not grow with their number.
class task_watch {
public:
    explicit task_watch(watch_policy policy = {}) : policy_{policy}, budget_{policy.allowance} {}

    /// Waits for a task until a deadline. A task that is waited for already keeps its place.
    void add(const upid& task, steady_instant now, steady_instant deadline)
    {
        if (find(task) != nullptr) {
            return;
        }
        if (!std::ranges::any_of(tasks_, [&](const watched& entry) { return entry.task.node() == task.node(); })) {
            lists_.insert_or_assign(task.node(), now);
        }
        const auto first = budget_.earliest(now + pause_after(policy_.interval, {}, 0));
        next_ = next_ && !tasks_.empty() ? std::min(*next_, first) : first;
        tasks_.push_back(watched{.task = task, .added = now, .deadline = deadline, .last_asked = now});
    }

    /// Gives up waiting for a task; the task itself runs on.
    [[nodiscard]] auto cancel(const upid& task) -> std::optional<finished_task>
    {
        if (find(task) == nullptr) {
            return std::nullopt;
        }
        forget(task);
        return finished_task{task, unknown_outcome{.why = unknown_outcome::reason::cancelled}};
    }

    [[nodiscard]] auto in_flight() const -> std::size_t { return tasks_.size(); }

    /// When something is to be asked next; nothing when no task is in flight.
    [[nodiscard]] auto next_poll() const -> std::optional<steady_instant>
    {
        if (tasks_.empty() || !next_) {
            return std::nullopt;
        }
        return std::min(*next_, std::ranges::min(tasks_ | ranges::views::transform([](const watched& entry) {
                                                     return std::min(entry.deadline,
                                                                     entry.follow_up.value_or(steady_instant::max()));
                                                 })));
    }

    /// What to send now; nothing before it is due.
    [[nodiscard]] auto ask(steady_instant now) -> std::vector<task_question>
    {
        const auto due = next_poll();
        if (!due || now < *due) {
            return {};
        }
        const auto round_at = next_.value_or(now);
        const auto in_round = round_at <= now;
        auto questions = std::vector<task_question>{};
        auto by_node = std::map<node_name, std::vector<watched*>>{};
        for (auto& entry : tasks_) {
            entry.rounds += in_round ? 1U : 0U;
            by_node[entry.task.node()].push_back(&entry);
        }
        for (auto& [node, entries] : by_node) {
            ask_about(entries, now, in_round, questions);
            if (in_round && entries.size() > 1 && !std::ranges::all_of(entries, &watched::near_end)) {
                questions.push_back(list_of(node, now));
            }
        }
        if (in_round) {
            budget_.spend(now);
            next_ = budget_.earliest(now + pause(now));
        } else {
            next_ = round_at + pause(now) / 3; // what is asked between two rounds is saved at the next
        }
        return questions;
    }

    /// Takes the answers, in the order of the questions, and gives back the tasks that are over.
    [[nodiscard]] auto on_answers(const std::vector<task_question>& questions,
                                  const std::vector<net::exchanged>& answers, steady_instant now)
        -> std::vector<finished_task>
    {
        auto finished = std::vector<finished_task>{};
        for (auto at = std::size_t{0}; at < std::min(questions.size(), answers.size()); ++at) {
            const auto& answer = answers[at];
            std::visit(overloaded{
                           [&](const task_question::active_list& about) {
                               on_list(about.node, about.asked.understand(answer), now);
                           },
                           [&](const task_question::guest_list& about) {
                               on_guests(about.node, about.asked.understand(answer), now);
                           },
                           [&](const task_question::status& about) {
                               on_status(about.task, about.asked.understand(answer), now, finished);
                           },
                           [&](const task_question::log& about) {
                               on_log(about.task, about.asked.understand(answer), now, finished);
                           },
                       },
                       questions[at].about);
        }
        expire(now, finished);
        return finished;
    }

private:
    using watched = watched_task;

    [[nodiscard]] auto find(const upid& task) -> watched*
    {
        const auto found = std::ranges::find(tasks_, task, &watched::task);
        return found == tasks_.end() ? nullptr : &*found;
    }

    void forget(const upid& task)
    {
        std::erase_if(tasks_, [&](const watched& entry) { return entry.task == task; });
    }

    void finish(const watched& entry, task_outcome outcome, std::vector<finished_task>& finished)
    {
        const auto task = entry.task; // the entry dies below
        finished.push_back(finished_task{task, std::move(outcome)});
        forget(task);
    }

    /// Asks about single tasks of one node.
    void ask_about(std::vector<watched*>& entries, steady_instant now, bool in_round,
                   std::vector<task_question>& questions) const
    {
        // Tasks take turns, and those that were asked about last at one time in the order of their dispatch, in which
        // they stand in one vector.
        std::ranges::sort(entries, {}, [](const watched* entry) { return std::pair{entry->last_asked, entry}; });
        auto left = std::size_t{std::max(policy_.statuses, 1U)};
        for (auto* const entry : entries) {
            const auto alone = in_round && entries.size() == 1;
            // Past its deadline a task is given up after this round, so it is asked about whatever else there is.
            if ((alone || entry->wants_to_be_asked(now, in_round)) && (left > 0 || entry->deadline <= now)) {
                questions.push_back(entry->question(now));
                left -= std::min<std::size_t>(left, 1);
            }
        }
    }

    [[nodiscard]] auto list_of(const node_name& node, steady_instant now) -> task_question
    {
        auto& asked = lists_.try_emplace(node, now).first->second;
        if (now - asked >= policy_.list_refresh) {
            asked = now;
            return {task_question::active_list{node, read::active_tasks(node)}};
        }
        return {task_question::guest_list{node, read::guests(node)}};
    }

    /// The pause that suits the youngest task.
    [[nodiscard]] auto pause(steady_instant now) const -> std::chrono::milliseconds
    {
        return std::ranges::min(tasks_ | ranges::views::transform([&](const watched& entry) {
                                    return pause_after(policy_.interval, now - entry.added, entry.rounds);
                                }));
    }

    void on_list(const node_name& node, const answered<partial_list<listed_task>>& list, steady_instant now)
    {
        for (auto& entry : tasks_) {
            const auto runs = [&](const listed_task& listed) { return listed.id == entry.task && listed.running(); };
            if (list && entry.task.node() == node && !entry.failure && !std::ranges::any_of(list->rows, runs)) {
                entry.suspect(now);
            }
        }
    }

    void on_guests(const node_name& node, const answered<partial_list<guest_summary>>& guests, steady_instant now)
    {
        for (auto& entry : tasks_) {
            if (!guests || entry.task.node() != node || entry.failure) {
                continue;
            }
            const auto seen = sight(entry.task, guests->rows);
            if (suggests_begin(entry.task, entry.seen, seen)) {
                entry.begins();
            } else if (suggests_end(entry.task, entry.seen, seen)) {
                entry.suspect(now);
            }
            entry.seen = seen;
        }
    }

    void on_status(const upid& task, const answered<task_status>& status, steady_instant now,
                   std::vector<finished_task>& finished)
    {
        auto* const entry = find(task);
        if (entry == nullptr) {
            return;
        }
        if (!status) {
            on_no_status(*entry, status.error(), now, finished);
            return;
        }
        if (status->running) {
            entry->runs_on(now);
            return;
        }
        std::visit(overloaded{
                       [&](const succeeded& outcome) { finish(*entry, outcome, finished); },
                       [&](const succeeded_with_warnings& outcome) { finish(*entry, outcome, finished); },
                       [&](const task_error& error) {
                           entry->failure = error;
                           entry->follow_up = now; // without a pause, and without a list
                       },
                       [&](const unknown_outcome& outcome) {
                           entry->near_end = true;
                           if (++entry->odd_answers > policy_.rereads) {
                               finish(*entry, outcome, finished);
                           }
                       },
                   },
                   parse_exit_status(status->exit_status));
    }

    void on_no_status(watched& entry, const call_error& error, steady_instant now, std::vector<finished_task>& finished)
    {
        const auto what = classify(error, intent::read).what;
        const auto* const api = std::get_if<api_error>(&error);
        const auto no_such_task = api != nullptr && std::ranges::any_of(api->fields, [](const auto& field) {
                                      return field.second.find("no such task") != std::string::npos;
                                  });
        if (no_such_task) {
            if (now - entry.added > policy_.grace) {
                finish(entry, unknown_outcome{.why = unknown_outcome::reason::log_gone, .detail = "no such task"},
                       finished);
            }
        } else if (what == error_class::privilege || what == error_class::identity || what == error_class::request) {
            finish(entry, unknown_outcome{.why = unknown_outcome::reason::status_refused, .detail = describe(error)},
                   finished);
        }
    }

    void on_log(const upid& task, answered<task_log> answer, steady_instant now, std::vector<finished_task>& finished)
    {
        auto* const entry = find(task);
        if (entry == nullptr || !entry->failure) {
            return;
        }
        auto log = std::move(answer).value_or(task_log{.lines = {}});
        if (entry->log_start == 0 && log.total > log.lines.size() && log.total > policy_.log_lines) {
            entry->log_start = log.total - policy_.log_lines; // the tail is on another page
            entry->follow_up = now;
            return;
        }
        const auto keep = std::min<std::size_t>(log.lines.size(), policy_.log_lines);
        log.lines.erase(log.lines.begin(), log.lines.end() - static_cast<std::ptrdiff_t>(keep));
        auto failure = *std::move(entry->failure);
        failure.log_tail = std::move(log.lines);
        finish(*entry, std::move(failure), finished);
    }

    void expire(steady_instant now, std::vector<finished_task>& finished)
    {
        auto over = std::vector<watched>{};
        for (const auto& entry : tasks_) {
            if (entry.deadline <= now) {
                over.push_back(entry);
            }
        }
        for (auto& entry : over) {
            if (entry.failure) {
                finish(entry, *std::move(entry.failure), finished);
            } else {
                finish(entry, unknown_outcome{.why = unknown_outcome::reason::deadline_passed}, finished);
            }
        }
    }

    watch_policy policy_;
    poll_budget budget_;
    std::vector<watched> tasks_;
    std::map<node_name, steady_instant> lists_; ///< when the active tasks of a node were asked for last
    std::optional<steady_instant> next_;
};

} // namespace felhom::proxmox
