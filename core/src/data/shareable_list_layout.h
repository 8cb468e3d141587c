/* What a list is in named memory: a header, a slot for each item, then the room of the items. Programs of other
 * versions may attach it, so a change needs another magic number.
 */
#ifndef MPROC_DATA_SHAREABLE_LIST_LAYOUT_H
#define MPROC_DATA_SHAREABLE_LIST_LAYOUT_H

#include <stdatomic.h>
#include <stdint.h>

#define LIST_MAGIC 0x317473696c706d00ull /* "mplist1" */

/* Every item has room for a number. */
#define LIST_ROOM_MIN 8u

struct list_header {
    _Atomic uint64_t magic;
    _Atomic uint64_t count;
};
_Static_assert(sizeof(struct list_header) == 16, "the slots begin behind it");

struct list_slot {
    _Atomic uint64_t type;
    _Atomic uint64_t length; /* of text without its zero byte, or bytes */
    _Atomic uint64_t offset; /* from the beginning of the memory, divisible by 8 */
    _Atomic uint64_t room;   /* divisible by 8 */
};
_Static_assert(sizeof(struct list_slot) == 32, "half a cache line");

#endif
