/* A process is killed after every so many instructions while it makes, gives away, takes back and frees memory of the
 * family segment, in its own name and in another process's, and while it sweeps: wherever it dies, after a sweep there
 * is exactly as much in use as before, what is made next is zero, and nothing is used twice. Reaches into core. Under
 * fork.
 */
#include "family/family_layout.h"
#include "memory/memory.h"
#include "memory/object.h"
#include "memory/span.h"
#include "memory/sweep.h"
#include "stepper.h"

#define MIB ((size_t)1 << 20)

struct job {
    uint64_t object[2]; /* whose, if it is given away */
    size_t size;
};

static uint64_t data_in_use(void)
{
    mproc_memory_usage usage;
    CHECK_OK(mproc_get_memory_usage(&usage));
    return usage.data;
}

static void make_object(uint64_t ret_id[2])
{
    void *object;
    CHECK_OK(mproc__object_create(FAMILY_QUEUE, 64, ret_id, &object));
    mproc__object_publish(ret_id);
}

/* Makes spans of all sizes, sees that they are zero, fills and frees them. */
static void use_all_sizes(size_t size)
{
    const size_t sizes[] = { 4096, size, 3 * size + 1 };
    uint64_t spans[TEST_COUNT(sizes)], self = mproc__span_owner_self();
    for (size_t i = 0; i < TEST_COUNT(sizes); i++) {
        void *address;
        CHECK_OK(mproc__span_create(sizes[i], self, &spans[i]));
        CHECK_OK(mproc__span_address(spans[i], &address));
        const unsigned char *bytes = address;
        CHECK(bytes[0] == 0 && memcmp(bytes, bytes + 1, mproc__span_size(spans[i]) - 1) == 0);
        memset(address, 0xee, mproc__span_size(spans[i]));
    }
    for (size_t i = 0; i < TEST_COUNT(sizes); i++)
        mproc__span_free(spans[i], self);
}

/* ---- Making, giving, freeing ---- */

static int use_a_span(mproc_task *task)
{
    struct job job;
    uint64_t span, self = mproc__span_owner_self();
    void *address;
    CHECK_OK(mproc_task_read(task, &job, sizeof job));
    uint64_t object = mproc__span_owner_object(job.object);
    /* Zeroing a large one would take more steps than all the rest. */
    int (*create)(size_t, uint64_t, uint64_t *) = job.size > MIB ? mproc__span_create_dirty : mproc__span_create;
    stepper_begin();
    if (create(job.size, self, &span) == 0 && mproc__span_address(span, &address) == 0) {
        mproc__span_give(span, self, object);
        /* For so many steps it is the object's. */
        for (int i = 0; i < 100; i++)
            *(volatile unsigned char *)address = 0xee;
        mproc__span_give(span, object, self);
        mproc__span_free(span, self);
    }
    if (job.size < MIB && create(job.size, object, &span) == 0)
        mproc__span_free(span, object);
    stepper_through();
}

/* Step by step until the process was through. */
static void kill_at_each(mproc_task_fn *function, size_t size, long stride)
{
    bool through = false;
    long kept = 0, deaths = 0;
    uint64_t before = data_in_use();
    for (long steps = 0; !through; steps += stride, deaths++) {
        struct job job = { .size = size };
        make_object(job.object);
        through = stepper_kill_after(function, MPROC_ARG(job), steps, NULL);
        uint64_t data = data_in_use();
        /* What it had given to the object is the object's. */
        CHECK(data == before || data == before + (size + 4095) / 4096 * 4096);
        kept += data != before;
        CHECK_OK(mproc__object_destroy(FAMILY_QUEUE, job.object));
        CHECK_EQ(data_in_use(), before);
        use_all_sizes(size);
    }
    CHECK_EQ(data_in_use(), before);
    fprintf(stderr, "%ld deaths, after %ld of them the object had it\n", deaths, kept);
    CHECK(deaths > 4 && (kept > 0 || stride > 100));
}

static void rule_53_killed_with_a_small_span(void)
{
    kill_at_each(use_a_span, 3 * 4096, stepper_stride(397, 1));
}

static void rule_53_killed_with_a_large_span(void)
{
    kill_at_each(use_a_span, MIB + 1, stepper_stride(1499, 101));
}

/* ---- In another process's name, as a pool's worker makes its values ---- */

struct value_job {
    uint64_t owner;
    size_t size;
};

static int make_a_value(mproc_task *task)
{
    struct value_job job;
    uint64_t span;
    CHECK_OK(mproc_task_read(task, &job, sizeof job));
    CHECK(mproc__span_owner_self() != 0);
    stepper_begin();
    /* One that is replaced, and one that it leaves. */
    if (mproc__span_create_dirty(job.size, job.owner, &span) == 0)
        mproc__span_free(span, job.owner);
    mproc__span_create_dirty(job.size, job.owner, &span);
    stepper_through();
}

/* A value is its parent's from the moment it is there: no sweep takes it after its maker's death, and the parent, who
 * was not told of it, frees all under the maker's tag and nothing else. */
