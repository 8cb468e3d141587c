/* Journals: what is put in comes out in order and whole, nothing is written beyond the room, and what must stay free
 * does. Reaches into core. */
#include "pool/journal.h"
#include "test.h"
#include "trace/wire.h"

#define ROUNDS 300
#define TEXT   600

struct noted {
    enum record_type type;
    unsigned char fill;
    size_t text;
};

static enum record_type any_type(unsigned *seed)
{
    size_t count = 0;
    while (mproc__wire_type_at(count) != NULL)
        count++;
    return (enum record_type)mproc__wire_type_at(test_random(seed) % count)->type;
}

static size_t size_of(enum record_type type)
{
    return mproc__wire_type(type)->size;
}

static bool is_filled(const void *bytes, size_t size, unsigned char fill)
{
    for (size_t i = 0; i < size; i++)
        if (((const unsigned char *)bytes)[i] != fill)
            return false;
    return true;
}

/* Every byte that it may use, so that a tool sees one too many, and the next record would. */
static bool note(struct journal *journal, struct noted *noted, size_t spared, unsigned *seed)
{
    char text[TEXT + 100];
    *noted = (struct noted){ any_type(seed), (unsigned char)(1 + test_random(seed) % 255), test_random(seed) % TEXT };
    size_t room = mproc__journal_room(journal), needs = mproc__journal_needs(noted->type, noted->text);
    void *record = mproc__journal_add(journal, noted->type, noted->text, spared);
    CHECK_EQ(record != NULL, room >= spared && room - spared >= needs);
    if (record == NULL) {
        CHECK_EQ(mproc__journal_room(journal), room);
        return false;
    }
    CHECK_EQ(mproc__journal_room(journal), room - needs);
    CHECK(is_filled(record, size_of(noted->type), 0));
    memset(record, noted->fill, size_of(noted->type));
    memset(text, noted->fill, sizeof text);
    /* In two pieces, of which the second has more than there is room for. */
    size_t first = noted->text / 3;
    CHECK_EQ(mproc__journal_text(journal, text, first).size, first);
    CHECK_EQ(mproc__journal_text(journal, text, noted->text - first + 100).size, noted->text - first);
    CHECK_EQ(mproc__journal_text(journal, text, 1).size, 0);
    return true;
}

static void check_same(struct journal *journal, const struct noted *noted, size_t count)
{
    enum record_type type;
    void *record = NULL;
    for (size_t i = 0; i < count; i++) {
        record = mproc__journal_next(journal, record, &type);
        CHECK(record != NULL && (uintptr_t)record % 16 == 0);
        CHECK_EQ(type, noted[i].type);
        CHECK(is_filled(record, size_of(type), noted[i].fill));
    }
    CHECK(mproc__journal_next(journal, record, &type) == NULL);
}

static void what_is_put_in_comes_out_and_the_room_is_kept(void)
{
    static struct noted noted[1000];
    unsigned seed = 1;
    for (int round = 0; round < ROUNDS; round++) {
        size_t count = 0, spared = test_random(&seed) % 2000;
        struct journal *journal = mproc__journal_new(test_random(&seed) % 20000);
        CHECK(journal != NULL);
        /* Full, with some to spare; then to the end. */
        for (int left = 5; left > 0;)
            if (note(journal, &noted[count], left > 3 ? spared : 0, &seed))
                count++;
            else
                left--;
        check_same(journal, noted, count);
        mproc__journal_clear(journal);
        CHECK_EQ(mproc__journal_room(journal), mproc__journal_size(journal));
        check_same(journal, noted, 0);
        mproc__journal_free(journal);
    }
}

static void an_empty_one_has_room_for_nothing(void)
{
    struct journal *journal = mproc__journal_new(0);
    CHECK(mproc__journal_add(journal, RECORD_COUNTS, 0, 0) == NULL);
    CHECK(mproc__journal_add(journal, RECORD_COUNTS, 0, SIZE_MAX) == NULL);
    mproc__journal_free(journal);
    journal = mproc__journal_new(mproc__journal_needs(RECORD_COUNTS, 7));
    CHECK(mproc__journal_add(journal, RECORD_COUNTS, 7, 1) == NULL);
    CHECK(mproc__journal_add(journal, RECORD_COUNTS, 7, 0) != NULL);
    CHECK(mproc__journal_add(journal, RECORD_COUNTS, 0, 0) == NULL);
    CHECK_EQ(mproc__journal_room(journal), 0);
    mproc__journal_free(journal);
}

static void less_may_be_used_of_it_and_never_more(void)
{
    size_t needs = mproc__journal_needs(RECORD_COUNTS, 0);
    struct journal *journal = mproc__journal_new(2 * needs);
    mproc__journal_limit(journal, needs);
    CHECK_EQ(mproc__journal_room(journal), needs);
    CHECK(mproc__journal_add(journal, RECORD_COUNTS, 0, 0) != NULL);
    CHECK(mproc__journal_add(journal, RECORD_COUNTS, 0, 0) == NULL);
    mproc__journal_clear(journal);
    mproc__journal_limit(journal, 100 * needs);
    CHECK_EQ(mproc__journal_size(journal), 2 * needs);
    CHECK(mproc__journal_add(journal, RECORD_COUNTS, 0, 0) != NULL);
    CHECK(mproc__journal_add(journal, RECORD_COUNTS, 0, 0) != NULL);
    CHECK(mproc__journal_add(journal, RECORD_COUNTS, 0, 0) == NULL);
    mproc__journal_free(journal);
}

static const struct test tests[] = {
    TEST_WITH(what_is_put_in_comes_out_and_the_room_is_kept, TEST_ONCE, 0),
    TEST_WITH(an_empty_one_has_room_for_nothing, TEST_ONCE, 0),
    TEST_WITH(less_may_be_used_of_it_and_never_more, TEST_ONCE, 0),
};
TEST_MAIN_PLAIN(tests)
