/* Anonymous segments: mapping, backing, giving back, sharing. */
#include "port_test.h"

#define LIMIT (16 * PLATFORM_SEGMENT_ALIGN)

static void granularity_is_a_power_of_two(void)
{
    size_t unit = platform_segment_granularity();
    CHECK(unit >= 4096 && unit <= PLATFORM_SEGMENT_ALIGN && (unit & (unit - 1)) == 0);
    CHECK(platform_segment_default() >= PLATFORM_SEGMENT_ALIGN);
}

static bool is_zero(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i])
            return false;
    return true;
}

static void new_memory_is_zero_and_stays(void)
{
    platform_handle segment;
    void *address;
    CHECK_OK(platform_segment_create(LIMIT, &segment));
    CHECK_OK(platform_segment_map(segment, 0, LIMIT, &address));
    unsigned char *bytes = address;
    CHECK_OK(platform_segment_commit(segment, bytes, 0, PLATFORM_SEGMENT_ALIGN));
    CHECK(is_zero(bytes, PLATFORM_SEGMENT_ALIGN));
    memset(bytes, 7, PLATFORM_SEGMENT_ALIGN);
    CHECK_OK(platform_segment_commit(segment, bytes, 0, 2 * PLATFORM_SEGMENT_ALIGN));
    CHECK_EQ(bytes[0], 7);
    CHECK_EQ(bytes[PLATFORM_SEGMENT_ALIGN - 1], 7);
    CHECK(is_zero(bytes + PLATFORM_SEGMENT_ALIGN, PLATFORM_SEGMENT_ALIGN));
    platform_segment_unmap(address, LIMIT);
    platform_handle_close(segment);
}

/* Whatever the unit is: a few bytes in the middle of one back all of it. */
static void backing_is_by_whole_units(void)
{
    size_t unit = platform_segment_granularity();
    platform_handle segment;
    void *address;
    CHECK_OK(platform_segment_create(LIMIT, &segment));
    CHECK_OK(platform_segment_map(segment, 0, LIMIT, &address));
    unsigned char *bytes = address;
    CHECK_OK(platform_segment_commit(segment, bytes + 2 * unit - 8, 2 * unit - 8, 16));
    memset(bytes + unit, 1, 2 * unit);
    CHECK_EQ(bytes[unit], 1);
    CHECK_EQ(bytes[3 * unit - 1], 1);
    platform_segment_unmap(address, LIMIT);
    platform_handle_close(segment);
}

static void given_back_and_backed_again_is_zero(void)
{
    size_t unit = platform_segment_granularity();
    platform_handle segment;
    void *address;
    CHECK_OK(platform_segment_create(LIMIT, &segment));
    CHECK_OK(platform_segment_map(segment, 0, LIMIT, &address));
    unsigned char *bytes = address;
    CHECK_OK(platform_segment_commit(segment, bytes, 0, 3 * unit));
    memset(bytes, 9, 3 * unit);
    int code = platform_segment_decommit(segment, unit, unit);
    CHECK(code == 0 || code == MPROC_E_NOT_SUPPORTED);
    CHECK_OK(platform_segment_commit(segment, bytes + unit, unit, unit));
    if (code == 0)
        CHECK(is_zero(bytes + unit, unit));
    CHECK_EQ(bytes[unit - 1], 9);
    CHECK_EQ(bytes[2 * unit], 9);
    platform_segment_unmap(address, LIMIT);
    platform_handle_close(segment);
}

static void mapped_at_an_offset(void)
{
    platform_handle segment;
    void *whole, *part;
    CHECK_OK(platform_segment_create(LIMIT, &segment));
    CHECK_OK(platform_segment_map(segment, 0, LIMIT, &whole));
    CHECK_OK(platform_segment_map(segment, 3 * PLATFORM_SEGMENT_ALIGN, PLATFORM_SEGMENT_ALIGN, &part));
    CHECK_OK(platform_segment_commit(segment, part, 3 * PLATFORM_SEGMENT_ALIGN, PLATFORM_SEGMENT_ALIGN));
    *(char *)part = 5;
    CHECK_EQ(((char *)whole)[3 * PLATFORM_SEGMENT_ALIGN], 5);
    /* The mapping keeps the segment. */
    platform_handle_close(segment);
    ((char *)whole)[3 * PLATFORM_SEGMENT_ALIGN] = 6;
    CHECK_EQ(*(char *)part, 6);
    platform_segment_unmap(part, PLATFORM_SEGMENT_ALIGN);
    platform_segment_unmap(whole, LIMIT);
}

static int child_add(const struct port_child_context *context)
{
    struct port_board board = port_board_open(context->handles[0]);
    for (int i = 0; i < 10000; i++)
        atomic_fetch_add(&board.values[0], 1);
    return 0;
}

static void shared_with_children(void)
{
    struct port_board board = port_board_create();
    struct port_process *processes[3];
    for (int i = 0; i < 3; i++)
        processes[i] = port_spawn("add", "", &board.segment, 1);
    for (int i = 0; i < 3; i++)
        port_finish_code(processes[i], 0);
    CHECK_EQ(atomic_load(&board.values[0]), 30000);
    port_board_free(&board);
}

/* Where a limit costs nothing it may be granted; then the mapping is what fails. */
static void too_large_is_refused(void)
{
    platform_handle segment;
    void *address;
    int code = platform_segment_create(SIZE_MAX, &segment);
    if (code == 0) {
        code = platform_segment_map(segment, 0, SIZE_MAX / 2, &address);
        platform_handle_close(segment);
    }
    CHECK(code == MPROC_E_LIMIT || code == MPROC_E_NO_MEMORY || code == MPROC_E_OS);
    CHECK(platform_error_text()[0]);
}

/* ---- Private memory ---- */

static void private_memory_may_be_given_back(void)
{
    void *address;
    CHECK_OK(platform_private_map(LIMIT, &address));
    unsigned char *bytes = address;
    CHECK(is_zero(bytes, LIMIT));
    memset(bytes, 7, LIMIT);
    platform_private_discard(bytes, LIMIT);
    for (size_t i = 0; i < LIMIT; i++)
        CHECK(bytes[i] == 7 || bytes[i] == 0);
    memset(bytes, 8, LIMIT);
    CHECK_EQ(bytes[LIMIT - 1], 8);
}

static void too_much_private_memory_is_refused(void)
{
    void *address;
    int code = platform_private_map(SIZE_MAX / 2, &address);
    CHECK(code == MPROC_E_LIMIT || code == MPROC_E_NO_MEMORY || code == MPROC_E_OS);
    CHECK(platform_error_text()[0]);
}

static const struct port_test tests[] = { TEST(granularity_is_a_power_of_two),
                                          TEST(new_memory_is_zero_and_stays),
                                          TEST(backing_is_by_whole_units),
                                          TEST(mapped_at_an_offset),
                                          TEST(given_back_and_backed_again_is_zero),
                                          TEST(shared_with_children),
                                          TEST(too_large_is_refused),
                                          TEST(private_memory_may_be_given_back),
                                          TEST(too_much_private_memory_is_refused) };
static const struct port_child children[] = { CHILD(child_add), { NULL, NULL } };
PORT_MAIN(tests, children)
