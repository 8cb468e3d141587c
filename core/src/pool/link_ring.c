/* One worker's rings, the parent's side: publish, take, recall. The steps in capitals are those of ring_layout.h and of
 * the model. Whatever is read from the worker's memory is checked against the parent's private truth; rings that make
 * no sense are read no more. */
#include "pool/link_ring.h"
#include "base/copy.h"
#include "family/view.h"
#include "memory/span.h"
#include "pool/annex.h"
#include "pool/job.h"
#include "pool/link.h"
#include "pool/module_table.h"
#include "pool/pool.h"
#include "pool/ring_layout.h"
#include "pool/span_code.h"
#include "process/task.h"
#include "trace/label.h"
#include <stdlib.h>
#include <string.h>

#define VALUE_MAX ((size_t)1 << 30)
/* No task runs for longer: an age that can still be multiplied by what a ring holds. */
#define RUN_NS_MAX (INT64_MAX / 256)
#define TICKS_MAX  (INT64_MAX / 64) /* of the slowest counter */
/* A worker that goes to sleep again so often, after it was woken for work that lies before it, does not see it. */
#define OVERSLEPT_MAX 3

_Static_assert(MAP_CHUNK_BYTES <= RING_STREAM_BYTES / 4, "several chunks fit into a stream at a time");
_Static_assert(MAP_ITEM_BYTES <= RING_PIECE_BYTES, "the largest item is a chunk that fits into a stream");

/* In whose name a worker makes the spans of its values: this process's, and under a tag that no other worker has. */
static uint64_t new_owner(void)
{
    static _Atomic uint32_t lives;
    return mproc__span_owner_process(1 + atomic_fetch_add_explicit(&lives, 1, memory_order_relaxed) % SPAN_TAG_MAX);
}

/* One cell is kept for EXIT: a ring full of recalled cells, which the worker has still to step over, has no task in
 * flight, and an EXIT written over one of them would never be found. */
static void count_room(struct ring_link *ring)
{
    uint32_t used = ring->submitted - ring->tail;
    bool takes_any = !ring->nonsense && !ring->abandoned && ring->passing == NULL && used < RING_SUBMIT_CELLS - 1;
    ring->link.room = takes_any ? RING_SUBMIT_CELLS - 1 - used : 0;
}

static void distrust(struct ring_link *ring)
{
    ring->nonsense = true;
    count_room(ring);
}

void mproc__ring_link_begin(struct ring_link *ring, struct worker_area *area, const mproc_pool *pool, int index)
{
    uint32_t first_position = pool->first_position;
    area->settings.index = index;
    area->settings.first_position = first_position;
    area->settings.value_owner = area->settings.address_space == 0 ? new_owner() : 0;
    area->settings.spin_ns = (uint32_t)pool->spin_ns;
    area->sleep.key = mproc__family_new_key();
    ring->area = area;
    ring->leaving = ring->touched = false;
    ring->link.asleep = &area->sleep.value;
    ring->link.annexes = &area->annexes;
    atomic_store_explicit(&area->worker.consumed, first_position, memory_order_relaxed);
    atomic_store_explicit(&area->parent.complete_tail, first_position, memory_order_relaxed);
    ring->submitted = ring->tail = ring->done = ring->complete_position = first_position;
    ring->settings = area->settings;
    ring->sleep_key = area->sleep.key;
    ring->told_complete_tail = first_position;
    count_room(ring);
    mproc__annexes_prepare(area, pool);
}

/* Nobody works in the worker's name any more, and what it had told of was taken. */
static void free_spans(const struct ring_link *ring)
{
    /* It never began. */
    if (ring->area == NULL)
        return;
    bool made = atomic_load_explicit(&ring->area->worker.makes_spans, memory_order_relaxed) != 0;
    if (made || ring->has_spans || ring->nonsense)
        mproc__span_free_all(ring->settings.value_owner);
}

void mproc__ring_link_end(struct ring_link *ring)
{
    if (ring->cargo.loaded != NULL)
        mproc__cargo_unload(&ring->cargo, &ring->area->handles);
    free_spans(ring);
    free(ring->partial);
    ring->partial = NULL;
}

void mproc__ring_link_leave(struct link *link, uint64_t span)
{
    struct ring_link *ring = (struct ring_link *)link;
    ring->has_spans |= mproc__span_give(span, mproc__span_owner_process(0), ring->settings.value_owner);
}

void mproc__ring_link_birth(const struct link *link, struct link_birth *ret_birth)
{
    const struct worker_line *line = &((const struct ring_link *)link)->area->worker;
    /* Stored before READY, which was seen. */
    ret_birth->ready = atomic_load_explicit(&line->ready, memory_order_relaxed);
    ret_birth->init_ticks = atomic_load_explicit(&line->init_ticks, memory_order_relaxed);
}

