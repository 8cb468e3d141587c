/* The items of a map: which have failed, and how many are still to end. */
#include "pool/map_items.h"
#include "pool/finish.h"
#include "pool/job.h"
#include "pool/notes.h"
#include "pool/remains.h"
#include <stdio.h>
#include <stdlib.h>

static struct item_failure *new_item_failure(struct batch *batch)
{
    if (batch->failure_count == batch->failure_capacity) {
        size_t capacity = batch->failure_capacity == 0 ? 16 : 2 * batch->failure_capacity;
        struct item_failure *failures = realloc(batch->failures, capacity * sizeof *failures);
        if (failures == NULL)
            return NULL;
        batch->failures = failures;
        batch->failure_capacity = capacity;
    }
    return &batch->failures[batch->failure_count++];
}

void mproc__map_failed(struct job *map, const struct item_failure *failure, const char *message)
{
    struct item_failure *kept = new_item_failure(map->extra.batch);
    map->extra.batch->failed += failure->count;
    note_items(map, failure, message);
    if (kept == NULL) {
        map->extra.batch->failures_lost = true;
        return;
    }
    *kept = *failure;
    mproc__remains_hold(kept->remains);
    snprintf(kept->message, sizeof kept->message, "%s", message);
}

static int compare_failures(const void *left, const void *right)
{
    size_t a = ((const struct item_failure *)left)->item, b = ((const struct item_failure *)right)->item;
    return (a > b) - (a < b);
}

static void finish_map(struct job *map)
{
    struct batch *batch = map->extra.batch;
    if (batch->failure_count > 0) {
        qsort(batch->failures, batch->failure_count, sizeof *batch->failures, compare_failures);
        const struct item_failure *first = &batch->failures[0];
        map->pid = first->pid;
        map->worker = first->worker;
        batch->first_failed = first->item;
        note_ended(map, first->code, first->message);
        mproc__job_finish_with(map, first->code, first->message, first->exit_code, first->remains);
    } else if (batch->failures_lost) {
        mproc__job_finish(map, MPROC_E_NO_MEMORY, "items failed, and there was no memory to keep their errors", 0);
    } else {
        mproc__job_finish(map, 0, NULL, 0);
    }
}

void mproc__map_items_finished(struct job *map, size_t count)
{
    map->extra.batch->remaining -= count;
    if (map->extra.batch->remaining == 0)
        finish_map(map);
}
