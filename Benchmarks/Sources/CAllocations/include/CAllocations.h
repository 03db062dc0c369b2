#ifndef CALLOCATIONS_H
#define CALLOCATIONS_H

#include <stdint.h>

/// How often this thread has asked for memory so far: malloc, calloc, realloc and the aligned ones.
uint64_t allocations_count(void);

/// How many bytes it has asked for.
uint64_t allocations_bytes(void);

#endif
