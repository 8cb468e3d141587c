/* The record of a crash, what is said of places in code, and whole files. */
#include "calls.h"
#include "port_test.h"
#ifndef _WIN32
#include <errno.h>
#endif

#if defined(__GNUC__)
#define NEVER_INLINE __attribute__((noinline))
#else
#define NEVER_INLINE
#endif

static volatile int zero, one = 1;

/* A sanitizer has handlers of its own for some faults, but none for this. */
static NEVER_INLINE int fall(void)
{
    if (one)
        abort();
    return zero;
}

static int record_into(platform_handle segment)
{
    void *record;
    if (platform_segment_map(segment, 0, PLATFORM_SEGMENT_ALIGN, &record) < 0)
        return 1;
    platform_child_prepare();
    return platform_crash_record(record) < 0 ? 2 : 0;
}

static int child_abort(const struct port_child_context *context)
{
    int code = record_into(context->handles[0]);
    return code == 0 ? fall() + 1 : code;
}

/* What lies below the program's own code is not recorded: this function, and who has called it. */
static int child_abort_above(const struct port_child_context *context)
{
    volatile int here = record_into(context->handles[0]);
    platform_crash_base((const void *)&here);
    return here == 0 ? fall() + here + 1 : here;
}

static bool names(const platform_crash *record, const char *function)
{
    char texts[1][PLATFORM_PLACE_TEXT];
    bool named = false;
    for (uint32_t i = 0; i < record->frame_count && i < PLATFORM_CRASH_FRAMES; i++)
        if (record->modules[i] != 0) {
            platform_places_describe(record->module[record->modules[i] - 1].file, &record->offsets[i], 1, texts);
            named |= strstr(texts[0], function) != NULL;
        }
    return named;
}

static void check_record(const platform_crash *record, platform_exit how)
{
    CHECK_EQ(atomic_load(&record->state), PLATFORM_CRASH_DONE);
    CHECK(platform_crash_fits(record, how));
    CHECK(!platform_crash_fits(record, (platform_exit){ PLATFORM_EXIT_CODE, 77 }));
    CHECK(!platform_crash_fits(record, (platform_exit){ PLATFORM_EXIT_SIGNAL, 9 }));
    CHECK(record->frame_count > 0 && record->module_count > 0);
    CHECK(names(record, "fall"));
}

/* names_caller: whether the child is found in its record itself. */
static void check_child(const char *child, bool names_caller)
{
    platform_handle segment;
    void *record;
    if (platform_crash_prepare() < 0)
        return;
    CHECK_OK(platform_segment_create(PLATFORM_SEGMENT_ALIGN, &segment));
    CHECK_OK(platform_segment_map(segment, 0, PLATFORM_SEGMENT_ALIGN, &record));
    CHECK_OK(platform_segment_commit(segment, record, 0, sizeof(platform_crash)));
    platform_exit how = port_finish(port_spawn(child, "", &segment, 1));
    check_record(record, how);
    CHECK_EQ(names(record, "child_abort"), names_caller);
    platform_segment_unmap(record, PLATFORM_SEGMENT_ALIGN);
    platform_handle_close(segment);
}

static void a_child_leaves_a_record_that_fits_its_end(void)
{
    check_child("abort", true);
}

static void nothing_below_the_base_is_recorded(void)
{
    check_child("abort_above", false);
}

static void a_place_is_found_in_its_file(void)
{
    char texts[1][PLATFORM_PLACE_TEXT];
    platform_file_id file;
    uint64_t offset, address = (uint64_t)(uintptr_t)fall;
    if (!platform_place_find(platform_self_pid(), address, &file, &offset))
        SKIP("this system does not say");
    platform_places_describe(file, &offset, 1, texts);
    CHECK(strstr(texts[0], "fall") != NULL);
    CHECK(!platform_place_find(platform_self_pid(), 0, &file, &offset));
    CHECK(!platform_place_find(platform_self_pid(), (uint64_t)(uintptr_t)&file, &file, &offset));
    if (!PORT_IS_WINDOWS)
        CHECK(!platform_place_find(0, address, &file, &offset));
}

static void nothing_is_said_of_files_that_are_not_mapped(void)
{
    static const uint64_t offsets[] = { 0, 1, UINT64_MAX };
    char texts[3][PLATFORM_PLACE_TEXT];
    memset(texts, 'x', sizeof texts);
    platform_places_describe((platform_file_id){ { 1, 2 } }, offsets, 3, texts);
    for (int i = 0; i < 3; i++)
        CHECK(strcmp(texts[i], "") == 0);
    platform_places_describe((platform_file_id){ { 0, 0 } }, offsets, 3, texts);
    CHECK(strcmp(texts[2], "") == 0);
}

