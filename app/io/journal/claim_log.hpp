// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/journal/owned_log.hpp"

#include <felhom/authz/replay/replay_memory.hpp>
#include <felhom/authz/replay/replay_record.hpp>

#include <tl/expected.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>

namespace felhom::io {

/// What the user of a claim log knows of its records.
struct claim_log_use {
    /// How many bytes the file has that is read next, into an empty memory.
    std::function<void(authz::replay_memory&, std::uint64_t bytes)> begin;
    /// Takes a record in; what a record says that is not known.
    std::function<tl::expected<void, std::string>(const hash_chain::record&, authz::replay_memory&)> fold;
    /// Puts into a new file what still matters besides the bounds.
    std::function<log_result<void>(const payload_sink&)> carry_over;
    /// Is called before a new file, which follows there, takes the place of the old one.
    std::function<log_result<void>(const hash_chain::head&)> keep_old;
    /// After any torn end a new file is begun; otherwise only where a nonce may have been lost with it, and else the
    /// bounds are written once more: cut off again and again, the file would lose them.
    bool begins_anew_when_torn;
    /// Is told of each record that was made durable, with the memory in use.
    std::function<void(const hash_chain::receipt&, const hash_chain::payload&)> appended;
};

/// A log in which nonces are used up: the file, the replay memory that its records add up to, and the order in which
/// both change. A nonce is used up in memory first, then durably under a ceiling that was durable before; on any doubt
/// it stays refused. Many threads may write at once.
class claim_log {
public:
    using shared_use = std::shared_lock<std::shared_mutex>;

    /// Has the log alone: whoever comes while one waits for it goes behind.
    struct sole_use {
        std::unique_lock<std::mutex> turn;
        std::unique_lock<std::shared_mutex> log;
    };

    claim_log(owned_log place, std::size_t most_nonces, claim_log_use use)
        : place_{std::move(place)}, most_nonces_{most_nonces}, use_{std::move(use)}, memory_{most_nonces}
    {
    }

    /// The log of that kind, under its lock.
    [[nodiscard]] static auto take(const disk& on, const std::filesystem::path& path, std::string_view kind,
                                   std::string_view holder, const log_options& options) -> log_result<owned_log>;

    /// Folds the file into an empty memory.
    [[nodiscard]] auto load() -> log_result<hash_chain::recovered>;

    /// Loads the file and opens it for appending. Answers what a crash tore.
    [[nodiscard]] auto start() -> log_result<std::optional<hash_chain::torn_tail>>;

    /// Prepares a file that begins with all that still matters.
    [[nodiscard]] auto prepare(const hash_chain::head& follows) const -> log_result<void>;

    [[nodiscard]] auto shared() const -> shared_use;
    [[nodiscard]] auto alone() const -> sole_use;

    /// With the memory in use, which is then also what the user's own knowledge is guarded by.
    template <typename Look>
    auto with_memory(const Look& look)
    {
        const auto using_memory = std::scoped_lock{memory_in_use_};
        return look(memory_);
    }

    template <typename Look>
    auto with_memory(const Look& look) const
    {
        const auto using_memory = std::scoped_lock{memory_in_use_};
        return look(std::as_const(memory_));
    }

    /// Makes a record durable. With the log in use. After the first that failed nothing is written any more.
    [[nodiscard]] auto append(const hash_chain::payload& data) -> log_result<hash_chain::receipt>;

    /// Makes a claim's record durable, after the ceiling that it needs. With the log in use.
    [[nodiscard]] auto append_claim(const std::optional<authz::ceiling_record>& ceiling,
                                    const hash_chain::payload& claim) -> log_result<hash_chain::receipt>;

    /// Forgets the nonces whose window passed at least `skew` ago, once the horizon that refuses them is durable.
    /// Answers how many. With the log alone.
    [[nodiscard]] auto forget(instant now, std::chrono::milliseconds skew) -> log_result<std::size_t>;

    /// Begins a new file. The old one goes on when that cannot be prepared; once it may have been replaced, an error
    /// leaves the log closed. With the log alone.
    [[nodiscard]] auto rotate() -> log_result<void>;

    [[nodiscard]] auto place() const -> const owned_log& { return place_; }
    [[nodiscard]] auto is_open() const -> bool { return log_ != nullptr; }
    [[nodiscard]] auto bytes() const -> std::uint64_t { return log_->bytes(); }
    [[nodiscard]] auto head() const -> std::optional<hash_chain::head>;

    /// Why nothing more can be written, until the log is opened anew.
    [[nodiscard]] auto failure() const -> std::optional<std::string>;

    /// Is called once, at the first record that could not be written, by whoever tried, and must not call the log. To
    /// be set before anybody appends.
    void when_failed(std::function<void(const std::string&)> what) { on_failure_ = std::move(what); }

private:
    [[nodiscard]] auto resume(const hash_chain::recovered& from) -> log_result<void>;
    template <typename Bound>
    [[nodiscard]] auto append_bound(const Bound& bound) -> log_result<void>;
    [[nodiscard]] auto repeat_bounds() -> log_result<void>;
    void fail(const log_error& why);

    owned_log place_;
    std::size_t most_nonces_;
    claim_log_use use_;

    /// Writers share the log; what closes or changes it has it alone. Both queue at the turnstile, for readers that
    /// come and go would keep a glibc rwlock from its writer for ever.
    mutable std::mutex turnstile_;
    mutable std::shared_mutex log_in_use_;
    std::unique_ptr<durable_log> log_;

    mutable std::mutex memory_in_use_;
    authz::replay_memory memory_;

    mutable std::mutex failure_in_use_;
    std::optional<std::string> failure_;
    std::function<void(const std::string&)> on_failure_ = [](const std::string&) {};
};

/// Of a record that no line can hold.
[[nodiscard]] auto record_refused(const parse_error& error) -> log_error;

} // namespace felhom::io
