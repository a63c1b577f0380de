#include "io/journal/replay_store.hpp"

#include <felhom/core/overloaded.hpp>

#include <string>
#include <utility>
#include <variant>

namespace felhom::io {

namespace {

auto replay_kind() -> log_result<hash_chain::log_kind>
{
    return hash_chain::log_kind::parse("replay").map_error(
        [](const parse_error& error) -> log_error { return log_poisoned{.cause = describe(error)}; });
}

auto take(const disk& on, const std::filesystem::path& path, std::string_view holder, const replay_options& options)
    -> log_result<owned_log>
{
    return replay_kind().and_then(
        [&](hash_chain::log_kind kind) { return owned_log::take(on, path, std::move(kind), holder, options.log); });
}

auto unwritable(const parse_error& error) -> log_error
{
    return log_poisoned{.cause = describe(error)};
}

/// A damaged log is worse where what is lost was perhaps used.
auto as_replay_damage(log_error&& error) -> log_error
{
    const auto* const refused = std::get_if<log_refused>(&error);
    const auto* const damage = refused == nullptr ? nullptr : std::get_if<hash_chain::damaged>(&refused->why);
    return damage == nullptr ? std::move(error) : log_error{replay_damaged{.path = refused->path, .what = *damage}};
}

/// Whether all that is intact was read, which of a missing file is nothing.
auto ends_in_damage(const log_error& error) -> bool
{
    return std::holds_alternative<log_refused>(error) || std::holds_alternative<log_missing>(error);
}

auto not_recorded(const log_error& error) -> authz::replay_error
{
    return authz::claim_not_recorded{.reason = describe(error)};
}

} // namespace

auto replay_store::create(const disk& on, const std::filesystem::path& path, std::string_view holder,
                          const replay_options& options) -> log_result<void>
{
    return take(on, path, holder, options).and_then([](const owned_log& place) { return place.create(); });
}

auto replay_store::open(const disk& on, const std::filesystem::path& path, std::string_view holder,
                        const replay_options& options) -> log_result<std::unique_ptr<replay_store>>
{
    return take(on, path, holder, options).and_then([&](owned_log&& place) { return make(std::move(place), options); });
}

auto replay_store::open_or_create(const disk& on, const std::filesystem::path& path, std::string_view holder,
                                  const replay_options& options) -> log_result<std::unique_ptr<replay_store>>
{
    return take(on, path, holder, options).and_then([&](owned_log&& place) {
        return place.create_first().and_then([&] { return make(std::move(place), options); });
    });
}

auto replay_store::make(owned_log place, const replay_options& options) -> log_result<std::unique_ptr<replay_store>>
{
    // The constructor is private, out of make_unique's reach.
    auto made = std::unique_ptr<replay_store>{new replay_store{std::move(place), options}};
    return made->start().map([&] { return std::move(made); });
}

auto replay_store::repair(const disk& on, const std::filesystem::path& path, std::string_view holder, instant horizon,
                          const replay_options& options) -> log_result<replay_repair>
{
    return take(on, path, holder, options).and_then([&](owned_log&& place) {
        return replay_store{std::move(place), options}.make_anew(horizon);
    });
}

auto replay_store::make_anew(instant horizon) -> log_result<replay_repair>
{
    const auto there = place_.exists();
    if (!there) {
        return tl::unexpected(there.error());
    }
    const auto end = *there ? load() : log_result<hash_chain::recovered>{tl::unexpected<log_error>(log_missing{})};
    if (end) {
        return tl::unexpected<log_error>(log_intact{.path = place_.path()});
    }
    if (*there && !std::holds_alternative<replay_damaged>(end.error())) {
        return tl::unexpected(end.error());
    }
    memory_.fold(authz::horizon_record{.horizon = horizon});
    static_cast<void>(memory_.drop_forgotten());
    auto made = replay_repair{.nonces = memory_.size(), .horizon = memory_.horizon().value_or(horizon), .aside = {}};
    // The links of the damaged part are not known, so the chain begins anew.
    if (auto prepared = rewrite(hash_chain::head{}, source::what_is_intact); !prepared) {
        return tl::unexpected(std::move(prepared).error());
    }
    if (*there) {
        auto aside = place_.set_aside(".damaged");
        if (!aside) {
            return tl::unexpected(std::move(aside).error());
        }
        made.aside = *std::move(aside);
    }
    return place_.publish().map([&] { return std::move(made); });
}

/// Folds the file into an empty memory.
auto replay_store::load() -> log_result<hash_chain::recovered>
{
    memory_ = authz::replay_memory{options_.most_nonces};
    // Made large enough at once, the index is never held twice while it grows. No claim's line is shorter.
    static constexpr auto shortest_line = std::uint64_t{200};
    if (const auto size = place_.size(); size) {
        memory_.reserve(*size / shortest_line);
    }
    auto unknown = std::optional<log_error>{};
    auto end = place_.read([&](const hash_chain::record& one) {
        const auto record = authz::parse_replay_record(one.data);
        if (record) {
            memory_.fold(*record);
        } else if (!unknown) {
            unknown = record_unknown{.path = place_.path(), .seq = one.seq, .what = describe(record.error())};
        }
    });
    if (unknown) {
        return tl::unexpected(*std::move(unknown));
    }
    return std::move(end).map_error([&](log_error&& error) { return as_replay_damage(std::move(error)); });
}

/// Opens the log. When its last batch is spoilt, it may have been a batch that was acknowledged: a crash and a bad
/// sector look alike there. So everything that could have stood in it is refused from now on, by a horizon that is
/// durable in a new file before the old one, and with it the knowledge of the loss, is gone.
auto replay_store::start() -> log_result<void>
{
    auto end = load();
    if (end && end->torn) {
        opening_.torn = end->torn;
        if (const auto raised = memory_.after_loss(); raised) {
            memory_.fold(*raised);
        }
        end = rewrite(end->at).and_then([&] { return place_.publish(); }).and_then([&] { return load(); });
    }
    if (!end) {
        return tl::unexpected(std::move(end).error());
    }
    static_cast<void>(memory_.drop_forgotten());
    opening_.nonces = memory_.size();
    opening_.horizon = memory_.horizon();
    return place_.start(*end).map([&](std::unique_ptr<durable_log> log) { log_ = std::move(log); });
}

/// Prepares a file with the claims that are still needed. The ceiling stands in front of them and once more behind
/// them, so that no spoilt last record can take a claim with it, nor the ceiling that covers its loss.
auto replay_store::rewrite(const hash_chain::head& follows, source from) const -> log_result<void>
{
    return place_.prepare(follows, [&](const payload_sink& put) -> log_result<void> {
        auto written = log_result<void>{};
        const auto add = [&](const tl::expected<hash_chain::payload, parse_error>& data) {
            if (written) {
                written = data ? put(*data) : tl::unexpected(unwritable(data.error()));
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
        const auto copied = place_.read([&](const hash_chain::record& one) {
            const auto record = authz::parse_replay_record(one.data);
            const auto* const claim = record ? std::get_if<authz::claim_record>(&*record) : nullptr;
            if (claim != nullptr && memory_.is_live(*claim)) {
                add(hash_chain::payload::parse(std::string{one.data}));
            }
        });
        add_bounds();
        const auto is_enough = copied || (from == source::what_is_intact && ends_in_damage(copied.error()));
        return is_enough ? written : tl::unexpected(copied.error());
    });
}

auto replay_store::in_use() -> std::shared_lock<std::shared_mutex>
{
    const auto turn = std::lock_guard{turnstile_};
    return std::shared_lock{log_in_use_};
}

auto replay_store::claim(authz::timely&& op) -> tl::expected<authz::claimed, authz::error>
{
    const auto using_log = in_use();
    auto proposed = [&] {
        const auto using_memory = std::lock_guard{memory_in_use_};
        return authz::propose_claim(std::move(op), memory_);
    }();
    if (!proposed) {
        return tl::unexpected(std::move(proposed).error());
    }
    const auto receipt = record(proposed->ceiling(), proposed->record());
    if (!receipt) {
        return tl::unexpected(authz::to_error(receipt.error()));
    }
    return authz::claimed::by_receipt(*std::move(proposed), *receipt);
}

auto replay_store::claim(const authz::nonce& claimed, instant expires_at, const boost::json::object& operation)
    -> tl::expected<hash_chain::receipt, authz::replay_error>
{
    const auto using_log = in_use();
    const auto admitted = [&] {
        const auto using_memory = std::lock_guard{memory_in_use_};
        return memory_.admit(claimed, expires_at);
    }();
    if (!admitted) {
        return tl::unexpected(admitted.error());
    }
    const auto data = to_payload(admitted->claim, operation);
    if (!data) {
        return tl::unexpected(not_recorded(unwritable(data.error())));
    }
    return record(admitted->ceiling, *data);
}

/// Makes a claim's record durable, after the ceiling that it needs.
auto replay_store::record(const std::optional<authz::ceiling_record>& ceiling, const hash_chain::payload& claim)
    -> tl::expected<hash_chain::receipt, authz::replay_error>
{
    if (!log_) {
        return tl::unexpected<authz::replay_error>(
            authz::claim_not_recorded{.reason = "the replay memory must be opened anew"});
    }
    if (ceiling) {
        const auto data = to_payload(*ceiling);
        const auto made = data ? log_->append(*data) : tl::unexpected(unwritable(data.error()));
        if (!made) {
            return tl::unexpected(not_recorded(made.error()));
        }
        const auto using_memory = std::lock_guard{memory_in_use_};
        memory_.fold(*ceiling);
    }
    return log_->append(claim).map_error(not_recorded);
}

auto replay_store::prune(instant now, std::chrono::milliseconds skew) -> log_result<std::size_t>
{
    const auto turn = std::lock_guard{turnstile_};
    const auto alone = std::unique_lock{log_in_use_};
    if (!log_) {
        return tl::unexpected<log_error>(log_closed{});
    }
    const auto raised = memory_.to_forget(now, skew);
    if (!raised) {
        return std::size_t{0};
    }
    const auto data = to_payload(*raised);
    const auto made = data ? log_->append(*data) : tl::unexpected(unwritable(data.error()));
    if (!made) {
        return tl::unexpected(made.error());
    }
    const auto using_memory = std::lock_guard{memory_in_use_};
    memory_.fold(*raised);
    const auto dropped = memory_.drop_forgotten();
    static constexpr auto bytes_a_claim = std::uint64_t{256};
    const auto bytes = log_->bytes();
    if (bytes >= options_.rotated_from && memory_.size() * bytes_a_claim < bytes / 2) {
        if (auto rotated = rotate(); !rotated) {
            return tl::unexpected(std::move(rotated).error());
        }
    }
    return dropped;
}

/// Writes the live claims into a new file. The old one goes on when that cannot be prepared; once it may have been
/// replaced, an error leaves the store closed.
auto replay_store::rotate() -> log_result<void>
{
    const auto follows = log_->at();
    log_.reset();
    auto prepared = rewrite(follows);
    if (const auto published = prepared ? place_.publish() : log_result<void>{}; !published) {
        return published;
    }
    const auto end = place_.read([](const hash_chain::record&) {});
    if (!end) {
        return tl::unexpected(end.error());
    }
    return place_.start(*end).and_then([&](std::unique_ptr<durable_log> log) {
        log_ = std::move(log);
        return std::move(prepared);
    });
}

auto replay_store::size() const -> std::size_t
{
    const auto using_memory = std::lock_guard{memory_in_use_};
    return memory_.size();
}

auto replay_store::horizon() const -> std::optional<instant>
{
    const auto using_memory = std::lock_guard{memory_in_use_};
    return memory_.horizon();
}

} // namespace felhom::io
