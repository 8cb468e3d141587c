/* Named shared memory, lists in it, and managers of it.
 */
#include "test.h"

#define KIB ((size_t)1024)

/* A name that no other test run uses. */
static const char *own_name(int number)
{
    static char names[4][64];
    snprintf(names[number], sizeof names[number], "mproctest-%lld-%d", (long long)os_self_pid(), number);
    return names[number];
}

static mproc_shared_memory *create(const char *name, size_t size)
{
    mproc_shared_memory *memory;
    CHECK_OK(mproc_shared_memory_create(&memory, name, size));
    CHECK_EQ(mproc_shared_memory_get_size(memory), size);
    return memory;
}

static mproc_shared_memory *attach(const char *name)
{
    mproc_shared_memory *memory;
    CHECK_OK(mproc_shared_memory_open(&memory, name, 0));
    return memory;
}

static int attach_code(const char *name, size_t size)
{
    mproc_shared_memory *memory = NULL;
    int code = mproc_shared_memory_open(&memory, name, size);
    CHECK((code == 0) == (memory != NULL));
    mproc_shared_memory_free(memory);
    return code;
}

static int create_code(const char *name, size_t size)
{
    mproc_shared_memory *memory = NULL;
    int code = mproc_shared_memory_create(&memory, name, size);
    CHECK((code == 0) == (memory != NULL));
    mproc_shared_memory_free(memory);
    return code;
}

static void unlink_it(const char *name)
{
    CHECK_OK(mproc_shared_memory_unlink(name));
    CHECK_CODE(mproc_shared_memory_unlink(name), test_is_windows() ? 0 : MPROC_E_NOT_FOUND);
}

/* ---- Memory ---- */

struct message {
    char name[64];
};

static struct message message_of(const char *name)
{
    struct message message;
    snprintf(message.name, sizeof message.name, "%s", name);
    return message;
}

static int change_it(mproc_task *task)
{
    struct message message;
    CHECK_OK(mproc_task_read(task, &message, sizeof message));
    mproc_shared_memory *memory = attach(message.name);
    char *data = mproc_shared_memory_get_data(memory);
    CHECK(data[0] == 1 && data[100 * KIB - 1] == 2);
    data[50 * KIB] = 3;
    CHECK_OK(mproc_shared_memory_free(memory));
    return 0;
}

static void seen_by_others(void)
{
    static const char *const names[] = { "given", NULL };
    for (size_t i = 0; i < TEST_COUNT(names); i++) {
        mproc_shared_memory *memory = create(names[i] ? own_name(0) : NULL, 100 * KIB);
        char *data = mproc_shared_memory_get_data(memory);
        struct message message = message_of(mproc_shared_memory_get_name(memory));
        CHECK(data[0] == 0 && memcmp(data, data + 1, 100 * KIB - 1) == 0);
        data[0] = 1;
        data[100 * KIB - 1] = 2;
        CHECK_EQ(test_finish(test_start(change_it, MPROC_ARG(message))), 0);
        CHECK_EQ(data[50 * KIB], 3);
        unlink_it(message.name);
        CHECK_OK(mproc_shared_memory_free(memory));
        CHECK_CODE(attach_code(message.name, 0), MPROC_E_NOT_FOUND);
    }
}

static int scene_change_it(const char *argument)
{
    mproc_shared_memory *memory = attach(argument);
    ((char *)mproc_shared_memory_get_data(memory))[1] = 77;
    CHECK_OK(mproc_shared_memory_free(memory));
    return 0;
}

/* A program that is not of the family. */
static void seen_by_another_program(void)
{
    mproc_shared_memory *memory = create(own_name(0), 10);
    CHECK_EQ(test_scene("scene_change_it", own_name(0), NULL, 0), 0);
    CHECK_EQ(((char *)mproc_shared_memory_get_data(memory))[1], 77);
    unlink_it(own_name(0));
    CHECK_OK(mproc_shared_memory_free(memory));
}

