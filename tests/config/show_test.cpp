// SPDX-License-Identifier: Apache-2.0
#include "settings_builder.hpp"

#include <felhom/config/show.hpp>

#include <range/v3/algorithm/find.hpp>

using namespace felhom::config;
using namespace felhom::config::testing;

namespace {

auto line(const layered& from, std::string_view path) -> shown_setting
{
    const auto lines = show(from);
    const auto found = ranges::find(lines, path, &shown_setting::path);
    REQUIRE(found != lines.end());
    return *found;
}

} // namespace

TEST_CASE("every setting is shown with its value and where it comes from")
{
    const auto from = layered::read(R"({"state_dir":"/s"})", with({}, "proxmox.timeout_seconds", "5"));
    REQUIRE(from.has_value());
    CHECK(show(*from).size() == settings_table.size());
    CHECK(line(*from, "state_dir") == shown_setting{"state_dir", "/s", "file"});
    CHECK(line(*from, "log.level") == shown_setting{"log.level", "info", "default"});
    CHECK(line(*from, "proxmox.timeout_seconds")
          == shown_setting{"proxmox.timeout_seconds", "5", "FELHOM_AGENT_PROXMOX_TIMEOUT_SECONDS"});
    CHECK(line(*from, "reconcile.allow_hard_stop") == shown_setting{"reconcile.allow_hard_stop", "false", "default"});
    CHECK(line(*from, "hub.url") == shown_setting{"hub.url", "", "not set"});
}

TEST_CASE("a secret is shown as given, and not shown")
{
    const auto from = layers(with(proxmox_only(), "hub.api_key", "hunter2"));
    CHECK(line(from, "proxmox.token_secret")
          == shown_setting{"proxmox.token_secret", "<redacted>", "FELHOM_AGENT_PROXMOX_TOKEN_SECRET"});
    for (const auto& shown : show(from)) {
        CHECK(shown.value.find("hunter2") == std::string::npos);
        CHECK(shown.value.find(uuid) == std::string::npos);
    }
}

TEST_CASE("signers are shown by their ids")
{
    const auto from = layers(with({}, "authz.signers",
                                  R"([{"authorized_key":"a","tag":"recovery","key_id":"one"},)"
                                  R"({"authorized_key":"b","tag":"recovery","key_id":"two"}])"));
    CHECK(line(from, "authz.signers").value == "[one, two]");
}
