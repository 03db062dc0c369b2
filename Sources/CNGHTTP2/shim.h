// All of libnghttp2 that is used here is plain C functions, which Swift imports as they are.

#ifndef CNGHTTP2_SHIM_H
#define CNGHTTP2_SHIM_H

#include <nghttp2/nghttp2.h>

#endif
