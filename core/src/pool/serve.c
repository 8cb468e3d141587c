/* The serving loop. The steps in capitals are those of ring_layout.h and of the model. Everything here may be cut short
 * by a kill between any two instructions. */
#include "pool/serve.h"
#include "base/base.h"
#include "base/copy.h"
#include "base/error.h"
#include "base/function.h"
#include "base/ready.h"
#include "memory/span.h"
#include "pool/annex.h"
#include "pool/bell.h"
#include "pool/pool_layout.h"
#include "pool/ring_layout.h"
#include "pool/span_code.h"
#include "process/task.h"
#include "trace/label.h"
#include "word/spin.h"
#include <stdlib.h>
#include <string.h>

#define FUNCTION_CACHE 64
/* A value up to this size is copied in less time than it is worth to look at the clock for. */
#define COPY_MEASURED_BYTES 4096u

struct cached_function {
    struct function_ref ref;
    any_function *function;
};

struct worker_self {
    struct task_lender lender; /* first: it is found by it */
    struct worker_area *area;
    struct worker_settings settings; /**< a copy, over which no task scribbles */
    struct pool_shared *shared;
    struct serve_means means;
    uint32_t epoch;             /**< of the worker: a copy may have begun a family of its own */
    uint32_t position;          /**< of the next submission cell */
    uint32_t complete_position; /**< of the next completion cell */
    uint32_t result_head;       /**< of the next byte in the result stream */
    int64_t now;                /**< the ticks when the last task ended; 0 after a wait */
    int64_t copying;            /**< how long the present one has spent with copying */
    unsigned char *passed;      /**< an argument too large for the stream, put together here */
    uint32_t wanted;            /**< which annexes hear of the present task */
    struct annexes annexes;
    struct mproc_task task;
    struct cached_function functions[FUNCTION_CACHE];
};

/* ---- Waiting ---- */

enum need { NEED_CELL, NEED_COMPLETE_ROOM, NEED_RESULT_ROOM, NEED_ARGUMENT };

/* ABANDON: acquire, so that an EXIT is seen by whoever stops waiting for the parent. */
static bool is_abandoned(const struct worker_self *self)
{
    return atomic_load_explicit(&self->area->parent.abandoned, memory_order_acquire) != 0;
}

/* One that is abandoned has all it needs but an EXIT: what it overwrites then nobody reads. */
static bool have(const struct worker_self *self, enum need need, uint32_t amount)
{
    const struct parent_line *parent = &self->area->parent;
    uint32_t stamp;
    switch (need) {
    case NEED_CELL:
        /* Acquire: pairs with the parent's release of the stamp in PUBLISH; the cell's content is visible then. */
        stamp =
            atomic_load_explicit(&self->area->submit[self->position % RING_SUBMIT_CELLS].stamp, memory_order_acquire);
        return ring_stamp_is(stamp, self->position);
    case NEED_COMPLETE_ROOM:
        /* Acquire, here and below: pairs with the parent's release after it has read what may now be overwritten. */
        return self->complete_position - atomic_load_explicit(&parent->complete_tail, memory_order_acquire) <
                   RING_COMPLETE_CELLS - RING_SUBMIT_CELLS ||
               is_abandoned(self);
    case NEED_RESULT_ROOM:
        return self->result_head + amount - atomic_load_explicit(&parent->result_tail, memory_order_acquire) <=
                   RING_STREAM_BYTES ||
               is_abandoned(self);
    case NEED_ARGUMENT:
        return atomic_load_explicit(&parent->argument_head, memory_order_acquire) != amount || is_abandoned(self);
    }
    return false;
}

static bool spin_begin(const struct worker_self *self)
{
    struct pool_shared *shared = self->shared;
    /* Relaxed: a number and nothing else. The first of a pool may come before it is set, and do not spin then. */
    uint32_t spinning = 0, limit = atomic_load_explicit(&shared->spin_limit, memory_order_relaxed);
    for (uint32_t i = 0; i < POOL_MAX_WORKERS / 64 && spinning < limit; i++)
        spinning += COUNT_BITS(atomic_load_explicit(&shared->spinners[i], memory_order_relaxed));
    if (spinning >= limit)
        return false;
    int index = self->settings.index;
    atomic_fetch_or_explicit(&shared->spinners[index / 64], 1ull << index % 64, memory_order_relaxed);
    return true;
}

