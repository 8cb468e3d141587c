/* Handles under way from one process to another. */
#include "port_test.h"

static bool nothing_is_over(const platform_parcel *parcel)
{
    (void)parcel;
    return false;
}

static bool all_is_over(const platform_parcel *parcel)
{
    (void)parcel;
    return true;
}

static platform_store store_of(int64_t keeper, platform_parcel_over *over)
{
    return (platform_store){ port_scope(), keeper, over };
}

/* Whether a duplicate stands for the event: it is ready when the event is. */
static void check_duplicate(mproc_os_handle duplicate, platform_handle event)
{
    const platform_handle handle = (platform_handle)duplicate;
    unsigned char ready;
    platform_event_clear(event);
    CHECK_EQ(platform_wait_handles(&handle, 1, 0, &ready), 0);
    platform_event_set(event);
    CHECK_EQ(platform_wait_handles(&handle, 1, 0, &ready), 1);
}

static void what_is_put_can_be_copied_until_it_is_dropped(void)
{
    enum { COUNT = 5 };
    platform_store store = store_of(platform_self_pid(), nothing_is_over);
    platform_parcel parcels[COUNT];
    platform_handle events[COUNT];
    mproc_os_handle copy;
    for (int i = 0; i < COUNT; i++) {
        parcels[i] = (platform_parcel){ .tag = { 1, 2, (uint64_t)i } };
        CHECK_OK(platform_event_create(&events[i]));
        CHECK_OK(platform_parcel_put(&store, events[i], &parcels[i]));
    }
    for (int i = COUNT - 1; i >= 0; i--) {
        for (int times = 0; times < 2; times++) {
            CHECK_OK(platform_parcel_copy(&store, &parcels[i], &copy));
            check_duplicate(copy, events[i]);
            CHECK_OK(platform_foreign_handle_close(copy));
        }
        CHECK_OK(platform_parcel_drop(&store, &parcels[i]));
        platform_handle_close(events[i]);
    }
    CHECK_EQ(platform_parcel_put(&store, PLATFORM_NO_HANDLE, &parcels[0]), MPROC_E_INVALID);
}

/* The child puts an event into the store, tells of it, and ends. */
static int child_send(const struct port_child_context *context)
{
    struct port_board board = port_board_open(context->handles[0]);
    platform_store store = store_of(atoll(context->argument), nothing_is_over);
    platform_parcel parcel = { .tag = { 7, 8, 9 } };
    platform_handle event;
    CHECK_OK(platform_event_create(&event));
    platform_event_set(event);
    CHECK_OK(platform_parcel_put(&store, event, &parcel));
    atomic_store(&board.values[0], (int64_t)parcel.place);
    return 0;
}

static void a_parcel_outlives_its_sender(void)
{
    struct port_board board = port_board_create();
    platform_store store = store_of(platform_self_pid(), nothing_is_over);
    char keeper[32];
    snprintf(keeper, sizeof keeper, "%" PRId64, platform_self_pid());
    port_finish_code(port_spawn("send", keeper, &board.segment, 1), 0);
    platform_parcel parcel = { .tag = { 7, 8, 9 }, .place = (uint64_t)atomic_load(&board.values[0]) };
    mproc_os_handle copy;
    CHECK_OK(platform_parcel_copy(&store, &parcel, &copy));
    const platform_handle handle = (platform_handle)copy;
    unsigned char ready;
    CHECK_EQ(platform_wait_handles(&handle, 1, 0, &ready), 1);
    CHECK_OK(platform_foreign_handle_close(copy));
    CHECK_OK(platform_parcel_drop(&store, &parcel));
    port_board_free(&board);
}

