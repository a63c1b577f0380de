// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/contains.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/operate/operation/operation_record.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace felhom::operate {

/// What a signed operation stood on.
struct claim_facts {
    std::string nonce;
    instant expires_at;
    sha256_digest blob;
    std::vector<std::string> signers;

    friend auto operator==(const claim_facts&, const claim_facts&) -> bool = default;
};

/// One operation, as far as the journal tells of it.
struct operation_state {
    operation_id id;
    vmid guest;
    origin from;
    operation what;
    instant started;
    std::uint64_t generation = 0;
    run_mode who = run_mode::unattended;
    std::optional<instant> counted_at = std::nullopt; ///< where the clock was set back after it began
    std::optional<claim_facts> claim = std::nullopt;
    std::optional<proxmox::upid> task = std::nullopt; ///< the latest
    std::vector<proxmox::upid> earlier_tasks = {};
    std::optional<operation_ended> end = std::nullopt;
    std::optional<operation_acknowledged> acknowledged = std::nullopt;

    [[nodiscard]] auto in_flight() const -> bool { return !end; }

    /// When it counts as begun, where it is counted: a time in the future is one of a clock that was set back since.
    /// One that was only wrong for a while, at the start of the machine, makes no difference.
    [[nodiscard]] auto counts_from(instant now) const -> instant
    {
        return started <= now ? started : std::min(counted_at.value_or(now), now);
    }

    /// Whether an operator must still look at it.
    [[nodiscard]] auto is_open_question() const -> bool { return end && end->how == ending::unknown && !acknowledged; }

    /// Its task, where that was still running when it was last looked at: its guest is left alone until that has ended.
    [[nodiscard]] auto followed_task() const -> const proxmox::upid*
    {
        return is_open_question() && task && end->code == still_running ? &*task : nullptr;
    }
    [[nodiscard]] auto is_followed() const -> bool { return followed_task() != nullptr; }

    friend auto operator==(const operation_state&, const operation_state&) -> bool = default;
};

/// How often a guest failed in a row, in one way, for one generation.
struct failure_row {
    std::uint64_t generation = 0;
    std::string reason;
    std::uint32_t times = 0;
    instant last{};

    friend auto operator==(const failure_row&, const failure_row&) -> bool = default;
};

struct ledger_policy {
    std::size_t most_ended = 500; ///< how many operations that ended are remembered

    friend auto operator==(const ledger_policy&, const ledger_policy&) -> bool = default;
};

/// Everything that a journal's records add up to. Folding a record twice is as folding it once, so that a new file may
/// begin with the records that still matter.
class ledger {
public:
    explicit ledger(ledger_policy policy = {}) : policy_{policy} {}

    void fold(const operation_record& record)
    {
        std::visit([this](const auto& r) { this->take(r); }, record);
    }

    [[nodiscard]] auto next_id() const -> operation_id { return operation_id{last_id_ + 1}; }

    [[nodiscard]] auto find(operation_id id) const -> const operation_state*
    {
        const auto found = operations_.find(id);
        return found == operations_.end() ? nullptr : &found->second;
    }

    /// The operation that was claimed for these signed bytes.
    [[nodiscard]] auto find(const sha256_digest& blob) const -> const operation_state*
    {
        for (const auto& [id, state] : operations_) {
            if (state.claim && state.claim->blob == blob) {
                return &state;
            }
        }
        return nullptr;
    }

    /// All operations that are remembered, the oldest first.
    [[nodiscard]] auto operations() const -> const std::map<operation_id, operation_state>& { return operations_; }

    [[nodiscard]] auto in_flight() const -> std::vector<operation_state>
    {
        return select([](const operation_state& state) { return state.in_flight(); });
    }
    [[nodiscard]] auto open_questions() const -> std::vector<operation_state>
    {
        return select([](const operation_state& state) { return state.is_open_question(); });
    }

    /// The tasks of all operations on a guest that are remembered.
    [[nodiscard]] auto tasks_on(vmid guest) const -> std::vector<operation_task>
    {
        auto tasks = std::vector<operation_task>{};
        for (const auto& [id, state] : operations_) {
            if (state.guest == guest) {
                append_tasks(state, tasks);
            }
        }
        return tasks;
    }

