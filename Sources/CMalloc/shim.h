// What glibc's allocator offers beyond the C standard, and Swift's Glibc module leaves out.

#ifndef CMALLOC_SHIM_H
#define CMALLOC_SHIM_H

#include <malloc.h>

/// Gives free memory back to the system: malloc_trim(3). Other C libraries do so by themselves or not at all.
static inline void CMalloc_trim(void) {
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
}

#endif
