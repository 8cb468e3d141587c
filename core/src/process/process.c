/* Process objects. An object says what to start; children.c keeps what was started.
 *
 * One lock guards of every object what its threads share: child, starting, daemon. It is taken before that of
 * children.c.
 */
#include "process/process.h"
#include "base/deadline.h"
#include "base/error.h"
#include "base/function.h"
#include "base/options.h"
#include "family/view.h"
#include "process/boot_layout.h"
#include "process/children.h"
#include "process/crash_record.h"
#include "process/launch.h"
#include "process/plan.h"
#include "process/self.h"
#include "process/settings.h"
#include <stdlib.h>
#include <string.h>

#define START_TIMEOUT_MS 30000

enum process_kind { PROCESS_IS_CHILD, PROCESS_IS_SELF, PROCESS_IS_PARENT };

struct mproc_process {
    enum process_kind kind;
    int64_t owner; /* pid of the creator */
    bool starting;
    struct child *child; /* NULL before start */
    bool daemon, inherit_stdin;
    bool crash_reports;
    mproc_start_method start_method;
    int64_t start_timeout_ms;
    mproc_task_fn *function;
    void *argument;
    size_t argument_size;
    char *executable;
    struct identity *identity; /* own, but of this process and its parent */
    struct identity own;
};

static platform_mutex lock = PLATFORM_MUTEX_INIT;

static mproc_process self = { .kind = PROCESS_IS_SELF, .identity = &mproc__self_identity };
static mproc_process parent = { .kind = PROCESS_IS_PARENT, .identity = &mproc__parent_identity };

/* Under fork a child finds the object that it was started from in its copy of the parent's memory, and may ask
 * it as it may ask mproc_get_current_process. The forking thread notes it; no other thread is left to. */
static _Thread_local mproc_process *starting_object;
static mproc_process *own_object;

/* ---- Checks ---- */

/* The object that a call means. */
static int check(mproc_process **process)
{
    platform_setup();
    if (*process == NULL)
        return mproc__error(MPROC_E_INVALID, "process is NULL");
    if (*process == own_object)
        *process = &self;
    return 0;
}

static int check_owner(const mproc_process *process)
{
    if (process->kind != PROCESS_IS_CHILD)
        return mproc__error(MPROC_E_WRONG_PROCESS, "%s is not a child of this process", process->identity->name);
    if (process->owner != platform_self_pid())
        return mproc__error(MPROC_E_WRONG_PROCESS, "process %s was created by process %lld", process->identity->name,
                            (long long)process->owner);
    return 0;
}

static int check_mine(mproc_process **process)
{
    int code = check(process);
    return code < 0 ? code : check_owner(*process);
}

/* A reference on the child of an object; NULL before start. */
static struct child *find_child(mproc_process *process)
{
    platform_mutex_lock(&lock);
    struct child *child = process->child;
    if (child != NULL)
        mproc__children_hold(child);
    platform_mutex_unlock(&lock);
    return child;
}

/* The same of an object that has to be started: else NULL, and the error MPROC_E_STATE. */
static struct child *require_child(mproc_process *process)
{
    struct child *child = find_child(process);
    if (child == NULL)
        mproc__error(MPROC_E_STATE, "process %s has not been started", process->identity->name);
    return child;
}

/* ---- Creation ---- */

static void *copy_bytes(const void *data, size_t size)
{
    void *copy = malloc(size > 0 ? size : 1);
    if (copy == NULL)
        mproc__error(MPROC_E_NO_MEMORY, "a copy of %zu bytes", size);
    else if (size > 0)
        memcpy(copy, data, size);
    return copy;
}