static void spin_end(const struct worker_self *self)
{
    int index = self->settings.index;
    atomic_fetch_and_explicit(&self->shared->spinners[index / 64], ~(1ull << index % 64), memory_order_relaxed);
}

static bool spin(const struct worker_self *self, enum need need, uint32_t amount)
{
    if (self->settings.spin_ns == 0 || !spin_begin(self))
        return false;
    struct spin spin = mproc__spin_begin_for(SPIN_PRIVATE, self->settings.spin_ns, INT64_MAX);
    bool found = have(self, need, amount);
    while (!found && spin_on(&spin))
        found = have(self, need, amount);
    spin_end(self);
    return found;
}

static void sleep_once(struct worker_self *self, enum need need, uint32_t amount)
{
    platform_word *word = &self->area->sleep;
    /* SLEEP: seq_cst store, then the second look; pairs with the parent's fence between its change and its load of
     * this word (KICK). Either we see the change, or the parent sees that we sleep. */
    atomic_store(&word->value, 1);
    atomic_thread_fence(memory_order_seq_cst);
    if (!have(self, need, amount)) {
        if (need != NEED_CELL)
            bell_notify(self->shared, true, true);
        platform_wait(word, 1, NULL, 0, INT64_MAX);
    }
    atomic_store_explicit(&word->value, 0, memory_order_relaxed);
}

static void wait_for(struct worker_self *self, enum need need, uint32_t amount)
{
    if (have(self, need, amount))
        return;
    self->now = 0;
    while (!have(self, need, amount))
        if (!spin(self, need, amount))
            sleep_once(self, need, amount);
}

/* ---- Publishing ---- */

static struct complete_cell *next_complete(struct worker_self *self, enum complete_kind kind, int code)
{
    if (kind == COMPLETE_PART || kind == COMPLETE_ITEM)
        wait_for(self, NEED_COMPLETE_ROOM, 0);
    struct complete_cell *cell = &self->area->complete[self->complete_position % RING_COMPLETE_CELLS];
    cell->kind = (uint16_t)kind;
    cell->copied = 0;
    cell->submit_position = self->position;
    cell->code = code;
    cell->size = 0;
    return cell;
}

static void publish(struct worker_self *self, struct complete_cell *cell)
{
    /* COMPLETE: release pairs with the parent's acquire of the stamp in its drain. */
    atomic_store_explicit(&cell->stamp, ring_stamp(self->complete_position), memory_order_release);
    self->complete_position++;
}

/* Room for size bytes in one piece of the result stream; returns its position. */
static uint32_t reserve_result(struct worker_self *self, uint32_t size)
{
    uint32_t to_end = RING_STREAM_BYTES - self->result_head % RING_STREAM_BYTES;
    if (size > to_end)
        self->result_head += to_end;
    wait_for(self, NEED_RESULT_ROOM, size);
    uint32_t place = self->result_head;
    self->result_head += (size + 15u) & ~15u;
    return place;
}

static void put_payload(struct worker_self *self, struct complete_cell *cell, const void *data, size_t size)
{
    cell->size = (uint32_t)size;
    if (size > TASK_INLINE_BYTES)
        mproc__copy(self->area->results + cell->place % RING_STREAM_BYTES, data, size);
    else if (size > 0)
        memcpy(cell->bytes, data, size);
}

/* A value too large for one piece goes out in parts; the parent puts them together as it reads. Returns what is left.
 */
static mproc_view put_parts(struct worker_self *self, mproc_view value)
{
    const unsigned char *data = value.data;
    size_t left = value.size;
    while (left > RING_PIECE_BYTES) {
        uint32_t place = reserve_result(self, RING_PIECE_BYTES / 2);
        struct complete_cell *cell = next_complete(self, COMPLETE_PART, 0);
        cell->place = place;
        put_payload(self, cell, data, RING_PIECE_BYTES / 2);
        publish(self, cell);
        atomic_thread_fence(memory_order_seq_cst);
        bell_notify(self->shared, true, true);
        data += RING_PIECE_BYTES / 2;
        left -= RING_PIECE_BYTES / 2;
    }
    return (mproc_view){ data, left };
}

static void publish_end(struct worker_self *self, struct complete_cell *cell, int64_t started)
{
    cell->started = started;
    self->now = platform_ticks();
    cell->ticks = self->now - started;
    if (self->copying + self->task.copying != 0)
        cell->copied = span_code(self->copying + self->task.copying);
    publish(self, cell);
}

