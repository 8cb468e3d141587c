/* Records as bytes and back: nothing is lost, nothing that comes is believed, and versions get on. Reaches into core.
 */
#include "trace/wire.h"
#include "records.h"
#include "test.h"
#include "trace/record_words.h"
#include "trace/utf8.h"
#include "trace/wire_json.h"
#include "trace/wire_reader.h"

static unsigned char bytes[WIRE_FRAME_MAX];
static struct record_room room;
static union record record, decoded;
static struct wire_frame decoded_frame;

static size_t encode(unsigned type, uint64_t sequence, const void *what)
{
    struct wire_frame frame = { .type = (uint16_t)type, .sequence = sequence, .time_ns = -5 };
    return mproc__wire_encode(bytes, sizeof bytes, &frame, what);
}

static int decode(size_t size)
{
    return mproc__wire_decode(bytes, size, &decoded_frame, &decoded);
}

static void set_length(size_t length)
{
    for (int i = 0; i < 4; i++)
        bytes[i] = (unsigned char)(length >> 8 * i);
}

/* ---- There and back ---- */

static void every_record_comes_back_as_it_was_written(void)
{
    const struct wire_type *type;
    unsigned seed = 1;
    for (size_t index = 0; (type = mproc__wire_type_at(index)) != NULL; index++)
        for (int round = 0; round < 50; round++) {
            record_fill(type, &record, &room, &seed);
            size_t size = encode(type->type, 7, &record);
            CHECK(size >= WIRE_HEADER_SIZE && size <= WIRE_OWN_MAX);
            CHECK_EQ(decode(size), size);
            CHECK(decoded_frame.type == type->type && decoded_frame.sequence == 7 && decoded_frame.time_ns == -5);
            CHECK_EQ(decoded_frame.size, size);
            CHECK(record_fields_are(type, type->count, &decoded, &record));
        }
}

static void types_rise_and_are_found_by_their_numbers(void)
{
    const struct wire_type *type;
    unsigned last = 0;
    for (size_t index = 0; (type = mproc__wire_type_at(index)) != NULL; index++) {
        CHECK(type->type > last && mproc__wire_type(type->type) == type);
        last = type->type;
    }
    CHECK(mproc__wire_type(0) == NULL && mproc__wire_type(65535) == NULL);
    CHECK_EQ(mproc__wire_type(RECORD_DEATH)->class, RECORD_CLASS_LIFE);
    CHECK_STR(mproc__wire_type(RECORD_DEATH)->name, "death");
}

static void a_frame_has_the_bytes_that_the_document_says(void)
{
    static const unsigned char expected[] = { 0x2a, 0,    0,    0,    3, 0, 0,   0,   9,   0,   0,    0,    0,    0,
                                              0,    0,    0xc0, 0xd4, 1, 0, 0,   0,   0,   0,   0xfe, 0xff, 0xff, 0xff,
                                              0xff, 0xff, 0xff, 0xff, 8, 0, 't', 'o', 'o', ' ', 'l',  'a',  't',  'e' };
    struct record_reject reject = { .code = -2, .text = record_text_of("too late") };
    struct wire_frame frame = { .type = RECORD_REJECT, .sequence = 9, .time_ns = 120000 };
    CHECK_EQ(mproc__wire_encode(bytes, sizeof bytes, &frame, &reject), sizeof expected);
    CHECK(memcmp(bytes, expected, sizeof expected) == 0);
}

static void a_frame_that_does_not_fit_is_not_written(void)
{
    const struct wire_type *type;
    unsigned seed = 2;
    for (size_t index = 0; (type = mproc__wire_type_at(index)) != NULL; index++) {
        record_fill(type, &record, &room, &seed);
        size_t size = encode(type->type, 1, &record);
        struct wire_frame frame = { .type = type->type, .sequence = 1 };
        size_t step = size / 200 + 1;
        for (size_t capacity = 0; capacity < size; capacity += step) {
            bytes[capacity] = 0x5a;
            CHECK_EQ(mproc__wire_encode(bytes, capacity, &frame, &record), 0);
            CHECK(bytes[capacity] == 0x5a);
        }
        CHECK_EQ(mproc__wire_encode(bytes, size - 1, &frame, &record), 0);
        CHECK_EQ(mproc__wire_encode(bytes, size, &frame, &record), size);
    }
}