static void unknown_existing_too_small(void)
{
    CHECK_CODE(attach_code(own_name(0), 0), MPROC_E_NOT_FOUND);
    CHECK_CONTAINS(mproc_last_error(), own_name(0));
    mproc_shared_memory *memory = create(own_name(0), 5000), *other;
    CHECK_CODE(create_code(own_name(0), 1), MPROC_E_EXISTS);
    CHECK_CONTAINS(mproc_last_error(), own_name(0));
    CHECK_CODE(attach_code(own_name(0), 100000), MPROC_E_SIZE);
    CHECK_CONTAINS(mproc_last_error(), "100000");
    CHECK_OK(attach_code(own_name(0), 5000));
    /* Unlinked or closed by its maker, those who have it keep it. */
    other = attach(own_name(0));
    CHECK(mproc_shared_memory_get_size(other) >= 5000);
    unlink_it(own_name(0));
    CHECK_OK(mproc_shared_memory_free(memory));
    ((char *)mproc_shared_memory_get_data(other))[4999] = 1;
    CHECK_OK(mproc_shared_memory_free(other));
    CHECK_CODE(attach_code(own_name(0), 0), MPROC_E_NOT_FOUND);
    CHECK_OK(mproc_shared_memory_free(NULL));
}

static void names_that_cannot_be(void)
{
    static const char *const bad[] = { "", "a/b", "/a", "a\\b", ".", "..", ".hidden", "../tmp/a" };
    char longest[MPROC_SHARED_MEMORY_NAME_MAX + 2];
    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        CHECK_CODE(create_code(bad[i], 1), MPROC_E_INVALID);
        CHECK_CODE(attach_code(bad[i], 1), MPROC_E_INVALID);
        CHECK_CODE(mproc_shared_memory_unlink(bad[i]), MPROC_E_INVALID);
    }
    CHECK_CODE(attach_code(NULL, 1), MPROC_E_INVALID);
    CHECK_CODE(create_code(own_name(0), 0), MPROC_E_INVALID);
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = 0;
    CHECK_CODE(create_code(longest, 1), MPROC_E_INVALID);
    memcpy(longest, own_name(0), strlen(own_name(0)));
    longest[sizeof longest - 2] = 0;
    mproc_shared_memory *memory = create(longest, 1);
    CHECK_STR(mproc_shared_memory_get_name(memory), longest);
    unlink_it(longest);
    CHECK_OK(mproc_shared_memory_free(memory));
}

/* More than there is: an error, and no name is left. */
static void rule_54_more_than_there_is(void)
{
    int code = create_code(own_name(0), SIZE_MAX / 4);
    CHECK(code == MPROC_E_LIMIT || code == MPROC_E_OS || code == MPROC_E_NO_MEMORY);
    CHECK_CODE(attach_code(own_name(0), 0), MPROC_E_NOT_FOUND);
}

static mproc_shared_memory *parents_memory;
static mproc_shareable_list *parents_list;
static mproc_shared_memory_manager *parents_manager;

static int use_parents_object(mproc_task *task)
{
    (void)task;
    CHECK(mproc_shared_memory_get_data(parents_memory) == NULL);
    CHECK_EQ(mproc_last_code(), MPROC_E_WRONG_PROCESS);
    CHECK_EQ(mproc_shareable_list_get_count(parents_list), 0);
    CHECK_EQ(mproc_last_code(), MPROC_E_WRONG_PROCESS);
    CHECK_CODE(mproc_shared_memory_free(parents_memory), MPROC_E_WRONG_PROCESS);
    CHECK_CODE(mproc_shareable_list_free(parents_list), MPROC_E_WRONG_PROCESS);
    CHECK_CODE(mproc_shared_memory_manager_free(parents_manager), MPROC_E_WRONG_PROCESS);
    return 0;
}

static void used_from_a_child(void)
{
    parents_memory = create(own_name(0), 100);
    CHECK_OK(mproc_shared_memory_manager_create(&parents_manager));
    CHECK_OK(mproc_shared_memory_manager_create_list(parents_manager, NULL, 0, &parents_list));
    CHECK_EQ(test_finish(test_start(use_parents_object, MPROC_NO_ARGS)), 0);
    CHECK_EQ(mproc_shareable_list_get_count(parents_list), 0);
    CHECK_EQ(mproc_last_code(), 0);
    CHECK_OK(mproc_shareable_list_free(parents_list));
    CHECK_OK(mproc_shared_memory_manager_free(parents_manager));
    ((char *)mproc_shared_memory_get_data(parents_memory))[99] = 1;
    unlink_it(own_name(0));
    CHECK_OK(mproc_shared_memory_free(parents_memory));
}

/* ---- What is left over ---- */

