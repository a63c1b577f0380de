// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/signers/quorum.hpp>
#include <felhom/authz/time_policy.hpp>
#include <felhom/config/error.hpp>
#include <felhom/config/layered.hpp>
#include <felhom/config/name_list.hpp>
#include <felhom/core/enum_table.hpp>
#include <felhom/core/host_id.hpp>
#include <felhom/core/log_level.hpp>
#include <felhom/core/loopback_address.hpp>
#include <felhom/core/node_name.hpp>
#include <felhom/core/printable.hpp>
#include <felhom/core/secret.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/net/endpoint.hpp>
#include <felhom/net/fingerprint.hpp>
#include <felhom/net/trust.hpp>
#include <felhom/proxmox/api/token_id.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// What each part of the agent is told. A command asks for the parts it needs, so that one that only talks to Proxmox VE
// runs without a hub.
namespace felhom::config {

/// A file that holds a secret, to be read with read_private_file.
struct secret_file {
    std::string path;

    friend auto operator==(const secret_file&, const secret_file&) -> bool = default;
};

/// A secret, or where to read it.
using secret_source = std::variant<secret, secret_file>;

/// A file of certificate authorities, to be read with read_private_file.
struct authorities_file {
    std::string path;

    friend auto operator==(const authorities_file&, const authorities_file&) -> bool = default;
};

/// How the server proves that it is the one meant, or where that is written.
using trust_source = std::variant<net::fingerprint, authorities_file, net::system_roots, net::insecure_skip_verify>;

struct proxmox_settings {
    net::endpoint api;
    node_name node;
    proxmox::token_id token;
    secret_source token_secret;
    trust_source trust;
    std::chrono::seconds timeout;
    int connections;

    friend auto operator==(const proxmox_settings&, const proxmox_settings&) -> bool = default;
};

enum class desired_source {
    empty, ///< nothing is desired, so nothing is ever changed
    file,
    hub,
};

inline constexpr auto desired_source_words =
    enum_table{std::array{enum_word{desired_source::empty, "empty"}, enum_word{desired_source::file, "file"},
                          enum_word{desired_source::hub, "hub"}}};

struct desired_settings {
    desired_source source;
    std::string path;

    friend auto operator==(const desired_settings&, const desired_settings&) -> bool = default;
};

enum class reconcile_mode { observe, enforce };

inline constexpr auto reconcile_mode_words = enum_table{
    std::array{enum_word{reconcile_mode::observe, "observe"}, enum_word{reconcile_mode::enforce, "enforce"}}};

struct reconcile_settings {
    reconcile_mode mode; ///< of unattended running
    std::vector<vmid> observe_guests;
    std::chrono::seconds interval;
    std::chrono::seconds stop_timeout;
    bool allow_hard_stop;
    bool allow_grow;
    int max_parallel;
    int hold_when_missing_count;
    int hold_when_missing_percent;
    int hold_when_changing_count;
    int hold_when_changing_percent;
    int restarts_per_day;
    int park_after;
    std::chrono::seconds settle;

    friend auto operator==(const reconcile_settings&, const reconcile_settings&) -> bool = default;
};

struct journal_settings {
    std::string path;
    std::uint64_t segment_bytes;
    int kept_segments;
    std::chrono::days keep_results;

    friend auto operator==(const journal_settings&, const journal_settings&) -> bool = default;
};

struct state_settings {
    std::string directory;

    friend auto operator==(const state_settings&, const state_settings&) -> bool = default;
};

struct log_settings {
    log_level level;

    friend auto operator==(const log_settings&, const log_settings&) -> bool = default;
};

struct authz_settings {
    host_id host;
    std::vector<signer_entry> signers;
    std::string nonce_store; ///< the journal
    authz::time_policy policy{};
    authz::quorum_rule quorums;
    std::vector<std::string> digest_required_for;
    std::string veto_file;

    friend auto operator==(const authz_settings&, const authz_settings&) -> bool = default;
};

struct hub_settings {
    std::string url;
    host_id host;
    secret_source api_key;
    std::chrono::seconds poll;
    std::chrono::seconds timeout;
    std::chrono::seconds first_answer;
    std::optional<std::string> ca_file;

    friend auto operator==(const hub_settings&, const hub_settings&) -> bool = default;
};

/// What is reported of this host beside its guests.
struct report_settings {
    bool hardware = false;
    std::optional<loopback_address> cloudflared_metrics;