/* ---- The submission ring ---- */

/* A cell may be written again once the worker has stepped past it, which only the worker can say: of a recalled cell
 * nothing else tells whether the worker still has to look at it. */
static void advance_tail(struct ring_link *ring)
{
    /* Acquire: pairs with PASS; the worker reads neither cell nor argument of these positions any more. */
    uint32_t consumed = atomic_load_explicit(&ring->area->worker.consumed, memory_order_acquire);
    if (consumed - ring->tail > ring->submitted - ring->tail) {
        distrust(ring);
        return;
    }
    while (ring->tail != consumed && ring->jobs[ring->tail % RING_SUBMIT_CELLS] == NULL) {
        ring->argument_tail = ring->argument_end[ring->tail % RING_SUBMIT_CELLS];
        ring->tail++;
    }
    count_room(ring);
}

/* Where size bytes can lie in one piece of the argument stream, if there is room. Pieces begin aligned for any type. */
static bool argument_place(const struct ring_link *ring, size_t size, uint32_t *ret_place)
{
    uint32_t head = (ring->argument_head + 15u) & ~15u;
    uint32_t to_end = RING_STREAM_BYTES - head % RING_STREAM_BYTES;
    if (size > to_end)
        head += to_end;
    *ret_place = head;
    return head + (uint32_t)size - ring->argument_tail <= RING_STREAM_BYTES;
}

/* What is mapped of the family stays mapped: a worker whose address space is limited maps no payloads. */
static bool is_in_place(const struct ring_link *ring, const struct job *job)
{
    return job->argument_place == PLACE_SPAN && ring->settings.address_space == 0;
}

static bool uses_stream(const struct ring_link *ring, const struct job *job)
{
    return job->kind == JOB_KIND_CHUNK || job->kind == JOB_KIND_MAP ||
           (job->argument_size > TASK_INLINE_BYTES && !is_in_place(ring, job));
}

bool mproc__ring_link_has_room(struct link *link, const struct job *job)
{
    struct ring_link *ring = (struct ring_link *)link;
    if (ring->nonsense || ring->abandoned || ring->passing != NULL)
        return false;
    if (link->room == 0 || uses_stream(ring, job))
        advance_tail(ring);
    if (link->room == 0)
        return false;
    if (!uses_stream(ring, job))
        return true;
    uint32_t place;
    /* A map is asked for a chunk of its own choice afterwards. */
    if (job->kind == JOB_KIND_MAP)
        return argument_place(ring, MAP_CHUNK_BYTES, &place);
    /* One that passes through in parts needs the stream, and the worker, to itself. */
    if (job->kind == JOB_KIND_CALL && job->argument_size > RING_PIECE_BYTES)
        return ring->submitted == ring->tail;
    return argument_place(ring, job->argument_size, &place);
}

/* Supplies a passing argument as far as the worker has made room. */
static void pass_on(struct ring_link *ring)
{
    const struct job *job = ring->passing;
    /* Acquire: pairs with the worker's release after it has copied the bytes. */
    uint32_t tail = atomic_load_explicit(&ring->area->worker.argument_tail, memory_order_acquire);
    if (ring->argument_head - tail > RING_STREAM_BYTES) {
        distrust(ring);
        return;
    }
    uint32_t room = RING_STREAM_BYTES - (ring->argument_head - tail);
    while (room > 0 && ring->passed < job->argument_size) {
        uint32_t offset = ring->argument_head % RING_STREAM_BYTES;
        size_t piece = RING_STREAM_BYTES - offset;
        if (piece > room)
            piece = room;
        if (piece > job->argument_size - ring->passed)
            piece = job->argument_size - ring->passed;
        mproc__copy(ring->area->arguments + offset, (const unsigned char *)job->argument + ring->passed, piece);
        ring->argument_head += (uint32_t)piece;
        ring->passed += piece;
        room -= (uint32_t)piece;
    }
    /* Release: pairs with NEED_ARGUMENT. */
    atomic_store_explicit(&ring->area->parent.argument_head, ring->argument_head, memory_order_release);
    ring->told_argument_head = ring->argument_head;
    ring->argument_end[job->position % RING_SUBMIT_CELLS] = ring->argument_head;
    ring->touched = true;
    if (ring->passed == job->argument_size)
        ring->passing = NULL;
    count_room(ring);
}

