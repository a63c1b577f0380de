// SPDX-License-Identifier: Apache-2.0
#include "io/journal/journal.hpp"

#include <felhom/authz/replay/replay_record.hpp>
#include <felhom/operate/operation/operation_record_json.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

namespace felhom::io {

namespace {

constexpr auto archive_digits = std::size_t{20};
constexpr auto most_recent = std::size_t{20};

constexpr auto kind_name = std::string_view{"journal"};

auto journal_kind() -> log_result<hash_chain::log_kind>
{
    return hash_chain::log_kind::parse(kind_name).map_error(record_refused);
}

auto take(const disk& on, const std::filesystem::path& path, std::string_view holder, const journal_options& options)
    -> log_result<owned_log>
{
    return claim_log::take(on, path, kind_name, holder, options.log);
}

auto claim_not_made(const log_error& error) -> authz::replay_error
{
    return authz::claim_not_recorded{.reason = describe(error)};
}

/// A record is one of the replay memory's, or one of an operation's life.
auto fold(std::string_view data, authz::replay_memory& memory, operate::ledger& ledger)
    -> tl::expected<void, std::string>
{
    if (const auto bound = authz::parse_replay_record(data)) {
        memory.fold(*bound);
        return {};
    }
    return operate::parse_operation_record(data)
        .map([&](const operate::operation_record& record) {
            ledger.fold(record);
            if (const auto* const claim = std::get_if<operate::operation_claimed>(&record)) {
                memory.fold(authz::claim_record{.nonce = claim->nonce, .expires_at = claim->expires_at});
            }
        })
        .map_error([](const json_error& error) { return describe(error); });
}

/// "journal-00000000000000000042.log": the file whose last record has this number.
auto archive_of(const std::filesystem::path& path, std::uint64_t last) -> std::filesystem::path
{
    const auto digits = std::to_string(last);
    return path.parent_path()
           / (path.stem().string() + "-" + std::string(archive_digits - digits.size(), '0') + digits
              + path.extension().string());
}

auto is_archive_of(const std::filesystem::path& path, const std::filesystem::path& other) -> bool
{
    const auto name = other.filename().string();
    const auto prefix = path.stem().string() + "-";
    return name.size() == prefix.size() + archive_digits + path.extension().string().size() && name.starts_with(prefix)
           && name.ends_with(path.extension().string())
           && name.find_first_not_of("0123456789", prefix.size()) == prefix.size() + archive_digits;
}

} // namespace

auto journal::create(const disk& on, const std::filesystem::path& path, std::string_view holder,
                     const journal_options& options) -> log_result<void>
{
    return take(on, path, holder, options).and_then([](const owned_log& place) { return place.create(); });
}

auto journal::open(const disk& on, const std::filesystem::path& path, std::string_view holder,
                   const journal_options& options) -> log_result<std::unique_ptr<journal>>
{
    return take(on, path, holder, options).and_then([&](owned_log&& place) { return make(std::move(place), options); });
}

auto journal::open_or_create(const disk& on, const std::filesystem::path& path, std::string_view holder,
                             const journal_options& options) -> log_result<std::unique_ptr<journal>>
{
    return take(on, path, holder, options).and_then([&](owned_log&& place) {
        return place.create_first().and_then([&] { return make(std::move(place), options); });
    });
}

auto journal::make(owned_log place, const journal_options& options) -> log_result<std::unique_ptr<journal>>
{
    // The constructor is private, out of make_unique's reach.
    auto made = std::unique_ptr<journal>{new journal{std::move(place), options}};
    return made->start().map([&] { return std::move(made); });
}

auto journal::use() -> claim_log_use
{
    return {.begin = [this](authz::replay_memory&, std::uint64_t) { ledger_ = operate::ledger{options_.ledger}; },
            .fold =
                [this](const hash_chain::record& one, authz::replay_memory& memory) {
                    remember(one.seq, one.data);
                    return fold(one.data, memory, ledger_);
                },
            .carry_over = [this](const payload_sink& put) -> log_result<void> {
                for (const auto& record : ledger_.to_carry()) {
                    if (auto written = to_payload(record).map_error(record_refused).and_then(put); !written) {
                        return written;
                    }
                }
                return {};
            },
            .keep_old =
                [this](const hash_chain::head& follows) {
                    const auto& place = log_.place();
                    return place.keep_as(archive_of(place.path(), follows.seq));
                },
            .begins_anew_when_torn = false, // what was in flight stays in the file that its records are in
            .appended = [this](const hash_chain::receipt& proof,
                               const hash_chain::payload& data) { remember(proof.at().seq, data.text()); }};
}

auto journal::start() -> log_result<void>
{
    return log_.start().map([&](const std::optional<hash_chain::torn_tail>& torn) {
        opening_.torn = torn;
        opening_.in_flight = ledger_.in_flight().size();
        opening_.horizon = log_.with_memory([](const authz::replay_memory& memory) { return memory.horizon(); });
        last_number_ = number(ledger_.next_id()) - 1;
    });
}

/// With the memory in use.
void journal::remember(std::uint64_t seq, std::string_view data)
{
    recent_.emplace(seq, data);
    if (recent_.size() > most_recent) {
        recent_.erase(recent_.begin());
    }
}

auto journal::recent() const -> std::map<std::uint64_t, std::string>
{
    return log_.with_memory([&](const authz::replay_memory&) { return recent_; });
}

auto journal::append(const operate::operation_record& record) -> log_result<hash_chain::receipt>
{
    return to_payload(record).map_error(record_refused).and_then([&](const hash_chain::payload& data) {
        const auto using_log = log_.shared();
        return log_.append(data).map([&](const hash_chain::receipt& proof) {
            log_.with_memory([&](authz::replay_memory&) { ledger_.fold(record); });
            return proof;
        });
    });
}

auto journal::claim(std::string_view nonce, instant expires_at, const hash_chain::payload& record)
    -> tl::expected<hash_chain::receipt, authz::replay_error>
{
    const auto once = authz::nonce::parse(nonce);
    const auto claimed = operate::parse_operation_record(record.text());
    if (!once || !claimed) {
        return tl::unexpected<authz::replay_error>(authz::claim_not_recorded{.reason = "not a claim record"});
    }
    const auto using_log = log_.shared();
    const auto admitted =
        log_.with_memory([&](authz::replay_memory& memory) -> tl::expected<authz::admission, authz::replay_error> {
            if (unrecorded_.contains(nonce)) {
                return tl::unexpected<authz::replay_error>(
                    authz::claim_not_recorded{.reason = "an earlier attempt failed; it is known after a restart"});
            }
            return memory.admit(*once, expires_at);
        });
    if (!admitted) {
        return tl::unexpected(admitted.error());
    }
    return log_.append_claim(admitted->ceiling, record)
        .map([&](const hash_chain::receipt& proof) {
            log_.with_memory([&](authz::replay_memory&) { ledger_.fold(*claimed); });
            return proof;
        })
        .map_error([&](const log_error& error) {
            log_.with_memory([&](authz::replay_memory&) { unrecorded_.emplace(nonce); });
            return claim_not_made(error);
        });
}

auto journal::draw_number() -> operate::operation_id
{
    return log_.with_memory([&](authz::replay_memory&) { return operate::operation_id{++last_number_}; });
}

auto journal::compact(std::optional<instant> now, std::chrono::milliseconds skew) -> log_result<void>
{
    const auto alone = log_.alone();
    if (auto before = log_.failure(); before || !log_.is_open()) {
        return tl::unexpected<log_error>(log_poisoned{.cause = before.value_or(describe(log_closed{}))});
    }
    return (now ? log_.forget(*now, skew) : log_result<std::size_t>{}).and_then([&](std::size_t) {
        return log_.bytes() < options_.segment_bytes ? log_result<void>{}
                                                     : log_.rotate().and_then([&] { return remove_old_segments(); });
    });
}

auto journal::remove_old_segments() const -> log_result<void>
{
    const auto& place = log_.place();
    return place.files().and_then([&](std::vector<std::filesystem::path> files) -> log_result<void> {
        std::erase_if(files, [&](const auto& file) { return !is_archive_of(place.path(), file); });
        std::ranges::sort(files);
        const auto over = files.size() - std::min(files.size(), options_.kept_segments);
        files.resize(over);
        for (const auto& file : files) {
            if (auto removed = place.remove(file); !removed) {
                return removed;
            }
        }
        return {};
    });
}

auto journal::read() const -> operate::ledger
{
    return log_.with_memory([&](const authz::replay_memory&) { return ledger_; });
}

void journal::look(const std::function<void(const operate::ledger&)>& look) const
{
    log_.with_memory([&](const authz::replay_memory&) { look(ledger_); });
}

auto journal::head() const -> std::optional<hash_chain::head>
{
    const auto using_log = log_.shared();
    return log_.head();
}

namespace {

/// What a file says that it follows; nothing for one without a header.
auto followed_by(const disk& on, const std::filesystem::path& path) -> std::optional<hash_chain::head>
{
    auto file = log_file::open(on, path, open_mode::read);
    auto text = std::string(hash_chain::longest_header, '\0');
    const auto got = file ? file->read(text, 0) : tl::unexpected(file.error());
    if (!got) {
        return std::nullopt;
    }
    const auto header = hash_chain::parse_header(std::string_view{text}.substr(0, text.find('\n')));
    return header ? std::optional{header->follows} : std::nullopt;
}

} // namespace

auto journal_files(const disk& on, const std::filesystem::path& path) -> log_result<std::vector<std::filesystem::path>>
{
    auto files = on.list(path.parent_path());
    if (!files) {
        return tl::unexpected<log_error>(
            disk_failed{.call = "list", .path = path.parent_path(), .error = files.error()});
    }
    std::erase_if(*files, [&](const auto& file) { return !is_archive_of(path, file); });
    std::ranges::sort(*files);
    files->push_back(path);
    // A file that was about to be followed by another has two names, if the agent stopped just then.
    const auto is_second_name = [&](const std::filesystem::path& file, const std::filesystem::path& next) {
        const auto follows = followed_by(on, file);
        return follows && follows == followed_by(on, next);
    };
    auto once = std::vector<std::filesystem::path>{};
    for (auto at = files->begin(); at != files->end(); ++at) {
        if (std::next(at) == files->end() || !is_second_name(*at, *std::next(at))) {
            once.push_back(*at);
        }
    }
    return once;
}

auto read_ledger(const disk& on, const std::filesystem::path& path) -> log_result<operate::ledger>
{
    auto ledger = operate::ledger{};
    auto memory = authz::replay_memory{journal_options{}.most_nonces};
    auto unknown = std::optional<log_error>{};
    const auto kind = journal_kind();
    if (!kind) {
        return tl::unexpected(kind.error());
    }
    const auto end = read_log(on, path, *kind, [&](const hash_chain::record& one) {
        auto folded = fold(one.data, memory, ledger);
        if (!folded && !unknown) {
            unknown = record_unknown{.path = path, .seq = one.seq, .what = std::move(folded).error()};
        }
    });
    if (!end || unknown) {
        return tl::unexpected(unknown ? *std::move(unknown) : end.error());
    }
    return ledger;
}

auto read_journal(const disk& on, const std::filesystem::path& path, const record_reader& on_record)
    -> log_result<std::vector<hash_chain::recovered>>
{
    const auto kind = journal_kind();
    const auto files = journal_files(on, path);
    if (!kind || !files) {
        return tl::unexpected(kind ? files.error() : kind.error());
    }
    auto segments = std::vector<hash_chain::recovered>{};
    for (const auto& file : *files) {
        auto end = read_log(on, file, *kind, on_record);
        if (!end) {
            return tl::unexpected(std::move(end).error());
        }
        segments.push_back(*std::move(end));
    }
    return segments;
}

auto look_at_journal(const disk& on, const std::filesystem::path& path, const record_reader& on_record)
    -> log_result<std::optional<std::vector<hash_chain::recovered>>>
{
    using looked = std::optional<std::vector<hash_chain::recovered>>;
    return journal_kind()
        .and_then([&](const hash_chain::log_kind& kind) { return is_log_there(on, path, kind); })
        .and_then([&](bool there) -> log_result<looked> {
            if (!there) {
                return looked{};
            }
            return log_file::open(on, path, open_mode::read)
                .and_then([](const log_file& file) { return file.examine(); })
                .and_then([&] { return read_ledger(on, path); })
                .and_then([&](const operate::ledger&) { return read_journal(on, path, on_record); })
                .map([](std::vector<hash_chain::recovered> segments) { return looked{std::move(segments)}; });
        });
}

} // namespace felhom::io
