// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/json/writer.hpp>
#include <felhom/hub/report/backup_report.hpp>
#include <felhom/hub/report/guest_report_json.hpp>
#include <felhom/proxmox/model/guest_kind.hpp>

#include <optional>

namespace felhom::hub {

inline void write_members(json_writer& out, const storage_target& target)
{
    out.member<"id">(target.id.text());
    out.member<"type">(target.type);
    out.member<"content">(target.content);
    out.member<"active">(target.active);
    out.member<"enabled">(target.enabled);
    out.member<"shared">(target.shared);
    out.member<"space">(target.space);
    out.member<"available">(target.available);
}

inline void write_members(json_writer& out, const reported_backup& backup)
{
    out.member<"vmid">(backup.guest);
    out.member<"storage">(backup.storage.text());
    out.member<"volume">(backup.volume);
    out.member<"format">(backup.format);
    out.member<"created_at">(backup.created);
    out.member<"age">(backup.age);
    out.member<"dated_ahead">(backup.is_dated_ahead);
    out.member<"size">(backup.size);
    out.member<"verification">(backup.verification);
    out.member<"protected">(backup.is_protected);
}

inline void write_members(json_writer& out, const pbs_snapshot& snapshot)
{
    out.member<"storage">(snapshot.storage.text());
    out.member<"volume">(snapshot.volume);
    out.member<"vmid">(snapshot.guest);
    out.member<"guest_type">(snapshot.guest_type ? std::optional{proxmox::text_of(*snapshot.guest_type)}
                                                 : std::nullopt);
    out.member<"created_at">(snapshot.created);
    out.member<"dated_ahead">(snapshot.is_dated_ahead);
    out.member<"size">(snapshot.size);
    out.member<"verification">(snapshot.verification);
    out.member<"protected">(snapshot.is_protected);
}

} // namespace felhom::hub
