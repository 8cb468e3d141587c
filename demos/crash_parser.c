/* crash_parser: a parser with bugs meets a directory of inputs. Usage: crash_parser [DIRECTORY [fork|spawn]] */
#include "sum_parser.h"
#include "system.h"

#include <mproc.h>
#include <stdlib.h>
#include <string.h>

/* The task: reads one file and parses it, in a worker. Some inputs kill the worker. */
static int parse_file(mproc_task *task)
{
    char text[4096];
    int file = system_open(mproc_task_get_argument(task).data);
    long size = file < 0 ? file : system_read(file, text, sizeof text - 1);
    if (size < 0)
        return mproc_task_fail(task, (int)size, "%s", strerror((int)-size));
    system_close(file);
    text[size] = '\0';
    const char *rest = text;
    int value = parse_sum(&rest);
    return mproc_task_return(task, &value, sizeof value);
}

struct inputs {
    const char *directory;
    system_entry *entries;
    size_t count;
    size_t next;
    char path[4096];
};

/* The input of imap: one path a call. */
static int next_input(void *user, mproc_view *ret_args)
{
    struct inputs *inputs = user;
    if (inputs->next == inputs->count)
        return 0;
    snprintf(inputs->path, sizeof inputs->path, "%s/%s", inputs->directory, inputs->entries[inputs->next++].name);
    *ret_args = (mproc_view){ inputs->path, strlen(inputs->path) + 1 };
    return 1;
}

static int run(mproc_pool *pool, struct inputs *inputs)
{
    unsigned parsed = 0, crashed = 0;
    double started = system_now();
    mproc_iter *iter;
    int got = mproc_pool_imap(pool, parse_file, next_input, inputs, NULL, &iter);
    if (got < 0)
        return got;
    mproc_outcome outcome;
    while ((got = mproc_iter_next(iter, MPROC_FOREVER, &outcome)) > 0) {
        printf("%6.1f ms  %-18s", (system_now() - started) * 1e3, inputs->entries[outcome.item].name);
        if (outcome.code == 0)
            printf("= %d\n", *(const int *)outcome.value.data);
        else
            printf("%s\n", outcome.message);
        parsed += outcome.code == 0;
        crashed += outcome.code == MPROC_E_WORKER_DIED;
    }
    mproc_iter_free(iter);
    printf("%u inputs: %u parsed, %u crashed the parser\n", (unsigned)inputs->count, parsed, crashed);
    return got;
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(((const system_entry *)left)->name, ((const system_entry *)right)->name);
}

int main(int argc, char **argv)
{
    mproc_init(argc, argv);
    mproc_pool_options options = { .workers = 2, .max_restarts = 1000000 }; /* crashes are expected here */
    if (argc > 2 && mproc_start_method_from_name(argv[2], &options.start_method) < 0)
        return mproc_perror("crash_parser"), 2;
    struct inputs inputs = { .directory = argc > 1 ? argv[1] : "demos/data" };
    int code = system_list(inputs.directory, &inputs.entries, &inputs.count);
    if (code < 0)
        return fprintf(stderr, "crash_parser: %s: %s\n", inputs.directory, strerror(-code)), 2;
    qsort(inputs.entries, inputs.count, sizeof *inputs.entries, compare_names);

    mproc_pool *pool;
    code = mproc_pool_create(&pool, &options);
    if (code == 0) {
        code = run(pool, &inputs);
        mproc_pool_free(pool);
    }
    if (code < 0)
        mproc_perror("crash_parser");
    system_list_free(inputs.entries, inputs.count);
    return code < 0;
}
