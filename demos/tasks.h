/* What the parts of the demo "tasks" share. */
#ifndef DEMOS_TASKS_H
#define DEMOS_TASKS_H

#include <mproc.h>

struct settings {
    double scale; /* every time of an example is multiplied by it */
    mproc_start_method method;
};

/** An example: prints what it shows; returns 0 or a negative code whose text is in mproc_last_error(). */
typedef int example_fn(const struct settings *settings);

/** The usual argument of a task here. */
struct job {
    int number;
    double seconds;
};

/** printf and a flush, so that lines of several processes come out when they are said. */
void say(const char *format, ...) MPROC_PRINTF(1, 2);

long long own_pid(void);

int open_pool(const struct settings *settings, int workers, mproc_pool **ret_pool);

/** close, join, destroy. Returns code, or what join says if code is 0. */
int end_pool(mproc_pool *pool, int code);

/** How many different values there are. Sorts them. */
size_t count_different(int64_t *values, size_t count);

/* tasks_basic.c */
example_fn example_limit, example_map, example_async, example_sync, example_mark, example_done, example_names;
example_fn example_object, example_square, example_outcomes, example_renew;
/* tasks_many.c */
example_fn example_collect, example_stop, example_pids, example_processes, example_wrong_way;
/* tasks_sharing.c */
example_fn example_array, example_chain, example_pipe, example_countdown, example_locks, example_pooled;
/* tasks_threads.c */
example_fn example_threads;

#endif