/* Makes memory under a name the library chooses, one under a name of its own, tells them and is killed. */
static int scene_leave_names(const char *argument)
{
    mproc_shared_memory *chosen = create(NULL, 100);
    mproc_shared_memory *own = create(argument, 100);
    mproc_shared_memory_manager *manager;
    mproc_shared_memory *managed;
    CHECK_OK(mproc_shared_memory_manager_create(&manager));
    CHECK_OK(mproc_shared_memory_manager_create_memory(manager, 100, &managed));
    printf("%s %s %s\n", mproc_shared_memory_get_name(chosen), mproc_shared_memory_get_name(managed),
           mproc_shared_memory_get_name(own));
    fflush(stdout);
    os_kill(os_self_pid());
    return 1;
}

static void names_of_a_killed_program(void)
{
    char output[1024], chosen[256], managed[256], own[256];
    test_scene("scene_leave_names", own_name(0), output, sizeof output);
    CHECK_EQ(sscanf(output, "%255s %255s %255s", chosen, managed, own), 3);
    CHECK_STR(own, own_name(0));
    /* The next one that chooses a name removes those that nobody has. */
    mproc_shared_memory *memory = create(NULL, 1), *other = attach(mproc_shared_memory_get_name(memory));
    CHECK_CODE(attach_code(chosen, 0), MPROC_E_NOT_FOUND);
    CHECK_CODE(attach_code(managed, 0), MPROC_E_NOT_FOUND);
    CHECK_CODE(attach_code(own, 0), test_is_windows() ? MPROC_E_NOT_FOUND : 0);
    if (!test_is_windows())
        unlink_it(own);
    /* But not what somebody has. */
    char name[256];
    snprintf(name, sizeof name, "%s", mproc_shared_memory_get_name(memory));
    CHECK_OK(mproc_shared_memory_free(memory));
    memory = create(NULL, 1);
    unlink_it(mproc_shared_memory_get_name(memory));
    CHECK_OK(mproc_shared_memory_free(memory));
    CHECK_OK(attach_code(name, 0));
    unlink_it(name);
    CHECK_OK(mproc_shared_memory_free(other));
}

/* Killed while it makes and unlinks names: each is whole, or gone. */
static int make_names_for_ever(mproc_task *task)
{
    struct message message;
    CHECK_OK(mproc_task_read(task, &message, sizeof message));
    while (atomic_load(test_board()) == 0) {
        mproc_shared_memory *memory = create(message.name, 3 * KIB);
        CHECK_OK(mproc_shared_memory_free(memory));
        if (!test_is_windows())
            CHECK_OK(mproc_shared_memory_unlink(message.name));
        atomic_fetch_add(&test_board()[20], 1);
    }
    return 0;
}

static void killed_while_making(void)
{
    struct message message = message_of(own_name(0));
    for (int round = 0; round < 40; round++) {
        int64_t before = atomic_load(&test_board()[20]);
        mproc_process *process = test_start(make_names_for_ever, MPROC_ARG(message));
        WAIT_UNTIL(atomic_load(&test_board()[20]) > before + round % 7);
        CHECK_OK(mproc_process_kill(process));
        test_finish(process);
        int code = attach_code(message.name, 3 * KIB);
        CHECK(code == 0 || code == MPROC_E_NOT_FOUND);
        if (code == 0 && !test_is_windows())
            unlink_it(message.name);
    }
}

/* ---- Managers ---- */

static void shutdown_frees_all(void)
{
    enum { COUNT = 20 };
    char names[COUNT][256];
    mproc_shared_memory_manager *manager;
    mproc_shared_memory *memory;
    mproc_shareable_list *list;
    mproc_shareable_item item = mproc_shareable_int(5);
    CHECK_OK(mproc_shared_memory_manager_create(&manager));
    for (int i = 0; i < COUNT; i++) {
        if (i % 2) {
            CHECK_OK(mproc_shared_memory_manager_create_memory(manager, 4096, &memory));
            snprintf(names[i], sizeof names[i], "%s", mproc_shared_memory_get_name(memory));
            CHECK_OK(mproc_shared_memory_free(memory));
        } else {
            CHECK_OK(mproc_shared_memory_manager_create_list(manager, &item, 1, &list));
            snprintf(names[i], sizeof names[i], "%s", mproc_shareable_list_get_name(list));
            CHECK_OK(mproc_shareable_list_free(list));
        }
    }
    for (int i = 0; i < COUNT; i++)
        CHECK_OK(attach_code(names[i], 0));
    memory = attach(names[1]);
    CHECK_CODE(mproc_shared_memory_manager_create_memory(manager, 0, &memory), MPROC_E_INVALID);
    CHECK_OK(mproc_shared_memory_manager_free(manager));
    ((char *)mproc_shared_memory_get_data(memory))[0] = 1;
    CHECK_OK(mproc_shared_memory_free(memory));
    for (int i = 0; i < COUNT; i++)
        CHECK_CODE(attach_code(names[i], 0), MPROC_E_NOT_FOUND);
    CHECK_OK(mproc_shared_memory_manager_free(NULL));
}

