/* Tasks that do what they should not, calls that fail, memory, wrap-around: rules 40, 41, 43, 44, 53 and 54. Reaches into
 * the port's call table and into where rings begin. */
#include "calls.h"
#include "pool/pool.h"
#include "pool/ring_layout.h"
#include "pool_tasks.h"
#include "process/boot_layout.h"
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern uint32_t mproc__pool_first_position;

static void check_still_works(mproc_pool *pool)
{
    for (int i = 0; i < 20; i++) {
        int value = i;
        CHECK_OK(mproc_pool_apply(pool, square, MPROC_ARG(value), NULL, &value, sizeof value, NULL));
        CHECK_EQ(value, i * i);
    }
}

/* ---- One account of the workers ---- */

/* A death is taken in by whoever asks next, whichever way he asks. The lock keeps the pool's own thread from being
 * first. */
static void worker_pids_and_stats_see_the_same_workers(void)
{
    mproc_pool *pool;
    mproc_pool_stats stats;
    int64_t pids[2];
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 2, .max_restarts = INT_MAX }));
    for (int i = 0; i < 10; i++) {
        WAIT_UNTIL(mproc_pool_get_worker_pids(pool, pids, 2) == 2);
        platform_mutex_lock(&pool->lock);
        int64_t victim = pids[0];
        os_kill(victim);
        WAIT_UNTIL(atomic_load(&pool->news));
        platform_mutex_unlock(&pool->lock);
        int count = mproc_pool_get_worker_pids(pool, pids, 2);
        for (int j = 0; j < count; j++)
            CHECK(pids[j] != victim);
        CHECK_OK(mproc_pool_get_stats(pool, &stats));
        CHECK_EQ(stats.deaths, i + 1);
    }
    WAIT_UNTIL(mproc_pool_get_stats(pool, &stats) == 0 && stats.workers == 2);
    CHECK_EQ(mproc_pool_get_worker_pids(pool, NULL, 0), 2);
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- Bad tasks ---- */

/* Board word 5 counts what came back from fork, here and in the copy. */
static int fork_and_return(mproc_task *task)
{
    (void)task;
    pid_t pid = fork();
    atomic_fetch_add(&test_board()[5], 1);
    return pid < 0 ? -1 : 0;
}

static void rule_41_a_task_that_forks_and_returns(void)
{
    enum { COUNT = 8 };
    mproc_pool *pool = make_pool(2);
    for (int i = 0; i < COUNT; i++)
        CHECK_OK(mproc_pool_apply(pool, fork_and_return, MPROC_NO_ARGS, NULL, NULL, 0, NULL));
    WAIT_UNTIL(atomic_load(&test_board()[5]) == 2 * COUNT);
    check_still_works(pool);
    mproc_pool_stats stats;
    CHECK_OK(mproc_pool_get_stats(pool, &stats));
    CHECK_EQ(stats.deaths, 0);
    CHECK_OK(mproc_pool_free(pool));
}

static int close_everything(mproc_task *task)
{
    (void)task;
    for (int fd = 3; fd < 1024; fd++)
        close(fd);
    return 0;
}

static int block_all_signals(mproc_task *task)
{
    sigset_t all;
    (void)task;
    sigfillset(&all);
    return pthread_sigmask(SIG_BLOCK, &all, NULL) == 0 ? 0 : -1;
}

static void a_task_that_closes_all_descriptors(void)
{
    mproc_pool *pool = make_pool(1);
    CHECK_OK(mproc_pool_apply(pool, close_everything, MPROC_NO_ARGS, NULL, NULL, 0, NULL));
    check_still_works(pool);
    CHECK_OK(mproc_pool_close(pool));
    CHECK_OK(mproc_pool_join(pool, test_limit_ms(30000)));
    CHECK_OK(mproc_pool_free(pool));
}

static void a_task_that_blocks_all_signals(void)
{
    mproc_pool *pool = make_pool(1);
    CHECK_OK(mproc_pool_apply(pool, block_all_signals, MPROC_NO_ARGS, NULL, NULL, 0, NULL));
    mproc_result *stay = submit_stay(pool);
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 1);
    CHECK_OK(mproc_pool_terminate(pool));
    CHECK_OK(mproc_pool_join(pool, test_limit_ms(30000)));
    CHECK_OK(mproc_result_free(stay));
    CHECK_OK(mproc_pool_free(pool));
}

