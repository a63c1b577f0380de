// SPDX-License-Identifier: Apache-2.0
#include "agent/setup/session.hpp"

#include "agent/engine/call_log.hpp"
#include "agent/setup/hub_files.hpp"
#include "io/files/private_file.hpp"
#include "io/net/api_client.hpp"
#include "io/net/authorities.hpp"
#include "io/systemd/notify.hpp"

#include <felhom/config/load_hub_policy.hpp>
#include <felhom/config/settings_table.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/proxmox/api/api_token.hpp>
#include <felhom/reconcile/actual/inventory_json.hpp>
#include <felhom/reconcile/desired/desired_json.hpp>

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>

namespace felhom::agent {

namespace {

using failed = tl::unexpected<startup_errors>;

[[nodiscard]] auto as_lines(const io::file_error& error) -> startup_errors
{
    return lines_of(error);
}
[[nodiscard]] auto as_lines(const startup_errors& lines) -> startup_errors
{
    return lines;
}

[[nodiscard]] auto read_secret(const config::secret_source& source) -> tl::expected<secret, io::file_error>
{
    return std::visit(overloaded{
                          [](const secret& given) -> tl::expected<secret, io::file_error> { return given; },
                          [](const config::secret_file& file) { return io::read_secret_file(file.path); },
                      },
                      source);
}

/// Where a secret stands: in a setting, or in the file that another one names.
[[nodiscard]] auto place_of(const config::secret_source& source, const std::string& setting,
                            const std::string& file_setting) -> std::string
{
    const auto* const file = std::get_if<config::secret_file>(&source);
    return file == nullptr ? setting : file_setting + " " + file->path;
}

[[nodiscard]] auto read_token(const config::proxmox_settings& settings)
    -> tl::expected<proxmox::api_token, startup_errors>
{
    auto value = read_secret(settings.token_secret);
    if (!value) {
        return failed{as_lines(value.error())};
    }
    return proxmox::api_token::make(settings.token, *std::move(value)).map_error([&](const parse_error& error) {
        return startup_errors{place_of(settings.token_secret, "proxmox.token_secret", "proxmox.token_file") + ": "
                              + felhom::describe(error)};
    });
}

/// Reads the authorities of a PEM file that nobody else may write.
[[nodiscard]] auto read_authorities_file(const std::string& path) -> tl::expected<net::authorities, startup_errors>
{
    auto pem = io::read_private_file(path, file_kind::authority);
    if (!pem) {
        return failed{lines_of(pem.error())};
    }
    return io::read_authorities(*std::move(pem)).map_error([&](const parse_error& error) {
        return startup_errors{path + ": " + felhom::describe(error)};
    });
}

[[nodiscard]] auto resolve(const config::trust_source& source) -> tl::expected<net::trust, startup_errors>
{
    using result = tl::expected<net::trust, startup_errors>;
    return std::visit(overloaded{
                          [](const net::fingerprint& pin) -> result { return pin; },
                          [](const config::authorities_file& file) -> result {
                              return read_authorities_file(file.path).map(
                                  [](net::authorities trusted) { return net::trust{std::move(trusted)}; });
                          },
                          [](const net::system_roots& roots) -> result { return roots; },
                          [](const net::insecure_skip_verify& anyone) -> result { return anyone; },
                      },
                      source);
}

[[nodiscard]] auto inventory_path(const config::state_settings& state) -> std::string
{
    return state.directory + "/inventory.json";
}

[[nodiscard]] auto read_last_inventory(const config::state_settings& state)
    -> tl::expected<reconcile::inventory, startup_errors>
{
    const auto path = inventory_path(state);
    const auto text = io::read_private_file(path, file_kind::authority);
    if (!text) {
        // The first pass on this machine has none to compare with.
        const auto missing = std::holds_alternative<io::file_missing>(text.error());
        return missing ? tl::expected<reconcile::inventory, startup_errors>{} : failed{lines_of(text.error())};
    }
    return reconcile::parse_inventory(*text).map_error([&](const json_error& error) {
        return startup_errors{path + ": " + felhom::describe(error)
                              + "; apply with --accept-inventory writes a new one"};
    });
}

/// What the hub had last, as far as local policy lets it.
[[nodiscard]] auto read_hub_desired(const config::layered& from, const hub::restart_counts& restarts)
    -> tl::expected<std::optional<hub::permitted_desired>, startup_errors>
{
    const auto state = config::read_state(from);
    const auto policy = config::load_hub_policy(from);
    if (!state || !policy) {
        return failed{lines_of(state ? policy.error() : state.error())};
    }
    const auto kept = hub_files{state->directory}.desired();
    if (!kept) {
        return failed{{kept.error()}};
    }
    const auto& last = *kept;
    if (!last.has_value()) {
        return std::nullopt;
    }
    const auto& table = lxc::key_table::standard();
    return reconcile::parse_desired_state(last->text, table)
        .map([&](reconcile::desired_state wanted) {
            return std::optional{hub::permit(std::move(wanted), *policy, restarts, table)};
        })
        .map_error([](const reconcile::desired_error& error) {
            return startup_errors{"the desired state that was kept of the hub: " + reconcile::describe(error)};
        });
}

[[nodiscard]] auto read_desired_state(const config::layered& from, const config::desired_settings& settings,
                                      const hub::restart_counts& restarts = {})
    -> tl::expected<std::optional<hub::permitted_desired>, startup_errors>
{
    switch (settings.source) {
    case config::desired_source::empty:
        return std::nullopt;
    case config::desired_source::hub:
        return read_hub_desired(from, restarts);
    case config::desired_source::file:
        break;
    }
    const auto text = io::read_private_file(settings.path, file_kind::authority, reconcile::desired_limits.bytes);
    if (!text) {
        return failed{lines_of(text.error())};
    }
    return reconcile::parse_desired_state(*text, lxc::key_table::standard())
        .map([](reconcile::desired_state wanted) {
            return std::optional{hub::permitted_desired{.state = std::move(wanted), .refused = {}}};
        })
        .map_error([&](const reconcile::desired_error& error) {
            return startup_errors{settings.path + ": " + reconcile::describe(error)};
        });
}

/// How operators name this host in what they sign, where the configuration says it.
[[nodiscard]] auto host_named_in(const config::layered& from) -> std::optional<host_id>
{
    const auto* const text = from.find(config::key<std::string>{"hub.host_id"});
    const auto host = text == nullptr ? std::nullopt : std::optional{host_id::parse(*text)};
    return host && *host ? std::optional{**host} : std::nullopt;
}

[[nodiscard]] auto load_policy(const config::layered& from) -> tl::expected<hub::hub_policy, startup_errors>
{
    return config::load_hub_policy(from).map_error(
        [](const config::config_errors& errors) { return lines_of(errors); });
}

[[nodiscard]] auto system_clock_now() -> instant
{
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

} // namespace

auto lines_of(const config::config_errors& errors) -> startup_errors
{
    auto lines = startup_errors{};
    for (const auto& error : errors) {
        lines.add({config::describe(error)});
    }
    return lines;
}

auto environment_variables() -> config::variables
{
    auto all = config::variables{};
    for (auto* const* entry = environ; *entry != nullptr; ++entry) { // NOLINT(*-pointer-arithmetic): POSIX's list
        const auto text = std::string_view{*entry};
        const auto equals = text.find('=');
        if (equals != std::string_view::npos) {
            all.emplace(text.substr(0, equals), text.substr(equals + 1));
        }
    }
    return all;
}

auto find_config(const std::optional<std::string>& named) -> config_place
{
    const auto environment = environment_variables();
    const auto from_environment = environment.find(std::string{config::path_variable});
    const auto is_in_environment = from_environment != environment.end();
    return {.path = named               ? *named
                    : is_in_environment ? from_environment->second
                                        : std::string{config::default_path},
            .is_named = named || is_in_environment};
}

auto load_config(const std::optional<std::string>& named) -> tl::expected<config::layered, startup_errors>
{
    const auto [path, must_be_there] = find_config(named);
    if (path.empty()) {
        return failed{{std::string{config::path_variable} + ": expected a file's path, got nothing"}};
    }
    const auto text = io::read_private_file(path, file_kind::secret);
    if (!text && (must_be_there || !std::holds_alternative<io::file_missing>(text.error()))) {
        return failed{lines_of(text.error())};
    }
    const auto file = text ? std::optional<std::string_view>{*text} : std::nullopt;
    return config::layered::read(file, environment_variables())
        .map_error([&, place = path](const config::config_errors& errors) {
            auto lines = startup_errors{};
            for (const auto& error : errors) {
                lines.add({(config::is_in_file(error) ? place + ": " : "") + config::describe(error)});
            }
            return lines;
        });
}

auto open_node(const config::layered& from, const io::logger& log) -> tl::expected<node_session, startup_errors>
{
    const auto settings = config::read_proxmox(from);
    if (!settings) {
        return failed{lines_of(settings.error())};
    }
    const auto token = read_token(*settings);
    if (!token) {
        return failed{token.error()};
    }
    auto trust = resolve(settings->trust);
    if (!trust) {
        return failed{std::move(trust).error()};
    }
    if (const auto told = net::warning(*trust)) {
        log.insist(*told);
    }
    const auto limits =
        io::https_limits{.total = settings->timeout, .connections = static_cast<std::size_t>(settings->connections)};
    const auto on_answer = [log](const auto& call, const auto& answer, auto took) {
        log_call(log, call, answer, took);
        io::notify_watchdog(); // a node that answers late makes a pass long, and no daemon that hangs
    };
    const auto api = io::api_client{settings->api, *std::move(trust), *token, limits, on_answer};
    return node_session{
        .in = {.exchange = api,
               .now = system_clock_now,
               .sleep_for =
                   [log](std::chrono::milliseconds pause) {
                       log.debug("wait", {{"ms", pause.count()}});
                       std::this_thread::sleep_for(pause);
                   },
               .tell = [log](const log_event& event) { write_log_event(log, event); }},
        .node = settings->node,
        .token = settings->token,
        .close = [api] { api.close(); },
    };
}

auto read_hub_secrets(const config::hub_settings& settings) -> tl::expected<hub_secrets, startup_errors>
{
    auto text = read_secret(settings.api_key);
    if (!text) {
        return failed{lines_of(text.error())};
    }
    auto key = hub::hub_key::parse(*std::move(text));
    if (!key) {
        return failed{
            {place_of(settings.api_key, "hub.api_key", "hub.api_key_file") + ": " + felhom::describe(key.error())}};
    }
    if (!settings.ca_file) {
        return hub_secrets{.key = *std::move(key), .trust = net::system_roots{}};
    }
    auto trusted = read_authorities_file(*settings.ca_file);
    if (!trusted) {
        return failed{std::move(trusted).error()};
    }
    return hub_secrets{.key = *std::move(key), .trust = *std::move(trusted)};
}

auto load_pass(const config::layered& from, const node_session& session, bool accept_inventory,
               const hub::restart_counts& restarts) -> tl::expected<loaded_pass, startup_errors>
{
    const auto desired_settings = config::read_desired(from);
    const auto rules = config::read_reconcile(from);
    const auto state = config::read_state(from);
    if (!desired_settings || !rules || !state) {
        return failed{
            lines_of(config::check(from, config::part::desired | config::part::reconcile | config::part::state))};
    }
    auto document = read_desired_state(from, *desired_settings, restarts);
    if (!document) {
        return failed{std::move(document).error()};
    }
    // Nothing is desired where there is no document.
    auto there = *std::move(document);
    const auto generation = there ? std::optional{there->state.generation} : std::nullopt;
    auto wanted = std::move(there).value_or(hub::permitted_desired{});
    auto last = accept_inventory ? tl::expected<reconcile::inventory, startup_errors>{} : read_last_inventory(*state);
    if (!last) {
        return failed{std::move(last).error()};
    }
    return loaded_pass{
        .input = {.node = session.node,
                  .token = session.token,
                  .desired = std::move(wanted.state),
                  .generation = generation,
                  .last_inventory = *std::move(last),
                  .inventory_rule = {.missing_count = static_cast<std::size_t>(rules->hold_when_missing_count),
                                     .missing_percent = static_cast<std::size_t>(rules->hold_when_missing_percent)},
                  .plan_rule = {.kill_after_timeout = rules->allow_hard_stop,
                                .allow_grow = rules->allow_grow,
                                .observed = rules->observe_guests,
                                .host = host_named_in(from)}},
        .desired_source = std::string{config::desired_source_words.text_of(desired_settings->source)},
        .refused = std::move(wanted.refused),
    };
}

auto check_files(const config::layered& from, config::part parts) -> startup_errors
{
    auto wrong = startup_errors{};
    const auto note = [&](const auto& read) {
        if (!read) {
            wrong.add(as_lines(read.error()));
        }
    };
    if (const auto settings = config::read_proxmox(from); settings && config::includes(parts, config::part::proxmox)) {
        note(read_token(*settings));
        note(resolve(settings->trust));
    }
    // What is kept of the hub's is no file of the configuration: the hub is asked anew for what cannot be read.
    if (const auto settings = config::read_desired(from);
        settings && config::includes(parts, config::part::desired) && settings->source != config::desired_source::hub) {
        note(read_desired_state(from, *settings));
    }
    if (const auto settings = config::read_state(from); settings && config::includes(parts, config::part::state)) {
        note(io::check_private_directory(settings->directory, file_kind::secret));
    }
    if (const auto settings = config::read_hub(from); settings && config::includes(parts, config::part::hub)) {
        note(read_hub_secrets(*settings));
        note(load_policy(from));
    }
    return wrong;
}

auto keep_inventory(const config::layered& from, const reconcile::inventory& seen) -> tl::expected<void, startup_errors>
{
    const auto state = config::read_state(from);
    if (!state) {
        return failed{lines_of(state.error())};
    }
    return io::ensure_private_directory(state->directory, file_kind::secret)
        .and_then(
            [&] { return io::write_private_file_atomically(inventory_path(*state), reconcile::print_inventory(seen)); })
        .map_error([](const io::file_error& error) { return as_lines(error); });
}

} // namespace felhom::agent