static int scene_forget_shutdown(const char *argument)
{
    mproc_shared_memory_manager *manager;
    mproc_shared_memory *memory;
    CHECK_OK(mproc_shared_memory_manager_create(&manager));
    CHECK_OK(mproc_shared_memory_manager_create_memory(manager, 4096, &memory));
    puts(mproc_shared_memory_get_name(memory));
    (void)argument;
    return 0;
}

static void end_of_the_program_frees_all(void)
{
    char output[256], name[256];
    CHECK_EQ(test_scene("scene_forget_shutdown", "", output, sizeof output), 0);
    CHECK_EQ(sscanf(output, "%255s", name), 1);
    CHECK_CODE(attach_code(name, 0), MPROC_E_NOT_FOUND);
    CHECK_CODE(mproc_shared_memory_unlink(name), test_is_windows() ? 0 : MPROC_E_NOT_FOUND);
}

/* ---- Lists ---- */

static int compare_list(mproc_task *task)
{
    struct message message;
    mproc_shareable_list *list;
    mproc_shareable_item item;
    CHECK_OK(mproc_task_read(task, &message, sizeof message));
    CHECK_OK(mproc_shareable_list_open(&list, message.name));
    CHECK_EQ(mproc_shareable_list_get_count(list), 7);
    CHECK_OK(mproc_shareable_list_get(list, 0, &item));
    CHECK(item.type == MPROC_SHAREABLE_INT && item.integer == INT64_MIN);
    CHECK_OK(mproc_shareable_list_get(list, 1, &item));
    CHECK(item.type == MPROC_SHAREABLE_FLOAT && item.real == -2.5);
    CHECK_OK(mproc_shareable_list_get(list, 2, &item));
    CHECK(item.type == MPROC_SHAREABLE_BOOL && item.integer == 1);
    CHECK_OK(mproc_shareable_list_get(list, 3, &item));
    CHECK(item.type == MPROC_SHAREABLE_TEXT && strcmp(item.data.data, "a text of some length") == 0 &&
          item.data.size == 21);
    CHECK_OK(mproc_shareable_list_get(list, 4, &item));
    CHECK(item.type == MPROC_SHAREABLE_BYTES && item.data.size == 3 && memcmp(item.data.data, "\0x\0", 3) == 0);
    CHECK_OK(mproc_shareable_list_get(list, 5, &item));
    CHECK_EQ(item.type, MPROC_SHAREABLE_NONE);
    CHECK_OK(mproc_shareable_list_get(list, 6, &item));
    CHECK(item.type == MPROC_SHAREABLE_TEXT && item.data.size == 0);
    item = mproc_shareable_text("changed");
    CHECK_OK(mproc_shareable_list_set(list, 5, &item));
    CHECK_OK(mproc_shareable_list_free(list));
    return 0;
}

static mproc_shareable_list *make_list(const char *name)
{
    mproc_shareable_item items[7];
    mproc_shareable_list *list;
    items[0] = mproc_shareable_int(INT64_MIN);
    items[1] = mproc_shareable_float(-2.5);
    items[2] = mproc_shareable_bool(7);
    items[3] = mproc_shareable_text("a text of some length");
    items[4] = mproc_shareable_bytes("\0x\0", 3);
    items[5] = mproc_shareable_none();
    items[6] = mproc_shareable_text("");
    CHECK_OK(mproc_shareable_list_create(&list, name, items, 7));
    return list;
}

static void end_list(mproc_shareable_list *list)
{
    unlink_it(mproc_shareable_list_get_name(list));
    CHECK_OK(mproc_shareable_list_free(list));
}

