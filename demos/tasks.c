/* tasks: small examples of pools and of what processes share, one per name. */
#include "tasks.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct example {
    const char *name;
    example_fn *function;
    const char *text;
} examples[] = {
    { "limit", example_limit, "30 tasks of 1 s in 5 workers: 6 s; and terminate after 2 s" },
    { "map", example_map, "map over an array" },
    { "async", example_async, "500 tasks submitted without waiting" },
    { "sync", example_sync, "500 tasks of 3 s, each waited for" },
    { "collect", example_collect, "50000 results collected with get" },
    { "stop", example_stop, "50000 tasks of 1 ms, ended early by a result" },
    { "mark", example_mark, "apply_async and apply side by side" },
    { "done", example_done, "results of any length" },
    { "names", example_names, "different functions in one pool" },
    { "object", example_object, "a function held in a struct" },
    { "pids", example_pids, "100 tasks, always the same workers" },
    { "processes", example_processes, "a pool of 5 against 100 processes" },
    { "square", example_square, "ten squares with apply and with apply_async" },
    { "outcomes", example_outcomes, "every way a result can come out" },
    { "renew", example_renew, "initializer, and workers replaced after some tasks" },
    { "wrong-way", example_wrong_way, "get inside the submitting loop, and after it" },
    { "array", example_array, "ten processes add 100 to a shared array" },
    { "chain", example_chain, "ten processes take a number from a queue and put theirs in" },
    { "pipe", example_pipe, "a message from one process to another" },
    { "countdown", example_countdown, "ten processes count down, one after the other, by an RLock" },
    { "locks", example_locks, "lock, event, condition, semaphore and barrier together" },
    { "pooled", example_pooled, "a queue in the tasks of a pool collects their results" },
    { "threads", example_threads, "a pool of 8 threads beside one of processes, and threads used like processes" },
};

#define EXAMPLE_COUNT (sizeof examples / sizeof *examples)

void say(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    fflush(stdout);
}

long long own_pid(void)
{
    int64_t pid = mproc_process_get_pid(mproc_get_current_process());
    return (long long)pid;
}

int open_pool(const struct settings *settings, int workers, mproc_pool **ret_pool)
{
    mproc_pool_options options = { .workers = workers, .start_method = settings->method };
    return mproc_pool_create(ret_pool, &options);
}

int end_pool(mproc_pool *pool, int code)
{
    mproc_pool_close(pool);
    int joined = mproc_pool_join(pool, MPROC_FOREVER);
    mproc_pool_free(pool);
    return code < 0 ? code : joined;
}

static int compare_values(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

size_t count_different(int64_t *values, size_t count)
{
    qsort(values, count, sizeof *values, compare_values);
    size_t different = count > 0;
    for (size_t i = 1; i < count; i++)
        different += values[i] != values[i - 1];
    return different;
}

static void usage(FILE *stream)
{
    fputs("Usage: tasks NAME [--scale FACTOR] [--method fork|spawn|forkserver]\n"
          "FACTOR multiplies all times (0.01: a hundred times as fast). Names:\n\n",
          stream);
    for (size_t i = 0; i < EXAMPLE_COUNT; i++)
        fprintf(stream, "  %-10s %s\n", examples[i].name, examples[i].text);
}

static int parse_option(struct settings *settings, const char *option, const char *value)
{
    if (strcmp(option, "--method") == 0)
        return mproc_start_method_from_name(value, &settings->method);
    if (strcmp(option, "--scale") != 0)
        return -1;
    char *end;
    settings->scale = strtod(value, &end);
    return end == value || *end != '\0' || !(settings->scale >= 0 && settings->scale <= 1000) ? -1 : 0;
}

static const struct example *find(const char *name)
{
    for (size_t i = 0; i < EXAMPLE_COUNT; i++)
        if (strcmp(name, examples[i].name) == 0)
            return &examples[i];
    return NULL;
}

int main(int argc, char **argv)
{
    mproc_init(argc, argv);
    struct settings settings = { .scale = 1 };
    const struct example *example = argc > 1 ? find(argv[1]) : NULL;
    if (argc > 1 && strcmp(argv[1], "--help") == 0)
        return usage(stdout), 0;
    if (!example) {
        if (argc > 1)
            fprintf(stderr, "tasks: there is no example \"%s\"\n\n", argv[1]);
        return usage(stderr), 2;
    }
    for (int i = 2; i < argc; i += 2) {
        if (i + 1 < argc && parse_option(&settings, argv[i], argv[i + 1]) == 0)
            continue;
        fprintf(stderr, "tasks: wrong option or value: %s %s\n", argv[i], i + 1 < argc ? argv[i + 1] : "");
        return 2;
    }
    if (example->function(&settings) < 0) {
        fflush(stdout);
        return mproc_perror(example->name), 1;
    }
    return 0;
}
