/* A worker that is a thread: its start, its life, its end. */
#include "pool/link_thread.h"
#include "base/error.h"
#include "base/function.h"
#include "base/ready.h"
#include "family/thread_slot.h"
#include "family/view.h"
#include "pool/annex.h"
#include "pool/bell.h"
#include "pool/link.h"
#include "pool/link_ring.h"
#include "pool/pool.h"
#include "pool/ring_layout.h"
#include "pool/serve.h"
#include <mproc/process.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The area's lines are cache lines of their own. */
#define AREA_ALIGNMENT 64u

enum thread_phase { PHASE_STARTING = 0, PHASE_READY = 1, PHASE_FAILED = 2 };

struct thread_link {
    struct ring_link rings;
    mproc_pool *pool;
    int index;
    void *memory; /* in which the area lies */
    struct worker_self *worker;
    platform_thread *thread;
    platform_word phase;
    int start_code; /* of PHASE_FAILED, and the text; 0: it ended itself */
    char start_text[TASK_MESSAGE_BYTES];
    _Atomic bool ended;
};

/* In a worker: whose it is. */
static _Thread_local const mproc_pool *serves;

static bool is_inside(const mproc_pool *pool)
{
    return serves == pool;
}

/* ---- Functions: in one process a pointer is its own name ---- */

static int refer(any_function *function, struct function_ref *ret_ref)
{
    *ret_ref = (struct function_ref){ 0, (uintptr_t)function };
    return 0;
}

static int find(const struct module_table *modules, const struct function_ref *ref, any_function **ret_function)
{
    (void)modules;
    *ret_function = (any_function *)(uintptr_t)ref->offset;
    return 0;
}

/* ---- Handles: there is one table of them ---- */

static int take(const platform_store *store, const platform_parcel *parcel, mproc_os_handle *ret_handle)
{
    (void)store;
    return platform_handle_give((platform_handle)(uintptr_t)parcel->place, ret_handle);
}

/* ---- Its life, on the thread ---- */

static void enter_phase(struct thread_link *self, enum thread_phase phase)
{
    /* seq_cst, as platform_wake asks. */
    atomic_store(&self->phase.value, phase);
    platform_wake(&self->phase, INT32_MAX);
}

static void keep_failure(struct thread_link *self, int code)
{
    self->start_code = code;
    snprintf(self->start_text, sizeof self->start_text, "%s", mproc_last_error());
}

static void live(void *argument)
{
    struct thread_link *self = argument;
    const mproc_pool_options *options = &self->pool->options;
    serves = self->pool;
    int code = mproc__serve_begin(self->worker, options->initializer, options->initializer_args);
    if (code < 0) {
        keep_failure(self, code);
        return;
    }
    enter_phase(self, PHASE_READY);
    mproc__serve_report(self->worker);
    mproc__serve(self->worker);
    mproc__serve_end(self->worker, options->exit_hook);
}

/* Also when a task has ended its thread. What it holds is a dead owner's before anybody hears of the end. */
static void has_ended(void *argument)
{
    struct thread_link *self = argument;
    mproc_pool *pool = self->pool;
    /* Of a copy, made by a task's fork, this was the only thread. */
    if (pool->epoch != mproc__process_epoch || platform_is_copy())
        platform_exit_now(0);
    mproc__thread_slot_retire();
    if (atomic_load_explicit(&self->phase.value, memory_order_relaxed) == PHASE_STARTING)
        enter_phase(self, PHASE_FAILED);
    /* Release: pairs with the acquire in look. */
    atomic_store_explicit(&self->ended, true, memory_order_release);
    mproc__bell_worker_ended(pool);
}

/* ---- Starting ---- */

static int make_worker(struct thread_link *self)
{
    self->memory = calloc(1, sizeof(struct worker_area) + mproc__annexes_bytes() + AREA_ALIGNMENT);
    if (self->memory == NULL)
        return mproc__error(MPROC_E_NO_MEMORY, "a worker's rings");
    uintptr_t place = ((uintptr_t)self->memory + AREA_ALIGNMENT - 1) & ~(uintptr_t)(AREA_ALIGNMENT - 1);
    mproc__ring_link_begin(&self->rings, (struct worker_area *)place, self->pool, self->index);
    self->worker = mproc__serve_new(self->rings.area, self->pool->shared, &(struct serve_means){ find, take, { 0 } });
    return self->worker != NULL ? 0 : mproc__error(MPROC_E_NO_MEMORY, "a worker");
}

