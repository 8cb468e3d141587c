/* Process objects, and what a process knows of itself and its parent.
 *
 * An object says what to start; struct child is one start of it, from launch to the end of the process. They part when
 * the object is freed while the process runs: the child stays on the list, for the end of this process.
 *
 * One lock guards the list, every child's state and every object's fields that threads share. The port's watcher
 * takes it in child_ended, so platform_process_free, which waits for child_ended, is only called without it.
 */
#include "base/deadline.h"
#include "base/error.h"
#include "base/log.h"
#include "process/exit.h"
#include "process/handshake.h"
#include "process/launch.h"
#include "process/process_table.h"
#include "process/settings.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define START_TIMEOUT_MS 30000
/* How long the system may take to kill a process and to say so, before we go on without the answer. */
#define DEATH_TIMEOUT_MS 10000
/* How long daemons have to act on SIGTERM at the end of this process. */
#define DAEMON_TIMEOUT_MS 5000

struct child {
    struct child *next;
    mproc_process *object; /* NULL once it was freed */
    platform_process *process;
    struct child_segment segment;
    platform_condition changed; /* has_ended was set */
    platform_exit how;          /* valid once has_ended */
    int64_t pid;
    mproc_start_method method;
    int references; /* the object's or, without one, the list's; and one for each thread that uses it now */
    bool is_daemon;
    bool is_starting; /* the starting thread still uses the segment */
    bool is_dead;     /* the kernel has said so; has_ended follows when the segment was given back */
    bool has_ended;
    bool is_joined; /* by the end of this process, or not to be waited for */
};

enum process_kind { KIND_CHILD, KIND_SELF, KIND_PARENT };

struct mproc_process {
    enum process_kind kind;
    int64_t owner; /* pid of the creator */
    bool is_closed;
    bool is_starting;
    struct child *child; /* NULL before start and after close */
    int daemon;
    mproc_start_method start_method;
    int64_t start_timeout_ms;
    mproc_function *function;
    void *argument;
    size_t argument_size;
    char *executable;
    size_t authkey_size; /* 0 in self: not yet made */
    uint8_t authkey[CHILD_AUTHKEY_MAX];
    char name[CHILD_NAME_MAX];
    char lineage[CHILD_NAME_MAX];
};

static platform_mutex lock = PLATFORM_MUTEX_INIT;
static struct child *children;
static unsigned created_count; /* process objects and pool workers of this process, for lineage */

static mproc_process self = { .kind = KIND_SELF, .name = "MainProcess" };
static mproc_process parent = { .kind = KIND_PARENT };
static platform_handle parent_handle = PLATFORM_NO_HANDLE;
static int64_t parent_pid;

/* Under fork a child finds the object that it was started from in its copy of the parent's memory, and may ask
 * it as it may ask mproc_current_process. The forking thread notes it; no other thread is left to. */
static _Thread_local mproc_process *starting_object;
static mproc_process *own_object;

/* ---- Checks ---- */

/* The object that a call means, and whether it may be asked at all. */
static int check_open(mproc_process **process)
{
    platform_setup();
    if (!*process)
        return mproc__error(MPROC_E_INVALID, "process is NULL");
    if (*process == own_object)
        *process = &self;
    if ((*process)->is_closed)
        return mproc__error(MPROC_E_CLOSED, "process %s", (*process)->name);
    return 0;
}

static int check_owner(const mproc_process *process)
{
    if (process->kind != KIND_CHILD)
        return mproc__error(MPROC_E_WRONG_PROCESS, "%s is not a child of this process", process->name);
    if (process->owner != platform_self_pid())
        return mproc__error(MPROC_E_WRONG_PROCESS, "process %s was created by process %lld", process->name,
                            (long long)process->owner);
    return 0;
}

static int check_mine(mproc_process **process)
{
    int code = check_open(process);
    return code < 0 ? code : check_owner(*process);
}

/* ---- Children ---- */

static void destroy_child(struct child *child)
{
    if (child->process)
        platform_process_free(child->process);
    mproc__child_release(&child->segment);
    platform_condition_destroy(&child->changed);
    free(child);
}

