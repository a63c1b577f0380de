// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/sha256.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace felhom::hub {

/// A signed operation that the hub sent, under the name by which the drop box knows it.
struct offered_op {
    std::string name; ///< without its ending: of two with the same bytes there is one
    std::string bundle;

    friend auto operator==(const offered_op&, const offered_op&) -> bool = default;
};

/// nullopt: OpenSSL could not compute a SHA-256.
[[nodiscard]] inline auto offered(std::string bundle) -> std::optional<offered_op>
{
    const auto content = sha256(bundle);
    return content ? std::optional{offered_op{.name = "hub-" + to_hex(*content), .bundle = std::move(bundle)}}
                   : std::nullopt;
}

/// How much may lie in the drop box at once: signatures that hold for nothing wait beside one that holds, so that
/// without a bound a hub could fill the disk with them.
struct box_room {
    std::size_t files = 1024;
    std::uint64_t bytes = std::uint64_t{64} << 20U;

    friend auto operator==(const box_room&, const box_room&) -> bool = default;
};

/// What is left of a room in which this much lies.
[[nodiscard]] constexpr auto room_beside(box_room whole, std::size_t files, std::uint64_t bytes) -> box_room
{
    return {.files = whole.files - std::min(whole.files, files), .bytes = whole.bytes - std::min(whole.bytes, bytes)};
}

/// Those of the operations that find room, in their order.
[[nodiscard]] inline auto that_fit(std::vector<offered_op> ops, box_room room) -> std::vector<offered_op>
{
    std::erase_if(ops, [&](const offered_op& op) {
        const auto fits = room.files > 0 && op.bundle.size() <= room.bytes;
        if (fits) {
            room = room_beside(room, 1, op.bundle.size());
        }
        return !fits;
    });
    return ops;
}

/// Which of the hub's signed operations were taken: it lists each until it has the result, and each is taken once.
class taken_ops {
public:
    /// Those of the hub's list that were not taken yet, each once. What it lists no longer is forgotten.
    [[nodiscard]] auto fresh(std::vector<offered_op> listed) -> std::vector<offered_op>
    {
        std::ranges::sort(listed, {}, &offered_op::name);
        const auto twice = std::ranges::unique(listed, {}, &offered_op::name);
        listed.erase(twice.begin(), twice.end());
        std::erase_if(names_, [&](const std::string& name) {
            return !std::ranges::binary_search(listed, name, {}, &offered_op::name);
        });
        std::erase_if(listed, [&](const offered_op& op) { return names_.contains(op.name); });
        return listed;
    }

    /// One is safe in the drop box; until then it stays fresh.
    void took(std::string name) { names_.insert(std::move(name)); }

private:
    std::set<std::string> names_;
};

} // namespace felhom::hub
