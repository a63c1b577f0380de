// SPDX-License-Identifier: Apache-2.0
#include "agent/engine/task_waiter.hpp"

#include <vector>

namespace felhom::agent {

auto task_waiter::await(const proxmox::upid& task, std::chrono::milliseconds patience) -> proxmox::finished_task
{
    const auto deadline = in_.steady() + patience;
    auto hold = std::unique_lock{mutex_};
    watch_.add(task, in_.steady(), deadline);
    changed_.notify_all(); // it may have to be asked for earlier than those before it
    while (true) {
        if (const auto over = ended_.find(task); over != ended_.end()) {
            auto found = std::move(over->second);
            ended_.erase(over);
            return found;
        }
        watch_.add(task, in_.steady(),
                   deadline); // once more, where somebody else who waited for it took its end
        if (closed_) {
            if (auto cancelled = watch_.cancel(task)) {
                return *std::move(cancelled);
            }
        }
        const auto due = watch_.next_poll();
        if (somebody_asks_ || !due) {
            changed_.wait(hold);
        } else if (*due > in_.steady()) {
            changed_.wait_until(hold, *due);
        } else {
            ask(hold);
        }
    }
}

/// One round for all tasks. The node answers without anybody being kept from the lock.
void task_waiter::ask(std::unique_lock<std::mutex>& hold)
{
    const auto questions = watch_.ask(in_.steady());
    auto calls = std::vector<proxmox::request>{};
    calls.reserve(questions.size());
    for (const auto& question : questions) {
        calls.push_back(question.request());
    }
    somebody_asks_ = true;
    hold.unlock();
    const auto answers = in_.exchange(calls);
    hold.lock();
    somebody_asks_ = false;
    for (const auto& ended : watch_.on_answers(questions, answers, in_.steady())) {
        ended_.insert_or_assign(ended.task(), ended);
    }
    changed_.notify_all();
}

void task_waiter::close()
{
    const auto hold = std::lock_guard{mutex_};
    closed_ = true;
    changed_.notify_all();
}

} // namespace felhom::agent