static void put_child(struct child *child)
{
    platform_mutex_lock(&lock);
    bool is_last = --child->references == 0;
    platform_mutex_unlock(&lock);
    if (is_last)
        destroy_child(child);
}

/* A reference on the child of a started object, or NULL and the error MPROC_E_STATE. */
static struct child *get_child(mproc_process *process)
{
    platform_mutex_lock(&lock);
    struct child *child = process->child;
    if (child)
        child->references++;
    platform_mutex_unlock(&lock);
    if (!child)
        mproc__error(MPROC_E_STATE, "process %s has not been started", process->name);
    return child;
}

static void unlink_locked(struct child *child)
{
    struct child **place = &children;
    while (*place && *place != child)
        place = &(*place)->next;
    if (*place)
        *place = child->next;
}

static struct child *take_forgotten(void)
{
    platform_mutex_lock(&lock);
    struct child *child = children;
    while (child && (child->object || !child->has_ended))
        child = child->next;
    if (child)
        unlink_locked(child);
    platform_mutex_unlock(&lock);
    return child;
}

/* Frees what is left of children whose objects were freed before them. child_ended cannot: it runs on the watcher. */
static void sweep_forgotten(void)
{
    struct child *child;
    while ((child = take_forgotten()))
        put_child(child);
}

/* On the watcher. The segment goes back before joiners wake, so that whoever has joined a process finds its locks
 * known as those of a dead one. While the start is under way the segment is the starter's to give back. */
static void child_ended(platform_process *process, platform_exit how, void *user)
{
    (void)process;
    struct child *child = user;
    mproc__child_exited(&child->segment);
    platform_mutex_lock(&lock);
    child->is_dead = true;
    bool release = !child->is_starting;
    platform_mutex_unlock(&lock);
    if (release)
        mproc__child_release(&child->segment);
    platform_mutex_lock(&lock);
    child->how = how;
    child->has_ended = true;
    platform_condition_broadcast(&child->changed);
    platform_mutex_unlock(&lock);
}

static bool wait_for_end(struct child *child, int64_t deadline_ns)
{
    platform_mutex_lock(&lock);
    while (!child->has_ended && platform_condition_wait(&child->changed, &lock, deadline_ns))
        continue;
    bool has_ended = child->has_ended;
    platform_mutex_unlock(&lock);
    return has_ended;
}

/* Whether it has ended, as the kernel says: the watcher may be about to tell us, and a program that has just
 * seen the sentinel ready must not read "running". */
static bool has_ended(struct child *child)
{
    unsigned char is_ready = 0;
    platform_handle sentinel = platform_process_sentinel(child->process);
    if (wait_for_end(child, 0))
        return true;
    return platform_wait_handles(&sentinel, 1, 0, &is_ready) > 0 && is_ready &&
           wait_for_end(child, mproc__deadline(DEATH_TIMEOUT_MS));
}

/* ---- Creation ---- */

static void *copy_bytes(const void *data, size_t size)
{
    void *copy = malloc(size ? size : 1);
    if (!copy)
        mproc__error(MPROC_E_NO_MEMORY, "a copy of %zu bytes", size);
    else if (size)
        memcpy(copy, data, size);
    return copy;
}

static int make_authkey_locked(void)
{
    int code = self.authkey_size ? 0 : platform_random(self.authkey, 32);
    if (code < 0)
        return mproc__error_platform(code, "making the family's key");
    if (!self.authkey_size)
        self.authkey_size = 32;
    return 0;
}

static int next_lineage_locked(char ret_lineage[CHILD_NAME_MAX])
{
    char lineage[CHILD_NAME_MAX];
    int size = snprintf(lineage, sizeof lineage, "%s%s%u", self.lineage, self.lineage[0] ? ":" : "", created_count + 1);
    if ((size_t)size + sizeof "Process-" > sizeof lineage)
        return mproc__error(MPROC_E_LIMIT, "processes within processes: the lineage %s is too long", lineage);
    created_count++;
    memcpy(ret_lineage, lineage, sizeof lineage);
    return 0;
}

