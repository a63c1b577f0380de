// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/journal/claim_log.hpp"

#include <felhom/authz/replay/replay_error.hpp>
#include <felhom/operate/ledger.hpp>
#include <felhom/operate/operation/operation_record.hpp>

#include <tl/expected.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom::io {

struct journal_options {
    operate::ledger_policy ledger{};
    std::size_t most_nonces = 100'000;
    std::uint64_t segment_bytes = std::uint64_t{4} << 20U; ///< a new file is begun beyond this
    std::size_t kept_segments = 16;                        ///< of those that are full
    log_options log{};
};

/// What opening a journal found.
struct journal_opening {
    std::size_t in_flight = 0; ///< operations whose end is not recorded
    std::optional<hash_chain::torn_tail> torn;
    std::optional<instant> horizon;

    friend auto operator==(const journal_opening&, const journal_opening&) -> bool = default;
};

/// The life of every operation, and every nonce that was used, in one log: so no crash can fall between the two. What
/// is appended is durable when the call returns, and part of the ledger. Any number of threads may append.
class journal {
public:
    /// Opens the journal, and makes it the first time of all. One that is gone since is not made anew.
    [[nodiscard]] static auto open_or_create(const disk& on, const std::filesystem::path& path, std::string_view holder,
                                             const journal_options& options = {})
        -> log_result<std::unique_ptr<journal>>;

    /// Makes an empty journal where there is none.
    [[nodiscard]] static auto create(const disk& on, const std::filesystem::path& path, std::string_view holder,
                                     const journal_options& options = {}) -> log_result<void>;

    /// Opens the journal, under a lock. One that is missing is an error: made anew, it would let every replay through.
    [[nodiscard]] static auto open(const disk& on, const std::filesystem::path& path, std::string_view holder,
                                   const journal_options& options = {}) -> log_result<std::unique_ptr<journal>>;

    [[nodiscard]] auto append(const operate::operation_record& record) -> log_result<hash_chain::receipt>;

    /// Records that an operation begins and its nonce is used up, unless the nonce may have been used. It counts as
    /// used from here on, whatever becomes of the record.
    [[nodiscard]] auto claim(std::string_view nonce, instant expires_at, const hash_chain::payload& record)
        -> tl::expected<hash_chain::receipt, authz::replay_error>;

    /// A number that no operation has had.
    [[nodiscard]] auto draw_number() -> operate::operation_id;

    /// Forgets the nonces whose window passed at least `skew` ago, begins a new file when this one is full, and removes
    /// the oldest files beyond those that are kept.
    [[nodiscard]] auto compact(std::optional<instant> now, std::chrono::milliseconds skew) -> log_result<void>;

    /// What all records add up to, at this moment.
    [[nodiscard]] auto read() const -> operate::ledger;

    /// The same without a copy; `look` must not call the journal.
    void look(const std::function<void(const operate::ledger&)>& look) const;

    /// Why nothing more can be recorded. Then nothing is, until the journal is opened anew: what this one still holds
    /// in memory, and what its procedures would append, has no way to the file any more.
    [[nodiscard]] auto failure() const -> std::optional<std::string> { return log_.failure(); }

    /// Is called once, at the first record that could not be written, by whoever tried, and must not call the journal.
    /// To be set before anybody appends.
    void when_failed(std::function<void(const std::string&)> what) { log_.when_failed(std::move(what)); }

    [[nodiscard]] auto opening() const -> const journal_opening& { return opening_; }
    [[nodiscard]] auto head() const -> std::optional<hash_chain::head>;

    /// The last records as they stand in the log, by their numbers; a few.
    [[nodiscard]] auto recent() const -> std::map<std::uint64_t, std::string>;

private:
    journal(owned_log place, const journal_options& options)
        : options_{options}, log_{std::move(place), options.most_nonces, use()}, ledger_{options.ledger}
    {
    }

    [[nodiscard]] static auto make(owned_log place, const journal_options& options)
        -> log_result<std::unique_ptr<journal>>;
    [[nodiscard]] auto use() -> claim_log_use;
    [[nodiscard]] auto start() -> log_result<void>;
    [[nodiscard]] auto remove_old_segments() const -> log_result<void>;
    void remember(std::uint64_t seq, std::string_view data);

    journal_options options_;
    journal_opening opening_;
    claim_log log_;

    // With the memory of the log in use.
    operate::ledger ledger_;
    std::uint64_t last_number_ = 0;
    std::map<std::uint64_t, std::string> recent_;
    std::set<std::string, std::less<>> unrecorded_; ///< nonces whose claims could not be written
};

/// The files of a journal, the oldest first, the one that is written last.
[[nodiscard]] auto journal_files(const disk& on, const std::filesystem::path& path)
    -> log_result<std::vector<std::filesystem::path>>;

/// What the journal's present file adds up to; takes no lock.
[[nodiscard]] auto read_ledger(const disk& on, const std::filesystem::path& path) -> log_result<operate::ledger>;

/// Reads all that is kept of a journal, the oldest record first; takes no lock.
[[nodiscard]] auto read_journal(const disk& on, const std::filesystem::path& path, const record_reader& on_record)
    -> log_result<std::vector<hash_chain::recovered>>;

/// Looks at a journal as opening it would, with the same errors; takes no lock and changes nothing. Nothing: there
/// never was one.
[[nodiscard]] auto look_at_journal(const disk& on, const std::filesystem::path& path, const record_reader& on_record)
    -> log_result<std::optional<std::vector<hash_chain::recovered>>>;

} // namespace felhom::io