static int end_main_thread(mproc_task *task)
{
    (void)task;
    syscall(SYS_exit, 3);
    return 0;
}

/* Nothing of the C library runs then, and the library's own thread keeps the process. */
static void a_task_that_ends_its_main_thread_by_the_raw_call(void)
{
    mproc_pool *pool = make_pool(1);
    mproc_outcome outcome;
    mproc_result *result;
    CHECK_OK(mproc_pool_apply_async(pool, end_main_thread, MPROC_NO_ARGS, NULL, &result));
    CHECK_OK(mproc_result_get_outcome(result, test_limit_ms(30000), &outcome));
    CHECK_EQ(outcome.code, MPROC_E_WORKER_DIED);
    CHECK_OK(mproc_result_free(result));
    check_still_works(pool);
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- Scribbling ---- */

/* The area that the worker shares with its pool, found by an inline argument, which is part of a submission cell. */
static struct worker_area *own_area(mproc_task *task)
{
    char line[256];
    uintptr_t inside = (uintptr_t)mproc_task_get_argument(task).data;
    unsigned long long begin = 0, end = 0;
    FILE *file = fopen("/proc/self/maps", "r");
    CHECK(file != NULL);
    while (inside >= end && fgets(line, sizeof line, file) != NULL)
        CHECK(sscanf(line, "%llx-%llx", &begin, &end) == 2);
    CHECK(inside >= begin && inside < end);
    fclose(file);
    return (struct worker_area *)(uintptr_t)(begin + CHILD_ROLE_OFFSET);
}

enum where {
    SUBMIT_STAMPS,
    SUBMIT_TAKEN,
    COMPLETE_STAMPS,
    CONSUMED,
    ARGUMENT_TAIL,
    NOTIFY_AT,
    COMPLETE_TAIL,
    RESULT_TAIL,
    ARGUMENT_HEAD,
    SLEEP,
    SLEEP_ZERO,
    SLEEP_WAITERS,
    SETTINGS,
    CURRENT,
    PLACES
};

static struct scribbling {
    struct worker_area *area;
    enum where where;
    bool late;
    uint64_t seed;
} scribbling;

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void scribble_stamps(uint64_t *seed)
{
    struct worker_area *area = scribbling.area;
    for (unsigned i = 0; i < RING_SUBMIT_CELLS; i++) {
        uint32_t stamp = atomic_load(&area->submit[i].stamp);
        bool taken = scribbling.where == SUBMIT_TAKEN;
        atomic_store(&area->submit[i].stamp, taken ? stamp | STAMP_TAKEN : (uint32_t)next_random(seed));
    }
}

static void scribble_one_place(uint64_t *seed)
{
    struct worker_area *area = scribbling.area;
    _Atomic uint32_t *const words[PLACES] = { [CONSUMED] = &area->worker.consumed,
                                              [ARGUMENT_TAIL] = &area->worker.argument_tail,
                                              [NOTIFY_AT] = &area->parent.notify_at,
                                              [COMPLETE_TAIL] = &area->parent.complete_tail,
                                              [RESULT_TAIL] = &area->parent.result_tail,
                                              [ARGUMENT_HEAD] = &area->parent.argument_head,
                                              [SLEEP] = &area->sleep.value,
                                              [SLEEP_ZERO] = &area->sleep.value,
                                              [SLEEP_WAITERS] = &area->sleep.waiters };
    if (words[scribbling.where] != NULL)
        atomic_store(words[scribbling.where], scribbling.where == SLEEP_ZERO ? 0 : (uint32_t)next_random(seed));
    else if (scribbling.where == SUBMIT_STAMPS || scribbling.where == SUBMIT_TAKEN)
        scribble_stamps(seed);
    else if (scribbling.where == COMPLETE_STAMPS)
        for (unsigned i = 0; i < RING_COMPLETE_CELLS; i++)
            atomic_store(&area->complete[i].stamp, (uint32_t)next_random(seed));
    else if (scribbling.where == SETTINGS)
        memset(&area->settings, 0x55, sizeof area->settings);
    else if (scribbling.where == CURRENT) {
        atomic_store(&area->worker.current, next_random(seed));
        atomic_store(&area->worker.current_since, (int64_t)next_random(seed));
    }
}

/* Random words, anywhere. */
static void scribble_everywhere(uint64_t *seed)
{
    uint32_t *words = (uint32_t *)scribbling.area;
    for (int i = 0; i < 400; i++)
        words[next_random(seed) % (sizeof *scribbling.area / sizeof *words)] = (uint32_t)next_random(seed);
}

static void *scribble_now(void *unused)
{
    uint64_t seed = scribbling.seed;
    (void)unused;
    if (scribbling.late)
        os_sleep_ms(5);
    if (scribbling.where == PLACES)
        scribble_everywhere(&seed);
    else
        scribble_one_place(&seed);
    atomic_fetch_add(&test_board()[6], 1);
    return NULL;
}

/* Late: by another thread, when the worker has gone to sleep. */
static int scribble(mproc_task *task)
{
    pthread_t thread;
    if (mproc_task_read(task, &scribbling, sizeof scribbling) < 0)
        return -1;
    scribbling.area = own_area(task);
    if (!scribbling.late)
        scribble_now(NULL);
    else
        CHECK(pthread_create(&thread, NULL, scribble_now, NULL) == 0 && pthread_detach(thread) == 0);
    return 0;
}

/* Whatever comes of these tasks: not a hang, and, unless their very values may have been hit, no wrong value. */
static void check_after_scribbling(mproc_result **results, int count, bool values_are_safe)
{
    for (int i = 0; i < count; i++) {
        int value = -1;
        int code = mproc_result_get(results[i], test_limit_ms(10000), &value, sizeof value, NULL);
        CHECK(code != MPROC_E_TIMEOUT);
        if (values_are_safe)
            CHECK(code == MPROC_E_WORKER_DIED || (code == 0 && value == i * i));
        CHECK_OK(mproc_result_free(results[i]));
    }
}

static int start_afresh(mproc_task *task)
{
    (void)task;
    os_exit_now(1);
}

static void scribble_and_go_on(mproc_pool *pool, struct scribbling what)
{
    enum { BEHIND = 40 };
    mproc_result *scribbler, *results[BEHIND];
    /* What was hit last may be noticed only now. */
    WAIT_UNTIL(mproc_pool_apply(pool, start_afresh, MPROC_NO_ARGS, NULL, NULL, 0, NULL) == MPROC_E_WORKER_DIED);
    check_still_works(pool);
    atomic_store(&test_board()[6], 0);
    CHECK_OK(mproc_pool_apply_async(pool, scribble, MPROC_ARG(what), NULL, &scribbler));
    if (what.late)
        WAIT_UNTIL(atomic_load(&test_board()[6]) == 1 || mproc_result_wait(scribbler, 0) == 0);
    if (what.late)
        WAIT_UNTIL_MS(atomic_load(&test_board()[6]) == 1, 1000);
    for (int i = 0; i < BEHIND; i++)
        CHECK_OK(mproc_pool_apply_async(pool, square, MPROC_ARG(i), NULL, &results[i]));
    check_after_scribbling(results, BEHIND, what.where != PLACES);
    CHECK_OK(mproc_result_wait(scribbler, test_limit_ms(10000)));
    CHECK_OK(mproc_result_free(scribbler));
}

/* A worker whose words make no sense is killed, and so is one that sleeps and does not see its work. */
static void a_task_that_scribbles_over_one_place(void)
{
    mproc_pool *pool;
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 1, .max_restarts = 100000 }));
    for (int where = 0; where < PLACES; where++)
        for (int round = 0; round < 6; round++)
            scribble_and_go_on(pool, (struct scribbling){ .where = (enum where)where,
                                                          .late = round % 2,
                                                          .seed = 0x9e3779b97f4a7c15ull * (uint64_t)(round + 1) });
    CHECK_OK(mproc_pool_free(pool));
}

