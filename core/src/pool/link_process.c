/* A worker that is a process: its segment with the rings, its start and its death. */
#include "pool/link_process.h"
#include "base/error.h"
#include "base/function.h"
#include "base/log.h"
#include "pool/annex.h"
#include "pool/bell.h"
#include "pool/link.h"
#include "pool/link_ring.h"
#include "pool/module_table.h"
#include "pool/outputs.h"
#include "pool/pool.h"
#include "pool/ring_layout.h"
#include "pool/worker_outfit.h"
#include "process/boot_layout.h"
#include "process/crash_report.h"
#include "process/enter.h"
#include "process/exit_code.h"
#include "process/handshake.h"
#include "process/launch.h"
#include "process/outfit.h"
#include "process/plan.h"
#include "process/segment.h"
#include "process/start.h"
#include <stdio.h>
#include <stdlib.h>

/* Nobody waits longer than this for a killed worker that the kernel will not let go. */
#define END_NS 10000000000
/* Nor this long for the news of the death of one that is dead: whoever brings it may have been stopped. */
#define REAPED_NS 1000000000

/* How often a worker is looked at whose task goes on: by the raw system call it can end its main thread, and nobody
 * tells. */
#define HEADLESS_NS 1000000000

struct process_link {
    struct ring_link rings;
    mproc_pool *pool;
    int index;
    bool headless; /* at the last look */
    int64_t look_at;
    struct child_segment segment;
    platform_process *process;
    struct output *output;  /* NULL: its stderr is its own affair */
    platform_parcel writer; /* its end of that, in the store while writer_waits */
    bool writer_waits;
    /* Written by the exit callback on the watcher thread; how is read after exited was loaded with acquire. */
    platform_exit how;
    _Atomic bool exited;
};

/* ---- The template ---- */

static void template_lost(platform_exit how, void *user)
{
    struct process_source *source = user;
    (void)how;
    atomic_store(&source->is_template_lost, true);
}

/* Forks the template: when the pool is made, and again should somebody have killed it. */
static int make_template(struct process_source *source)
{
    platform_handle keep[4];
    int count = mproc__child_template_keep(keep);
    return platform_template_create(mproc__child_template_main, NULL, keep, count, template_lost, source,
                                    &source->fork_template);
}

static int require_template(mproc_pool *pool)
{
    struct process_source *source = &pool->processes;
    if (source->method != MPROC_START_FORK)
        return 0;
    if (source->fork_template != NULL && !atomic_load(&source->is_template_lost))
        return 0;
    if (source->unsettled > 0)
        return mproc__error(MPROC_E_PEER_DIED, "the template process died");
    if (source->fork_template != NULL) {
        mproc__log(MPROC_LOG_WARNING,
                   "%s: the template process died, or did not answer; replacements are copies of the program as it is "
                   "now",
                   pool->name);
        platform_template_free(source->fork_template);
        source->fork_template = NULL;
        atomic_store(&source->is_template_lost, false);
    }
    int code = make_template(source);
    return code < 0 ? mproc__error_platform(code, "a template process, which start method spawn does without") : 0;
}

void mproc__process_source_free(struct process_source *source)
{
    if (source->fork_template != NULL)
        platform_template_free(source->fork_template);
    source->fork_template = NULL;
    free(source->executable);
    source->executable = NULL;
}

/* ---- Starting ---- */

static void worker_exited(platform_process *process, platform_exit how, void *user)
{
    struct process_link *link = user;
    mproc_pool *pool = link->pool;
    (void)process;
    link->how = how;
    mproc__child_exited(&link->segment, how);
    /* Release: pairs with the acquire in has_ended. From here on the link may be freed, but for what
     * platform_process_free waits for. */
    atomic_store_explicit(&link->exited, true, memory_order_release);
    mproc__bell_worker_ended(pool);
}