    [[nodiscard]] auto parked() const -> const std::map<vmid, guest_parked>& { return parked_; }

    /// The failures of a guest since its last success.
    [[nodiscard]] auto failures(vmid guest) const -> failure_row
    {
        const auto found = failures_.find(guest);
        return found == failures_.end() ? failure_row{} : found->second;
    }

    /// All rows of failures, by guest.
    [[nodiscard]] auto rows() const -> const std::map<vmid, failure_row>& { return failures_; }

    /// When unattended passes started or stopped the guest after a time, as of now, the earliest first.
    [[nodiscard]] auto restart_times(vmid guest, instant after, instant now) const -> std::vector<instant>
    {
        auto times = std::vector<instant>{};
        for (const auto& [id, state] : operations_) {
            if (state.guest == guest && counts_as_restart(state) && state.counts_from(now) > after) {
                times.push_back(state.counts_from(now));
            }
        }
        std::ranges::sort(times);
        return times;
    }

    /// How often that was.
    [[nodiscard]] auto restarts_since(vmid guest, instant after, instant now) const -> std::size_t
    {
        return restart_times(guest, after, now).size();
    }

    [[nodiscard]] auto signatures(const sha256_digest& blob) const -> std::vector<signature_counted>
    {
        auto all = std::vector<signature_counted>{};
        for (const auto& signature : signatures_) {
            if (signature.blob == blob && signature.expires_at >= latest_) {
                all.push_back(signature);
            }
        }
        return all;
    }

    [[nodiscard]] auto signers() const -> const std::optional<signers_changed>& { return signers_; }

    /// The time of the latest record, on the clock as it was last set.
    [[nodiscard]] auto latest() const -> instant { return latest_; }

    /// The latest time that still counts for a wait or a limit.
    [[nodiscard]] auto latest_counted() const -> instant
    {
        auto latest = latest_;
        for (const auto& [id, state] : operations_) {
            latest = std::max(latest, counts_as_restart(state) ? state.counted_at.value_or(state.started) : latest);
        }
        for (const auto& [guest, row] : failures_) {
            latest = std::max(latest, row.last);
        }
        for (const auto& [guest, parked] : parked_) {
            latest = std::max(latest, parked.at);
        }
        return latest;
    }

    /// The records that a new file has to begin with, so that it folds to what this one does.
    [[nodiscard]] auto to_carry() const -> std::vector<operation_record>
    {
        auto records = std::vector<operation_record>{};
        for (const auto& [id, state] : operations_) {
            carry(state, records);
        }
        // The endings above count as failures again: this is what they had come to.
        for (const auto guest : guests_that_ended()) {
            const auto row = failures(guest);
            records.emplace_back(failures_counted{.guest = guest,
                                                  .at = row.last,
                                                  .generation = row.generation,
                                                  .reason = row.reason,
                                                  .times = row.times});
        }
        for (const auto& [guest, parked] : parked_) {
            records.emplace_back(parked);
        }
        for (const auto& signature : signatures_) {
            if (signature.expires_at >= latest_) {
                records.emplace_back(signature);
            }
        }
        if (signers_) {
            records.emplace_back(*signers_);
        }
        if (clock_set_back_ && *clock_set_back_->clock_was > latest_) {
            auto still = *clock_set_back_;
            still.at = latest_; // nothing counts as later than that, so it moves nothing
            records.emplace_back(std::move(still));
        }
        return records;
    }

    friend auto operator==(const ledger&, const ledger&) -> bool = default;

private:
    static constexpr auto budget_window = std::chrono::hours{24};

    void take(const operation_started& r)
    {
        begin(r.id, r.at,
              operation_state{.id = r.id,
                              .guest = r.guest,
                              .from = r.from,
                              .what = r.what,
                              .started = r.at,
                              .generation = r.generation,
                              .who = r.who,
                              .counted_at = r.counted_at});
    }