static void begin_passing(struct ring_link *ring, struct job *job, struct submit_cell *cell)
{
    cell->place = ring->argument_head;
    /* The worker is idle and takes its tail from the cell; ours must not be judged by an older one. */
    atomic_store_explicit(&ring->area->worker.argument_tail, ring->argument_head, memory_order_relaxed);
    atomic_store_explicit(&ring->area->parent.argument_head, ring->argument_head, memory_order_relaxed);
    ring->told_argument_head = ring->argument_head;
    ring->passing = job;
    ring->passed = 0;
}

static void put_large_argument(struct ring_link *ring, struct job *job, struct submit_cell *cell)
{
    if (is_in_place(ring, job)) {
        memcpy(cell->bytes, &job->extra.span, sizeof job->extra.span);
    } else if (job->kind != JOB_KIND_CHUNK && job->argument_size > RING_PIECE_BYTES) {
        begin_passing(ring, job, cell);
    } else {
        argument_place(ring, job->argument_size, &cell->place);
        mproc__copy(ring->area->arguments + cell->place % RING_STREAM_BYTES, job->argument, job->argument_size);
        ring->argument_head = cell->place + (uint32_t)job->argument_size;
    }
}

static void put_chunk(const struct job *job, struct submit_cell *cell)
{
    const struct batch *batch = job->extra.group->extra.batch;
    struct map_chunk chunk = { .first = job->extra.item,
                               .count = (uint32_t)job->extra.item_count,
                               .in_size = (uint32_t)batch->in_size,
                               .out_size = (uint32_t)batch->out_size };
    memcpy(cell->bytes, &chunk, sizeof chunk);
}

static void publish_cell(struct ring_link *ring, struct submit_cell *cell, struct job *job)
{
    uint32_t position = ring->submitted++;
    ring->jobs[position % RING_SUBMIT_CELLS] = job;
    ring->argument_end[position % RING_SUBMIT_CELLS] = ring->argument_head;
    /* PUBLISH: release pairs with the worker's acquire of the stamp; the fence of KICK follows before we look
     * whether it sleeps. */
    atomic_store_explicit(&cell->stamp, ring_stamp(position), memory_order_release);
    ring->touched = true;
    ring->link.room -= ring->link.room > 0;
    if (unlikely(ring->passing != NULL))
        ring->link.room = 0;
    /* The worker's CPU has had the next one since it ran what lay there. Not while it still may have to look at it. */
    if (ring->submitted - ring->tail < RING_SUBMIT_CELLS / 2)
        platform_prefetch_write(&ring->area->submit[ring->submitted % RING_SUBMIT_CELLS]);
}

static void send_exit(struct ring_link *ring)
{
    if (ring->leaving)
        return;
    ring->leaving = true;
    advance_tail(ring);
    struct submit_cell *cell = &ring->area->submit[ring->submitted % RING_SUBMIT_CELLS];
    cell->kind = SUBMIT_EXIT;
    cell->size = 0;
    publish_cell(ring, cell, NULL);
}

/* The worker may lack the library that a function lies in: it is told where that is, before the cell. */
static void name_module(struct ring_link *ring, const struct function_ref *ref)
{
    mproc__module_table_add(&ring->area->modules, ref);
    ring->named_module = ref->module;
}

/* Puts what the worker is to work on where it finds it. */
static enum submit_kind put_argument(struct ring_link *ring, struct job *job, struct submit_cell *cell)
{
    cell->size = (uint32_t)job->argument_size;
    if (likely(job->kind == JOB_KIND_CALL && job->argument_place == PLACE_JOB)) {
        task_copy_small(cell->bytes, job->small, job->argument_size);
        return SUBMIT_CALL;
    }
    if (uses_stream(ring, job) || is_in_place(ring, job))
        put_large_argument(ring, job, cell);
    else if (job->argument_size > 0)
        memcpy(cell->bytes, job->argument, job->argument_size);
    if (job->kind == JOB_KIND_CHUNK) {
        put_chunk(job, cell);
        return SUBMIT_MAP;
    }
    return is_in_place(ring, job) ? SUBMIT_SPAN : SUBMIT_CALL;
}

void mproc__ring_link_send(struct link *link, struct job *job)
{
    struct ring_link *ring = (struct ring_link *)link;
    if (job == NULL) {
        send_exit(ring);
        return;
    }
    struct submit_cell *cell = &ring->area->submit[ring->submitted % RING_SUBMIT_CELLS];
    cell->kind = (uint8_t)put_argument(ring, job, cell);
    cell->attempt = job->attempt;
    cell->has_terms = job->has_extra && task_has_terms(&job->extra.terms);
    if (unlikely(cell->has_terms))
        ring->area->terms[ring->submitted % RING_SUBMIT_CELLS] = job->extra.terms;
    cell->task = job->number;
    cell->function = job->ref;
    if (unlikely(job->ref.module != ring->named_module))
        name_module(ring, &job->ref);
    job->position = ring->submitted;
    publish_cell(ring, cell, job);
    if (unlikely(ring->passing != NULL))
        pass_on(ring);
}

