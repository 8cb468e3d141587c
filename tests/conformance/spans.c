/* Spans: memory of any size in the family segment, and who owns it. Rules 53 and 54. Reaches into core and into the
 * port's call table.
 */
#include "calls.h"
#include "channel/message.h"
#include "family/family_layout.h"
#include "memory/memory.h"
#include "memory/object.h"
#include "memory/span.h"
#include "test.h"
#include <errno.h>

#define MIB ((size_t)1 << 20)

static uint64_t data_in_use(void)
{
    mproc_memory_usage usage;
    CHECK_OK(mproc_get_memory_usage(&usage));
    return usage.data;
}

static unsigned char *address_of(uint64_t span)
{
    void *address;
    CHECK_OK(mproc__span_address(span, &address));
    return address;
}

static uint64_t make(size_t size)
{
    uint64_t span;
    CHECK_OK(mproc__span_create(size, mproc__span_owner_self(), &span));
    CHECK(mproc__span_size(span) >= size);
    return span;
}

static void unmake(uint64_t span)
{
    mproc__span_free(span, mproc__span_owner_self());
}

static bool is_filled(const unsigned char *bytes, size_t size, unsigned char with)
{
    return bytes[0] == with && memcmp(bytes, bytes + 1, size - 1) == 0;
}

static const size_t sizes[] = { 1, 4095, 4096, 4097, 65536, MIB - 1, MIB, MIB + 1, 3 * MIB, 9 * MIB + 5 };

/* Zero at first, zero again when what was written has been freed, and nobody else's. */
static void sizes_in_any_order(void)
{
    uint64_t spans[3 * TEST_COUNT(sizes)], before = data_in_use();
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < TEST_COUNT(spans); i++) {
            spans[i] = make(sizes[i % TEST_COUNT(sizes)]);
            CHECK(is_filled(address_of(spans[i]), mproc__span_size(spans[i]), 0));
            memset(address_of(spans[i]), (int)i + 1, mproc__span_size(spans[i]));
        }
        for (size_t i = 0; i < TEST_COUNT(spans); i++)
            CHECK(is_filled(address_of(spans[i]), mproc__span_size(spans[i]), (unsigned char)(i + 1)));
        for (size_t i = 0; i < TEST_COUNT(spans); i++)
            unmake(spans[i * 7 % TEST_COUNT(spans)]);
        CHECK_EQ(data_in_use(), before);
    }
}

static void stale_spans(void)
{
    void *address = NULL;
    uint64_t self = mproc__span_owner_self(), old = make(5000);
    unmake(old);
    CHECK_CODE(mproc__span_address(old, &address), MPROC_E_STALE);
    CHECK_CODE(mproc__span_address(0, &address), MPROC_E_STALE);
    CHECK_CODE(mproc__span_address(UINT64_MAX, &address), MPROC_E_STALE);
    uint64_t span = make(5000);
    CHECK_CODE(mproc__span_address(old, &address), MPROC_E_STALE);
    CHECK(!mproc__span_give(old, self, self));
    unmake(old);
    CHECK(is_filled(address_of(span), 5000, 0));
    unmake(span);
    unmake(span);
    CHECK(address == NULL);
}

static void owned_by_one(void)
{
    uint64_t id[2], other[2], self = mproc__span_owner_self(), before = data_in_use();
    void *object;
    CHECK_OK(mproc__object_create(FAMILY_ARRAY, 64, id, &object));
    mproc__object_publish(id);
    CHECK_OK(mproc__object_create(FAMILY_ARRAY, 64, other, &object));
    mproc__object_publish(other);
    uint64_t span = make(100), owner = mproc__span_owner_object(id);
    CHECK(!mproc__span_give(span, owner, self));
    CHECK(mproc__span_give(span, self, owner));
    CHECK(!mproc__span_give(span, self, owner));
    mproc__span_free(span, self);
    CHECK_EQ(data_in_use(), before + 4096);
    CHECK_OK(mproc__object_destroy(FAMILY_ARRAY, other));
    CHECK_EQ(data_in_use(), before + 4096);
    /* Destroyed and forgotten: the sweep frees it. */
    CHECK_OK(mproc__object_destroy(FAMILY_ARRAY, id));
    CHECK_EQ(data_in_use(), before);
    void *address;
    CHECK_CODE(mproc__span_address(span, &address), MPROC_E_STALE);
    CHECK_CODE(mproc__span_create(0, self, &span), MPROC_E_INVALID);
}

