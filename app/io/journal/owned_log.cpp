// SPDX-License-Identifier: Apache-2.0
#include "io/journal/owned_log.hpp"

#include <felhom/core/overloaded.hpp>
#include <felhom/hash_chain/batch.hpp>

#include <span>
#include <string>
#include <utility>
#include <vector>

namespace felhom::io {

namespace {

/// Of the file that says that a log was there.
constexpr auto used_mark = std::string_view{".used"};

auto beside(const std::filesystem::path& path, std::string_view suffix) -> std::filesystem::path
{
    auto name = path;
    name += suffix;
    return name;
}

auto is_there(const disk& on, const std::filesystem::path& name) -> log_result<bool>
{
    return on.exists(name).map_error(
        [&](std::error_code error) -> log_error { return disk_failed{.call = "stat", .path = name, .error = error}; });
}

auto vanished(const std::filesystem::path& path, const hash_chain::log_kind& kind) -> log_error
{
    return log_vanished{.path = path, .mark = beside(path, used_mark), .is_journal = kind.text() == "journal"};
}

/// A log file in the making, at a name of its own.
class draft {
public:
    draft(log_file file, const hash_chain::log_header& header) : file_{std::move(file)}
    {
        const auto line = hash_chain::encode(header);
        if (const auto hash = links_.link(header.follows.hash, line); hash) {
            at_ = hash_chain::head{.seq = header.follows.seq, .hash = *hash};
        } else {
            failure_ = log_poisoned{.cause = "the header could not be hashed"};
        }
        bytes_ = line + '\n';
    }

    [[nodiscard]] auto add(const hash_chain::payload& data) -> log_result<void>
    {
        const auto* const one = &data;
        const auto batch = hash_chain::encode_batch(links_, at_, std::span{&one, 1});
        if (!batch) {
            failure_ = log_poisoned{.cause = "a record could not be hashed"};
            return outcome();
        }
        bytes_ += batch->bytes;
        at_ = batch->heads.back();
        return bytes_.size() < flushed_at ? outcome() : flush();
    }

    [[nodiscard]] auto finish(std::uint64_t filled_ahead) -> log_result<void>
    {
        return flush().and_then([&] { return file_.write_zeros(end_, end_ + filled_ahead); }).and_then([&] {
            return file_.sync();
        });
    }

private:
    static constexpr auto flushed_at = std::size_t{1} << 20U;

    [[nodiscard]] auto outcome() const -> log_result<void>
    {
        return failure_ ? tl::unexpected(*failure_) : log_result<void>{};
    }

    [[nodiscard]] auto flush() -> log_result<void>
    {
        return outcome().and_then([&] { return file_.write(bytes_, end_); }).map([&] {
            end_ += bytes_.size();
            bytes_.clear();
        });
    }

