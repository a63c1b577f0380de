// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/replay/nonce.hpp>
#include <felhom/authz/replay/replay_error.hpp>
#include <felhom/authz/replay/replay_index.hpp>
#include <felhom/authz/replay/replay_record.hpp>
#include <felhom/core/instant.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/core/parse_error.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace felhom::authz {

/// What has to be recorded for a nonce that may be used.
struct admission {
    std::optional<ceiling_record> ceiling; ///< if there is one: to be durable, and folded, before the claim is written
    claim_record claim;

    friend auto operator==(const admission&, const admission&) -> bool = default;
};

/// Which nonces were used: a fold over the records of a log. It decides what must be recorded next; its owner makes
/// that durable.
///
/// It forgets by time only, and remembers up to which expiry it has forgotten: that is the horizon, and whatever
/// expires by then is refused. So no clock, however wrong, can bring a nonce back. A horizon is the expiry of an
/// operation that was signed, never a reading of the clock, so that a wrong clock cannot push it ahead of them either.
class replay_memory {
public:
    explicit replay_memory(std::size_t most_nonces) : most_nonces_{most_nonces} {}

    /// Takes a nonce, if it may be used: it counts as seen from now on, whatever becomes of the record. `expires_at` is
    /// what was signed, without any skew: it is what the horizon is compared with, so it must not depend on settings.
    [[nodiscard]] auto admit(const nonce& claimed, instant expires_at) -> tl::expected<admission, replay_error>
    {
        if (horizon_ && expires_at <= *horizon_) {
            return tl::unexpected<replay_error>(within_horizon{.expires_at = expires_at, .horizon = *horizon_});
        }
        if (index_.contains(claimed.text())) {
            return tl::unexpected<replay_error>(nonce_seen{.nonce = claimed.text()});
        }
        if (index_.size() >= most_nonces_) {
            return tl::unexpected<replay_error>(memory_full{.limit = most_nonces_});
        }
        static_cast<void>(index_.insert(claimed.text(), rounded_up(expires_at)));
        const auto is_covered = ceiling_ && expires_at <= *ceiling_;
        return admission{
            .ceiling = is_covered ? std::nullopt : std::optional{ceiling_record{ceiling_above(expires_at)}},
            .claim = claim_record{.nonce = claimed.text(), .expires_at = expires_at},
        };
    }

    /// Whether the nonce would be refused for having been used.
    [[nodiscard]] auto has_seen(const nonce& asked) const -> bool { return index_.contains(asked.text()); }

    /// Takes in a record that is durable.
    void fold(const replay_record& record)
    {
        std::visit(overloaded{
                       [&](const claim_record& claim) {
                           if (!is_within_horizon(claim.expires_at)) {
                               static_cast<void>(index_.insert(claim.nonce, rounded_up(claim.expires_at)));
                           }
                       },
                       [&](const horizon_record& raised) { horizon_ = later(horizon_, raised.horizon); },
                       [&](const ceiling_record& raised) { ceiling_ = later(ceiling_, raised.ceiling); },
                   },
                   record);
    }

    /// The horizon to record before the nonces are dropped whose window passed at least `skew` ago.
    [[nodiscard]] auto to_forget(instant now, std::chrono::milliseconds skew) const -> std::optional<horizon_record>
    {
        const auto latest = index_.latest_before(rounded_down(now, skew));
        if (latest == 0) {
            return std::nullopt;
        }
        return horizon_record{.horizon = instant{std::chrono::seconds{latest}}};
    }

    /// Drops what the horizon covers. Answers how many nonces that were.
    [[nodiscard]] auto drop_forgotten() -> std::size_t
    {
        const auto before = index_.size();
        if (horizon_) {
            // Times are kept rounded up, and one that is kept for ever is beyond what a slot can tell apart.
            const auto whole = std::chrono::floor<std::chrono::seconds>(*horizon_).time_since_epoch().count();
            index_.erase_until(static_cast<replay_index::seconds>(
                std::clamp<std::int64_t>(whole, 0, std::int64_t{replay_index::for_ever} - 1)));
        }
        return before - index_.size();
    }

    /// The horizon to record when the last batch of the log was spoilt, since any claim may have stood in it. A claim
    /// is recorded only under a ceiling that was durable before, so nothing that was lost expires after that.
    [[nodiscard]] auto after_loss() const -> std::optional<horizon_record>
    {
        return ceiling_ && (!horizon_ || *ceiling_ > *horizon_) ? std::optional{horizon_record{.horizon = *ceiling_}}
                                                                : std::nullopt;
    }

    /// Whether a claim's record has to be kept.
    [[nodiscard]] auto is_live(const claim_record& claim) const -> bool { return !is_within_horizon(claim.expires_at); }

    void reserve(std::size_t nonces) { index_.reserve(std::min(nonces, most_nonces_)); }

    [[nodiscard]] auto size() const -> std::size_t { return index_.size(); }
    [[nodiscard]] auto bytes() const -> std::size_t { return index_.bytes(); }
    [[nodiscard]] auto horizon() const -> std::optional<instant> { return horizon_; }
    [[nodiscard]] auto ceiling() const -> std::optional<instant> { return ceiling_; }

private:
    /// Ceilings go up in steps, so that operations which expire at about the same time share one.
    static constexpr auto ceiling_step = std::chrono::minutes{5};

    [[nodiscard]] auto is_within_horizon(instant expires_at) const -> bool
    {
        return horizon_ && expires_at <= *horizon_;
    }

    [[nodiscard]] static auto ceiling_above(instant time) -> instant
    {
        return time > instant::max() - ceiling_step ? instant::max() : time + ceiling_step;
    }

    [[nodiscard]] static auto later(std::optional<instant> known, instant other) -> instant
    {
        return known ? std::max(*known, other) : other;
    }

    [[nodiscard]] static auto rounded_up(instant time) -> replay_index::seconds
    {
        const auto whole = std::chrono::ceil<std::chrono::seconds>(time).time_since_epoch().count();
        return static_cast<replay_index::seconds>(
            std::clamp<std::int64_t>(whole, 1, std::int64_t{replay_index::for_ever}));
    }

    /// now - skew, without wrapping around at either end of time.
    [[nodiscard]] static auto rounded_down(instant now, std::chrono::milliseconds skew) -> replay_index::seconds
    {
        if (skew.count() > 0 && now < instant::min() + skew) {
            return 0;
        }
        const auto whole = std::chrono::floor<std::chrono::seconds>(now - std::max(skew, std::chrono::milliseconds{0}))
                               .time_since_epoch()
                               .count();
        return static_cast<replay_index::seconds>(
            std::clamp<std::int64_t>(whole, 0, std::int64_t{replay_index::for_ever}));
    }

    std::size_t most_nonces_;
    replay_index index_;
    std::optional<instant> horizon_;
    std::optional<instant> ceiling_;
};

} // namespace felhom::authz