/* An object that was never published is its maker's, and its spans with it. */
static int make_and_stay(mproc_task *task)
{
    uint64_t id[2], span;
    void *object;
    make(3 * MIB);
    CHECK_OK(mproc__object_create(FAMILY_ARRAY, 64, id, &object));
    CHECK_OK(mproc__span_create(7000, mproc__span_owner_object(id), &span));
    CHECK_OK(mproc__object_create(FAMILY_ARRAY, 64, id, &object));
    mproc__object_publish(id);
    CHECK_OK(mproc__span_create(5 * MIB, mproc__span_owner_object(id), &span));
    memset(address_of(span), 7, 5 * MIB);
    for (int i = 0; i < 2; i++)
        atomic_store(&test_board()[20 + i], (int64_t)id[i]);
    atomic_store(&test_board()[22], (int64_t)span);
    return test_stay(task);
}

static void rule_53_death_of_an_owner(void)
{
    uint64_t before = data_in_use();
    mproc_process *process = test_start(make_and_stay, MPROC_NO_ARGS);
    WAIT_UNTIL(atomic_load(&test_board()[22]));
    CHECK_EQ(data_in_use(), before + 8 * MIB + 8192);
    CHECK_OK(mproc_process_kill(process));
    test_finish(process);
    /* What belongs to an object outlives who made it. */
    CHECK_EQ(data_in_use(), before + 5 * MIB);
    uint64_t id[2] = { (uint64_t)atomic_load(&test_board()[20]), (uint64_t)atomic_load(&test_board()[21]) };
    uint64_t span = (uint64_t)atomic_load(&test_board()[22]);
    CHECK(is_filled(address_of(span), 5 * MIB, 7));
    CHECK_OK(mproc__object_destroy(FAMILY_ARRAY, id));
    mproc__span_free(span, mproc__span_owner_object(id));
    CHECK_EQ(data_in_use(), before);
}

/* ---- Rule 54 ---- */

static int scene_small_limit(const char *argument)
{
    (void)argument;
    mproc_memory_usage usage;
    uint64_t spans[64], more, self;
    size_t count = 0;
    CHECK_OK(mproc_set_memory_limit(16 * MIB + 5));
    self = mproc__span_owner_self();
    CHECK_CODE(mproc_set_memory_limit(0), MPROC_E_STATE);
    while (mproc__span_create(MIB, self, &spans[count]) == 0)
        count++;
    CHECK(count >= 12 && count < 16);
    CHECK_CODE(mproc__span_create(MIB, self, &more), MPROC_E_LIMIT);
    CHECK_CONTAINS(mproc_last_error(), "1048576");
    CHECK_CONTAINS(mproc_last_error(), "16777216");
    CHECK_CODE(mproc__span_create(17 * MIB, self, &more), MPROC_E_LIMIT);
    CHECK_CODE(mproc__span_create(SIZE_MAX, self, &more), MPROC_E_LIMIT);
    CHECK_OK(mproc_get_memory_usage(&usage));
    CHECK_EQ(usage.limit, 16 * MIB);
    CHECK_EQ(usage.data, count * MIB);
    /* All is as before. */
    unmake(spans[--count]);
    spans[count++] = make(MIB);
    while (count > 0)
        unmake(spans[--count]);
    unmake(make(12 * MIB));
    CHECK_EQ(data_in_use(), 0);
    return 0;
}

static void rule_54_small_limit(void)
{
    CHECK_EQ(test_scene("scene_small_limit", "", NULL, 0), 0);
}

static void rule_54_limits_out_of_range(void)
{
    CHECK_CODE(mproc_set_memory_limit(1), MPROC_E_INVALID);
    CHECK_CODE(mproc_set_memory_limit(UINT64_MAX), MPROC_E_LIMIT);
}

/* ---- What a crowd leaves behind ---- */

static mproc_memory_usage usage(void)
{
    mproc_memory_usage now;
    CHECK_OK(mproc_get_memory_usage(&now));
    CHECK_EQ(now.used, now.tables + now.objects + now.data);
    CHECK(now.objects <= now.object_limit && now.object_limit <= now.room && now.room < now.limit);
    return now;
}