static void a_task_that_scribbles_over_its_rings(void)
{
    mproc_pool *pool;
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 2, .max_restarts = 100000 }));
    for (int round = 0; round < 100; round++) {
        scribble_and_go_on(pool, (struct scribbling){ .where = PLACES,
                                                      .late = round % 2,
                                                      .seed = 0x9e3779b97f4a7c15ull * (uint64_t)(round + 1) });
        CHECK_OK(mproc_pool_free(pool));
        CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 2, .max_restarts = 100000 }));
    }
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- Stopped workers ---- */

/* What it was given and has not begun is taken back, as from one with a long task; continued, it is given more. */
static void a_stopped_idle_worker_keeps_no_tasks(void)
{
    enum { COUNT = 40 };
    mproc_pool *pool = make_pool(2);
    mproc_result *results[COUNT];
    int64_t pids[2];
    CHECK_EQ(mproc_pool_get_worker_pids(pool, pids, 2), 2);
    for (int round = 0; round < 4; round++) {
        check_still_works(pool);
        CHECK(kill((pid_t)pids[round % 2], SIGSTOP) == 0);
        for (int i = 0; i < COUNT; i++)
            CHECK_OK(mproc_pool_apply_async(pool, square, MPROC_ARG(i), NULL, &results[i]));
        for (int i = 0; i < COUNT; i++) {
            int value;
            CHECK_OK(mproc_result_get(results[i], test_limit_ms(10000), &value, sizeof value, NULL));
            CHECK_EQ(value, i * i);
            CHECK_OK(mproc_result_free(results[i]));
        }
        check_still_works(pool);
        CHECK(kill((pid_t)pids[round % 2], SIGCONT) == 0);
        atomic_store(&test_board()[0], 0);
        atomic_store(&test_board()[1], 0);
        results[0] = submit_stay(pool);
        results[1] = submit_stay(pool);
        WAIT_UNTIL(atomic_load(&test_board()[1]) == 2);
        atomic_store(&test_board()[0], 1);
        for (int i = 0; i < 2; i++) {
            CHECK_OK(mproc_result_wait(results[i], test_limit_ms(30000)));
            CHECK_OK(mproc_result_free(results[i]));
        }
    }
    mproc_pool_stats stats;
    CHECK_OK(mproc_pool_get_stats(pool, &stats));
    CHECK_EQ(stats.deaths, 0);
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- What tasks start ---- */

static int start_grandchild(mproc_task *task)
{
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    int64_t number = pid;
    return mproc_task_return(task, &number, sizeof number);
}

static void kill_reaches_a_workers_children(void)
{
    mproc_pool *pool = make_pool(1);
    int64_t grandchild = 0;
    CHECK_OK(mproc_pool_apply(pool, start_grandchild, MPROC_NO_ARGS, NULL, &grandchild, sizeof grandchild, NULL));
    CHECK(os_is_alive(grandchild));
    CHECK_OK(mproc_pool_free(pool));
    WAIT_UNTIL(!os_is_alive(grandchild));
}

/* Its pid, once it has a process group or a session of its own. */
static int start_group(mproc_task *task)
{
    int ends[2];
    char told;
    CHECK(pipe(ends) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        if (mproc_task_get_id(task) % 2 != 0)
            setsid();
        else
            setpgid(0, 0);
        CHECK(write(ends[1], "", 1) == 1);
        for (;;)
            pause();
    }
    CHECK(read(ends[0], &told, 1) == 1);
    close(ends[0]);
    close(ends[1]);
    int64_t number = pid;
    return mproc_task_return(task, &number, sizeof number);
}

enum way { BY_TERMINATE, BY_FREE, BY_CLOSE, BY_CLOSE_AND_TERMINATE, BY_NUMBER_OF_TASKS, WAYS };

static void end_pool(mproc_pool *pool, enum way way)
{
    if (way == BY_CLOSE || way == BY_CLOSE_AND_TERMINATE)
        CHECK_OK(mproc_pool_close(pool));
    if (way == BY_TERMINATE || way == BY_CLOSE_AND_TERMINATE)
        CHECK_OK(mproc_pool_terminate(pool));
    if (way != BY_FREE && way != BY_NUMBER_OF_TASKS)
        CHECK_OK(mproc_pool_join(pool, test_limit_ms(30000)));
}

/* However a worker ends in order, or is ended, it takes along what it has started, whatever group that is in. */
static void a_workers_end_reaches_groups_of_their_own(void)
{
    enum { COUNT = 4 };
    for (int round = 0; round < 12 * WAYS; round++) {
        enum way way = (enum way)(round % WAYS);
        mproc_pool *pool;
        mproc_pool_options options = { .workers = 2, .max_tasks_per_worker = way == BY_NUMBER_OF_TASKS };
        CHECK_OK(mproc_pool_create(&pool, &options));
        int64_t pids[COUNT];
        for (int i = 0; i < COUNT; i++) {
            CHECK_OK(mproc_pool_apply(pool, start_group, MPROC_NO_ARGS, NULL, &pids[i], sizeof pids[i], NULL));
            CHECK(pids[i] > 0);
        }
        end_pool(pool, way);
        for (int i = 0; i < COUNT && way == BY_NUMBER_OF_TASKS; i++)
            WAIT_UNTIL(!os_is_alive(pids[i]));
        CHECK_OK(mproc_pool_free(pool));
        for (int i = 0; i < COUNT; i++)
            WAIT_UNTIL_MS(!os_is_alive(pids[i]), 5000);
    }
}

/* The program's own child is not ours to reap. */
static void own_children_are_never_reaped(void)
{
    pid_t own = fork();
    if (own == 0)
        _exit(33);
    CHECK(own > 0);
    mproc_pool *pool = make_pool(2);
    mproc_result *result;
    for (int i = 0; i < 5; i++) {
        CHECK_OK(mproc_pool_apply_async(pool, die, MPROC_NO_ARGS, NULL, &result));
        CHECK_CODE(mproc_result_get(result, test_limit_ms(30000), NULL, 0, NULL), MPROC_E_WORKER_DIED);
        CHECK_OK(mproc_result_free(result));
    }
    CHECK_OK(mproc_pool_free(pool));
    int status;
    CHECK_EQ(waitpid(own, &status, 0), own);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 33);
}

