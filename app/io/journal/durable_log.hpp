// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/journal/disk.hpp"
#include "io/journal/log_file.hpp"

#include <felhom/core/sha256.hpp>
#include <felhom/hash_chain/payload.hpp>
#include <felhom/hash_chain/receipt.hpp>
#include <felhom/hash_chain/scanner.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace felhom::io {

/// Called once, on whatever thread wrote the record. It may append, and must not wait for the log.
using completion = std::function<void(const log_result<hash_chain::receipt>&)>;

struct log_options {
    std::uint64_t filled_ahead = std::uint64_t{4} << 20U; ///< bytes of zeros written at once beyond the end
};

/// An open log: its thread writes what others append, as many records in one write and one sync as are waiting. Who
/// appends alone, and waits for it, writes himself: two changes of threads would cost as much as a quick disk. So the
/// thread is there only while it is needed.
class durable_log {
public:
    /// Takes over a file that was just read, whose lock the caller passes on.
    durable_log(log_file file, lock_token lock, const hash_chain::recovered& from, std::uint64_t file_size,
                log_options options);

    durable_log(const durable_log&) = delete;
    durable_log(durable_log&&) = delete;
    auto operator=(const durable_log&) -> durable_log& = delete;
    auto operator=(durable_log&&) -> durable_log& = delete;
    ~durable_log();

    /// Hands a record over. The completion gets its receipt once the record is durable, or the reason why it may not
    /// be.
    void append(hash_chain::payload data, completion done);

    /// Appends a record and waits until it is durable.
    [[nodiscard]] auto append(hash_chain::payload data) -> log_result<hash_chain::receipt>;

    /// Writes what is waiting and takes nothing more.
    void close();

    /// The head of the log as far as it is durable.
    [[nodiscard]] auto at() const -> hash_chain::head;

    /// The bytes in use, without what is filled ahead.
    [[nodiscard]] auto bytes() const -> std::uint64_t;

private:
    struct waiting {
        hash_chain::payload data;
        completion done;
    };

    [[nodiscard]] auto enqueue(waiting& one) -> std::optional<log_error>;
    [[nodiscard]] auto start_writer() -> std::optional<log_error>;
    void run();
    [[nodiscard]] auto begin_alone() -> bool;
    void end_writing();
    void gather();
    [[nodiscard]] auto take_batch() -> std::vector<waiting>;
    void write(std::vector<waiting> batch);
    [[nodiscard]] auto write_bytes(const std::string& bytes) -> log_result<void>;
    [[nodiscard]] auto why_closed() const -> std::optional<log_error>;

    lock_token lock_;
    log_options options_;

    // Theirs who has set writing_.
    log_file file_;
    hash_chain::chain links_;
    hash_chain::head written_;
    std::uint64_t end_;
    std::uint64_t filled_;
    std::chrono::nanoseconds last_write_{};
    std::size_t last_count_ = 0;

    mutable std::mutex mutex_;
    std::condition_variable arrived_;
    std::vector<waiting> queue_;
    std::size_t wanted_ = 1;
    bool writing_ = false;    ///< somebody writes, or waits for what he is about to write
    bool has_writer_ = false; ///< the thread will look into the queue
    bool closing_ = false;
    std::optional<log_poisoned> poison_;
    hash_chain::head durable_;
    std::uint64_t durable_end_;

    std::thread writer_;
};

} // namespace felhom::io
