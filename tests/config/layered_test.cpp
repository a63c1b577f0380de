// SPDX-License-Identifier: Apache-2.0
#include "settings_builder.hpp"

#include <felhom/config/layered.hpp>

#include <set>

using namespace felhom::config;
using namespace felhom::config::testing;

namespace {

auto max_parallel(std::optional<std::string_view> file, const variables& environment)
{
    static constexpr auto of = key<std::int64_t>{"reconcile.max_parallel"};
    const auto read = layered::read(file, environment);
    REQUIRE(read.has_value());
    REQUIRE(read->find(of) != nullptr);
    return std::pair{*read->find(of), read->origin_of(of)};
}

} // namespace

TEST_CASE("the environment beats the file, the file beats the default, and the origin is known")
{
    static constexpr auto file = R"({"reconcile":{"max_parallel":2}})";
    const auto environment = variables{{"FELHOM_AGENT_RECONCILE_MAX_PARALLEL", "3"}};
    CHECK(max_parallel(std::nullopt, {}) == std::pair{std::int64_t{4}, origin::default_value});
    CHECK(max_parallel(file, {}) == std::pair{std::int64_t{2}, origin::file});
    CHECK(max_parallel(file, environment) == std::pair{std::int64_t{3}, origin::environment});
}

TEST_CASE("every default obeys the rule of its own setting, so that nothing need be given to read")
{
    CHECK(errors_in(variables{}).empty());
    CHECK(errors_in("{}").empty());
}

TEST_CASE("no two settings share a path or a variable, and none takes the variable of the file's path")
{
    auto names = std::set<std::string>{std::string{path_variable}};
    auto paths = std::set<std::string_view>{};
    for (const auto& known : settings_table) {
        INFO(known.path);
        CHECK(names.insert(environment_name(known.path)).second);
        CHECK(paths.insert(known.path).second);
    }
}

TEST_CASE("an unknown key is an error with its path and the name that was probably meant")
{
    CHECK(errors_in(R"({"proxmox":{"tokenid":"x"}})")
          == config_errors{unknown_name{"proxmox.tokenid", origin::file, "proxmox.token_id"}});
    CHECK(errors_in(R"({"promox":{"url":"x"}})") == config_errors{unknown_name{"promox", origin::file, "proxmox"}});
    CHECK(errors_in(R"({"token_id":"x"})")
          == config_errors{unknown_name{"token_id", origin::file, "proxmox.token_id"}});
    CHECK(errors_in(R"({"proxmox":{"state_dir":"/x"}})")
          == config_errors{unknown_name{"proxmox.state_dir", origin::file, "state_dir"}});
    CHECK(errors_in(R"({"hub":{"colour_of_the_sky":1}})")
          == config_errors{unknown_name{"hub.colour_of_the_sky", origin::file, ""}});
}

TEST_CASE("an unknown variable with the agent's prefix is an error, and other variables are nobody's business")
{
    CHECK(errors_in(variables{{"FELHOM_AGENT_PROXMOX_ULR", "x"}})
          == config_errors{unknown_name{"FELHOM_AGENT_PROXMOX_ULR", origin::environment, "FELHOM_AGENT_PROXMOX_URL"}});
    CHECK(errors_in(variables{{"PATH", "/bin"}, {"FELHOM_AGENT_CONFIG", "/etc/x.json"}}).empty());
}

TEST_CASE("everything that is wrong is reported at once")
{
    CHECK(errors_in(R"({"log":{"level":"loud"},"state_dir":"var","x":1})")
          == config_errors{
              bad_value{"log.level", origin::file, "one of error, warning, notice, info, debug", "\"loud\""},
              bad_value{"state_dir", origin::file, "an absolute path", "\"var\""},
              unknown_name{"x", origin::file, ""},
          });
}

TEST_CASE("a value of the wrong type is not converted")
{
    CHECK(errors_in(R"({"reconcile":{"max_parallel":"4"}})")
          == config_errors{bad_value{"reconcile.max_parallel", origin::file, "an integer from 1 to 8", "\"4\""}});
    CHECK(errors_in(R"({"reconcile":{"allow_hard_stop":1}})")
          == config_errors{bad_value{"reconcile.allow_hard_stop", origin::file, "true or false", "1"}});
    CHECK(errors_in(R"({"state_dir":null})")
          == config_errors{bad_value{"state_dir", origin::file, "a string", "null"}});
    CHECK(errors_in(R"([])")
          == config_errors{bad_value{"the file", origin::file, "an object", "something else (not shown)"}});
}

