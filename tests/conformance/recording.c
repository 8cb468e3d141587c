/* Recordings: what was written is read, wherever it was cut short, and what is no recording is told. Reaches into core
 * and into the port's call table.
 */
#include "trace/recording.h"
#include "calls.h"
#include "records.h"
#include "test.h"
#include "trace/little_endian.h"
#ifdef _WIN32
#define FULL_ERROR ERROR_DISK_FULL
#define WRITE_CALL "WriteFile"
#else
#include <errno.h>
#include <sys/resource.h>
#include <sys/stat.h>
#define FULL_ERROR ENOSPC
#define WRITE_CALL "write"
#endif

#define PATH   "recording.mproc"
#define FRAMES 200

static struct record_room room;
static unsigned char frame_bytes[WIRE_OWN_MAX], file_bytes[1 << 20];
static size_t ends[FRAMES + 1]; /* of the frames, in the file */
static union record record;
static struct wire_frame frame;

/* ---- Writing one ---- */

static size_t encode(unsigned type, int64_t number, const void *what)
{
    struct wire_frame head = { .type = (uint16_t)type, .sequence = (uint64_t)number + 1, .time_ns = number * 1000 };
    return mproc__wire_encode(frame_bytes, sizeof frame_bytes, &head, what);
}

static size_t greeting(void)
{
    struct record_greeting says = {
        .magic = RECORD_MAGIC, .version = RECORD_VERSION, .pid = 77, .program = record_text_of("./program")
    };
    return encode(RECORD_GREETING, 0, &says);
}

static size_t nth_frame(int n, unsigned *seed)
{
    room.used = 0;
    struct record_output output = { .pool = (uint32_t)n, .text = record_letters(&room, 500, seed) };
    return encode(RECORD_OUTPUT, n, &output);
}

static void begin(struct recording_writer *writer)
{
    size_t size = greeting();
    CHECK_OK(mproc__recording_create(writer, PATH, frame_bytes, size));
    ends[0] = RECORDING_HEADER_SIZE + size;
}

/* Returns how many were written before an error. */
static int append(struct recording_writer *writer, int count, int *ret_code)
{
    unsigned seed = 1;
    for (int n = 1; n < count; n++) {
        size_t size = nth_frame(n, &seed);
        *ret_code = mproc__recording_append(writer, frame_bytes, size);
        if (*ret_code < 0)
            return n;
        ends[n] = ends[n - 1] + size;
    }
    return count;
}

static void make(int count)
{
    struct recording_writer writer;
    int code;
    begin(&writer);
    CHECK_EQ(append(&writer, count, &code), count);
    CHECK_OK(mproc__recording_finish(&writer));
}

/* ---- As a file ---- */

/* As others read it: on Windows the C library cannot, while it is written. */
static size_t load(void)
{
    void *bytes;
    size_t size;
    CHECK_OK(platform_file_read(PATH, sizeof file_bytes, &bytes, &size));
    memcpy(file_bytes, bytes, size);
    free(bytes);
    return size;
}

static void save(size_t size)
{
    FILE *file = fopen(PATH, "wb");
    CHECK(file != NULL && fwrite(file_bytes, 1, size, file) == size);
    CHECK(fclose(file) == 0);
}

/* Returns how many records there are, each checked. */
static int count_records(struct recording_reader *reader, int *ret_code)
{
    int count = 0;
    while ((*ret_code = mproc__recording_next(reader, &frame, &record)) == 1) {
        CHECK_EQ(frame.time_ns, count * 1000);
        CHECK_EQ(reader->last_ns, count * 1000);
        if (count == 0)
            CHECK(record_text_is(&record.greeting.program, "./program", 9) && record.greeting.pid == 77);
        else
            CHECK_EQ(record.output.pool, count);
        count++;
    }
    return count;
}

static void check_read(int count, bool is_cut)
{
    struct recording_reader reader;
    int code;
    CHECK_OK(mproc__recording_open(&reader, PATH));
    CHECK_EQ(count_records(&reader, &code), count);
    CHECK_CODE(code, 0);
    CHECK_EQ(reader.is_cut, is_cut);
    mproc__recording_close(&reader);
}

