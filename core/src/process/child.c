/* Starting children and being one. See child.h for the one start-up path that all start methods share.
 *
 * The handshake is the word child_boot.state. It leaves STARTING once, by compare-and-exchange: to READY or FAILED
 * by the child, or to DIED by the parent's exit callback, so that an answer and a death cannot overwrite each other.
 */
#include "process/child.h"
#include "base/deadline.h"
#include "base/error.h"
#include "base/log.h"
#include "base/ready.h"
#include "family/family.h"
#include "family/node.h"
#include "init.h"
#include "pool/job_table.h"
#include "process/exit.h"
#include "process/process_table.h"
#include "process/task.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(struct child_boot) <= CHILD_ROLE_OFFSET, "the boot lies in front of the role data");

/* The argument may be of any type: it begins on a cache line, as memory from malloc begins where any type may. */
#define ARGUMENT_ALIGN 64u

/* Threads of ours that a fork warning must not count: the watcher begins with the first attempt to start a child, the
 * lifeline with the child set-up. Relaxed, for they only shape a warning. */
static _Atomic bool has_watcher;
static _Atomic bool has_lifeline;
static _Atomic bool has_warned_of_threads;

/* ---- In the parent: the segment ---- */

int mproc__child_allowed(void)
{
    platform_setup();
    if (!mproc__initialized())
        return mproc__error(MPROC_E_NOT_INITIALIZED, "it has to be the first line of main");
    if (platform_is_copy())
        return mproc__error(MPROC_E_WRONG_PROCESS,
                            "this process is a copy made by the program's own fork: it is not of the family");
    if (mproc__process_is_daemon())
        return mproc__error(MPROC_E_STATE, "a daemon process may not start children");
    return 0;
}

static size_t round_up(size_t size, size_t unit)
{
    return (size + unit - 1) / unit * unit;
}

/* Sizes of role data and argument come from the caller: their sum must not wrap round. */
static int layout_segment(const struct child_plan *plan, size_t *ret_argument_offset, size_t *ret_size)
{
    size_t limit = PTRDIFF_MAX - CHILD_ROLE_OFFSET - 2 * PLATFORM_SEGMENT_ALIGN;
    if (plan->role_size > limit || plan->args.size > limit - plan->role_size)
        return mproc__error(MPROC_E_LIMIT, "an argument of %zu bytes", plan->args.size);
    *ret_argument_offset = round_up(CHILD_ROLE_OFFSET + plan->role_size, ARGUMENT_ALIGN);
    *ret_size = round_up(*ret_argument_offset + plan->args.size, PLATFORM_SEGMENT_ALIGN);
    return 0;
}

static int make_segment(struct child_segment *segment, size_t size, size_t used)
{
    int code = platform_segment_create(size, &segment->handle);
    if (code < 0)
        return mproc__error_platform(code, "making a child's segment");
    void *address;
    code = platform_segment_map(segment->handle, 0, size, &address);
    if (code < 0)
        return mproc__error_platform(code, "mapping a child's segment");
    segment->boot = address;
    segment->size = size;
    code = platform_segment_commit(segment->handle, address, 0, used);
    return code < 0 ? mproc__error_platform(code, "reserving a child's segment") : 0;
}

static int fill_function(any_function *function, struct child_boot *boot)
{
    if (!function)
        return 0;
    int code = mproc__function_to_ref(function, &boot->function);
    if (code == 0)
        code = mproc__function_module_path(&boot->function, boot->module_path, sizeof boot->module_path);
    if (code == 0)
        boot->module_path_size = (uint32_t)strlen(boot->module_path);
    return code;
}

static int fill_boot(const struct child_plan *plan, struct child_segment *segment, size_t argument_offset)
{
    struct child_boot *boot = segment->boot;
    boot->magic = CHILD_MAGIC;
    boot->version = CHILD_VERSION;
    boot->role = plan->role;
    boot->segment_size = segment->size;
    boot->state.key = mproc__family_new_key();
    boot->process_slot = segment->process_slot;
    boot->start_method = plan->method;
    boot->default_method = mproc__chosen_start_method();
    boot->log_level = mproc_log_get_level();
    boot->daemon = plan->daemon;
    boot->group = plan->group;
    boot->parent_pid = platform_self_pid();
    boot->argument_offset = argument_offset;
    boot->argument_size = plan->args.size;
    if (plan->args.size)
        memcpy((char *)boot + argument_offset, plan->args.data, plan->args.size);
    int code = platform_random(boot->nonce, sizeof boot->nonce);
    if (code < 0)
        return mproc__error_platform(code, "making a nonce");
    code = mproc__process_describe(plan, boot);
    return code < 0 ? code : fill_function(plan->function, boot);
}

