// SPDX-License-Identifier: Apache-2.0
#include "agent/hub/report_sources.hpp"

#include <felhom/host_tools/block_device.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <system_error>

namespace felhom::agent {

namespace {

/// Performs what collecting a report asks for.
struct collecting_interpreter : reading_interpreter {
    explicit collecting_interpreter(const report_sources& of) : reading_interpreter{of.in}, from{of} {}

    const report_sources& from;

    using reading_interpreter::operator();

    [[nodiscard]] auto operator()(const operate::read_clock& /*asked*/) const -> instant { return from.in.now(); }
    [[nodiscard]] auto operator()(const hub::run_tool& wanted) const -> hub::run_tool::answer
    {
        return from.run(wanted.call);
    }
    [[nodiscard]] auto operator()(const hub::list_disks& /*asked*/) const -> hub::list_disks::answer
    {
        return from.disks();
    }
    [[nodiscard]] auto operator()(const hub::ask_tunnel& /*asked*/) const -> hub::ask_tunnel::answer
    {
        return from.tunnel ? std::optional{from.tunnel()} : std::nullopt;
    }
    [[nodiscard]] auto operator()(const hub::observe_self& /*asked*/) const -> hub::own_observations
    {
        return from.own();
    }
};

/// The word in a file of sysfs; none where there is no such file.
[[nodiscard]] auto word_in(const std::filesystem::path& file) -> std::string
{
    auto word = std::string{};
    std::ifstream{file} >> word;
    return word;
}

} // namespace

auto disks_in(const std::string& directory) -> tl::expected<std::vector<host_tools::disk_device>, hub::source_error>
{
    auto ec = std::error_code{};
    auto all = std::vector<host_tools::disk_device>{};
    for (auto at = std::filesystem::directory_iterator{directory, ec};
         !ec && at != std::filesystem::directory_iterator{}; at.increment(ec)) {
        const auto name = at->path().filename().string();
        const auto disk = host_tools::disk_device::parse("/dev/" + name);
        if (!disk) {
            continue;
        }
        const auto has_device = std::filesystem::exists(at->path() / "device", ec);
        if (ec) {
            break;
        }
        if (host_tools::is_disk({.name = name,
                                 .has_device = has_device,
                                 .hidden = word_in(at->path() / "hidden"),
                                 .size = word_in(at->path() / "size"),
                                 .removable = word_in(at->path() / "removable")})) {
            all.push_back(*disk);
        }
    }
    if (ec) {
        return tl::unexpected(hub::source_error{hub::source_error::kind::failed, directory + ": " + ec.message()});
    }
    std::ranges::sort(all, {}, &host_tools::disk_device::text);
    return all;
}

auto collect(const report_sources& from) -> hub::host_observations
{
    return run(hub::collect_observations(from.of), collecting_interpreter{from});
}

} // namespace felhom::agent
