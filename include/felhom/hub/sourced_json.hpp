#pragma once

#include <felhom/hub/json_writer.hpp>
#include <felhom/hub/sourced.hpp>

#include <optional>
#include <vector>

namespace felhom::hub {

inline void write_members(json_writer& out, const source_error& error)
{
    out.member<"code">(code_of(error.what));
    out.member<"detail">(error.detail);
}

template <typename T>
void write_part(json_writer& out, const T& value)
{
    write_members(out, value);
}
template <typename T>
void write_part(json_writer& out, const std::vector<T>& items)
{
    out.member<"items">(items);
}
template <typename T>
void write_part(json_writer& out, const std::optional<T>& maybe)
{
    out.member<"value">(maybe);
}

/// A part of the report: when and how it was collected, then what it says.
template <typename T>
void write_members(json_writer& out, const sourced<T>& part)
{
    out.member<"collected_at">(part.collected_at);
    out.member<"error">(part.error);
    write_part(out, part.value);
}

} // namespace felhom::hub
