/* What an array is in the family segment: one object, and a span where its items do not fit into it. */
#ifndef MPROC_DATA_ARRAY_LAYOUT_H
#define MPROC_DATA_ARRAY_LAYOUT_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_INLINE_MAX ((size_t)64)

struct array {
    _Atomic uint64_t span; /* 0: the items are below */
    _Atomic uint64_t count;
    _Atomic uint32_t item_size;
    _Atomic int32_t code;
    _Atomic uint64_t lock[2]; /* all zero: raw */
    alignas(64) unsigned char items[ARRAY_INLINE_MAX];
};
_Static_assert(sizeof(struct array) == 128, "a value takes three cache lines with its head");

#endif
