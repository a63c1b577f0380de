// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/hash_chain/frame.hpp>
#include <felhom/hash_chain/limits.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace felhom::hash_chain {

/// What a crash left of the one batch that was being written.
struct torn_tail {
    std::uint64_t offset; ///< where the batch began
    std::uint64_t bytes;  ///< up to its last byte that is not NUL
    std::string reason;

    friend auto operator==(const torn_tail&, const torn_tail&) -> bool = default;
};

/// Weighs the bytes from the first wrong one to the end of a log: are they NULs, what a crash may leave of one batch
/// (any part of it missing, in any order), or proof that records before the last batch are lost?
class tail_evidence {
public:
    tail_evidence(std::uint64_t expected_first, std::uint64_t offset, std::string reason)
        : expected_first_{expected_first}, start_{offset}, offset_{offset}, reason_{std::move(reason)}
    {
    }

    /// Weighs what it can of the window and answers how many bytes it needs no more.
    [[nodiscard]] auto consume(std::string_view window, bool last) -> std::size_t
    {
        auto used = std::size_t{0};
        while (used < window.size() && !against_) {
            const auto rest = window.substr(used);
            const auto gap = leading_nuls(rest);
            const auto step = gap > 0 ? gap : weigh_segment(rest, last);
            if (step == 0) {
                break;
            }
            used += step;
            offset_ += step;
        }
        return used;
    }

    /// The proof that no crash did this, if there is one.
    [[nodiscard]] auto against_a_crash() const -> const std::optional<std::string>& { return against_; }

    /// Nothing when there were only NULs: the log ended as it should.
    [[nodiscard]] auto torn() && -> std::optional<torn_tail>
    {
        if (used_end_ == start_) {
            return std::nullopt;
        }
        return torn_tail{.offset = start_, .bytes = used_end_ - start_, .reason = std::move(reason_)};
    }

private:
    [[nodiscard]] static auto leading_nuls(std::string_view text) -> std::size_t
    {
        static constexpr auto block = std::size_t{4096};
        auto count = std::size_t{0};
        // Most of a log's tail is zeros filled ahead, so whole blocks are compared at once.
        while (text.size() - count > block && text[count] == '\0'
               && std::memcmp(&text[count], &text[count + 1], block) == 0) {
            count += block;
        }
        while (count < text.size() && text[count] == '\0') {
            ++count;
        }
        return count;
    }

    /// A segment ends with its newline, or before a NUL.
    [[nodiscard]] auto weigh_segment(std::string_view rest, bool last) -> std::size_t
    {
        const auto whole = rest.substr(0, longest_line + 1);
        const auto stop = whole.find_first_of(std::string_view{"\n\0", 2});
        if (stop == std::string_view::npos && !last && rest.size() <= longest_line) {
            return 0;
        }
        const auto text = whole.substr(0, stop);
        const auto ends_line = stop != std::string_view::npos && whole[stop] == '\n';
        const auto size = text.size() + (ends_line ? 1 : 0);
        used_end_ = offset_ + size;
        if (used_end_ - start_ > longest_batch) {
            against_ = "more bytes follow than one batch can have";
        } else if (holds_record_of_another_batch(text) || begins_later_batch(text)) {
            against_ = reason_ + ", and a later batch follows";
        }
        after_newline_ = ends_line;
        return size;
    }

    /// A whole record, also behind other bytes: its line's beginning may have been joined to the spoilt line before it.
    [[nodiscard]] auto holds_record_of_another_batch(std::string_view text) const -> bool
    {
        for (auto at = text.find(detail::before_seq); at != std::string_view::npos;
             at = text.find(detail::before_seq, at + 1)) {
            const auto line = parse_frame(text.substr(at));
            if (line && line->at.first != expected_first_ && line->is_whole()) {
                return true;
            }
        }
        return false;
    }

    /// A line that is spoilt itself, but still says that it belongs to a later batch. Payloads hold no newline, so that
    /// what follows one is a line's true beginning. The first line is the doubted batch's own, whatever it says.
    [[nodiscard]] auto begins_later_batch(std::string_view text) const -> bool
    {
        const auto at = after_newline_ ? take_place(text) : std::nullopt;
        return at && at->first > expected_first_ && at->first <= at->seq && at->seq <= at->last;
    }

    std::uint64_t expected_first_;
    std::uint64_t start_;
    std::uint64_t offset_;
    std::uint64_t used_end_ = start_;
    std::string reason_;
    bool after_newline_ = false;
    std::optional<std::string> against_;
};

} // namespace felhom::hash_chain
