// What glibc and Linux offer for a process's memory beyond the C standard, and Swift's Glibc module leaves out. Elsewhere these do nothing.

#ifndef CMALLOC_H
#define CMALLOC_H

#include <stddef.h>

/// Gives free memory back to the system: malloc_trim(3).
void CMalloc_trim(void);

/// Lets each block of that size or more be a mapping of its own, which goes back to the system when it is freed: mallopt(3). Without it glibc
/// begins to keep large blocks as soon as one was freed.
void CMalloc_map_blocks_from(int size);

/// Asks for pages of 2 MiB for a block that is about to be filled: madvise(2). Without them a page fault for each 4 KiB takes as long as filling it.
/// Blocks of less than 4 MiB are left alone.
void CMalloc_prefer_huge_pages(void *_Nullable block, size_t size);

/// Unmaps the code and constants of the program and its libraries, which come back from the page cache as they are used, and lets the system
/// have those pages first when it is short of memory: dl_iterate_phdr(3), madvise(2).
void CMalloc_release_program(void);

#endif