int mproc__child_prepare(const struct child_plan *plan, struct child_segment *ret_segment)
{
    struct child_segment segment = { .handle = PLATFORM_NO_HANDLE };
    size_t argument_offset = 0, size = 0;
    mproc__function_cache_clear();
    int code = layout_segment(plan, &argument_offset, &size);
    if (code == 0)
        code = mproc__family_open();
    if (code < 0)
        return code;
    segment.process_slot = mproc__process_slot_reserve();
    if (!segment.process_slot)
        return MPROC_E_LIMIT;
    code = make_segment(&segment, size, argument_offset + plan->args.size);
    if (code == 0)
        code = fill_boot(plan, &segment, argument_offset);
    if (code < 0) {
        mproc__child_release(&segment);
        return code;
    }
    *ret_segment = segment;
    return 0;
}

void mproc__child_close_handle(struct child_segment *segment)
{
    platform_handle_close(segment->handle);
    segment->handle = PLATFORM_NO_HANDLE;
}

void mproc__child_release(struct child_segment *segment)
{
    mproc__child_close_handle(segment);
    if (segment->boot)
        platform_segment_unmap(segment->boot, segment->size);
    segment->boot = NULL;
    if (segment->process_slot)
        mproc__process_slot_died(segment->process_slot);
    segment->process_slot = 0;
}

/* ---- In the parent: the start ---- */

static _Noreturn void be_child(platform_handle segment);

bool mproc__child_other_threads(void)
{
    int ours = 1 + atomic_load_explicit(&has_watcher, memory_order_relaxed) +
               atomic_load_explicit(&has_lifeline, memory_order_relaxed);
    return platform_thread_count() > ours;
}

static void warn_of_threads(void)
{
    if (mproc__child_other_threads() && !atomic_exchange_explicit(&has_warned_of_threads, true, memory_order_relaxed))
        mproc__log(MPROC_LOG_WARNING,
                   "forking while other threads run: what they have locked stays locked in the child");
}

/* The handles of a child that is no template's, in the order that child.h promises; see there. */
struct handle_list {
    platform_handle values[4];
    int count;
    int scope, parent; /* indexes; scope is -1 where there is none */
};

static int list_handles(platform_handle segment, struct handle_list *list)
{
    platform_handle parent;
    int code = platform_self_handle(&parent);
    if (code < 0)
        return mproc__error_platform(code, "making a handle on this process");
    platform_handle scope = mproc__family_scope();
    list->count = 0;
    list->values[list->count++] = segment;
    list->values[list->count++] = mproc__family_segment();
    list->scope = scope == PLATFORM_NO_HANDLE ? -1 : list->count;
    if (scope != PLATFORM_NO_HANDLE)
        list->values[list->count++] = scope;
    list->parent = list->count;
    list->values[list->count++] = parent;
    return 0;
}

int mproc__child_template_keep(platform_handle *ret_handles)
{
    struct handle_list list = { .count = 0 };
    int code = mproc__family_open();
    if (code == 0)
        code = list_handles(PLATFORM_NO_HANDLE, &list);
    if (code < 0)
        return code;
    memcpy(ret_handles, list.values + 1, (size_t)(list.count - 1) * sizeof *ret_handles);
    return list.count - 1;
}

static void name_handles(struct child_boot *boot, const struct handle_list *list, bool spawned)
{
    int64_t values[4];
    for (int i = 0; i < list->count; i++)
        values[i] = spawned ? platform_inherited_value(list->values, i) : list->values[i];
    boot->family = values[1];
    boot->scope = list->scope < 0 ? PLATFORM_NO_HANDLE : values[list->scope];
    boot->parent = values[list->parent];
}

#define BOOT_TEXT_MAX 64

static void write_boot_text(char *text, platform_handle segment, const uint8_t nonce[16])
{
    int used = snprintf(text, BOOT_TEXT_MAX, "%" PRIdPTR ":", segment);
    for (int i = 0; i < 16; i++)
        used += snprintf(text + used, BOOT_TEXT_MAX - (size_t)used, "%02x", nonce[i]);
}