/* The count of waiters spares the port a system call. One that says nobody is the rare race with a worker about to
 * sleep, or was scribbled over by a task: it must not cost the wake. Too high a count is harmless. */
static void wake_sleeper(platform_word *word)
{
    if (atomic_load_explicit(&word->waiters, memory_order_relaxed) == 0)
        atomic_store_explicit(&word->waiters, 1, memory_order_relaxed);
    platform_wake(word, 1);
}

static void kick(struct ring_link *ring)
{
    if (!ring->touched)
        return;
    ring->touched = false;
    platform_word *word = &ring->area->sleep;
    /* KICK: pairs with the fence in SLEEP. Either the worker's second look sees what we published, or we see that it
     * sleeps. */
    atomic_thread_fence(memory_order_seq_cst);
    if (atomic_load_explicit(&word->value, memory_order_relaxed) == 1 && atomic_exchange(&word->value, 0) == 1)
        wake_sleeper(word);
}

void mproc__ring_link_kick(struct link *link)
{
    kick((struct ring_link *)link);
}

/* ---- The completion ring ---- */

/* The first position whose job has not ended, or submitted. None before tail has one, nor has any that done has passed.
 */
static uint32_t oldest(struct ring_link *ring)
{
    if ((int32_t)(ring->tail - ring->done) > 0)
        ring->done = ring->tail;
    while (ring->done != ring->submitted && ring->jobs[ring->done % RING_SUBMIT_CELLS] == NULL)
        ring->done++;
    return ring->done;
}

/* The task that a completion is about, if it can be: jobs end in the order in which they were sent. */
static struct job *completed_job(struct ring_link *ring, const struct complete_cell *cell)
{
    uint32_t position = oldest(ring);
    if (position == ring->submitted || cell->submit_position != position)
        return NULL;
    return ring->jobs[position % RING_SUBMIT_CELLS];
}

static void forget(struct ring_link *ring, const struct job *job)
{
    ring->jobs[job->position % RING_SUBMIT_CELLS] = NULL;
    if (unlikely(ring->passing == job)) {
        ring->passing = NULL;
        count_room(ring);
    }
}

/* Where in the result stream the payload of a cell lies, if it can lie there: within what the worker had room for, and
 * in one piece. */
static const void *payload(const struct ring_link *ring, const struct complete_cell *cell)
{
    uint32_t offset = cell->place % RING_STREAM_BYTES, ahead = cell->place - ring->result_tail;
    if (ahead > RING_STREAM_BYTES || cell->size > RING_STREAM_BYTES - ahead)
        return NULL;
    return cell->size <= RING_STREAM_BYTES - offset ? ring->area->results + offset : NULL;
}

static bool append_partial(struct ring_link *ring, const void *data, size_t size)
{
    size_t needed = ring->partial_size + size;
    if (needed > VALUE_MAX)
        return false;
    if (needed > ring->partial_capacity) {
        size_t capacity = needed * 2;
        unsigned char *partial = realloc(ring->partial, capacity);
        if (partial == NULL)
            return false;
        ring->partial = partial;
        ring->partial_capacity = capacity;
    }
    if (size > 0)
        mproc__copy(ring->partial + ring->partial_size, data, size);
    ring->partial_size = needed;
    return true;
}

static void give_message(struct completion *completion, const char *message)
{
    completion->data = message;
    completion->size = strlen(message);
}

/* The whole of a value that came in parts, of which the last is still to be added. */
static void give_partial(struct ring_link *ring, struct completion *completion)
{
    if (!append_partial(ring, completion->data, completion->size)) {
        completion->code = MPROC_E_NO_MEMORY;
        give_message(completion, "no memory for the task's value");
        return;
    }
    completion->data = ring->partial;
    completion->size = ring->partial_size;
    completion->is_heap = true;
    ring->partial = NULL;
    ring->partial_capacity = 0;
}

/* The payload of a call lies in its cell while it is small, that of a chunk always in the stream. Of the cell itself
 * nothing is read again past the checks: a worker that scribbles could change what was checked. */
static bool find_payload(struct ring_link *ring, const struct complete_cell *cell, const unsigned char *bytes,
                         bool in_stream, struct completion *completion)
{
    completion->size = cell->size;
    completion->data = bytes;
    if (!in_stream)
        return true;
    completion->data = payload(ring, cell);
    ring->result_tail = cell->place + ((cell->size + 15u) & ~15u);
    return completion->data != NULL;
}

