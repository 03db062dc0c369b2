// What the build was told of itself. See Package.swift.

#ifndef CBUILDINFO_BUILDINFO_H
#define CBUILDINFO_BUILDINFO_H

/// The commit that was built; empty when the build was not told.
const char *_Nonnull cbuildinfo_commit(void);

#endif
