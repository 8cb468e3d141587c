/* The ring of events by itself: what is written comes out whole and in order, what finds no room is counted, and what
 * somebody has scribbled over it harms nobody. Reaches into core.
 */
#include "trace/event_ring.h"
#include "test.h"
#include "trace/label.h"
#include "trace/preview.h"

static struct event_ring ring;
static struct event_writer writer;
static struct event_reader reader;

static void begin(void)
{
    memset(&ring, 0, sizeof ring);
    /* So that positions wrap on the way. */
    uint32_t first = 0u - 3 * EVENT_RING_BYTES;
    atomic_store(&ring.writer.head, first);
    atomic_store(&ring.reader.tail, first);
    writer = (struct event_writer){ .ring = &ring, .head = first };
    reader = (struct event_reader){ .ring = &ring, .tail = first };
}

/* Of every size, and what is in it follows from its number. */
static bool write_one(uint64_t number)
{
    static struct event event;
    if (!event_has_room(&writer)) {
        mproc__event_lose(&writer, (int64_t)number);
        return false;
    }
    event.kind = number % 3 == 0 ? EVENT_ENDED : EVENT_BEGUN;
    event.task = number;
    event.item = -1;
    event.ticks = (int64_t)number * 7;
    event.preview_size = (uint32_t)(number * 31 % (EVENT_PREVIEW_BYTES + 1));
    event.label_size = (uint32_t)(number * 13 % LABEL_BYTES);
    memset(event.preview, (int)(number % 251), event.preview_size);
    memset(event.label, (int)(number % 241), event.label_size);
    mproc__event_write(&writer, &event);
    return true;
}

static void check_event(const struct event *event)
{
    uint64_t number = event->task;
    CHECK_EQ(event->kind, number % 3 == 0 ? EVENT_ENDED : EVENT_BEGUN);
    CHECK_EQ(event->ticks, number * 7);
    CHECK_EQ(event->preview_size, number * 31 % (EVENT_PREVIEW_BYTES + 1));
    CHECK_EQ(event->label_size, number * 13 % LABEL_BYTES);
    for (uint32_t i = 0; i < event->preview_size; i++)
        CHECK((unsigned char)event->preview[i] == number % 251);
    for (uint32_t i = 0; i < event->label_size; i++)
        CHECK((unsigned char)event->label[i] == number % 241);
}

static void events_come_out_whole_and_in_order(void)
{
    struct event event;
    uint64_t written = 0, read = 0;
    begin();
    while (written < 20000) {
        for (unsigned i = 0; i < 1 + written % 17 && write_one(written + 1); i++)
            written++;
        while (read < written && read % 19 != written % 19) {
            CHECK(mproc__event_take(&reader, &event));
            CHECK_EQ(event.task, ++read);
            check_event(&event);
        }
    }
    while (mproc__event_take(&reader, &event))
        CHECK_EQ(event.task, ++read);
    CHECK_EQ(read, written);
}

static void what_finds_no_room_is_counted(void)
{
    struct event event;
    struct event_loss loss;
    uint64_t written = 0, lost = 0, read = 0;
    begin();
    for (uint64_t number = 1; number <= 5000; number++) {
        if (write_one(number))
            written++;
        else
            lost++;
        if (number % 1000 == 0)
            while (mproc__event_take(&reader, &event))
                check_event(&event), read++;
    }
    mproc__event_loss(&reader, &loss);
    CHECK(lost > 0);
    CHECK_EQ(loss.count, lost);
    CHECK_EQ(loss.to, 5000);
    CHECK(loss.from > 4000);
    CHECK_EQ(read, written);
}

static void who_begins_to_watch_sees_nothing_of_before(void)
{
    struct event event;
    begin();
    CHECK(write_one(1));
    CHECK(write_one(2));
    mproc__event_skip(&reader);
    CHECK(!mproc__event_take(&reader, &event));
    CHECK(write_one(3));
    CHECK(mproc__event_take(&reader, &event));
    CHECK_EQ(event.task, 3);
}

/* Each byte of it, at random: what is read stays within its bounds, and reading comes to an end. */
static void scribbling_harms_nobody(void)
{
    unsigned seed = 1;
    unsigned char *bytes = (unsigned char *)&ring;
    unsigned nonsense = 0;
    for (int round = 0; round < 20000; round++) {
        struct event event;
        begin();
        for (uint64_t number = 1; number <= 20; number++)
            write_one(number);
        for (unsigned i = test_random(&seed) % 8; i > 0; i--)
            bytes[test_random(&seed) % (i % 2 == 0 ? 1024 : 192)] = (unsigned char)test_random(&seed);
        unsigned taken = 0;
        while (mproc__event_take(&reader, &event)) {
            CHECK(event.preview_size <= EVENT_PREVIEW_BYTES && event.label_size <= LABEL_BYTES);
            CHECK(++taken <= EVENT_RING_BYTES / 32);
        }
        nonsense += reader.nonsense;
    }
    CHECK(nonsense > 100);
}