static void destroy(struct thread_link *self)
{
    mproc__serve_free(self->worker);
    mproc__ring_link_end(&self->rings);
    free(self->memory);
    free(self);
}

static int start_thread(struct thread_link *self)
{
    int code = make_worker(self);
    if (code < 0)
        return code;
    code = platform_program_thread_start(live, has_ended, self, self->pool->name, &self->thread);
    return code < 0 ? mproc__error_platform(code, "a worker's thread") : 0;
}

static int start(mproc_pool *pool, int index, struct link **ret_link)
{
    struct thread_link *self = calloc(1, sizeof *self);
    if (self == NULL)
        return mproc__error(MPROC_E_NO_MEMORY, "a worker");
    self->rings.link.ops = &mproc__thread_link_ops;
    self->pool = pool;
    self->index = index;
    self->phase.key = mproc__family_new_key();
    int code = start_thread(self);
    if (code < 0) {
        destroy(self);
        return code;
    }
    *ret_link = &self->rings.link;
    return 0;
}

static int settle(struct link *link, int64_t *ret_pid)
{
    (void)link;
    *ret_pid = platform_self_pid();
    return 0;
}

static int start_failure(const struct thread_link *self)
{
    if (self->start_code == 0)
        return mproc__error(MPROC_E_START_FAILED, "the initializer ended its thread");
    return mproc__error_text(self->start_code, self->start_text);
}

static int await(struct link *link, int64_t deadline_ns)
{
    struct thread_link *self = (struct thread_link *)link;
    uint32_t phase;
    while ((phase = atomic_load(&self->phase.value)) == PHASE_STARTING)
        if (platform_wait(&self->phase, PHASE_STARTING, NULL, 0, deadline_ns) == MPROC_E_TIMEOUT)
            return mproc__error(MPROC_E_TIMEOUT, "a worker is not ready");
    return phase == PHASE_READY ? 0 : start_failure(self);
}

/* ---- Looking ---- */

static unsigned look(const struct link *link, unsigned signs)
{
    const struct thread_link *self = (const struct thread_link *)link;
    unsigned seen = mproc__ring_link_look(link, signs);
    if ((signs & LINK_READY) != 0 && atomic_load(&self->phase.value) == PHASE_READY)
        seen |= LINK_READY;
    /* Acquire: pairs with the release in has_ended, after which nothing here is the thread's. */
    if ((signs & LINK_ENDED) != 0 && atomic_load_explicit(&self->ended, memory_order_acquire))
        seen |= LINK_ENDED;
    return seen;
}

/* ---- The end ---- */

static void abandon(struct link *link)
{
    mproc__ring_link_abandon((struct ring_link *)link);
}

static void why(const struct link *link, bool starting, struct link_end *ret_end)
{
    const struct thread_link *self = (const struct thread_link *)link;
    ret_end->start_code = starting && self->start_code < 0 ? self->start_code : 0;
    ret_end->exit_code = MPROC_EXIT_UNKNOWN;
    ret_end->crash = NULL;
    if (ret_end->start_code < 0)
        memcpy(ret_end->text, self->start_text, sizeof ret_end->text);
    else
        snprintf(ret_end->text, sizeof ret_end->text, "worker %d, a thread, ended itself", self->index);
}

static void free_link(struct link *link)
{
    struct thread_link *self = (struct thread_link *)link;
    platform_thread_join(self->thread);
    destroy(self);
}

const struct link_ops mproc__thread_link_ops = {
    .refer = refer,
    .start = start,
    .settle = settle,
    .await = await,
    .birth = mproc__ring_link_birth,
    .has_room = mproc__ring_link_has_room,
    .send = mproc__ring_link_send,
    .kick = mproc__ring_link_kick,
    .take = mproc__ring_link_take,
    .recall = mproc__ring_link_recall,
    .load = mproc__ring_link_load,
    .unload = mproc__ring_link_unload,
    .leave = mproc__ring_link_leave,
    .look = look,
    .trace = mproc__ring_link_trace,
    .check = mproc__ring_link_check,
    .set_threshold = mproc__ring_link_set_threshold,
    .watch = mproc__ring_link_watch,
    .label = mproc__ring_link_label,
    .ask = mproc__ring_link_ask,
    .kill = abandon,
    .why = why,
    .is_inside = is_inside,
    .free = free_link,
};
