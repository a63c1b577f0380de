// SPDX-License-Identifier: Apache-2.0
#include "io/journal/replay_store.hpp"

#include <felhom/core/overloaded.hpp>

#include <string>
#include <utility>
#include <variant>

namespace felhom::io {

namespace {

auto take(const disk& on, const std::filesystem::path& path, std::string_view holder, const replay_options& options)
    -> log_result<owned_log>
{
    return claim_log::take(on, path, "replay", holder, options.log);
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
    return made->log_.start()
        .map([&](const std::optional<hash_chain::torn_tail>& torn) {
            made->opening_ = {.nonces = made->size(), .torn = torn, .horizon = made->horizon()};
            return std::move(made);
        })
        .map_error([](log_error&& error) { return as_replay_damage(std::move(error)); });
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
    const auto& place = log_.place();
    const auto there = place.exists();
    if (!there) {
        return tl::unexpected(there.error());
    }
    const auto end = *there
                         ? log_.load().map_error([](log_error&& error) { return as_replay_damage(std::move(error)); })
                         : log_result<hash_chain::recovered>{tl::unexpected<log_error>(log_missing{})};
    if (end) {
        return tl::unexpected<log_error>(log_intact{.path = place.path()});
    }
    if (*there && !std::holds_alternative<replay_damaged>(end.error())) {
        return tl::unexpected(end.error());
    }
    log_.with_memory([&](authz::replay_memory& memory) {
        memory.fold(authz::horizon_record{.horizon = horizon});
        static_cast<void>(memory.drop_forgotten());
    });
    auto made = replay_repair{.nonces = size(), .horizon = this->horizon().value_or(horizon), .aside = {}};
    copied_from_ = source::what_is_intact;
    // The links of the damaged part are not known, so the chain begins anew.
    if (auto prepared = log_.prepare(hash_chain::head{}); !prepared) {
        return tl::unexpected(std::move(prepared).error());
    }
    if (*there) {
        auto aside = place.set_aside(".damaged");
        if (!aside) {
            return tl::unexpected(std::move(aside).error());
        }
        made.aside = *std::move(aside);
    }
    return place.publish().map([&] { return std::move(made); });
}

auto replay_store::use() -> claim_log_use
{
    return {.begin =
                [](authz::replay_memory& memory, std::uint64_t bytes) {
                    // Made large enough at once, the index is never held twice while it grows. No claim's line is
                    // shorter.
                    static constexpr auto shortest_line = std::uint64_t{200};
                    memory.reserve(bytes / shortest_line);
                },
            .fold =
                [](const hash_chain::record& one, authz::replay_memory& memory) {
                    return authz::parse_replay_record(one.data)
                        .map([&](const authz::replay_record& record) { memory.fold(record); })
                        .map_error([](const auto& error) { return describe(error); });
                },
            .carry_over = [this](const payload_sink& put) { return copy_live(put); },
            .keep_old = [](const hash_chain::head&) { return log_result<void>{}; },
            .begins_anew_when_torn = true,
            .appended = [](const hash_chain::receipt&, const hash_chain::payload&) {}};
}

/// Puts in the claims that are still needed.
auto replay_store::copy_live(const payload_sink& put) const -> log_result<void>
{
    auto written = log_result<void>{};
    const auto copied = log_.place().read([&](const hash_chain::record& one) {
        const auto record = authz::parse_replay_record(one.data);
        const auto* const claim = record ? std::get_if<authz::claim_record>(&*record) : nullptr;
        const auto is_live = [&](const authz::replay_memory& memory) { return memory.is_live(*claim); };
        if (written && claim != nullptr && log_.with_memory(is_live)) {
            written = hash_chain::payload::parse(std::string{one.data}).map_error(record_refused).and_then(put);
        }
    });
    const auto is_enough = copied || (copied_from_ == source::what_is_intact && ends_in_damage(copied.error()));
    return is_enough ? written : tl::unexpected(copied.error());
}

auto replay_store::claim(authz::timely&& op) -> tl::expected<authz::claimed, authz::error>
{
    const auto using_log = log_.shared();
    auto proposed =
        log_.with_memory([&](authz::replay_memory& memory) { return authz::propose_claim(std::move(op), memory); });
    if (!proposed) {
        return tl::unexpected(std::move(proposed).error());
    }
    const auto receipt = log_.append_claim(proposed->ceiling(), proposed->record());
    if (!receipt) {
        return tl::unexpected(authz::to_error(not_recorded(receipt.error())));
    }
    return authz::claimed::by_receipt(*std::move(proposed), *receipt);
}

auto replay_store::claim(const authz::nonce& claimed, instant expires_at, const boost::json::object& operation)
    -> tl::expected<hash_chain::receipt, authz::replay_error>
{
    const auto using_log = log_.shared();
    const auto admitted =
        log_.with_memory([&](authz::replay_memory& memory) { return memory.admit(claimed, expires_at); });
    if (!admitted) {
        return tl::unexpected(admitted.error());
    }
    return to_payload(admitted->claim, operation)
        .map_error(record_refused)
        .and_then([&](const hash_chain::payload& data) { return log_.append_claim(admitted->ceiling, data); })
        .map_error(not_recorded);
}

auto replay_store::prune(instant now, std::chrono::milliseconds skew) -> log_result<std::size_t>
{
    const auto alone = log_.alone();
    if (!log_.is_open()) {
        return tl::unexpected<log_error>(log_closed{});
    }
    return log_.forget(now, skew).and_then([&](std::size_t dropped) {
        static constexpr auto bytes_a_claim = std::uint64_t{256};
        const auto bytes = log_.bytes();
        const auto is_worth_it = dropped > 0 && bytes >= options_.rotated_from && size() * bytes_a_claim < bytes / 2;
        return (is_worth_it ? log_.rotate() : log_result<void>{}).map([&] { return dropped; });
    });
}

auto replay_store::size() const -> std::size_t
{
    return log_.with_memory([](const authz::replay_memory& memory) { return memory.size(); });
}

auto replay_store::horizon() const -> std::optional<instant>
{
    return log_.with_memory([](const authz::replay_memory& memory) { return memory.horizon(); });
}

} // namespace felhom::io