enum { MANY = 200000 };

static atomic_bool is_over;

static int write_many(mproc_task *task)
{
    (void)task;
    for (uint64_t number = 1; number <= MANY; number++)
        write_one(number);
    atomic_store(&is_over, true);
    return 0;
}

static void writer_and_reader_do_not_wait_for_each_other(void)
{
    struct event event;
    struct event_loss loss;
    uint64_t read = 0, last = 0;
    mproc_thread *thread;
    begin();
    CHECK_OK(mproc_thread_create(&thread, &(mproc_thread_options){ .function = write_many }));
    CHECK_OK(mproc_thread_start(thread));
    for (bool over = false; !over;) {
        over = atomic_load(&is_over);
        while (mproc__event_take(&reader, &event)) {
            CHECK(event.task > last);
            last = event.task;
            check_event(&event);
            read++;
        }
    }
    CHECK_OK(mproc_thread_join(thread, test_limit_ms(30000)));
    CHECK_OK(mproc_thread_free(thread));
    mproc__event_loss(&reader, &loss);
    CHECK_EQ(read + loss.count, MANY);
}

static void a_preview_has_its_bounds(void)
{
    unsigned seed = 3;
    unsigned char data[600];
    char text[EVENT_PREVIEW_BYTES];
    for (int round = 0; round < 20000; round++) {
        size_t size = test_random(&seed) % sizeof data;
        for (size_t i = 0; i < size; i++)
            data[i] = (unsigned char)(round % 2 == 0 ? test_random(&seed) : 0x20 + test_random(&seed) % 0x60);
        uint32_t capacity = 64 + test_random(&seed) % (EVENT_PREVIEW_BYTES - 64 + 1);
        uint32_t used = mproc__preview_bytes(data, size, text, capacity);
        CHECK(used <= capacity);
        CHECK((used == 0) == (size == 0));
        for (uint32_t i = 0; i < used; i++)
            CHECK((unsigned char)text[i] >= ' ');
    }
}

/* ---- Labels ---- */

static struct label_line line;

static int name_much(mproc_task *task)
{
    char text[LABEL_BYTES - 1];
    (void)task;
    for (int number = 0; number < MANY; number++) {
        memset(text, 'a' + number % 26, sizeof text);
        mproc__label_write(&line, 7, text, sizeof text);
    }
    atomic_store(&is_over, true);
    return 0;
}

static void a_label_that_changes_is_read_whole(void)
{
    char text[LABEL_BYTES];
    mproc_thread *thread;
    atomic_store(&is_over, false);
    CHECK_OK(mproc_thread_create(&thread, &(mproc_thread_options){ .function = name_much }));
    CHECK_OK(mproc_thread_start(thread));
    while (!atomic_load(&is_over)) {
        size_t size = mproc__label_read(&line, 7, text);
        CHECK(size == 0 || size == LABEL_BYTES - 1);
        for (size_t i = 1; i < size; i++)
            CHECK_EQ(text[i], text[0]);
    }
    CHECK_OK(mproc_thread_join(thread, test_limit_ms(30000)));
    CHECK_OK(mproc_thread_free(thread));
    CHECK_EQ(mproc__label_read(&line, 7, text), LABEL_BYTES - 1);
    CHECK_EQ(mproc__label_read(&line, 8, text), 0);
}

static const struct test tests[] = {
    TEST_WITH(events_come_out_whole_and_in_order, TEST_ONCE, 0),
    TEST_WITH(what_finds_no_room_is_counted, TEST_ONCE, 0),
    TEST_WITH(who_begins_to_watch_sees_nothing_of_before, TEST_ONCE, 0),
    TEST_WITH(scribbling_harms_nobody, TEST_ONCE, 0),
    TEST_WITH(writer_and_reader_do_not_wait_for_each_other, TEST_ONCE, 0),
    TEST_WITH(a_label_that_changes_is_read_whole, TEST_ONCE, 0),
    TEST_WITH(a_preview_has_its_bounds, TEST_ONCE, 0),
};

TEST_MAIN_PLAIN(tests)
