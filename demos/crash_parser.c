/* crash_parser: a parser with bugs meets a directory of inputs, or as many as it makes up itself.
 *
 *     crash_parser [--group] [--stats] [--save DIRECTORY] [DIRECTORY | COUNT [fork|spawn|forkserver]]
 *     crash_parser --replay FILE      runs a saved task once more, here: gdb --args crash_parser --replay FILE
 */
#include "report.h"
#include "sum_parser.h"
#include "system.h"

#include <mproc.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 4096

/* ---- Tasks: some inputs kill their worker ---- */

static int parse_text(mproc_task *task)
{
    const char *rest = mproc_task_get_argument(task).data;
    int value = parse_sum(&rest);
    return mproc_task_return(task, &value, sizeof value);
}

static int parse_file(mproc_task *task)
{
    char text[TEXT_MAX];
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

/* ---- Inputs ---- */

struct inputs {
    const char *directory; /* NULL: made up */
    system_entry *entries;
    size_t count;
    size_t next;
    char text[TEXT_MAX];
};

static const char *input_name(const struct inputs *inputs, int64_t item, char name[32])
{
    snprintf(name, 32, "input %lld", (long long)item);
    return inputs->directory != NULL ? inputs->entries[item].name : name;
}

/* Mostly sums as they should be; the number of the input decides. */
static void make_up(size_t number, char text[TEXT_MAX])
{
    static const char *const atoms[] = { "x", "y", "7", "12", "(1+2)", "42", "(x)", "3", "5", "0" };
    unsigned random = (unsigned)number * 2654435761u, kind = number % 20;
    const char *end = kind == 3 ? "/0" : kind == 7 ? "-" : kind == 13 ? "+name" : "";
    memset(text, '(', TEXT_MAX - 1);
    text[TEXT_MAX - 1] = '\0';
    if (number % 100 != 99)
        snprintf(text, TEXT_MAX, "%s%c%s%s", atoms[random % 10], "+-*"[random / 100 % 3], atoms[random / 10 % 10], end);
}

/* The input of imap: one path, or one text, a call. */
static int next_input(void *user, mproc_view *ret_args)
{
    struct inputs *inputs = user;
    if (inputs->next == inputs->count)
        return 0;
    if (inputs->directory != NULL)
        snprintf(inputs->text, sizeof inputs->text, "%s/%s", inputs->directory, inputs->entries[inputs->next].name);
    else
        make_up(inputs->next, inputs->text);
    inputs->next++;
    *ret_args = MPROC_ARG_STRING(inputs->text);
    return 1;
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(((const system_entry *)left)->name, ((const system_entry *)right)->name);
}

/* A number is that many inputs, anything else a directory. Returns 0 or -errno. */
static int find_inputs(const char *which, struct inputs *inputs)
{
    char *end;
    inputs->count = (size_t)strtoul(which, &end, 10);
    if (end != which && *end == '\0')
        return 0;
    inputs->directory = which;
    int code = system_list(which, &inputs->entries, &inputs->count);
    if (code == 0)
        qsort(inputs->entries, inputs->count, sizeof *inputs->entries, compare_names);
    return code;
}

/* ---- Crashes: those at the same place of this program are one ---- */

/* The innermost line of a stack that is of this program and not of a library; else the first. */
static const char *own_line(const char *stack, int *ret_size)
{
    const char *line = strstr(stack, "(crash_parser");
    line = line != NULL ? line : stack;
    while (line > stack && line[-1] != '\n')
        line--;
    *ret_size = (int)strcspn(line, "\n");
    return line;
}

static struct crash {
    char place[256], first[512];
    int64_t exit_code;
    unsigned count;
} crashes[100];
static size_t crash_count;

static void note_crash(const mproc_outcome *outcome, const char *name)
{
    struct crash crash = { .exit_code = outcome->exit_code };
    int size;
    const char *line = own_line(outcome->stack, &size);
    size_t i = 0;
    snprintf(crash.place, sizeof crash.place, "%.*s", size, line);
    snprintf(crash.first, sizeof crash.first, "%s %s", name, outcome->saved_task);
    while (i < crash_count && (crashes[i].exit_code != crash.exit_code || strcmp(crashes[i].place, crash.place) != 0))
        i++;
    if (i == crash_count && i < sizeof crashes / sizeof *crashes)
        crashes[crash_count++] = crash;
    if (i < crash_count)
        crashes[i].count++;
}

static void print_crashes(void)
{
    for (size_t i = 0; i < crash_count; i++) {
        const struct crash *crash = &crashes[i];
        if (crash->exit_code < 0)
            printf("%6u x signal %-3d", crash->count, (int)-crash->exit_code);
        else
            printf("%6u x code 0x%-8llX", crash->count, (unsigned long long)crash->exit_code);
        printf(" %s, first: %s\n", crash->place, crash->first);
    }
}

/* ---- The run ---- */

static void print_outcome(const mproc_outcome *outcome, const char *name, double seconds)
{
    printf("%6.1f ms  %-18s", seconds * 1e3, name);
    if (outcome->code == 0)
        printf("= %d\n", *(const int *)outcome->value.data);
    else
        printf("%s\n", outcome->message);
    int size;
    const char *line = own_line(outcome->stack, &size);
    if (size > 0)
        printf("%29s%.*s\n", "", size, line);
}

static int run(mproc_pool *pool, struct inputs *inputs, int group)
{
    unsigned parsed = 0, crashed = 0;
    double started = system_now();
    mproc_iter *iter;
    int got = inputs->directory != NULL ? mproc_pool_imap(pool, parse_file, next_input, inputs, NULL, &iter)
                                        : mproc_pool_imap(pool, parse_text, next_input, inputs, NULL, &iter);
    if (got < 0)
        return got;
    mproc_outcome outcome;
    while ((got = mproc_iter_next(iter, MPROC_FOREVER, &outcome)) > 0) {
        char number[32];
        const char *name = input_name(inputs, outcome.item, number);
        if (!group)
            print_outcome(&outcome, name, system_now() - started);
        parsed += outcome.code == 0;
        crashed += outcome.code == MPROC_E_WORKER_DIED;
        if (outcome.code == MPROC_E_WORKER_DIED)
            note_crash(&outcome, name);
    }
    mproc_iter_free(iter);
    printf("%u inputs: %u parsed, %u crashed the parser\n", (unsigned)inputs->count, parsed, crashed);
    if (group)
        print_crashes();
    return got;
}

static int refuse(const char *option)
{
    fprintf(stderr,
            "crash_parser: %s: no option, or its value is missing\n"
            "Usage: crash_parser [--group] [--stats] [--save DIRECTORY] [DIRECTORY | COUNT [fork|spawn|forkserver]]\n"
            "       crash_parser --replay FILE\n",
            option);
    return 2;
}

int main(int argc, char **argv)
{
    mproc_init(argc, argv);
    if (argc > 2 && strcmp(argv[1], "--replay") == 0)
        return mproc_replay_main(argc, argv);
    /* Crashes are expected here. */
    mproc_pool_options options = { .workers = 2, .name = "crash_parser", .max_restarts = 1000000, .crash_reports = 1 };
    struct inputs inputs = { .next = 0 };
    int group = 0, at = 1;
    for (; at < argc && argv[at][0] == '-'; at++)
        if (strcmp(argv[at], "--group") == 0)
            group = 1;
        else if (strcmp(argv[at], "--stats") == 0)
            options.statistics = 1;
        else if (strcmp(argv[at], "--save") == 0 && at + 1 < argc)
            options.crash_directory = argv[++at];
        else
            return refuse(argv[at]);
    if (at + 1 < argc && mproc_start_method_from_name(argv[at + 1], &options.start_method) < 0)
        return mproc_perror("crash_parser"), 2;
    const char *which = at < argc ? argv[at] : "demos/data";
    int code = find_inputs(which, &inputs);
    if (code < 0)
        return fprintf(stderr, "crash_parser: %s: %s\n", which, strerror(-code)), 2;

    mproc_pool *pool;
    code = mproc_pool_create(&pool, &options);
    if (code == MPROC_E_NOT_SUPPORTED) { /* then without stacks */
        options.crash_reports = 0;
        code = mproc_pool_create(&pool, &options);
    }
    if (code == 0) {
        code = run(pool, &inputs, group);
        if (options.statistics != 0)
            print_report(pool);
        mproc_pool_free(pool);
    }
    if (code < 0)
        mproc_perror("crash_parser");
    if (inputs.directory != NULL)
        system_list_free(inputs.entries, inputs.count);
    return code < 0;
}
