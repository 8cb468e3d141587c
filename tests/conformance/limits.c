/* Out of descriptors, address space, processes, file size: an error, the state as before, and the next start works when
 * there is room again. Rule 54.
 */
#define _GNU_SOURCE
#include "test.h"
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

static void set_limit(int resource, rlim_t value)
{
    struct rlimit limit;
    CHECK_EQ(getrlimit(resource, &limit), 0);
    limit.rlim_cur = value;
    CHECK_EQ(setrlimit(resource, &limit), 0);
}

/* One use of each kind: whatever fails must say so by a code, and leave nothing. Returns how many failed. */
static int use_and_count_failures(void)
{
    int failed = 0;
    mproc_lock lock;
    mproc_pool *pool;
    mproc_process *process;
    mproc_process_options process_options = { .function = test_nothing };
    mproc_pool_options pool_options = { .workers = 2 };
    if (mproc_lock_create(&lock, NULL) == 0)
        CHECK_OK(mproc_lock_destroy(lock));
    else
        failed++;
    if (mproc_process_create(&process, &process_options) < 0)
        return failed + 1;
    if (mproc_process_start(process) == 0)
        CHECK_OK(mproc_process_join(process, test_limit_ms(30000)));
    else
        failed++;
    mproc_process_free(process);
    if (mproc_pool_create(&pool, &pool_options) == 0)
        CHECK_OK(mproc_pool_free(pool));
    else
        failed++;
    return failed;
}

/* Leaves no number free below the first that is above all in use, which it returns. The numbers it took are written to
 * ret_taken. */
