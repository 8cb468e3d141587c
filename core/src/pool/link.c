/* One worker's rings, the parent's side: publish, drain, recall, bury. The steps in capitals are those of ring.h and of
 * the model. Whatever is read from the worker's memory is checked against the parent's private truth; a worker
 * whose rings make no sense is killed, and its tasks end as those of any dead worker. */
#include "pool/link.h"
#include "base/error.h"
#include "base/log.h"
#include "pool/finish.h"
#include "pool/job_list.h"
#include "pool/map_items.h"
#include "pool/pool.h"
#include "pool/retry.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VALUE_MAX ((size_t)1 << 30)

/* ---- The submission ring ---- */

static void distrust(struct worker_link *link)
{
    link->nonsense = true;
    platform_process_kill_tree(link->process);
    mproc__log(MPROC_LOG_ERROR, "%s: the rings of worker %d (pid %lld) make no sense; it is killed", link->pool->name,
               link->index, (long long)link->pid);
}

/* A cell may be written again once the worker has stepped past it, which only the worker can say: of a recalled cell
 * nothing else tells whether the worker still has to look at it. */
static void advance_tail(struct worker_link *link)
{
    /* Acquire: pairs with PASS; the worker reads neither cell nor argument of these positions any more. */
    uint32_t consumed = atomic_load_explicit(&link->area->worker.consumed, memory_order_acquire);
    if (consumed - link->tail > link->submitted - link->tail) {
        distrust(link);
        return;
    }
    while (link->tail != consumed && link->jobs[link->tail % RING_SUBMIT_CELLS] == NULL) {
        link->argument_tail = link->argument_end[link->tail % RING_SUBMIT_CELLS];
        link->tail++;
    }
}

/* Where size bytes can lie in one piece of the argument stream, if there is room. Pieces begin aligned for any type. */
static bool argument_place(const struct worker_link *link, size_t size, uint32_t *ret_place)
{
    uint32_t head = (link->argument_head + 15u) & ~15u;
    uint32_t to_end = RING_STREAM_BYTES - head % RING_STREAM_BYTES;
    if (size > to_end)
        head += to_end;
    *ret_place = head;
    return head + (uint32_t)size - link->argument_tail <= RING_STREAM_BYTES;
}

static bool uses_stream(const struct job *job)
{
    return job->kind == JOB_KIND_CHUNK || job->kind == JOB_KIND_MAP || job->argument_size > RING_INLINE_BYTES;
}

bool mproc__link_has_room(struct worker_link *link, const struct job *job, uint32_t depth)
{
    if (link->state != LINK_READY || link->nonsense || link->slow || link->passing != NULL || link->in_flight >= depth)
        return false;
    int64_t most = link->pool->options.max_tasks_per_worker;
    if (most > 0 && link->given >= (uint64_t)most)
        return false;
    /* One cell is kept for EXIT: a ring full of recalled cells, which the worker has still to step over, has no task in
     * flight, and an EXIT written over one of them would never be found. */
    if (link->submitted - link->tail >= RING_SUBMIT_CELLS - 1 || uses_stream(job))
        advance_tail(link);
    if (link->submitted - link->tail >= RING_SUBMIT_CELLS - 1)
        return false;
    if (!uses_stream(job))
        return true;
    uint32_t place;
    /* A map is asked for a chunk of its own choice afterwards. */
    if (job->kind == JOB_KIND_MAP)
        return argument_place(link, MAP_CHUNK_BYTES, &place);
    /* One that passes through in parts needs the stream, and the worker, to itself. */
    if (job->kind == JOB_KIND_CALL && job->argument_size > RING_PIECE_BYTES)
        return link->submitted == link->tail;
    return argument_place(link, job->argument_size, &place);
}