static int launch_spawn(const struct child_plan *plan, struct child_boot *boot, const struct handle_list *list,
                        platform_process_options *options, platform_process **ret_process)
{
    char text[BOOT_TEXT_MAX];
    char *global = NULL;
    int code = plan->executable ? 0 : mproc__executable_copy(&global);
    if (code < 0)
        return code;
    options->executable = plan->executable ? plan->executable : global;
    options->boot = text;
    boot->program = options->executable ? 0 : mproc__program_key();
    write_boot_text(text, platform_inherited_value(list->values, 0), boot->nonce);
    code = platform_process_spawn(options, ret_process);
    if (code < 0)
        mproc__error_platform(code, options->executable ? "starting another program" : "starting this program again");
    free(global);
    return code;
}

static int launch_fork(platform_handle segment, const platform_process_options *options, platform_process **ret_process)
{
    warn_of_threads();
    int code = platform_process_fork(options, ret_process);
    if (code == 1)
        be_child(segment);
    return code < 0 ? mproc__error_platform(code, "forking") : 0;
}

static int launch(const struct child_plan *plan, struct child_segment *segment, platform_template *fork_template,
                  platform_process_options *options, platform_process **ret_process)
{
    struct handle_list list;
    bool spawned = !fork_template && plan->method == MPROC_START_SPAWN;
    int code = list_handles(segment->handle, &list);
    if (code < 0)
        return code;
    name_handles(segment->boot, &list, spawned);
    options->handles = list.values;
    options->handle_count = fork_template ? 1 : list.count;
    if (spawned)
        return launch_spawn(plan, segment->boot, &list, options, ret_process);
    segment->boot->program = mproc__program_key();
    if (!fork_template)
        return launch_fork(segment->handle, options, ret_process);
    code = platform_template_fork(fork_template, options, ret_process);
    return code < 0 ? mproc__error_platform(code, "forking from the template") : 0;
}

int mproc__child_launch(const struct child_plan *plan, struct child_segment *segment, platform_template *fork_template,
                        platform_exit_fn *on_exit, void *user, platform_process **ret_process)
{
    platform_process_options options = { .group = plan->group, .on_exit = on_exit, .user = user };
    platform_process *process;
    int code = launch(plan, segment, fork_template, &options, &process);
    atomic_store_explicit(&has_watcher, true, memory_order_relaxed);
    if (code < 0)
        return code;
    /* Pairs with the acquire load of is_meant, where a spawned child waits for it. */
    atomic_store_explicit(&segment->boot->pid, platform_process_pid(process), memory_order_release);
    *ret_process = process;
    return 0;
}

/* ---- In the parent: the handshake ---- */

/* Whether this was the one change of state. Release: pairs with the acquire load of mproc__child_await, which then
 * sees the reason of a failure. */
static bool leave_starting(struct child_boot *boot, enum child_state state)
{
    uint32_t starting = CHILD_STARTING;
    bool changed = atomic_compare_exchange_strong_explicit(&boot->state.value, &starting, state, memory_order_seq_cst,
                                                           memory_order_relaxed);
    platform_wake(&boot->state, INT32_MAX);
    return changed;
}

void mproc__child_exited(struct child_segment *segment)
{
    if (segment->boot)
        leave_starting(segment->boot, CHILD_DIED);
}

/* The child may have been killed while it wrote, or be anything: what it left is not taken for a code or a string. */
static int pass_failure(const struct child_boot *boot)
{
    char text[sizeof boot->fail_text];
    memcpy(text, boot->fail_text, sizeof text);
    text[sizeof text - 1] = 0;
    return mproc__error_text(boot->fail_code < 0 ? boot->fail_code : MPROC_E_START_FAILED, text);
}

int mproc__child_await(struct child_segment *segment, int64_t deadline_ns)
{
    struct child_boot *boot = segment->boot;
    int waited = 0;
    for (;;) {
        /* Acquire: pairs with leave_starting in the child. */
        switch (atomic_load_explicit(&boot->state.value, memory_order_acquire)) {
        case CHILD_STARTING:
            break;
        case CHILD_READY:
            return 0;
        case CHILD_FAILED:
            return pass_failure(boot);
        default:
            return mproc__error(MPROC_E_START_FAILED, "%s ended before it was ready", boot->name);
        }
        if (waited < 0)
            return mproc__error(MPROC_E_TIMEOUT, "the process was not ready within its start time limit");
        waited = platform_wait(&boot->state, CHILD_STARTING, NULL, 0, deadline_ns);
    }
}

