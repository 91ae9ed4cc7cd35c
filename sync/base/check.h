#pragma once

#include <cstdio>
#include <cstdlib>

/// One condition that only a fault of our own can break; on in release builds too. Ends the process, so that nothing
/// wrong is written: what was committed stays.
#define KHUOI_CHECK(condition)                                                                  \
  do {                                                                                          \
    if (!(condition)) {                                                                         \
      std::fprintf(stderr, "khuoi: check failed: %s at %s:%d\n", #condition, __FILE__, __LINE__); \
      std::abort();                                                                             \
    }                                                                                           \
  } while (false)