    void take(const operation_claimed& r)
    {
        begin(r.id, r.at,
              operation_state{.id = r.id,
                              .guest = r.guest,
                              .from = origin::signature,
                              .what = r.what,
                              .started = r.at,
                              .claim = claim_facts{
                                  .nonce = r.nonce, .expires_at = r.expires_at, .blob = r.blob, .signers = r.signers}});
        std::erase_if(signatures_, [&](const signature_counted& signature) { return signature.blob == r.blob; });
    }

    void take(const operation_task& r)
    {
        latest_ = std::max(latest_, r.at);
        auto* const state = known(r.id);
        if (state == nullptr || state->task == r.task || contains(state->earlier_tasks, r.task)) {
            return;
        }
        if (state->task) {
            state->earlier_tasks.push_back(*std::move(state->task));
        }
        state->task = r.task;
    }

    void take(const operation_ended& r)
    {
        latest_ = std::max(latest_, r.at);
        auto* const state = known(r.id);
        if (state == nullptr) {
            return;
        }
        if (state->end) {
            learn(*state, r);
            return;
        }
        state->end = r;
        if (state->from == origin::reconcile) {
            note_end(*state);
        }
        forget_old();
    }

    void take(const operation_acknowledged& r)
    {
        latest_ = std::max(latest_, r.at);
        if (auto* const state = known(r.id)) {
            state->acknowledged = r;
        }
    }

    void take(const guest_parked& r)
    {
        latest_ = std::max(latest_, r.at);
        parked_.insert_or_assign(r.guest, r);
    }

    void take(const guest_released& r)
    {
        latest_ = std::max(latest_, r.at);
        parked_.erase(r.guest);
        failures_.erase(r.guest);
    }

    void take(const failures_counted& r)
    {
        if (r.times == 0) {
            failures_.erase(r.guest);
        } else {
            failures_.insert_or_assign(
                r.guest, failure_row{.generation = r.generation, .reason = r.reason, .times = r.times, .last = r.at});
        }
    }

    void take(const signature_counted& r)
    {
        latest_ = std::max(latest_, r.at);
        std::erase_if(signatures_, [&](const signature_counted& v) { return v.expires_at < latest_; });
        const auto counted = std::ranges::any_of(
            signatures_, [&](const signature_counted& v) { return v.blob == r.blob && v.signer == r.signer; });
        if (!counted) {
            signatures_.push_back(r);
        }
    }

    void take(const signers_changed& r)
    {
        latest_ = std::max(latest_, r.at);
        signers_ = r;
    }

    void take(const remark& r)
    {
        if (r.clock_was && r.at < *r.clock_was) {
            clock_set_back_ = r;
            latest_ = r.at;
            count_as_of(r.at);
        }
        latest_ = std::max(latest_, r.at);
    }

    /// What is counted for a later time counts for this one. What binds until a time that was signed stays as it is.
    void count_as_of(instant at)
    {
        for (auto& [id, state] : operations_) {
            if (counts_as_restart(state) && state.counted_at.value_or(state.started) > at) {
                state.counted_at = at;
            }
        }
        for (auto& [guest, row] : failures_) {
            row.last = std::min(row.last, at);
        }
        for (auto& [guest, parked] : parked_) {
            parked.at = std::min(parked.at, at);
        }
    }

    void begin(operation_id id, instant at, operation_state&& state)
    {
        latest_ = std::max(latest_, at);
        last_id_ = std::max(last_id_, number(id));
        operations_.try_emplace(id, std::move(state));
    }

    [[nodiscard]] auto known(operation_id id) -> operation_state*
    {
        const auto found = operations_.find(id);
        return found == operations_.end() ? nullptr : &found->second;
    }

    template <typename Wanted>
    [[nodiscard]] auto select(Wanted wanted) const -> std::vector<operation_state>
    {
        auto all = std::vector<operation_state>{};
        for (const auto& [id, state] : operations_) {
            if (wanted(state)) {
                all.push_back(state);
            }
        }
        return all;
    }

