// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/file_policy.hpp>
#include <felhom/hash_chain/refusal.hpp>

#include <filesystem>
#include <string>
#include <system_error>
#include <variant>

namespace felhom::io {

/// A call to the file system failed.
struct disk_failed {
    std::string call; ///< "write", "sync", "rename"
    std::filesystem::path path;
    std::error_code error;

    friend auto operator==(const disk_failed&, const disk_failed&) -> bool = default;
};

/// The log must exist and does not. It is never made in passing: an emptied replay memory would let replays through.
struct log_missing {
    std::filesystem::path path;

    friend auto operator==(const log_missing&, const log_missing&) -> bool = default;
};

/// The log is not there, and a mark beside it shows that it was.
struct log_vanished {
    std::filesystem::path path;
    std::filesystem::path mark;
    bool is_journal = false;

    friend auto operator==(const log_vanished&, const log_vanished&) -> bool = default;
};

/// Others than its owner can read or write the log.
struct log_exposed {
    std::filesystem::path path;
    file_flaw flaw;

    friend auto operator==(const log_exposed&, const log_exposed&) -> bool = default;
};

struct log_exists {
    std::filesystem::path path;

    friend auto operator==(const log_exists&, const log_exists&) -> bool = default;
};

struct log_locked {
    std::filesystem::path path;
    std::string holder;

    friend auto operator==(const log_locked&, const log_locked&) -> bool = default;
};

struct log_refused {
    std::filesystem::path path;
    hash_chain::refusal why;

    friend auto operator==(const log_refused&, const log_refused&) -> bool = default;
};

/// A replay memory is damaged. What is lost there was perhaps used, so that cutting it off is no way out.
struct replay_damaged {
    std::filesystem::path path;
    hash_chain::damaged what;

    friend auto operator==(const replay_damaged&, const replay_damaged&) -> bool = default;
};

/// There is nothing to repair.
struct log_intact {
    std::filesystem::path path;

    friend auto operator==(const log_intact&, const log_intact&) -> bool = default;
};

/// A record is framed as it should be, but its reader does not know what it says.
struct record_unknown {
    std::filesystem::path path;
    std::uint64_t seq;
    std::string what;

    friend auto operator==(const record_unknown&, const record_unknown&) -> bool = default;
};

/// An earlier write or sync failed. What reached the disk is not known until the log is opened anew.
struct log_poisoned {
    std::string cause;

    friend auto operator==(const log_poisoned&, const log_poisoned&) -> bool = default;
};

struct log_closed {
    friend auto operator==(const log_closed&, const log_closed&) -> bool = default;
};

using log_error = std::variant<disk_failed, log_missing, log_vanished, log_exposed, log_exists, log_locked, log_refused,
                               replay_damaged, log_intact, record_unknown, log_poisoned, log_closed>;

/// One line: what is wrong and what can be done.
[[nodiscard]] auto describe(const log_error& error) -> std::string;

/// Whether the log may be opened later although nobody mends anything.
[[nodiscard]] auto may_pass(const log_error& error) -> bool;

} // namespace felhom::io