static void check_format(const mproc_shareable_list *list, int64_t index, const char *expected)
{
    char format[24];
    CHECK_OK(mproc_shareable_list_get_format(list, index, format, sizeof format));
    CHECK_STR(format, expected);
}

static void lists(void)
{
    mproc_shareable_list *list = make_list(own_name(0));
    struct message message = message_of(mproc_shareable_list_get_name(list));
    mproc_shareable_item item;
    CHECK_EQ(test_finish(test_start(compare_list, MPROC_ARG(message))), 0);
    CHECK_OK(mproc_shareable_list_get(list, 5, &item));
    CHECK(item.type == MPROC_SHAREABLE_TEXT && strcmp(item.data.data, "changed") == 0);
    check_format(list, 0, "q");
    check_format(list, 1, "d");
    check_format(list, 2, "xxxxxxx?");
    check_format(list, 3, "24s");
    check_format(list, 4, "8s");
    item = mproc_shareable_none();
    CHECK_OK(mproc_shareable_list_set(list, 3, &item));
    check_format(list, 3, "xxxxxx?x");
    CHECK_CODE(mproc_shareable_list_get_format(list, 3, message.name, 8), MPROC_E_TOO_SHORT);
    end_list(list);
}

static void list_room_and_range(void)
{
    mproc_shareable_list *list = make_list(own_name(0));
    mproc_shareable_item item = mproc_shareable_text("01234567"), got;
    CHECK_CODE(mproc_shareable_list_set(list, 0, &item), MPROC_E_TOO_SHORT);
    CHECK_OK(mproc_shareable_list_get(list, 0, &got));
    CHECK(got.type == MPROC_SHAREABLE_INT && got.integer == INT64_MIN);
    item = mproc_shareable_bytes("01234567", 8);
    CHECK_OK(mproc_shareable_list_set(list, 0, &item));
    item = mproc_shareable_text("exactly twenty three ..");
    CHECK_OK(mproc_shareable_list_set(list, 3, &item));
    item = mproc_shareable_text("now one more than that ..");
    CHECK_CODE(mproc_shareable_list_set(list, 3, &item), MPROC_E_TOO_SHORT);
    CHECK_CODE(mproc_shareable_list_get(list, 7, &got), MPROC_E_RANGE);
    CHECK_CODE(mproc_shareable_list_get(list, -1, &got), MPROC_E_RANGE);
    CHECK_CODE(mproc_shareable_list_set(list, INT64_MAX, &item), MPROC_E_RANGE);
    item.type = 99;
    CHECK_CODE(mproc_shareable_list_set(list, 0, &item), MPROC_E_TYPE);
    end_list(list);
    CHECK_CODE(mproc_shareable_list_create(&list, own_name(0), &item, 1), MPROC_E_TYPE);
    CHECK_OK(mproc_shareable_list_create(&list, own_name(0), NULL, 0));
    CHECK_EQ(mproc_shareable_list_get_count(list), 0);
    end_list(list);
}

static void list_search(void)
{
    mproc_shareable_item items[6], wanted;
    mproc_shareable_list *list;
    size_t count;
    size_t index;
    for (int i = 0; i < 6; i++)
        items[i] = i % 2 ? mproc_shareable_int(4) : mproc_shareable_text("four");
    items[5] = mproc_shareable_float(4);
    CHECK_OK(mproc_shareable_list_create(&list, NULL, items, 6));
    wanted = mproc_shareable_int(4);
    CHECK_OK(mproc_shareable_list_count_equal(list, &wanted, &count));
    CHECK_EQ(count, 2);
    CHECK_OK(mproc_shareable_list_find(list, &wanted, &index));
    CHECK_EQ(index, 1);
    wanted = mproc_shareable_text("four");
    CHECK_OK(mproc_shareable_list_count_equal(list, &wanted, &count));
    CHECK_EQ(count, 3);
    wanted = mproc_shareable_text("five");
    CHECK_OK(mproc_shareable_list_count_equal(list, &wanted, &count));
    CHECK_EQ(count, 0);
    CHECK_CODE(mproc_shareable_list_find(list, &wanted, &index), MPROC_E_NOT_FOUND);
    end_list(list);
}