static void a_type_that_there_is_not_is_not_written(void)
{
    CHECK_EQ(encode(0, 1, &record), 0);
    CHECK_EQ(encode(60000, 1, &record), 0);
}

static void the_longest_records_keep_to_their_limits(void)
{
    static char ones[70000], json[WIRE_JSON_MAX];
    const struct wire_type *type;
    memset(ones, 1, sizeof ones);
    for (size_t index = 0; (type = mproc__wire_type_at(index)) != NULL; index++) {
        memset(&record, 0xff, sizeof record);
        for (size_t i = 0; i < type->count; i++)
            if (mproc__wire_text_max(type->fields[i].kind) > 0)
                *(struct record_text *)((char *)&record + type->fields[i].offset) =
                    (struct record_text){ ones, sizeof ones };
        size_t size = encode(type->type, 1, &record);
        CHECK(size > 0 && size <= WIRE_OWN_MAX && (type->type < 100 || size <= WIRE_CLIENT_MAX));
        CHECK_EQ(decode(size), size);
        CHECK_LE(mproc__wire_json(json, sizeof json, type->type, &decoded), sizeof json - 1);
    }
}

static void the_same_bytes_get_another_sequence(void)
{
    struct record_accept accept = { .interval_ns = 16 };
    size_t size = encode(RECORD_ACCEPT, 1, &accept);
    mproc__wire_number(bytes, UINT64_MAX);
    CHECK_EQ(decode(size), size);
    CHECK(decoded_frame.sequence == UINT64_MAX && decoded.accept.interval_ns == 16);
}

/* ---- Texts ---- */

static void check_text(const char *text, size_t size, const char *expected)
{
    struct record_reject reject = { .text = { text, (uint32_t)size } };
    size_t length = encode(RECORD_REJECT, 1, &reject);
    CHECK_EQ(decode(length), length);
    if (!record_text_is(&decoded.reject.text, expected, strlen(expected)))
        test_fail(__FILE__, __LINE__, "%.*s and not %s", (int)decoded.reject.text.size, decoded.reject.text.data,
                  expected);
}
#define CHECK_TEXT(text, expected) check_text(text, sizeof(text) - 1, expected)
#define INVALID                    "\xef\xbf\xbd"

static void texts_become_valid_utf8(void)
{
    CHECK_TEXT("", "");
    CHECK_TEXT("gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f");
    CHECK_TEXT("\xff.\x80", INVALID "." INVALID);
    CHECK_TEXT("a\0b", "a" INVALID "b");
    CHECK_TEXT("12345678\0abcdefgh", "12345678" INVALID "abcdefgh");
    CHECK_TEXT("\xc0\xaf \xe0\x80\xaf", INVALID INVALID " " INVALID INVALID INVALID); /* overlong */
    CHECK_TEXT("\xed\xa0\x80 \xed\x9f\xbf", INVALID INVALID INVALID " \xed\x9f\xbf"); /* a surrogate */
    CHECK_TEXT("\xf4\x8f\xbf\xbf\xf4\x90\x80\x80", "\xf4\x8f\xbf\xbf" INVALID INVALID INVALID INVALID);
    CHECK_TEXT("\xf0\x90\x80\x80\xf0\x8f\x80\x80", "\xf0\x90\x80\x80" INVALID INVALID INVALID INVALID);
    CHECK_TEXT("1\xe2\x82", "1" INVALID INVALID); /* cut off */
}

static void what_a_terminal_would_obey_becomes_a_question_mark(void)
{
    char text[] =
        "\x1b[2J\x7f.\xc2\x9b.\xe2\x80\xae.\xe2\x81\xa6.\xf3\xa0\x81\x81.\xff.\xd7\xa9.\xf0\x9f\x98\x80.\xe2\x80";
    const char *expected = "?[2J?.?.?.?.?.?.\xd7\xa9.\xf0\x9f\x98\x80.??";
    size_t size = mproc__utf8_disarm(text, sizeof text - 1);
    CHECK_EQ(size, strlen(expected));
    CHECK(memcmp(text, expected, size) == 0);
}

static void a_text_is_cut_at_the_end_of_a_character(void)
{
    static char text[2000];
    for (size_t before = 0; before < 8; before++) {
        memset(text, 'x', sizeof text);
        for (size_t at = before; at + 4 <= sizeof text; at += 4)
            memcpy(text + at, "\xf0\x9f\x98\x80", 4);
        struct record_reject reject = { .text = { text, sizeof text } };
        CHECK(encode(RECORD_REJECT, 1, &reject) > 0);
        CHECK(decode(sizeof bytes) > 0);
        CHECK_EQ(decoded.reject.text.size, before + (512 - before) / 4 * 4);
        CHECK(memcmp(decoded.reject.text.data, text, decoded.reject.text.size) == 0);
    }
}