/* ---- Failing calls ---- */

static void rule_40_every_call_fails_once(void)
{
    int failures = 0, nth = 1;
    for (bool reached = true; reached; nth++) {
        mproc_pool *pool = NULL;
        int value = 3;
        CHECK_OK(platform_calls_fail_nth(NULL, nth, EMFILE));
        int code = mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 2 });
        reached = (int)platform_calls_count() >= nth;
        platform_calls_reset();
        if (code < 0) {
            failures++;
            CHECK(pool == NULL);
            CHECK(mproc_last_error()[0] != '\0');
            continue;
        }
        CHECK_OK(mproc_pool_apply(pool, square, MPROC_ARG(value), NULL, &value, sizeof value, NULL));
        CHECK_EQ(value, 9);
        CHECK_OK(mproc_pool_free(pool));
    }
    CHECK(failures > 3);
    CHECK(nth > 10);
}

static void rule_54_out_of_descriptors(void)
{
    struct rlimit old, low;
    CHECK(getrlimit(RLIMIT_NOFILE, &old) == 0);
    int failures = 0;
    for (int limit = 4; limit < 40; limit++) {
        mproc_pool *pool = NULL;
        low = old;
        low.rlim_cur = (rlim_t)limit;
        CHECK(setrlimit(RLIMIT_NOFILE, &low) == 0);
        int code = mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 2 });
        CHECK(setrlimit(RLIMIT_NOFILE, &old) == 0);
        failures += code < 0;
        if (code == 0)
            CHECK_OK(mproc_pool_free(pool));
    }
    CHECK(failures > 0);
    mproc_pool *pool = make_pool(2);
    check_still_works(pool);
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- Memory and wrap-around ---- */

