// All of libyaml that is used here is plain C functions, which Swift imports as they are.

#ifndef CLIBYAML_SHIM_H
#define CLIBYAML_SHIM_H

#include <yaml.h>

#endif