static void check_refused(int code, const char *why)
{
    struct recording_reader reader;
    CHECK_CODE(mproc__recording_open(&reader, PATH), code);
    CHECK(reader.file == PLATFORM_NO_HANDLE);
    CHECK_CONTAINS(mproc_last_error(), why);
}

/* ---- Tests ---- */

static void what_was_recorded_is_read(void)
{
    make(FRAMES);
    check_read(FRAMES, false);
    CHECK_EQ(load(), ends[FRAMES - 1]);
    remove(PATH);
}

static void a_recording_is_for_its_user_alone(void)
{
    make(1);
#ifndef _WIN32
    struct stat status;
    CHECK(stat(PATH, &status) == 0 && (status.st_mode & 0777) == 0600);
#endif
    remove(PATH);
}

static void a_file_that_is_there_is_not_written_over(void)
{
    struct recording_writer writer;
    file_bytes[0] = 'x';
    save(1);
    size_t size = greeting();
    CHECK_CODE(mproc__recording_create(&writer, PATH, frame_bytes, size), MPROC_E_EXISTS);
    CHECK_CONTAINS(mproc_last_error(), PATH);
    CHECK_EQ(load(), 1);
    remove(PATH);
}

static void a_recording_in_no_directory_says_where(void)
{
    struct recording_writer writer;
    size_t size = greeting();
    CHECK_CODE(mproc__recording_create(&writer, "no such directory/file", frame_bytes, size), MPROC_E_OS);
    CHECK_CONTAINS(mproc_last_error(), "no such directory");
}

/* At each byte: what came before is there, and the reader says whether a frame was cut. */
static void a_recording_that_is_cut_short_is_read_up_to_the_cut(void)
{
    make(20);
    size_t size = load();
    int whole = 19;
    for (size_t cut = size; cut > ends[0]; cut--) {
        save(cut);
        while (ends[whole] > cut)
            whole--;
        check_read(whole + 1, ends[whole] != cut);
    }
    for (size_t cut = ends[0] - 1; cut + 1 > 0; cut--) {
        save(cut);
        check_refused(MPROC_E_CORRUPT, cut < RECORDING_HEADER_SIZE ? "is not a recording" : "before its first record");
    }
    remove(PATH);
}

static void what_is_no_recording_is_told(void)
{
    make(3);
    size_t size = load();
    file_bytes[0] ^= 1;
    save(size);
    check_refused(MPROC_E_CORRUPT, PATH " is not a recording");
    file_bytes[0] ^= 1;
    little_endian_put(file_bytes + 8, RECORDING_VERSION + 1, 4);
    save(size);
    check_refused(MPROC_E_NOT_SUPPORTED, "format 2");
    little_endian_put(file_bytes + 8, RECORDING_VERSION, 4);
    little_endian_put(file_bytes + 12, 15, 4);
    save(size);
    check_refused(MPROC_E_CORRUPT, "15 bytes");
    little_endian_put(file_bytes + 12, UINT32_MAX, 4);
    save(size);
    check_refused(MPROC_E_CORRUPT, "header");
    little_endian_put(file_bytes + 12, 16, 4);
    file_bytes[RECORDING_HEADER_SIZE + WIRE_HEADER_SIZE] ^= 1;
    save(size);
    check_refused(MPROC_E_CORRUPT, "does not begin with a greeting");
    remove(PATH);
    check_refused(MPROC_E_OS, PATH);
}

static void a_later_formats_header_may_be_longer(void)
{
    make(3);
    size_t size = load();
    memmove(file_bytes + 40, file_bytes + RECORDING_HEADER_SIZE, size - RECORDING_HEADER_SIZE);
    little_endian_put(file_bytes + 12, 40, 4);
    save(size + 40 - RECORDING_HEADER_SIZE);
    check_read(3, false);
    remove(PATH);
}