static void files_are_made_once_and_read_whole(void)
{
    char directory[OS_PATH_MAX], path[OS_PATH_MAX + 8];
    const mproc_view parts[] = { { "one", 3 }, { NULL, 0 }, { "two", 3 } };
    void *data;
    size_t size;
    os_directory_make(directory);
    snprintf(path, sizeof path, "%s/file", directory);
    CHECK_EQ(platform_file_read(path, 100, &data, &size), MPROC_E_OS);
    CHECK_OK(platform_file_create(path, parts, 3));
    CHECK_EQ(platform_file_create(path, parts, 3), MPROC_E_EXISTS);
    CHECK_OK(platform_file_read(path, 100, &data, &size));
    CHECK_EQ(size, 6);
    CHECK(memcmp(data, "onetwo", 6) == 0);
    free(data);
    CHECK_EQ(platform_file_read(path, 5, &data, &size), MPROC_E_LIMIT);
    CHECK_EQ(platform_file_read(directory, 100, &data, &size), MPROC_E_OS);
    os_directory_remove(directory);
}

static void files_are_written_and_read_piece_by_piece(void)
{
    char directory[OS_PATH_MAX], path[OS_PATH_MAX + 8], bytes[100];
    const mproc_view parts[] = { { "one", 3 }, { "two", 3 } };
    platform_handle file;
    size_t size;
    os_directory_make(directory);
    snprintf(path, sizeof path, "%s/file", directory);
    CHECK_EQ(platform_file_open(path, &file), MPROC_E_OS);
    CHECK_OK(platform_file_begin(path, parts, 2, &file));
    CHECK_OK(platform_file_append(file, "three, and more", 15, &size));
    CHECK_EQ(size, 15);
    CHECK_OK(platform_file_take_back(file, 10));
    CHECK_OK(platform_file_append(file, NULL, 0, &size));
    CHECK_EQ(size, 0);
    platform_handle other;
    CHECK_EQ(platform_file_begin(path, parts, 2, &other), MPROC_E_EXISTS);
    CHECK_OK(platform_file_open(path, &other));
    CHECK_OK(platform_file_next(other, bytes, 4, &size));
    CHECK(size == 4 && memcmp(bytes, "onet", 4) == 0);
    CHECK_OK(platform_file_next(other, bytes, sizeof bytes, &size));
    CHECK(size == 7 && memcmp(bytes, "wothree", 7) == 0);
    CHECK_OK(platform_file_next(other, bytes, sizeof bytes, &size));
    CHECK_EQ(size, 0);
    CHECK_OK(platform_file_append(file, "!", 1, &size));
    CHECK_OK(platform_file_next(other, bytes, sizeof bytes, &size));
    CHECK(size == 1 && bytes[0] == '!');
    platform_handle_close(other);
    /* Also by programs that know nothing of the port. */
    FILE *reader = fopen(path, "rb");
    CHECK(reader != NULL && fgetc(reader) == 'o');
    fclose(reader);
    platform_handle_close(file);
    CHECK_EQ(platform_file_open(directory, &file), MPROC_E_OS);
    os_directory_remove(directory);
}

static void what_the_disk_did_not_take_is_told(void)
{
    char directory[OS_PATH_MAX], path[OS_PATH_MAX + 8];
    os_directory_make(directory);
    snprintf(path, sizeof path, "%s/file", directory);
    CHECK_EQ(platform_file_flush(path), MPROC_E_OS);
    CHECK_EQ(platform_file_flush(directory), MPROC_E_OS);
    CHECK_OK(platform_file_create(path, &(mproc_view){ "one", 3 }, 1));
    CHECK_OK(platform_file_flush(path));
    CHECK_OK(platform_calls_fail_nth(PLATFORM_FLUSH_CALL, 1, PLATFORM_FLUSH_ERROR));
    CHECK_EQ(platform_file_flush(path), MPROC_E_OS);
    CHECK(strstr(platform_error_text(), path) != NULL);
    platform_calls_reset();
    os_directory_remove(directory);
}

static const struct port_test tests[] = { TEST(a_child_leaves_a_record_that_fits_its_end),
                                          TEST(nothing_below_the_base_is_recorded),
                                          TEST(a_place_is_found_in_its_file),
                                          TEST(nothing_is_said_of_files_that_are_not_mapped),
                                          TEST(files_are_made_once_and_read_whole),
                                          TEST(files_are_written_and_read_piece_by_piece),
                                          TEST(what_the_disk_did_not_take_is_told) };
static const struct port_child children[] = { CHILD(child_abort), CHILD(child_abort_above), { NULL, NULL } };
PORT_MAIN(tests, children)
