// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/json/document.hpp>
#include <felhom/core/json/object_reader.hpp>
#include <felhom/core/sha256.hpp>

#include <tl/expected.hpp>

#include <cstdint>
#include <string>
#include <string_view>

// What the readers of the hub's documents, and of what is kept of them on disk, have in common.
namespace felhom::hub::detail {

[[nodiscard]] inline auto read_digest(const json_node& at) -> tl::expected<sha256_digest, json_type_error>
{
    return read_parsed(at, parse_digest);
}

/// The version of a text that this program wrote itself.
inline void require_version(object_reader<>& in, std::uint32_t version)
{
    static_cast<void>(in.integer<std::uint32_t>("version", version, version));
}

/// The schema that a document of the hub must name.
inline void require_schema(object_reader<>& in, std::string_view schema)
{
    in.require(in["schema"].text() == schema, "schema", '"' + std::string{schema} + '"');
}

} // namespace felhom::hub::detail