static void set_up_area(struct process_link *link)
{
    const mproc_pool *pool = link->pool;
    struct worker_area *area = (struct worker_area *)((unsigned char *)link->segment.boot + CHILD_ROLE_OFFSET);
    area->settings.pool_id[0] = pool->shared_id[0];
    area->settings.pool_id[1] = pool->shared_id[1];
    area->settings.exit_hook = pool->exit_hook;
    area->settings.address_space = pool->options.max_worker_address_space;
    area->modules.may_load = pool->processes.method != MPROC_START_FORK;
    if (pool->exit_hook.module != 0)
        mproc__module_table_add(&area->modules, &pool->exit_hook);
    link->rings.cargo.crosses = true;
    link->rings.cargo.store = (platform_store){ .scope = link->segment.store, .keeper = platform_self_pid() };
    mproc__ring_link_begin(&link->rings, area, pool, link->index);
}

/* The worker's end of the pipe lies in the store between the two until the worker has taken it. What the area says of
 * it is for the worker alone, who may write there. */
static int set_up_output(struct process_link *link)
{
    struct worker_area *area = (struct worker_area *)((unsigned char *)link->segment.boot + CHILD_ROLE_OFFSET);
    platform_handle writer;
    if (link->pool->outputs == NULL)
        return 0;
    int code = mproc__output_begin(link->pool->outputs, link->index, &link->output, &writer);
    if (code < 0)
        return code;
    link->writer = (platform_parcel){ .tag = { UINT64_MAX }, .place = (uint64_t)(uintptr_t)writer };
    code = platform_parcel_put(&link->rings.cargo.store, writer, &link->writer);
    platform_handle_close(writer);
    if (code < 0)
        return mproc__error_platform(code, "handing a pipe to a worker");
    link->writer_waits = true;
    area->output.writer = link->writer;
    area->output.piped = 1;
    return 0;
}

/* Once the worker has it, or never will: the pipe ends when nobody has that end any more. */
static void drop_writer(struct process_link *link)
{
    if (link->writer_waits)
        platform_parcel_drop(&link->rings.cargo.store, &link->writer);
    link->writer_waits = false;
}

/* One that is READY has taken all that it was to find. */
static void birth(const struct link *link, struct link_birth *ret_birth)
{
    drop_writer((struct process_link *)(uintptr_t)link);
    mproc__ring_link_birth(link, ret_birth);
}

static void end_output(struct process_link *link)
{
    drop_writer(link);
    mproc__output_end(link->output);
    link->output = NULL;
}

static int start_process(const struct child_plan *plan, struct process_link *link)
{
    struct process_source *source = &link->pool->processes;
    if (source->method != MPROC_START_FORK)
        return mproc__child_start(plan, &link->segment, NULL, worker_exited, link, &link->process);
    int code = mproc__child_ask(plan, &link->segment, source->fork_template, worker_exited, link, &link->process);
    source->unsettled += code == 0;
    return code;
}

/* The worker may exist all the same, if the news of it was lost on the way: it is told to exit. */
static void give_up(struct process_link *link)
{
    end_output(link);
    mproc__ring_link_send(&link->rings.link, NULL);
    mproc__ring_link_kick(&link->rings.link);
    mproc__child_release(&link->segment);
}

static int launch(const struct child_plan *plan, struct process_link *link)
{
    int code = require_template(link->pool);
    if (code == 0)
        code = mproc__child_prepare(plan, &link->segment);
    if (code < 0)
        return code;
    set_up_area(link);
    code = set_up_output(link);
    if (code == 0)
        code = start_process(plan, link);
    if (code < 0)
        give_up(link);
    return code;
}

/* That the template is gone may not have been known before it was asked. */
static void abandon(struct process_link *link, int code)
{
    if (code == MPROC_E_PEER_DIED)
        atomic_store(&link->pool->processes.is_template_lost, true);
    free(link);
}

