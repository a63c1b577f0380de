// SPDX-License-Identifier: Apache-2.0
#include "agent/commands/config_commands.hpp"

#include <felhom/config/load_signers.hpp>
#include <felhom/config/show.hpp>
#include <felhom/core/json/writer.hpp>
#include <felhom/core/printable.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <iomanip>
#include <ios>
#include <utility>

namespace felhom::agent {

auto run_config_check(const startup_errors& unread, const console& to) -> exit_code
{
    auto lines = boost::json::array{};
    for (const auto& line : unread.lines()) {
        lines.push_back({{"error", "unread"}, {"detail", line}});
        to.err << "error: " << line << "\n";
    }
    if (to.json) {
        to.out << json_text(
            boost::json::object{{"schema", config_check_schema}, {"ok", false}, {"errors", std::move(lines)}});
    }
    return local_api::exit_code_of(unread.what());
}

auto run_config_check(const config::layered& from, config::part parts, const startup_errors& files, const console& to)
    -> exit_code
{
    const auto errors = config::check_with_signers(from, parts);
    const auto good = errors.empty() && files.lines().empty();
    if (to.json) {
        auto lines = boost::json::array{};
        for (const auto& error : errors) {
            lines.push_back({{"error", config::code(error)}, {"detail", config::describe(error)}});
        }
        for (const auto& line : files.lines()) {
            lines.push_back({{"error", "bad_file"}, {"detail", line}});
        }
        to.out << json_text(
            boost::json::object{{"schema", config_check_schema}, {"ok", good}, {"errors", std::move(lines)}});
    } else {
        for (const auto& error : errors) {
            to.out << config::describe(error) << "\n";
        }
        for (const auto& line : files.lines()) {
            to.out << line << "\n";
        }
        to.out << (good ? "The configuration is complete.\n" : "");
    }
    return good             ? exit_code::success
           : errors.empty() ? local_api::exit_code_of(files.what())
                            : exit_code::configuration;
}

auto run_config_show(const config::layered& from, const console& to) -> exit_code
{
    const auto settings = config::show(from);
    if (to.json) {
        auto object = boost::json::object{};
        for (const auto& one : settings) {
            object[one.path] = boost::json::object{{"value", one.value}, {"from", one.from}};
        }
        to.out << json_text(boost::json::object{{"schema", config_show_schema}, {"settings", std::move(object)}});
        return exit_code::success;
    }
    static constexpr auto path_width = 38;
    static constexpr auto value_width = 40;
    for (const auto& one : settings) {
        to.out << std::left << std::setw(path_width) << one.path << " " << std::setw(value_width)
               << printable(one.value) << " " << to.format.style.faint << one.from << to.format.style.plain << "\n";
    }
    return exit_code::success;
}

} // namespace felhom::agent