    friend auto operator==(const report_settings&, const report_settings&) -> bool = default;
};

namespace detail {

[[nodiscard]] inline auto address_in(const std::optional<std::string>& text) -> std::optional<loopback_address>
{
    const auto parsed = text ? loopback_address::parse(*text) : tl::unexpected(parse_error{});
    return parsed ? std::optional{*parsed} : std::nullopt;
}

/// Takes values out of the layers and remembers what is missing or contradicts itself.
class reader {
public:
    explicit reader(const layered& from) : from_{&from} {}

    template <typename T>
    [[nodiscard]] auto optional(key<T> of) const -> std::optional<T>
    {
        const auto* const found = from_->find(of);
        return found == nullptr ? std::nullopt : std::optional<T>{*found};
    }

    /// A value that must be there; when it is not, that is remembered.
    template <typename T>
    [[nodiscard]] auto required(key<T> of) -> std::optional<T>
    {
        auto found = optional(of);
        if (!found) {
            errors_.emplace_back(missing_value{.path = path(of), .alternative = {}});
        }
        return found;
    }

    /// The same, as what T::parse makes of the text.
    template <typename T>
    [[nodiscard]] auto parsed(key<std::string> of) -> std::optional<T>
    {
        const auto text = required(of);
        if (!text) {
            return std::nullopt;
        }
        auto read = T::parse(*text);
        if (!read) {
            errors_.emplace_back(bad_value{.path = path(of),
                                           .from = from_->origin_of(of),
                                           .expected = read.error().rule,
                                           .got = printable(read.error().got)});
            return std::nullopt;
        }
        return *std::move(read);
    }

    [[nodiscard]] auto seconds(key<std::int64_t> of) -> std::chrono::seconds
    {
        return std::chrono::seconds{required(of).value_or(0)};
    }

    [[nodiscard]] auto number(key<std::int64_t> of) -> int { return static_cast<int>(required(of).value_or(0)); }

    [[nodiscard]] auto secret_from(key<secret> given, key<std::string> file) -> std::optional<secret_source>
    {
        exclude(given, file);
        if (const auto* const text = from_->find(given)) {
            return secret_source{*text};
        }
        if (const auto* const at = from_->find(file)) {
            return secret_source{secret_file{*at}};
        }
        errors_.emplace_back(missing_value{.path = path(given), .alternative = path(file)});
        return std::nullopt;
    }

    /// At most one of the two may be given.
    template <typename A, typename B>
    void exclude(key<A> one, key<B> other)
    {
        if (from_->find(one) != nullptr && from_->find(other) != nullptr) {
            errors_.emplace_back(contradiction{.path = path(one),
                                               .from = from_->origin_of(one),
                                               .other = path(other),
                                               .other_from = from_->origin_of(other)});
        }
    }

    [[nodiscard]] auto trust() -> trust_source
    {
        static constexpr auto pin = key<std::string>{"proxmox.fingerprint"};
        static constexpr auto ca = key<std::string>{"proxmox.ca_file"};
        static constexpr auto none = key<bool>{"proxmox.insecure_skip_verify"};
        exclude(pin, ca);
        if (optional(none).value_or(false)) {
            exclude(none, pin);
            exclude(none, ca);
            return net::insecure_skip_verify{};
        }
        if (from_->find(pin) != nullptr) {
            if (const auto leaf = parsed<net::fingerprint>(pin)) {
                return *leaf;
            }
        }
        if (auto file = optional(ca)) {
            return authorities_file{*std::move(file)};
        }
        return net::system_roots{};
    }

    [[nodiscard]] auto failed() const -> bool { return !errors_.empty(); }
    [[nodiscard]] auto errors() && -> config_errors { return std::move(errors_); }

private:
    template <typename T>
    [[nodiscard]] static auto path(key<T> of) -> std::string
    {
        return std::string{setting_at(of.index()).path};
    }

