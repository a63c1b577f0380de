// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/host_tools/checked_text.hpp>
#include <felhom/host_tools/command.hpp>
#include <felhom/host_tools/run.hpp>

#include <tl/expected.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace felhom::host_tools {

namespace detail {

struct unit_name_rule {
    static constexpr auto what = std::string_view{"service name"};
    static constexpr auto rule = std::string_view{"1 to 200 of A-Z a-z 0-9 . _ - @ : beginning with a letter or digit"};
    [[nodiscard]] static auto accepts(std::string_view text) -> bool { return is_word(text, "-_.@:", 200); }
};

} // namespace detail

using unit_name = checked_text<detail::unit_name_rule>;

/// Whether a service runs; unknown while it is on its way from one to the other.
enum class unit_state : std::uint8_t { active, inactive, failed, unknown };

/// The state of services, by systemd.
struct systemctl {
    static constexpr auto program = std::string_view{"/usr/bin/systemctl"};

    [[nodiscard]] static auto is_active(const unit_name& unit) -> command
    {
        return command{{std::string{program}, "is-active", unit.text()}};
    }

    /// The exit code only says whether the unit is active; the state is the first word of the output, also when there
    /// is no such unit (systemctl(1)). No word: systemd could not be asked.
    [[nodiscard]] static auto read_is_active(const finished& ended) -> tl::expected<unit_state, error>
    {
        const auto state = std::string_view{ended.out}.substr(0, ended.out.find_first_of("\r\n"));
        if (state.empty()) {
            return tl::unexpected(failure_of(program, ended));
        }
        if (state == "active" || state == "reloading") {
            return unit_state::active;
        }
        if (state == "inactive") {
            return unit_state::inactive;
        }
        return state == "failed" ? unit_state::failed : unit_state::unknown;
    }
};

} // namespace felhom::host_tools