TEST_CASE("numbers are held to their range on both ends, from the file and from the environment")
{
    const auto fits = [](int number) {
        const auto text = std::to_string(number);
        const auto from_file = errors_in(R"({"reconcile":{"max_parallel":)" + text + "}}").empty();
        const auto from_variable = errors_in(with({}, "reconcile.max_parallel", text)).empty();
        CHECK(from_file == from_variable);
        return from_file;
    };
    CHECK_FALSE(fits(0));
    CHECK(fits(1));
    CHECK(fits(8));
    CHECK_FALSE(fits(9));
    for (const auto* text : {"", " 4", "4 ", "+4", "4.0", "4x", "0x4", "99999999999999999999"}) {
        INFO(text);
        CHECK(errors_in(with({}, "reconcile.max_parallel", text)).size() == 1);
    }
}

TEST_CASE("an ambiguous document is no configuration")
{
    const auto errors = errors_in(R"({"log":{},"log":{}})");
    REQUIRE(errors.size() == 1);
    CHECK(code(errors.front()) == "bad_document");
}

TEST_CASE("a secret stands in no error, wherever it was put")
{
    static constexpr auto hidden = std::string_view{"hunter2"};
    const auto shown = [](const config_errors& errors) {
        REQUIRE_FALSE(errors.empty());
        auto text = std::string{};
        for (const auto& error : errors) {
            text += describe(error) + "\n";
        }
        return text;
    };
    for (const auto* file : {R"({"proxmox":{"token_secret":"hunter2"}})", R"({"proxmox":{"token_secret":["hunter2"]}})",
                             R"({"proxmox":"hunter2"})", R"({"hub":{"api_key":"hunter2 with a space"}})",
                             R"({"proxmox":{"token_secrt":"hunter2"}})", R"({"proxmox":{"token_secret":"hunter2)"}) {
        INFO(file);
        CHECK(shown(errors_in(file)).find(hidden) == std::string::npos);
    }
    CHECK(shown(errors_in(with({}, "proxmox.token_secret", "hunter2"))).find(hidden) == std::string::npos);
}

TEST_CASE("what is foreign cannot break the line of its error")
{
    const auto errors = errors_in("{\"a\\nb\":1,\"state_dir\":\"x\\ny\"}");
    REQUIRE(errors.size() == 2);
    for (const auto& error : errors) {
        CHECK(describe(error).find('\n') == std::string::npos);
    }
}

TEST_CASE("every kind of text is held to its own rule")
{
    const auto refused = [](const std::string& path, const std::string& text) {
        INFO(path << "=" << text);
        CHECK(errors_in(with({}, path, text)).size() == 1);
    };
    refused("proxmox.url", "http://pve.example:8006");
    refused("proxmox.node", "pve1.example");
    refused("proxmox.token_id", "felhom@pve");
    refused("proxmox.token_secret", "not a uuid");
    refused("proxmox.fingerprint", "AA:BB");
    refused("proxmox.insecure_skip_verify", "yes");
    refused("proxmox.ca_file", "ca.pem");
    refused("desired.source", "mail");
    refused("reconcile.mode", "");
    refused("reconcile.mode", "observe|enforce");
    refused("hub.url", "http://hub.example");
    refused("hub.url", "https://user@hub.example");
    refused("hub.url", "https://");
    refused("hub.host_id", "-host");
    refused("hub.api_key", "line\nbreak");
    refused("authz.signers", "not json");
    refused("authz.signers", "{}");
}

TEST_CASE("an error says where the value was given and what is expected")
{
    CHECK(describe(errors_in(with({}, "state_dir", "var")).front())
          == "state_dir (FELHOM_AGENT_STATE_DIR): expected an absolute path, got \"var\"");
    CHECK(describe(config_error{unknown_name{"proxmox.tokenid", origin::file, "proxmox.token_id"}})
          == "proxmox.tokenid: no such setting; did you mean proxmox.token_id?");
}