/* All data again in one piece, but for the objects' pages, which lie at the end. */
static void make_the_largest(int64_t less)
{
    mproc_memory_usage now = usage();
    mproc_array_options options = { .raw = 1 };
    mproc_array array;
    int64_t most = (int64_t)(now.room - now.objects) / (int64_t)MIB * (int64_t)MIB;
    CHECK_OK(mproc_array_create(&array, 'B', most - less, &options));
    CHECK_OK(mproc_array_destroy(array));
}

static size_t make_arrays(mproc_array *arrays, size_t max)
{
    size_t count = 0;
    while (count < max && mproc_array_create(&arrays[count], 'B', 4096, NULL) == 0)
        count++;
    return count;
}

static int scene_many_small_arrays(const char *argument)
{
    static mproc_array arrays[16384];
    (void)argument;
    CHECK_OK(mproc_set_memory_limit(64 * MIB));
    size_t count = make_arrays(arrays, TEST_COUNT(arrays));
    CHECK(count > 14000 && count < TEST_COUNT(arrays));
    CHECK_CONTAINS(mproc_last_error(), "by objects");
    for (size_t i = 0; i < count; i++)
        CHECK_OK(mproc_array_destroy(arrays[i]));
    make_the_largest(0);
    /* Some of them, in the middle of which others are made and freed, with locks between them. */
    for (int round = 0; round < 20; round++) {
        mproc_lock lock;
        count = make_arrays(arrays, 500 + (size_t)round * 300);
        CHECK_OK(mproc_lock_create(&lock, NULL));
        for (size_t i = 0; i < count; i++)
            CHECK_OK(mproc_array_destroy(arrays[i * 7919 % count]));
    }
    make_the_largest(0);
    return 0;
}

static void found_14_many_small_arrays_make_room_for_a_large_one(void)
{
    CHECK_EQ(test_scene("scene_many_small_arrays", "", NULL, 0), 0);
}

static size_t make_locks(mproc_lock *locks, size_t max)
{
    size_t count = 0;
    while (count < max && mproc_lock_create(&locks[count], NULL) == 0)
        count++;
    return count;
}

static void make_one_of_each(void)
{
    /* A lock may be what there is too much of. */
    mproc_array_options options = { .raw = 1 };
    mproc_queue queue;
    mproc_array array;
    mproc_rlock rlock;
    mproc_semaphore semaphore;
    mproc_event event;
    mproc_connection first, second;
    CHECK_OK(mproc_queue_create(&queue, NULL));
    CHECK_OK(mproc_array_create(&array, 'B', 4096, &options));
    CHECK_OK(mproc_rlock_create(&rlock, NULL));
    CHECK_OK(mproc_semaphore_create(&semaphore, 1, NULL));
    CHECK_OK(mproc_event_create(&event, NULL));
    CHECK_OK(mproc_pipe_create(&first, &second, NULL));
}

static int scene_many_locks(const char *argument)
{
    static mproc_lock locks[32768];
    (void)argument;
    CHECK_OK(mproc_set_memory_limit(4 * MIB));
    size_t count = make_locks(locks, TEST_COUNT(locks));
    CHECK(count >= 8192 && count < TEST_COUNT(locks));
    mproc_lock more;
    CHECK_CODE(mproc_lock_create(&more, NULL), MPROC_E_LIMIT);
    CHECK_CONTAINS(mproc_last_error(), "one more lock");
    /* While they are there, and when they are not. */
    make_one_of_each();
    CHECK_EQ(usage().locks, count);
    for (size_t i = 0; i < count; i++)
        CHECK_OK(mproc_lock_destroy(locks[i]));
    make_one_of_each();
    CHECK(usage().objects * 2 <= usage().room);
    return 0;
}

static void found_14_a_crowd_of_one_kind_leaves_room_for_others(void)
{
    CHECK_EQ(test_scene("scene_many_locks", "", NULL, 0), 0);
}

static int scene_object_limit(const char *argument)
{
    static mproc_lock locks[32768];
    (void)argument;
    CHECK_CODE(mproc_set_object_limit(1), MPROC_E_INVALID);
    CHECK_CODE(mproc_set_object_limit(UINT64_MAX), MPROC_E_LIMIT);
    CHECK_OK(mproc_set_memory_limit(16 * MIB));
    CHECK_OK(mproc_set_object_limit(MIB));
    size_t count = make_locks(locks, TEST_COUNT(locks));
    CHECK_EQ(count, MIB / 2 / 64);
    CHECK_CONTAINS(mproc_last_error(), "1048576");
    CHECK_CODE(mproc_set_object_limit(0), MPROC_E_STATE);
    CHECK_EQ(usage().object_limit, MIB);
    make_the_largest(0);
    return 0;
}

