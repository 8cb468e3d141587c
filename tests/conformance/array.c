/* Values and arrays that processes share.
 */
#include "test.h"
#include <limits.h>

#define MIB ((int64_t)1 << 20)

static mproc_array make(int code, int64_t count)
{
    mproc_array array;
    CHECK_OK(mproc_array_create(&array, code, count, NULL));
    return array;
}

static mproc_array make_raw(int code, int64_t count)
{
    mproc_array_options options = { .raw = 1 };
    mproc_array array;
    CHECK_OK(mproc_array_create(&array, code, count, &options));
    return array;
}

static uint32_t arrays_in_use(void)
{
    mproc_memory_usage usage;
    CHECK_OK(mproc_get_memory_usage(&usage));
    return usage.arrays;
}

/* ---- Types ---- */

/* Every type code: made, read and written in every way, and refused to every other type. */
struct typed {
    mproc_array array;
    mproc_array value;
};

static bool is_refused(const void *address)
{
    return address == NULL && strstr(mproc_last_error(), mproc_error_text(MPROC_E_TYPE)) != NULL;
}

/* All accesses but the right one say NULL; so many of them did. */
static int refusals(mproc_array array)
{
    int count = 0;
#define TRY_TYPE(name, type, c_type) count += is_refused(mproc_array_##name(array, NULL));
    MPROC_ARRAY_TYPE_MAP(TRY_TYPE)
#undef TRY_TYPE
    return count + is_refused(mproc_array_get_data(array, MPROC_ARRAY_STRUCT, 4, NULL));
}