    const layered* from_;
    config_errors errors_;
};

} // namespace detail

/// How to reach the API of this node.
[[nodiscard]] inline auto read_proxmox(const layered& from) -> tl::expected<proxmox_settings, config_errors>
{
    auto read = detail::reader{from};
    const auto api = read.parsed<net::endpoint>(key<std::string>{"proxmox.url"});
    const auto node = read.parsed<node_name>(key<std::string>{"proxmox.node"});
    const auto token = read.parsed<proxmox::token_id>(key<std::string>{"proxmox.token_id"});
    const auto given = read.secret_from(key<secret>{"proxmox.token_secret"}, key<std::string>{"proxmox.token_file"});
    auto trust = read.trust();
    const auto timeout = read.seconds(key<std::int64_t>{"proxmox.timeout_seconds"});
    const auto connections = read.number(key<std::int64_t>{"proxmox.connections"});
    if (read.failed() || !api || !node || !token || !given) {
        return tl::unexpected(std::move(read).errors());
    }
    return proxmox_settings{.api = *api,
                            .node = *node,
                            .token = *token,
                            .token_secret = *given,
                            .trust = std::move(trust),
                            .timeout = timeout,
                            .connections = connections};
}

/// Where the desired state comes from.
[[nodiscard]] inline auto read_desired(const layered& from) -> tl::expected<desired_settings, config_errors>
{
    auto read = detail::reader{from};
    const auto source = read.required(key<std::string>{"desired.source"});
    const auto path = read.required(key<std::string>{"desired.path"});
    if (!source || !path) {
        return tl::unexpected(std::move(read).errors());
    }
    return desired_settings{.source = desired_source_words.parse(*source).value_or(desired_source::empty),
                            .path = *path};
}

/// What reconciling may do, and how fast.
[[nodiscard]] inline auto read_reconcile(const layered& from) -> tl::expected<reconcile_settings, config_errors>
{
    auto read = detail::reader{from};
    const auto mode = read.required(key<std::string>{"reconcile.mode"});
    auto made = reconcile_settings{
        .mode = reconcile_mode_words.parse(mode.value_or("")).value_or(reconcile_mode::observe),
        .observe_guests =
            read.optional(key<std::vector<vmid>>{"reconcile.observe_guests"}).value_or(std::vector<vmid>{}),
        .interval = read.seconds(key<std::int64_t>{"reconcile.interval_seconds"}),
        .stop_timeout = read.seconds(key<std::int64_t>{"reconcile.stop_timeout_seconds"}),
        .allow_hard_stop = read.required(key<bool>{"reconcile.allow_hard_stop"}).value_or(false),
        .allow_grow = read.required(key<bool>{"reconcile.allow_grow"}).value_or(false),
        .max_parallel = read.number(key<std::int64_t>{"reconcile.max_parallel"}),
        .hold_when_missing_count = read.number(key<std::int64_t>{"reconcile.hold_when_missing_count"}),
        .hold_when_missing_percent = read.number(key<std::int64_t>{"reconcile.hold_when_missing_percent"}),
        .hold_when_changing_count = read.number(key<std::int64_t>{"reconcile.hold_when_changing_count"}),
        .hold_when_changing_percent = read.number(key<std::int64_t>{"reconcile.hold_when_changing_percent"}),
        .restarts_per_day = read.number(key<std::int64_t>{"reconcile.restarts_per_day"}),
        .park_after = read.number(key<std::int64_t>{"reconcile.park_after"}),
        .settle = read.seconds(key<std::int64_t>{"reconcile.settle_seconds"}),
    };
    if (read.failed()) {
        return tl::unexpected(std::move(read).errors());
    }
    return made;
}

/// How much of its journal the agent keeps.
[[nodiscard]] inline auto read_journal(const layered& from) -> tl::expected<journal_settings, config_errors>
{
    auto read = detail::reader{from};
    const auto mebibytes = read.number(key<std::int64_t>{"journal.segment_mebibytes"});
    const auto state = read.required(key<std::string>{"state_dir"});
    const auto given = read.optional(key<std::string>{"authz.nonce_store"});
    auto made = journal_settings{
        .path = given ? *given : state.value_or("") + "/journal.log",
        .segment_bytes = static_cast<std::uint64_t>(mebibytes) << 20U,
        .kept_segments = read.number(key<std::int64_t>{"journal.kept_segments"}),
        .keep_results = std::chrono::days{read.number(key<std::int64_t>{"journal.keep_results_days"})},
    };
    if (read.failed()) {
        return tl::unexpected(std::move(read).errors());
    }
    return made;
}

/// Where the agent keeps what it must not forget.
[[nodiscard]] inline auto read_state(const layered& from) -> tl::expected<state_settings, config_errors>
{
    auto read = detail::reader{from};
    const auto directory = read.required(key<std::string>{"state_dir"});
    if (!directory) {
        return tl::unexpected(std::move(read).errors());
    }
    return state_settings{.directory = *directory};
}

/// How much is logged.
[[nodiscard]] inline auto read_log(const layered& from) -> tl::expected<log_settings, config_errors>
{
    auto read = detail::reader{from};
    const auto text = read.required(key<std::string>{"log.level"});
    const auto level = text ? parse_log_level(*text) : std::nullopt;
    if (!level) {
        return tl::unexpected(std::move(read).errors());
    }
    return log_settings{.level = *level};
}

/// Whose signatures count for this host.
[[nodiscard]] inline auto read_authz(const layered& from) -> tl::expected<authz_settings, config_errors>
{
    auto read = detail::reader{from};
    const auto host = read.parsed<host_id>(key<std::string>{"hub.host_id"});
    const auto signers = read.required(key<std::vector<signer_entry>>{"authz.signers"});
    const auto state = read.required(key<std::string>{"state_dir"});
    const auto store = read.optional(key<std::string>{"authz.nonce_store"});
    const auto quorums = authz::parse_quorum_rule(read.optional(key<std::string>{"authz.quorum"}).value_or(""));
    const auto digests = read.required(key<std::string>{"authz.digest_required_for"});
    const auto veto = read.required(key<std::string>{"authz.veto_file"});
    if (!host || !signers || !state || !quorums || !digests || !veto) {
        return tl::unexpected(std::move(read).errors());
    }
    return authz_settings{
        .host = *host,
        .signers = *signers,
        .nonce_store = store ? *store : *state + "/journal.log",
        .policy = {.skew = read.seconds(key<std::int64_t>{"authz.skew_seconds"}),
                   .longest_window = read.seconds(key<std::int64_t>{"authz.max_window_seconds"})},
        .quorums = *quorums,
        .digest_required_for = split_list(*digests),
        .veto_file = *veto,
    };
}

/// How to reach the hub.
[[nodiscard]] inline auto read_hub(const layered& from) -> tl::expected<hub_settings, config_errors>
{
    auto read = detail::reader{from};
    const auto url = read.required(key<std::string>{"hub.url"});
    const auto host = read.parsed<host_id>(key<std::string>{"hub.host_id"});
    const auto api_key = read.secret_from(key<secret>{"hub.api_key"}, key<std::string>{"hub.api_key_file"});
    const auto poll = read.seconds(key<std::int64_t>{"hub.poll_seconds"});
    const auto timeout = read.seconds(key<std::int64_t>{"hub.timeout_seconds"});
    const auto first_answer = read.seconds(key<std::int64_t>{"hub.first_answer_seconds"});
    if (read.failed() || !url || !host || !api_key) {
        return tl::unexpected(std::move(read).errors());
    }
    return hub_settings{.url = *url,
                        .host = *host,
                        .api_key = *api_key,
                        .poll = poll,
                        .timeout = timeout,
                        .first_answer = first_answer,
                        .ca_file = read.optional(key<std::string>{"hub.ca_file"})};
}

/// What the host report holds beside the guests. Each value was held against its rule when it was read.
[[nodiscard]] inline auto read_report(const layered& from) -> report_settings
{
    const auto read = detail::reader{from};
    return {.hardware = read.optional(key<bool>{"report.hardware"}).value_or(false),
            .cloudflared_metrics = detail::address_in(read.optional(key<std::string>{"report.cloudflared_metrics"}))};
}

/// Where metrics are served; nothing: nowhere.
[[nodiscard]] inline auto read_metrics(const layered& from) -> std::optional<loopback_address>
{
    return detail::address_in(detail::reader{from}.optional(key<std::string>{"metrics.listen"}));
}

/// The parts that somebody has configured: what concerns Proxmox VE always, signers and hub where they are named.
[[nodiscard]] inline auto configured_parts(const layered& from) -> part
{
    auto parts = part::proxmox | part::desired | part::reconcile | part::state | part::log;
    if (from.find(key<std::vector<signer_entry>>{"authz.signers"}) != nullptr) {
        parts = parts | part::authz;
    }
    const auto* const source = from.find(key<std::string>{"desired.source"});
    const auto takes_hubs_desired = source != nullptr && *source == "hub";
    if (from.find(key<std::string>{"hub.url"}) != nullptr || from.find(key<secret>{"hub.api_key"}) != nullptr
        || from.find(key<std::string>{"hub.api_key_file"}) != nullptr || takes_hubs_desired) {
        parts = parts | part::hub;
    }
    return parts;
}

/// Everything that is wrong with these parts, each error once.
[[nodiscard]] inline auto check(const layered& from, part parts) -> config_errors
{
    auto all = config_errors{};
    const auto add = [&](part one, const auto& read) {
        if (!includes(parts, one) || read.has_value()) {
            return;
        }
        for (const auto& error : read.error()) {
            if (std::ranges::find(all, error) == all.end()) {
                all.push_back(error);
            }
        }
    };
    add(part::proxmox, read_proxmox(from));
    add(part::desired, read_desired(from));
    add(part::reconcile, read_reconcile(from));
    add(part::state, read_state(from));
    add(part::log, read_log(from));
    add(part::authz, read_authz(from));
    add(part::hub, read_hub(from));
    add(part::journal, read_journal(from));
    return all;
}

} // namespace felhom::config
