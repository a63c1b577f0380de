// SPDX-License-Identifier: Apache-2.0
#include "io/journal/claim_log.hpp"

#include <variant>

namespace felhom::io {

auto record_refused(const parse_error& error) -> log_error
{
    return log_poisoned{.cause = describe(error)};
}

auto claim_log::take(const disk& on, const std::filesystem::path& path, std::string_view kind, std::string_view holder,
                     const log_options& options) -> log_result<owned_log>
{
    return hash_chain::log_kind::parse(kind).map_error(record_refused).and_then([&](hash_chain::log_kind known) {
        return owned_log::take(on, path, std::move(known), holder, options);
    });
}

auto claim_log::load() -> log_result<hash_chain::recovered>
{
    memory_ = authz::replay_memory{most_nonces_};
    use_.begin(memory_, place_.size().value_or(0));
    auto unknown = std::optional<log_error>{};
    auto end = place_.read([&](const hash_chain::record& one) {
        auto folded = use_.fold(one, memory_);
        if (!folded && !unknown) {
            unknown = record_unknown{.path = place_.path(), .seq = one.seq, .what = std::move(folded).error()};
        }
    });
    if (unknown) {
        return tl::unexpected(*std::move(unknown));
    }
    return end;
}

/// A last batch that is spoilt may have been acknowledged: a crash and a bad sector look alike there. So every nonce
/// that could have stood in it is refused from now on, by a horizon that is durable in a new file before the old one,
/// and with it the knowledge of the loss, is set aside.
auto claim_log::start() -> log_result<std::optional<hash_chain::torn_tail>>
{
    auto end = load();
    if (!end) {
        return tl::unexpected(std::move(end).error());
    }
    auto torn = end->torn;
    const auto raised = torn ? memory_.after_loss() : std::nullopt;
    if (raised) {
        memory_.fold(*raised);
    }
    const auto anew = raised || (torn && use_.begins_anew_when_torn);
    if (anew) {
        end = prepare(end->at)
                  .and_then([&] { return use_.keep_old(end->at); })
                  .and_then([&] { return place_.publish(); })
                  .and_then([&] { return load(); });
    }
    if (!end) {
        return tl::unexpected(std::move(end).error());
    }
    static_cast<void>(memory_.drop_forgotten());
    return resume(*end).and_then([&] { return torn && !anew ? repeat_bounds() : log_result<void>{}; }).map([&] {
        return std::move(torn);
    });
}

auto claim_log::resume(const hash_chain::recovered& from) -> log_result<void>
{
    return place_.start(from).map([&](std::unique_ptr<durable_log> log) { log_ = std::move(log); });
}

/// The bounds stand in front and once more behind, so that no spoilt last record can take them with it.
auto claim_log::prepare(const hash_chain::head& follows) const -> log_result<void>
{
    return place_.prepare(follows, [&](const payload_sink& put) {
        const auto put_bounds = [&]() -> log_result<void> {
            const auto horizon = memory_.horizon();
            const auto ceiling = memory_.ceiling();
            const auto put_bound = [&](const auto& bound) {
                return to_payload(bound).map_error(record_refused).and_then(put);
            };
            return (horizon ? put_bound(authz::horizon_record{.horizon = *horizon}) : log_result<void>{}).and_then([&] {
                return ceiling ? put_bound(authz::ceiling_record{.ceiling = *ceiling}) : log_result<void>{};
            });
        };
        return put_bounds().and_then([&] { return use_.carry_over(put); }).and_then(put_bounds);
    });
}

auto claim_log::shared() const -> shared_use
{
    const auto turn = std::scoped_lock{turnstile_};
    return shared_use{log_in_use_};
}

auto claim_log::alone() const -> sole_use
{
    auto turn = std::unique_lock{turnstile_};
    return {.turn = std::move(turn), .log = std::unique_lock{log_in_use_}};
}

auto claim_log::append(const hash_chain::payload& data) -> log_result<hash_chain::receipt>
{
    if (auto before = failure()) {
        return tl::unexpected<log_error>(log_poisoned{.cause = *std::move(before)});
    }
    auto written = log_ ? log_->append(data) : tl::unexpected<log_error>(log_closed{});
    if (!written) {
        fail(written.error());
        return written;
    }
    const auto using_memory = std::scoped_lock{memory_in_use_};
    use_.appended(*written, data);
    return written;
}

template <typename Bound>
auto claim_log::append_bound(const Bound& bound) -> log_result<void>
{
    return to_payload(bound)
        .map_error(record_refused)
        .and_then([&](const hash_chain::payload& data) { return append(data); })
        .map([&](const hash_chain::receipt&) {
            with_memory([&](authz::replay_memory& memory) { memory.fold(bound); });
        });
}

/// What is cut off may have been the last that told of them.
auto claim_log::repeat_bounds() -> log_result<void>
{
    const auto horizon = memory_.horizon();
    const auto ceiling = memory_.ceiling();
    return (horizon ? append_bound(authz::horizon_record{.horizon = *horizon}) : log_result<void>{}).and_then([&] {
        return ceiling ? append_bound(authz::ceiling_record{.ceiling = *ceiling}) : log_result<void>{};
    });
}

auto claim_log::append_claim(const std::optional<authz::ceiling_record>& ceiling, const hash_chain::payload& claim)
    -> log_result<hash_chain::receipt>
{
    return (ceiling ? append_bound(*ceiling) : log_result<void>{}).and_then([&] { return append(claim); });
}

auto claim_log::forget(instant now, std::chrono::milliseconds skew) -> log_result<std::size_t>
{
    const auto raised = memory_.to_forget(now, skew);
    if (!raised) {
        return std::size_t{0};
    }
    return append_bound(*raised).map(
        [&] { return with_memory([](authz::replay_memory& memory) { return memory.drop_forgotten(); }); });
}

auto claim_log::rotate() -> log_result<void>
{
    const auto follows = log_->at();
    log_.reset();
    auto prepared = prepare(follows).and_then([&] { return use_.keep_old(follows); });
    auto rotated = (prepared ? place_.publish() : log_result<void>{})
                       .and_then([&] { return place_.read([](const hash_chain::record&) {}); })
                       .and_then([&](const hash_chain::recovered& end) { return resume(end); })
                       .and_then([&] { return std::move(prepared); });
    if (!log_) {
        fail(rotated ? log_error{log_closed{}} : rotated.error());
    }
    return rotated;
}

auto claim_log::failure() const -> std::optional<std::string>
{
    const auto using_failure = std::scoped_lock{failure_in_use_};
    return failure_;
}

void claim_log::fail(const log_error& why)
{
    const auto text = describe(why);
    {
        const auto using_failure = std::scoped_lock{failure_in_use_};
        if (failure_) {
            return;
        }
        failure_ = text;
    }
    on_failure_(text);
}

auto claim_log::head() const -> std::optional<hash_chain::head>
{
    return log_ ? std::optional{log_->at()} : std::nullopt;
}

} // namespace felhom::io
