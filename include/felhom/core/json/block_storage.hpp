// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/memory_resource.hpp>
#include <boost/json/storage_ptr.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace felhom {

/// The memory of one document, taken in blocks of one size and given back with the document: no value pays for an
/// allocation of its own, which would double what the small ones take. Boost.JSON's monotonic_resource doubles its
/// blocks, and so may hold twice what it gave.
class block_storage final : public boost::json::memory_resource {
private:
    static constexpr auto block_size = std::size_t{64} << 10U;

    auto do_allocate(std::size_t size, std::size_t alignment) -> void* override
    {
        auto* at = static_cast<void*>(free_.data());
        auto left = free_.size();
        if (std::align(alignment, size, at, left) == nullptr) {
            free_ = blocks_.emplace_back(std::max(block_size, size)); // aligned for any type
            at = free_.data();
            left = free_.size();
        }
        free_ = free_.last(left - size);
        return at;
    }
    void do_deallocate(void* /*at*/, std::size_t /*size*/, std::size_t /*alignment*/) override {}
    [[nodiscard]] auto do_is_equal(const boost::json::memory_resource& other) const noexcept -> bool override
    {
        return this == &other;
    }

    std::vector<std::vector<std::byte>> blocks_;
    std::span<std::byte> free_; ///< of the last one
};

} // namespace felhom