static int start(mproc_pool *pool, int index, struct link **ret_link)
{
    struct child_plan plan = {
        .role = CHILD_WORKER,
        .method = pool->processes.method,
        .executable = pool->processes.executable,
        .name = pool->name,
        .daemon = 1,
        .group = true,
        .inherit_stdin = pool->options.inherit_stdin,
        .function = (any_function *)pool->options.initializer,
        .args = pool->options.initializer_args,
        .crash_reports = pool->options.crash_reports != 0,
        .takes_handles = true,
        .role_size = sizeof(struct worker_area) + mproc__annexes_bytes(),
    };
    struct child_outfit outfit = mproc__worker_outfit(&pool->options, index);
    struct process_link *link = calloc(1, sizeof *link);
    if (link == NULL)
        return mproc__error(MPROC_E_NO_MEMORY, "a worker");
    plan.outfit = &outfit;
    link->rings.link.ops = &mproc__process_link_ops;
    link->pool = pool;
    link->index = index;
    int code = launch(&plan, link);
    if (code < 0) {
        abandon(link, code);
        return code;
    }
    *ret_link = &link->rings.link;
    return 0;
}

static int settle(struct link *link, int64_t *ret_pid)
{
    struct process_link *self = (struct process_link *)link;
    struct process_source *source = &self->pool->processes;
    if (source->method == MPROC_START_FORK) {
        source->unsettled--;
        int code = mproc__child_settle(&self->segment, source->fork_template, self->process);
        if (code < 0) {
            give_up(self);
            abandon(self, code);
            return code;
        }
    }
    mproc__child_close_handle(&self->segment);
    *ret_pid = platform_process_pid(self->process);
    if (self->output != NULL)
        mproc__output_name(self->output, *ret_pid);
    return 0;
}

static int await(struct link *link, int64_t deadline_ns)
{
    return mproc__child_await(&((struct process_link *)link)->segment, deadline_ns);
}

/* ---- Looking ---- */

static unsigned look(const struct link *link, unsigned signs)
{
    const struct process_link *self = (const struct process_link *)link;
    unsigned seen = mproc__ring_link_look(link, signs);
    if ((signs & LINK_READY) != 0 && atomic_load(&self->segment.boot->state.value) == CHILD_READY)
        seen |= LINK_READY;
    /* Acquire: pairs with the exit callback's release, after which how may be read. */
    if ((signs & LINK_ENDED) != 0 && atomic_load_explicit(&self->exited, memory_order_acquire))
        seen |= LINK_ENDED;
    if ((signs & LINK_STOPPED) != 0 && platform_process_is_stopped(self->process))
        seen |= LINK_STOPPED;
    return seen;
}

static size_t output_tail(struct link *link, char *ret_text)
{
    struct output *output = ((struct process_link *)link)->output;
    return output != NULL ? mproc__output_tail(output, ret_text) : 0;
}

/* ---- The end ---- */

static int memory(const struct link *link, size_t *ret_bytes)
{
    int code = platform_process_memory(((const struct process_link *)link)->process, ret_bytes);
    return code < 0 ? mproc__error_platform(code, "the memory of a worker") : 0;
}

static int memory_peak(const struct link *link, size_t *ret_bytes)
{
    int code = platform_process_memory_peak(((const struct process_link *)link)->process, ret_bytes);
    return code < 0 ? mproc__error_platform(code, "the most memory of a worker") : 0;
}

static int cpu_time(const struct link *link, uint64_t *ret_ns)
{
    int code = platform_process_cpu(((const struct process_link *)link)->process, ret_ns);
    return code < 0 ? mproc__error_platform(code, "the CPU time of a worker") : 0;
}

static void kill_process(struct link *link)
{
    platform_process_kill_tree(((struct process_link *)link)->process);
}

static void look_for_its_head(struct process_link *link)
{
    bool headless = platform_process_is_headless(link->process);
    if (headless && link->headless) {
        mproc__log(MPROC_LOG_WARNING, "%s: a task has ended the main thread of worker %d (pid %lld); it is killed",
                   link->pool->name, link->index, (long long)platform_process_pid(link->process));
        kill_process(&link->rings.link);
    }
    link->headless = headless;
}

