// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom::authz {

/// Which nonces were seen, and until when each matters: 18 to 23 bytes a nonce in one table.
///
/// It keeps a 64-bit hash of each nonce. Two nonces with one hash are taken for the same, so that an error is always a
/// false "seen". The table is sorted by hash, with gaps: a hash is looked for from the place where it would stand if
/// all hashes were spread evenly, and a rebuild is one walk in order.
class replay_index {
public:
    /// Seconds since 1970, rounded up; zero is taken for one.
    using seconds = std::uint32_t;
    static constexpr auto for_ever = std::numeric_limits<seconds>::max();

    replay_index() : replay_index{least_capacity} {}

    [[nodiscard]] auto contains(std::string_view nonce) const -> bool
    {
        const auto hash = hash_of(nonce);
        return hashes_[place_of(hash)] == hash;
    }

    /// Whether the nonce was not seen before; it is from now on.
    [[nodiscard]] auto insert(std::string_view nonce, seconds until) -> bool
    {
        const auto hash = hash_of(nonce);
        auto at = place_of(hash);
        if (hashes_[at] == hash) {
            return false;
        }
        auto is_crowded = (size_ + 1) * most_load.second > capacity_ * most_load.first;
        while (is_crowded || !place(at, hash, std::max(until, seconds{1}))) {
            rebuild(std::max(least_capacity, capacity_ + (capacity_ / 4)), 0);
            at = place_of(hash);
            is_crowded = false;
        }
        ++size_;
        return true;
    }

    /// Makes room for so many nonces at once.
    void reserve(std::size_t nonces)
    {
        if (const auto needed = capacity_for(nonces); needed > capacity_) {
            rebuild(needed, 0);
        }
    }

    /// Forgets every nonce that matters until then or less.
    void erase_until(seconds last)
    {
        size_ -= static_cast<std::size_t>(
            std::count_if(until_.begin(), until_.end(), [&](seconds until) { return until != 0 && until <= last; }));
        rebuild(capacity_for(size_), last);
    }

    /// The latest time among those before `limit`; zero when there is none.
    [[nodiscard]] auto latest_before(seconds limit) const -> seconds
    {
        auto latest = seconds{0};
        for (const auto until : until_) {
            latest = until < limit ? std::max(latest, until) : latest;
        }
        return latest;
    }

    [[nodiscard]] auto size() const -> std::size_t { return size_; }
    [[nodiscard]] auto bytes() const -> std::size_t
    {
        return (hashes_.capacity() * sizeof(hash_type)) + (until_.capacity() * sizeof(seconds));
    }

private:
    using hash_type = std::uint64_t;

    static constexpr auto most_load = std::pair{std::size_t{2}, std::size_t{3}};
    static constexpr auto least_capacity = std::size_t{64};
    /// Slots behind the last home, for those that the last homes push on. The very last one stays free and ends every
    /// search.
    static constexpr auto overflow = std::size_t{64};
    static constexpr auto free_slot = hash_type{0};

    explicit replay_index(std::size_t capacity)
        : hashes_(capacity + overflow, free_slot), until_(capacity + overflow), capacity_{capacity}
    {
    }

    [[nodiscard]] static auto hash_of(std::string_view nonce) -> hash_type
    {
        static_assert(sizeof(std::size_t) == sizeof(hash_type));
        return std::max(std::hash<std::string_view>{}(nonce), hash_type{1});
    }

    [[nodiscard]] static auto capacity_for(std::size_t nonces) -> std::size_t
    {
        return (nonces / most_load.first * most_load.second) + least_capacity;
    }

    [[nodiscard]] static auto home_of(hash_type hash, std::size_t capacity) -> std::size_t
    {
        __extension__ using product = unsigned __int128;
        return static_cast<std::size_t>(static_cast<product>(hash) * capacity >> 64U);
    }

    /// The slot that holds the hash, or the one before which nothing greater stands.
    [[nodiscard]] auto place_of(hash_type hash) const -> std::size_t
    {
        auto at = home_of(hash, capacity_);
        while (hashes_[at] != free_slot && hashes_[at] < hash) {
            ++at;
        }
        return at;
    }

    /// Puts an entry where it belongs and moves those behind it on, up to the next free slot.
    [[nodiscard]] auto place(std::size_t at, hash_type hash, seconds until) -> bool
    {
        auto free = at;
        while (hashes_[free] != free_slot) {
            ++free;
        }
        if (free + 1 >= hashes_.size()) {
            return false;
        }
        for (; free > at; --free) {
            hashes_[free] = hashes_[free - 1];
            until_[free] = until_[free - 1];
        }
        hashes_[at] = hash;
        until_[at] = until;
        return true;
    }

    /// Moves all but those up to `dropped` into a table of this capacity, or of the next larger one that takes them.
    void rebuild(std::size_t capacity, seconds dropped)
    {
        while (true) {
            auto next = replay_index{capacity};
            if (next.take_over(*this, dropped)) {
                std::swap(hashes_, next.hashes_);
                std::swap(until_, next.until_);
                capacity_ = capacity;
                return;
            }
            capacity += capacity / 8;
        }
    }

    [[nodiscard]] auto take_over(const replay_index& from, seconds dropped) -> bool
    {
        auto free = std::size_t{0};
        for (auto at = std::size_t{0}; at < from.hashes_.size(); ++at) {
            if (from.hashes_[at] == free_slot || from.until_[at] <= dropped) {
                continue;
            }
            const auto to = std::max(home_of(from.hashes_[at], capacity_), free);
            if (to + 1 >= hashes_.size()) {
                return false;
            }
            hashes_[to] = from.hashes_[at];
            until_[to] = from.until_[at];
            free = to + 1;
        }
        return true;
    }

    std::vector<hash_type> hashes_;
    std::vector<seconds> until_;
    std::size_t capacity_;
    std::size_t size_ = 0;
};

} // namespace felhom::authz
