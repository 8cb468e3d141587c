/* Watching where memory fails: what is told of a pool that is freed then. The linker puts this file's allocator before
 * the C library's, so that each allocation of the library can be the one that fails. Reaches into core. */
#include "os.h"
#include "pool/observe.h"
#include "pool_tasks.h"

/* ---- Memory ---- */

/* How many allocations succeed before one, or all, fail. Below zero: none does. */
static _Atomic int allowed = -1;
static _Atomic bool fails_on;
static _Atomic int failures;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

static bool fails(void)
{
    int left = atomic_load(&allowed);
    while (left > 0 && !atomic_compare_exchange_weak(&allowed, &left, left - 1))
        continue;
    if (left != 0)
        return false;
    if (!atomic_load(&fails_on))
        atomic_store(&allowed, -1);
    atomic_fetch_add(&failures, 1);
    return true;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    return fails() ? NULL : __real_realloc(memory, size);
}

static void fail_from(int first, bool on)
{
    atomic_store(&failures, 0);
    atomic_store(&fails_on, on);
    atomic_store(&allowed, first);
}

/* Whether one has. */
static bool end_of_failing(void)
{
    atomic_store(&allowed, -1);
    return atomic_load(&failures) > 0;
}

/* ---- Who watches ---- */

static struct {
    unsigned gone;
    uint64_t ended, lost, deaths;
    char name[64];
} seen;

static void see(void *user, enum record_type type, const void *record)
{
    const struct record_pool *pool = record;
    const struct record_lost *lost = record;
    (void)user;
    if (type == RECORD_POOL && pool->phase == RECORD_PHASE_GONE) {
        seen.gone++;
        snprintf(seen.name, sizeof seen.name, "%.*s", (int)pool->name.size, pool->name.data);
    } else if (type == RECORD_TASK_ENDED)
        seen.ended++;
    else if (type == RECORD_DEATH)
        seen.deaths++;
    else if (type == RECORD_LOST && lost->kind == RECORD_CLASS_LIFE)
        seen.lost += lost->count;
}

static void look(void)
{
    mproc__observe(OBSERVE_ALL | OBSERVE_FUNCTIONS, see, NULL);
}

static mproc_pool *make_watched(void)
{
    mproc_pool *pool;
    memset(&seen, 0, sizeof seen);
    mproc__observe_want(RECORD_WANTS_LIFE | RECORD_WANTS_DETAIL);
    CHECK_OK(mproc_pool_create(
        &pool,
        &(mproc_pool_options){ .name = "of little", .kind = MPROC_POOL_THREADS, .workers = 1, .statistics = 1 }));
    look();
    return pool;
}

/* ---- Tests ---- */

enum { TASKS = 20 };

static void run_tasks(mproc_pool *pool)
{
    for (int i = 0; i < TASKS; i++)
        CHECK_OK(mproc_pool_apply(pool, own_pid, MPROC_NO_ARGS, NULL, NULL, 0, NULL));
}

/* Of each task, and of the worker, it is told how it ended, or that this was lost; and of the pool, once, that it has
 * gone. */
static void check_all_is_told(int first)
{
    look();
    look();
    if (seen.gone != 1 || seen.ended + seen.deaths + seen.lost != TASKS + 1 || strcmp(seen.name, "of little") != 0)
        test_fail(__FILE__, __LINE__, "allocation %d: gone %u times, %" PRIu64 " told and %" PRIu64 " lost", first,
                  seen.gone, seen.ended, seen.lost);
    mproc__observe_want(0);
}

static bool free_without_memory(int first, bool on)
{
    mproc_pool *pool = make_watched();
    run_tasks(pool);
    fail_from(first, on);
    int code = mproc_pool_free(pool);
    bool has_failed = end_of_failing();
    CHECK_OK(code);
    check_all_is_told(first);
    return has_failed;
}

static bool look_without_memory(int first, bool on)
{
    mproc_pool *pool = make_watched();
    run_tasks(pool);
    CHECK_OK(mproc_pool_free(pool));
    fail_from(first, on);
    look();
    bool has_failed = end_of_failing();
    check_all_is_told(first);
    return has_failed;
}

static void fail_each(bool (*try_it)(int first, bool on))
{
    for (int on = 0; on < 2; on++)
        for (int first = 0; try_it(first, on != 0); first++)
            CHECK_LE(first, 500);
}

static void a_pool_that_is_freed_without_memory_is_told_of(void)
{
    fail_each(free_without_memory);
}

static void a_look_without_memory_makes_up_for_it(void)
{
    fail_each(look_without_memory);
}

/* MinGW's thread-local variables end a program that has no memory for them. */
static const struct test tests[] = {
    TEST_WITH(a_pool_that_is_freed_without_memory_is_told_of, TEST_ONCE | TEST_POSIX_ONLY, 60),
    TEST_WITH(a_look_without_memory_makes_up_for_it, TEST_ONCE | TEST_POSIX_ONLY, 60),
};
TEST_MAIN_PLAIN(tests)