static int set_name(mproc_process *process, const char *name)
{
    size_t size = strlen(name) + 1;
    if (size > sizeof process->name)
        return mproc__error(MPROC_E_LIMIT, "a name of %zu bytes; at most %zu", size - 1, sizeof process->name - 1);
    platform_mutex_lock(&lock);
    memcpy(process->name, name, size);
    platform_mutex_unlock(&lock);
    return 0;
}

/* next_lineage_locked has left room for the prefix. */
static void name_by_lineage(char ret_name[CHILD_NAME_MAX], const char *lineage)
{
    snprintf(ret_name, CHILD_NAME_MAX, "Process-%.*s", (int)(CHILD_NAME_MAX - sizeof "Process-"), lineage);
}

/* Lineage counts every process, as in the reference, also one that has a name of its own. */
static int identify(mproc_process *process, const char *name)
{
    platform_mutex_lock(&lock);
    int code = make_authkey_locked();
    if (code == 0)
        code = next_lineage_locked(process->lineage);
    memcpy(process->authkey, self.authkey, sizeof self.authkey);
    process->authkey_size = self.authkey_size;
    platform_mutex_unlock(&lock);
    if (code == 0 && name)
        return set_name(process, name);
    if (code == 0)
        name_by_lineage(process->name, process->lineage);
    return code;
}

static int check_options(const mproc_process_options *options)
{
    if (!options || !options->function)
        return mproc__error(MPROC_E_INVALID, "a process needs a function");
    if (options->start_timeout_ms < 0)
        return mproc__error(MPROC_E_INVALID, "start_timeout_ms is negative");
    if (options->args.size && !options->args.data)
        return mproc__error(MPROC_E_INVALID, "args.data is NULL with %zu bytes", options->args.size);
    return 0;
}

static void free_object(mproc_process *process)
{
    free(process->argument);
    free(process->executable);
    free(process);
}

static int fill_object(mproc_process *process, const mproc_process_options *options)
{
    process->kind = KIND_CHILD;
    process->owner = platform_self_pid();
    process->function = options->function;
    process->daemon = options->daemon != 0;
    process->start_method = options->start_method;
    process->start_timeout_ms = options->start_timeout_ms ? options->start_timeout_ms : START_TIMEOUT_MS;
    process->argument_size = options->args.size;
    process->argument = copy_bytes(options->args.data, options->args.size);
    if (options->executable)
        process->executable = copy_bytes(options->executable, strlen(options->executable) + 1);
    if (!process->argument || (options->executable && !process->executable))
        return MPROC_E_NO_MEMORY;
    return identify(process, options->name);
}

int mproc_process_create(mproc_process **ret_process, const mproc_process_options *options)
{
    platform_setup();
    mproc_start_method method;
    int code = check_options(options);
    if (code == 0)
        code = mproc__start_method_resolve(options->start_method, &method);
    if (code < 0)
        return code;
    mproc_process *process = calloc(1, sizeof *process);
    if (!process)
        return mproc__error(MPROC_E_NO_MEMORY, "a process object");
    code = fill_object(process, options);
    if (code < 0) {
        free_object(process);
        return code;
    }
    *ret_process = process;
    return 0;
}

/* ---- Start ---- */

static struct child *new_child(const mproc_process *process)
{
    struct child *child = calloc(1, sizeof *child);
    if (!child || platform_condition_init(&child->changed) < 0) {
        free(child);
        mproc__error(MPROC_E_NO_MEMORY, "a process");
        return NULL;
    }
    child->references = 1;
    child->is_daemon = process->daemon;
    child->is_starting = true;
    child->segment.handle = PLATFORM_NO_HANDLE;
    return child;
}

/* The starter is done with the segment; gives it back if child_ended came meanwhile and left that to us. */
static void end_starting(struct child *child)
{
    platform_mutex_lock(&lock);
    child->is_starting = false;
    bool release = child->is_dead;
    platform_mutex_unlock(&lock);
    if (release)
        mproc__child_release(&child->segment);
}