/* The times of a call or chunk, if they can be. */
static bool take_times(const struct complete_cell *cell, struct completion *completion)
{
    if (cell->started < 0 || cell->started > TICKS_MAX || cell->ticks < 0 || cell->ticks > TICKS_MAX)
        return false;
    int64_t copied = cell->copied == 0 ? 0 : span_code_is_good(cell->copied) ? span_ticks(cell->copied) : INT64_MAX;
    if (copied > cell->ticks)
        return false;
    completion->started = cell->started;
    completion->ended = cell->started + cell->ticks;
    completion->copied = cell->copied;
    completion->run_ns = platform_ticks_ns(cell->ticks - copied);
    return completion->run_ns <= RUN_NS_MAX;
}

static bool take_done(struct ring_link *ring, const struct complete_cell *cell, const unsigned char *bytes,
                      struct completion *completion)
{
    struct job *job = completion->job;
    bool chunk = job->kind == JOB_KIND_CHUNK;
    if (chunk && cell->size != job->extra.item_count * job->extra.group->extra.batch->out_size)
        return false;
    if (!take_times(cell, completion))
        return false;
    if (!find_payload(ring, cell, bytes, chunk || cell->size > TASK_INLINE_BYTES, completion))
        return false;
    completion->kind = COMPLETION_DONE;
    completion->code = chunk || cell->code > 0 ? 0 : cell->code;
    forget(ring, job);
    ring->done = job->position + 1;
    if (ring->partial_size > 0 && completion->code == 0 && !chunk)
        give_partial(ring, completion);
    ring->partial_size = 0;
    return true;
}

/* A value in a span becomes this process's own, if it is one that the worker has made. */
static bool take_span(struct ring_link *ring, const struct complete_cell *cell, const unsigned char *bytes,
                      struct completion *completion)
{
    uint64_t span, own = mproc__span_owner_process(0);
    void *address;
    memcpy(&span, bytes, sizeof span);
    if (completion->job->kind != JOB_KIND_CALL || ring->partial_size > 0 || cell->size <= TASK_INLINE_BYTES ||
        cell->size > mproc__span_size(span) || !take_times(cell, completion) ||
        !mproc__span_give(span, ring->settings.value_owner, own))
        return false;
    forget(ring, completion->job);
    completion->kind = COMPLETION_DONE;
    completion->code = mproc__span_address(span, &address);
    if (completion->code < 0) {
        mproc__span_free(span, own);
        give_message(completion, "no room for the task's value among the addresses of this process");
        return true;
    }
    completion->span = span;
    completion->data = address;
    completion->size = cell->size;
    return true;
}

static bool take_part(struct ring_link *ring, const struct complete_cell *cell, const struct job *job)
{
    const void *data = payload(ring, cell);
    if (job->kind == JOB_KIND_CHUNK || data == NULL || !append_partial(ring, data, cell->size))
        return false;
    ring->result_tail = cell->place + ((cell->size + 15u) & ~15u);
    return true;
}

static bool take_item(const struct complete_cell *cell, const unsigned char *bytes, struct completion *completion)
{
    const struct job *chunk = completion->job;
    if (chunk->kind != JOB_KIND_CHUNK || cell->size >= sizeof completion->message || cell->item < 0 ||
        (uint64_t)cell->item >= chunk->extra.item_count || cell->code >= 0)
        return false;
    memcpy(completion->message, bytes, cell->size);
    completion->message[cell->size] = '\0';
    completion->data = completion->message;
    completion->size = cell->size;
    completion->kind = COMPLETION_ITEM;
    completion->code = cell->code;
    completion->item = (size_t)cell->item;
    return true;
}

/* Reads the next completion cell. Returns how many completions it gave, which is none for a part; or
 * LINK_BROKE_PROTOCOL. */
static int take_cell(struct ring_link *ring, struct completion *completion)
{
    const struct complete_cell *shared = &ring->area->complete[ring->complete_position % RING_COMPLETE_CELLS];
    struct complete_cell cell;
    bool good = false;
    /* A copy, so that a worker that scribbles cannot change between check and use what was checked. */
    memcpy(&cell, shared, offsetof(struct complete_cell, bytes));
    completion->job = completed_job(ring, &cell);
    completion->is_heap = false;
    completion->span = 0;
    if (completion->job != NULL && cell.kind == COMPLETE_DONE)
        good = take_done(ring, &cell, shared->bytes, completion);
    else if (completion->job != NULL && cell.kind == COMPLETE_SPAN)
        good = take_span(ring, &cell, shared->bytes, completion);
    else if (completion->job != NULL && cell.kind == COMPLETE_PART)
        good = take_part(ring, &cell, completion->job);
    else if (completion->job != NULL && cell.kind == COMPLETE_ITEM)
        good = take_item(&cell, shared->bytes, completion);
    if (!good)
        return LINK_BROKE_PROTOCOL;
    ring->complete_position++;
    return cell.kind != COMPLETE_PART;
}

