// SPDX-License-Identifier: Apache-2.0
#include "settings_builder.hpp"

#include <felhom/config/settings.hpp>

#include <set>

using namespace felhom::config;
using namespace felhom::config::testing;
namespace pve = felhom::proxmox;

namespace {

const auto pin = std::string{"00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"
                             "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF"};

auto trust_of(const variables& more) -> trust_source
{
    auto all = proxmox_only();
    all.insert(more.begin(), more.end());
    const auto read = read_proxmox(layers(all));
    REQUIRE(read.has_value());
    return read->trust;
}

auto proxmox_errors(const variables& environment) -> config_errors
{
    return check(layers(environment), part::proxmox);
}

} // namespace

TEST_CASE("a command that only talks to Proxmox VE needs no hub, no signers and no file")
{
    CHECK(read_proxmox(layers(proxmox_only()))
          == proxmox_settings{.api = *felhom::net::endpoint::parse("https://pve.example"),
                              .node = *felhom::node_name::parse("pve1"),
                              .token = *pve::token_id::parse("felhom@pve!agent"),
                              .token_secret = felhom::secret{std::string{uuid}},
                              .trust = felhom::net::system_roots{},
                              .timeout = std::chrono::seconds{30},
                              .connections = 4});
    CHECK(check(layers(proxmox_only()), part::proxmox | part::desired | part::reconcile | part::state | part::log)
          == config_errors{});
}

TEST_CASE("what a part needs and nobody gave is reported whole, and once")
{
    CHECK(proxmox_errors({})
          == config_errors{missing_value{"proxmox.url", ""}, missing_value{"proxmox.node", ""},
                           missing_value{"proxmox.token_id", ""},
                           missing_value{"proxmox.token_secret", "proxmox.token_file"}});
    CHECK(check(layers({}), part::authz | part::hub)
          == config_errors{missing_value{"hub.host_id", ""}, missing_value{"authz.signers", ""},
                           missing_value{"hub.url", ""}, missing_value{"hub.api_key", "hub.api_key_file"}});
}

TEST_CASE("the table says of each setting what asking for its part says")
{
    for (const auto one :
         {part::proxmox, part::desired, part::reconcile, part::state, part::log, part::authz, part::hub}) {
        auto by_table = std::set<std::string>{};
        for (const auto& known : settings_table) {
            if (includes(known.required_by, one)) {
                by_table.insert(std::string{known.path});
            }
        }
        auto by_reading = std::set<std::string>{};
        for (const auto& error : check(layers({}), one)) {
            const auto* const missing = std::get_if<missing_value>(&error);
            REQUIRE(missing != nullptr);
            if (missing->alternative.empty()) {
                by_reading.insert(missing->path);
            }
        }
        CHECK(by_table == by_reading);
    }
}

TEST_CASE("a secret comes from a setting or from a file, and not from both")
{
    const auto from_file =
        with(without(proxmox_only(), "proxmox.token_secret"), "proxmox.token_file", "/etc/felhom-agent/token");
    const auto read = read_proxmox(layers(from_file));
    REQUIRE(read.has_value());
    CHECK(read->token_secret == secret_source{secret_file{"/etc/felhom-agent/token"}});
    CHECK(proxmox_errors(with(proxmox_only(), "proxmox.token_file", "/etc/felhom-agent/token"))
          == config_errors{
              contradiction{"proxmox.token_secret", origin::environment, "proxmox.token_file", origin::environment}});
}

TEST_CASE("there is one way to trust the server")
{
    CHECK(trust_of({}) == trust_source{felhom::net::system_roots{}});
    CHECK(trust_of(with({}, "proxmox.fingerprint", pin)) == trust_source{*felhom::net::fingerprint::parse(pin)});
    CHECK(trust_of(with({}, "proxmox.ca_file", "/ca.pem")) == trust_source{authorities_file{"/ca.pem"}});
    CHECK(trust_of(with({}, "proxmox.insecure_skip_verify", "true"))
          == trust_source{felhom::net::insecure_skip_verify{}});
    CHECK(trust_of(with(with({}, "proxmox.insecure_skip_verify", "false"), "proxmox.ca_file", "/ca.pem"))
          == trust_source{authorities_file{"/ca.pem"}});
}

