/* checksum: SHA-256 of every file under some directories, in a pool, in the format of sha256sum.
 *
 * The walk is lazy, the results come back in its order, and neither the number of files nor their size changes the
 * memory it takes. A worker killed in the middle of a file costs that file a second reading and nothing else.
 */
#include "system.h"
#include "tree_walk.h"

#include <errno.h>
#include <gcrypt.h>
#include <limits.h>
#include <mproc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define DIGEST_SIZE     32
#define PIECE_SIZE      (256 * 1024)
#define RETRIES         5
#define COMPARE_SECONDS 10.0

struct settings {
    int workers;
    mproc_start_method method;
    int serial;
    int progress;
    int verbose;
    int compare; /* 1: the whole set, 0: a part of it if it is large, -1: not at all */
    uint64_t max_files;
    char *const *roots;
    int root_count;
};

/* What a worker returns. */
typedef struct checksum {
    unsigned char digest[DIGEST_SIZE];
    uint64_t size;
} checksum;

/* Paths that are in the pool, oldest first: results come back in this order. */
typedef struct pending {
    struct pending *next;
    char path[];
} pending;

/* One pass over the files. */
struct pass {
    const struct settings *settings;
    tree_walk *walk;
    uint64_t stride;      /* every how manyth file is taken */
    int quiet;            /* only the time is wanted */
    uint64_t total_files; /* for the progress line; 0: not counted */
    uint64_t total_bytes;
    uint64_t seen;
    uint64_t files;
    uint64_t bytes;
    uint64_t failed;
    double started;
    double shown;
    double seconds;
    mproc_pool_stats stats;
    pending *first;
    pending **last;
};

static volatile sig_atomic_t interrupted;

/* The first Ctrl-C ends the pass in good order, the second the program. */
static void on_interrupt(int number)
{
    interrupted = 1;
    signal(number, SIG_DFL);
}

/* ---- Hashing: runs in the workers, and here with --serial ---- */

static int start_hashing(mproc_task *task)
{
    if (!gcry_check_version(GCRYPT_VERSION))
        return task ? mproc_task_fail(task, -1, "libgcrypt is older than %s", GCRYPT_VERSION) : -1;
    gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
    gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
    return 0;
}

static long hash_pieces(int file, gcry_md_hd_t hash, checksum *result)
{
    static unsigned char piece[PIECE_SIZE];
    for (;;) {
        long got = system_read(file, piece, sizeof piece);
        if (got <= 0)
            return got;
        gcry_md_write(hash, piece, (size_t)got);
        result->size += (uint64_t)got;
    }
}

/* Returns 0 or -errno. */
static int hash_path(const char *path, checksum *ret_checksum)
{
    gcry_md_hd_t hash;
    if (gcry_md_open(&hash, GCRY_MD_SHA256, 0) != 0)
        return -ENOMEM;
    checksum result = { .size = 0 };
    int file = system_open(path);
    long code = file < 0 ? file : hash_pieces(file, hash, &result);
    if (file >= 0)
        system_close(file);
    if (code == 0) {
        memcpy(result.digest, gcry_md_read(hash, GCRY_MD_SHA256), DIGEST_SIZE);
        *ret_checksum = result;
    }
    gcry_md_close(hash);
    return (int)code;
}

static int hash_file(mproc_task *task)
{
    checksum result;
    int code = hash_path(mproc_task_get_argument(task).data, &result);
    if (code < 0)
        return mproc_task_fail(task, code, "%s", strerror(-code));
    return mproc_task_return(task, &result, sizeof result);
}

/* ---- Output ---- */

static void clear_progress(struct pass *pass)
{
    if (pass->shown > 0)
        fprintf(stderr, "\r%78s\r", "");
    pass->shown = 0;
}

