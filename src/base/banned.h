// SPDX-License-Identifier: MPL-2.0
// Calls that are too easy to use wrongly do not compile. Included by the build in front of every file.
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// Macros of the hardened C library, when clang reads them.
#undef sprintf
#undef vsprintf

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf gets strtok gmtime localtime ctime asctime atoi atol atof

// Not poisoned: OpenSSL's headers name parameters so. Clang takes the attribute 'error' at the first declaration only.
#ifdef __clang__
#define BANNED(why) __attribute__((unavailable(why)))
#else
#define BANNED(why) __attribute__((error(why)))
#endif
int rand(void) BANNED("random_bytes gives random numbers");
void srand(unsigned seed) BANNED("random_bytes needs no seed");
#undef BANNED