TEST_CASE("two ways to trust at once are refused, since one of them would not be what its author believes")
{
    static constexpr auto given = origin::environment;
    CHECK(proxmox_errors(with(with(proxmox_only(), "proxmox.fingerprint", pin), "proxmox.ca_file", "/ca.pem"))
          == config_errors{contradiction{"proxmox.fingerprint", given, "proxmox.ca_file", given}});
    CHECK(proxmox_errors(with(with(proxmox_only(), "proxmox.insecure_skip_verify", "true"), "proxmox.ca_file", "/ca"))
          == config_errors{contradiction{"proxmox.insecure_skip_verify", given, "proxmox.ca_file", given}});
    CHECK(proxmox_errors(with(with(proxmox_only(), "proxmox.insecure_skip_verify", "true"), "proxmox.fingerprint", pin))
          == config_errors{contradiction{"proxmox.insecure_skip_verify", given, "proxmox.fingerprint", given}});
}

TEST_CASE("nothing acts unless it is told to")
{
    CHECK(read_reconcile(layers({}))
          == reconcile_settings{.mode = reconcile_mode::observe,
                                .observe_guests = {},
                                .interval = std::chrono::seconds{60},
                                .stop_timeout = std::chrono::seconds{60},
                                .allow_hard_stop = false,
                                .allow_grow = false,
                                .max_parallel = 4,
                                .hold_when_missing_count = 5,
                                .hold_when_missing_percent = 30,
                                .hold_when_changing_count = 10,
                                .hold_when_changing_percent = 50,
                                .restarts_per_day = 6,
                                .park_after = 5,
                                .settle = std::chrono::seconds{60}});
    CHECK(read_reconcile(layers(with({}, "reconcile.mode", "enforce")))->mode == reconcile_mode::enforce);
    CHECK(read_reconcile(layers(with({}, "reconcile.allow_hard_stop", "true")))->allow_hard_stop);
    CHECK(read_reconcile(layers(with({}, "reconcile.allow_grow", "true")))->allow_grow);
}

TEST_CASE("guests that are only observed are named by their vmids, in the file and in the environment")
{
    const auto in_file = layered::read(R"({"reconcile":{"observe_guests":[102,101,102]}})", {});
    REQUIRE(in_file.has_value());
    const auto expected = std::vector{*felhom::vmid::from_number(101), *felhom::vmid::from_number(102)};
    CHECK(read_reconcile(*in_file)->observe_guests == expected);
    CHECK(read_reconcile(layers(with({}, "reconcile.observe_guests", "[101,102]")))->observe_guests == expected);
}

TEST_CASE("what is wrong inside a list from the environment is told with the variable that there is")
{
    CHECK(describe(bad_value{.path = "authz.signers[0].authorized_key",
                             .from = origin::environment,
                             .expected = "a value",
                             .got = "nothing"})
          == "authz.signers[0].authorized_key (FELHOM_AGENT_AUTHZ_SIGNERS) is missing");
}

TEST_CASE("desired state, state directory and log have defaults")
{
    CHECK(read_desired(layers({})) == desired_settings{desired_source::empty, "/etc/felhom-agent/desired.json"});
    CHECK(read_desired(layers(with({}, "desired.source", "hub")))->source == desired_source::hub);
    CHECK(read_state(layers({})) == state_settings{"/var/lib/felhom-agent"});
    CHECK(read_log(layers({})) == log_settings{felhom::log_level::info});
    CHECK(read_log(layers(with({}, "log.level", "debug"))) == log_settings{felhom::log_level::debug});
}

TEST_CASE("the parts that count as configured are those that somebody named")
{
    const auto always = part::proxmox | part::desired | part::reconcile | part::state | part::log;
    CHECK(configured_parts(layers({})) == always);
    CHECK(configured_parts(layers(with({}, "authz.signers", "[]"))) == (always | part::authz));
    CHECK(configured_parts(layers(with({}, "hub.url", "https://hub.example"))) == (always | part::hub));
    CHECK(configured_parts(layers(with({}, "hub.api_key_file", "/key"))) == (always | part::hub));
    CHECK(configured_parts(layers(with({}, "desired.source", "hub"))) == (always | part::hub));
}