static int64_t resident_kib(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    long size, resident;
    CHECK(file != NULL && fscanf(file, "%ld %ld", &size, &resident) == 2);
    fclose(file);
    return (int64_t)resident * (sysconf(_SC_PAGESIZE) / 1024);
}

static void run_tasks(mproc_pool *pool, int64_t count)
{
    enum { WINDOW = 1000 };
    static mproc_result *results[WINDOW];
    for (int64_t done = 0; done < count; done += WINDOW) {
        for (int i = 0; i < WINDOW; i++)
            CHECK_OK(mproc_pool_apply_async(pool, square, MPROC_ARG(i), NULL, &results[i]));
        for (int i = 0; i < WINDOW; i++) {
            int value;
            CHECK_OK(mproc_result_get(results[i], test_limit_ms(30000), &value, sizeof value, NULL));
            CHECK_EQ(value, i * i);
            CHECK_OK(mproc_result_free(results[i]));
        }
    }
}

static void no_growth(int64_t tasks)
{
    mproc_pool *pool = make_pool(2);
    run_tasks(pool, 10000);
    int64_t before = resident_kib();
    run_tasks(pool, tasks);
    CHECK_LE(resident_kib(), before + 512);
    CHECK_OK(mproc_pool_free(pool));
}

static void rule_44_no_growth(void)
{
    no_growth(400000);
}

static void rule_44_no_growth_over_10_million(void)
{
    no_growth(10000000);
}

