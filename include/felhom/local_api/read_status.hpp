// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/json/document.hpp>
#include <felhom/core/json/error.hpp>
#include <felhom/core/json/node.hpp>
#include <felhom/core/json/object_reader.hpp>
#include <felhom/core/json/vmids.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/local_api/agent_status.hpp>
#include <felhom/operate/operation/operation_record.hpp>

#include <tl/expected.hpp>

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom::local_api {

/// What a status that another process printed says of the operations that are under way, without their tasks.
[[nodiscard]] inline auto read_under_way(std::string_view status)
    -> tl::expected<std::vector<operation_under_way>, json_error>
{
    return read_json(status, {.bytes = std::size_t{64} << 20U}, [](const json_node& root) {
        auto in = object_reader{root["operations"]};
        auto all = in.each("under_way", [](const json_node& at) {
            auto one = object_reader{at};
            auto read =
                operation_under_way{.id = operate::operation_id{one.integer<std::uint64_t>("operation")},
                                    .guest = one.required("vmid", read_vmid).value_or(*vmid::from_number(vmid::least)),
                                    .op = one.text("op"),
                                    .started = one.time("started")};
            return std::move(one).finish(std::move(read));
        });
        return std::move(in).finish(std::move(all));
    });
}

} // namespace felhom::local_api