static int check_options(const mproc_process_options *options)
{
    if (options->function == NULL)
        return mproc__error(MPROC_E_INVALID, "a process needs a function");
    if (options->start_timeout_ms < 0)
        return mproc__error(MPROC_E_INVALID, "start_timeout_ms is negative");
    if (options->args.size > 0 && options->args.data == NULL)
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
    process->kind = PROCESS_IS_CHILD;
    process->owner = platform_self_pid();
    process->function = options->function;
    process->daemon = options->daemon;
    process->inherit_stdin = options->inherit_stdin;
    process->crash_reports = options->crash_reports != 0;
    process->start_method = options->start_method;
    process->start_timeout_ms = options->start_timeout_ms > 0 ? options->start_timeout_ms : START_TIMEOUT_MS;
    process->argument_size = options->args.size;
    process->argument = copy_bytes(options->args.data, options->args.size);
    if (options->executable != NULL)
        process->executable = copy_bytes(options->executable, strlen(options->executable) + 1);
    if (process->argument == NULL || (options->executable != NULL && process->executable == NULL))
        return MPROC_E_NO_MEMORY;
    process->identity = &process->own;
    return mproc__self_identify(&process->own, options->name);
}

_Static_assert(STRUCT_ENDS_WITH(mproc_process_options, crash_reports), "it can grow");

int mproc_process_create_(mproc_process **ret_process, const mproc_process_options *options, size_t options_size)
{
    if (ret_process == NULL)
        return mproc__error_null("ret_process");
    platform_setup();
    mproc_start_method method;
    mproc_process_options own;
    int code = mproc__family_no_copy();
    if (code == 0)
        code = mproc__options_take(&own, sizeof own, options, options_size);
    if (code == 0)
        code = check_options(&own);
    if (code == 0)
        code = mproc__start_method_resolve(own.start_method, own.executable, &method);
    if (code == 0 && own.crash_reports != 0)
        code = mproc__crash_record_prepare();
    if (code < 0)
        return code;
    mproc_process *process = calloc(1, sizeof *process);
    if (process == NULL)
        return mproc__error(MPROC_E_NO_MEMORY, "a process object");
    code = fill_object(process, &own);
    if (code < 0) {
        free_object(process);
        return code;
    }
    *ret_process = process;
    return 0;
}

/* ---- Start ---- */

static int start(mproc_process *process)
{
    const struct identity *identity = process->identity;
    struct child_plan plan = { .role = CHILD_PROCESS,
                               .executable = process->executable,
                               .name = identity->name,
                               .lineage = identity->lineage,
                               .daemon = process->daemon,
                               /* In reach of the terminal it may read from it, and gets its signals. */
                               .apart = !process->inherit_stdin,
                               .inherit_stdin = process->inherit_stdin,
                               .authkey = identity->authkey,
                               .authkey_size = identity->authkey_size,
                               .crash_reports = process->crash_reports,
                               .function = (any_function *)process->function,
                               .args = { process->argument, process->argument_size } };
    struct child *child;
    int code = mproc__start_method_resolve(process->start_method, process->executable, &plan.method);
    if (code < 0)
        return code;
    starting_object = process;
    code = mproc__children_start(&plan, process->start_timeout_ms, &child);
    starting_object = NULL;
    if (code < 0)
        return code;
    platform_mutex_lock(&lock);
    process->child = child;
    mproc__children_add(child, process);
    platform_mutex_unlock(&lock);
    return 0;
}

int mproc_process_start(mproc_process *process)
{
    int code = check(&process);
    if (code == 0 && process->kind != PROCESS_IS_CHILD)
        return mproc__error(MPROC_E_STATE, "%s runs", process->identity->name);
    if (code == 0)
        code = check_owner(process);
    if (code == 0)
        code = mproc__child_allowed();
    if (code < 0)
        return code;
    mproc__children_sweep();
    platform_mutex_lock(&lock);
    bool started = process->child != NULL || process->starting;
    if (!started)
        process->starting = true;
    platform_mutex_unlock(&lock);
    if (started)
        return mproc__error(MPROC_E_STATE, "process %s was started before", process->identity->name);
    code = start(process);
    platform_mutex_lock(&lock);
    process->starting = false;
    platform_mutex_unlock(&lock);
    return code;
}

/* ---- Waiting and asking ---- */