/* Positions of the rings pass 2^29, where stamps wrap, and 2^32, where positions do. */
static void rings_wrap_around(void)
{
    static const uint32_t starts[] = { (1u << 29) - 300, UINT32_MAX - 300, (1u << 31) - 300 };
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        mproc__pool_first_position = starts[i];
        mproc_pool *pool = make_pool(2);
        run_tasks(pool, 5000);
        CHECK_OK(mproc_pool_free(pool));
    }
    mproc__pool_first_position = 0;
}

/* ---- The template ---- */

static int64_t template_pid(int64_t worker)
{
    char path[64];
    long parent = 0;
    snprintf(path, sizeof path, "/proc/%lld/stat", (long long)worker);
    FILE *file = fopen(path, "r");
    CHECK(file != NULL);
    CHECK(fscanf(file, "%*d (%*[^)]) %*c %ld", &parent) == 1);
    fclose(file);
    return parent;
}

static void template_killed(void)
{
    mproc_pool *pool = make_pool(2);
    int64_t pids[2];
    for (int round = 0; round < 3; round++) {
        WAIT_UNTIL(mproc_pool_get_worker_pids(pool, pids, 2) == 2);
        int64_t template = template_pid(pids[0]);
        CHECK(template != os_self_pid());
        os_kill(template);
        check_still_works(pool);
        mproc_result *result;
        CHECK_OK(mproc_pool_apply_async(pool, die, MPROC_NO_ARGS, NULL, &result));
        CHECK_CODE(mproc_result_get(result, test_limit_ms(30000), NULL, 0, NULL), MPROC_E_WORKER_DIED);
        CHECK_OK(mproc_result_free(result));
        /* The survivor may still be a child of nobody; both go, so that the next round finds a new template. */
        WAIT_UNTIL(mproc_pool_get_worker_pids(pool, pids, 2) == 2);
        for (int i = 0; i < 2; i++)
            os_kill(pids[i]);
        check_still_works(pool);
        mproc_pool_stats stats;
        WAIT_UNTIL(mproc_pool_get_stats(pool, &stats) == 0 && stats.deaths == 3u * ((unsigned)round + 1) &&
                   stats.workers == 2);
    }
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- Limits that the system refuses ---- */

/* The worker is a copy, and so is the plan that makes its call fail. */
static void rule_43_a_memory_limit_that_the_system_refuses_is_named(void)
{
    mproc_pool *pool = NULL;
    mproc_pool_options options = { .workers = 2, .max_worker_address_space = (size_t)1 << 36 };
    CHECK_OK(platform_calls_fail_nth("set_limit", 1, EPERM));
    CHECK_CODE(mproc_pool_create(&pool, &options), MPROC_E_OS);
    CHECK_CONTAINS(mproc_last_error(), "max_worker_address_space = 68719476736");
    CHECK(pool == NULL);
    platform_calls_reset();
    CHECK_OK(mproc_pool_create(&pool, &options));
    check_still_works(pool);
    CHECK_OK(mproc_pool_free(pool));
}

static const struct test tests[] = {
    TEST(worker_pids_and_stats_see_the_same_workers),
    TEST(rule_41_a_task_that_forks_and_returns),
    TEST(a_task_that_closes_all_descriptors),
    TEST(a_task_that_blocks_all_signals),
    TEST(a_task_that_ends_its_main_thread_by_the_raw_call),
    TEST_WITH(a_task_that_scribbles_over_one_place, TEST_NO_SANITIZER, 120),
    TEST_WITH(a_task_that_scribbles_over_its_rings, TEST_NO_SANITIZER, 120),
    TEST_WITH(a_stopped_idle_worker_keeps_no_tasks, 0, 60),
    TEST(kill_reaches_a_workers_children),
    TEST_WITH(a_workers_end_reaches_groups_of_their_own, 0, 120),
    TEST(own_children_are_never_reaped),
    TEST_WITH(rule_40_every_call_fails_once, 0, 120),
    TEST_WITH(rule_54_out_of_descriptors, TEST_NO_SANITIZER, 60),
    TEST_WITH(rule_44_no_growth, TEST_NO_SANITIZER, 90),
    TEST_WITH(rule_44_no_growth_over_10_million, TEST_NO_SANITIZER | TEST_SOAK, 900),
    TEST_WITH(rings_wrap_around, 0, 90),
    TEST_WITH(template_killed, TEST_FORK_ONLY, 60),
    TEST_WITH(rule_43_a_memory_limit_that_the_system_refuses_is_named, TEST_FORK_ONLY | TEST_NO_SANITIZER, 0),
};

TEST_MAIN_PLAIN(tests)