static void complete(struct worker_self *self, int code, mproc_view payload, int64_t started)
{
    int64_t begun = payload.size > COPY_MEASURED_BYTES ? platform_ticks() : 0;
    payload = put_parts(self, payload);
    uint32_t place = payload.size > TASK_INLINE_BYTES ? reserve_result(self, (uint32_t)payload.size) : 0;
    struct complete_cell *cell = next_complete(self, COMPLETE_DONE, code);
    cell->place = place;
    put_payload(self, cell, payload.data, payload.size);
    if (begun != 0)
        self->copying += platform_ticks() - begun;
    publish_end(self, cell, started);
}

static void complete_in_span(struct worker_self *self, uint64_t span, size_t size, int64_t started)
{
    struct complete_cell *cell = next_complete(self, COMPLETE_SPAN, 0);
    cell->size = (uint32_t)size;
    memcpy(cell->bytes, &span, sizeof span);
    publish_end(self, cell, started);
}

/* ---- Running ---- */

static any_function *find_function(struct worker_self *self, const struct function_ref *ref)
{
    struct cached_function *slot = &self->functions[(ref->offset >> 4 ^ ref->module) % FUNCTION_CACHE];
    if (slot->function != NULL && slot->ref.offset == ref->offset && slot->ref.module == ref->module)
        return slot->function;
    any_function *function;
    if (self->means.find(&self->area->modules, ref, &function) < 0)
        return NULL;
    *slot = (struct cached_function){ *ref, function };
    return function;
}

/* Whether a task has made this process by a fork of its own: it sees no rings. */
static bool is_copy(const struct worker_self *self)
{
    return self->epoch != mproc__process_epoch || platform_is_copy();
}

/* A task that forked and returned in both copies has made a second worker on the same rings: the copy ends here. */
static void end_if_copy(const struct worker_self *self)
{
    if (is_copy(self))
        platform_exit_now(0);
}

/* Puts an argument together that passes through the stream in parts, as the parent supplies them. False also if the
 * parent has abandoned the worker. */
static bool pass_argument(struct worker_self *self, const struct submit_cell *cell)
{
    uint32_t size = cell->size, tail = cell->place, have_bytes = 0;
    if (size > ARGUMENT_MAX)
        abort(); /* a task has scribbled over the rings */
    while (have_bytes < size) {
        wait_for(self, NEED_ARGUMENT, tail);
        /* Not before the first part is there: a size that a task has scribbled is followed by nothing, mostly. */
        if (have_bytes == 0)
            self->passed = malloc(size);
        uint32_t head = atomic_load_explicit(&self->area->parent.argument_head, memory_order_acquire);
        if (tail == head)
            return false;
        while (tail != head) {
            uint32_t offset = tail % RING_STREAM_BYTES, piece = head - tail;
            if (piece > RING_STREAM_BYTES - offset)
                piece = RING_STREAM_BYTES - offset;
            if (piece > size - have_bytes)
                abort(); /* a task has scribbled over the rings */
            /* Without memory the bytes are still taken, so that the stream goes on, and the task fails. */
            if (self->passed != NULL)
                mproc__copy(self->passed + have_bytes, self->area->arguments + offset, piece);
            have_bytes += piece;
            tail += piece;
        }
        /* Release: pairs with the parent's acquire before it writes these bytes again. */
        atomic_store_explicit(&self->area->worker.argument_tail, tail, memory_order_release);
        atomic_thread_fence(memory_order_seq_cst);
        bell_notify(self->shared, true, true);
    }
    return self->passed != NULL;
}

static bool find_span(struct worker_self *self, const struct submit_cell *cell)
{
    uint64_t span;
    void *address;
    memcpy(&span, cell->bytes, sizeof span);
    int code = mproc__span_address(span, &address);
    if (code == 0 && cell->size > mproc__span_size(span))
        code = mproc__error(MPROC_E_INVALID, "a task has scribbled over the rings");
    if (code < 0) {
        mproc_task_fail(&self->task, code, "an argument of %u bytes: %s", cell->size, mproc_last_error());
        return false;
    }
    self->task.argument = (mproc_view){ address, cell->size };
    return true;
}

static bool pass_argument_timed(struct worker_self *self, const struct submit_cell *cell)
{
    int64_t begun = platform_ticks();
    bool passed = pass_argument(self, cell);
    self->copying = platform_ticks() - begun;
    return passed;
}

