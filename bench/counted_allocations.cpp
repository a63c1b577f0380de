// SPDX-License-Identifier: Apache-2.0
// A translation unit of its own: inlined into one another, new and delete would look mismatched to the compiler.
#include "counted_allocations.hpp"

#include <openssl/crypto.h>

#include <cstdlib>
#include <new>

namespace {

auto counts = felhom::bench::allocation_counts{};

auto counted_malloc(std::size_t size, const char* /*file*/, int /*line*/) -> void*
{
    ++counts.openssl;
    return std::malloc(size);
}

auto counted_realloc(void* old, std::size_t size, const char* /*file*/, int /*line*/) -> void*
{
    ++counts.openssl;
    return std::realloc(old, size);
}

void plain_free(void* old, const char* /*file*/, int /*line*/)
{
    std::free(old);
}

} // namespace

auto operator new(std::size_t size) -> void*
{
    ++counts.ours;
    auto* const made = std::malloc(size == 0 ? 1 : size);
    if (made == nullptr) {
        throw std::bad_alloc{};
    }
    return made;
}

void operator delete(void* old) noexcept
{
    std::free(old);
}

void operator delete(void* old, std::size_t /*size*/) noexcept
{
    std::free(old);
}

namespace felhom::bench {

auto allocations() -> allocation_counts
{
    return counts;
}

auto count_openssl() -> bool
{
    return CRYPTO_set_mem_functions(counted_malloc, counted_realloc, plain_free) == 1;
}

} // namespace felhom::bench