static int fill_descriptors(int *ret_taken, int capacity, int *ret_count)
{
    int above = 0;
    for (int fd = 0; fd < 1024; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            above = fd + 1;
    for (*ret_count = 0; *ret_count < capacity; ++*ret_count) {
        int fd = fcntl(0, F_DUPFD_CLOEXEC, 0);
        if (fd >= above) {
            close(fd);
            break;
        }
        ret_taken[*ret_count] = fd;
    }
    return above;
}

/* With room for 0, 1, 2 ... descriptors more than there are, until all works. */
static void rule_54_descriptors(void)
{
    struct rlimit before;
    int taken[1024], count, failures = 0, room = 0, left;
    CHECK_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
    int above = fill_descriptors(taken, 1024, &count);
    do {
        set_limit(RLIMIT_NOFILE, (rlim_t)(above + room));
        left = use_and_count_failures();
        set_limit(RLIMIT_NOFILE, before.rlim_cur);
        failures += left;
        CHECK_EQ(test_finish(test_start(test_nothing, MPROC_NO_ARGS)), 0);
    } while (left && ++room < 60);
    CHECK_EQ(left, 0);
    CHECK(failures > 0);
    while (count > 0)
        close(taken[--count]);
}

/* The same before the library has made anything of its own. */
static int scene_fresh_without_descriptors(const char *argument)
{
    struct rlimit before;
    CHECK_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
    set_limit(RLIMIT_NOFILE, (rlim_t)(3 + atoi(argument)));
    int failed = use_and_count_failures();
    set_limit(RLIMIT_NOFILE, before.rlim_cur);
    CHECK_EQ(use_and_count_failures(), 0);
    return failed ? 1 : 0;
}

static void rule_54_descriptors_from_the_start(void)
{
    int64_t code;
    int room = 0;
    char text[16];
    do {
        snprintf(text, sizeof text, "%d", room);
        code = test_scene("scene_fresh_without_descriptors", text, NULL, 0);
        CHECK(code == 0 || code == 1);
    } while (code == 1 && ++room < 60);
    CHECK_EQ(code, 0);
    CHECK(room > 0);
}

static size_t address_space(void)
{
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    CHECK(file && fscanf(file, "%lu", &pages) == 1 && fclose(file) == 0);
    return (size_t)pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* Memory in steps of 64 KiB, at first too little for a thread or a segment. The C library itself may end the program
 * when it cannot have the memory to say that it has none, so the limit begins where a message still can be made. */
static int scene_little_memory(const char *argument)
{
    struct rlimit before;
    int failures = 0, left, step = 0;
    if (!argument[0])
        CHECK_EQ(use_and_count_failures(), 0);
    CHECK_EQ(getrlimit(RLIMIT_AS, &before), 0);
    do {
        set_limit(RLIMIT_AS, address_space() + (size_t)step * 65536);
        left = use_and_count_failures();
        set_limit(RLIMIT_AS, before.rlim_cur);
        failures += left;
        step += step < 32 ? 1 : step;
    } while (left && step < 65536);
    CHECK_EQ(use_and_count_failures(), 0);
    return failures ? 0 : 44;
}

static void rule_54_address_space(void)
{
    CHECK_EQ(test_scene("scene_little_memory", "", NULL, 0), 0);
    CHECK_EQ(test_scene("scene_little_memory", "fresh", NULL, 0), 0);
}

static int scene_few_processes(const char *argument)
{
    (void)argument;
    /* The limit counts per user and does not bind root: another user, of whom nobody else has processes. */
    uid_t nobody = 54321 + (uid_t)(getpid() % 1000);
    if (getuid() != 0 || setresuid(nobody, nobody, nobody) < 0)
        return 77;
    set_limit(RLIMIT_NPROC, 1);
    int failed = use_and_count_failures();
    set_limit(RLIMIT_NPROC, 2);
    use_and_count_failures();
    set_limit(RLIMIT_NPROC, 3);
    use_and_count_failures();
    /* No more can be had back: the hard limit stays as it was. */
    struct rlimit limit;
    CHECK_EQ(getrlimit(RLIMIT_NPROC, &limit), 0);
    set_limit(RLIMIT_NPROC, limit.rlim_max);
    /* Under spawn the program must be another user's to read, which the directory may not allow. */
    CHECK(!test_forks() || use_and_count_failures() == 0);
    return failed ? 0 : 44;
}

static void rule_54_processes(void)
{
    int64_t code = test_scene("scene_few_processes", "", NULL, 0);
    if (code == 77)
        test_skip("needs root, to become a user without processes");
    CHECK_EQ(code, 0);
}

static int end_by_abort(mproc_task *task)
{
    (void)task;
    abort();
}

/* The limit of a file's size is for files; a segment that met it would end the program by SIGXFSZ. */
static int scene_small_files(const char *argument)
{
    set_limit(RLIMIT_FSIZE, (rlim_t)strtoul(argument, NULL, 10));
    int failed = use_and_count_failures();
    struct rlimit limit;
    CHECK_EQ(getrlimit(RLIMIT_FSIZE, &limit), 0);
    set_limit(RLIMIT_FSIZE, limit.rlim_max);
    CHECK_EQ(use_and_count_failures(), 0);
    (void)failed;
    return 0;
}

static void rule_54_file_size(void)
{
    CHECK_EQ(test_scene("scene_small_files", "0", NULL, 0), 0);
    CHECK_EQ(test_scene("scene_small_files", "100000", NULL, 0), 0);
}

static void crash_under(rlim_t limit)
{
    mproc_pool *pool;
    mproc_result *result;
    mproc_outcome outcome;
    static char large[100000];
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 1, .crash_directory = "." }));
    set_limit(RLIMIT_FSIZE, limit);
    CHECK_OK(mproc_pool_apply_async(pool, end_by_abort, MPROC_ARG(large), NULL, &result));
    CHECK_OK(mproc_result_get_outcome(result, test_limit_ms(30000), &outcome));
    CHECK_CODE(outcome.code, MPROC_E_WORKER_DIED);
    CHECK_STR(outcome.saved_task, "");
    CHECK_OK(mproc_result_free(result));
    CHECK_OK(mproc_pool_free(pool));
    set_limit(RLIMIT_FSIZE, RLIM_INFINITY);
}

/* A program under the limit lives on, whatever the library would write into a file for it: a task that a worker died
 * of, whole or in part, what tells who would watch of it, and its log. */
static int scene_files_of_the_library(const char *argument)
{
    (void)argument;
    os_set_environment("XDG_RUNTIME_DIR", getenv("MPROC_TEST_DIRECTORY"));
    crash_under(0);
    crash_under(2000);
    set_limit(RLIMIT_FSIZE, 0);
    CHECK_CODE(mproc_monitor_start(NULL), MPROC_E_OS);
    CHECK_CONTAINS(mproc_last_error(), "File too large");
    set_limit(RLIMIT_FSIZE, 2000);
    CHECK_OK(mproc_monitor_start(NULL));
    CHECK_OK(mproc_monitor_stop());
    set_limit(RLIMIT_FSIZE, 1);
    CHECK(freopen("log.txt", "w", stderr) != NULL);
    mproc_set_log_level(MPROC_LOG_INFO);
    mproc_log(MPROC_LOG_INFO, "of this there is room for one byte");
    mproc_log(MPROC_LOG_INFO, "of this for none");
    CHECK_EQ(remove("log.txt"), 0);
    return 0;
}

