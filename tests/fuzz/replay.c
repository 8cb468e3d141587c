/* A fuzz target as a test: with what is kept in its corpus (FUZZ_CORPUS), and with FUZZ_VARIATIONS of it. */
#include "fuzz.h"

#define INPUT_MAX (64u << 10)

static uint8_t input[2 * INPUT_MAX];
static char names[64 << 10];

static size_t load(const char *name)
{
    char path[OS_PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", FUZZ_CORPUS, name);
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL);
    size_t size = fread(input, 1, INPUT_MAX, file);
    fclose(file);
    return size;
}

/* Calls function with each file of the corpus in input. */
static void each_kept(void (*function)(size_t size))
{
    CHECK(os_directory_list(FUZZ_CORPUS, names, sizeof names) > 0);
    for (char *name = strtok(names, " "); name != NULL; name = strtok(NULL, " "))
        function(load(name));
}

static void try_it(size_t size)
{
    CHECK_EQ(LLVMFuzzerTestOneInput(input, size), 0);
}

static void what_is_kept_is_survived(void)
{
    each_kept(try_it);
}

/* ---- Variations ---- */

static unsigned seed = 1;
static int per_file;

static void vary_a_bit(size_t size)
{
    input[test_random(&seed) % size] ^= (uint8_t)(1u << test_random(&seed) % 8);
}

static void vary_a_byte(size_t size)
{
    static const uint8_t telling[] = { 0, 1, 23, 24, 25, 127, 128, 255 };
    input[test_random(&seed) % size] = telling[test_random(&seed) % sizeof telling];
}

static void vary_by_a_copy(size_t size)
{
    size_t from = test_random(&seed) % size, to = test_random(&seed) % size, length = test_random(&seed) % 64;
    size_t last = from > to ? from : to;
    memmove(input + to, input + from, length < size - last ? length : size - last);
}

/* Up to eight on top of each other. */
static void try_variations(size_t size)
{
    static void (*const ways[])(size_t) = { vary_a_bit, vary_a_byte, vary_by_a_copy };
    static uint8_t kept[INPUT_MAX];
    memcpy(kept, input, size);
    for (int i = 0; size > 0 && i < per_file; i++) {
        if (i % 8 == 0)
            memcpy(input, kept, size);
        ways[test_random(&seed) % TEST_COUNT(ways)](size);
        try_it(test_random(&seed) % 4 == 0 ? test_random(&seed) % size : size);
    }
}

static void what_is_like_it_is_survived(void)
{
    int count = os_directory_list(FUZZ_CORPUS, names, sizeof names);
    CHECK(count > 0);
    per_file = FUZZ_VARIATIONS / count;
    each_kept(try_variations);
}

static const struct test tests[] = {
    TEST_WITH(what_is_kept_is_survived, TEST_ONCE, 0),
    TEST_WITH(what_is_like_it_is_survived, TEST_ONCE, 60),
};

TEST_MAIN_PLAIN(tests)