static void show_progress(struct pass *pass)
{
    double now = system_now(), elapsed = now - pass->started;
    if (!pass->settings->progress || pass->quiet || now - pass->shown < 0.2 || elapsed < 0.2)
        return;
    pass->shown = now;
    double rate = (double)pass->bytes / elapsed;
    double left = pass->total_bytes > pass->bytes ? (double)(pass->total_bytes - pass->bytes) : 0;
    char text[100];
    snprintf(text, sizeof text, "%llu of %llu files, %.1f of %.1f MB, %.1f MB/s, %.0f s left",
             (unsigned long long)pass->files, (unsigned long long)pass->total_files, (double)pass->bytes / 1e6,
             (double)pass->total_bytes / 1e6, rate / 1e6, rate > 0 ? left / rate : 0);
    fprintf(stderr, "\r%-78.78s", text);
    fflush(stderr);
}

static void report_failure(struct pass *pass, const char *path, const char *reason)
{
    pass->failed++;
    if (pass->quiet)
        return;
    clear_progress(pass);
    fprintf(stderr, "checksum: %s: %s\n", path, reason);
}

static void on_unreadable_directory(void *user, const char *path, int error_number)
{
    report_failure(user, path, strerror(error_number));
}

/* sha256sum's rule: a name with a backslash, newline or carriage return is escaped, and its line starts with a
 * backslash that says so. */
