// SPDX-License-Identifier: Apache-2.0
#include "settings_builder.hpp"

#include <felhom/config/load_signers.hpp>
#include <felhom/config/settings.hpp>
#include <felhom/config/settings_table.hpp>
#include <felhom/proxmox/model/tried_release.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

using namespace felhom::config;
using namespace felhom::config::testing;

namespace {

auto in_project(const std::string& path) -> std::filesystem::path
{
    return (std::filesystem::path{FELHOM_DATA} / "../.." / path).lexically_normal();
}

auto contents_of(const std::filesystem::path& path) -> std::string
{
    auto file = std::ifstream{path};
    REQUIRE(file.is_open());
    return {std::istreambuf_iterator<char>{file}, {}};
}

auto values_of(const setting& of) -> std::string
{
    switch (of.what) {
    case kind::number:
        return std::to_string(of.least) + ".." + std::to_string(of.greatest);
    case kind::flag:
        return "true, false";
    case kind::choice: {
        auto text = std::string{};
        for (const auto c : of.choices) {
            text += c == '|' ? std::string{", "} : std::string{c};
        }
        return text;
    }
    case kind::text:
        return "text";
    case kind::secret:
        return "secret";
    case kind::signers:
    case kind::vmids:
        return "list";
    case kind::object:
        return "object";
    }
    return "";
}

/// The row of a setting in the reference.
auto row(const setting& of) -> std::string
{
    const auto standard = of.default_value.empty() ? std::string{} : "`" + std::string{of.default_value} + "`";
    return "| `" + std::string{of.path} + "` | " + values_of(of) + " | " + standard + " | " + std::string{of.doc}
           + " |\n";
}

} // namespace

TEST_CASE("the reference in README.md has the row of every setting, and no row more")
{
    const auto readme = contents_of(in_project("README.md"));
    auto rows = std::string{};
    for (const auto& known : settings_table) {
        INFO(row(known));
        CHECK(readme.find("\n" + row(known)) != std::string::npos);
        rows += row(known);
    }
    CHECK(readme.find("|---|---|---|---|\n" + rows + "\n") != std::string::npos);
}

TEST_CASE("README.md names every release that doctor takes for tried")
{
    const auto readme = contents_of("README.md");
    for (const auto release : felhom::proxmox::tried_releases) {
        INFO(release);
        CHECK(readme.find("\n| " + std::string{release} + " | ") != std::string::npos);
    }
}

TEST_CASE("the example configuration is complete for every part")
{
    const auto from = layered::read(contents_of(in_project("packaging/felhom-agent.example.json")), {});
    REQUIRE(from.has_value());
    CHECK(check(*from, part::all) == config_errors{});
}

TEST_CASE("the example configuration trusts nobody")
{
    const auto from = layered::read(contents_of(in_project("packaging/felhom-agent.example.json")), {});
    REQUIRE(from.has_value());
    const auto signers = load_signers(*from);
    REQUIRE(signers.has_value());
    CHECK(signers->all().empty());
}

TEST_CASE("no file that is shipped holds a key: whoever copies it would trust its owner")
{
    auto files = 0;
    for (const auto& shipped : std::filesystem::recursive_directory_iterator{in_project("packaging")}) {
        if (!shipped.is_regular_file()) {
            continue;
        }
        INFO(shipped.path().string());
        const auto text = contents_of(shipped.path());
        // How the base64 of every SSH key blob begins: the length of its type.
        CHECK(text.find(" AAAA") == std::string::npos);
        CHECK(text.find("PRIVATE KEY") == std::string::npos);
        CHECK(text.find("FELHOM_AGENT_AUTHZ_SIGNERS") == std::string::npos);
        ++files;
    }
    CHECK(files > 10);
}