static void a_text_of_another_version_is_cut_too(void)
{
    struct record_reject reject = { .text = record_text_of("") };
    size_t size = encode(RECORD_REJECT, 1, &reject);
    memset(bytes + size, 'y', 600);
    memcpy(bytes + size + 510, "\xf0\x9f\x98\x80", 4);
    bytes[size - 2] = 600 & 255;
    bytes[size - 1] = 600 >> 8;
    set_length(size + 600);
    CHECK_EQ(decode(size + 600), size + 600);
    CHECK_EQ(decoded.reject.text.size, 510);
}

/* What it makes of any bytes is valid, is as long as it says that it would be, and stays as it is the second time. */
static void any_bytes_become_a_text(void)
{
    static char text[64], clean[256], again[256];
    unsigned seed = 3;
    for (int round = 0; round < 20000; round++) {
        size_t size = test_random(&seed) % sizeof text, capacity = test_random(&seed) % sizeof clean;
        for (size_t i = 0; i < size; i++)
            text[i] = (char)(test_random(&seed) % 3 ? "\xf0\x9f\xe2\x80\xc3z"[test_random(&seed) % 6]
                                                    : (char)test_random(&seed));
        size_t used = mproc__utf8_clean(clean, capacity, text, size);
        CHECK(used <= capacity && mproc__utf8_valid(clean, used) == used);
        CHECK_EQ(mproc__utf8_clean(NULL, capacity, text, size), used);
        CHECK_EQ(mproc__utf8_clean(again, sizeof again, clean, used), used);
        CHECK(memcmp(again, clean, used) == 0);
    }
}

/* ---- Other versions ---- */

/* How long a frame would be if its sender knew so many fields. */
static size_t size_of_fields(const struct wire_type *type, size_t count)
{
    static const unsigned char widths[] = {
        [RECORD_U8] = 1, [RECORD_U16] = 2, [RECORD_U32] = 4, [RECORD_U64] = 8, [RECORD_I64] = 8
    };
    size_t size = WIRE_HEADER_SIZE;
    for (size_t i = 0; i < count; i++) {
        const struct wire_field *field = &type->fields[i];
        const struct record_text *text = (const struct record_text *)((const char *)&record + field->offset);
        size += mproc__wire_text_max(field->kind) > 0 ? 2 + text->size : widths[field->kind];
    }
    return size;
}

static void check_older(const struct wire_type *type, size_t count)
{
    static const union record zero;
    size_t size = size_of_fields(type, count);
    set_length(size);
    CHECK_EQ(decode(size), size);
    CHECK(record_fields_are(type, count, &decoded, &record));
    for (size_t i = count; i < type->count; i++) {
        const struct wire_field *field = &type->fields[i];
        const struct record_text *text = (const struct record_text *)((const char *)&decoded + field->offset);
        if (mproc__wire_text_max(field->kind) > 0)
            CHECK(text->data != NULL && text->size == 0);
        else
            CHECK(record_field_is(field, &decoded, &zero));
    }
}

static void what_an_older_sender_does_not_know_is_zero_or_empty(void)
{
    const struct wire_type *type;
    unsigned seed = 4;
    for (size_t index = 0; (type = mproc__wire_type_at(index)) != NULL; index++) {
        record_fill(type, &record, &room, &seed);
        CHECK_EQ(encode(type->type, 1, &record), size_of_fields(type, type->count));
        for (size_t count = 0; count <= type->count; count++)
            check_older(type, count);
    }
}

static void what_a_newer_sender_says_more_is_skipped(void)
{
    const struct wire_type *type;
    unsigned seed = 5;
    for (size_t index = 0; (type = mproc__wire_type_at(index)) != NULL; index++) {
        record_fill(type, &record, &room, &seed);
        size_t size = encode(type->type, 1, &record);
        memset(bytes + size, 0xee, 1000);
        set_length(size + 1000);
        CHECK_EQ(decode(size + 1000), size + 1000);
        CHECK(record_fields_are(type, type->count, &decoded, &record));
    }
}

