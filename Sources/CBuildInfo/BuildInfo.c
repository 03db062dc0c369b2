#include "BuildInfo.h"

#ifndef CBUILDINFO_COMMIT
#define CBUILDINFO_COMMIT ""
#endif

const char *cbuildinfo_commit(void) { return CBUILDINFO_COMMIT; }