    log_file file_;
    hash_chain::chain links_;
    hash_chain::head at_;
    std::optional<log_error> failure_;
    std::string bytes_;
    std::uint64_t end_ = 0;
};

} // namespace

auto is_log_there(const disk& on, const std::filesystem::path& path, const hash_chain::log_kind& kind)
    -> log_result<bool>
{
    return is_there(on, path).and_then([&](bool there) -> log_result<bool> {
        const auto used = is_there(on, beside(path, used_mark));
        if (there || !used || !*used) {
            return used.map([&](bool) { return there; });
        }
        return tl::unexpected(vanished(path, kind));
    });
}

auto owned_log::take(disk on, std::filesystem::path path, hash_chain::log_kind kind, std::string_view holder,
                     log_options options) -> log_result<owned_log>
{
    const auto lock_path = beside(path, ".lock");
    auto lock = on.lock(lock_path, holder);
    if (!lock) {
        return tl::unexpected(std::visit(
            overloaded{
                [&](const lock_held& held) -> log_error { return log_locked{.path = path, .holder = held.holder}; },
                [&](const std::error_code& error) -> log_error {
                    return disk_failed{.call = "lock", .path = lock_path, .error = error};
                },
            },
            lock.error()));
    }
    const auto used_before = is_there(on, beside(path, used_mark));
    if (!used_before) {
        return tl::unexpected(used_before.error());
    }
    return owned_log{std::move(on), std::move(path), std::move(kind), options, *std::move(lock), *used_before};
}

auto owned_log::exists() const -> log_result<bool>
{
    return is_there(disk_, path_);
}

auto owned_log::create() const -> log_result<void>
{
    const auto there = exists();
    if (!there) {
        return tl::unexpected(there.error());
    }
    if (*there) {
        return tl::unexpected<log_error>(log_exists{.path = path_});
    }
    return prepare(hash_chain::head{}, [](const payload_sink& /*nothing to put in*/) { return log_result<void>{}; })
        .and_then([&] { return publish(); });
}

auto owned_log::create_first() const -> log_result<void>
{
    const auto there = exists();
    if (!there) {
        return tl::unexpected(there.error());
    }
    if (*there) {
        return {};
    }
    return used_before_ ? tl::unexpected(vanished(path_, kind_)) : create();
}

auto owned_log::size() const -> log_result<std::uint64_t>
{
    return log_file::open(disk_, path_, open_mode::read).and_then([](const log_file& file) { return file.size(); });
}

auto owned_log::read(const record_reader& on_record) const -> log_result<hash_chain::recovered>
{
    return log_file::open(disk_, path_, open_mode::read)
        .and_then([](const log_file& file) { return file.examine(); })
        .and_then([&] { return read_log(disk_, path_, kind_, on_record); });
}

auto owned_log::prepare(const hash_chain::head& follows,
                        const std::function<log_result<void>(const payload_sink&)>& fill) const -> log_result<void>
{
    auto file = log_file::open(disk_, beside(path_, ".new"), open_mode::create_empty);
    if (!file) {
        return tl::unexpected(std::move(file).error());
    }
    auto made = draft{*std::move(file), hash_chain::log_header{.kind = kind_, .follows = follows}};
    return fill([&](const hash_chain::payload& data) { return made.add(data); }).and_then([&] {
        return made.finish(options_.filled_ahead);
    });
}

auto owned_log::rename(const std::filesystem::path& from, const std::filesystem::path& to) const -> log_result<void>
{
    return disk_.rename(from, to)
        .map_error([&](std::error_code error) -> log_error {
            return disk_failed{.call = "rename", .path = from, .error = error};
        })
        .and_then([&] { return sync_directory(); });
}

auto owned_log::set_aside(std::string_view suffix) const -> log_result<std::filesystem::path>
{
    auto to = beside(path_, suffix);
    const auto taken = is_there(disk_, to);
    if (!taken) {
        return tl::unexpected(taken.error());
    }
    if (*taken) {
        return tl::unexpected<log_error>(log_exists{.path = to});
    }
    return rename(path_, to).map([&] { return std::move(to); });
}

auto owned_log::publish() const -> log_result<void>
{
    return rename(beside(path_, ".new"), path_);
}

auto owned_log::sync_directory() const -> log_result<void>
{
    const auto directory = path_.parent_path();
    return disk_.sync_directory(directory).map_error([&](std::error_code error) -> log_error {
        return disk_failed{.call = "sync", .path = directory, .error = error};
    });
}

/// Before the first record of all, so that a log with a record in it is never taken for one that was not made yet.
auto owned_log::mark_as_used() const -> log_result<void>
{
    if (used_before_) {
        return {};
    }
    return log_file::open(disk_, beside(path_, used_mark), open_mode::create_empty)
        .and_then([](log_file mark) { return mark.sync(); })
        .and_then([&] { return sync_directory(); });
}

auto owned_log::keep_as(const std::filesystem::path& archive) const -> log_result<void>
{
    const auto there = disk_.exists(archive);
    const auto linked = !there   ? tl::unexpected(there.error())
                        : *there ? disk_result<void>{}
                                 : disk_.link(path_, archive);
    return linked
        .map_error([&](std::error_code error) -> log_error {
            return disk_failed{.call = "link", .path = archive, .error = error};
        })
        .and_then([&] { return sync_directory(); });
}

auto owned_log::files() const -> log_result<std::vector<std::filesystem::path>>
{
    return disk_.list(path_.parent_path()).map_error([&](std::error_code error) -> log_error {
        return disk_failed{.call = "list", .path = path_.parent_path(), .error = error};
    });
}

auto owned_log::remove(const std::filesystem::path& file) const -> log_result<void>
{
    return disk_.remove(file).map_error([&](std::error_code error) -> log_error {
        return disk_failed{.call = "remove", .path = file, .error = error};
    });
}

auto owned_log::start(const hash_chain::recovered& from) const -> log_result<std::unique_ptr<durable_log>>
{
    auto file = log_file::open(disk_, path_, open_mode::update);
    if (!file) {
        return tl::unexpected(std::move(file).error());
    }
    if (from.torn) {
        if (auto cut = file->truncate(from.end); !cut) {
            return tl::unexpected(std::move(cut).error());
        }
    }
    // A run that was killed may have renamed this file here without making that durable.
    if (auto synced = sync_directory(); !synced) {
        return tl::unexpected(std::move(synced).error());
    }
    if (auto marked = mark_as_used(); !marked) {
        return tl::unexpected(std::move(marked).error());
    }
    // The page cache may show what a failed sync, or a killed process, never brought to the disk. Only the last batch
    // can be such: it is written again, since pages that a failed sync marked clean would not be.
    auto last = std::string(from.end - from.last_batch, '\0');
    const auto again = file->read(last, from.last_batch)
                           .and_then([&](std::size_t) { return file->write(last, from.last_batch); })
                           .and_then([&] { return file->sync(); });
    if (!again) {
        return tl::unexpected(again.error());
    }
    const auto size = file->size();
    if (!size) {
        return tl::unexpected(size.error());
    }
    return std::make_unique<durable_log>(*std::move(file), lock_, from, *size, options_);
}

} // namespace felhom::io