static int attach_list_code(const char *name)
{
    mproc_shareable_list *list = NULL;
    int code = mproc_shareable_list_open(&list, name);
    CHECK((code == 0) == (list != NULL));
    mproc_shareable_list_free(list);
    return code;
}

/* A length that is no length, in a slot that was good when the list was attached. */
static void found_11_length_of_an_item_overwritten(void)
{
    mproc_shareable_item items[] = { mproc_shareable_text("text"), mproc_shareable_bytes("bytes", 5) }, got;
    mproc_shareable_list *list;
    size_t count;
    CHECK_OK(mproc_shareable_list_create(&list, own_name(0), items, 2));
    mproc_shared_memory *memory = attach(own_name(0));
    const uint64_t lengths[] = { UINT64_MAX, UINT64_MAX - 1, INT64_MAX, UINT32_MAX, 9 };
    for (size_t i = 0; i < TEST_COUNT(lengths); i++)
        for (int item = 0; item < 2; item++) {
            /* The second word of its slot, behind the header of two words. */
            memcpy((char *)mproc_shared_memory_get_data(memory) + 16 + 32 * item + 8, &lengths[i], sizeof lengths[i]);
            CHECK_CODE(mproc_shareable_list_get(list, item, &got), MPROC_E_TYPE);
            CHECK_CODE(mproc_shareable_list_count_equal(list, &items[item], &count), MPROC_E_TYPE);
        }
    CHECK_OK(mproc_shared_memory_free(memory));
    end_list(list);
}

/* What others may have written there: every byte of a list changed, and it is an error or a list, never a crash. */
static void damaged_lists(void)
{
    CHECK_CODE(attach_list_code(own_name(0)), MPROC_E_NOT_FOUND);
    mproc_shared_memory *memory = create(own_name(0), 4096);
    CHECK_CODE(attach_list_code(own_name(0)), MPROC_E_TYPE);
    memset(mproc_shared_memory_get_data(memory), 0xff, 4096);
    CHECK_CODE(attach_list_code(own_name(0)), MPROC_E_TYPE);
    unlink_it(own_name(0));
    CHECK_OK(mproc_shared_memory_free(memory));

    mproc_shareable_list *list = make_list(own_name(0)), *other;
    memory = attach(own_name(0));
    unsigned char *bytes = mproc_shared_memory_get_data(memory);
    for (size_t at = 0; at < 300; at++)
        for (int bit = 0; bit < 8; bit++) {
            mproc_shareable_item item;
            bytes[at] ^= (unsigned char)(1 << bit);
            for (int64_t i = 0; i < 7; i++)
                mproc_shareable_list_get(list, i, &item);
            if (mproc_shareable_list_open(&other, own_name(0)) == 0) {
                for (int64_t i = 0; i < 7; i++)
                    if (mproc_shareable_list_get(other, i, &item) == 0)
                        mproc_shareable_list_set(other, i, &item);
                mproc_shareable_list_free(other);
            }
            bytes[at] ^= (unsigned char)(1 << bit);
        }
    CHECK_OK(mproc_shared_memory_free(memory));
    end_list(list);
}

static const struct test tests[] = {
    TEST(seen_by_others),
    TEST_WITH(seen_by_another_program, TEST_ONCE, 0),
    TEST_WITH(unknown_existing_too_small, TEST_ONCE, 0),
    TEST_WITH(names_that_cannot_be, TEST_ONCE, 0),
    TEST_WITH(rule_54_more_than_there_is, TEST_ONCE, 0),
    TEST_WITH(used_from_a_child, TEST_FORK_ONLY, 0),
    TEST_WITH(names_of_a_killed_program, TEST_ONCE, 0),
    TEST_WITH(killed_while_making, 0, 60),
    TEST_WITH(shutdown_frees_all, TEST_ONCE, 0),
    TEST_WITH(end_of_the_program_frees_all, TEST_ONCE, 0),
    TEST(lists),
    TEST_WITH(list_room_and_range, TEST_ONCE, 0),
    TEST_WITH(list_search, TEST_ONCE, 0),
    TEST_WITH(found_11_length_of_an_item_overwritten, TEST_ONCE, 0),
    TEST_WITH(damaged_lists, TEST_ONCE, 0),
};

static const struct scene scenes[] = {
    SCENE(scene_change_it),
    SCENE(scene_leave_names),
    SCENE(scene_forget_shutdown),
};

TEST_MAIN(tests, scenes)
