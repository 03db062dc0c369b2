// What libFuzzer offers to the code that it runs (compiler-rt, FuzzerInterface.h); there is no header for it in the toolchain.

#pragma once

#include <stddef.h>
#include <stdint.h>

/// Changes the first `size` bytes of `data` at random, to at most `max_size` bytes; returns how many there are then.
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