static void rule_53_killed_while_making_a_value(void)
{
    uint64_t before = data_in_use(), own;
    bool through = false;
    long kept = 0;
    const size_t size = 3 * 4096;
    CHECK_OK(mproc__span_create(size, mproc__span_owner_process(0), &own));
    for (long steps = 0; !through; steps += stepper_stride(97, 1)) {
        struct value_job job = { mproc__span_owner_process(7), size };
        through = stepper_kill_after(make_a_value, MPROC_ARG(job), steps, NULL);
        uint64_t data = data_in_use();
        CHECK(data == before + size || data == before + 2 * size);
        kept += data != before + size;
        mproc__span_free_all(job.owner);
        CHECK_EQ(data_in_use(), before + size);
        use_all_sizes(size);
    }
    CHECK(kept > 0 && mproc__span_is_owner(own, mproc__span_owner_process(0)));
    mproc__span_free(own, mproc__span_owner_process(0));
    CHECK_EQ(data_in_use(), before);
}

static int free_all(mproc_task *task)
{
    uint64_t spans[3], owner = mproc__span_owner_process(3);
    (void)task;
    for (int i = 0; i < 3; i++)
        CHECK_OK(mproc__span_create(5 * 4096, owner, &spans[i]));
    stepper_begin();
    mproc__span_free_all(owner);
    stepper_through();
}

/* The parent of a worker that died is killed over the burial. */
static void rule_53_killed_while_freeing_all(void)
{
    uint64_t before = data_in_use();
    bool through = false;
    for (long steps = 0; !through; steps += stepper_stride(97, 1)) {
        through = stepper_kill_after(free_all, MPROC_NO_ARGS, steps, NULL);
        CHECK_EQ(data_in_use(), before);
        use_all_sizes(5 * 4096);
    }
}

/* ---- Spare memory ---- */

static int trim(mproc_task *task)
{
    (void)task;
    CHECK(mproc__span_owner_self() != 0);
    stepper_begin();
    mproc__pages_trim();
    stepper_through();
}

static void make_spare(size_t size)
{
    uint64_t span, self = mproc__span_owner_self();
    mproc__pages_keep((uint32_t)(size / 4096));
    CHECK_OK(mproc__span_create_dirty(size, self, &span));
    mproc__span_free(span, self);
}

static void rule_53_killed_while_trimming(void)
{
    uint64_t before = data_in_use();
    bool through = false;
    for (long steps = 0; !through; steps += stepper_stride(9973, 101)) {
        make_spare(19 * MIB);
        through = stepper_kill_after(trim, MPROC_NO_ARGS, steps, NULL);
        CHECK_EQ(data_in_use(), before);
        use_all_sizes(MIB);
    }
}

/* ---- Arrays ---- */

#define ITEMS 5000

static int make_an_array(mproc_task *task)
{
    mproc_array array;
    (void)task;
    CHECK(mproc__span_owner_self() != 0);
    stepper_begin();
    if (mproc_array_create(&array, 'c', ITEMS, NULL) == 0)
        mproc_array_destroy(array);
    stepper_through();
}

/* Killed when the array was made and its handle nowhere yet, it leaves an array, or its lock. It never leaves memory
 * without an array. */
static void rule_53_killed_while_making_an_array(void)
{
    mproc_memory_usage before, after;
    bool through = false;
    CHECK_OK(mproc_get_memory_usage(&before));
    for (long steps = 0; !through; steps += stepper_stride(397, 1), before = after) {
        through = stepper_kill_after(make_an_array, MPROC_NO_ARGS, steps, NULL);
        CHECK_OK(mproc_get_memory_usage(&after));
        uint64_t arrays = after.arrays - before.arrays, locks = after.locks - before.locks;
        CHECK(arrays <= 1 && locks <= 1);
        CHECK_EQ(after.data - before.data, arrays * 8192);
        use_all_sizes(4096);
    }
}

/* ---- Sweeping ---- */

static int sweep(mproc_task *task)
{
    (void)task;
    CHECK(mproc__span_owner_self() != 0);
    stepper_begin();
    mproc__memory_sweep();
    stepper_through();
}

static void rule_53_killed_while_sweeping(void)
{
    uint64_t before = data_in_use(), span;
    bool through = false;
    for (long steps = 0; !through; steps += stepper_stride(1601, 3)) {
        uint64_t object[2];
        make_object(object);
        for (int i = 0; i < 3; i++)
            CHECK_OK(mproc__span_create(5 * 4096, mproc__span_owner_object(object), &span));
        CHECK_OK(mproc__object_destroy(FAMILY_QUEUE, object));
        through = stepper_kill_after(sweep, MPROC_NO_ARGS, steps, NULL);
        CHECK_EQ(data_in_use(), before);
        use_all_sizes(5 * 4096);
    }
    CHECK_EQ(data_in_use(), before);
}

static const struct test tests[] = {
    TEST_WITH(rule_53_killed_with_a_small_span, TEST_FORK_ONLY | TEST_NO_SANITIZER, 1800),
    TEST_WITH(rule_53_killed_with_a_large_span, TEST_FORK_ONLY | TEST_NO_SANITIZER, 1800),
    TEST_WITH(rule_53_killed_while_making_a_value, TEST_FORK_ONLY | TEST_NO_SANITIZER, 1800),
    TEST_WITH(rule_53_killed_while_freeing_all, TEST_FORK_ONLY | TEST_NO_SANITIZER, 1800),
    TEST_WITH(rule_53_killed_while_trimming, TEST_FORK_ONLY | TEST_NO_SANITIZER, 1800),
    TEST_WITH(rule_53_killed_while_making_an_array, TEST_FORK_ONLY | TEST_NO_SANITIZER, 1800),
    TEST_WITH(rule_53_killed_while_sweeping, TEST_FORK_ONLY | TEST_NO_SANITIZER, 1800),
};

TEST_MAIN_PLAIN(tests)