static void add_child(struct child *child, mproc_process *object)
{
    platform_mutex_lock(&lock);
    child->object = object;
    child->is_joined = !object;
    child->next = children;
    children = child;
    if (object)
        object->child = child;
    platform_mutex_unlock(&lock);
}

static int64_t exit_code_of(platform_exit how)
{
    switch (how.kind) {
    case PLATFORM_EXIT_CODE:
        return how.code;
    case PLATFORM_EXIT_SIGNAL:
        return -how.code;
    default:
        return MPROC_EXIT_UNKNOWN;
    }
}

static int say_how_it_died(const struct child *child, const mproc_process *process)
{
    char how[48] = "";
    int64_t code = exit_code_of(child->how);
    const char *hint = child->method == MPROC_START_SPAWN ? "; does its main call mproc_init first?" : "";
    if (code != MPROC_EXIT_UNKNOWN)
        snprintf(how, sizeof how, code >= 0xC0000000LL ? ", with exit code 0x%llX" : ", with exit code %lld",
                 (long long)code);
    return mproc__error(MPROC_E_START_FAILED, "%s ended before it was ready%s%s", process->name, how, hint);
}

/* After a failed handshake no process is to be left. If the system does not confirm its death in time, the child
 * goes onto the list without an object, so that its slot is given back whenever the death is learnt of. */
static int abandon_child(struct child *child, const mproc_process *process, int code, bool died)
{
    char reason[512];
    snprintf(reason, sizeof reason, "%s", mproc_last_error());
    platform_process_kill_tree(child->process);
    end_starting(child);
    bool ended = wait_for_end(child, mproc__deadline(DEATH_TIMEOUT_MS));
    code = ended && died ? say_how_it_died(child, process) : mproc__error_text(code, reason);
    if (ended)
        put_child(child);
    else
        add_child(child, NULL);
    return code;
}

static int await_child(struct child *child, const mproc_process *process)
{
    mproc__child_close_handle(&child->segment);
    int code = mproc__child_await(&child->segment, mproc__deadline(process->start_timeout_ms));
    if (code == 0) {
        end_starting(child);
        return 0;
    }
    bool died = atomic_load(&child->segment.boot->state.value) == CHILD_DIED;
    return abandon_child(child, process, code, died);
}

static int launch_child(struct child *child, mproc_process *process)
{
    struct child_plan plan = { .role = CHILD_PROCESS,
                               .executable = process->executable,
                               .name = process->name,
                               .lineage = process->lineage,
                               .daemon = process->daemon,
                               .authkey = process->authkey,
                               .authkey_size = process->authkey_size,
                               .function = (any_function *)process->function,
                               .args = { process->argument, process->argument_size } };
    int code = mproc__start_method_resolve(process->start_method, &plan.method);
    child->method = plan.method;
    if (code == 0)
        code = mproc__child_prepare(&plan, &child->segment);
    if (code < 0)
        return code;
    starting_object = process;
    code = mproc__child_launch(&plan, &child->segment, NULL, child_ended, child, &child->process);
    starting_object = NULL;
    if (code == 0)
        child->pid = platform_process_pid(child->process);
    return code;
}

static int start(mproc_process *process)
{
    int code = mproc__exit_arm();
    if (code < 0)
        return code;
    struct child *child = new_child(process);
    if (!child)
        return MPROC_E_NO_MEMORY;
    code = launch_child(child, process);
    if (code < 0) {
        put_child(child);
        return code;
    }
    code = await_child(child, process);
    if (code == 0)
        add_child(child, process);
    return code;
}

int mproc_process_start(mproc_process *process)
{
    int code = check_open(&process);
    if (code == 0 && process->kind != KIND_CHILD)
        return mproc__error(MPROC_E_STATE, "%s runs", process->name);
    if (code == 0)
        code = check_owner(process);
    if (code == 0)
        code = mproc__child_allowed();
    if (code < 0)
        return code;
    sweep_forgotten();
    platform_mutex_lock(&lock);
    bool was_started = process->child || process->is_starting;
    if (!was_started)
        process->is_starting = true;
    platform_mutex_unlock(&lock);
    if (was_started)
        return mproc__error(MPROC_E_STATE, "process %s was started before", process->name);
    code = start(process);
    platform_mutex_lock(&lock);
    process->is_starting = false;
    platform_mutex_unlock(&lock);
    return code;
}