/* Supplies a passing argument as far as the worker has made room. */
static void pass_on(struct worker_link *link)
{
    const struct job *job = link->passing;
    /* Acquire: pairs with the worker's release after it has copied the bytes. */
    uint32_t tail = atomic_load_explicit(&link->area->worker.argument_tail, memory_order_acquire);
    if (link->argument_head - tail > RING_STREAM_BYTES)
        return;
    uint32_t room = RING_STREAM_BYTES - (link->argument_head - tail);
    while (room > 0 && link->passed < job->argument_size) {
        uint32_t offset = link->argument_head % RING_STREAM_BYTES;
        size_t piece = RING_STREAM_BYTES - offset;
        if (piece > room)
            piece = room;
        if (piece > job->argument_size - link->passed)
            piece = job->argument_size - link->passed;
        memcpy(link->area->arguments + offset, (const unsigned char *)job->argument + link->passed, piece);
        link->argument_head += (uint32_t)piece;
        link->passed += piece;
        room -= (uint32_t)piece;
    }
    /* Release: pairs with NEED_ARGUMENT. */
    atomic_store_explicit(&link->area->parent.argument_head, link->argument_head, memory_order_release);
    link->argument_end[job->position % RING_SUBMIT_CELLS] = link->argument_head;
    link->touched = true;
    if (link->passed == job->argument_size)
        link->passing = NULL;
}

static void begin_passing(struct worker_link *link, struct job *job, struct submit_cell *cell)
{
    cell->place = link->argument_head;
    /* The worker is idle and takes its tail from the cell; ours must not be judged by an older one. */
    atomic_store_explicit(&link->area->worker.argument_tail, link->argument_head, memory_order_relaxed);
    atomic_store_explicit(&link->area->parent.argument_head, link->argument_head, memory_order_relaxed);
    link->passing = job;
    link->passed = 0;
}

static void put_argument(struct worker_link *link, struct job *job, struct submit_cell *cell)
{
    cell->size = (uint32_t)job->argument_size;
    if (!uses_stream(job)) {
        if (job->argument_size > 0)
            memcpy(cell->bytes, job->argument, job->argument_size);
    } else if (job->kind != JOB_KIND_CHUNK && job->argument_size > RING_PIECE_BYTES) {
        begin_passing(link, job, cell);
    } else {
        argument_place(link, job->argument_size, &cell->place);
        memcpy(link->area->arguments + cell->place % RING_STREAM_BYTES, job->argument, job->argument_size);
        link->argument_head = cell->place + (uint32_t)job->argument_size;
    }
}

static void put_chunk(const struct job *job, struct submit_cell *cell)
{
    const struct batch *batch = job->group->batch;
    struct map_chunk chunk = { .first = job->item,
                               .count = (uint32_t)job->item_count,
                               .in_size = (uint32_t)batch->in_size,
                               .out_size = (uint32_t)batch->out_size };
    memcpy(cell->bytes, &chunk, sizeof chunk);
}

static void publish_cell(struct worker_link *link, struct submit_cell *cell, struct job *job)
{
    uint32_t position = link->submitted++;
    link->jobs[position % RING_SUBMIT_CELLS] = job;
    link->argument_end[position % RING_SUBMIT_CELLS] = link->argument_head;
    /* PUBLISH: release pairs with the worker's acquire of the stamp; the fence of KICK follows before we look
     * whether it sleeps. */
    atomic_store_explicit(&cell->stamp, ring_stamp(position), memory_order_release);
    link->touched = true;
}

void mproc__link_send(struct worker_link *link, struct job *job)
{
    struct submit_cell *cell = &link->area->submit[link->submitted % RING_SUBMIT_CELLS];
    cell->kind = job->kind == JOB_KIND_CHUNK ? SUBMIT_MAP : SUBMIT_CALL;
    cell->attempt = ++job->attempt;
    cell->task = job->number;
    cell->function = job->ref;
    put_argument(link, job, cell);
    if (job->kind == JOB_KIND_CHUNK)
        put_chunk(job, cell);
    job->worker = link->index;
    job->pid = link->pid;
    job->position = link->submitted;
    atomic_store_explicit(&job->state, JOB_SENT, memory_order_relaxed);
    link->in_flight++;
    link->pool->in_flight++;
    link->given++;
    publish_cell(link, cell, job);
    if (link->passing != NULL)
        pass_on(link);
}