static int join_parent(int64_t timeout_ms)
{
    int code = mproc__parent_wait(mproc__deadline(timeout_ms));
    if (code < 0)
        return code;
    return code > 0 ? 0 : mproc__error(MPROC_E_TIMEOUT, "the parent still runs");
}

int mproc_process_join(mproc_process *process, int64_t timeout_ms)
{
    int code = check(&process);
    if (code < 0)
        return code;
    if (process->kind == PROCESS_IS_SELF)
        return mproc__error(MPROC_E_DEADLOCK, "%s would wait for its own end", process->identity->name);
    if (process->kind == PROCESS_IS_PARENT)
        return join_parent(timeout_ms);
    code = check_owner(process);
    struct child *child = code < 0 ? NULL : require_child(process);
    if (child == NULL)
        return code < 0 ? code : MPROC_E_STATE;
    if (!(timeout_ms > 0 ? mproc__children_wait(child, mproc__deadline(timeout_ms)) : mproc__children_ended(child)))
        code = mproc__error(MPROC_E_TIMEOUT, "process %s still runs", process->identity->name);
    mproc__children_put(child);
    return code;
}

/* 1, 0, or an error. */
static int is_alive(mproc_process *process)
{
    int code = check(&process);
    if (code < 0)
        return code;
    if (process->kind == PROCESS_IS_SELF)
        return 1;
    if (process->kind == PROCESS_IS_PARENT)
        return mproc__parent_wait(0) <= 0;
    code = check_owner(process);
    struct child *child = code < 0 ? NULL : find_child(process);
    if (child == NULL)
        return code;
    bool alive = !mproc__children_ended(child);
    mproc__children_put(child);
    return alive;
}

bool mproc_process_is_alive(mproc_process *process)
{
    return mproc__answer(is_alive(process));
}

int mproc_process_get_exit_code(mproc_process *process, int64_t *ret_code)
{
    if (ret_code == NULL)
        return mproc__error_null("ret_code");
    int alive = is_alive(process);
    if (alive < 0)
        return alive;
    check(&process);
    if (process->kind == PROCESS_IS_PARENT)
        return check_owner(process);
    *ret_code = MPROC_EXIT_RUNNING;
    struct child *child = process->kind == PROCESS_IS_CHILD ? find_child(process) : NULL;
    if (child == NULL)
        return 0;
    *ret_code = mproc__children_exit_code(child);
    mproc__children_put(child);
    return 0;
}

const char *mproc_process_get_stack(mproc_process *process)
{
    int alive = is_alive(process);
    struct child *child = alive >= 0 && check_mine(&process) == 0 ? require_child(process) : NULL;
    const char *stack = NULL;
    if (child == NULL)
        return NULL;
    if (alive)
        mproc__error(MPROC_E_STATE, "process %s has not ended", process->identity->name);
    else
        stack = mproc__children_stack(child);
    mproc__children_put(child);
    return stack;
}

static int64_t pid_of_child(mproc_process *process)
{
    struct child *child = find_child(process);
    if (child == NULL)
        return 0;
    int64_t pid = platform_process_pid(mproc__children_process(child));
    mproc__children_put(child);
    return pid;
}

int64_t mproc_process_get_pid(mproc_process *process)
{
    if (check(&process) < 0)
        return 0;
    if (process->kind == PROCESS_IS_SELF)
        return platform_self_pid();
    return process->kind == PROCESS_IS_PARENT ? mproc__parent_pid() : pid_of_child(process);
}

const char *mproc_process_get_name(mproc_process *process)
{
    return check(&process) < 0 ? NULL : process->identity->name;
}

int mproc_process_set_name(mproc_process *process, const char *name)
{
    int code = check(&process);
    if (code < 0)
        return code;
    if (name == NULL)
        return mproc__error(MPROC_E_INVALID, "name is NULL");
    code = process->kind == PROCESS_IS_SELF ? 0 : check_owner(process);
    if (code == 0)
        mproc__identity_set_name(process->identity, name);
    return code;
}