/* ---- Waiting and asking ---- */

static int join_parent(int64_t timeout_ms)
{
    unsigned char is_ready;
    int code = platform_wait_handles(&parent_handle, 1, mproc__deadline(timeout_ms), &is_ready);
    if (code < 0)
        return mproc__error_platform(code, "waiting for the parent");
    return code ? 0 : mproc__error(MPROC_E_TIMEOUT, "the parent still runs");
}

int mproc_process_join(mproc_process *process, int64_t timeout_ms)
{
    int code = check_open(&process);
    if (code < 0)
        return code;
    if (process->kind == KIND_SELF)
        return mproc__error(MPROC_E_DEADLOCK, "%s would wait for its own end", process->name);
    if (process->kind == KIND_PARENT)
        return join_parent(timeout_ms);
    code = check_owner(process);
    struct child *child = code < 0 ? NULL : get_child(process);
    if (!child)
        return code < 0 ? code : MPROC_E_STATE;
    if (!(timeout_ms > 0 ? wait_for_end(child, mproc__deadline(timeout_ms)) : has_ended(child)))
        code = mproc__error(MPROC_E_TIMEOUT, "process %s still runs", process->name);
    put_child(child);
    return code;
}

int mproc_process_is_alive(mproc_process *process)
{
    unsigned char is_ready = 0;
    int code = check_open(&process);
    if (code < 0)
        return code;
    if (process->kind == KIND_SELF)
        return 1;
    if (process->kind == KIND_PARENT)
        return platform_wait_handles(&parent_handle, 1, 0, &is_ready) <= 0;
    code = check_owner(process);
    if (code < 0)
        return code;
    platform_mutex_lock(&lock);
    bool was_started = process->child;
    platform_mutex_unlock(&lock);
    if (!was_started)
        return 0;
    struct child *child = get_child(process);
    bool is_alive = child && !has_ended(child);
    if (child)
        put_child(child);
    return is_alive;
}

int mproc_process_exit_code(mproc_process *process, int64_t *ret_code)
{
    int alive = mproc_process_is_alive(process);
    if (alive < 0)
        return alive;
    check_open(&process);
    int64_t code = MPROC_EXIT_RUNNING;
    if (process->kind == KIND_PARENT)
        return check_owner(process);
    platform_mutex_lock(&lock);
    if (process->kind == KIND_CHILD && process->child && process->child->has_ended)
        code = exit_code_of(process->child->how);
    platform_mutex_unlock(&lock);
    *ret_code = code;
    return 0;
}

int mproc_process_pid(mproc_process *process, int64_t *ret_pid)
{
    int code = check_open(&process);
    if (code < 0)
        return code;
    if (process->kind == KIND_SELF)
        *ret_pid = platform_self_pid();
    else if (process->kind == KIND_PARENT)
        *ret_pid = parent_pid;
    else {
        platform_mutex_lock(&lock);
        *ret_pid = process->child ? process->child->pid : 0;
        platform_mutex_unlock(&lock);
    }
    return 0;
}

const char *mproc_process_name(mproc_process *process)
{
    return check_open(&process) < 0 ? NULL : process->name;
}

int mproc_process_set_name(mproc_process *process, const char *name)
{
    int code = check_open(&process);
    if (code < 0)
        return code;
    if (!name)
        return mproc__error(MPROC_E_INVALID, "name is NULL");
    code = process->kind == KIND_SELF ? 0 : check_owner(process);
    return code < 0 ? code : set_name(process, name);
}

int mproc_process_daemon(mproc_process *process)
{
    int code = check_open(&process);
    if (code < 0)
        return code;
    platform_mutex_lock(&lock);
    int daemon = process->daemon;
    platform_mutex_unlock(&lock);
    return daemon;
}