static void a_type_that_is_not_known_is_told_and_can_be_skipped(void)
{
    static const union record zero;
    struct record_reject reject = { .code = 1, .text = record_text_of("x") };
    size_t size = encode(RECORD_REJECT, 3, &reject);
    bytes[4] = 99;
    CHECK_EQ(decode(size), size);
    CHECK(decoded_frame.type == 99 && decoded_frame.sequence == 3);
    CHECK(memcmp(&decoded, &zero, sizeof zero) == 0);
}

/* ---- What cannot be ---- */

static void a_frame_that_is_not_all_there_is_no_error(void)
{
    unsigned seed = 6;
    record_fill(mproc__wire_type(RECORD_WORKER), &record, &room, &seed);
    size_t size = encode(RECORD_WORKER, 1, &record);
    for (size_t there = 0; there < size; there++)
        CHECK_EQ(decode(there), 0);
    CHECK_EQ(decode(size + 1), size);
}

static void a_length_that_no_frame_has_is_corrupt(void)
{
    struct record_accept accept = { .interval_ns = 1 };
    encode(RECORD_ACCEPT, 1, &accept);
    static const size_t lengths[] = { 0, 1, WIRE_HEADER_SIZE - 1, WIRE_FRAME_MAX + 1, UINT32_MAX };
    for (size_t i = 0; i < TEST_COUNT(lengths); i++) {
        set_length(lengths[i]);
        CHECK_CODE(decode(sizeof bytes), MPROC_E_CORRUPT);
        CHECK_CONTAINS(mproc_last_error(), "bytes");
    }
}

static void a_field_that_is_cut_off_is_corrupt(void)
{
    unsigned seed = 7;
    const struct wire_type *type = mproc__wire_type(RECORD_DEATH);
    record_fill(type, &record, &room, &seed);
    size_t size = encode(RECORD_DEATH, 1, &record), field = 0;
    for (size_t cut = WIRE_HEADER_SIZE; cut < size; cut++) {
        while (size_of_fields(type, field) < cut)
            field++;
        set_length(cut);
        CHECK_EQ(decode(cut), size_of_fields(type, field) == cut ? (int)cut : MPROC_E_CORRUPT);
    }
    set_length(WIRE_HEADER_SIZE + 1);
    CHECK_CODE(decode(size), MPROC_E_CORRUPT);
    CHECK_CONTAINS(mproc_last_error(), "death: its field pool");
}

static void a_text_that_is_no_utf8_is_corrupt(void)
{
    struct record_reject reject = { .text = record_text_of("\xc3\xa4") };
    size_t size = encode(RECORD_REJECT, 1, &reject);
    bytes[size - 1] = 'x';
    CHECK_CODE(decode(size), MPROC_E_CORRUPT);
    bytes[size - 2] = 'x';
    CHECK_EQ(decode(size), size);
    bytes[size - 1] = 0;
    CHECK_CODE(decode(size), MPROC_E_CORRUPT);
}

static void check_decoded(const struct wire_type *type)
{
    for (size_t i = 0; type != NULL && i < type->count; i++) {
        const struct wire_field *field = &type->fields[i];
        const struct record_text *text = (const struct record_text *)((const char *)&decoded + field->offset);
        size_t max = mproc__wire_text_max(field->kind);
        if (max > 0)
            CHECK(text->size <= max && mproc__utf8_valid(text->data, text->size) == text->size);
    }
}

static void damaged_frames_are_refused_or_make_sense(void)
{
    const struct wire_type *type;
    unsigned seed = 8;
    for (int round = 0; round < 300; round++)
        for (size_t index = 0; (type = mproc__wire_type_at(index)) != NULL; index++) {
            record_fill(type, &record, &room, &seed);
            size_t size = encode(type->type, 1, &record);
            for (unsigned count = 1 + test_random(&seed) % 4; count > 0; count--)
                bytes[test_random(&seed) % (size < 200 ? size : 200)] ^= (unsigned char)(1 << test_random(&seed) % 8);
            if (decode(size) > 0)
                check_decoded(mproc__wire_type(decoded_frame.type));
        }
}

/* ---- Streams ---- */

#define STREAM_FRAMES 200
static unsigned char stream[STREAM_FRAMES * 4096];
static size_t stream_size;

