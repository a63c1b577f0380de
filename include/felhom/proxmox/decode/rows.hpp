// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/vmid.hpp>
#include <felhom/proxmox/api/reply_node.hpp>
#include <felhom/proxmox/errors/decode_error.hpp>
#include <felhom/proxmox/model/partial_list.hpp>

#include <tl/expected.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace felhom::proxmox {

namespace detail {

[[nodiscard]] inline auto guest_of(const reply_node& row) -> std::optional<vmid>
{
    const auto number = row["vmid"].integer<std::uint64_t>();
    const auto id = number ? vmid::from_number(*number) : vmid::from_number(0);
    return id ? std::optional{*id} : std::nullopt;
}

} // namespace detail

/// Makes the reader of such a list out of the reader of one row.
template <typename Decode>
[[nodiscard]] auto each_by_itself(Decode decode)
{
    using row = typename decltype(decode(std::declval<const reply_node&>()))::value_type;
    return [decode](const reply_node& data) -> tl::expected<partial_list<row>, decode_error> {
        const auto* const array = data.if_array();
        if (array == nullptr) {
            return tl::unexpected(data.fail("an array"));
        }
        auto list = partial_list<row>{.rows = {}};
        for (auto index = std::size_t{0}; index < array->size(); ++index) {
            const auto at = data.element(index, (*array)[index]);
            if (auto decoded = decode(at)) {
                list.rows.reserve(array->size());
                list.rows.push_back(*std::move(decoded));
            } else {
                if (list.odd.size() == most_odd_rows) {
                    return tl::unexpected(data.fail("a list of which at most " + std::to_string(most_odd_rows)
                                                    + " rows are not understood"));
                }
                list.odd.push_back({.guest = detail::guest_of(at), .why = std::move(decoded).error()});
            }
        }
        return list;
    };
}

} // namespace felhom::proxmox