int mproc_process_set_daemon(mproc_process *process, int daemon)
{
    int code = check_open(&process);
    if (code < 0)
        return code;
    if (process->kind == KIND_SELF)
        return mproc__error(MPROC_E_STATE, "%s runs", process->name);
    code = check_owner(process);
    if (code < 0)
        return code;
    platform_mutex_lock(&lock);
    bool was_started = process->child || process->is_starting;
    if (!was_started)
        process->daemon = daemon != 0;
    platform_mutex_unlock(&lock);
    return was_started ? mproc__error(MPROC_E_STATE, "process %s was started before", process->name) : 0;
}

int mproc_process_authkey(mproc_process *process, mproc_view *ret_key)
{
    int code = check_open(&process);
    if (code < 0)
        return code;
    if (process->kind == KIND_PARENT)
        return check_owner(process);
    platform_mutex_lock(&lock);
    if (process->kind == KIND_SELF)
        code = make_authkey_locked();
    platform_mutex_unlock(&lock);
    if (code == 0)
        *ret_key = (mproc_view){ process->authkey, process->authkey_size };
    return code;
}

int mproc_process_set_authkey(mproc_process *process, const void *key, size_t size)
{
    int code = check_open(&process);
    if (code == 0 && process->kind != KIND_SELF)
        code = check_owner(process);
    if (code < 0)
        return code;
    if (!key || size < 1 || size > CHILD_AUTHKEY_MAX)
        return mproc__error(MPROC_E_LIMIT, "a key of %zu bytes; 1 to %d", key ? size : 0, CHILD_AUTHKEY_MAX);
    platform_mutex_lock(&lock);
    memcpy(process->authkey, key, size);
    process->authkey_size = size;
    platform_mutex_unlock(&lock);
    return 0;
}

int mproc_process_sentinel(mproc_process *process, mproc_os_handle *ret_handle)
{
    int code = check_mine(&process);
    if (code < 0)
        return code;
    struct child *child = get_child(process);
    if (!child)
        return MPROC_E_STATE;
    *ret_handle = platform_process_sentinel(child->process);
    put_child(child);
    return 0;
}

/* ---- Ending ---- */

static int end_child(mproc_process *process, int (*end)(platform_process *), const char *what)
{
    int code = check_mine(&process);
    if (code < 0)
        return code;
    struct child *child = get_child(process);
    if (!child)
        return MPROC_E_STATE;
    code = end(child->process);
    if (code < 0)
        mproc__error_platform(code, what);
    put_child(child);
    return code;
}

int mproc_process_interrupt(mproc_process *process)
{
    return end_child(process, platform_process_interrupt, "interrupting a process");
}

int mproc_process_terminate(mproc_process *process)
{
    return end_child(process, platform_process_terminate, "terminating a process");
}

int mproc_process_kill(mproc_process *process)
{
    return end_child(process, platform_process_kill, "killing a process");
}

int mproc_process_kill_tree(mproc_process *process)
{
    return end_child(process, platform_process_kill_tree, "killing a process and its children");
}

int mproc_process_close(mproc_process *process)
{
    platform_setup();
    if (process && process->kind == KIND_CHILD && process != own_object && process->is_closed)
        return 0;
    int code = check_open(&process);
    if (code == 0 && process->kind == KIND_SELF)
        return mproc__error(MPROC_E_STATE, "%s runs", process->name);
    if (code == 0)
        code = check_owner(process);
    if (code < 0)
        return code;
    if (mproc_process_is_alive(process))
        return mproc__error(MPROC_E_STATE, "process %s still runs", process->name);
    platform_mutex_lock(&lock);
    struct child *child = process->child;
    process->child = NULL;
    process->is_closed = true;
    if (child)
        unlink_locked(child);
    platform_mutex_unlock(&lock);
    if (child)
        put_child(child);
    return 0;
}

void mproc_process_free(mproc_process *process)
{
    platform_setup();
    /* In a forked child the object is a copy, whose members mean the parent's process: it is left alone. */
    if (!process || process == own_object || process->kind != KIND_CHILD || process->owner != platform_self_pid())
        return;
    platform_mutex_lock(&lock);
    if (process->child)
        process->child->object = NULL;
    platform_mutex_unlock(&lock);
    free_object(process);
    sweep_forgotten();
}

