// KINESINK_EXPORT marks what the shared library shows; everything else in it is hidden.
#pragma once

#if defined(KINESINK_STATIC) && !defined(__GNUC__)
#define KINESINK_EXPORT
#else
#define KINESINK_EXPORT __attribute__((visibility("default")))
#endif
