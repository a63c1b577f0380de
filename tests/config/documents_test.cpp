#include "settings_builder.hpp"

#include <felhom/config/settings.hpp>
#include <felhom/config/settings_table.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

using namespace felhom::config;
using namespace felhom::config::testing;

namespace {

auto contents_of(const std::string& path) -> std::string
{
    auto file = std::ifstream{(std::filesystem::path{FELHOM_DATA} / "../.." / path).lexically_normal()};
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
    const auto standard = of.standard.empty() ? std::string{} : "`" + std::string{of.standard} + "`";
    return "| `" + std::string{of.path} + "` | " + values_of(of) + " | " + standard + " | " + std::string{of.doc}
           + " |\n";
}

} // namespace

TEST_CASE("the reference in README.md has the row of every setting, and no row more")
{
    const auto readme = contents_of("README.md");
    auto rows = std::string{};
    for (const auto& known : settings_table) {
        INFO(row(known));
        CHECK(readme.find("\n" + row(known)) != std::string::npos);
        rows += row(known);
    }
    CHECK(readme.find("|---|---|---|---|\n" + rows + "\n") != std::string::npos);
}

TEST_CASE("the example configuration is complete for every part")
{
    const auto from = layered::read(contents_of("packaging/felhom-agent.example.json"), {});
    REQUIRE(from.has_value());
    CHECK(check(*from, part::all) == config_errors{});
}