/* ---- This process ---- */

mproc_process *mproc_current_process(void)
{
    return &self;
}

mproc_process *mproc_parent_process(void)
{
    return parent_pid ? &parent : NULL;
}

bool mproc__process_is_daemon(void)
{
    return self.daemon;
}

int mproc_active_children(mproc_process **ret_processes, int capacity)
{
    platform_setup();
    int count = 0;
    sweep_forgotten();
    platform_mutex_lock(&lock);
    for (struct child *child = children; child; child = child->next)
        if (child->object && !child->has_ended && ++count <= capacity)
            ret_processes[count - 1] = child->object;
    platform_mutex_unlock(&lock);
    return count;
}

int mproc__process_describe(const struct child_plan *plan, struct child_boot *boot)
{
    int code = 0;
    platform_mutex_lock(&lock);
    if (plan->lineage)
        snprintf(boot->lineage, sizeof boot->lineage, "%s", plan->lineage);
    else
        code = next_lineage_locked(boot->lineage);
    if (code == 0)
        code = make_authkey_locked();
    const uint8_t *key = plan->authkey ? plan->authkey : self.authkey;
    boot->authkey_size = (uint32_t)(plan->authkey ? plan->authkey_size : self.authkey_size);
    memcpy(boot->authkey, key, boot->authkey_size);
    memcpy(boot->parent_name, self.name, sizeof self.name);
    platform_mutex_unlock(&lock);
    if (plan->name)
        snprintf(boot->name, sizeof boot->name, "%s", plan->name);
    else
        name_by_lineage(boot->name, boot->lineage);
    return code;
}

void mproc__process_adopt(const struct child_boot *boot)
{
    /* What a fork has copied is forgotten, not freed: the parent's other threads may have been changing it. */
    lock = (platform_mutex)PLATFORM_MUTEX_INIT;
    children = NULL;
    created_count = 0;
    own_object = starting_object;
    starting_object = NULL;
    self = (mproc_process){ .kind = KIND_SELF, .daemon = boot->daemon, .authkey_size = boot->authkey_size };
    memcpy(self.authkey, boot->authkey, sizeof self.authkey);
    memcpy(self.name, boot->name, sizeof self.name);
    memcpy(self.lineage, boot->lineage, sizeof self.lineage);
    memcpy(parent.name, boot->parent_name, sizeof parent.name);
    parent_handle = (platform_handle)boot->parent;
    parent_pid = boot->parent_pid;
}

/* ---- The end of this process ---- */

static struct child *next_unjoined(bool is_daemon)
{
    platform_mutex_lock(&lock);
    struct child *child = children;
    while (child && (child->is_joined || child->is_daemon != is_daemon))
        child = child->next;
    if (child) {
        child->is_joined = true;
        child->references++;
    }
    platform_mutex_unlock(&lock);
    return child;
}

/* By the sentinel and not by has_ended: where exit handlers of a library run when the system has stopped all other
 * threads already, no watcher will say any more that a child has ended. */
static bool wait_for_sentinel(struct child *child, int64_t deadline_ns)
{
    unsigned char is_ready;
    platform_handle sentinel = platform_process_sentinel(child->process);
    return platform_wait_handles(&sentinel, 1, deadline_ns, &is_ready) != 0;
}

static void terminate_daemons(void)
{
    platform_mutex_lock(&lock);
    for (struct child *child = children; child; child = child->next)
        if (child->is_daemon && !child->has_ended)
            platform_process_terminate(child->process);
    platform_mutex_unlock(&lock);
}

void mproc__process_end_children(void)
{
    struct child *child;
    terminate_daemons();
    int64_t patience_ns = mproc__deadline(DAEMON_TIMEOUT_MS);
    while ((child = next_unjoined(false))) {
        wait_for_sentinel(child, INT64_MAX);
        put_child(child);
    }
    while ((child = next_unjoined(true))) {
        if (!wait_for_sentinel(child, patience_ns))
            platform_process_kill(child->process);
        put_child(child);
    }
}
