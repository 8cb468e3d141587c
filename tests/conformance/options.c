/* Programs that were compiled with another version's structs: fewer members, and more.
 */
#include "test.h"

/* ---- Options ---- */

/* An earlier version's queue had a capacity and nothing else. What lies behind it is not the library's to read. */
static void a_program_that_knows_fewer_options(void)
{
    struct {
        size_t capacity;
        size_t not_options;
    } given = { 1, SIZE_MAX };
    mproc_queue queue;
    int number = 5;
    CHECK_OK(mproc_queue_create_(&queue, (const mproc_queue_options *)&given, sizeof given.capacity));
    CHECK_OK(mproc_queue_put(queue, &number, sizeof number, 0));
    CHECK_CODE(mproc_queue_put(queue, &number, sizeof number, 0), MPROC_E_FULL);
    CHECK_OK(mproc_queue_destroy(queue));
}

/* A later version's queue has one option more. */
static void a_program_that_knows_more_options(void)
{
    struct {
        mproc_queue_options known;
        int64_t later;
    } given = { { .capacity = 1 }, 0 };
    mproc_queue queue = { { 7, 7 } };
    int number = 5;
    CHECK_OK(mproc_queue_create_(&queue, &given.known, sizeof given));
    CHECK_OK(mproc_queue_put(queue, &number, sizeof number, 0));
    CHECK_CODE(mproc_queue_put(queue, &number, sizeof number, 0), MPROC_E_FULL);
    CHECK_OK(mproc_queue_destroy(queue));
    given.later = 1;
    queue.id[0] = 7;
    CHECK_CODE(mproc_queue_create_(&queue, &given.known, sizeof given), MPROC_E_NOT_SUPPORTED);
    CHECK_CONTAINS(mproc_last_error(), mproc_version());
    CHECK_EQ(queue.id[0], 7);
}

static int later_than_known(mproc_task *task)
{
    return mproc_task_return(task, "x", 1);
}

static void every_call_with_options_asks_for_their_size(void)
{
    struct {
        mproc_task_options known;
        int64_t later;
    } task = { .later = 1 };
    struct {
        mproc_pool_options known;
        int64_t later;
    } made = { .later = 1 };
    mproc_pool *pool;
    mproc_result *result;
    mproc_view args = MPROC_NO_ARGS;
    char in = 0, out;
    CHECK_CODE(mproc_pool_create_(&pool, &made.known, sizeof made), MPROC_E_NOT_SUPPORTED);
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 1 }));
    CHECK_CODE(mproc_pool_apply_(pool, later_than_known, args, &task.known, sizeof task, NULL, 0, NULL),
               MPROC_E_NOT_SUPPORTED);
    CHECK_CODE(mproc_pool_apply_async_(pool, later_than_known, args, &task.known, sizeof task, &result),
               MPROC_E_NOT_SUPPORTED);
    CHECK_CODE(mproc_pool_starmap_(pool, later_than_known, &args, 1, &task.known, sizeof task, &result),
               MPROC_E_NOT_SUPPORTED);
    CHECK_CODE(mproc_pool_map_(pool, NULL, &in, 1, 1, &out, 1, &task.known, sizeof task), MPROC_E_NOT_SUPPORTED);
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- Structs that the library fills ---- */

static void a_filled_struct_of_another_size(void)
{
    mproc_array array;
    struct {
        mproc_array_info known;
        int64_t later;
    } info;
    memset(&info, 0x55, sizeof info);
    CHECK_OK(mproc_array_create(&array, 'i', 3, NULL));
    CHECK_OK(mproc_array_get_info_(array, &info.known, offsetof(mproc_array_info, item_size)));
    CHECK_EQ(info.known.count, 3);
    CHECK_EQ((unsigned char)info.known.item_size, 0x55);
    CHECK_OK(mproc_array_get_info_(array, &info.known, sizeof info));
    CHECK_EQ(info.known.item_size, sizeof(int));
    CHECK_EQ(info.later, 0);
    CHECK_OK(mproc_array_destroy(array));
}

/* ---- Versions ---- */

#if !MPROC_VERSION_AT_LEAST(0, 1, 0) || MPROC_VERSION_AT_LEAST(1000, 0, 0)
#error "versions are compared by the preprocessor"
#endif

static void versions_are_compared_number_by_number(void)
{
    CHECK(MPROC_VERSION_NUMBER(1, 0, 0) > MPROC_VERSION_NUMBER(0, 99, 99));
    CHECK(MPROC_VERSION_NUMBER(0, 10, 0) > MPROC_VERSION_NUMBER(0, 9, 99));
    CHECK_EQ(MPROC_VERSION, MPROC_VERSION_NUMBER(MPROC_VERSION_MAJOR, MPROC_VERSION_MINOR, MPROC_VERSION_PATCH));
}

static const struct test tests[] = {
    TEST(a_program_that_knows_fewer_options),          TEST(a_program_that_knows_more_options),
    TEST(every_call_with_options_asks_for_their_size), TEST(a_filled_struct_of_another_size),
    TEST(versions_are_compared_number_by_number),
};

TEST_MAIN_PLAIN(tests)
