// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/journal/claim_log.hpp"

#include <felhom/authz/replay/claim.hpp>
#include <felhom/authz/replay/nonce.hpp>
#include <felhom/authz/replay/replay_memory.hpp>

#include <boost/json/object.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

namespace felhom::io {

struct replay_options {
    std::size_t most_nonces = 1'000'000;
    /// A file of at least this size is written anew when less than half of its records are still needed.
    std::uint64_t rotated_from = std::uint64_t{4} << 20U;
    log_options log;
};

/// What opening a replay store found.
struct replay_opening {
    std::size_t nonces = 0;
    std::optional<hash_chain::torn_tail> torn;
    std::optional<instant> horizon;

    friend auto operator==(const replay_opening&, const replay_opening&) -> bool = default;
};

/// What repairing a replay store left.
struct replay_repair {
    std::size_t nonces = 0;                     ///< kept from what was intact
    instant horizon;                            ///< up to which expiry everything is refused
    std::optional<std::filesystem::path> aside; ///< the damaged file, if there was one

    friend auto operator==(const replay_repair&, const replay_repair&) -> bool = default;
};

/// The replay memory on a log: a nonce is accepted once its claim is on the disk, once. On any doubt it is refused.
class replay_store {
public:
    /// Makes an empty store where there is none.
    [[nodiscard]] static auto create(const disk& on, const std::filesystem::path& path, std::string_view holder,
                                     const replay_options& options = {}) -> log_result<void>;

    /// Opens the store. One that is missing is an error: made anew, it would let every replay through.
    [[nodiscard]] static auto open(const disk& on, const std::filesystem::path& path, std::string_view holder,
                                   const replay_options& options = {}) -> log_result<std::unique_ptr<replay_store>>;

    /// The same, but makes an empty store where there never was one. A lock file proves that there was.
    [[nodiscard]] static auto open_or_create(const disk& on, const std::filesystem::path& path, std::string_view holder,
                                             const replay_options& options = {})
        -> log_result<std::unique_ptr<replay_store>>;

    /// Puts a new store in the place of one that is damaged or gone: with the claims that are intact, and with a
    /// horizon that must cover whatever may have been claimed until now. The damaged file is kept under another name.
    [[nodiscard]] static auto repair(const disk& on, const std::filesystem::path& path, std::string_view holder,
                                     instant horizon, const replay_options& options = {}) -> log_result<replay_repair>;

    /// Stage 9 on this memory: the operation's nonce is durably recorded before it may begin. Many threads may claim at
    /// once; of those that claim one nonce, one wins.
    [[nodiscard]] auto claim(authz::timely&& op) -> tl::expected<authz::claimed, authz::error>;

    /// The same for a bare nonce, which gives a receipt and no right to anything. `expires_at` is what was signed.
    [[nodiscard]] auto claim(const authz::nonce& claimed, instant expires_at, const boost::json::object& operation = {})
        -> tl::expected<hash_chain::receipt, authz::replay_error>;

    /// Forgets what expired `skew` ago or earlier, once the horizon that refuses it is durable. Answers how many.
    [[nodiscard]] auto prune(instant now, std::chrono::milliseconds skew) -> log_result<std::size_t>;

    [[nodiscard]] auto opening() const -> const replay_opening& { return opening_; }
    [[nodiscard]] auto size() const -> std::size_t;
    [[nodiscard]] auto horizon() const -> std::optional<instant>;

private:
    replay_store(owned_log place, const replay_options& options)
        : options_{options}, log_{std::move(place), options.most_nonces, use()}
    {
    }

    [[nodiscard]] static auto make(owned_log place, const replay_options& options)
        -> log_result<std::unique_ptr<replay_store>>;
    [[nodiscard]] auto use() -> claim_log_use;
    [[nodiscard]] auto make_anew(instant horizon) -> log_result<replay_repair>;
    [[nodiscard]] auto copy_live(const payload_sink& put) const -> log_result<void>;

    enum class source { whole_file, what_is_intact };

    replay_options options_;
    replay_opening opening_;
    source copied_from_ = source::whole_file;
    claim_log log_;
};

} // namespace felhom::io