static bool locate_argument(struct worker_self *self, const struct submit_cell *cell)
{
    const void *data = cell->bytes;
    if (cell->kind == SUBMIT_SPAN)
        return find_span(self, cell);
    if (cell->size > RING_PIECE_BYTES) {
        if (!pass_argument_timed(self, cell)) {
            mproc_task_fail(&self->task, MPROC_E_NO_MEMORY, "an argument of %u bytes", cell->size);
            return false;
        }
        data = self->passed;
    } else if (cell->size > TASK_INLINE_BYTES) {
        data = self->area->arguments + cell->place % RING_STREAM_BYTES;
    }
    self->task.argument = (mproc_view){ data, cell->size };
    return true;
}

static any_function *require_function(struct worker_self *self, const struct submit_cell *cell)
{
    any_function *function = find_function(self, &cell->function);
    if (function == NULL)
        mproc_task_fail(&self->task, MPROC_E_NO_FUNCTION, "%s", mproc_last_error());
    return function;
}

static void tell_begun(struct worker_self *self, any_function *function, mproc_view argument)
{
    self->copying += mproc__annexes_begun(&self->annexes, self->wanted, &self->task, function, argument);
}

static void tell_ended(struct worker_self *self, any_function *function, mproc_view value)
{
    self->copying += mproc__annexes_ended(&self->annexes, self->wanted, &self->task, function, value);
}

static void run_call(struct worker_self *self, const struct submit_cell *cell, int64_t started)
{
    struct mproc_task *task = &self->task;
    int code = -1;
    bool located = locate_argument(self, cell);
    mproc_task_fn *function = located ? (mproc_task_fn *)require_function(self, cell) : NULL;
    if (unlikely(self->wanted != 0))
        tell_begun(self, (any_function *)function, task->argument);
    if (function != NULL) {
        code = function(task);
        end_if_copy(self);
    } else {
        code = task->fail_code;
    }
    if (unlikely(self->wanted != 0))
        tell_ended(self, (any_function *)function, code < 0 ? (mproc_view){ NULL, 0 } : mproc__task_value(task));
    uint64_t span = code < 0 ? 0 : mproc__task_give_span(task);
    mproc_view payload = code < 0 ? (mproc_view){ task->message, strlen(task->message) } : mproc__task_value(task);
    if (span != 0)
        complete_in_span(self, span, payload.size, started);
    else
        complete(self, code < 0 ? code : 0, payload, started);
    mproc__task_trim(task);
    free(self->passed);
    self->passed = NULL;
    self->copying = 0;
}

/* Its text lies in the cell, cut to fit: the stream holds the chunk's output until the chunk is done. */
static void item_failed(struct worker_self *self, uint32_t item, int code)
{
    struct complete_cell *cell = next_complete(self, COMPLETE_ITEM, code);
    size_t size = strlen(self->task.message);
    cell->item = item;
    put_payload(self, cell, self->task.message, size < TASK_INLINE_BYTES ? size : TASK_INLINE_BYTES - 1);
    publish(self, cell);
    self->task.message[0] = '\0';
}

/* Stands for a kernel that was not found. */
static int no_kernel(const void *in, void *out, mproc_task *task)
{
    (void)in;
    (void)out;
    return task->fail_code;
}

/* A small item takes as long as what is done here for each, so that is what fits into the registers. */
static void run_kernel(struct worker_self *self, mproc_item_fn *kernel, const struct map_chunk *chunk,
                       const unsigned char *in, unsigned char *out)
{
    struct mproc_task *task = &self->task;
    int64_t item = (int64_t)chunk->first;
    for (uint32_t i = 0; i < chunk->count; item++) {
        task->item = item;
        int code = kernel(in, out, task);
        if (unlikely(code < 0))
            item_failed(self, i, code);
        else
            task->message[0] = '\0';
        in += chunk->in_size;
        out += chunk->out_size;
        i++;
        /* Release: pairs with the acquire in REAP. An item counts as finished when its output is in place. */
        atomic_store_explicit(&self->area->worker.progress, i, memory_order_release);
    }
    task->item = (int64_t)chunk->first;
}