TEST_CASE("nonces are kept in the journal, and that in the state directory unless another place is given")
{
    const auto base = with(with(with({}, "hub.host_id", "host-1"), "authz.signers", "[]"), "state_dir", "/s");
    const auto elsewhere = with(base, "authz.nonce_store", "/n");
    CHECK(read_authz(layers(base))->nonce_store == "/s/journal.log");
    CHECK(read_authz(layers(elsewhere))->nonce_store == "/n");
    CHECK(read_journal(layers(base))
          == journal_settings{.path = "/s/journal.log",
                              .segment_bytes = std::uint64_t{4} << 20U,
                              .kept_segments = 16,
                              .keep_results = std::chrono::days{90}});
    CHECK(read_journal(layers(elsewhere))->path == "/n");
}

TEST_CASE("what lets a signed operation through beside its signature has careful defaults")
{
    const auto base = with(with({}, "hub.host_id", "host-1"), "authz.signers", "[]");
    CHECK(read_authz(layers(base))->host == *felhom::host_id::parse("host-1"));
    CHECK(read_authz(layers(base))->digest_required_for == std::vector<std::string>{"guest.destroy", "guest.restore"});
    CHECK(read_authz(layers(base))->veto_file == "/etc/felhom-agent/veto");
    CHECK(read_authz(layers(base))->quorums.empty());
    CHECK(read_authz(layers(with(base, "authz.quorum", "guest.destroy=2")))->quorums
          == felhom::authz::quorum_rule{{"guest.destroy", {.in_all = 2}}});
    CHECK_FALSE(layered::read(std::nullopt, with(base, "authz.quorum", "guest.destroy")).has_value());
    // Misspelt, they would be demanded of nothing.
    CHECK_FALSE(layered::read(std::nullopt, with(base, "authz.quorum", "guest.destory=2")).has_value());
    CHECK_FALSE(layered::read(std::nullopt, with(base, "authz.digest_required_for", "guest.destory")).has_value());
    CHECK(read_authz(layers(with(base, "authz.digest_required_for", "none")))->digest_required_for.empty());
}

TEST_CASE("how long an operation may be valid, and how far clocks may differ, is configured within bounds")
{
    const auto base = with(with({}, "hub.host_id", "host-1"), "authz.signers", "[]");
    CHECK(read_authz(layers(base))->policy == felhom::authz::time_policy{});
    const auto read =
        read_authz(layers(with(with(base, "authz.skew_seconds", "0"), "authz.max_window_seconds", "3600")));
    REQUIRE(read.has_value());
    CHECK(read->policy
          == felhom::authz::time_policy{.skew = std::chrono::seconds{0}, .longest_window = std::chrono::hours{1}});
    for (const auto& [path, wrong] : {std::pair{"authz.skew_seconds", "86401"},
                                      {"authz.skew_seconds", "-1"},
                                      {"authz.max_window_seconds", "59"},
                                      {"authz.max_window_seconds", "604801"}}) {
        CHECK(errors_in(with(base, path, wrong)).size() == 1);
    }
}

TEST_CASE("the hub is read with its key, its pace and its trust")
{
    const auto base =
        with(with(with({}, "hub.url", "https://hub.example/agent"), "hub.host_id", "host-1"), "hub.api_key", "k3y");
    const auto expected = hub_settings{.url = "https://hub.example/agent",
                                       .host = *felhom::host_id::parse("host-1"),
                                       .api_key = felhom::secret{"k3y"},
                                       .poll = std::chrono::seconds{60},
                                       .timeout = std::chrono::seconds{30},
                                       .first_answer = std::chrono::seconds{30},
                                       .ca_file = std::nullopt};
    CHECK(read_hub(layers(base)) == expected);
    auto with_ca = expected;
    with_ca.ca_file = "/ca.pem";
    CHECK(read_hub(layers(with(base, "hub.ca_file", "/ca.pem"))) == with_ca);
}