static bool completion_waits(const struct ring_link *ring, uint32_t position)
{
    /* Acquire: pairs with COMPLETE. */
    return atomic_load_explicit(&ring->area->complete[position % RING_COMPLETE_CELLS].stamp, memory_order_acquire) ==
           ring_stamp(position);
}

/* Whether our line still says what was told last. A task that scribbled over it would wait for room for ever, and what
 * else it has hit nobody knows. */
static bool line_is_ours(const struct ring_link *ring)
{
    const struct parent_line *line = &ring->area->parent;
    return atomic_load_explicit(&line->complete_tail, memory_order_relaxed) == ring->told_complete_tail &&
           atomic_load_explicit(&line->result_tail, memory_order_relaxed) == ring->told_result_tail &&
           atomic_load_explicit(&line->argument_head, memory_order_relaxed) == ring->told_argument_head &&
           atomic_load_explicit(&line->notify_at, memory_order_relaxed) == ring->told_notify_at &&
           atomic_load_explicit(&line->asked, memory_order_relaxed) == ring->told_asked;
}

/* Tells the worker how far its completions were read. Returns whether it may have waited for that. */
static bool tell_tails(struct ring_link *ring)
{
    struct parent_line *line = &ring->area->parent;
    bool told = ring->told_complete_tail != ring->complete_position || ring->told_result_tail != ring->result_tail;
    if (!told)
        return false;
    /* Release: pairs with the worker's acquire in NEED_COMPLETE_ROOM and NEED_RESULT_ROOM. */
    atomic_store_explicit(&line->complete_tail, ring->complete_position, memory_order_release);
    atomic_store_explicit(&line->result_tail, ring->result_tail, memory_order_release);
    ring->told_complete_tail = ring->complete_position;
    ring->told_result_tail = ring->result_tail;
    return true;
}

/* What was taken has been dealt with: the worker may have the room. */
static void settle(struct ring_link *ring)
{
    if (!line_is_ours(ring)) {
        distrust(ring);
        return;
    }
    if (tell_tails(ring))
        ring->touched = true;
    advance_tail(ring);
    if (ring->passing != NULL)
        pass_on(ring);
    kick(ring);
}

int mproc__ring_link_take(struct link *link, struct completion *ret_completions, int capacity)
{
    struct ring_link *ring = (struct ring_link *)link;
    int count = 0;
    if (ring->abandoned)
        return 0;
    while (!ring->nonsense && count < capacity && completion_waits(ring, ring->complete_position)) {
        int taken = take_cell(ring, &ret_completions[count]);
        if (taken < 0)
            distrust(ring);
        else
            count += taken;
    }
    if (count > 0)
        return count;
    if (!ring->nonsense)
        settle(ring);
    return ring->nonsense ? LINK_BROKE_PROTOCOL : 0;
}

/* ---- Handles ---- */

int mproc__ring_link_load(struct link *link, const struct job *job)
{
    struct ring_link *ring = (struct ring_link *)link;
    return mproc__cargo_load(&ring->cargo, &ring->area->handles, job);
}

void mproc__ring_link_unload(struct link *link)
{
    struct ring_link *ring = (struct ring_link *)link;
    mproc__cargo_unload(&ring->cargo, &ring->area->handles);
}

/* ---- Taking back ---- */

bool mproc__ring_link_recall(struct link *link, struct job *job)
{
    struct ring_link *ring = (struct ring_link *)link;
    struct submit_cell *cell = &ring->area->submit[job->position % RING_SUBMIT_CELLS];
    uint32_t stamp = ring_stamp(job->position);
    /* RECALL: competes with CLAIM on the one word. Acquire: whoever finds the job claimed finds all completed that was
     * before it. */
    if (!atomic_compare_exchange_strong_explicit(&cell->stamp, &stamp, stamp | STAMP_RECALLED, memory_order_acquire,
                                                 memory_order_acquire))
        return false;
    forget(ring, job);
    return true;
}

static void recall_all(struct ring_link *ring)
{
    for (uint32_t position = ring->tail; position != ring->submitted; position++) {
        _Atomic uint32_t *stamp = &ring->area->submit[position % RING_SUBMIT_CELLS].stamp;
        uint32_t waiting = ring_stamp(position);
        /* RECALL, of jobs that may have been freed: an EXIT is none, and stays. */
        if (ring->jobs[position % RING_SUBMIT_CELLS] != NULL)
            atomic_compare_exchange_strong_explicit(stamp, &waiting, waiting | STAMP_RECALLED, memory_order_relaxed,
                                                    memory_order_relaxed);
    }
}

