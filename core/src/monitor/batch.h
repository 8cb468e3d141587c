/* Records as they are taken from the pools in passing: copied, since a lock of the pools may be held meanwhile, and put
 * into bytes when it is not.
 *
 * The memory is there before anything is taken. What finds no room is counted, and the next batch has twice as much.
 */
#ifndef MPROC_MONITOR_BATCH_H
#define MPROC_MONITOR_BATCH_H

#include "trace/record.h"
#include <stdbool.h>
#include <stddef.h>

struct batch {
    unsigned char *bytes;
    size_t capacity, used;
    bool cut; /**< something found no room */
    int64_t now_ns;
    struct record_lost losses[RECORD_CLASSES];
};

/** One of them. */
struct batch_item {
    enum record_type type;
    const void *record; /**< a struct record_... */
    size_t next;        /**< where the next one is */
};

/** Begins a batch, empty, at that time. Errors: MPROC_E_NO_MEMORY. */
int mproc__batch_begin(struct batch *batch, int64_t now_ns);
void mproc__batch_free(struct batch *batch);

/** Whether it tells of something that has happened, of which it is to be said if it was lost. That a task still waits
 * is told as states are, where there is room. */
static inline bool batch_is_event(unsigned type, const void *record)
{
    return type != RECORD_TASK_QUEUED || ((const struct record_task_queued *)record)->waits == 0;
}

/** An observe_sink, of which the user is the batch. */
void mproc__batch_add(void *batch, enum record_type type, const void *record);

/** The item at a place, 0 at first, then item->next; false behind the last. */
bool mproc__batch_at(const struct batch *batch, size_t place, struct batch_item *ret_item);

#endif
