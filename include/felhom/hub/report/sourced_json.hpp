// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/instant.hpp>
#include <felhom/core/json/writer.hpp>
#include <felhom/hub/report/sourced.hpp>

#include <optional>

namespace felhom::hub {

inline void write_members(json_writer& out, const source_error& error)
{
    out.member<"code">(code_of(error.what));
    out.member<"detail">(error.detail);
}

/// When and how a part of the report was collected. It stands beside the part, so that a hub may pass over it.
struct part_source {
    instant collected_at;
    std::optional<source_error> error;
};

inline void write_members(json_writer& out, const part_source& source)
{
    out.member<"collected_at">(source.collected_at);
    out.member<"error">(source.error);
}

} // namespace felhom::hub
