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

auto journal_kind() -> log_result<hash_chain::log_kind>
{
    return hash_chain::log_kind::parse("journal").map_error(
        [](const parse_error& error) -> log_error { return log_poisoned{.cause = describe(error)}; });
}

auto take(const disk& on, const std::filesystem::path& path, std::string_view holder, const journal_options& options)
    -> log_result<owned_log>
{
    return journal_kind().and_then(
        [&](hash_chain::log_kind kind) { return owned_log::take(on, path, std::move(kind), holder, options.log); });
}

auto record_refused(const parse_error& error) -> log_error
{
    return log_poisoned{.cause = describe(error)};
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

/// Folds the file into an empty memory and ledger.
auto journal::load() -> log_result<hash_chain::recovered>
{
    memory_ = authz::replay_memory{options_.most_nonces};
    ledger_ = operate::ledger{options_.ledger};
    auto unknown = std::optional<log_error>{};
    auto end = place_.read([&](const hash_chain::record& one) {
        remember(one.seq, one.data);
        auto folded = fold(one.data, memory_, ledger_);
        if (!folded && !unknown) {
            unknown = record_unknown{.path = place_.path(), .seq = one.seq, .what = std::move(folded).error()};
        }
    });
    if (unknown) {
        return tl::unexpected(*std::move(unknown));
    }
    return end;
}

/// Opens the log. A last batch that is spoilt may have been acknowledged: a crash and a bad sector look alike there. So
/// every nonce that could have stood in it is refused from now on, by a horizon that is durable in a new file before
/// the old one, and with it the knowledge of the loss, is set aside.
auto journal::start() -> log_result<void>
{
    auto end = load();
    if (!end) {
        return tl::unexpected(std::move(end).error());
    }
    opening_.torn = end->torn;
    const auto raised = end->torn ? memory_.after_loss() : std::nullopt;
    if (raised) {
        memory_.fold(*raised);
        end = carry_over(end->at)
                  .and_then([&] { return place_.keep_as(archive_of(place_.path(), end->at.seq)); })
                  .and_then([&] { return place_.publish(); })
                  .and_then([&] { return load(); });
    }
    if (!end) {
        return tl::unexpected(std::move(end).error());
    }
    static_cast<void>(memory_.drop_forgotten());
    opening_.in_flight = ledger_.in_flight().size();
    opening_.horizon = memory_.horizon();
    last_number_ = number(ledger_.next_id()) - 1;
    return resume(*end);
}

auto journal::resume(const hash_chain::recovered& from) -> log_result<void>
{
    return place_.start(from).map([&](std::unique_ptr<durable_log> log) { log_ = std::move(log); });
}

/// Prepares a file that begins with all that still matters. The bounds stand in front and once more behind, so that no
/// spoilt last record can take them with it.
auto journal::carry_over(const hash_chain::head& follows) const -> log_result<void>
{
    return place_.prepare(follows, [&](const payload_sink& put) -> log_result<void> {
        auto written = log_result<void>{};
        const auto add = [&](const tl::expected<hash_chain::payload, parse_error>& data) {
            if (written) {
                written = data ? put(*data) : tl::unexpected(record_refused(data.error()));
            }
        };
        const auto add_bounds = [&] {
            if (const auto horizon = memory_.horizon(); horizon) {
                add(to_payload(authz::horizon_record{.horizon = *horizon}));
            }
            if (const auto ceiling = memory_.ceiling(); ceiling) {
                add(to_payload(authz::ceiling_record{.ceiling = *ceiling}));
            }
        };
        add_bounds();
        for (const auto& record : ledger_.to_carry()) {
            add(to_payload(record));
        }
        add_bounds();
        return written;
    });
}

auto journal::in_use() const -> std::shared_lock<std::shared_mutex>
{
    const auto turn = std::lock_guard{turnstile_};
    return std::shared_lock{log_in_use_};
}

/// With the log in use.
auto journal::write(const hash_chain::payload& data) -> log_result<hash_chain::receipt>
{
    if (auto before = failure()) {
        return tl::unexpected<log_error>(log_poisoned{.cause = *std::move(before)});
    }
    auto written = log_ ? log_->append(data) : tl::unexpected<log_error>(log_closed{});
    if (!written) {
        fail(written.error());
        return written;
    }
    const auto using_memory = std::lock_guard{memory_in_use_};
    remember(written->at().seq, data.text());
    return written;
}

auto journal::failure() const -> std::optional<std::string>
{
    const auto using_failure = std::lock_guard{failure_in_use_};
    return failure_;
}

void journal::fail(const log_error& why)
{
    const auto text = describe(why);
    {
        const auto using_failure = std::lock_guard{failure_in_use_};
        if (failure_) {
            return;
        }
        failure_ = text;
    }
    on_failure_(text);
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
    const auto using_memory = std::lock_guard{memory_in_use_};
    return recent_;
}

auto journal::append(const operate::operation_record& record) -> log_result<hash_chain::receipt>
{
    const auto data = to_payload(record);
    if (!data) {
        return tl::unexpected(record_refused(data.error()));
    }
    const auto using_log = in_use();
    return write(*data).map([&](const hash_chain::receipt& proof) {
        const auto using_memory = std::lock_guard{memory_in_use_};
        ledger_.fold(record);
        return proof;
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
    const auto using_log = in_use();
    const auto admitted = [&]() -> tl::expected<authz::admission, authz::replay_error> {
        const auto using_memory = std::lock_guard{memory_in_use_};
        if (unrecorded_.contains(nonce)) {
            return tl::unexpected<authz::replay_error>(
                authz::claim_not_recorded{.reason = "an earlier attempt failed; it is known after a restart"});
        }
        return memory_.admit(*once, expires_at);
    }();
    if (!admitted) {
        return tl::unexpected(admitted.error());
    }
    const auto not_made = [&](const log_error& error) {
        const auto using_memory = std::lock_guard{memory_in_use_};
        unrecorded_.emplace(nonce);
        return claim_not_made(error);
    };
    if (const auto& ceiling = admitted->ceiling; ceiling.has_value()) {
        const auto bound = to_payload(*ceiling);
        const auto made = bound ? write(*bound) : tl::unexpected(record_refused(bound.error()));
        if (!made) {
            return tl::unexpected(not_made(made.error()));
        }
        const auto using_memory = std::lock_guard{memory_in_use_};
        memory_.fold(*ceiling);
    }
    return write(record)
        .map([&](const hash_chain::receipt& proof) {
            const auto using_memory = std::lock_guard{memory_in_use_};
            ledger_.fold(*claimed);
            return proof;
        })
        .map_error(not_made);
}

auto journal::draw_number() -> operate::operation_id
{
    const auto using_memory = std::lock_guard{memory_in_use_};
    return operate::operation_id{++last_number_};
}

auto journal::compact(std::optional<instant> now, std::chrono::milliseconds skew) -> log_result<void>
{
    const auto turn = std::lock_guard{turnstile_};
    const auto alone = std::unique_lock{log_in_use_};
    if (auto before = failure(); before || !log_) {
        return tl::unexpected<log_error>(log_poisoned{.cause = before.value_or(describe(log_closed{}))});
    }
    auto compacted = (now ? forget(*now, skew) : log_result<void>{}).and_then([&] {
        return log_->bytes() < options_.segment_bytes ? log_result<void>{}
                                                      : rotate().and_then([&] { return remove_old_segments(); });
    });
    if (!log_) {
        fail(compacted ? log_error{log_closed{}} : compacted.error());
    }
    return compacted;
}

auto journal::forget(instant now, std::chrono::milliseconds skew) -> log_result<void>
{
    const auto raised = memory_.to_forget(now, skew);
    if (!raised) {
        return {};
    }
    const auto data = to_payload(*raised);
    return (data ? write(*data) : tl::unexpected(record_refused(data.error()))).map([&](const hash_chain::receipt&) {
        const auto using_memory = std::lock_guard{memory_in_use_};
        memory_.fold(*raised);
        static_cast<void>(memory_.drop_forgotten());
    });
}

/// Begins a new file. The old one goes on when that cannot be prepared; once it may have been replaced, an error leaves
/// the journal closed.
auto journal::rotate() -> log_result<void>
{
    const auto follows = log_->at();
    log_.reset();
    auto prepared =
        carry_over(follows).and_then([&] { return place_.keep_as(archive_of(place_.path(), follows.seq)); });
    if (const auto published = prepared ? place_.publish() : log_result<void>{}; !published) {
        return published;
    }
    return place_.read([](const hash_chain::record&) {})
        .and_then([&](const hash_chain::recovered& end) { return resume(end); })
        .and_then([&] { return std::move(prepared); });
}

auto journal::remove_old_segments() const -> log_result<void>
{
    return place_.files().and_then([&](std::vector<std::filesystem::path> files) -> log_result<void> {
        std::erase_if(files, [&](const auto& file) { return !is_archive_of(place_.path(), file); });
        std::ranges::sort(files);
        const auto over = files.size() - std::min(files.size(), options_.kept_segments);
        files.resize(over);
        for (const auto& file : files) {
            if (auto removed = place_.remove(file); !removed) {
                return removed;
            }
        }
        return {};
    });
}

auto journal::read() const -> operate::ledger
{
    const auto using_memory = std::lock_guard{memory_in_use_};
    return ledger_;
}

void journal::look(const std::function<void(const operate::ledger&)>& look) const
{
    const auto using_memory = std::lock_guard{memory_in_use_};
    look(ledger_);
}

auto journal::head() const -> std::optional<hash_chain::head>
{
    const auto using_log = in_use();
    return log_ ? std::optional{log_->at()} : std::nullopt;
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