void mproc__link_send_exit(struct worker_link *link)
{
    advance_tail(link);
    struct submit_cell *cell = &link->area->submit[link->submitted % RING_SUBMIT_CELLS];
    cell->kind = SUBMIT_EXIT;
    cell->size = 0;
    publish_cell(link, cell, NULL);
    mproc__link_kick(link);
}

void mproc__link_kick(struct worker_link *link)
{
    if (!link->touched)
        return;
    link->touched = false;
    platform_word *word = &link->area->sleep;
    /* KICK: pairs with the fence in SLEEP. Either the worker's second look sees what we published, or we see that it
     * sleeps. */
    atomic_thread_fence(memory_order_seq_cst);
    if (atomic_load_explicit(&word->value, memory_order_relaxed) != 1 || atomic_exchange(&word->value, 0) != 1)
        return;
    /* The count of waiters spares the port a system call. One that says nobody is the rare race with a worker about to
     * sleep, or was scribbled over by a task: it must not cost the wake. Too high a count is harmless. */
    if (atomic_load_explicit(&word->waiters, memory_order_relaxed) == 0)
        atomic_store_explicit(&word->waiters, 1, memory_order_relaxed);
    platform_wake(word, 1);
}

/* ---- The completion ring ---- */

/* The task that a completion is about, if it can be. */
static struct job *completed_job(const struct worker_link *link, const struct complete_cell *cell)
{
    if (cell->submit_position - link->tail >= link->submitted - link->tail)
        return NULL;
    return link->jobs[cell->submit_position % RING_SUBMIT_CELLS];
}

static const void *payload(const struct worker_link *link, const struct complete_cell *cell, bool in_stream)
{
    uint32_t offset = cell->place % RING_STREAM_BYTES;
    if (!in_stream)
        return cell->size <= RING_INLINE_BYTES ? cell->bytes : NULL;
    return cell->size <= RING_STREAM_BYTES - offset ? link->area->results + offset : NULL;
}

static bool append_partial(struct worker_link *link, const void *data, size_t size)
{
    size_t needed = link->partial_size + size;
    if (needed > VALUE_MAX)
        return false;
    if (needed > link->partial_capacity) {
        size_t capacity = needed * 2;
        unsigned char *partial = realloc(link->partial, capacity);
        if (partial == NULL)
            return false;
        link->partial = partial;
        link->partial_capacity = capacity;
    }
    if (size > 0)
        memcpy(link->partial + link->partial_size, data, size);
    link->partial_size = needed;
    return true;
}

static bool keep_value(struct job *job, const void *data, size_t size)
{
    void *copy = job->small;
    mproc__job_drop_argument(job);
    if (size > sizeof job->small) {
        copy = malloc(size);
        if (copy == NULL)
            return false;
        job->value_on_heap = true;
    }
    if (size > 0)
        memcpy(copy, data, size);
    job->value = copy;
    job->value_size = size;
    return true;
}

/* The whole of a value that came in parts; the last part is still to be added. */
static bool keep_partial(struct worker_link *link, struct job *job, const void *data, size_t size)
{
    if (!append_partial(link, data, size))
        return false;
    mproc__job_drop_argument(job);
    job->value = link->partial;
    job->value_size = link->partial_size;
    job->value_on_heap = true;
    link->partial = NULL;
    link->partial_size = link->partial_capacity = 0;
    return true;
}

static void forget_in_flight(struct worker_link *link, const struct job *job)
{
    link->jobs[job->position % RING_SUBMIT_CELLS] = NULL;
    link->in_flight--;
    link->pool->in_flight--;
    link->slow = false;
    if (link->passing == job)
        link->passing = NULL;
}

static void learn_time(mproc_pool *pool, int64_t run_ns)
{
    if (run_ns < 0)
        return;
    pool->stats.busy_ns += (uint64_t)run_ns;
    pool->mean_ns = pool->mean_ns < 0 ? run_ns : pool->mean_ns + (run_ns - pool->mean_ns) / 8;
}

