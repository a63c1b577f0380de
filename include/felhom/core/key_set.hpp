// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace felhom {

/// The keys of one object. A few are searched faster than they are sorted in; many are sorted, not hashed, so that no
/// choice of keys makes the search slow.
class key_set {
public:
    /// Forgets all keys, and keeps the memory that a few of them took.
    void clear()
    {
        few_.clear();
        many_.clear();
    }

    /// Whether the key is new.
    [[nodiscard]] auto insert(std::string key) -> bool
    {
        if (!many_.empty()) {
            return many_.insert(std::move(key)).second;
        }
        if (std::ranges::find(few_, key) != few_.end()) {
            return false;
        }
        few_.reserve(most_searched + 1);
        few_.push_back(std::move(key));
        if (few_.size() > most_searched) {
            many_.insert(std::make_move_iterator(few_.begin()), std::make_move_iterator(few_.end()));
            few_.clear();
        }
        return true;
    }

private:
    static constexpr auto most_searched = std::size_t{16};

    std::vector<std::string> few_;
    std::set<std::string> many_;
};

} // namespace felhom
