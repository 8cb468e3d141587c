/* Line tables, as compilers leave them, and such that lie: of a file that is damaged, or that somebody has made. Read
 * on all systems, though only one needs them, so that the sanitizers see it. Reaches into that one's port. */
#include "test.h"
#include "win32/lines.h"
#include <stdlib.h>

#define TEXT      64
#define TABLE_MAX 512

/* ---- Tables ---- */

struct table {
    unsigned char bytes[TABLE_MAX];
    size_t size;
    size_t header, files, program; /* where which part begins: behind its length, its entries, its first opcode */
    char texts[32];                /* .debug_line_str */
    size_t texts_size;
};

static void put(struct table *table, const void *bytes, size_t size)
{
    CHECK(size <= TABLE_MAX - table->size);
    memcpy(table->bytes + table->size, bytes, size);
    table->size += size;
}

#define PUT(table, ...) put(table, (const unsigned char[]){ __VA_ARGS__ }, sizeof(const unsigned char[]){ __VA_ARGS__ })

static void set_length(struct table *table, size_t at, size_t length)
{
    for (int i = 0; i < 4; i++)
        table->bytes[at + (size_t)i] = (unsigned char)(length >> 8 * i);
}

/* Of both versions the same: line 10 of a.c at 0x1000, its line 12 at 0x1004, line 12 of b.c from 0x1014 to 0x1024. */
static void put_program(struct table *table)
{
    table->program = table->size;
    set_length(table, table->header - 4, table->size - table->header);
    PUT(table, 0, 9, 2, 0x00, 0x10, 0, 0, 0, 0, 0, 0);
    PUT(table, 3, 9, 1, 76, 4, 2, 2, 0x10, 1, 2, 0x10, 0, 1, 1);
    set_length(table, 0, table->size - 4);
}

static void put_header(struct table *table)
{
    PUT(table, 0, 0, 0, 0);
    table->header = table->size;
    PUT(table, 1, 1, 1, 0xfb, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1);
    table->files = table->size;
}

static struct table table_4(void)
{
    struct table table = { .size = 0 };
    PUT(&table, 0, 0, 0, 0, 4, 0);
    put_header(&table);
    put(&table, "include\0\0dir/a.c\0\1\0\0b.c\0\0\0\0\0", 28);
    put_program(&table);
    return table;
}

static struct table table_5(void)
{
    struct table table = { .texts = "/src\0dir/a.c\0b.c", .texts_size = 17 };
    PUT(&table, 0, 0, 0, 0, 5, 0, 8, 0);
    put_header(&table);
    PUT(&table, 1, 1, 0x1f, 1, 0, 0, 0, 0);
    PUT(&table, 2, 1, 0x1f, 2, 0x0b, 3, 5, 0, 0, 0, 0, 5, 0, 0, 0, 0, 13, 0, 0, 0, 0);
    put_program(&table);
    return table;
}

/* In blocks of their own size, so that who reads beyond one is caught. Whether a line was found; it is whole then. */
static bool look(const struct table *table, size_t size, uint64_t address, char ret_line[TEXT])
{
    unsigned char *line = malloc(size + 1), *texts = malloc(table->texts_size + 1);
    CHECK(line != NULL && texts != NULL);
    memcpy(line + 1, table->bytes, size);
    memcpy(texts + 1, table->texts, table->texts_size);
    const struct platform__line_tables tables = { .line = { line + 1, size },
                                                  .line_str = { texts + 1, table->texts_size } };
    memset(ret_line, 'x', TEXT);
    bool found = platform__line_of(&tables, address, ret_line, TEXT);
    CHECK(!found || strnlen(ret_line, TEXT) < TEXT);
    free(line);
    free(texts);
    return found;
}

static void check_line(const struct table *table, uint64_t address, const char *expected)
{
    char line[TEXT];
    bool found = look(table, table->size, address, line);
    if (found != (expected != NULL) || (found && strcmp(line, expected) != 0))
        test_fail(__FILE__, __LINE__, "0x%llx: %s, expected %s", (unsigned long long)address, found ? line : "nothing",
                  expected != NULL ? expected : "nothing");
}

/* ---- As they are ---- */

static void check_table(const struct table *table)
{
    check_line(table, 0xfff, NULL);
    check_line(table, 0x1000, "a.c:10");
    check_line(table, 0x1003, "a.c:10");
    check_line(table, 0x1004, "a.c:12");
    check_line(table, 0x1013, "a.c:12");
    check_line(table, 0x1014, "b.c:12");
    check_line(table, 0x1024, NULL);
}

