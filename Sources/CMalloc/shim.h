// What glibc and Linux offer for a process's memory beyond the C standard, and Swift's Glibc module leaves out.

#ifndef CMALLOC_SHIM_H
#define CMALLOC_SHIM_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <link.h>
#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

/// Gives free memory back to the system: malloc_trim(3). Other C libraries do so by themselves or not at all.
static inline void CMalloc_trim(void) {
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
}

/// Lets each block of that size or more be a mapping of its own, which goes back to the system when it is freed: mallopt(3). Without it glibc
/// begins to keep large blocks as soon as one was freed.
static inline void CMalloc_map_blocks_from(int size) {
#if defined(__GLIBC__)
    mallopt(M_MMAP_THRESHOLD, size);
#endif
}

/// Asks for pages of 2 MiB for a block that is about to be filled: madvise(2). Without them a page fault for each 4 KiB takes as long as filling it.
static inline void CMalloc_prefer_huge_pages(void *block, size_t size) {
#if defined(MADV_HUGEPAGE)
    const uintptr_t page = 4096;
    const uintptr_t from = ((uintptr_t)block + page - 1) / page * page;
    const uintptr_t to = ((uintptr_t)block + size) / page * page;
    if (block != NULL && from < to) { madvise((void *)from, to - from, MADV_HUGEPAGE); }
#endif
}

static inline int CMalloc_release_object(struct dl_phdr_info *object, size_t size, void *data) {
    (void)size;
    (void)data;
    const uintptr_t page = 4096;
    for (size_t i = 0; i < object->dlpi_phnum; i += 1) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
        if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W) != 0) { continue; }
        const uintptr_t from = (object->dlpi_addr + segment->p_vaddr) / page * page;
        const uintptr_t to = object->dlpi_addr + segment->p_vaddr + segment->p_memsz;
#if defined(MADV_COLD)
        madvise((void *)from, to - from, MADV_COLD);
#endif
        madvise((void *)from, to - from, MADV_DONTNEED);
    }
    return 0;
}

/// Unmaps the code and constants of the program and its libraries, which come back from the page cache as they are used, and lets the system
/// have those pages first when it is short of memory: dl_iterate_phdr(3), madvise(2).
static inline void CMalloc_release_program(void) { dl_iterate_phdr(CMalloc_release_object, NULL); }

#endif