/* Short records, of all types that have no long texts. */
static void make_stream(uint64_t (*sequence_of)(int))
{
    unsigned seed = 9;
    stream_size = 0;
    for (int i = 0; i < STREAM_FRAMES; i++) {
        struct record_reject reject = { .code = i, .text = record_letters(&room, 500, &seed) };
        room.used = 0;
        size_t size = encode(RECORD_REJECT, sequence_of(i), &reject);
        memcpy(stream + stream_size, bytes, size);
        stream_size += size;
    }
}

static uint64_t one_by_one(int i)
{
    return (uint64_t)i + 1;
}

static uint64_t by_threes(int i)
{
    return (uint64_t)i * 3 + 1;
}

static uint64_t back_after_ten(int i)
{
    return i < 10 ? (uint64_t)i + 1 : 10;
}

/* Hands over at most piece bytes. Returns whether there were any. */
static bool feed(struct wire_reader *reader, size_t *at, size_t piece)
{
    unsigned char *into;
    size_t size;
    CHECK_OK(mproc__wire_reader_room(reader, &into, &size));
    CHECK(size > 0);
    size = size < piece ? size : piece;
    size = size < stream_size - *at ? size : stream_size - *at;
    memcpy(into, stream + *at, size);
    mproc__wire_reader_filled(reader, size);
    *at += size;
    return size > 0;
}

/* Returns how many frames came, each compared with what was sent, before the end or an error. */
static int read_stream(struct wire_reader *reader, size_t piece, int *ret_code)
{
    int count = 0;
    size_t at = 0, taken = 0;
    while (feed(reader, &at, piece))
        while ((*ret_code = mproc__wire_reader_take(reader, &decoded_frame, &decoded)) != 0) {
            if (*ret_code < 0)
                return count;
            size_t size;
            const unsigned char *frame = mproc__wire_reader_frame(reader, &size);
            CHECK(size == decoded_frame.size && memcmp(frame, stream + taken, size) == 0);
            taken += size;
            CHECK_EQ(decoded.reject.code, count++);
        }
    return count;
}

static void pieces_of_any_size_give_the_same_frames(void)
{
    static const size_t pieces[] = { 1, 7, 24, 100, 1000, 5000, sizeof stream };
    make_stream(one_by_one);
    for (size_t i = 0; i < TEST_COUNT(pieces); i++) {
        struct wire_reader reader;
        int code;
        mproc__wire_reader_init(&reader, WIRE_FRAME_MAX);
        CHECK_EQ(read_stream(&reader, pieces[i], &code), STREAM_FRAMES);
        CHECK_EQ(code, 0);
        CHECK(mproc__wire_reader_rest(&reader) == 0 && reader.missed == 0);
        mproc__wire_reader_free(&reader);
    }
}

static void numbers_that_no_frame_has_are_counted(void)
{
    struct wire_reader reader;
    int code;
    make_stream(by_threes);
    mproc__wire_reader_init(&reader, WIRE_CLIENT_MAX);
    CHECK_EQ(read_stream(&reader, 999, &code), STREAM_FRAMES);
    CHECK_EQ(reader.missed, (STREAM_FRAMES - 1) * 2);
    mproc__wire_reader_free(&reader);
}

static void a_number_that_does_not_rise_is_corrupt_for_ever(void)
{
    struct wire_reader reader;
    unsigned char *into;
    size_t size;
    int code;
    make_stream(back_after_ten);
    mproc__wire_reader_init(&reader, WIRE_CLIENT_MAX);
    CHECK_EQ(read_stream(&reader, 999, &code), 10);
    CHECK_CODE(code, MPROC_E_CORRUPT);
    CHECK_CONTAINS(mproc_last_error(), "frame 10 comes after frame 10");
    CHECK_CODE(mproc__wire_reader_take(&reader, &decoded_frame, &decoded), MPROC_E_CORRUPT);
    CHECK_CODE(mproc__wire_reader_room(&reader, &into, &size), MPROC_E_CORRUPT);
    mproc__wire_reader_free(&reader);
}

/* A frame of the longest that is taken, as a newer sender might send it. */
static size_t long_frame(size_t size)
{
    struct record_reject reject = { .code = 0, .text = record_text_of("") };
    encode(RECORD_REJECT, 1, &reject);
    set_length(size);
    memset(bytes + WIRE_HEADER_SIZE + 10, 'z', size - WIRE_HEADER_SIZE - 10);
    memcpy(stream, bytes, size < sizeof stream ? size : sizeof stream);
    return stream_size = size;
}