static void take_call(struct worker_link *link, struct job *job, const struct complete_cell *cell, const void *data)
{
    forget_in_flight(link, job);
    job->run_ns = cell->run_ns;
    job->wait_ns = cell->started_ns > job->submitted_ns ? cell->started_ns - job->submitted_ns : 0;
    learn_time(link->pool, cell->run_ns);
    if (cell->code < 0) {
        char message[RING_MESSAGE_BYTES];
        size_t size = cell->size < sizeof message ? cell->size : sizeof message - 1;
        memcpy(message, data, size);
        message[size] = '\0';
        link->partial_size = 0;
        mproc__job_finish(job, cell->code, message, 0);
        return;
    }
    bool kept = link->partial_size > 0 ? keep_partial(link, job, data, cell->size) : keep_value(job, data, cell->size);
    link->partial_size = 0;
    mproc__job_finish(job, kept ? 0 : MPROC_E_NO_MEMORY, kept ? NULL : "no memory for the task's value", 0);
}

static bool item_failed(const struct worker_link *link, size_t index)
{
    return (link->failed_items[index / 8] >> index % 8 & 1) != 0;
}

static void forget_failed_items(struct worker_link *link)
{
    if (link->failed_count > 0)
        memset(link->failed_items, 0, sizeof link->failed_items);
    link->failed_count = 0;
}

/* Copies the output of a chunk's first items but for those that failed, which leave their place as it was. */
static void copy_items(struct worker_link *link, const struct job *chunk, const unsigned char *results, size_t count)
{
    const struct batch *batch = chunk->group->batch;
    size_t size = batch->out_size;
    if (size == 0 || count == 0)
        return;
    unsigned char *out = batch->out + chunk->item * size;
    if (link->failed_count == 0) {
        memcpy(out, results, count * size);
        return;
    }
    for (size_t i = 0; i < count; i++)
        if (!item_failed(link, i))
            memcpy(out + i * size, results + i * size, size);
}

static void take_chunk(struct worker_link *link, struct job *chunk, const struct complete_cell *cell, const void *data)
{
    struct job *map = chunk->group;
    struct batch *batch = map->batch;
    size_t count = chunk->item_count;
    forget_in_flight(link, chunk);
    learn_time(link->pool, cell->run_ns);
    if (cell->run_ns >= 0) {
        int64_t item_ns = cell->run_ns / (int64_t)count;
        batch->item_ns = batch->item_ns < 0 ? item_ns : (batch->item_ns + item_ns) / 2;
        map->run_ns += cell->run_ns;
    }
    copy_items(link, chunk, data, count);
    forget_failed_items(link);
    mproc__job_finish(chunk, 0, NULL, 0);
    mproc__map_items_finished(map, count);
}

static bool take_done(struct worker_link *link, const struct complete_cell *cell)
{
    struct job *job = completed_job(link, cell);
    if (job == NULL)
        return false;
    bool chunk = job->kind == JOB_KIND_CHUNK;
    const void *data = payload(link, cell, chunk || cell->size > RING_INLINE_BYTES);
    if (data == NULL || (chunk && cell->size != job->item_count * job->group->batch->out_size))
        return false;
    if (chunk || cell->size > RING_INLINE_BYTES)
        link->result_tail = cell->place + ((cell->size + 15u) & ~15u);
    if (chunk)
        take_chunk(link, job, cell, data);
    else
        take_call(link, job, cell, data);
    return true;
}

static bool take_part(struct worker_link *link, const struct complete_cell *cell)
{
    const struct job *job = completed_job(link, cell);
    const void *data = payload(link, cell, true);
    if (job == NULL || job->kind == JOB_KIND_CHUNK || data == NULL || !append_partial(link, data, cell->size))
        return false;
    link->result_tail = cell->place + ((cell->size + 15u) & ~15u);
    return true;
}