static void found_14_object_limit(void)
{
    CHECK_EQ(test_scene("scene_object_limit", "", NULL, 0), 0);
}

/* With all of the memory in use by data, what an object needs is found wherever a page becomes free, and the family
 * goes on. */
static int scene_objects_among_data(const char *argument)
{
    static uint64_t spans[4096];
    static mproc_lock locks[200];
    size_t count = 0;
    (void)argument;
    CHECK_OK(mproc_set_memory_limit(8 * MIB));
    uint64_t self = mproc__span_owner_self();
    while (mproc__span_create(4096, self, &spans[count]) == 0)
        count++;
    CHECK_CODE(mproc_lock_create(&locks[0], NULL), MPROC_E_LIMIT);
    for (size_t i = 100; i < 104; i++)
        unmake(spans[i]);
    CHECK_EQ(make_locks(locks, TEST_COUNT(locks)), 200);
    CHECK_CODE(mproc__span_create(4096, self, &spans[100]), MPROC_E_LIMIT);
    CHECK_EQ(usage().objects, 4 * 4096);
    CHECK_EQ(usage().used - usage().tables, usage().room);
    for (size_t i = 0; i < TEST_COUNT(locks); i++)
        CHECK_OK(mproc_lock_destroy(locks[i]));
    for (size_t i = 0; i < count; i++)
        unmake(i < 100 || i > 103 ? spans[i] : 0);
    CHECK_EQ(usage().data, 0);
    make_the_largest(2 * (int64_t)MIB);
    return 0;
}

static void objects_among_data(void)
{
    CHECK_EQ(test_scene("scene_objects_among_data", "", NULL, 0), 0);
}

/* The nth call into the system fails while memory is made, mapped and given back. */
static int try_sizes(void)
{
    static const size_t tried[] = { 4096, MIB + 1, 5 * MIB, 40 * MIB };
    uint64_t span;
    for (size_t i = 0; i < TEST_COUNT(tried); i++) {
        int code = mproc__span_create(tried[i], mproc__span_owner_self(), &span);
        if (code < 0)
            return code;
        unmake(span);
    }
    return 0;
}

static void rule_54_nth_call(void)
{
    uint64_t before = data_in_use();
    int failures = 0, nth = 0, code, calls;
    do {
        CHECK_OK(platform_calls_fail_nth(NULL, ++nth, 12));
        code = try_sizes();
        calls = platform_calls_count();
        platform_calls_reset();
        failures += code < 0;
        CHECK_EQ(data_in_use(), before);
        CHECK_OK(try_sizes());
    } while (calls >= nth);
    CHECK(failures > 0);
}

/* ---- Many at once ---- */

/* Each process makes and frees at random, and finds its memory zero, and as it left it. */
struct storm {
    unsigned seed;
    int rounds;
};

static size_t random_size(unsigned *seed)
{
    unsigned kind = test_random(seed) % 100;
    return kind < 70 ? test_random(seed) % 20000 + 1 : kind < 97 ? test_random(seed) % 65536 * 3 + 1 : 2 * MIB + 77;
}

static void storm_on(struct storm storm)
{
    enum { HELD = 8 };
    uint64_t spans[HELD] = { 0 };
    for (int i = 0; i < storm.rounds; i++) {
        unsigned place = test_random(&storm.seed) % HELD;
        if (spans[place]) {
            CHECK(is_filled(address_of(spans[place]), mproc__span_size(spans[place]), (unsigned char)(place + 1)));
            unmake(spans[place]);
        }
        spans[place] = make(random_size(&storm.seed));
        CHECK(is_filled(address_of(spans[place]), mproc__span_size(spans[place]), 0));
        memset(address_of(spans[place]), (int)place + 1, mproc__span_size(spans[place]));
    }
    for (unsigned place = 0; place < HELD; place++)
        if (spans[place])
            unmake(spans[place]);
}

static int make_at_random(mproc_task *task)
{
    struct storm storm;
    CHECK_OK(mproc_task_read(task, &storm, sizeof storm));
    storm_on(storm);
    return 0;
}

