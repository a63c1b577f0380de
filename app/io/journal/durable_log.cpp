// SPDX-License-Identifier: Apache-2.0
#include "io/journal/durable_log.hpp"

#include <felhom/hash_chain/batch.hpp>

#include <csignal>
#include <future>
#include <iterator>
#include <memory>
#include <system_error>
#include <utility>

namespace felhom::io {

namespace {

/// How long the thread waits for records before it ends.
constexpr auto linger = std::chrono::seconds{1};

/// A thread that leaves every signal to the others.
template <typename Work>
auto start_without_signals(Work work) -> std::thread
{
    auto all = sigset_t{};
    auto before = sigset_t{};
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const auto restore = std::unique_ptr<sigset_t, void (*)(const sigset_t*)>{
        &before, [](const sigset_t* mask) { pthread_sigmask(SIG_SETMASK, mask, nullptr); }};
    return std::thread{std::move(work)};
}

} // namespace

durable_log::durable_log(log_file file, lock_token lock, const hash_chain::recovered& from, std::uint64_t file_size,
                         log_options options)
    : lock_{std::move(lock)}, options_{options}, file_{std::move(file)}, written_{from.at}, end_{from.end},
      filled_{file_size}, durable_{from.at}, durable_end_{from.end}
{
}

durable_log::~durable_log()
{
    close();
}

void durable_log::close()
{
    {
        auto hold = std::unique_lock{mutex_};
        closing_ = true;
        arrived_.notify_all();
        arrived_.wait(hold, [&] { return !writing_ && !has_writer_; });
    }
    if (writer_.joinable()) {
        writer_.join();
    }
}

auto durable_log::at() const -> hash_chain::head
{
    const auto hold = std::lock_guard{mutex_};
    return durable_;
}

auto durable_log::bytes() const -> std::uint64_t
{
    const auto hold = std::lock_guard{mutex_};
    return durable_end_;
}

auto durable_log::why_closed() const -> std::optional<log_error>
{
    if (poison_) {
        return *poison_;
    }
    return closing_ ? std::optional<log_error>{log_closed{}} : std::nullopt;
}

void durable_log::append(hash_chain::payload data, completion done)
{
    auto one = waiting{.data = std::move(data), .done = std::move(done)};
    if (auto refused = enqueue(one)) {
        one.done(tl::unexpected(*std::move(refused)));
    }
}

/// Takes it over, unless the log takes nothing any more.
auto durable_log::enqueue(waiting& one) -> std::optional<log_error>
{
    const auto hold = std::lock_guard{mutex_};
    auto refused = why_closed();
    if (!refused && !has_writer_) {
        refused = start_writer();
    }
    if (!refused) {
        queue_.push_back(std::move(one));
        if (queue_.size() >= wanted_) {
            arrived_.notify_all();
        }
    }
    return refused;
}

/// Under the lock, when the thread before has let go of it for the last time.
auto durable_log::start_writer() -> std::optional<log_error>
{
    if (writer_.joinable()) {
        writer_.join();
    }
    try {
        writer_ = start_without_signals([this] { run(); });
    } catch (const std::system_error& error) {
        return disk_failed{.call = "start a thread to write", .path = file_.path(), .error = error.code()};
    }
    has_writer_ = true;
    return std::nullopt;
}

auto durable_log::append(hash_chain::payload data) -> log_result<hash_chain::receipt>
{
    if (begin_alone()) {
        auto answer = log_result<hash_chain::receipt>{tl::unexpected<log_error>(log_closed{})};
        auto alone = std::vector<waiting>{};
        alone.push_back({.data = std::move(data), .done = [&](const auto& result) { answer = result; }});
        write(std::move(alone));
        end_writing();
        return answer;
    }
    // Shared, since the waiter may be gone before its waker has let go.
    const auto answer = std::make_shared<std::promise<log_result<hash_chain::receipt>>>();
    auto answered = answer->get_future();
    append(std::move(data), [answer](const auto& result) { answer->set_value(result); });
    return answered.get();
}

/// Whether the caller is to write his record himself.
auto durable_log::begin_alone() -> bool
{
    const auto hold = std::lock_guard{mutex_};
    if (writing_ || !queue_.empty() || why_closed()) {
        return false;
    }
    writing_ = true;
    return true;
}

void durable_log::end_writing()
{
    const auto hold = std::lock_guard{mutex_};
    writing_ = false;
    if (!queue_.empty() || closing_) {
        arrived_.notify_all();
    }
}

void durable_log::run()
{
    for (auto batch = take_batch(); !batch.empty(); batch = take_batch()) {
        write(std::move(batch));
        gather();
    }
}

/// Those whom the last batch woke are about to come back, so they are given a part of the time that a write takes to
/// gather again.
void durable_log::gather()
{
    auto hold = std::unique_lock{mutex_};
    if (last_count_ > 1) {
        wanted_ = last_count_;
        arrived_.wait_for(hold, last_write_ / 2, [&] { return closing_ || queue_.size() >= wanted_; });
        wanted_ = 1;
    }
    writing_ = false;
}

/// Waits for records; none when none come, or the log is closed, and then the thread is to end.
auto durable_log::take_batch() -> std::vector<waiting>
{
    auto hold = std::unique_lock{mutex_};
    const auto is_due = [&] { return !writing_ && (closing_ || !queue_.empty()); };
    while (!arrived_.wait_for(hold, linger, is_due) && !queue_.empty()) {
    }
    if (queue_.empty()) {
        has_writer_ = false;
        arrived_.notify_all();
        return {};
    }
    writing_ = true;
    const auto count = static_cast<std::ptrdiff_t>(
        hash_chain::fitting(queue_, [](const waiting& one) { return one.data.text().size(); }));
    auto batch =
        std::vector<waiting>(std::make_move_iterator(queue_.begin()), std::make_move_iterator(queue_.begin() + count));
    queue_.erase(queue_.begin(), queue_.begin() + count);
    return batch;
}

void durable_log::write(std::vector<waiting> batch)
{
    auto payloads = std::vector<const hash_chain::payload*>{};
    payloads.reserve(batch.size());
    for (const auto& one : batch) {
        payloads.push_back(&one.data);
    }
    auto before = written_;
    const auto begun = std::chrono::steady_clock::now();
    const auto encoded = hash_chain::encode_batch(links_, written_, payloads);
    auto failure = std::optional<log_error>{};
    {
        // Only who writes changes poison_, so it may be read without the lock.
        if (poison_) {
            failure = *poison_;
        } else if (!encoded) {
            failure = log_poisoned{.cause = "the records could not be hashed"};
        } else if (auto written = write_bytes(encoded->bytes); !written) {
            failure = std::move(written).error();
        }
    }
    last_write_ = std::chrono::steady_clock::now() - begun;
    last_count_ = batch.size();
    {
        const auto hold = std::lock_guard{mutex_};
        if (failure) {
            poison_ = poison_.value_or(log_poisoned{.cause = describe(*failure)});
        } else {
            written_ = encoded->heads.back();
            durable_ = written_;
            durable_end_ = end_;
        }
    }
    const auto first = before.seq + 1;
    const auto last = before.seq + batch.size();
    for (auto at = std::size_t{0}; at < batch.size(); ++at) {
        if (failure) {
            batch[at].done(tl::unexpected(*failure));
            continue;
        }
        const auto& now = encoded->heads[at];
        batch[at].done(
            hash_chain::receipt{before.hash, hash_chain::place{.seq = now.seq, .first = first, .last = last}, now});
        before = now;
    }
}

auto durable_log::write_bytes(const std::string& bytes) -> log_result<void>
{
    const auto end = end_ + bytes.size();
    if (end > filled_) {
        const auto target = end + options_.filled_ahead;
        if (auto zeros = file_.write_zeros(filled_, target); !zeros) {
            return zeros;
        }
        filled_ = target;
    }
    return file_.write(bytes, end_).and_then([&] { return file_.sync(); }).map([&] { end_ = end; });
}

} // namespace felhom::io