static bool check(struct link *link)
{
    struct process_link *self = (struct process_link *)link;
    int64_t now = platform_now_ns();
    if (now >= self->look_at) {
        /* Not at the first check: most tasks are short. */
        if (self->look_at > 0)
            look_for_its_head(self);
        self->look_at = now + HEADLESS_NS;
    }
    return mproc__ring_link_check(link);
}

static void death_text(const struct process_link *link, const char *when, char *ret_text, size_t capacity)
{
    char how[64];
    mproc__exit_text(link->how, how, sizeof how);
    snprintf(ret_text, capacity, "worker %d (pid %lld) %s%s", link->index,
             (long long)platform_process_pid(link->process), how, when);
}

static void why(const struct link *link, bool starting, struct link_end *ret_end)
{
    const struct process_link *self = (const struct process_link *)link;
    const struct child_boot *boot = self->segment.boot;
    ret_end->start_code = 0;
    ret_end->exit_code = mproc__exit_code(self->how);
    ret_end->crash = self->pool->options.crash_reports == 0
                         ? NULL
                         : mproc__crash_report_take(boot, self->how, platform_process_pid(self->process));
    uint32_t state = atomic_load(&boot->state.value);
    if (starting && state == CHILD_FAILED) {
        /* What a child wrote is believed as far as it can be: a code that is an error, a text that ends. */
        ret_end->start_code = boot->fail_code < 0 ? boot->fail_code : MPROC_E_START_FAILED;
        snprintf(ret_end->text, sizeof ret_end->text, "%.*s", (int)sizeof boot->fail_text - 1, boot->fail_text);
    } else {
        death_text(self, starting && state != CHILD_READY ? " before it was ready" : "", ret_end->text,
                   sizeof ret_end->text);
    }
}

/* The exit callback comes when the process has been reaped: nothing is left of it then. It rings the bells, of which
 * nobody else watches the user's any more. */
static void await_reaped(const struct process_link *link)
{
    platform_word *bell = &link->pool->shared->user_bell;
    int64_t deadline_ns = platform_now_ns() + REAPED_NS;
    for (int waited = 0; waited == 0;) {
        /* ARM: pairs with the fence in mproc__bell_wake_all. */
        atomic_store(&bell->value, BELL_ALL);
        atomic_thread_fence(memory_order_seq_cst);
        if (atomic_load_explicit(&link->exited, memory_order_acquire))
            break;
        waited = platform_wait(bell, BELL_ALL, NULL, 0, deadline_ns);
    }
    atomic_store(&bell->value, BELL_OFF);
}

static void await_end(const struct process_link *link)
{
    unsigned char ready;
    platform_handle sentinel = platform_process_sentinel(link->process);
    if (platform_wait_handles(&sentinel, 1, platform_now_ns() + END_NS, &ready) > 0)
        await_reaped(link);
}

static void free_link(struct link *link)
{
    struct process_link *self = (struct process_link *)link;
    if (!atomic_load_explicit(&self->exited, memory_order_acquire))
        await_end(self);
    /* What is left of what it had started, in its group or its job. */
    platform_process_kill_tree(self->process);
    platform_process_free(self->process);
    end_output(self);
    mproc__ring_link_end(&self->rings);
    mproc__child_release(&self->segment);
    free(self);
}

const struct link_ops mproc__process_link_ops = {
    .refer = mproc__function_to_ref,
    .start = start,
    .settle = settle,
    .await = await,
    .birth = birth,
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
    .check = check,
    .set_threshold = mproc__ring_link_set_threshold,
    .watch = mproc__ring_link_watch,
    .label = mproc__ring_link_label,
    .output_tail = output_tail,
    .ask = mproc__ring_link_ask,
    .memory = memory,
    .memory_peak = memory_peak,
    .cpu_time = cpu_time,
    .can_kill = true,
    .kill = kill_process,
    .why = why,
    .free = free_link,
};