static void run_items(struct worker_self *self, const struct submit_cell *cell, const struct map_chunk *chunk,
                      unsigned char *out)
{
    const unsigned char *in = self->area->arguments + cell->place % RING_STREAM_BYTES;
    mproc_item_fn *kernel = (mproc_item_fn *)require_function(self, cell);
    self->task.item = (int64_t)chunk->first;
    if (unlikely(self->wanted != 0))
        tell_begun(self, (any_function *)kernel, (mproc_view){ in, chunk->in_size });
    run_kernel(self, kernel != NULL ? kernel : no_kernel, chunk, in, out);
    if (unlikely(self->wanted != 0))
        tell_ended(self, (any_function *)kernel, (mproc_view){ NULL, 0 });
    end_if_copy(self);
}

static void run_map(struct worker_self *self, const struct submit_cell *cell, int64_t started)
{
    struct map_chunk chunk;
    memcpy(&chunk, cell->bytes, sizeof chunk);
    uint32_t place = reserve_result(self, chunk.count * chunk.out_size);
    atomic_store_explicit(&self->area->worker.chunk_place, place, memory_order_relaxed);
    run_items(self, cell, &chunk, self->area->results + place % RING_STREAM_BYTES);
    struct complete_cell *done = next_complete(self, COMPLETE_DONE, 0);
    done->place = place;
    done->size = chunk.count * chunk.out_size;
    publish_end(self, done, started);
    self->copying = 0;
}

static void run_cell(struct worker_self *self, const struct submit_cell *cell)
{
    /* A task with a time limit has its own beginning: the worker may have stood still since the end of the last one. */
    bool follows = self->now != 0 && !cell->has_terms;
    int64_t started = follows ? self->now : platform_ticks();
    struct worker_line *line = &self->area->worker;
    atomic_store_explicit(&line->current_since, started, memory_order_relaxed);
    /* Release: pairs with the acquire in mproc__ring_link_trace. Whoever sees the number sees since when, or later. */
    atomic_store_explicit(&line->current, cell->task, memory_order_release);
    self->task.id = cell->task;
    self->task.attempt = cell->attempt;
    self->task.started = started;
    self->task.mark = ring_stamp(self->position);
    mproc__task_reset(&self->task);
    self->wanted = annexes_wanted(&self->annexes);
    if (cell->has_terms)
        self->task.terms = self->area->terms[self->position % RING_SUBMIT_CELLS];
    if (cell->kind == SUBMIT_MAP)
        run_map(self, cell, started);
    else
        run_call(self, cell, started);
    atomic_store_explicit(&line->current, 0, memory_order_relaxed);
}

/* CLAIM. A map's progress is reset before, so that whoever finds the cell TAKEN finds progress of this chunk. */
static bool claim(struct worker_self *self, struct submit_cell *cell)
{
    struct worker_line *line = &self->area->worker;
    uint32_t free_stamp = ring_stamp(self->position);
    if (cell->kind == SUBMIT_MAP) {
        atomic_store_explicit(&line->progress, 0, memory_order_relaxed);
        atomic_store_explicit(&line->chunk_position, self->position, memory_order_relaxed);
    }
    /* Release keeps the two stores before the claim; the competition with RECALL needs the atomicity alone. */
    return atomic_compare_exchange_strong_explicit(&cell->stamp, &free_stamp, free_stamp | STAMP_TAKEN,
                                                   memory_order_acq_rel, memory_order_relaxed);
}

static void pass(struct worker_self *self)
{
    uint32_t passed = self->position++;
    /* PASS: release pairs with the parent's acquire of consumed before it writes the cell again. */
    atomic_store_explicit(&self->area->worker.consumed, self->position, memory_order_release);
    /* NOTIFY: the fence pairs with the one in ARM. Either the parent's second look sees consumed and the completion, or
     * we see its armed bell. */
    atomic_thread_fence(memory_order_seq_cst);
    uint32_t notify_at = atomic_load_explicit(&self->area->parent.notify_at, memory_order_relaxed);
    bell_notify(self->shared, false, (int32_t)(passed - notify_at) >= 0 || !have(self, NEED_CELL, 0));
}

/* The two lines that are needed next come from the parent's CPU while the task runs: the cell that its completion goes
 * to, and the next submission, whose claim is a write. If that is not published yet the line is this worker's still. */
static void expect_lines(const struct worker_self *self)
{
    platform_prefetch_write(&self->area->complete[self->complete_position % RING_COMPLETE_CELLS]);
    platform_prefetch_write(&self->area->submit[(self->position + 1) % RING_SUBMIT_CELLS]);
}