/* 1, 0, or an error. */
static int is_daemon(mproc_process *process)
{
    int code = check(&process);
    if (code < 0)
        return code;
    if (process->kind == PROCESS_IS_SELF)
        return mproc__self_is_daemon();
    platform_mutex_lock(&lock);
    bool daemon = process->daemon;
    platform_mutex_unlock(&lock);
    return daemon;
}

bool mproc_process_is_daemon(mproc_process *process)
{
    return mproc__answer(is_daemon(process));
}

int mproc_process_set_daemon(mproc_process *process, bool daemon)
{
    int code = check(&process);
    if (code < 0)
        return code;
    if (process->kind == PROCESS_IS_SELF)
        return mproc__error(MPROC_E_STATE, "%s runs", process->identity->name);
    code = check_owner(process);
    if (code < 0)
        return code;
    platform_mutex_lock(&lock);
    bool started = process->child != NULL || process->starting;
    if (!started)
        process->daemon = daemon;
    platform_mutex_unlock(&lock);
    return started ? mproc__error(MPROC_E_STATE, "process %s was started before", process->identity->name) : 0;
}

int mproc_process_get_authkey(mproc_process *process, mproc_view *ret_key)
{
    if (ret_key == NULL)
        return mproc__error_null("ret_key");
    int code = check(&process);
    if (code == 0 && process->kind == PROCESS_IS_PARENT)
        code = check_owner(process);
    return code < 0 ? code : mproc__identity_authkey(process->identity, ret_key);
}

int mproc_process_set_authkey(mproc_process *process, const void *key, size_t size)
{
    if (key == NULL)
        return mproc__error_null("key");
    int code = check(&process);
    if (code == 0 && process->kind != PROCESS_IS_SELF)
        code = check_owner(process);
    return code < 0 ? code : mproc__identity_set_authkey(process->identity, key, size);
}

int mproc_process_get_sentinel(mproc_process *process, mproc_os_handle *ret_handle)
{
    if (ret_handle == NULL)
        return mproc__error_null("ret_handle");
    int code = check_mine(&process);
    if (code < 0)
        return code;
    struct child *child = require_child(process);
    if (child == NULL)
        return MPROC_E_STATE;
    *ret_handle = platform_process_sentinel(mproc__children_process(child));
    mproc__children_put(child);
    return 0;
}

/* ---- Ending ---- */

static int end_child(mproc_process *process, int (*end)(platform_process *), const char *what)
{
    int code = check_mine(&process);
    if (code < 0)
        return code;
    struct child *child = require_child(process);
    if (child == NULL)
        return MPROC_E_STATE;
    code = end(mproc__children_process(child));
    if (code < 0)
        mproc__error_platform(code, what);
    mproc__children_put(child);
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

int mproc_process_free(mproc_process *process)
{
    platform_setup();
    if (process == NULL)
        return 0;
    /* In a forked child the object is a copy, whose members mean the parent's process: it is left alone. */
    int code = check_mine(&process);
    if (code < 0)
        return code;
    platform_mutex_lock(&lock);
    if (process->child != NULL)
        mproc__children_forget(process->child);
    platform_mutex_unlock(&lock);
    free_object(process);
    mproc__children_sweep();
    return 0;
}

/* ---- This process ---- */

mproc_process *mproc_get_current_process(void)
{
    return &self;
}

mproc_process *mproc_get_parent_process(void)
{
    return mproc__parent_pid() != 0 ? &parent : NULL;
}

int mproc_get_active_children(mproc_process **ret_processes, size_t capacity)
{
    int code = mproc__check_room(ret_processes, "ret_processes", capacity);
    if (code < 0)
        return code;
    platform_setup();
    mproc__children_sweep();
    return mproc__children_active(ret_processes, capacity);
}

void mproc__process_adopt(void)
{
    platform_mutex_init(&lock);
    own_object = starting_object;
    starting_object = NULL;
}
