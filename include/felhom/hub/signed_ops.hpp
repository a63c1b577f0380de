// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/json/error.hpp>
#include <felhom/hub/document.hpp>

#include <tl/expected.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom::hub {

/// The format of what the hub sends for this host: {"schema": ..., "bundles": ["...", ...]}, each bundle the text that
/// felhom-sign wrote. Nothing in it is believed: each bundle goes through the verifier by itself.
inline constexpr auto signed_ops_schema = std::string_view{"felhom-signed-ops/1"};

/// So many at once; the others come when these have been answered.
inline constexpr auto most_signed_ops = std::size_t{256};

[[nodiscard]] inline auto parse_signed_ops(std::string_view text) -> tl::expected<std::vector<std::string>, json_error>
{
    static constexpr auto limits = json_limits{.bytes = std::size_t{16} << 20U};
    return read_json(text, limits, [](const json_node& root) {
        auto in = object_reader{root};
        detail::require_schema(in, signed_ops_schema);
        auto bundles = in.texts("bundles");
        if (bundles.size() > most_signed_ops) {
            in.fail(json_type_error{.path = in["bundles"].path(),
                                    .expected = "at most " + std::to_string(most_signed_ops) + " bundles",
                                    .got = std::to_string(bundles.size())});
        }
        return std::move(in).finish(std::move(bundles));
    });
}

} // namespace felhom::hub
