/* Threads that are used like processes. One lock guards all objects; functions run without it. */
#include "process/thread.h"
#include "base/deadline.h"
#include "base/error.h"
#include "base/log.h"
#include "base/options.h"
#include "base/ready.h"
#include "family/activity.h"
#include "family/thread_slot.h"
#include "family/view.h"
#include "process/boot_layout.h"
#include "process/exit.h"
#include "process/launch.h"
#include "process/task.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum thread_state { THREAD_NEW, THREAD_RUNS, THREAD_ENDED };

struct mproc_thread {
    struct mproc_thread *next; /* of those that run */
    uint32_t epoch;
    int references; /* the owner's, the thread's while it runs, and that of the process's end while it waits */
    bool owned;
    enum thread_state state;
    bool daemon;
    mproc_task_fn *function;
    void *argument;
    size_t argument_size;
    int64_t exit_code; /* once it has ended */
    char name[CHILD_NAME_MAX];
    platform_thread *thread; /* from start on */
    platform_condition changed;
};

static platform_mutex lock = PLATFORM_MUTEX_INIT;
static mproc_thread *running;
static _Thread_local mproc_thread *current;

static int check(const mproc_thread *thread)
{
    if (thread == NULL)
        return mproc__error_null("thread");
    if (thread->epoch != mproc__process_epoch || platform_is_copy())
        return mproc__error(MPROC_E_WRONG_PROCESS, "thread %s is another process's", thread->name);
    return 0;
}

/* ---- Making and unmaking ---- */

static int check_options(const mproc_thread_options *options)
{
    if (options->function == NULL)
        return mproc__error(MPROC_E_INVALID, "no function");
    if (options->args.size > 0 && options->args.data == NULL)
        return mproc__error(MPROC_E_INVALID, "the argument has a size but no data");
    return 0;
}

static void name_thread(mproc_thread *thread, const char *name)
{
    static _Atomic unsigned threads;
    if (name != NULL)
        snprintf(thread->name, sizeof thread->name, "%s", name);
    else
        snprintf(thread->name, sizeof thread->name, "Thread-%u", atomic_fetch_add(&threads, 1) + 1);
}

/* What it is made of but for its condition. NULL without memory. */
static mproc_thread *new_thread(const mproc_thread_options *options)
{
    mproc_thread *thread = calloc(1, sizeof *thread);
    void *argument = malloc(options->args.size + 1);
    if (thread == NULL || argument == NULL) {
        free(thread);
        free(argument);
        return NULL;
    }
    if (options->args.size > 0)
        memcpy(argument, options->args.data, options->args.size);
    thread->epoch = mproc__process_epoch;
    thread->references = 1;
    thread->owned = true;
    thread->daemon = options->daemon;
    thread->function = options->function;
    thread->argument = argument;
    thread->argument_size = options->args.size;
    name_thread(thread, options->name);
    return thread;
}

_Static_assert(STRUCT_ENDS_WITH(mproc_thread_options, name), "it can grow");

int mproc_thread_create_(mproc_thread **ret_thread, const mproc_thread_options *options, size_t options_size)
{
    mproc_thread_options own;
    if (ret_thread == NULL)
        return mproc__error_null("ret_thread");
    int code = mproc__family_allowed();
    if (code == 0)
        code = mproc__options_take(&own, sizeof own, options, options_size);
    if (code == 0)
        code = check_options(&own);
    if (code < 0)
        return code;
    mproc_thread *thread = new_thread(&own);
    if (thread == NULL)
        return mproc__error(MPROC_E_NO_MEMORY, "a thread");
    if (platform_condition_init(&thread->changed) < 0) {
        free(thread->argument);
        free(thread);
        return mproc__error_platform(MPROC_E_OS, "a condition");
    }
    *ret_thread = thread;
    return 0;
}

/* Lock held; released. */
static void put(mproc_thread *thread)
{
    bool last = --thread->references == 0;
    platform_mutex_unlock(&lock);
    if (!last)
        return;
    if (thread->thread != NULL)
        platform_thread_forget(thread->thread);
    platform_condition_destroy(&thread->changed);
    free(thread->argument);
    free(thread);
}

