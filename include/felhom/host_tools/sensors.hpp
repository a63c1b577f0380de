// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/host_tools/command.hpp>
#include <felhom/host_tools/read_temperatures.hpp>
#include <felhom/host_tools/run.hpp>
#include <felhom/host_tools/sensor_events.hpp>

#include <tl/expected.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace felhom::host_tools {

/// The host's temperatures, by lm-sensors.
struct sensors {
    static constexpr auto program = std::string_view{"/usr/bin/sensors"};

    [[nodiscard]] static auto read_all() -> command { return command{{std::string{program}, "-j"}}; }

    /// A host without sensors is a failure, for that is how sensors ends.
    [[nodiscard]] static auto read_temperatures(const finished& ended) -> tl::expected<temperatures_read, error>
    {
        if (ended.exit_code != 0) {
            return tl::unexpected(failure_of(program, ended));
        }
        auto read = host_tools::read_temperatures(ended.out);
        if (read.all.empty() && !read.unread.empty()) {
            return tl::unexpected<error>(
                unreadable{.program = std::string{program}, .cause = std::move(read.unread.front())});
        }
        return read;
    }
};

} // namespace felhom::host_tools
