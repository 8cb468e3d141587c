/* Threads in place of processes: the same pool, and the same functions, in the program's own memory. */
#include "system.h"
#include "tasks.h"

#include <stdatomic.h>
#include <string.h>

#define ITEMS   100
#define READERS 3

/* What a process would count in memory of its own. */
static _Atomic int calls;

static int four_times(const void *in, void *out, mproc_task *task)
{
    (void)task;
    *(int *)out = *(const int *)in * 4;
    atomic_fetch_add(&calls, 1);
    return 0;
}

static int map_in(const char *what, const mproc_pool_options *options)
{
    int in[ITEMS], out[ITEMS], wrong = 0;
    mproc_pool *pool;
    double start = system_now();
    int code = mproc_pool_create(&pool, options);
    if (code < 0)
        return code;
    double ready = system_now();
    for (int i = 0; i < ITEMS; i++)
        in[i] = i;
    atomic_store(&calls, 0);
    code = end_pool(pool, mproc_pool_map(pool, four_times, in, sizeof *in, ITEMS, out, sizeof *out, NULL));
    for (int i = 0; i < ITEMS; i++)
        wrong += out[i] != i * 4;
    say("8 %s: started in %.6f s, %d wrong, %d calls seen by the program\n", what, ready - start, wrong,
        atomic_load(&calls));
    return code;
}

/* ---- Threads that are used like processes ---- */

struct reading {
    mproc_queue words;
    _Atomic size_t *letters; /* of the program: a pointer is good for threads */
};

static int count_letters(mproc_task *task)
{
    struct reading reading;
    char word[32];
    size_t size;
    int code = mproc_task_read(task, &reading, sizeof reading);
    while (code == 0) {
        code = mproc_queue_get(reading.words, MPROC_FOREVER, word, sizeof word, &size);
        if (code == 0)
            atomic_fetch_add(reading.letters, size);
    }
    return code == MPROC_E_END ? 0 : 1;
}

static int put_words(mproc_queue words)
{
    static const char *const text[] = { "threads", "are", "used", "like", "processes" };
    int code = 0;
    for (size_t i = 0; i < sizeof text / sizeof *text && code == 0; i++)
        code = mproc_queue_put(words, text[i], strlen(text[i]), MPROC_FOREVER);
    return code;
}

static int read_words(struct reading *reading)
{
    mproc_thread *readers[READERS];
    int started = 0, code = 0;
    while (started < READERS && code == 0) {
        mproc_thread_options options = { .function = count_letters, .args = { reading, sizeof *reading } };
        code = mproc_thread_create(&readers[started], &options);
        if (code == 0)
            code = mproc_thread_start(readers[started++]);
    }
    if (code == 0)
        code = put_words(reading->words);
    /* A thread cannot be killed: the end of the queue tells it to return. */
    mproc_queue_close(reading->words, false);
    for (int i = 0; i < started; i++) {
        mproc_thread_join(readers[i], MPROC_FOREVER);
        mproc_thread_free(readers[i]);
    }
    return code;
}

int example_threads(const struct settings *settings)
{
    _Atomic size_t letters = 0;
    struct reading reading = { .letters = &letters };
    int code = map_in("processes", &(mproc_pool_options){ .workers = 8, .start_method = settings->method });
    if (code == 0)
        code = map_in("threads", &(mproc_pool_options){ .workers = 8, .kind = MPROC_POOL_THREADS });
    if (code == 0)
        code = mproc_queue_create(&reading.words, NULL);
    if (code < 0)
        return code;
    code = read_words(&reading);
    mproc_queue_destroy(reading.words);
    say("%d threads have read %zu letters\n", READERS, atomic_load(&letters));
    return code;
}
