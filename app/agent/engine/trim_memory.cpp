// SPDX-License-Identifier: Apache-2.0
#include "agent/engine/trim_memory.hpp"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace felhom::agent {

namespace {

/// Unmaps what of the program is as it is in its file. Called for the program first, and by its answer not for the
/// libraries, which others share.
auto let_go(dl_phdr_info* program, std::size_t /*size*/, void* /*nothing*/) -> int
{
    const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    for (const auto& segment : std::span{program->dlpi_phdr, program->dlpi_phnum}) {
        if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) {
            continue; // what was written, if only by the loader, is nowhere else
        }
        const auto begin = (program->dlpi_addr + segment.p_vaddr) / page * page;
        const auto end = program->dlpi_addr + segment.p_vaddr + segment.p_memsz;
        static_cast<void>(::madvise(std::bit_cast<void*>(begin), end - begin, MADV_DONTNEED));
    }
    return 1;
}

} // namespace

void trim_memory()
{
    static_cast<void>(::malloc_trim(0));
    static_cast<void>(::dl_iterate_phdr(&let_go, nullptr));
}

} // namespace felhom::agent