static void print_line(const char *path, const unsigned char *digest)
{
    int escape = strpbrk(path, "\\\n\r") != NULL;
    if (escape)
        putchar('\\');
    char hex[2 * DIGEST_SIZE];
    for (int i = 0; i < DIGEST_SIZE; i++) {
        hex[2 * i] = "0123456789abcdef"[digest[i] >> 4];
        hex[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
    }
    fwrite(hex, 1, sizeof hex, stdout);
    fputs("  ", stdout);
    for (; *path; path++) {
        const char *found = escape ? strchr("\\\n\r", *path) : NULL;
        if (found)
            printf("\\%c", *found == '\n' ? 'n' : *found == '\r' ? 'r' : '\\');
        else
            putchar(*path);
    }
    putchar('\n');
}

static void add_result(struct pass *pass, const char *path, int code, const char *message, const checksum *result)
{
    if (code < 0) {
        report_failure(pass, path, message);
        return;
    }
    pass->files++;
    pass->bytes += result->size;
    if (!pass->quiet)
        print_line(path, result->digest);
}

/* ---- The passes ---- */

static const char *next_path(struct pass *pass)
{
    const char *path = NULL;
    do {
        if (interrupted || pass->seen >= pass->settings->max_files)
            return NULL;
        path = tree_walk_next(pass->walk);
    } while (path && pass->seen++ % pass->stride != 0);
    return path;
}

static int serial_pass(struct pass *pass)
{
    if (start_hashing(NULL) < 0) {
        fprintf(stderr, "checksum: libgcrypt is older than %s\n", GCRYPT_VERSION);
        return -1;
    }
    const char *path;
    while ((path = next_path(pass))) {
        checksum result = { .size = 0 };
        int code = hash_path(path, &result);
        add_result(pass, path, code, strerror(-code), &result);
        show_progress(pass);
    }
    return 0;
}

/* The source of imap. It remembers the path, since only the parent's copy is sure to survive a worker. */
static int supply_path(void *user, mproc_view *ret_args)
{
    struct pass *pass = user;
    const char *path = next_path(pass);
    if (!path)
        return 0;
    size_t size = strlen(path) + 1;
    pending *entry = malloc(sizeof *entry + size);
    if (!entry)
        return -ENOMEM;
    entry->next = NULL;
    memcpy(entry->path, path, size);
    *pass->last = entry;
    pass->last = &entry->next;
    *ret_args = (mproc_view){ entry->path, size };
    return 1;
}

static void forget_first(struct pass *pass)
{
    pending *entry = pass->first;
    pass->first = entry->next;
    if (!pass->first)
        pass->last = &pass->first;
    free(entry);
}

static int stop(struct pass *pass, int code, const char *reason)
{
    clear_progress(pass);
    fprintf(stderr, "checksum: stopped before %s: %s\n", pass->first ? pass->first->path : "the next file", reason);
    return code;
}

/* Returns 0 at the end of the files. */
static int consume(struct pass *pass, mproc_iter *iter)
{
    while (!interrupted) {
        mproc_outcome outcome;
        int got = mproc_iter_next(iter, 200, &outcome);
        if (got == 0)
            return 0;
        if (got < 0 && got != MPROC_E_TIMEOUT)
            return stop(pass, got, mproc_last_error());
        /* A source that failed has no path. Of a broken pool every file that is left would say the same. */
        if (got > 0 && (!pass->first || outcome.code == MPROC_E_BROKEN))
            return stop(pass, outcome.code, outcome.message);
        if (got > 0) {
            add_result(pass, pass->first->path, outcome.code, outcome.message, outcome.value.data);
            forget_first(pass);
        }
        show_progress(pass);
    }
    return 0;
}

static void show_workers(mproc_pool *pool)
{
    int64_t pids[64];
    int count = mproc_pool_get_worker_pids(pool, pids, 64);
    fputs("checksum: workers", stderr);
    for (int i = 0; i < count && i < 64; i++)
        fprintf(stderr, " %lld", (long long)pids[i]);
    fputc('\n', stderr);
    fflush(stderr);
}

static int pool_pass(struct pass *pass)
{
    mproc_pool *pool;
    int code = mproc_pool_create(&pool, &(mproc_pool_options){ .name = "checksum",
                                                               .workers = pass->settings->workers,
                                                               .start_method = pass->settings->method,
                                                               .initializer = start_hashing });
    if (code < 0) {
        mproc_perror("checksum: cannot make a pool");
        return code;
    }
    if (pass->settings->verbose && !pass->quiet)
        show_workers(pool);
    mproc_iter *iter;
    pass->last = &pass->first;
    code = mproc_pool_imap(pool, hash_file, supply_path, pass, &(mproc_task_options){ .retries = RETRIES }, &iter);
    if (code == 0) {
        code = consume(pass, iter);
        mproc_iter_free(iter);
    }
    while (pass->first)
        forget_first(pass);
    mproc_pool_get_stats(pool, &pass->stats);
    mproc_pool_free(pool);
    return code;
}

/* Runs one pass and takes its time, starting and ending the workers included. */
static int run_pass(struct pass *pass, int (*function)(struct pass *pass))
{
    const struct settings *settings = pass->settings;
    pass->walk = tree_walk_open(settings->roots, settings->root_count, on_unreadable_directory, pass);
    if (!pass->walk) {
        fputs("checksum: out of memory\n", stderr);
        return -1;
    }
    pass->started = system_now();
    int code = function(pass);
    pass->seconds = system_now() - pass->started;
    tree_walk_close(pass->walk);
    clear_progress(pass);
    return code;
}

/* For "left" in the progress line somebody has to know how much there is. */
static int count_files(struct pass *pass)
{
    const char *path;
    while ((path = next_path(pass))) {
        system_kind kind;
        uint64_t size;
        if (system_stat(path, &kind, &size) == 0) {
            pass->files++;
            pass->bytes += size;
        }
    }
    return 0;
}

/* ---- The summary ---- */

/* Reads every stride-th file without output. Returns the seconds it took, or a negative number. */
static double time_pass(const struct settings *settings, uint64_t stride, int (*function)(struct pass *pass),
                        struct pass *ret_pass)
{
    *ret_pass = (struct pass){ .settings = settings, .stride = stride, .quiet = 1 };
    return run_pass(ret_pass, function) < 0 || interrupted ? -1 : ret_pass->seconds;
}

/* One process and the pool read the same files in turn. The files were read just before, so both find them in memory if
 * they fit: neither gains by its place in the order. A set that would take long is thinned out evenly; one that is
 * quickly read is read several times, and the best times count, since they are least disturbed by other programs. */
static void compare(const struct settings *settings, const struct pass *done)
{
    int workers = settings->workers ? settings->workers : mproc_get_cpu_count();
    double expected = done->seconds * (workers + 1);
    uint64_t stride = 1;
    if (settings->compare == 0 && expected > COMPARE_SECONDS)
        stride += (uint64_t)(expected / COMPARE_SECONDS);
    double alone = 1e300, pooled = 1e300, began = system_now();
    int rounds = 0;
    struct pass pass;
    for (; rounds == 0 || (rounds < 5 && system_now() - began < COMPARE_SECONDS / 5); rounds++) {
        double alone_now = time_pass(settings, stride, serial_pass, &pass);
        double pooled_now = alone_now < 0 ? -1 : time_pass(settings, stride, pool_pass, &pass);
        if (pooled_now < 0)
            return;
        alone = alone_now < alone ? alone_now : alone;
        pooled = pooled_now < pooled ? pooled_now : pooled;
    }
    fprintf(stderr, "checksum: speed-up %.2f: one process %.3f s, %d workers %.3f s, their start and end included\n",
            alone / pooled, alone, workers, pooled);
    if (stride > 1)
        fprintf(stderr, "checksum: (both read every %lluth file again: %llu files, %.1f MB)\n",
                (unsigned long long)stride, (unsigned long long)pass.files, (double)pass.bytes / 1e6);
    else
        fprintf(stderr, "checksum: (both read everything again, mostly from memory; best of %d)\n", rounds);
}

static void summarize(const struct settings *settings, const struct pass *done)
{
    int workers = settings->workers ? settings->workers : mproc_get_cpu_count();
    fprintf(stderr, "checksum: %s%llu files, %.1f MB in %.3f s", interrupted ? "interrupted after " : "",
            (unsigned long long)done->files, (double)done->bytes / 1e6, done->seconds);
    if (settings->serial)
        fputs(" in one process", stderr);
    else
        fprintf(stderr, " by %d workers (%s)", workers,
                mproc_start_method_name(settings->method ? settings->method : mproc_get_start_method()));
    fprintf(stderr, ", %.1f MB/s\n", (double)done->bytes / 1e6 / done->seconds);
    if (done->failed > 0)
        fprintf(stderr, "checksum: %llu could not be read\n", (unsigned long long)done->failed);
    if (done->stats.deaths > 0)
        fprintf(stderr, "checksum: %llu workers died, %llu files were read again\n",
                (unsigned long long)done->stats.deaths, (unsigned long long)done->stats.retried);
}

/* ---- The command line ---- */

static void usage(FILE *stream)
{
    fprintf(stream,
            "Usage: checksum [OPTION]... [DIRECTORY]...\n"
            "Prints the SHA-256 of every regular file under the directories (default: %s) as sha256sum does,\n"
            "in the order of the paths' bytes. Symbolic links are not followed.\n\n"
            "  --workers N            worker processes (default: one per CPU)\n"
            "  --method METHOD        how they are started: fork, spawn or forkserver\n"
            "  --serial               no workers: everything in this process\n"
            "  --max-files N          stop after so many files\n"
            "  --progress             a progress line in any case (default: if stderr is a terminal, stdout none)\n"
            "  --verbose              print the pids of the workers, to kill some and see\n"
            "  --compare              measure the speed-up over all files, however long it takes\n"
            "  --no-compare           do not measure the speed-up\n"
            "  --help\n\n"
            "Exit status: 0, 1 if a file or directory could not be read, 2 if it could not run or go on, 130 after "
            "Ctrl-C.\n",
            system_documentation());
}

static int parse_number(const char *text, uint64_t limit, uint64_t *ret_number)
{
    char *end;
    errno = 0;
    unsigned long long number = text && *text >= '0' && *text <= '9' ? strtoull(text, &end, 10) : 0;
    if (number == 0 || errno != 0 || *end != '\0' || number > limit) {
        fprintf(stderr, "checksum: %s is not a number from 1 to %llu\n", text ? text : "nothing",
                (unsigned long long)limit);
        return -1;
    }
    *ret_number = number;
    return 0;
}

/* Options that have a value. Returns 1 if it was one of them, 0 if not, -1 if its value is wrong. */
static int parse_valued_option(struct settings *settings, const char *option, const char *value)
{
    uint64_t number;
    if (strcmp(option, "--workers") == 0) {
        if (parse_number(value, 1024, &number) < 0)
            return -1;
        settings->workers = (int)number;
        return 1;
    }
    if (strcmp(option, "--max-files") == 0)
        return parse_number(value, UINT64_MAX, &settings->max_files) < 0 ? -1 : 1;
    if (strcmp(option, "--method") != 0)
        return 0;
    if (value && mproc_start_method_from_name(value, &settings->method) == 0)
        return 1;
    fprintf(stderr, "checksum: --method is fork, spawn or forkserver, not %s\n", value ? value : "nothing");
    return -1;
}

static int parse_flag(struct settings *settings, const char *option)
{
    if (strcmp(option, "--serial") == 0)
        settings->serial = 1;
    else if (strcmp(option, "--progress") == 0)
        settings->progress = 1;
    else if (strcmp(option, "--verbose") == 0)
        settings->verbose = 1;
    else if (strcmp(option, "--compare") == 0)
        settings->compare = 1;
    else if (strcmp(option, "--no-compare") == 0)
        settings->compare = -1;
    else
        return -1;
    return 0;
}

/* Options and directories may come in any order; "--" ends the options. The directories are moved to the front of argv,
 * behind argv[0]. Returns how many there are, or -1 after a message. */
static int parse_arguments(struct settings *settings, int argc, char **argv)
{
    int roots = 0, options_end = 0;
    for (int i = 1; i < argc; i++) {
        if (options_end || strncmp(argv[i], "--", 2) != 0) {
            argv[++roots] = argv[i];
            continue;
        }
        options_end = argv[i][2] == '\0';
        if (options_end)
            continue;
        int valued = parse_valued_option(settings, argv[i], i + 1 < argc ? argv[i + 1] : NULL);
        if (valued < 0)
            return -1;
        if (valued == 0 && parse_flag(settings, argv[i]) < 0) {
            fprintf(stderr, "checksum: unknown option %s; try --help\n", argv[i]);
            return -1;
        }
        i += valued;
    }
    return roots;
}

static int run(const struct settings *settings)
{
    struct pass done = { .settings = settings, .stride = 1 };
    if (settings->progress) {
        struct pass counted = { .settings = settings, .stride = 1, .quiet = 1 };
        if (run_pass(&counted, count_files) < 0)
            return 2;
        done.total_files = counted.files;
        done.total_bytes = counted.bytes;
    }
    int code = run_pass(&done, settings->serial ? serial_pass : pool_pass);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        perror("checksum: stdout");
        return 2;
    }
    if (code < 0)
        return 2;
    summarize(settings, &done);
    if (interrupted)
        return 130;
    if (!settings->serial && settings->compare >= 0 && done.files > 0)
        compare(settings, &done);
    return done.failed > 0 ? 1 : 0;
}

int main(int argc, char **argv)
{
    mproc_init(argc, argv);
    system_arguments(&argc, &argv);
    system_binary_stdout();
    if (argc > 1 && strcmp(argv[1], "--help") == 0)
        return usage(stdout), 0;

    /* With both on one terminal, progress and output would run into each other. */
    int progress = system_is_terminal(stderr) && !system_is_terminal(stdout);
    struct settings settings = { .progress = progress, .max_files = UINT64_MAX };
    int roots = parse_arguments(&settings, argc, argv);
    if (roots < 0)
        return 2;
    char *documentation = (char *)system_documentation();
    settings.roots = roots > 0 ? argv + 1 : &documentation;
    settings.root_count = roots > 0 ? roots : 1;
    signal(SIGINT, on_interrupt);
    return run(&settings);
}