#define TYPE_TEST(name, letter, c_type)                                                                                \
    static int see_##name(mproc_task *task)                                                                            \
    {                                                                                                                  \
        struct typed typed;                                                                                            \
        size_t count;                                                                                                  \
        CHECK_OK(mproc_task_read(task, &typed, sizeof typed));                                                         \
        c_type *items = mproc_array_##name(typed.array, &count);                                                       \
        CHECK(items &&count == 3 && items[0] == (c_type)7 && items[1] == (c_type)0 && items[2] == (c_type)9);          \
        CHECK(*mproc_array_##name(typed.value, NULL) == (c_type)5);                                                    \
        *mproc_array_##name(typed.value, NULL) = (c_type)6;                                                            \
        items[1] = (c_type)8;                                                                                          \
        return 0;                                                                                                      \
    }                                                                                                                  \
    static void check_##name(void)                                                                                     \
    {                                                                                                                  \
        static const c_type initial[] = { (c_type)7, (c_type)0, (c_type)9 }, five = (c_type)5;                         \
        mproc_array_options options = { .initial = initial }, value_options = { .initial = &five };                    \
        mproc_array_info info;                                                                                         \
        struct typed typed;                                                                                            \
        c_type got[2];                                                                                                 \
        CHECK_OK(mproc_array_create(&typed.array, letter, 3, &options));                                               \
        CHECK_OK(mproc_array_create(&typed.value, letter, 1, &value_options));                                         \
        CHECK_EQ(refusals(typed.array), 14);                                                                           \
        CHECK_EQ(test_finish(test_start(see_##name, MPROC_ARG(typed))), 0);                                            \
        CHECK_OK(mproc_array_get(typed.array, 1, 2, got, sizeof *got));                                                \
        CHECK(got[0] == (c_type)8 && got[1] == (c_type)9);                                                             \
        CHECK_OK(mproc_array_get(typed.value, 0, 1, got, sizeof *got));                                                \
        CHECK(got[0] == (c_type)6);                                                                                    \
        CHECK_OK(mproc_array_get_info(typed.array, &info));                                                            \
        CHECK(info.type == letter && info.count == 3 && info.item_size == sizeof(c_type) && !info.raw);                \
        CHECK_OK(mproc_array_destroy(typed.value));                                                                    \
        CHECK_OK(mproc_array_destroy(typed.array));                                                                    \
    }
MPROC_ARRAY_TYPE_MAP(TYPE_TEST)

static void every_type_code(void)
{
#define CHECK_TYPE(name, type, c_type) check_##name();
    MPROC_ARRAY_TYPE_MAP(CHECK_TYPE)
#undef CHECK_TYPE
}

struct point {
    double x, y;
    int label;
};

static void structs(void)
{
    struct point points[5] = { { 1, 2, 3 }, { 4, 5, 6 } }, got;
    mproc_array_options options = { .initial = points, .item_size = sizeof *points };
    mproc_array array;
    size_t count;
    CHECK_OK(mproc_array_create(&array, MPROC_ARRAY_STRUCT, 5, &options));
    struct point *shared = mproc_array_get_data(array, MPROC_ARRAY_STRUCT, sizeof *shared, &count);
    CHECK(shared && count == 5 && shared[1].y == 5);
    CHECK(mproc_array_get_data(array, MPROC_ARRAY_STRUCT, sizeof *shared + 1, NULL) == NULL);
    CHECK_CONTAINS(mproc_last_error(), mproc_error_text(MPROC_E_SIZE));
    CHECK_EQ(refusals(array), 14);
    CHECK_CODE(mproc_array_get(array, 0, 1, &got, 8), MPROC_E_SIZE);
    CHECK_OK(mproc_array_get(array, 1, 1, &got, sizeof got));
    CHECK_EQ(got.label, 6);
    CHECK_CODE(mproc_array_add(array, 0, 1, NULL), MPROC_E_TYPE);
    CHECK_OK(mproc_array_destroy(array));
}

static void unknown_types_and_sizes(void)
{
    static const int codes[] = { 0, 'x', 'z', -1, 128, INT_MAX, INT_MIN };
    mproc_array_options sized = { .item_size = 4 };
    mproc_array array = { { 1, 2 } };
    for (size_t i = 0; i < TEST_COUNT(codes); i++)
        CHECK_CODE(mproc_array_create(&array, codes[i], 1, NULL), MPROC_E_TYPE);
    CHECK_CODE(mproc_array_create(&array, 'i', 1, &sized), MPROC_E_INVALID);
    CHECK_CODE(mproc_array_create(&array, MPROC_ARRAY_STRUCT, 1, NULL), MPROC_E_INVALID);
    sized.item_size = (size_t)INT32_MAX + 1;
    CHECK_CODE(mproc_array_create(&array, 'i', 1, &sized), MPROC_E_INVALID);
    CHECK_CODE(mproc_array_create(&array, MPROC_ARRAY_STRUCT, 1, &sized), MPROC_E_LIMIT);
    CHECK_CODE(mproc_array_create(&array, 'i', SIZE_MAX, NULL), MPROC_E_LIMIT);
    CHECK_CODE(mproc_array_create(&array, 'i', (size_t)INT64_MIN, NULL), MPROC_E_LIMIT);
    CHECK_CODE(mproc_array_create(&array, 'q', INT64_MAX, NULL), MPROC_E_LIMIT);
    CHECK_CODE(mproc_array_create(&array, 'q', INT64_MAX / 32, NULL), MPROC_E_LIMIT);
    CHECK(array.id[0] == 1 && array.id[1] == 2);
    CHECK_EQ(arrays_in_use(), 0);
}

/* ---- Items ---- */

static void index_out_of_range(void)
{
    static const struct {
        int64_t first, count;
    } bad[] = { { -1, 1 },        { 10, 1 },       { 0, 11 }, { 11, 0 }, { 5, -1 }, { INT64_MAX, INT64_MAX },
                { 1, INT64_MAX }, { INT64_MIN, 1 } };
    mproc_array array = make('i', 10);
    int items[10] = { 0 };
    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        CHECK_CODE(mproc_array_get(array, bad[i].first, bad[i].count, items, sizeof *items), MPROC_E_RANGE);
        CHECK_CODE(mproc_array_set(array, bad[i].first, bad[i].count, items, sizeof *items), MPROC_E_RANGE);
    }
    CHECK_CODE(mproc_array_add(array, 10, 1, NULL), MPROC_E_RANGE);
    CHECK_CODE(mproc_array_add(array, -1, 1, NULL), MPROC_E_RANGE);
    CHECK_CONTAINS(mproc_last_error(), "10");
    CHECK_OK(mproc_array_get(array, 10, 0, NULL, sizeof *items));
    CHECK_CODE(mproc_array_get(array, 0, 1, NULL, sizeof *items), MPROC_E_INVALID);
    CHECK_CODE(mproc_array_get(array, 0, 1, items, sizeof *items - 1), MPROC_E_SIZE);
    CHECK_OK(mproc_array_destroy(array));
}

static void slices_of_every_length(void)
{
    static const int64_t lengths[] = { 0, 1, 15, 16, 17, 1024, 1025, 100000, MIB };
    for (size_t i = 0; i < TEST_COUNT(lengths); i++) {
        mproc_array array = i % 2 ? make('i', lengths[i]) : make_raw('i', lengths[i]);
        int items[16], got[16];
        int64_t step = lengths[i] > 1000 ? lengths[i] / 16 : 1;
        for (int64_t first = 0; first < lengths[i]; first += step) {
            int64_t count = lengths[i] - first < 16 ? lengths[i] - first : 16;
            for (int k = 0; k < 16; k++)
                items[k] = (int)first + k;
            CHECK_OK(mproc_array_set(array, first, count, items, sizeof *items));
            CHECK_OK(mproc_array_get(array, first, count, got, sizeof *got));
            CHECK(memcmp(items, got, (size_t)count * sizeof *got) == 0);
        }
        size_t count;
        const int *all = mproc_array_int(array, &count);
        CHECK(all != NULL && (uintptr_t)all % 64 == 0);
        CHECK_EQ(count, lengths[i]);
        CHECK_OK(mproc_array_destroy(array));
    }
}

static void text(void)
{
    mproc_array array = make('c', 6), numbers = make('i', 6);
    char got[7], raw[6];
    CHECK_OK(mproc_array_set_string(array, "hello"));
    CHECK_OK(mproc_array_get_string(array, got, sizeof got));
    CHECK_STR(got, "hello");
    CHECK_CODE(mproc_array_get_string(array, got, 5), MPROC_E_TOO_SHORT);
    CHECK_CONTAINS(mproc_last_error(), "6");
    CHECK_OK(mproc_array_set_string(array, "ab"));
    CHECK_OK(mproc_array_get(array, 0, 6, raw, 1));
    CHECK(memcmp(raw, "ab\0lo", 6) == 0);
    /* As long as the array: no zero behind it. */
    CHECK_OK(mproc_array_set_string(array, "sixsix"));
    CHECK_OK(mproc_array_get_string(array, got, sizeof got));
    CHECK_STR(got, "sixsix");
    CHECK_CODE(mproc_array_set_string(array, "sevenes"), MPROC_E_TOO_SHORT);
    CHECK_OK(mproc_array_get_string(array, got, sizeof got));
    CHECK_STR(got, "sixsix");
    CHECK_CODE(mproc_array_set_string(numbers, "a"), MPROC_E_TYPE);
    CHECK_CODE(mproc_array_get_string(numbers, got, sizeof got), MPROC_E_TYPE);
    CHECK_OK(mproc_array_destroy(array));
    CHECK_OK(mproc_array_destroy(numbers));
}

static void copies(void)
{
    static const int64_t lengths[] = { 0, 3, 5000 };
    for (size_t i = 0; i < TEST_COUNT(lengths); i++) {
        mproc_array array = make('q', lengths[i]), copy;
        for (int64_t k = 0; k < lengths[i]; k++)
            mproc_array_llong(array, NULL)[k] = k * k;
        CHECK_OK(mproc_array_copy(array, &copy));
        for (int64_t k = 0; k < lengths[i]; k++) {
            CHECK_EQ(mproc_array_llong(copy, NULL)[k], k * k);
            mproc_array_llong(copy, NULL)[k] = 0;
            CHECK_EQ(mproc_array_llong(array, NULL)[k], k * k);
        }
        CHECK_OK(mproc_array_destroy(array));
        CHECK_OK(mproc_array_destroy(copy));
    }
    double pi = 3.14, got;
    mproc_array_options options = { .initial = &pi, .raw = 1 };
    mproc_array value, twin;
    CHECK_OK(mproc_array_create(&value, 'd', 1, &options));
    CHECK_OK(mproc_array_copy(value, &twin));
    CHECK_OK(mproc_array_destroy(value));
    CHECK_OK(mproc_array_get(twin, 0, 1, &got, sizeof got));
    CHECK(got == pi);
    mproc_lock lock;
    CHECK_CODE(mproc_array_get_lock(twin, &lock), MPROC_E_STATE);
    CHECK_OK(mproc_array_destroy(twin));
}

/* ---- Adding ---- */

static void adding_wraps_by_type(void)
{
    static const struct {
        int code;
        int64_t from, to;
    } cases[] = { { 'b', 127, -128 },        { 'B', 255, 0 },      { 'h', 32767, -32768 },        { 'H', 65535, 0 },
                  { 'i', INT_MAX, INT_MIN }, { 'I', UINT_MAX, 0 }, { 'q', INT64_MAX, INT64_MIN }, { 'Q', -1, 0 } };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        mproc_array array = make(cases[i].code, 4);
        int64_t old = 99;
        CHECK_OK(mproc_array_add(array, 1, cases[i].from, &old));
        CHECK_EQ(old, 0);
        CHECK_OK(mproc_array_add(array, 1, 1, &old));
        CHECK_EQ(old, cases[i].from);
        CHECK_OK(mproc_array_add(array, 1, -1, &old));
        CHECK_EQ(old, cases[i].to);
        CHECK_OK(mproc_array_add(array, 0, 0, &old));
        CHECK_EQ(old, 0);
        CHECK_OK(mproc_array_add(array, 2, 0, &old));
        CHECK_EQ(old, 0);
        CHECK_OK(mproc_array_destroy(array));
    }
    for (const char *code = "cufd"; *code; code++) {
        mproc_array array = make(*code, 1);
        CHECK_CODE(mproc_array_add(array, 0, 1, NULL), MPROC_E_TYPE);
        CHECK_OK(mproc_array_destroy(array));
    }
}

struct counting {
    mproc_array value;
    mproc_array array;
    int rounds;
};

static int count_up(mproc_task *task)
{
    struct counting counting;
    mproc_lock lock;
    CHECK_OK(mproc_task_read(task, &counting, sizeof counting));
    CHECK_OK(mproc_array_get_lock(counting.value, &lock));
    for (int i = 0; i < counting.rounds; i++) {
        int value;
        CHECK_OK(mproc_array_add(counting.array, i % 3, 1, NULL));
        CHECK_OK(mproc_lock_acquire(lock, MPROC_FOREVER));
        CHECK_OK(mproc_array_get(counting.value, 0, 1, &value, sizeof value));
        value++;
        CHECK_OK(mproc_array_set(counting.value, 0, 1, &value, sizeof value));
        CHECK_OK(mproc_lock_release(lock));
    }
    return 0;
}

static void counting_together(void)
{
    struct counting counting = { .rounds = 5000 };
    mproc_process *processes[4];
    CHECK_OK(mproc_array_create(&counting.value, 'i', 1, NULL));
    counting.array = make_raw('h', 3);
    for (int i = 0; i < 4; i++)
        processes[i] = test_start(count_up, MPROC_ARG(counting));
    for (int i = 0; i < 4; i++)
        CHECK_EQ(test_finish(processes[i]), 0);
    CHECK_EQ(*mproc_array_int(counting.value, NULL), 20000);
    const short *sums = mproc_array_short(counting.array, NULL);
    CHECK_EQ(sums[0] + sums[1] + sums[2], 20000);
    CHECK_EQ(sums[0], 4 * 1667);
    CHECK_OK(mproc_array_destroy(counting.value));
    CHECK_OK(mproc_array_destroy(counting.array));
}

/* ---- The lock ---- */

/* Two halves that are equal whenever the lock is free: nobody sees one set and the other not. */
static int set_both_for_ever(mproc_task *task)
{
    mproc_array array;
    int items[2000];
    CHECK_OK(mproc_task_read(task, &array, sizeof array));
    for (int round = 1; atomic_load(test_board()) == 0; round++) {
        for (int i = 0; i < 2000; i++)
            items[i] = round;
        int code = mproc_array_set(array, 0, 2000, items, sizeof *items);
        CHECK(code == 0 || code == MPROC_OWNER_DIED);
        atomic_fetch_add(&test_board()[20], 1);
    }
    return 0;
}

static void nothing_is_seen_half_set(void)
{
    mproc_array array = make('i', 2000);
    mproc_process *process = test_start(set_both_for_ever, MPROC_ARG(array));
    static int items[2000];
    WAIT_UNTIL(atomic_load(&test_board()[20]) > 10);
    for (int i = 0; i < 2000; i++) {
        CHECK_OK(mproc_array_get(array, 0, 2000, items, sizeof *items));
        CHECK(memcmp(items, items + 1, sizeof items - sizeof *items) == 0);
    }
    test_let_go();
    CHECK_EQ(test_finish(process), 0);
    CHECK_OK(mproc_array_destroy(array));
}

static void rule_28_killed_while_setting(void)
{
    mproc_array array = make('i', 2000);
    mproc_lock lock;
    int item, died = 0;
    CHECK_OK(mproc_array_get_lock(array, &lock));
    for (int round = 0; round < test_rounds(40, 2000) || (died == 0 && round < 2000); round++) {
        int64_t before = atomic_load(&test_board()[20]);
        mproc_process *process = test_start(set_both_for_ever, MPROC_ARG(array));
        WAIT_UNTIL(atomic_load(&test_board()[20]) > before + round % 5);
        CHECK_OK(mproc_process_kill(process));
        test_finish(process);
        int code = mproc_array_get(array, 0, 1, &item, sizeof item);
        CHECK(code == 0 || code == MPROC_OWNER_DIED);
        if (code == 0)
            continue;
        died++;
        CHECK_CODE(mproc_array_set(array, 0, 1, &item, sizeof item), MPROC_OWNER_DIED);
        CHECK_CODE(mproc_lock_acquire(lock, MPROC_FOREVER), MPROC_OWNER_DIED);
        CHECK_OK(mproc_lock_repaired(lock));
        CHECK_OK(mproc_lock_release(lock));
        CHECK_OK(mproc_array_set(array, 0, 1, &item, sizeof item));
    }
    CHECK(died > 0);
    CHECK_OK(mproc_array_destroy(array));
}

static int take_and_end(mproc_task *task)
{
    mproc_lock lock;
    CHECK_OK(mproc_task_read(task, &lock, sizeof lock));
    CHECK_OK(mproc_lock_acquire(lock, MPROC_FOREVER));
    return 0;
}

/* Also to one who holds the lock. */
static void rule_28_a_death_is_told_until_repaired(void)
{
    mproc_array array = make('i', 10);
    mproc_lock lock;
    int item = 5;
    CHECK_OK(mproc_array_get_lock(array, &lock));
    CHECK_EQ(test_finish(test_start(take_and_end, MPROC_ARG(lock))), 0);
    CHECK_CODE(mproc_lock_acquire(lock, MPROC_FOREVER), MPROC_OWNER_DIED);
    CHECK_CODE(mproc_array_set(array, 0, 1, &item, sizeof item), MPROC_OWNER_DIED);
    item = 0;
    CHECK_CODE(mproc_array_get(array, 0, 1, &item, sizeof item), MPROC_OWNER_DIED);
    CHECK_EQ(item, 5);
    CHECK_OK(mproc_lock_repaired(lock));
    CHECK_OK(mproc_array_get(array, 0, 1, &item, sizeof item));
    CHECK_EQ(mproc_lock_is_locked(lock), 1);
    CHECK_OK(mproc_lock_release(lock));
    CHECK_OK(mproc_array_destroy(array));
}

/* A destroyer killed in between leaves an array without its lock. */
static void rule_54_half_destroyed(void)
{
    mproc_memory_usage before, after;
    mproc_lock lock;
    int item;
    CHECK_OK(mproc_get_memory_usage(&before));
    mproc_array array = make('i', 10000);
    CHECK_OK(mproc_array_get_lock(array, &lock));
    CHECK_OK(mproc_lock_destroy(lock));
    CHECK_CODE(mproc_array_get(array, 0, 1, &item, sizeof item), MPROC_E_STALE);
    CHECK_OK(mproc_get_memory_usage(&after));
    CHECK_EQ(after.arrays, before.arrays);
    CHECK_EQ(after.data, before.data);
    CHECK_CODE(mproc_array_destroy(array), MPROC_E_STALE);
}

static int try_destroy(mproc_task *task)
{
    mproc_array array;
    int item = 0;
    CHECK_OK(mproc_task_read(task, &array, sizeof array));
    CHECK_CODE(mproc_array_destroy(array), MPROC_E_STATE);
    CHECK_CODE(mproc_array_add(array, 0, 5, NULL), 0);
    return item;
}

static void destroying(void)
{
    mproc_array array = make('i', 100), other;
    mproc_lock lock;
    int item = 0;
    CHECK_OK(mproc_array_get_lock(array, &lock));
    CHECK_OK(mproc_lock_acquire(lock, MPROC_FOREVER));
    CHECK_EQ(test_finish(test_start(try_destroy, MPROC_ARG(array))), 0);
    CHECK_CODE(mproc_array_destroy(array), MPROC_E_STATE);
    CHECK_OK(mproc_lock_release(lock));
    CHECK_OK(mproc_array_destroy(array));
    CHECK_CODE(mproc_lock_acquire(lock, 0), MPROC_E_STALE);
    for (int round = 0; round < 2; round++) {
        mproc_array_info info;
        CHECK_CODE(mproc_array_destroy(array), MPROC_E_STALE);
        CHECK_CODE(mproc_array_get(array, 0, 1, &item, sizeof item), MPROC_E_STALE);
        CHECK_CODE(mproc_array_set(array, 0, 1, &item, sizeof item), MPROC_E_STALE);
        CHECK_CODE(mproc_array_add(array, 0, 1, NULL), MPROC_E_STALE);
        CHECK_CODE(mproc_array_copy(array, &other), MPROC_E_STALE);
        CHECK_CODE(mproc_array_get_info(array, &info), MPROC_E_STALE);
        CHECK_CODE(mproc_array_get_lock(array, &lock), MPROC_E_STALE);
        CHECK(mproc_array_int(array, NULL) == NULL);
        other = make('i', 100);
    }
    CHECK_OK(mproc_array_destroy(other));
    CHECK_CODE(mproc_array_add((mproc_array){ { 0, 0 } }, 0, 1, NULL), MPROC_E_FOREIGN);
    mproc_array value;
    CHECK_OK(mproc_array_create(&value, 'i', 1, NULL));
    CHECK_OK(mproc_array_get_lock(value, &lock));
    /* A lock's handle is no array's. */
    CHECK_CODE(mproc_array_add((mproc_array){ { lock.id[0], lock.id[1] } }, 0, 1, NULL), MPROC_E_FOREIGN);
    CHECK_OK(mproc_array_destroy(value));
    CHECK_EQ(arrays_in_use(), 1);
}

/* Raw arrays destroyed under those who read them: an error or something, never a crash. Board words 21, 22: the
 * array that is there. */
static int read_what_is_there(mproc_task *task)
{
    (void)task;
    int64_t items[600];
    while (atomic_load(test_board()) == 0) {
        mproc_array array = { { (uint64_t)atomic_load(&test_board()[21]), (uint64_t)atomic_load(&test_board()[22]) } };
        int code = mproc_array_get(array, 0, 600, items, sizeof *items);
        CHECK(code == 0 || code == MPROC_E_STALE || code == MPROC_E_FOREIGN || code == MPROC_E_RANGE);
        if (code == 0)
            CHECK(items[0] == items[599] || items[0] == 0 || items[599] == 0);
        atomic_fetch_add(&test_board()[20], 1);
    }
    return 0;
}

static void destroyed_under_its_readers(void)
{
    int64_t items[600];
    mproc_process *processes[2];
    for (int i = 0; i < 2; i++)
        processes[i] = test_start(read_what_is_there, MPROC_NO_ARGS);
    for (int64_t round = 1; round < 3000 || atomic_load(&test_board()[20]) < 1000; round++) {
        int64_t count = round % 3 ? 600 : 5;
        mproc_array_options options = { .initial = items, .raw = 1 };
        mproc_array array;
        for (int i = 0; i < 600; i++)
            items[i] = round;
        CHECK_OK(mproc_array_create(&array, 'q', count, &options));
        atomic_store(&test_board()[21], (int64_t)array.id[0]);
        atomic_store(&test_board()[22], (int64_t)array.id[1]);
        if (round % 16 == 0)
            os_sleep_ms(1);
        CHECK_OK(mproc_array_destroy(array));
    }
    test_let_go();
    for (int i = 0; i < 2; i++)
        CHECK_EQ(test_finish(processes[i]), 0);
}

/* Users of an array with a lock that is destroyed under them finish for its destroyer, and he is told 0 all the same.
 */
static int use_what_is_there(mproc_task *task)
{
    (void)task;
    int item = 0;
    while (atomic_load(test_board()) == 0) {
        mproc_array array = { { (uint64_t)atomic_load(&test_board()[21]), (uint64_t)atomic_load(&test_board()[22]) } };
        int code = mproc_array_set(array, 0, 1, &item, sizeof item);
        CHECK(code == 0 || code == MPROC_E_STALE || code == MPROC_E_FOREIGN);
        atomic_fetch_add(&test_board()[20], 1);
    }
    return 0;
}

static void found_22_the_only_destroyer_is_told_so(void)
{
    mproc_process *processes[3];
    for (int i = 0; i < 3; i++)
        processes[i] = test_start(use_what_is_there, MPROC_NO_ARGS);
    for (int round = 0; round < 20000 || atomic_load(&test_board()[20]) < 1000; round++) {
        mproc_array array = make('i', round % 2 ? 1 : 3000);
        atomic_store(&test_board()[21], (int64_t)array.id[0]);
        atomic_store(&test_board()[22], (int64_t)array.id[1]);
        int code;
        while ((code = mproc_array_destroy(array)) == MPROC_E_STATE)
            ;
        CHECK_OK(code);
    }
    test_let_go();
    for (int i = 0; i < 3; i++)
        CHECK_EQ(test_finish(processes[i]), 0);
    CHECK_EQ(arrays_in_use(), 0);
}

/* ---- Travelling ---- */

/* A handle in an array of handles, made by a child, lives on when the child has ended. */
static int fill_directory(mproc_task *task)
{
    mproc_array directory;
    CHECK_OK(mproc_task_read(task, &directory, sizeof directory));
    mproc_array *handles = mproc_array_get_data(directory, MPROC_ARRAY_STRUCT, sizeof *handles, NULL);
    CHECK(handles != NULL);
    handles[1] = make('d', 10000);
    mproc_array_double(handles[1], NULL)[9999] = 2.5;
    return 0;
}

static void handles_in_arrays(void)
{
    mproc_array_options options = { .item_size = sizeof(mproc_array) };
    mproc_array directory;
    CHECK_OK(mproc_array_create(&directory, MPROC_ARRAY_STRUCT, 2, &options));
    CHECK_EQ(test_finish(test_start(fill_directory, MPROC_ARG(directory))), 0);
    mproc_array *handles = mproc_array_get_data(directory, MPROC_ARRAY_STRUCT, sizeof *handles, NULL);
    CHECK(mproc_array_double(handles[1], NULL)[9999] == 2.5);
    CHECK_OK(mproc_array_destroy(handles[1]));
    CHECK_OK(mproc_array_destroy(directory));
}

static int add_item(const void *in, void *out, mproc_task *task)
{
    int64_t old;
    (void)task;
    CHECK_OK(mproc_array_add(*(const mproc_array *)in, 0, 1, &old));
    *(int64_t *)out = old;
    return 0;
}

static void in_a_pool(void)
{
    enum { TASKS = 200 };
    mproc_array array = make('q', 1), in[TASKS];
    static int64_t out[TASKS];
    mproc_pool *pool;
    mproc_pool_options options = { .workers = 2 };
    CHECK_OK(mproc_pool_create(&pool, &options));
    for (int i = 0; i < TASKS; i++)
        in[i] = array;
    CHECK_OK(mproc_pool_map(pool, add_item, in, sizeof *in, TASKS, out, sizeof *out, NULL));
    int64_t sum = 0;
    for (int i = 0; i < TASKS; i++)
        sum += out[i];
    CHECK_EQ(sum, TASKS * (TASKS - 1) / 2);
    CHECK_OK(mproc_pool_free(pool));
    CHECK_OK(mproc_array_destroy(array));
}

/* ---- Memory ---- */

static void memory_is_given_back(void)
{
    mproc_memory_usage before, after;
    CHECK_OK(mproc_get_memory_usage(&before));
    for (int round = 0; round < 50; round++) {
        mproc_array large = make('B', 20 * MIB), small = make('i', 4);
        CHECK_OK(mproc_get_memory_usage(&after));
        CHECK_EQ(after.data, before.data + 20 * (uint64_t)MIB);
        CHECK_EQ(after.arrays, before.arrays + 2);
        CHECK_EQ(after.locks, before.locks + 2);
        unsigned char *bytes = mproc_array_uchar(large, NULL);
        CHECK(bytes[0] == 0 && bytes[20 * MIB - 1] == 0);
        bytes[0] = bytes[20 * MIB - 1] = 1;
        CHECK_OK(mproc_array_destroy(large));
        CHECK_OK(mproc_array_destroy(small));
    }
    CHECK_OK(mproc_get_memory_usage(&after));
    CHECK_EQ(after.data, before.data);
    /* The directory of the pages that were in use stays. */
    CHECK_LE(after.used, before.used + 262144);
    if (!test_is_windows())
        CHECK_LE(after.spare, 17 * MIB);
}

static int scene_beyond_the_limit(const char *argument)
{
    (void)argument;
    mproc_array arrays[8], more = { { 3, 4 } };
    int count = 0;
    CHECK_OK(mproc_set_memory_limit(8 * (uint64_t)MIB));
    while (mproc_array_create(&arrays[count], 'B', MIB, NULL) == 0)
        count++;
    CHECK(count >= 4 && count < 8);
    CHECK_CODE(mproc_array_create(&more, 'B', MIB, NULL), MPROC_E_LIMIT);
    CHECK_CONTAINS(mproc_last_error(), "8388608");
    CHECK(more.id[0] == 3);
    CHECK_EQ(arrays_in_use(), (uint32_t)count);
    CHECK_EQ(test_finish(test_start(test_nothing, MPROC_NO_ARGS)), 0);
    CHECK_OK(mproc_array_destroy(arrays[--count]));
    CHECK_OK(mproc_array_create(&more, 'B', MIB, NULL));
    return 0;
}

static void rule_54_beyond_the_limit(void)
{
    CHECK_EQ(test_scene("scene_beyond_the_limit", "", NULL, 0), 0);
}

static const struct test tests[] = {
    TEST_WITH(every_type_code, 0, 60),
    TEST(structs),
    TEST(unknown_types_and_sizes),
    TEST(index_out_of_range),
    TEST(slices_of_every_length),
    TEST(text),
    TEST(copies),
    TEST(adding_wraps_by_type),
    TEST_WITH(counting_together, 0, 60),
    TEST_WITH(nothing_is_seen_half_set, 0, 60),
    TEST(rule_28_a_death_is_told_until_repaired),
    TEST(rule_54_half_destroyed),
    TEST_WITH(rule_28_killed_while_setting, 0, 120),
    TEST(destroying),
    TEST_WITH(destroyed_under_its_readers, 0, 60),
    TEST_WITH(found_22_the_only_destroyer_is_told_so, 0, 120),
    TEST(handles_in_arrays),
    TEST(in_a_pool),
    TEST(memory_is_given_back),
    TEST_WITH(rule_54_beyond_the_limit, TEST_ONCE, 0),
};

static const struct scene scenes[] = {
    SCENE(scene_beyond_the_limit),
};

TEST_MAIN(tests, scenes)