void mproc__ring_link_abandon(struct ring_link *ring)
{
    recall_all(ring);
    ring->passing = NULL;
    ring->abandoned = true;
    count_room(ring);
    send_exit(ring);
    /* The fence of KICK comes after it, as after a publication. Also if EXIT was sent before, and the worker waits for
     * room on its way there. */
    atomic_store_explicit(&ring->area->parent.abandoned, 1, memory_order_release);
    ring->touched = true;
    kick(ring);
}

/* ---- Asking ---- */

void mproc__ring_link_ask(struct link *link, const struct job *job)
{
    struct ring_link *ring = (struct ring_link *)link;
    ring->told_asked = job != NULL ? ring_stamp(job->position) : 0;
    /* Relaxed: the task looks when it likes. */
    atomic_store_explicit(&ring->area->parent.asked, ring->told_asked, memory_order_relaxed);
}

/* ---- Looking ---- */

static uint32_t consumed(const struct ring_link *ring)
{
    return atomic_load_explicit(&ring->area->worker.consumed, memory_order_acquire);
}

static bool has_passed(const struct ring_link *ring)
{
    return consumed(ring) != ring->tail;
}

/* Whether the worker sleeps and cannot go on without us. */
static bool is_stuck(const struct ring_link *ring)
{
    if (!link_is_asleep(&ring->link))
        return false;
    bool argument_taken = ring->passing != NULL && atomic_load_explicit(&ring->area->worker.argument_tail,
                                                                        memory_order_acquire) == ring->argument_head;
    return argument_taken || completion_waits(ring, ring->complete_position);
}

unsigned mproc__ring_link_look(const struct link *link, unsigned signs)
{
    const struct ring_link *ring = (const struct ring_link *)link;
    /* Rings that make no sense are news that take will tell. */
    unsigned seen = ring->nonsense ? signs & (LINK_COMPLETED | LINK_MADE_ROOM) : 0;
    if ((signs & LINK_COMPLETED) != 0 && completion_waits(ring, ring->complete_position))
        seen |= LINK_COMPLETED;
    if ((signs & LINK_MADE_ROOM) != 0 && has_passed(ring))
        seen |= LINK_MADE_ROOM;
    if ((signs & LINK_STUCK) != 0 && is_stuck(ring))
        seen |= LINK_STUCK;
    if ((signs & LINK_IDLE) != 0 && consumed(ring) == ring->submitted)
        seen |= LINK_IDLE;
    return seen;
}

void mproc__ring_link_set_threshold(struct link *link, uint32_t left)
{
    struct ring_link *ring = (struct ring_link *)link;
    ring->told_notify_at = ring->submitted - left - 1;
    atomic_store_explicit(&ring->area->parent.notify_at, ring->told_notify_at, memory_order_relaxed);
}

const _Atomic uint32_t *mproc__ring_link_watch(const struct link *link, uint32_t *ret_awaited)
{
    const struct ring_link *ring = (const struct ring_link *)link;
    *ret_awaited = ring_stamp(ring->complete_position);
    return &ring->area->complete[ring->complete_position % RING_COMPLETE_CELLS].stamp;
}

/* How far a chunk has come, as far as that can be believed. */
static void trace_chunk(const struct ring_link *ring, const struct job *chunk, struct job_trace *trace)
{
    const struct worker_line *line = &ring->area->worker;
    size_t out_size = chunk->extra.group->extra.batch->out_size;
    /* Acquire: pairs with the release in run_items. */
    size_t finished = atomic_load_explicit(&line->progress, memory_order_acquire);
    uint32_t place = atomic_load_explicit(&line->chunk_place, memory_order_relaxed) % RING_STREAM_BYTES;
    if (atomic_load_explicit(&line->chunk_position, memory_order_relaxed) != chunk->position ||
        finished > chunk->extra.item_count || place + chunk->extra.item_count * out_size > RING_STREAM_BYTES)
        return;
    trace->finished = finished;
    trace->results = ring->area->results + place;
}