static void what_is_over_is_purged(void)
{
    platform_store store = store_of(platform_self_pid(), all_is_over);
    platform_parcel parcel = { .tag = { 3, 3, 3 } };
    platform_handle event;
    mproc_os_handle copy;
    CHECK_OK(platform_event_create(&event));
    CHECK_OK(platform_parcel_put(&store, event, &parcel));
    CHECK_OK(platform_parcel_purge(&store));
    store.over = nothing_is_over;
    int code = platform_parcel_copy(&store, &parcel, &copy);
    if (code == 0) {
        /* Where nobody can look, it is there until its taker drops it. */
        CHECK_OK(platform_foreign_handle_close(copy));
        CHECK_OK(platform_parcel_drop(&store, &parcel));
    } else {
        CHECK_EQ(code, MPROC_E_NOT_FOUND);
    }
    platform_handle_close(event);
}

/* The child has the queue of the store behind the board, and takes what its parent has put there. */
static int child_take(const struct port_child_context *context)
{
    platform_store store = { .scope = context->handle_count > 1 ? context->handles[1] : PLATFORM_NO_HANDLE,
                             .keeper = atoll(context->argument) };
    struct port_board board = port_board_open(context->handles[0]);
    mproc_os_handle copy;
    for (int i = 1; i >= 0; i--) {
        platform_parcel parcel = { .tag = { 5, (uint64_t)i }, .place = (uint64_t)atomic_load(&board.values[i]) };
        CHECK_OK(platform_parcel_copy(&store, &parcel, &copy));
        const platform_handle handle = (platform_handle)copy;
        unsigned char ready;
        CHECK_EQ(platform_wait_handles(&handle, 1, 0, &ready), i);
        CHECK_OK(platform_foreign_handle_close(copy));
    }
    return 0;
}

static void a_store_for_one_child(void)
{
    struct port_board board = port_board_create();
    platform_store store = { .keeper = platform_self_pid() };
    platform_parcel parcels[2] = { { .tag = { 5, 0 } }, { .tag = { 5, 1 } } };
    platform_handle events[2];
    char keeper[32];
    snprintf(keeper, sizeof keeper, "%" PRId64, store.keeper);
    CHECK_OK(platform_store_create(&store.scope));
    for (int i = 0; i < 2; i++) {
        CHECK_OK(platform_event_create(&events[i]));
        CHECK_OK(platform_parcel_put(&store, events[i], &parcels[i]));
        atomic_store(&board.values[i], (int64_t)parcels[i].place);
    }
    platform_event_set(events[1]);
    platform_handle handles[] = { board.segment, store.scope };
    port_finish_code(port_spawn("take", keeper, handles, store.scope == PLATFORM_NO_HANDLE ? 1 : 2), 0);
    for (int i = 0; i < 2; i++) {
        CHECK_OK(platform_parcel_drop(&store, &parcels[i]));
        platform_handle_close(events[i]);
    }
    platform_handle_close(store.scope);
    port_board_free(&board);
}

static void handles_are_taken_and_given(void)
{
    platform_handle event, taken;
    mproc_os_handle given;
    CHECK_OK(platform_event_create(&event));
    CHECK_OK(platform_handle_take(event, &taken));
    CHECK_OK(platform_handle_give(taken, &given));
    check_duplicate(given, event);
    platform_handle_close(taken);
    check_duplicate(given, event);
    CHECK_OK(platform_foreign_handle_close(given));
    CHECK_EQ(platform_handle_take(given, &taken), MPROC_E_INVALID);
    CHECK_EQ(platform_handle_take(PLATFORM_NO_HANDLE, &taken), MPROC_E_INVALID);
    platform_handle_close(event);
}

static const struct port_test tests[] = { TEST(what_is_put_can_be_copied_until_it_is_dropped),
                                          TEST(a_parcel_outlives_its_sender), TEST(what_is_over_is_purged),
                                          TEST(a_store_for_one_child), TEST(handles_are_taken_and_given) };
static const struct port_child children[] = { CHILD(child_send), CHILD(child_take), { NULL, NULL } };
PORT_MAIN(tests, children)
