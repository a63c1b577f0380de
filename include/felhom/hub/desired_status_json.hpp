// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/enum_table.hpp>
#include <felhom/core/json/writer.hpp>
#include <felhom/hub/desired_status.hpp>

#include <array>
#include <string_view>

namespace felhom::hub {

inline constexpr auto restore_test_verdict_words = enum_table{
    std::array{enum_word{restore_test::verdict::passed, "passed"}, enum_word{restore_test::verdict::failed, "failed"}}};

[[nodiscard]] constexpr auto text_of(restore_test::verdict verdict) -> std::string_view
{
    return restore_test_verdict_words.text_of(verdict);
}

inline void write_members(json_writer& out, const audit_record& record)
{
    out.member<"seq">(record.seq);
    out.member<"payload">(record.payload);
}

inline void write_members(json_writer& out, const reported_refusal& refusal)
{
    out.member<"vmid">(refusal.guest);
    out.member<"key">(refusal.key);
    out.member<"code">(refusal.code);
    out.member<"detail">(refusal.detail);
}

inline void write_members(json_writer& out, const desired_status& status)
{
    out.member<"source">(status.source);
    out.member<"generation">(status.generation);
    out.member<"refused">(status.refused);
}

inline void write_members(json_writer& out, const guest_drift& guest)
{
    out.member<"vmid">(guest.id);
    out.member<"state">(text_of(guest.state));
    out.member<"reasons">(guest.reasons);
}

inline void write_members(json_writer& out, const drift_summary& drift)
{
    out.member<"in_sync">(drift.in_sync);
    out.member<"pending_restart">(drift.pending_restart);
    out.member<"held">(drift.held);
    out.member<"parked">(drift.parked);
    out.member<"unknown">(drift.unknown);
    out.member<"refused">(drift.refused);
    out.member<"guests">(drift.guests);
}

inline void write_members(json_writer& out, const unknown_operation& operation)
{
    out.member<"id">(operation.id);
    out.member<"vmid">(operation.guest);
    out.member<"what">(operation.what);
    out.member<"started_at">(operation.started);
    out.member<"detail">(operation.detail);
}

inline void write_members(json_writer& out, const restore_test& test)
{
    out.member<"vmid">(test.guest);
    out.member<"volume">(test.volume);
    out.member<"started_at">(test.started);
    out.member<"ended_at">(test.ended);
    out.member<"result">(text_of(test.result));
    out.member<"detail">(test.detail);
}

} // namespace felhom::hub
