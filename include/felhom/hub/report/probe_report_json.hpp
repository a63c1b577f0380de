// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/enum_table.hpp>
#include <felhom/core/json/writer.hpp>
#include <felhom/hub/report/probe_report.hpp>

#include <array>
#include <string_view>

namespace felhom {

inline void write_members(json_writer& out, const clock_step& step)
{
    out.member<"from">(step.from);
    out.member<"to">(step.to);
    out.member<"by_ms">(step.by().count());
}

} // namespace felhom

namespace felhom::hub {

inline constexpr auto unit_state_words = enum_table{std::array{
    enum_word{host_tools::unit_state::active, "active"}, enum_word{host_tools::unit_state::inactive, "inactive"},
    enum_word{host_tools::unit_state::failed, "failed"}, enum_word{host_tools::unit_state::unknown, "unknown"}}};

[[nodiscard]] constexpr auto text_of(host_tools::unit_state state) -> std::string_view
{
    return unit_state_words.text_of(state);
}

inline void write_members(json_writer& out, const tunnel_readiness& tunnel)
{
    out.member<"ready">(tunnel.ready);
    out.member<"connections">(tunnel.connections);
}

inline void write_members(json_writer& out, const cloudflared_state& state)
{
    out.member<"status">(text_of(state.status));
    out.member<"tunnel">(state.tunnel);
}

inline void write_members(json_writer& out, const clock_state& clock)
{
    out.member<"synchronized">(clock.synchronized);
    out.member<"set">(clock.set);
}

} // namespace felhom::hub