static bool take_item(struct worker_link *link, const struct complete_cell *cell)
{
    const struct job *chunk = completed_job(link, cell);
    const char *text = payload(link, cell, false);
    char message[RING_INLINE_BYTES];
    if (chunk == NULL || chunk->kind != JOB_KIND_CHUNK || text == NULL || cell->size >= sizeof message ||
        cell->item < 0 || (uint64_t)cell->item >= chunk->item_count || cell->code >= 0)
        return false;
    memcpy(message, text, cell->size);
    message[cell->size] = '\0';
    if (message[0] == '\0')
        memcpy(message, "the kernel failed", sizeof "the kernel failed");
    struct item_failure failure = { .item = chunk->item + (size_t)cell->item,
                                    .count = 1,
                                    .code = cell->code,
                                    .pid = link->pid,
                                    .worker = link->index };
    size_t index = (size_t)cell->item;
    link->failed_items[index / 8] |= (uint8_t)(1u << index % 8);
    link->failed_count++;
    mproc__map_failed(chunk->group, &failure, message);
    return true;
}

static bool take_cell(struct worker_link *link, const struct complete_cell *shared)
{
    /* A copy, so that a worker that scribbles cannot change between check and use what was checked. */
    struct complete_cell cell = *shared;
    switch (cell.kind) {
    case COMPLETE_DONE:
        return take_done(link, &cell);
    case COMPLETE_PART:
        return take_part(link, &cell);
    case COMPLETE_ITEM:
        return take_item(link, &cell);
    default:
        return false;
    }
}

static bool completion_waits(const struct worker_link *link, uint32_t position)
{
    /* Acquire: pairs with COMPLETE. */
    return atomic_load_explicit(&link->area->complete[position % RING_COMPLETE_CELLS].stamp, memory_order_acquire) ==
           ring_stamp(position);
}

bool mproc__link_has_news(const struct worker_link *link)
{
    return completion_waits(link, link->complete_position);
}

bool mproc__link_has_passed(const struct worker_link *link)
{
    return atomic_load_explicit(&link->area->worker.consumed, memory_order_acquire) != link->tail;
}

bool mproc__link_needs(const struct worker_link *link)
{
    if (atomic_load_explicit(&link->area->sleep.value, memory_order_relaxed) != 1)
        return false;
    bool argument_taken = link->passing != NULL && atomic_load_explicit(&link->area->worker.argument_tail,
                                                                        memory_order_acquire) == link->argument_head;
    return argument_taken || mproc__link_has_news(link);
}

const _Atomic uint32_t *mproc__link_watch(const struct worker_link *link, uint32_t *ret_stamp)
{
    *ret_stamp = ring_stamp(link->complete_position);
    return &link->area->complete[link->complete_position % RING_COMPLETE_CELLS].stamp;
}

/* Tells the worker how far its completions were read. Returns whether it may have waited for that. Compared with what
 * is there, not with what was told last: a task that scribbled over our line would else wait for room for ever. */
static bool tell_tails(struct worker_link *link)
{
    struct parent_line *line = &link->area->parent;
    bool told = false;
    /* Release: pairs with the worker's acquire in NEED_COMPLETE_ROOM and NEED_RESULT_ROOM. */
    if (atomic_load_explicit(&line->complete_tail, memory_order_relaxed) != link->complete_position) {
        atomic_store_explicit(&line->complete_tail, link->complete_position, memory_order_release);
        told = true;
    }
    if (atomic_load_explicit(&line->result_tail, memory_order_relaxed) != link->result_tail) {
        atomic_store_explicit(&line->result_tail, link->result_tail, memory_order_release);
        told = true;
    }
    return told;
}

unsigned mproc__link_drain(struct worker_link *link)
{
    if (link->area == NULL || link->nonsense)
        return 0;
    unsigned taken = 0;
    while (completion_waits(link, link->complete_position)) {
        if (!take_cell(link, &link->area->complete[link->complete_position % RING_COMPLETE_CELLS])) {
            distrust(link);
            return taken;
        }
        link->complete_position++;
        taken++;
    }
    if (tell_tails(link))
        link->touched = true;
    advance_tail(link);
    if (link->passing != NULL)
        pass_on(link);
    mproc__link_kick(link);
    return taken;
}

