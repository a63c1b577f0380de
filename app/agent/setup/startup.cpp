// SPDX-License-Identifier: Apache-2.0
#include "agent/setup/startup.hpp"

#include <felhom/config/settings.hpp>

#include <algorithm>
#include <iostream>

namespace felhom::agent {

auto fail(const startup_errors& errors) -> exit_code
{
    for (const auto& line : errors.lines()) {
        std::cerr << "error: " << line << "\n";
    }
    return local_api::exit_code_of(errors.what());
}

auto logger_for(std::optional<log_level> asked, const config::layered& from, log_level most) -> io::logger
{
    const auto settings = config::read_log(from);
    return io::logger{asked.value_or(std::min(settings ? settings->level : log_level::info, most))};
}

} // namespace felhom::agent