/* Returns false when told to exit. */
static bool serve_one(struct worker_self *self)
{
    wait_for(self, NEED_CELL, 0);
    struct submit_cell *cell = &self->area->submit[self->position % RING_SUBMIT_CELLS];
    if (claim(self, cell)) {
        if (cell->kind == SUBMIT_EXIT)
            return false;
        expect_lines(self);
        run_cell(self, cell);
    }
    pass(self);
    return true;
}

/* ---- Handles ---- */

static size_t count_handles(const struct task_lender *lender)
{
    const struct worker_self *self = (const struct worker_self *)lender;
    uint32_t count = is_copy(self) ? 0 : self->area->handles.count;
    /* More cannot be, unless a task has scribbled over it. */
    return count <= MPROC_TASK_HANDLES_MAX ? count : 0;
}

static int take_handle(struct task_lender *lender, size_t index, mproc_os_handle *ret_handle)
{
    const struct worker_self *self = (const struct worker_self *)lender;
    struct handle_line *line = &self->area->handles;
    if ((line->taken >> index & 1) != 0)
        return mproc__error(MPROC_E_STATE, "handle %zu was taken already", index);
    int code = self->means.take(&self->means.store, &line->parcels[index], ret_handle);
    if (code < 0)
        return mproc__error_platform(code, "taking a handle of a task");
    line->taken |= 1u << index;
    return 0;
}

/* ---- Labels ---- */

static int name_task(struct task_lender *lender, const char *text, size_t size)
{
    struct worker_self *self = (struct worker_self *)lender;
    if (is_copy(self))
        return mproc__error(MPROC_E_WRONG_PROCESS, "the task runs in the process that this one is a copy of");
    mproc__label_write(&self->area->label, self->task.mark, text, size);
    return 0;
}

/* ---- Its life ---- */

struct worker_self *mproc__serve_new(struct worker_area *area, struct pool_shared *shared,
                                     const struct serve_means *means)
{
    struct worker_self *self = calloc(1, sizeof *self);
    if (self == NULL)
        return NULL;
    self->area = area;
    self->settings = area->settings;
    self->shared = shared;
    self->means = *means;
    self->epoch = mproc__process_epoch;
    self->position = area->settings.first_position;
    self->complete_position = self->position;
    self->lender = (struct task_lender){ count_handles, take_handle, name_task };
    mproc__annexes_open(&self->annexes, area, means->find);
    self->task.worker = area->settings.index;
    /* Not in the parent's name while it is written: with the parent's death it would become somebody else's memory. */
    uint64_t own = mproc__span_owner_process(0), values = area->settings.value_owner;
    self->task.span_owner = values;
    self->task.span_builder = own >> 32 == values >> 32 ? values : own;
    self->task.makes_spans = &area->worker.makes_spans;
    self->task.asked = &area->parent.asked;
    self->task.lender = &self->lender;
    return self;
}

static int run_initializer(const struct worker_self *self, mproc_task_fn *initializer, mproc_view args)
{
    char message[TASK_MESSAGE_BYTES];
    int64_t begun = platform_ticks();
    int code = mproc__task_run(initializer, args, self->task.worker, message);
    atomic_store_explicit(&self->area->worker.init_ticks, platform_ticks() - begun, memory_order_relaxed);
    return code >= 0 ? 0 : mproc__error(MPROC_E_INIT_FAILED, "code %d: %s", code, message);
}

int mproc__serve_begin(const struct worker_self *self, mproc_task_fn *initializer, mproc_view args)
{
    int code = initializer != NULL ? run_initializer(self, initializer, args) : 0;
    atomic_store_explicit(&self->area->worker.ready, platform_ticks(), memory_order_relaxed);
    return code;
}

void mproc__serve_report(const struct worker_self *self)
{
    atomic_thread_fence(memory_order_seq_cst);
    bell_notify(self->shared, true, true);
}

void mproc__serve(struct worker_self *self)
{
    while (serve_one(self))
        ;
}

void mproc__serve_end(const struct worker_self *self, mproc_task_fn *exit_hook)
{
    char message[TASK_MESSAGE_BYTES];
    if (exit_hook != NULL)
        mproc__task_run(exit_hook, (mproc_view){ NULL, 0 }, self->task.worker, message);
}

void mproc__serve_free(struct worker_self *self)
{
    if (self == NULL)
        return;
    mproc__annexes_close(&self->annexes);
    free(self->passed);
    free(self->task.heap);
    free(self);
}