static void make_in_thread(void *user)
{
    storm_on(*(struct storm *)user);
}

/* Who map the same chunks and extents at the same time. */
static void many_threads(void)
{
    os_thread *threads[4];
    struct storm storms[4];
    uint64_t before = data_in_use();
    for (unsigned i = 0; i < 4; i++) {
        storms[i] = (struct storm){ i * 91 + 3, test_is_soak() ? 100000 : 1000 };
        threads[i] = os_thread_start(make_in_thread, &storms[i]);
    }
    for (int i = 0; i < 4; i++)
        os_thread_join(threads[i]);
    CHECK_EQ(data_in_use(), before);
}

static void many_processes(void)
{
    mproc_process *processes[4];
    uint64_t before = data_in_use();
    for (unsigned i = 0; i < 4; i++) {
        struct storm storm = { i * 77 + 1, test_is_soak() ? 100000 : 1500 };
        processes[i] = test_start(make_at_random, MPROC_ARG(storm));
    }
    for (int i = 0; i < 4; i++)
        CHECK_EQ(test_finish(processes[i]), 0);
    CHECK_EQ(data_in_use(), before);
}

/* Killed at random moments: after a sweep all is as it was. */
static void rule_53_kills_at_random(void)
{
    enum { WORKERS = 3 };
    mproc_process *processes[WORKERS] = { NULL };
    mproc_memory_usage usage;
    CHECK_OK(mproc_get_memory_usage(&usage));
    int rounds = test_is_soak() ? 20000 : 60;
    for (int i = 0; i < rounds + WORKERS; i++) {
        int place = i % WORKERS;
        if (processes[place]) {
            os_sleep_ms(i * 7 % 5);
            CHECK_OK(mproc_process_kill(processes[place]));
            test_finish(processes[place]);
        }
        struct storm storm = { (unsigned)i * 31 + 7, 1 << 30 };
        processes[place] = i < rounds ? test_start(make_at_random, MPROC_ARG(storm)) : NULL;
    }
    uint64_t data = usage.data;
    CHECK_OK(mproc_get_memory_usage(&usage));
    CHECK_EQ(usage.data, data);
    CHECK_OK(try_sizes());
}

/* A connection's message may have any size, a queue's less than 4 GiB: it is refused, not cut, and still held. */
static void a_message_too_large_for_a_queue_is_not_cut(void)
{
    if (sizeof(size_t) == 4)
        return;
    mproc_queue queue;
    struct held_message held = { .data = malloc(1), .size = (size_t)UINT32_MAX + 1 };
    CHECK_OK(mproc_queue_create(&queue, NULL));
    mproc_message message = mproc__message_hold(mproc__message_ticket(), &held);
    CHECK_CODE(mproc_queue_commit(queue, message, 0), MPROC_E_LIMIT);
    CHECK(mproc_queue_is_empty(queue));
    CHECK_OK(mproc_message_free(message));
    CHECK_OK(mproc_queue_destroy(queue));
}

static const struct test tests[] = {
    TEST(sizes_in_any_order),
    TEST(stale_spans),
    TEST(owned_by_one),
    TEST(rule_53_death_of_an_owner),
    TEST_WITH(rule_54_small_limit, TEST_ONCE, 0),
    TEST(rule_54_limits_out_of_range),
    TEST_WITH(found_14_many_small_arrays_make_room_for_a_large_one, TEST_ONCE, 120),
    TEST_WITH(found_14_a_crowd_of_one_kind_leaves_room_for_others, TEST_ONCE, 120),
    TEST_WITH(found_14_object_limit, TEST_ONCE, 0),
    TEST_WITH(objects_among_data, TEST_ONCE, 0),
    TEST(a_message_too_large_for_a_queue_is_not_cut),
    TEST_WITH(rule_54_nth_call, 0, 120),
    TEST_WITH(many_threads, TEST_ONCE, 600),
    TEST_WITH(many_processes, 0, 600),
    TEST_WITH(rule_53_kills_at_random, 0, 3600),
};

static const struct scene scenes[] = {
    SCENE(scene_small_limit),  SCENE(scene_many_small_arrays),  SCENE(scene_many_locks),
    SCENE(scene_object_limit), SCENE(scene_objects_among_data),
};

TEST_MAIN(tests, scenes)