static void a_frame_beyond_the_limit_is_refused_at_its_first_bytes(void)
{
    struct wire_reader reader;
    int code;
    mproc__wire_reader_init(&reader, WIRE_CLIENT_MAX);
    long_frame(WIRE_CLIENT_MAX);
    CHECK_EQ(read_stream(&reader, 999, &code), 1);
    CHECK_LE(reader.capacity, WIRE_CLIENT_MAX);
    mproc__wire_reader_free(&reader);

    mproc__wire_reader_init(&reader, WIRE_CLIENT_MAX);
    long_frame(WIRE_CLIENT_MAX + 1);
    stream_size = WIRE_HEADER_SIZE;
    CHECK_EQ(read_stream(&reader, 999, &code), 0);
    CHECK_CODE(code, MPROC_E_CORRUPT);
    mproc__wire_reader_free(&reader);
}

static void there_is_no_room_for_frames_that_nobody_takes(void)
{
    struct wire_reader reader;
    unsigned char *into;
    size_t size, at = 0;
    make_stream(one_by_one);
    mproc__wire_reader_init(&reader, WIRE_CLIENT_MAX);
    CHECK_EQ(mproc__wire_reader_take(&reader, &decoded_frame, &decoded), 0);
    CHECK(feed(&reader, &at, sizeof stream));
    CHECK_EQ(at, WIRE_CLIENT_MAX);
    CHECK_CODE(mproc__wire_reader_room(&reader, &into, &size), MPROC_E_FULL);
    CHECK_EQ(mproc__wire_reader_take(&reader, &decoded_frame, &decoded), 1);
    CHECK_OK(mproc__wire_reader_room(&reader, &into, &size));
    mproc__wire_reader_free(&reader);
}

/* ---- JSON ---- */

static char json[WIRE_JSON_MAX];

static void a_record_is_one_line_of_json(void)
{
    struct record_log log = { .time_ns = -1,
                              .level = 2,
                              .pid = 1234,
                              .pool = 4294967295u,
                              .worker = INT64_MIN,
                              .text = record_text_of(
                                  "a \"quoted\\\"\n\ttext\x1b[31m \x7f \xc2\x9b \xc2\xa0 \xe2\x82\xac \xff "
                                  "\xe2\x80\xae \xf3\xa0\x81\x81 \xf0\x9f\x98\x80") };
    const char *expected = "{\"record\":\"log\",\"time_ns\":-1,\"level\":2,\"pid\":1234,\"pool\":4294967295,"
                           "\"worker\":-9223372036854775808,\"text\":\"a \\\"quoted\\\\\\\"\\n\\ttext\\u001b[31m "
                           "\\u007f \\u009b \xc2\xa0 \xe2\x82\xac \\ufffd \\u202e \xf3\xa0\x81\x81 "
                           "\xf0\x9f\x98\x80\"}";
    CHECK_EQ(mproc__wire_json(json, sizeof json, RECORD_LOG, &log), strlen(expected));
    CHECK_STR(json, expected);
    CHECK_EQ(mproc__wire_json(json, sizeof json, 65535, &log), 0);
}

static void in_json_numbers_that_stand_for_something_are_words(void)
{
    struct record_pool pool = { .method = 3, .phase = 5, .paused = 1, .statistics = 2 };
    struct record_log log = { .level = 30 };
    mproc__wire_json(json, sizeof json, RECORD_POOL, &pool);
    CHECK_CONTAINS(json, "\"kind\":\"processes\",\"method\":\"forkserver\",\"phase\":\"gone\",\"paused\":true,"
                         "\"control\":false,\"statistics\":2,");
    mproc__wire_json(json, sizeof json, RECORD_LOG, &log);
    CHECK_CONTAINS(json, "\"level\":\"warning\",");
    pool.phase = 200;
    mproc__wire_json(json, sizeof json, RECORD_POOL, &pool);
    CHECK_CONTAINS(json, "\"phase\":200,");
}