    /// What was unknown of a task that is known may be known later. It was one failure if it was one at all.
    void learn(operation_state& state, const operation_ended& later)
    {
        if (!state.task || state.end->how != ending::unknown || *state.end == later) {
            return;
        }
        const auto before = std::exchange(state.end, later);
        const auto row = failures_.find(state.guest);
        if (state.from != origin::reconcile) {
            return;
        }
        if (later.how == ending::succeeded) {
            note_end(state);
        } else if (row != failures_.end() && row->second.reason == before->detail) {
            row->second.reason = later.detail;
        }
    }

    /// A success ends a row of failures; the same failure for the same generation makes it longer.
    void note_end(const operation_state& state)
    {
        if (state.end->how == ending::succeeded) {
            failures_.erase(state.guest);
            parked_.erase(state.guest);
            return;
        }
        auto& row = failures_[state.guest];
        if (row.generation == state.generation && row.reason == state.end->detail) {
            ++row.times;
        } else {
            row = failure_row{.generation = state.generation, .reason = state.end->detail, .times = 1};
        }
        row.last = state.end->at;
    }

    [[nodiscard]] static auto counts_as_restart(const operation_state& state) -> bool
    {
        return state.from == origin::reconcile && state.who == run_mode::unattended && changes_run_state(state.what);
    }

    /// Whether an operation that ended still decides something.
    [[nodiscard]] auto still_matters(const operation_state& state) const -> bool
    {
        return state.in_flight() || state.is_open_question() || (state.claim && state.claim->expires_at > latest_)
               || (changes_run_state(state.what) && state.started > latest_ - budget_window);
    }

    void forget_old()
    {
        if (operations_.size() <= policy_.most_ended * 2) {
            return; // not one by one: each time costs a walk
        }
        auto over = operations_.size() - policy_.most_ended;
        for (auto at = operations_.begin(); at != operations_.end() && over > 0; --over) {
            at = still_matters(at->second) ? std::next(at) : operations_.erase(at);
        }
    }

    [[nodiscard]] auto guests_that_ended() const -> std::set<vmid>
    {
        auto guests = std::set<vmid>{};
        for (const auto& [id, state] : operations_) {
            if (state.from == origin::reconcile && state.end) {
                guests.insert(state.guest);
            }
        }
        for (const auto& [guest, row] : failures_) {
            guests.insert(guest);
        }
        return guests;
    }

    template <typename Records>
    static void append_tasks(const operation_state& state, Records& to)
    {
        for (const auto& task : state.earlier_tasks) {
            to.push_back(operation_task{.id = state.id, .at = state.started, .task = task});
        }
        if (state.task) {
            to.push_back(operation_task{.id = state.id, .at = state.started, .task = *state.task});
        }
    }

    static void carry(const operation_state& state, std::vector<operation_record>& records)
    {
        if (state.claim) {
            records.emplace_back(operation_claimed{.id = state.id,
                                                   .at = state.started,
                                                   .guest = state.guest,
                                                   .what = state.what,
                                                   .nonce = state.claim->nonce,
                                                   .expires_at = state.claim->expires_at,
                                                   .blob = state.claim->blob,
                                                   .signers = state.claim->signers});
        } else {
            records.emplace_back(operation_started{.id = state.id,
                                                   .at = state.started,
                                                   .guest = state.guest,
                                                   .from = state.from,
                                                   .what = state.what,
                                                   .generation = state.generation,
                                                   .who = state.who,
                                                   .counted_at = state.counted_at});
        }
        append_tasks(state, records);
        if (state.end) {
            records.emplace_back(*state.end);
        }
        if (state.acknowledged) {
            records.emplace_back(*state.acknowledged);
        }
    }

    ledger_policy policy_;
    std::uint64_t last_id_ = 0;
    instant latest_{};
    std::map<operation_id, operation_state> operations_;
    std::map<vmid, failure_row> failures_;
    std::map<vmid, guest_parked> parked_;
    std::vector<signature_counted> signatures_;
    std::optional<signers_changed> signers_;
    std::optional<remark> clock_set_back_;
};

} // namespace felhom::operate
