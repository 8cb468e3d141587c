/* What a look at a pool has seen, in the words of trace/record.h, until it is told; and room for more. */
#ifndef MPROC_POOL_LOOK_ROOM_H
#define MPROC_POOL_LOOK_ROOM_H

#include "pool/function_index.h"
#include "pool/journal.h"
#include "pool/obituary.h"
#include "pool/observe.h"
#include "pool/trace.h"
#include <string.h>

struct look {
    struct look *next;     /**< of those that freed pools left */
    struct journal *state; /**< pool, counts, workers, maps, functions, deaths, losses */
    struct journal *events;
    struct journal *output; /**< of a pool that was freed; else NULL */
    const char
        *unnamed_place[FUNCTIONS_MAX];    /**< where the name goes of a function that only the symbol table knows, */
    any_function *unnamed[FUNCTIONS_MAX]; /**< and the function */
    uint32_t unnamed_count;
    struct remains *remains[OBITUARIES_KEPT]; /**< of the deaths with a stack, and */
    struct record_death *died[OBITUARIES_KEPT];
    uint32_t remains_count;
    mproc_pool *held; /**< whose remains these are; or NULL */
};

/** Room for a record of what is seen, and so many bytes of texts; NULL without. */
static inline void *look_add(struct look *look, enum record_type type, size_t text_bytes)
{
    return mproc__journal_add(look->state, type, text_bytes, 0);
}

/** A text of the last record. */
static inline struct record_text look_put(struct look *look, const char *text)
{
    return mproc__journal_text(look->state, text, strlen(text));
}

#endif