/* ---- In the child ---- */

void mproc__child_ready(struct child_boot *boot)
{
    leave_starting(boot, CHILD_READY);
}

void mproc__child_fail(struct child_boot *boot, int code)
{
    mproc__exit_flush();
    boot->fail_code = code;
    snprintf(boot->fail_text, sizeof boot->fail_text, "%s", mproc_last_error());
    leave_starting(boot, CHILD_FAILED);
    platform_exit_now(1);
}

static void require(struct child_boot *boot, int code)
{
    if (code < 0)
        mproc__child_fail(boot, code);
}

static struct child_boot *map_boot(platform_handle segment, size_t size)
{
    void *address;
    if (platform_segment_map(segment, 0, size, &address) == 0)
        return address;
    mproc__error_platform(MPROC_E_OS, "mapping the start-up segment");
    return NULL;
}

/* Every lock and list of core that this process may have copied from its parent begins anew; there is one thread. */
static void adopt(const struct child_boot *boot)
{
    mproc__error_clear();
    mproc__ready_adopt();
    mproc__task_table_adopt();
    atomic_store_explicit(&has_watcher, false, memory_order_relaxed);
    atomic_store_explicit(&has_lifeline, false, memory_order_relaxed);
    platform_copy_mark();
    platform_child_prepare();
    mproc__log_adopt(boot->name, (mproc_log_level)boot->log_level);
    mproc__init_adopt((mproc_start_method)boot->default_method);
    mproc__exit_adopt();
    mproc__process_adopt(boot);
}

static int check_program(const struct child_boot *boot)
{
    uint64_t own = mproc__program_key();
    if (boot->program == 0 || own == boot->program)
        return 0;
    return mproc__error(MPROC_E_MISMATCH, "build-id %016llx here, %016llx in the parent", (unsigned long long)own,
                        (unsigned long long)boot->program);
}

static int resolve_function(const struct child_boot *boot, mproc_function **ret_function)
{
    any_function *function = NULL;
    int code = 0;
    if (boot->function.module) {
        platform_module module;
        if (boot->module_path_size && !platform_module_find(boot->function.module, &module))
            code = platform_module_load(boot->module_path);
        code = code < 0 ? mproc__error_platform(MPROC_E_NO_FUNCTION, boot->module_path)
                        : mproc__function_from_ref(&boot->function, &function);
    }
    *ret_function = (mproc_function *)function;
    return code;
}

static int start_lifeline(const struct child_boot *boot)
{
    int code = platform_lifeline_start((platform_handle)boot->parent, boot->group);
    if (code < 0)
        return mproc__error_platform(MPROC_E_START_FAILED, "watching the parent");
    atomic_store_explicit(&has_lifeline, true, memory_order_relaxed);
    return 0;
}

/* Starting a thread takes a third as long as the whole start of a forked process, so that READY does not wait for it.
 * Should it fail, it is too late to tell the parent by FAILED: a line on stderr says why, whatever the log level, and
 * the function does not run. Running it without a lifeline could leave an orphan. */
static void require_lifeline(const struct child_boot *boot)
{
    if (start_lifeline(boot) == 0)
        return;
    mproc_perror(boot->name);
    platform_exit_now(1);
}

static _Noreturn void run_process(struct child_boot *boot, mproc_function *function)
{
    char message[RING_MESSAGE_BYTES] = "";
    mproc_view argument = { (const char *)boot + boot->argument_offset, boot->argument_size };
    mproc__child_ready(boot);
    require_lifeline(boot);
    int code = mproc__run_plain(function, argument, -1, message);
    if (code != 0 && message[0])
        mproc__log(MPROC_LOG_ERROR, "the function returned %d: %s", code, message);
    mproc__child_exit(code);
}

/* A worker takes long to become ready anyway, and its pool wants to hear of every failure. */
static _Noreturn void run_worker(struct child_boot *boot, mproc_function *initializer)
{
    require(boot, start_lifeline(boot));
    mproc__child_exit(mproc__worker_main(boot, initializer));
}

