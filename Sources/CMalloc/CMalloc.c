// For dl_iterate_phdr. Not in the header, where it would change what other modules see of the system's headers.
#define _GNU_SOURCE

#include "CMalloc.h"

#include <link.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

static uintptr_t page_size(void) { return (uintptr_t)sysconf(_SC_PAGESIZE); }

void CMalloc_trim(void) {
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
}

void CMalloc_map_blocks_from(int size) {
#if defined(__GLIBC__)
    mallopt(M_MMAP_THRESHOLD, size);
#else
    (void)size;
#endif
}

void CMalloc_prefer_huge_pages(void *block, size_t size) {
    const size_t large = 4 * 1024 * 1024;
    if (block == NULL || size < large) { return; }
    const uintptr_t page = page_size();
    const uintptr_t from = ((uintptr_t)block + page - 1) / page * page;
    const uintptr_t to = ((uintptr_t)block + size) / page * page;
    // Fails where the kernel was built without, which loses nothing but time.
    madvise((void *)from, to - from, MADV_HUGEPAGE);
}

static int release_object(struct dl_phdr_info *object, size_t size, void *data) {
    (void)size;
    const uintptr_t page = *(const uintptr_t *)data;
    for (size_t i = 0; i < object->dlpi_phnum; i += 1) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
        // What can be written may hold what no file has.
        const bool is_constant = segment->p_type == PT_LOAD && (segment->p_flags & PF_W) == 0;
        if (!is_constant) { continue; }
        const uintptr_t start = object->dlpi_addr + segment->p_vaddr;
        const uintptr_t from = start / page * page;
        const size_t length = start + segment->p_memsz - from;
#if defined(MADV_COLD)
        madvise((void *)from, length, MADV_COLD);
#endif
        madvise((void *)from, length, MADV_DONTNEED);
    }
    return 0;
}

void CMalloc_release_program(void) {
    uintptr_t page = page_size();
    dl_iterate_phdr(release_object, &page);
}