static void damage_is_told_with_its_place(void)
{
    struct recording_reader reader;
    char place[40];
    int code;
    make(20);
    size_t size = load();
    little_endian_put(file_bytes + ends[9], 3, 4);
    save(size);
    CHECK_OK(mproc__recording_open(&reader, PATH));
    CHECK_EQ(count_records(&reader, &code), 10);
    CHECK_CODE(code, MPROC_E_CORRUPT);
    snprintf(place, sizeof place, "at byte %zu", ends[9]);
    CHECK_CONTAINS(mproc_last_error(), place);
    CHECK_CODE(mproc__recording_next(&reader, &frame, &record), MPROC_E_CORRUPT);
    mproc__recording_close(&reader);
    remove(PATH);
}

/* The reader sees what has been flushed, and more when there is more. */
static void a_recording_can_be_read_while_it_is_written(void)
{
    struct recording_writer writer;
    struct recording_reader reader;
    unsigned seed = 2;
    int code;
    begin(&writer);
    CHECK_OK(mproc__recording_open(&reader, PATH));
    CHECK_EQ(count_records(&reader, &code), 1);
    size_t size = nth_frame(1, &seed);
    CHECK_OK(mproc__recording_append(&writer, frame_bytes, size));
    CHECK_OK(mproc__recording_flush(&writer));
    CHECK_EQ(writer.written, ends[0] + size);
    CHECK_EQ(mproc__recording_next(&reader, &frame, &record), 1);
    CHECK_EQ(record.output.pool, 1);
    CHECK_EQ(mproc__recording_next(&reader, &frame, &record), 0);
    mproc__recording_close(&reader);
    CHECK_OK(mproc__recording_finish(&writer));
    remove(PATH);
}

/* Whether there are always more of them, or no more for now. */
static void a_frame_does_not_wait_for_long(void)
{
    struct recording_writer writer;
    int code;
    begin(&writer);
    CHECK(mproc__recording_due_ns(&writer) == INT64_MAX);
    for (int i = 0; i < 2; i++) {
        writer.written_ns = platform_now_ns();
        CHECK_EQ(append(&writer, 2, &code), 2);
        CHECK_LE(mproc__recording_due_ns(&writer), platform_now_ns() + RECORDING_WAIT_NS);
        writer.written_ns -= RECORDING_WAIT_NS;
        if (i == 0)
            CHECK_OK(mproc__recording_write_due(&writer));
        else
            CHECK_EQ(append(&writer, 2, &code), 2);
        CHECK_EQ(writer.used, 0);
    }
    CHECK_EQ(load(), writer.written);
    CHECK_OK(mproc__recording_finish(&writer));
    remove(PATH);
}

static void frames_longer_than_the_room_are_written(void)
{
    static unsigned char many[RECORDING_ROOM * 3];
    struct recording_writer writer;
    unsigned seed = 3;
    size_t used = 0, size;
    int code, n = FRAMES / 2;
    begin(&writer);
    CHECK_EQ(append(&writer, n, &code), n);
    while (used + WIRE_OWN_MAX < sizeof many) {
        size = nth_frame(n++, &seed);
        memcpy(many + used, frame_bytes, size);
        used += size;
    }
    CHECK_OK(mproc__recording_append(&writer, many, used));
    CHECK_OK(mproc__recording_finish(&writer));
    check_read(n, false);
    remove(PATH);
}

/* ---- Full disks ---- */

static void a_disk_that_is_full_at_the_beginning_leaves_no_file(void)
{
    struct recording_writer writer;
    size_t size = greeting();
    for (int nth = 1; nth <= 2; nth++) {
        CHECK_OK(platform_calls_fail_nth(WRITE_CALL, nth, FULL_ERROR));
        CHECK_CODE(mproc__recording_create(&writer, PATH, frame_bytes, size), MPROC_E_OS);
        CHECK_CONTAINS(mproc_last_error(), PATH);
        platform_calls_reset();
    }
    check_refused(MPROC_E_OS, PATH);
}