/* Whoever adds a field of one byte says what its numbers stand for. */
static void every_small_number_has_words_or_is_a_flag(void)
{
    const struct record_words *words;
    const struct wire_type *type;
    size_t small = 0, known = 0;
    for (size_t index = 0; (type = mproc__wire_type_at(index)) != NULL; index++)
        for (size_t i = 0; i < type->count; i++) {
            small += type->fields[i].kind == RECORD_U8;
            if (type->fields[i].kind == RECORD_U8 && mproc__record_words(type->type, type->fields[i].name) == NULL)
                test_fail(__FILE__, __LINE__, "%s of %s has no words", type->fields[i].name, type->name);
        }
    while ((words = mproc__record_words_at(known)) != NULL) {
        CHECK(mproc__record_words(words->type, words->field) == words);
        CHECK(mproc__record_word(words, 255) == NULL);
        known++;
    }
    CHECK_EQ(known, small);
}

static void json_that_does_not_fit_is_cut_and_its_length_told(void)
{
    struct record_accept accept = { .interval_ns = 16 };
    const char *expected = "{\"record\":\"accept\",\"interval_ns\":16}";
    CHECK_EQ(mproc__wire_json(NULL, 0, RECORD_ACCEPT, &accept), strlen(expected));
    for (size_t capacity = 1; capacity <= strlen(expected) + 1; capacity++) {
        memset(json, 'x', sizeof json);
        CHECK_EQ(mproc__wire_json(json, capacity, RECORD_ACCEPT, &accept), strlen(expected));
        CHECK_EQ(strlen(json), capacity - 1);
        CHECK(memcmp(json, expected, capacity - 1) == 0 && json[capacity] == 'x');
    }
}

static const struct test tests[] = {
    TEST_WITH(every_record_comes_back_as_it_was_written, TEST_ONCE, 0),
    TEST_WITH(types_rise_and_are_found_by_their_numbers, TEST_ONCE, 0),
    TEST_WITH(a_frame_has_the_bytes_that_the_document_says, TEST_ONCE, 0),
    TEST_WITH(a_frame_that_does_not_fit_is_not_written, TEST_ONCE, 0),
    TEST_WITH(a_type_that_there_is_not_is_not_written, TEST_ONCE, 0),
    TEST_WITH(the_longest_records_keep_to_their_limits, TEST_ONCE, 0),
    TEST_WITH(the_same_bytes_get_another_sequence, TEST_ONCE, 0),
    TEST_WITH(texts_become_valid_utf8, TEST_ONCE, 0),
    TEST_WITH(what_a_terminal_would_obey_becomes_a_question_mark, TEST_ONCE, 0),
    TEST_WITH(a_text_is_cut_at_the_end_of_a_character, TEST_ONCE, 0),
    TEST_WITH(a_text_of_another_version_is_cut_too, TEST_ONCE, 0),
    TEST_WITH(any_bytes_become_a_text, TEST_ONCE, 0),
    TEST_WITH(what_an_older_sender_does_not_know_is_zero_or_empty, TEST_ONCE, 0),
    TEST_WITH(what_a_newer_sender_says_more_is_skipped, TEST_ONCE, 0),
    TEST_WITH(a_type_that_is_not_known_is_told_and_can_be_skipped, TEST_ONCE, 0),
    TEST_WITH(a_frame_that_is_not_all_there_is_no_error, TEST_ONCE, 0),
    TEST_WITH(a_length_that_no_frame_has_is_corrupt, TEST_ONCE, 0),
    TEST_WITH(a_field_that_is_cut_off_is_corrupt, TEST_ONCE, 0),
    TEST_WITH(a_text_that_is_no_utf8_is_corrupt, TEST_ONCE, 0),
    TEST_WITH(damaged_frames_are_refused_or_make_sense, TEST_ONCE, 0),
    TEST_WITH(pieces_of_any_size_give_the_same_frames, TEST_ONCE, 0),
    TEST_WITH(numbers_that_no_frame_has_are_counted, TEST_ONCE, 0),
    TEST_WITH(a_number_that_does_not_rise_is_corrupt_for_ever, TEST_ONCE, 0),
    TEST_WITH(a_frame_beyond_the_limit_is_refused_at_its_first_bytes, TEST_ONCE, 0),
    TEST_WITH(there_is_no_room_for_frames_that_nobody_takes, TEST_ONCE, 0),
    TEST_WITH(a_record_is_one_line_of_json, TEST_ONCE, 0),
    TEST_WITH(in_json_numbers_that_stand_for_something_are_words, TEST_ONCE, 0),
    TEST_WITH(every_small_number_has_words_or_is_a_flag, TEST_ONCE, 0),
    TEST_WITH(json_that_does_not_fit_is_cut_and_its_length_told, TEST_ONCE, 0),
};

TEST_MAIN_PLAIN(tests)
