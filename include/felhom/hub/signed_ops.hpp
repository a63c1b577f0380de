#pragma once

#include <felhom/core/json_cursor.hpp>
#include <felhom/core/json_error.hpp>
#include <felhom/core/strict_json.hpp>
#include <felhom/hub/document.hpp>

#include <tl/expected.hpp>

#include <cstddef>
#include <string>
#include <string_view>
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
    using result = tl::expected<std::vector<std::string>, json_type_error>;
    return detail::read_document(text, limits, [](const json_cursor& root) -> result {
        const auto schema = detail::require_schema(root, signed_ops_schema);
        if (!schema) {
            return tl::unexpected(schema.error());
        }
        const auto list = root.require("bundles");
        const auto elements = list.and_then([](const json_cursor& at) { return at.elements(); });
        if (!elements) {
            return tl::unexpected(elements.error());
        }
        if (elements->size() > most_signed_ops) {
            return tl::unexpected(json_type_error{.path = list->path(),
                                                  .expected = "at most " + std::to_string(most_signed_ops) + " bundles",
                                                  .got = std::to_string(elements->size())});
        }
        auto bundles = std::vector<std::string>{};
        for (const auto& element : *elements) {
            const auto bundle = element.string();
            if (!bundle) {
                return tl::unexpected(bundle.error());
            }
            bundles.emplace_back(*bundle);
        }
        return bundles;
    });
}

} // namespace felhom::hub
