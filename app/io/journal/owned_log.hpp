// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/journal/durable_log.hpp"
#include "io/journal/log_reader.hpp"

#include <felhom/hash_chain/payload.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace felhom::io {

/// Takes one payload of a new log file after the other.
using payload_sink = std::function<log_result<void>(const hash_chain::payload&)>;

/// Whether there is a log; takes no lock. An error when there was one that is gone.
[[nodiscard]] auto is_log_there(const disk& on, const std::filesystem::path& path, const hash_chain::log_kind& kind)
    -> log_result<bool>;

/// The right to change the log at a path, held against every other process through a lock file beside it.
class owned_log {
public:
    /// `holder` is what another contender is told: "felhom-agent, process 123".
    [[nodiscard]] static auto take(disk on, std::filesystem::path path, hash_chain::log_kind kind,
                                   std::string_view holder, log_options options = {}) -> log_result<owned_log>;

    [[nodiscard]] auto path() const -> const std::filesystem::path& { return path_; }

    [[nodiscard]] auto exists() const -> log_result<bool>;

    /// Makes an empty log. An error when there is one.
    [[nodiscard]] auto create() const -> log_result<void>;

    /// Makes an empty log where there never was one. An error when there was one that is gone: a mark beside it says so
    /// from its first opening on. The lock file could not, since a process may die between making that and the log.
    [[nodiscard]] auto create_first() const -> log_result<void>;

    /// The bytes of the file, with what is filled ahead.
    [[nodiscard]] auto size() const -> log_result<std::uint64_t>;

    /// Reads the log, which nobody but its owner may read or write.
    [[nodiscard]] auto read(const record_reader& on_record) const -> log_result<hash_chain::recovered>;

    /// Writes a new file beside the log, with the records that `fill` gives to the sink, each a batch of its own, going
    /// on after `follows`. The log itself is not touched.
    [[nodiscard]] auto prepare(const hash_chain::head& follows,
                               const std::function<log_result<void>(const payload_sink&)>& fill) const
        -> log_result<void>;

    /// Gives the log another name, which nothing may have yet, and answers it.
    [[nodiscard]] auto set_aside(std::string_view suffix) const -> log_result<std::filesystem::path>;

    /// Puts the prepared file in the place of the log. After an error either file may be found there.
    [[nodiscard]] auto publish() const -> log_result<void>;

    /// Keeps the present file under a second name; one that is there already is the same file, from a run that was
    /// interrupted.
    [[nodiscard]] auto keep_as(const std::filesystem::path& archive) const -> log_result<void>;

    /// Everything in the log's directory.
    [[nodiscard]] auto files() const -> log_result<std::vector<std::filesystem::path>>;
    [[nodiscard]] auto remove(const std::filesystem::path& file) const -> log_result<void>;

    /// Opens the log for appending, as it was just read. What a crash tore is cut off first.
    [[nodiscard]] auto start(const hash_chain::recovered& from) const -> log_result<std::unique_ptr<durable_log>>;

private:
    owned_log(disk on, std::filesystem::path path, hash_chain::log_kind kind, log_options options, lock_token lock,
              bool used_before)
        : disk_{std::move(on)}, path_{std::move(path)}, kind_{std::move(kind)}, options_{options},
          lock_{std::move(lock)}, used_before_{used_before}
    {
    }

    [[nodiscard]] auto rename(const std::filesystem::path& from, const std::filesystem::path& to) const
        -> log_result<void>;

    [[nodiscard]] auto sync_directory() const -> log_result<void>;
    [[nodiscard]] auto mark_as_used() const -> log_result<void>;

    disk disk_;
    std::filesystem::path path_;
    hash_chain::log_kind kind_;
    log_options options_;
    lock_token lock_;
    bool used_before_;
};

} // namespace felhom::io
