/* A fork copies the locks of the C library as they are. Threads of the program that are busy in the dynamic linker, the
 * allocator and stdio at that moment must not make a child hang. POSIX only.
 */
#define _GNU_SOURCE
#include "test.h"
#include <dlfcn.h>
#include <link.h>
#include <stdlib.h>

static _Atomic int stop_all;

static int look_at_module(struct dl_phdr_info *info, size_t size, void *user)
{
    (void)info, (void)size, (void)user;
    return 0;
}

static void look_at_modules(void *user)
{
    (void)user;
    while (!atomic_load(&stop_all))
        dl_iterate_phdr(look_at_module, NULL);
}

static void allocate_and_write(void *user)
{
    FILE *sink = user;
    while (!atomic_load(&stop_all)) {
        char *bytes = malloc(3000);
        CHECK(bytes != NULL);
        fprintf(sink, "%p\n", (void *)bytes);
        free(bytes);
    }
}

static int add_one(mproc_task *task)
{
    int number;
    CHECK_OK(mproc_task_read(task, &number, sizeof number));
    number++;
    return mproc_task_return(task, &number, sizeof number);
}

static void beside_threads(void (*work)(void))
{
    FILE *sink = fopen("/dev/null", "w");
    CHECK(sink != NULL);
    os_thread *threads[] = { os_thread_start(look_at_modules, NULL), os_thread_start(look_at_modules, NULL),
                             os_thread_start(allocate_and_write, sink) };
    work();
    atomic_store(&stop_all, 1);
    for (size_t i = 0; i < TEST_COUNT(threads); i++)
        os_thread_join(threads[i]);
    fclose(sink);
}

static void start_processes(void)
{
    for (int i = 0; i < 100; i++)
        CHECK_EQ(test_finish(test_start(test_nothing, MPROC_NO_ARGS)), 0);
}

static void processes_start(void)
{
    beside_threads(start_processes);
}

static void use_pools(void)
{
    for (int i = 0; i < 20; i++) {
        mproc_pool *pool;
        mproc_pool_options options = { .workers = 2, .start_method = test_method() };
        CHECK_OK(mproc_pool_create(&pool, &options));
        int out = 0;
        CHECK_OK(mproc_pool_apply(pool, add_one, MPROC_ARG(i), NULL, &out, sizeof out, NULL));
        CHECK_EQ(out, i + 1);
        CHECK_OK(mproc_pool_free(pool));
    }
}

static void pools_start(void)
{
    beside_threads(use_pools);
}

static const struct test tests[] = {
    TEST_WITH(processes_start, TEST_NO_SANITIZER, 60),
    TEST_WITH(pools_start, TEST_NO_SANITIZER, 60),
};

TEST_MAIN_PLAIN(tests)
