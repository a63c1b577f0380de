// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/catch.hpp"

#include <malloc.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <fstream>
#include <new>
#include <ostream>
#include <string>

namespace felhom::testing {

/// What reading a document may take: of its bytes so many, and so much beside, whatever the document.
inline constexpr auto bytes_a_byte = std::size_t{8};
inline constexpr auto bytes_beside = std::size_t{16} << 20U;

enum class work_end { did, did_not, out_of_memory, died };

inline auto operator<<(std::ostream& out, work_end end) -> std::ostream&
{
    switch (end) {
    case work_end::did:
        return out << "did";
    case work_end::did_not:
        return out << "did not";
    case work_end::out_of_memory:
        return out << "out of memory";
    case work_end::died:
        return out << "died";
    }
    return out;
}

namespace detail {

/// What is large is given back at once, whatever was freed before (mallopt(3)): what an earlier test left behind is no
/// part of the next one's measure.
inline const auto large_is_given_back = ::mallopt(M_MMAP_THRESHOLD, 128 * 1024);

[[nodiscard]] inline auto address_space() -> std::size_t
{
    auto pages = std::size_t{0};
    std::ifstream{"/proc/self/statm"} >> pages;
    return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

/// Memory that is free, and already in the address space: it counts as taken.
[[nodiscard]] inline auto free_in_heap() -> std::size_t
{
    return ::mallinfo2().fordblks;
}

template <typename Work>
[[nodiscard]] auto end_of(std::size_t memory, Work work) -> work_end
{
    ::malloc_trim(0);
    const auto free = free_in_heap();
    const auto most = address_space() + (memory > free ? memory - free : 0);
    const auto limit = ::rlimit{.rlim_cur = most, .rlim_max = most};
    if (::setrlimit(RLIMIT_AS, &limit) != 0) {
        return work_end::died;
    }
    try {
        return work() ? work_end::did : work_end::did_not;
    } catch (const std::bad_alloc&) {
        return work_end::out_of_memory;
    }
}

} // namespace detail

/// Does a work in a process of its own that can have so much memory beyond what it begins with.
template <typename Work>
[[nodiscard]] auto within(std::size_t memory, Work work) -> work_end
{
    const auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ::_exit(static_cast<int>(detail::end_of(memory, work)));
    }
    auto status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? static_cast<work_end>(WEXITSTATUS(status)) : work_end::died;
}

/// Lets `read` take a copy of a document, as long as it takes no more memory than that document allows.
template <typename Read>
[[nodiscard]] auto read_within_bounds(const std::string& document, Read read) -> work_end
{
    return within(bytes_a_byte * document.size() + bytes_beside, [&] { return read(std::string{document}); });
}

} // namespace felhom::testing