void mproc__ring_link_trace(const struct link *link, const struct job *job, struct job_trace *ret_trace)
{
    const struct ring_link *ring = (const struct ring_link *)link;
    const struct worker_line *line = &ring->area->worker;
    /* Acquire: pairs with CLAIM, before which a chunk's progress was reset. */
    uint32_t stamp =
        atomic_load_explicit(&ring->area->submit[job->position % RING_SUBMIT_CELLS].stamp, memory_order_acquire);
    *ret_trace = (struct job_trace){ 0 };
    /* A cell that is neither free nor taken was scribbled over, and in rings that make no sense a free one may have
     * been taken: that its task did not start is not certain. */
    ret_trace->started = stamp != ring_stamp(job->position) || ring->nonsense;
    if (!ret_trace->started)
        return;
    /* Acquire: pairs with the release in run_cell. What stood there before the cell was taken is not seen, since the
     * worker had taken it away before; what comes after it is younger. */
    if (atomic_load_explicit(&line->current, memory_order_acquire) == job->number)
        ret_trace->running_since = atomic_load_explicit(&line->current_since, memory_order_relaxed);
    if (job->kind == JOB_KIND_CHUNK)
        trace_chunk(ring, job, ret_trace);
}

/* ---- Labels ---- */

size_t mproc__ring_link_label(const struct link *link, const struct job *job, char *ret_text)
{
    return mproc__label_read(&((const struct ring_link *)link)->area->label, ring_stamp(job->position), ret_text);
}

/* ---- Checking ---- */

/* Cells that the worker has not passed carry the stamp of their position, and are claimed in order. From the last to
 * the first, since the worker goes on meanwhile: one that is claimed makes all before it claimed. */
static bool cells_make_sense(struct ring_link *ring, uint32_t passed)
{
    bool later_taken = false;
    for (uint32_t position = ring->submitted; position != passed;) {
        uint32_t stamp =
            atomic_load_explicit(&ring->area->submit[--position % RING_SUBMIT_CELLS].stamp, memory_order_acquire);
        bool holds_job = ring->jobs[position % RING_SUBMIT_CELLS] != NULL;
        if (!ring_stamp_is(stamp, position) || (holds_job && (stamp & STAMP_RECALLED) != 0))
            return false;
        bool taken = (stamp & STAMP_TAKEN) != 0;
        if (later_taken && holds_job && !taken)
            return false;
        later_taken = later_taken || taken;
    }
    return true;
}

static bool rings_make_sense(struct ring_link *ring, uint32_t passed)
{
    const struct worker_area *area = ring->area;
    uint32_t first = oldest(ring);
    if (passed - ring->tail > ring->submitted - ring->tail || !line_is_ours(ring) ||
        area->sleep.key != ring->sleep_key || atomic_load_explicit(&area->sleep.value, memory_order_relaxed) > 1 ||
        memcmp(&area->settings, &ring->settings, sizeof ring->settings) != 0)
        return false;
    /* What was completed is published before it is passed: of a job that was passed the completion waits. */
    bool lost = first != ring->submitted && first - ring->tail < passed - ring->tail;
    if (lost && !completion_waits(ring, ring->complete_position))
        return false;
    return cells_make_sense(ring, passed);
}

static bool has_moved(struct ring_link *ring, uint32_t passed)
{
    uint32_t argument = atomic_load_explicit(&ring->area->worker.argument_tail, memory_order_relaxed);
    bool moved = passed != ring->checked_consumed || ring->complete_position != ring->checked_complete ||
                 argument != ring->checked_argument;
    ring->checked_consumed = passed;
    ring->checked_complete = ring->complete_position;
    ring->checked_argument = argument;
    return moved;
}

static bool is_unclaimed(struct ring_link *ring)
{
    uint32_t position = oldest(ring);
    return atomic_load_explicit(&ring->area->submit[position % RING_SUBMIT_CELLS].stamp, memory_order_relaxed) ==
           ring_stamp(position);
}

/* A worker that does not move and has not begun, or is asleep, is woken whatever its sleep word says. It does not go to
 * sleep again before work that it sees, and has all that take could do for it. */
static bool is_blind(struct ring_link *ring)
{
    platform_word *word = &ring->area->sleep;
    if (!link_is_asleep(&ring->link) && !is_unclaimed(ring))
        return false;
    ring->overslept += atomic_exchange(&word->value, 0) != 0;
    wake_sleeper(word);
    return ring->overslept > OVERSLEPT_MAX;
}

bool mproc__ring_link_check(struct link *link)
{
    struct ring_link *ring = (struct ring_link *)link;
    uint32_t passed = consumed(ring);
    if (!ring->nonsense && !rings_make_sense(ring, passed))
        distrust(ring);
    if (ring->nonsense)
        return false;
    bool has_jobs = oldest(ring) != ring->submitted;
    if (has_moved(ring, passed) || !has_jobs || completion_waits(ring, ring->complete_position))
        ring->overslept = 0;
    else if (is_blind(ring))
        distrust(ring);
    return !ring->nonsense;
}
