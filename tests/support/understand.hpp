// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/proxmox/api/reply.hpp>
#include <felhom/proxmox/api/reply_node.hpp>
#include <felhom/proxmox/errors/error.hpp>

#include <tl/expected.hpp>

#include <utility>

namespace felhom::testing {

/// Reads `$.data` of an answer by a decoder of choice. The core reads answers by the question alone.
template <typename Decode>
[[nodiscard]] auto understand(const net::exchanged& answer, Decode decode)
    -> tl::expected<typename decltype(decode(std::declval<const proxmox::reply_node&>()))::value_type,
                    proxmox::call_error>
{
    const auto document = proxmox::parse_document(answer);
    if (!document) {
        return tl::unexpected(document.error());
    }
    const auto root = proxmox::reply_node::root(*document);
    const auto data = root["data"];
    return decode(data).map_error(
        [&](proxmox::decode_error flaw) { return proxmox::detail::flaw_of(*answer, std::move(flaw)); });
}

} // namespace felhom::testing