static void a_disk_that_becomes_full_is_told_and_leaves_what_there_was(void)
{
    struct recording_writer writer;
    int code, appended;
    unsigned seed = 4;
    begin(&writer);
    CHECK_EQ(append(&writer, 10, &code), 10);
    CHECK_OK(mproc__recording_flush(&writer));
    CHECK_OK(platform_calls_fail_nth(WRITE_CALL, 1, FULL_ERROR));
    for (appended = 10; appended < 10000; appended++) {
        size_t size = nth_frame(appended, &seed);
        code = mproc__recording_append(&writer, frame_bytes, size);
        if (code < 0)
            break;
    }
    CHECK_CODE(code, MPROC_E_OS);
    CHECK_CONTAINS(mproc_last_error(), "writing a recording");
    platform_calls_reset();
    CHECK_CODE(mproc__recording_append(&writer, frame_bytes, 100), MPROC_E_OS);
    CHECK_CODE(mproc__recording_flush(&writer), MPROC_E_OS);
    CHECK_CODE(mproc__recording_finish(&writer), MPROC_E_OS);
    check_read(10, false);
    remove(PATH);
}

#ifndef _WIN32
static void of_what_there_is_room_for_whole_frames_are_kept(void)
{
    struct recording_writer writer;
    int code;
    make(FRAMES);
    remove(PATH);
    struct rlimit limit = { ends[120] + 30, ends[120] + 30 };
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    begin(&writer);
    append(&writer, FRAMES, &code);
    CHECK_CODE(mproc__recording_finish(&writer), MPROC_E_OS);
    CHECK_EQ(load(), ends[120]);
    check_read(121, false);
    remove(PATH);
}
#endif

/* ---- Calls that fail ---- */

/* Returns whether all of it was read. */
static bool try_to_read(void)
{
    struct recording_reader reader;
    int code = mproc__recording_open(&reader, PATH);
    if (code < 0) {
        CHECK_CODE(code, MPROC_E_OS);
        return false;
    }
    bool whole = count_records(&reader, &code) == FRAMES && code == 0;
    CHECK(whole || code == MPROC_E_OS);
    mproc__recording_close(&reader);
    return whole;
}

static void a_call_that_fails_while_it_is_read_is_an_error(void)
{
    make(FRAMES);
    for (int nth = 1, calls = nth; nth <= calls; nth++) {
        CHECK_OK(platform_calls_fail_nth(NULL, nth, FULL_ERROR));
        bool whole = try_to_read();
        calls = platform_calls_count();
        platform_calls_reset();
        CHECK(!whole || nth > calls);
        CHECK(try_to_read());
    }
    remove(PATH);
}

static const struct test tests[] = {
    TEST_WITH(what_was_recorded_is_read, TEST_ONCE, 0),
    TEST_WITH(a_recording_is_for_its_user_alone, TEST_ONCE | TEST_POSIX_ONLY, 0),
    TEST_WITH(a_file_that_is_there_is_not_written_over, TEST_ONCE, 0),
    TEST_WITH(a_recording_in_no_directory_says_where, TEST_ONCE, 0),
    TEST_WITH(a_recording_that_is_cut_short_is_read_up_to_the_cut, TEST_ONCE, 0),
    TEST_WITH(what_is_no_recording_is_told, TEST_ONCE, 0),
    TEST_WITH(a_later_formats_header_may_be_longer, TEST_ONCE, 0),
    TEST_WITH(damage_is_told_with_its_place, TEST_ONCE, 0),
    TEST_WITH(a_recording_can_be_read_while_it_is_written, TEST_ONCE, 0),
    TEST_WITH(a_frame_does_not_wait_for_long, TEST_ONCE, 0),
    TEST_WITH(frames_longer_than_the_room_are_written, TEST_ONCE, 0),
    TEST_WITH(a_disk_that_is_full_at_the_beginning_leaves_no_file, TEST_ONCE, 0),
    TEST_WITH(a_disk_that_becomes_full_is_told_and_leaves_what_there_was, TEST_ONCE, 0),
#ifndef _WIN32
    TEST_WITH(of_what_there_is_room_for_whole_frames_are_kept, TEST_ONCE, 0),
#endif
    TEST_WITH(a_call_that_fails_while_it_is_read_is_an_error, TEST_ONCE, 0),
};

TEST_MAIN_PLAIN(tests)
