#define _GNU_SOURCE
#include "CMalloc.h"

#include <link.h>
#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>

void CMalloc_trim(void) {
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
}

void CMalloc_map_blocks_from(int size) {
#if defined(__GLIBC__)
    mallopt(M_MMAP_THRESHOLD, size);
#endif
}

void CMalloc_prefer_huge_pages(void *block, size_t size) {
#if defined(MADV_HUGEPAGE)
    const uintptr_t page = 4096;
    const uintptr_t from = ((uintptr_t)block + page - 1) / page * page;
    const uintptr_t to = ((uintptr_t)block + size) / page * page;
    if (block != NULL && from < to) { madvise((void *)from, to - from, MADV_HUGEPAGE); }
#endif
}

static int CMalloc_release_object(struct dl_phdr_info *object, size_t size, void *data) {
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

void CMalloc_release_program(void) { dl_iterate_phdr(CMalloc_release_object, NULL); }