/* ---- Taking back ---- */

bool mproc__link_recall(struct worker_link *link, struct job *job)
{
    struct submit_cell *cell = &link->area->submit[job->position % RING_SUBMIT_CELLS];
    uint32_t stamp = ring_stamp(job->position);
    /* RECALL: competes with CLAIM on the one word; nothing else has to be ordered. */
    if (!atomic_compare_exchange_strong_explicit(&cell->stamp, &stamp, stamp | STAMP_RECALLED, memory_order_relaxed,
                                                 memory_order_relaxed))
        return false;
    forget_in_flight(link, job);
    link->given--;
    job->attempt--;
    job->worker = -1;
    job->pid = 0;
    atomic_store_explicit(&job->state, JOB_PENDING, memory_order_relaxed);
    return true;
}

struct job *mproc__link_recall_last(struct worker_link *link)
{
    for (uint32_t position = link->submitted; position != link->tail; position--) {
        struct job *job = link->jobs[(position - 1) % RING_SUBMIT_CELLS];
        if (job != NULL)
            return mproc__link_recall(link, job) ? job : NULL;
    }
    return NULL;
}

/* ---- Death ---- */

static int64_t exit_code_of(const struct worker_link *link)
{
    if (link->how.kind == PLATFORM_EXIT_CODE)
        return link->how.code;
    return link->how.kind == PLATFORM_EXIT_SIGNAL ? -link->how.code : INT64_MIN + 1;
}

void mproc__link_death_text(const struct worker_link *link, char *ret_text, size_t capacity)
{
    long long pid = (long long)link->pid, code = (long long)link->how.code;
    if (link->how.kind == PLATFORM_EXIT_SIGNAL)
        snprintf(ret_text, capacity, "worker %d (pid %lld) was killed by signal %lld", link->index, pid, code);
    else if (link->how.kind == PLATFORM_EXIT_CODE)
        /* The numbers of Windows' exceptions are known by their hexadecimal form. */
        snprintf(ret_text, capacity,
                 code >= 0xC0000000LL ? "worker %d (pid %lld) exited with code 0x%llX"
                                      : "worker %d (pid %lld) exited with code %lld",
                 link->index, pid, code);
    else
        snprintf(ret_text, capacity, "worker %d (pid %lld) died; its exit status is unknown", link->index, pid);
}

static void requeue(struct job *job)
{
    mproc_pool *pool = job->pool;
    job->worker = -1;
    atomic_store_explicit(&job->state, JOB_PENDING, memory_order_relaxed);
    mproc__job_list_push_front(&pool->pending, job);
    pool->pending_count++;
}

/* Of a chunk whose worker died the finished items are good: their output is in the stream of the dead. The item that
 * was under way fails, or is tried again; the items after it run elsewhere. */
static void reap_chunk(struct worker_link *link, struct job *chunk, const char *text)
{
    const struct worker_line *line = &link->area->worker;
    struct job *map = chunk->group;
    /* Acquire: pairs with the release in run_items. */
    size_t finished = atomic_load_explicit(&line->progress, memory_order_acquire);
    uint32_t place = atomic_load_explicit(&line->chunk_place, memory_order_relaxed) % RING_STREAM_BYTES;
    if (atomic_load_explicit(&line->chunk_position, memory_order_relaxed) != chunk->position ||
        finished > chunk->item_count || place + chunk->item_count * map->batch->out_size > RING_STREAM_BYTES)
        finished = 0;
    copy_items(link, chunk, link->area->results + place, finished);
    size_t ended = finished;
    /* Attempts count for the chunk's first item; another one that was under way was so for the first time. */
    if (finished > 0)
        chunk->attempt = 1;
    if (finished < chunk->item_count && !mproc__retry_allowed(chunk)) {
        /* It may have failed by itself, and died before it was counted as finished. */
        bool told = link->failed_count > 0 && item_failed(link, finished);
        struct item_failure failure = { .item = chunk->item + finished,
                                        .count = 1,
                                        .code = MPROC_E_WORKER_DIED,
                                        .pid = link->pid,
                                        .exit_code = exit_code_of(link),
                                        .worker = link->index };
        if (!told)
            mproc__map_failed(map, &failure, text);
        ended++;
        chunk->attempt = 0;
    } else if (finished < chunk->item_count) {
        link->pool->stats.retried++;
    }
    if (ended == chunk->item_count) {
        mproc__job_finish(chunk, 0, NULL, 0);
    } else {
        chunk->item += ended;
        chunk->item_count -= ended;
        chunk->argument = map->batch->in + chunk->item * map->batch->in_size;
        chunk->argument_size = chunk->item_count * map->batch->in_size;
        requeue(chunk);
    }
    mproc__map_items_finished(map, ended);
}

