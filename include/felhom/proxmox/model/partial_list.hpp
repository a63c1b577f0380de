// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/vmid.hpp>
#include <felhom/proxmox/errors/decode_error.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

// Lists of which each row counts by itself, so that one that is not understood takes the others from nobody.
namespace felhom::proxmox {

/// A row that is not understood.
struct odd_row {
    std::optional<vmid> guest; ///< of which it tells, where at least that is understood
    decode_error why;

    friend auto operator==(const odd_row&, const odd_row&) -> bool = default;
};

/// With more of them than that a list is no list: what is told of each takes more memory than the row did.
inline constexpr auto most_odd_rows = std::size_t{4096};

template <typename Row>
struct partial_list {
    std::vector<Row> rows;
    std::vector<odd_row> odd = {};

    friend auto operator==(const partial_list&, const partial_list&) -> bool = default;
};

/// The row that tells of a guest, or may do so; null where there is none.
[[nodiscard]] inline auto odd_row_of(vmid guest, const std::vector<odd_row>& odd) -> const odd_row*
{
    const auto found = std::ranges::find_if(odd, [&](const odd_row& row) { return !row.guest || *row.guest == guest; });
    return found == odd.end() ? nullptr : &*found;
}

} // namespace felhom::proxmox