static void a_line_is_found_by_its_address(void)
{
    struct table old = table_4(), now = table_5(), both = now;
    check_table(&old);
    check_table(&now);
    /* One unit behind the other, and of the first one nothing fits. */
    both.bytes[both.program + 4] = 0x20;
    put(&both, now.bytes, now.size);
    check_table(&both);
    const struct platform__line_tables none = { .line = { NULL, 0 } };
    char line[TEXT];
    CHECK(!platform__line_of(&none, 0x1000, line, sizeof line));
}

/* ---- Lies ---- */

static void lengths_beyond_the_end_are_no_table(void)
{
    static const size_t lies[] = { TABLE_MAX, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff };
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        struct table unit = table_5(), header = table_4();
        set_length(&unit, 0, lies[i]);
        check_line(&unit, 0x1000, NULL);
        set_length(&header, header.header - 4, lies[i]);
        check_line(&header, 0x1000, NULL);
    }
    struct table one = table_4();
    set_length(&one, 0, one.size - 3);
    check_line(&one, 0x1000, NULL);
    struct table table = table_5();
    /* Nothing but a length, many times. */
    memset(table.bytes, 0, table.size);
    check_line(&table, 0x1000, NULL);
}

static void numbers_without_an_end_are_none(void)
{
    for (int version = 4; version <= 5; version++) {
        struct table table = version == 4 ? table_4() : table_5();
        memset(table.bytes + table.program, 2, 1);
        memset(table.bytes + table.program + 1, 0xff, table.size - table.program - 1);
        check_line(&table, 0x1000, NULL);
        table = version == 4 ? table_4() : table_5();
        memset(table.bytes + table.files, 0xff, table.program - table.files);
        check_line(&table, 0x1000, NULL);
    }
}

/* So many files, and so many things of each: of no size at all, even. */
static void huge_counts_end_with_the_table(void)
{
    const unsigned char counts[][4] = {
        { 0, 0xff, 0xff, 0x7f }, { 1, 1, 0x09, 0xff }, { 0xff, 0, 0, 0 }, { 8, 1, 1, 1 }
    };
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        struct table table = table_5();
        memcpy(table.bytes + table.files, counts[i], 4);
        check_line(&table, 0x1000, NULL);
    }
    struct table many = table_5();
    memcpy(many.bytes + many.files + 8, (const unsigned char[]){ 0, 0xff, 0xff, 0xff, 0xff, 0x7f }, 6);
    check_line(&many, 0x1000, NULL);
}

static void what_makes_no_sense_has_no_line(void)
{
    struct table table = table_5();
    table.bytes[table.header + 4] = 0; /* lines are divided by it */
    check_line(&table, 0x1000, NULL);
    table = table_5();
    table.bytes[table.header + 5] = 0; /* the first special opcode */
    check_line(&table, 0x1000, NULL);
    table = table_5();
    table.texts_size = 6; /* the name's end is missing, and then its beginning */
    check_line(&table, 0x1000, NULL);
    table.texts_size = 0;
    check_line(&table, 0x1000, NULL);
    table = table_4();
    table.bytes[table.program + 12] = 0x40; /* 63 lines back */
    check_line(&table, 0x1000, NULL);
}

static void whatever_byte_is_wrong_it_comes_to_an_end(void)
{
    static const unsigned char wrong[] = { 0, 1, 2, 9, 0x1f, 0x7f, 0x80, 0xfe, 0xff };
    char line[TEXT];
    for (int version = 4; version <= 5; version++) {
        const struct table table = version == 4 ? table_4() : table_5();
        for (size_t size = 0; size < table.size; size++)
            look(&table, size, 0x1004, line);
        for (size_t i = 0; i < table.size * sizeof wrong; i++) {
            struct table damaged = table;
            damaged.bytes[i / sizeof wrong] = wrong[i % sizeof wrong];
            look(&damaged, damaged.size, 0x1004, line);
        }
    }
}

static const struct test tests[] = {
    TEST_WITH(a_line_is_found_by_its_address, TEST_ONCE, 0),
    TEST_WITH(lengths_beyond_the_end_are_no_table, TEST_ONCE, 0),
    TEST_WITH(numbers_without_an_end_are_none, TEST_ONCE, 0),
    TEST_WITH(huge_counts_end_with_the_table, TEST_ONCE, 0),
    TEST_WITH(what_makes_no_sense_has_no_line, TEST_ONCE, 0),
    TEST_WITH(whatever_byte_is_wrong_it_comes_to_an_end, TEST_ONCE, 0),
};
TEST_MAIN_PLAIN(tests)