int mproc_thread_free(mproc_thread *thread)
{
    int code = thread != NULL ? check(thread) : 0;
    if (thread == NULL || code < 0)
        return code;
    platform_mutex_lock(&lock);
    thread->owned = false;
    put(thread);
    return 0;
}

/* ---- Its life ---- */

/* A copy, made by the function's fork, that has come back from it has no other thread to go on with. */
static void end_if_copy(const mproc_thread *thread)
{
    if (thread->epoch != mproc__process_epoch || platform_is_copy())
        platform_exit_now(0);
}

static void live(void *argument)
{
    mproc_thread *thread = argument;
    char message[TASK_MESSAGE_BYTES] = "";
    current = thread;
    int code = mproc__task_run(thread->function, (mproc_view){ thread->argument, thread->argument_size }, -1, message);
    end_if_copy(thread);
    if (code != 0 && message[0] != '\0')
        mproc__log(MPROC_LOG_ERROR, "thread %s: the function returned %d: %s", thread->name, code, message);
    thread->exit_code = code;
}

static void remove_running(const mproc_thread *thread)
{
    mproc_thread **place = &running;
    while (*place != thread)
        place = &(*place)->next;
    *place = thread->next;
}

/* However it came about. What the thread holds is a dead owner's before anybody hears of the end. */
static void has_ended(void *argument)
{
    mproc_thread *thread = argument;
    end_if_copy(thread);
    current = NULL;
    mproc__thread_slot_retire();
    platform_mutex_lock(&lock);
    remove_running(thread);
    thread->state = THREAD_ENDED;
    platform_condition_broadcast(&thread->changed);
    put(thread);
    if (family_is_ours())
        mproc__activity_announce();
}

/* ---- The end of the process ---- */

/* The next one that is to be joined. A thread that ends the process does not wait for itself. */
static mproc_thread *next_to_join(void)
{
    mproc_thread *thread = running;
    while (thread != NULL && (thread->daemon || thread == current))
        thread = thread->next;
    return thread;
}

static void join_all(void)
{
    mproc_thread *thread;
    platform_mutex_lock(&lock);
    while ((thread = next_to_join()) != NULL) {
        thread->references++;
        while (thread->state == THREAD_RUNS)
            platform_condition_wait(&thread->changed, &lock, INT64_MAX);
        put(thread);
        platform_mutex_lock(&lock);
    }
    platform_mutex_unlock(&lock);
}

void mproc__thread_adopt(void)
{
    /* What a fork has copied is forgotten, not freed: the parent's other threads may have been changing it. */
    platform_mutex_init(&lock);
    running = NULL;
    current = NULL;
}

/* ---- Starting and joining ---- */

/* With the lock: the new thread does not come to its end before all is entered here. */
static int start_locked(mproc_thread *thread)
{
    if (thread->state != THREAD_NEW)
        return mproc__error(MPROC_E_STATE, "thread %s was started before", thread->name);
    thread->exit_code = MPROC_EXIT_UNKNOWN;
    int code = platform_program_thread_start(live, has_ended, thread, thread->name, &thread->thread);
    if (code < 0)
        return mproc__error_platform(code, "a thread");
    thread->state = THREAD_RUNS;
    thread->references++;
    thread->next = running;
    running = thread;
    return 0;
}

int mproc_thread_start(mproc_thread *thread)
{
    int code = check(thread);
    if (code == 0)
        code = mproc__exit_arm(EXIT_THREADS, join_all);
    if (code < 0)
        return code;
    platform_mutex_lock(&lock);
    code = start_locked(thread);
    platform_mutex_unlock(&lock);
    return code;
}

static int join_locked(mproc_thread *thread, int64_t deadline_ns)
{
    if (thread->state == THREAD_NEW)
        return mproc__error(MPROC_E_STATE, "thread %s was not started", thread->name);
    while (thread->state == THREAD_RUNS)
        if (deadline_ns == 0 || !platform_condition_wait(&thread->changed, &lock, deadline_ns))
            return thread->state == THREAD_ENDED ? 0 : mproc__error(MPROC_E_TIMEOUT, "thread %s runs", thread->name);
    return 0;
}