static void rule_54_files_of_the_library(void)
{
    CHECK_EQ(test_scene("scene_files_of_the_library", "", NULL, 0), 0);
}

/* Without a word from the program the family's memory is made to fit; a limit that it has asked for is refused. */
static int scene_memory_in_small_files(const char *argument)
{
    mproc_memory_usage usage;
    mproc_array array;
    mproc_shared_memory *memory;
    (void)argument;
    set_limit(RLIMIT_FSIZE, 12 << 20);
    CHECK_OK(mproc_set_memory_limit((uint64_t)1 << 30));
    CHECK_CODE(mproc_array_create(&array, 'B', 100, NULL), MPROC_E_LIMIT);
    CHECK_OK(mproc_set_memory_limit(0));
    CHECK_OK(mproc_array_create(&array, 'B', 4 << 20, NULL));
    CHECK_OK(mproc_get_memory_usage(&usage));
    CHECK_EQ(usage.limit, 12 << 20);
    CHECK_CODE(mproc_array_create(&array, 'B', 12 << 20, NULL), MPROC_E_LIMIT);
    CHECK_CODE(mproc_shared_memory_create(&memory, NULL, 13 << 20), MPROC_E_LIMIT);
    CHECK_EQ(test_finish(test_start(test_nothing, MPROC_NO_ARGS)), 0);
    return 0;
}

static void rule_54_memory_in_small_files(void)
{
    CHECK_EQ(test_scene("scene_memory_in_small_files", "", NULL, 0), 0);
}

/* Arrays that the family has room for, but not this process. */
static int scene_memory_without_addresses(const char *argument)
{
    struct rlimit before;
    mproc_array array, small;
    mproc_shared_memory *memory;
    (void)argument;
    CHECK_OK(mproc_array_create(&small, 'i', 10000, NULL));
    CHECK_EQ(getrlimit(RLIMIT_AS, &before), 0);
    set_limit(RLIMIT_AS, address_space() + ((size_t)8 << 20));
    CHECK_CODE(mproc_array_create(&array, 'B', 40 << 20, NULL), MPROC_E_NO_MEMORY);
    CHECK_CODE(mproc_shared_memory_create(&memory, NULL, 40 << 20), MPROC_E_NO_MEMORY);
    set_limit(RLIMIT_AS, before.rlim_cur);
    mproc_memory_usage usage;
    CHECK_OK(mproc_get_memory_usage(&usage));
    CHECK_EQ(usage.arrays, 1);
    CHECK_EQ(usage.data, 40960);
    CHECK_OK(mproc_array_create(&array, 'B', 40 << 20, NULL));
    CHECK_OK(mproc_array_destroy(array));
    CHECK_OK(mproc_array_destroy(small));
    return 0;
}

static void rule_54_memory_without_addresses(void)
{
    CHECK_EQ(test_scene("scene_memory_without_addresses", "", NULL, 0), 0);
}

static const struct test tests[] = {
    TEST_WITH(rule_54_descriptors, 0, 120),
    TEST_WITH(rule_54_descriptors_from_the_start, 0, 120),
    TEST_WITH(rule_54_address_space, TEST_NO_SANITIZER, 120),
    TEST_WITH(rule_54_processes, TEST_NO_SANITIZER, 60),
    TEST_WITH(rule_54_file_size, 0, 60),
    TEST_WITH(rule_54_files_of_the_library, 0, 60),
    TEST_WITH(rule_54_memory_in_small_files, 0, 60),
    TEST_WITH(rule_54_memory_without_addresses, TEST_NO_SANITIZER, 60),
};

static const struct scene scenes[] = {
    SCENE(scene_fresh_without_descriptors),
    SCENE(scene_little_memory),
    SCENE(scene_few_processes),
    SCENE(scene_small_files),
    SCENE(scene_files_of_the_library),
    SCENE(scene_memory_in_small_files),
    SCENE(scene_memory_without_addresses),
};

TEST_MAIN(tests, scenes)