/* The part that all start methods share. */
static _Noreturn void run_boot(struct child_boot *boot)
{
    mproc_function *function;
    adopt(boot);
    require(boot, mproc__family_join((platform_handle)boot->family, (platform_handle)boot->scope, boot->process_slot));
    require(boot, check_program(boot));
    require(boot, resolve_function(boot, &function));
    if (boot->role == CHILD_WORKER)
        run_worker(boot, function);
    run_process(boot, function);
}

/* Every segment has at least HEADER_SIZE bytes, and most have no more. */
#define HEADER_SIZE PLATFORM_SEGMENT_ALIGN

/* Of a larger segment the header stays mapped until the whole is, so that there is a place to say why it could not
 * be. */
static _Noreturn void enter_segment(platform_handle segment, struct child_boot *header)
{
    struct child_boot *boot = header;
    if (header->segment_size > HEADER_SIZE) {
        boot = map_boot(segment, header->segment_size);
        if (!boot)
            mproc__child_fail(header, MPROC_E_OS);
        platform_segment_unmap(header, HEADER_SIZE);
    }
    platform_handle_close(segment);
    run_boot(boot);
}

/* A child by fork. Without the header there is no way to tell the parent: it sees a death before READY. */
static _Noreturn void be_child(platform_handle segment)
{
    struct child_boot *header = map_boot(segment, HEADER_SIZE);
    if (!header)
        platform_exit_now(1);
    enter_segment(segment, header);
}

void mproc__child_template_main(void *argument, const platform_handle *handles, int handle_count)
{
    (void)argument;
    if (handle_count < 1)
        platform_exit_now(1);
    be_child(handles[0]);
}

static int hex_digit(char letter)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = letter ? strchr(digits, letter) : NULL;
    return found ? (int)(found - digits) : -1;
}

static bool read_boot_text(const char *text, platform_handle *ret_segment, uint8_t ret_nonce[16])
{
    char *end;
    long long handle = strtoll(text, &end, 10);
    if (end == text || *end != ':' || handle < 0 || handle > INTPTR_MAX || strlen(end + 1) != 32)
        return false;
    for (int i = 0; i < 16; i++) {
        int high = hex_digit(end[1 + 2 * i]), low = hex_digit(end[2 + 2 * i]);
        if (high < 0 || low < 0)
            return false;
        ret_nonce[i] = (uint8_t)(high * 16 + low);
    }
    *ret_segment = (platform_handle)handle;
    return true;
}

/* Whether the parent means this process, and not one that inherited the boot text by way of another program. The
 * parent knows the pid only after the start, when this process may already be here. If the parent dies in between,
 * or takes longer than any start, nobody is left to answer to, and to go on as an ordinary program would
 * be to run the program's main a second time: the process ends. */
static bool is_meant(const struct child_boot *boot)
{
    int64_t deadline_ns = mproc__deadline(10000);
    platform_handle parent = (platform_handle)boot->parent;
    for (int round = 0;; round++) {
        /* Acquire: pairs with the release store of mproc__child_launch. */
        int64_t pid = atomic_load_explicit(&boot->pid, memory_order_acquire);
        unsigned char parent_died = 0;
        if (pid)
            return pid == platform_self_pid();
        if (round < 100)
            platform_yield();
        else if (platform_wait_handles(&parent, 1, mproc__deadline(1), &parent_died) < 0)
            return false;
        if (parent_died || platform_now_ns() > deadline_ns)
            platform_exit_now(1);
    }
}

static void enter_by_text(const char *text)
{
    platform_handle segment;
    uint8_t nonce[16];
    if (!read_boot_text(text, &segment, nonce))
        return;
    struct child_boot *header = map_boot(segment, HEADER_SIZE);
    if (!header)
        return;
    if (header->magic == CHILD_MAGIC && memcmp(header->nonce, nonce, sizeof nonce) == 0) {
        if (header->version != CHILD_VERSION)
            mproc__child_fail(header,
                              mproc__error(MPROC_E_MISMATCH, "mproc's start-up version %u here, %u in the parent",
                                           CHILD_VERSION, (unsigned)header->version));
        if (is_meant(header))
            enter_segment(segment, header);
    }
    platform_segment_unmap(header, HEADER_SIZE);
}

void mproc__child_enter(void)
{
    char text[BOOT_TEXT_MAX];
    if (!platform_boot_take(text, sizeof text))
        return;
    enter_by_text(text);
    mproc__log(MPROC_LOG_DEBUG, "started with a boot text that is not meant for this process");
}