static void reap_started(struct worker_link *link, struct job *job, const char *text)
{
    if (job->kind == JOB_KIND_CHUNK) {
        reap_chunk(link, job, text);
    } else if (mproc__retry_allowed(job)) {
        link->pool->stats.retried++;
        requeue(job);
    } else {
        mproc__job_finish(job, MPROC_E_WORKER_DIED, text, exit_code_of(link));
    }
}

void mproc__link_reap(struct worker_link *link)
{
    char text[RING_MESSAGE_BYTES];
    if (link->area == NULL)
        return;
    mproc__link_drain(link);
    bool nonsense = link->nonsense;
    link->partial_size = 0;
    mproc__link_death_text(link, text, sizeof text);
    /* From the last to the first, so that the unstarted ones come to lie in order at the head of the queue. */
    for (uint32_t position = link->submitted; position != link->tail; position--) {
        struct job *job = link->jobs[(position - 1) % RING_SUBMIT_CELLS];
        if (job == NULL)
            continue;
        uint32_t stamp =
            atomic_load_explicit(&link->area->submit[(position - 1) % RING_SUBMIT_CELLS].stamp, memory_order_acquire);
        forget_in_flight(link, job);
        /* A cell that is neither free nor taken was scribbled over: that its task did not start is not certain. */
        if (stamp == ring_stamp(position - 1) && !nonsense) {
            job->attempt--;
            job->pid = 0;
            requeue(job);
        } else {
            reap_started(link, job, text);
        }
    }
}

void mproc__deferred_free_clear(mproc_pool *pool)
{
    for (struct deferred_free *deferred_free = pool->deferred_frees, *next; deferred_free != NULL;
         deferred_free = next) {
        next = deferred_free->next;
        mproc__child_release(&deferred_free->segment);
        free(deferred_free);
    }
    pool->deferred_frees = NULL;
}

/* A user thread that spins looks at the rings without the lock: they may not be unmapped under its eyes. */
static void release_segment(struct worker_link *link)
{
    struct deferred_free *deferred_free =
        link->pool->leading && link->area != NULL ? malloc(sizeof *deferred_free) : NULL;
    if (deferred_free == NULL && link->pool->leading && link->area != NULL) {
        /* Without memory for the note the mapping is lost rather than the looker. */
        mproc__child_close_handle(&link->segment);
        return;
    }
    if (deferred_free == NULL) {
        mproc__child_release(&link->segment);
        return;
    }
    *deferred_free = (struct deferred_free){ link->segment, link->pool->deferred_frees };
    link->pool->deferred_frees = deferred_free;
}

void mproc__link_init(struct worker_link *link, mproc_pool *pool, int index)
{
    /* All zero would be descriptor 0, the program's own. */
    *link = (struct worker_link){ .pool = pool, .index = index, .segment = { .handle = PLATFORM_NO_HANDLE } };
}

void mproc__link_reset(struct worker_link *link)
{
    if (link->process != NULL)
        platform_process_free(link->process);
    release_segment(link);
    free(link->partial);
    mproc__link_init(link, link->pool, link->index);
}