int mproc_thread_join(mproc_thread *thread, int64_t timeout_ms)
{
    int code = check(thread);
    if (code < 0)
        return code;
    if (thread == current)
        return mproc__error(MPROC_E_DEADLOCK, "thread %s joins itself", thread->name);
    int64_t deadline = mproc__deadline(timeout_ms);
    platform_mutex_lock(&lock);
    code = join_locked(thread, deadline);
    platform_mutex_unlock(&lock);
    return code;
}

/* ---- What can be asked ---- */

static enum thread_state state_of(mproc_thread *thread)
{
    platform_mutex_lock(&lock);
    enum thread_state state = thread->state;
    platform_mutex_unlock(&lock);
    return state;
}

int mproc__thread_look(mproc_thread *thread)
{
    int code = check(thread);
    if (code < 0)
        return code;
    enum thread_state state = state_of(thread);
    if (state == THREAD_NEW)
        return mproc__error(MPROC_E_STATE, "thread %s was not started", thread->name);
    return state == THREAD_ENDED;
}

bool mproc_thread_is_alive(mproc_thread *thread)
{
    int code = check(thread);
    return mproc__answer(code < 0 ? code : state_of(thread) == THREAD_RUNS);
}

int mproc_thread_get_exit_code(mproc_thread *thread, int64_t *ret_code)
{
    if (ret_code == NULL)
        return mproc__error_null("ret_code");
    int code = check(thread);
    if (code == 0)
        *ret_code = state_of(thread) == THREAD_ENDED ? thread->exit_code : MPROC_EXIT_RUNNING;
    return code;
}

const char *mproc_thread_get_name(mproc_thread *thread)
{
    return thread != NULL ? thread->name : NULL;
}

int mproc_thread_set_name(mproc_thread *thread, const char *name)
{
    int code = check(thread);
    if (code == 0 && name == NULL)
        code = mproc__error_null("name");
    if (code < 0)
        return code;
    /* Not in place: a name may be given that was taken from the object. */
    char text[sizeof thread->name];
    snprintf(text, sizeof text, "%s", name);
    memcpy(thread->name, text, sizeof text);
    return 0;
}

bool mproc_thread_is_daemon(mproc_thread *thread)
{
    return mproc__answer(thread != NULL ? thread->daemon : mproc__error_null("thread"));
}

int mproc_thread_set_daemon(mproc_thread *thread, bool daemon)
{
    int code = check(thread);
    if (code < 0)
        return code;
    platform_mutex_lock(&lock);
    if (thread->state == THREAD_NEW)
        thread->daemon = daemon;
    else
        code = mproc__error(MPROC_E_STATE, "thread %s was started before", thread->name);
    platform_mutex_unlock(&lock);
    return code;
}

/* ---- What cannot be done ---- */

static int refuse_to_end(const mproc_thread *thread)
{
    if (thread == NULL)
        return mproc__error_null("thread");
    return mproc__error(MPROC_E_NOT_SUPPORTED, "a thread cannot be ended from outside; tell %s to return",
                        thread->name);
}

int mproc_thread_terminate(mproc_thread *thread)
{
    return refuse_to_end(thread);
}

int mproc_thread_kill(mproc_thread *thread)
{
    return refuse_to_end(thread);
}

/* ---- Which there are ---- */

mproc_thread *mproc_get_current_thread(void)
{
    return platform_is_copy() ? NULL : current;
}

int mproc_get_active_threads(mproc_thread **ret_threads, size_t capacity)
{
    size_t count = 0;
    int code = mproc__check_room(ret_threads, "ret_threads", capacity);
    if (code < 0)
        return code;
    if (platform_is_copy())
        return 0;
    platform_mutex_lock(&lock);
    for (mproc_thread *thread = running; thread != NULL; thread = thread->next) {
        if (!thread->owned)
            continue;
        if (count < capacity)
            ret_threads[count] = thread;
        count++;
    }
    platform_mutex_unlock(&lock);
    return (int)count;
}
