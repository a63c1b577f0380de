// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/hash_chain/chain.hpp>
#include <felhom/hash_chain/frame.hpp>
#include <felhom/hash_chain/head.hpp>
#include <felhom/hash_chain/limits.hpp>
#include <felhom/hash_chain/payload.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace felhom::hash_chain {

/// The bytes of one write, and the head of the log after each of its records.
struct encoded_batch {
    std::string bytes;
    std::vector<head> heads;
};

/// How many of the first payloads make one batch.
template <typename Range, typename Projection>
[[nodiscard]] auto fitting(const Range& waiting, Projection size_of) -> std::size_t
{
    auto room = longest_batch;
    auto count = std::size_t{0};
    for (const auto& one : waiting) {
        const auto needed = size_of(one) + longest_frame;
        if (needed > room) {
            break;
        }
        room -= needed;
        ++count;
    }
    return count;
}

/// Writes a record's line as far as the hash covers it.
inline void append_linked(std::string& out, const place& at, const payload& data)
{
    const auto begin = out.size();
    out.append(detail::before_seq).append(std::to_string(at.seq));
    out.append(detail::before_batch).append(std::to_string(at.first)).append(",").append(std::to_string(at.last));
    out.append(detail::before_data).append(data.text());
    const auto crc = checksum(std::string_view{out}.substr(begin));
    out.append(detail::before_crc).append(crc.data(), crc.size());
}

/// Frames the payloads as the batch that follows `from`. Nothing when OpenSSL cannot hash or the batch is too long.
[[nodiscard]] inline auto encode_batch(chain& links, const head& from, std::span<const payload* const> payloads)
    -> std::optional<encoded_batch>
{
    auto made = encoded_batch{};
    auto now = from;
    for (const auto* const one : payloads) {
        const auto begin = made.bytes.size();
        append_linked(made.bytes, place{.seq = now.seq + 1, .first = from.seq + 1, .last = from.seq + payloads.size()},
                      *one);
        const auto hash = links.link(now.hash, std::string_view{made.bytes}.substr(begin));
        if (!hash) {
            return std::nullopt;
        }
        made.bytes.append(detail::before_hash).append(to_hex(*hash)).append(detail::line_end).append("\n");
        now = head{.seq = now.seq + 1, .hash = *hash};
        made.heads.push_back(now);
    }
    return made.bytes.size() <= longest_batch ? std::optional{std::move(made)} : std::nullopt;
}

} // namespace felhom::hash_chain
