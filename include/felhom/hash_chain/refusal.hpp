// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/overloaded.hpp>

#include <cstdint>
#include <string>
#include <variant>

namespace felhom::hash_chain {

/// The log was written by a later version of this program.
struct newer_version {
    std::uint64_t found;
    std::uint64_t supported;

    friend auto operator==(const newer_version&, const newer_version&) -> bool = default;
};

/// The log is of another kind than the one asked for.
struct wrong_kind {
    std::string expected;
    std::string found;

    friend auto operator==(const wrong_kind&, const wrong_kind&) -> bool = default;
};

/// Bytes that no crash of ours explains: records that were acknowledged are lost or altered.
struct damaged {
    std::uint64_t offset; ///< everything before this byte is intact
    std::string reason;

    friend auto operator==(const damaged&, const damaged&) -> bool = default;
};

/// Why a log is not opened.
using refusal = std::variant<newer_version, wrong_kind, damaged>;

/// One line: what is wrong and what can be done.
[[nodiscard]] inline auto describe(const refusal& why) -> std::string
{
    return std::visit(
        overloaded{
            [](const newer_version& e) {
                return "the log has format version " + std::to_string(e.found) + ", this program reads up to "
                       + std::to_string(e.supported) + ": run the version that wrote it, or a later one";
            },
            [](const wrong_kind& e) {
                return "the log holds '" + e.found + "' records, expected '" + e.expected + "': check the path";
            },
            [](const damaged& e) {
                const auto offset = std::to_string(e.offset);
                return "the log is damaged at byte " + offset + ": " + e.reason + ". The records before byte " + offset
                       + " are intact, and those behind it are not skipped: keep a copy of the file, and check the "
                         "disk";
            },
        },
        why);
}

} // namespace felhom::hash_chain
