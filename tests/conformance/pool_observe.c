/* What pools tell whoever watches them: each figure against what the test itself knows, each event once or counted as
 * lost. Reaches into core: there is no connection between the pool and the test.
 */
#include "os.h"
#include "platform.h"
#include "pool/observe.h"
#include "pool_tasks.h"

#define EVENTS_MAX 4096
#define TEXT_MAX   300

/* ---- Who watches ---- */

struct seen_task {
    uint64_t task, items;
    int64_t item, code, worker, pid, wait_ns, run_ns, begun_ns, ended_ns;
    int64_t submitted_ns;
    uint32_t function, attempt;
    int end;
    char label[TEXT_MAX], argument[TEXT_MAX], result[TEXT_MAX], error[600];
};

struct seen_death {
    struct record_death record;
    char cause[TEXT_MAX], label[TEXT_MAX], argument[TEXT_MAX], stack[2000];
};

static struct {
    struct record_pool pool;
    struct record_counts counts;
    struct record_worker workers[64];
    char name[TEXT_MAX], worker_label[TEXT_MAX], worker_argument[TEXT_MAX];
    struct record_map map;
    unsigned pools, gone, functions, function_stats, maps_ended;
    char function_name[16][TEXT_MAX], function_place[16][TEXT_MAX];
    struct record_function_stats stats;
    char bins[8192];
    struct seen_task begun[EVENTS_MAX], ended[EVENTS_MAX], waiting[EVENTS_MAX];
    unsigned begun_count, ended_count, waiting_count;
    uint64_t queued, begins, ends, ended_items, begun_items;
    uint64_t by_end[8], lost[RECORD_CLASSES], deaths;
    struct seen_death death[64];
    unsigned death_count;
} seen;

static void keep(char *text, size_t capacity, const struct record_text *from)
{
    snprintf(text, capacity, "%.*s", (int)from->size, from->data != NULL ? from->data : "");
}

static void see_begun(const struct record_task_begun *record)
{
    seen.begins++;
    seen.begun_items += record->items;
    struct seen_task *task = &seen.begun[seen.begun_count % EVENTS_MAX];
    seen.begun_count++;
    *task = (struct seen_task){ .task = record->task,
                                .item = record->item,
                                .items = record->items,
                                .function = record->function,
                                .worker = record->worker,
                                .pid = record->pid,
                                .attempt = record->attempt,
                                .begun_ns = record->begun_ns,
                                .submitted_ns = record->submitted_ns };
    keep(task->argument, sizeof task->argument, &record->argument);
}

/* The events alone are counted. */
static void see_queued(const struct record_task_queued *record)
{
    seen.queued += record->waits == 0;
    if (record->waits == 0)
        return;
    struct seen_task *task = &seen.waiting[seen.waiting_count++ % EVENTS_MAX];
    *task = (struct seen_task){ .task = record->task,
                                .item = record->item,
                                .items = record->items,
                                .function = record->function,
                                .submitted_ns = record->submitted_ns };
    keep(task->argument, sizeof task->argument, &record->argument);
}

static void see_ended(const struct record_task_ended *record)
{
    seen.ends++;
    seen.by_end[record->end]++;
    seen.ended_items += record->end == RECORD_END_RETRIED ? 0 : record->items;
    struct seen_task *task = &seen.ended[seen.ended_count % EVENTS_MAX];
    seen.ended_count++;
    *task = (struct seen_task){ .task = record->task,
                                .item = record->item,
                                .items = record->items,
                                .function = record->function,
                                .worker = record->worker,
                                .pid = record->pid,
                                .attempt = record->attempt,
                                .end = record->end,
                                .code = record->code,
                                .wait_ns = record->wait_ns,
                                .run_ns = record->run_ns,
                                .begun_ns = record->begun_ns,
                                .ended_ns = record->ended_ns };
    keep(task->label, sizeof task->label, &record->label);
    keep(task->argument, sizeof task->argument, &record->argument);
    keep(task->result, sizeof task->result, &record->result);
    keep(task->error, sizeof task->error, &record->error);
}

/* Once more when the worker was replaced. */
static bool is_known(const struct record_death *record)
{
    for (unsigned i = 0; i < seen.death_count && i < 64; i++)
        if (seen.death[i].record.worker == record->worker && seen.death[i].record.lives == record->lives)
            return true;
    return false;
}

static void see_death(const struct record_death *record)
{
    seen.deaths += !is_known(record);
    struct seen_death *death = &seen.death[seen.death_count++ % 64];
    death->record = *record;
    keep(death->cause, sizeof death->cause, &record->cause);
    keep(death->label, sizeof death->label, &record->label);
    keep(death->argument, sizeof death->argument, &record->argument);
    keep(death->stack, sizeof death->stack, &record->stack);
}

static void see_pool(const struct record_pool *record)
{
    seen.pools++;
    seen.gone += record->phase == RECORD_PHASE_GONE;
    seen.pool = *record;
    keep(seen.name, sizeof seen.name, &record->name);
}

static void see_worker(const struct record_worker *record)
{
    if (record->worker < 64)
        seen.workers[record->worker] = *record;
    if (record->state != MPROC_WORKER_BUSY)
        return;
    keep(seen.worker_label, sizeof seen.worker_label, &record->label);
    keep(seen.worker_argument, sizeof seen.worker_argument, &record->argument);
}

static void see_function(const struct record_function *record)
{
    seen.functions++;
    if (record->function >= 16)
        return;
    keep(seen.function_name[record->function], TEXT_MAX, &record->name);
    keep(seen.function_place[record->function], TEXT_MAX, &record->place);
}

static void see(void *user, enum record_type type, const void *record)
{
    (void)user;
    if (type == RECORD_POOL)
        see_pool(record);
    else if (type == RECORD_COUNTS)
        seen.counts = *(const struct record_counts *)record;
    else if (type == RECORD_WORKER)
        see_worker(record);
    else if (type == RECORD_FUNCTION)
        see_function(record);
    else if (type == RECORD_FUNCTION_STATS)
        seen.stats = *(const struct record_function_stats *)record, seen.function_stats++;
    else if (type == RECORD_FUNCTION_BINS)
        keep(seen.bins, sizeof seen.bins, &((const struct record_function_bins *)record)->run);
    else if (type == RECORD_MAP)
        seen.map = *(const struct record_map *)record, seen.maps_ended += seen.map.ended;
    else if (type == RECORD_TASK_QUEUED)
        see_queued(record);
    else if (type == RECORD_TASK_BEGUN)
        see_begun(record);
    else if (type == RECORD_TASK_ENDED)
        see_ended(record);
    else if (type == RECORD_DEATH)
        see_death(record);
    else if (type == RECORD_LOST)
        seen.lost[((const struct record_lost *)record)->kind] += ((const struct record_lost *)record)->count;
    else
        test_fail(__FILE__, __LINE__, "a record of type %d", type);
}

/* Of a deed that submits nothing. */
static int control_pool(const struct record_control *control)
{
    struct job_search search = { .is_begun = false };
    uint64_t task;
    int code;
    do
        code = mproc__observe_control(control, &search, &task);
    while (code == JOB_SEARCHES);
    CHECK_EQ(task, 0);
    return code;
}

static void look(void)
{
    mproc__observe(OBSERVE_FUNCTIONS, see, NULL);
}

/* From here on all is seen. */
static void watch(void)
{
    memset(&seen, 0, sizeof seen);
    mproc__observe_want(RECORD_WANTS_LIFE | RECORD_WANTS_DETAIL);
    look();
}

static void cease(void)
{
    mproc__observe_want(0);
}

static const struct seen_task *find(const struct seen_task *tasks, unsigned count, uint64_t task)
{
    for (unsigned i = 0; i < count && i < EVENTS_MAX; i++)
        if (tasks[i].task == task)
            return &tasks[i];
    test_fail(__FILE__, __LINE__, "task %d was not told of, of %u", (int)task, count);
}

static const struct seen_task *find_ended(uint64_t task)
{
    return find(seen.ended, seen.ended_count, task);
}

static const struct seen_task *find_begun(uint64_t task)
{
    return find(seen.begun, seen.begun_count, task);
}

static mproc_pool *make_watched(const mproc_pool_options *options)
{
    mproc_pool *pool;
    CHECK_OK(mproc_pool_create(&pool, options));
    watch();
    return pool;
}

/* ---- Tasks ---- */

static int echo(mproc_task *task)
{
    mproc_view argument = mproc_task_get_argument(task);
    return mproc_task_return(task, argument.data, argument.size);
}

static int nothing(mproc_task *task)
{
    (void)task;
    return 0;
}

static int refuse(mproc_task *task)
{
    return mproc_task_fail(task, -5, "not this one");
}

static int labelled(mproc_task *task)
{
    CHECK_OK(mproc_task_set_label(task, "first"));
    return mproc_task_set_label(task, "page 17");
}

static int labelled_stay(mproc_task *task)
{
    CHECK_OK(mproc_task_set_label(task, "the stay"));
    return wait_for_board(task);
}

static int labelled_death(mproc_task *task)
{
    CHECK_OK(mproc_task_set_label(task, "the last"));
    return die(task);
}

/* No function: the call site has the task's name. */
#define apply(pool, function, argument, code)                                                                          \
    CHECK_CODE(mproc_pool_apply(pool, function, argument, NULL, NULL, 0, NULL), code)

/* ---- State ---- */

static void nobody(void)
{
}

static void a_pool_is_as_it_was_made(void)
{
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 2, .name = "seen", .max_queued = 100 });
    CHECK_EQ(seen.pools, 1);
    CHECK_STR(seen.name, "seen");
    CHECK(seen.pool.pool > 0);
    CHECK_EQ(seen.pool.kind, test_threads() ? MPROC_POOL_THREADS : MPROC_POOL_PROCESSES);
    CHECK_EQ(seen.pool.max_workers, 2);
    CHECK_EQ(seen.pool.min_workers, 2);
    CHECK_EQ(seen.pool.target, 2);
    CHECK_EQ(seen.pool.max_queued, 100);
    CHECK_EQ(seen.pool.phase, RECORD_PHASE_OPEN);
    CHECK_EQ(seen.pool.control, 0);
    CHECK_OK(mproc_pool_pause(pool));
    look();
    CHECK_EQ(seen.pool.paused, 1);
    mproc_result *stay = submit_stay(pool);
    CHECK_OK(mproc_pool_resume(pool));
    CHECK_OK(mproc_pool_close(pool));
    look();
    CHECK_EQ(seen.pool.phase, RECORD_PHASE_CLOSED);
    test_let_go();
    CHECK_OK(mproc_pool_join(pool, test_limit_ms(30000)));
    look();
    CHECK_EQ(seen.pool.phase, RECORD_PHASE_OVER);
    CHECK_OK(mproc_result_free(stay));
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

static void counts_are_those_of_the_statistics(void)
{
    mproc_pool_stats stats;
    mproc_worker_stats worker;
    /* Here is who looks; nobody else is to. */
    mproc__observe_pool_hook = nobody;
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 1, .monitor = 1 });
    for (int i = 0; i < 10; i++)
        apply(pool, square, MPROC_ARG(i), 0);
    apply(pool, refuse, MPROC_NO_ARGS, -5);
    look();
    CHECK_OK(mproc_pool_get_stats(pool, &stats));
    CHECK_EQ(mproc_pool_get_worker_stats(pool, &worker, 1, NULL), 1);
    CHECK_EQ(seen.counts.submitted, stats.submitted);
    CHECK_EQ(seen.counts.succeeded, 10);
    CHECK_EQ(seen.counts.failed, 1);
    CHECK_EQ(seen.counts.busy_ns, stats.busy_ns);
    CHECK_EQ(seen.counts.workers, 1);
    CHECK_EQ(seen.counts.idle, 1);
    CHECK_EQ(seen.workers[0].pid, worker.pid);
    CHECK_EQ(seen.workers[0].tasks, 11);
    CHECK_EQ(seen.workers[0].failed, 1);
    CHECK_EQ(seen.workers[0].state, MPROC_WORKER_IDLE);
    CHECK_EQ(seen.function_stats, 2);
    CHECK_OK(mproc_pool_free(pool));
    cease();
}

static void a_running_task_is_shown_with_its_worker(void)
{
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 1 });
    mproc_result *stay;
    CHECK_OK(mproc_pool_apply_async(pool, labelled_stay, MPROC_ARG_STRING("what it is given"), NULL, &stay));
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 1);
    look();
    CHECK_EQ(seen.workers[0].state, MPROC_WORKER_BUSY);
    CHECK_EQ(seen.workers[0].task, 1);
    CHECK_EQ(seen.workers[0].items, 1);
    CHECK_EQ(seen.workers[0].item, -1);
    CHECK(seen.workers[0].since_ns > 0);
    CHECK_STR(seen.worker_label, "the stay");
    CHECK_STR(seen.worker_argument, "\"what it is given\"");
    CHECK_STR(seen.function_name[seen.workers[0].function], "labelled_stay");
    CHECK_CONTAINS(seen.function_place[seen.workers[0].function], "pool_observe.c:");
    CHECK_EQ(seen.counts.running, 1);
    CHECK_EQ(seen.begins, 1);
    CHECK_EQ(seen.ends, 0);
    test_let_go();
    CHECK_OK(mproc_result_wait(stay, test_limit_ms(30000)));
    look();
    CHECK_STR(find_ended(1)->argument, "\"what it is given\"");
    CHECK_STR(find_ended(1)->label, "the stay");
    CHECK_OK(mproc_result_free(stay));
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

static void processes_are_measured_when_asked_for(void)
{
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 2 });
    CHECK_EQ(seen.workers[0].memory, 0);
    mproc__observe(OBSERVE_PROCESSES, see, NULL);
    CHECK(seen.workers[0].memory > 4096);
    CHECK(seen.workers[1].memory > 4096);
    CHECK(seen.workers[0].cpu_ns > 0);
    CHECK(seen.workers[0].peak > 4096);
    CHECK_EQ(seen.workers[0].stopped, 0);
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

/* Has 32 MiB for a moment. */
static int swell(mproc_task *task)
{
    size_t size = (size_t)32 << 20;
    volatile char *bytes = malloc(size);
    if (bytes == NULL)
        return mproc_task_fail(task, -1, "no memory");
    for (size_t i = 0; i < size; i += 1024)
        bytes[i] = 1;
    free((void *)bytes);
    return 0;
}

static void the_most_memory_of_a_worker_is_told(void)
{
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 1 });
    apply(pool, swell, MPROC_NO_ARGS, 0);
    mproc__observe(OBSERVE_PROCESSES, see, NULL);
    CHECK_LE(32 << 20, seen.workers[0].peak);
    CHECK_LE(seen.workers[0].memory, seen.workers[0].peak);
    apply(pool, labelled_death, MPROC_NO_ARGS, MPROC_E_WORKER_DIED);
    look();
    CHECK_LE(32 << 20, seen.death[0].record.peak);
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

static void write_bins(mproc_pool *pool, char *text, size_t capacity)
{
    static mproc_histogram_cell cells[488];
    int count = mproc_pool_get_histogram(pool, 0, MPROC_TIME_RUN, cells, 488);
    size_t used = 0;
    CHECK_LE(1, count);
    for (int i = 0; i < count; i++)
        used += (size_t)snprintf(text + used, capacity - used, "%s%lld:%llu", i > 0 ? " " : "",
                                 (long long)cells[i].from_ns, (unsigned long long)cells[i].count);
}

static void run_times_are_told_in_the_bins_of_the_histogram(void)
{
    char expected[8192];
    mproc__observe_pool_hook = nobody;
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 1, .monitor = 1 });
    for (int i = 0; i < 100; i++)
        apply(pool, square, MPROC_ARG(i), 0);
    look();
    write_bins(pool, expected, sizeof expected);
    CHECK_STR(seen.bins, expected);
    /* What has not changed is told to who asks for all. */
    seen.bins[0] = 0;
    look();
    CHECK_STR(seen.bins, "");
    mproc__observe(OBSERVE_ALL | OBSERVE_FUNCTIONS, see, NULL);
    CHECK_STR(seen.bins, expected);
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- Events ---- */

static void nothing_is_noted_while_nobody_watches(void)
{
    mproc_pool *pool = make_pool(1);
    memset(&seen, 0, sizeof seen);
    apply(pool, square, MPROC_ARG((int){ 2 }), 0);
    look();
    CHECK_EQ(seen.pools, 1);
    CHECK_EQ(seen.counts.succeeded, 1);
    CHECK_EQ(seen.queued + seen.begins + seen.ends, 0);
    CHECK_OK(mproc_pool_free(pool));
    look();
    CHECK_EQ(seen.pools, 1);
}

static void a_task_is_queued_begun_and_ended_once(void)
{
    enum { COUNT = 200 };
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 2 });
    for (int i = 0; i < COUNT; i++) {
        apply(pool, square, MPROC_ARG(i), 0);
        if (i % 20 == 0)
            look();
    }
    look();
    CHECK_EQ(seen.queued, COUNT);
    CHECK_EQ(seen.begins, COUNT);
    CHECK_EQ(seen.ends, COUNT);
    CHECK_EQ(seen.by_end[RECORD_END_DONE], COUNT);
    for (int i = 0; i < COUNT; i++) {
        char argument[20], result[20];
        const unsigned char *a = (const unsigned char *)&(int){ i }, *r = (const unsigned char *)&(int){ i * i };
        snprintf(argument, sizeof argument, "%02x %02x %02x %02x", a[0], a[1], a[2], a[3]);
        snprintf(result, sizeof result, "%02x %02x %02x %02x", r[0], r[1], r[2], r[3]);
        const struct seen_task *begun = find_begun((uint64_t)i + 1), *ended = find_ended((uint64_t)i + 1);
        CHECK_STR(begun->argument, argument);
        CHECK_STR(ended->argument, argument);
        CHECK_STR(ended->result, result);
        CHECK_EQ(ended->worker, begun->worker);
        CHECK_EQ(ended->attempt, 1);
        CHECK(ended->begun_ns > 0 && ended->ended_ns >= ended->begun_ns + ended->run_ns);
        CHECK_STR(seen.function_name[ended->function], "square");
    }
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

static void what_fails_says_why(void)
{
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 1 });
    apply(pool, refuse, MPROC_NO_ARGS, -5);
    look();
    CHECK_EQ(find_ended(1)->end, RECORD_END_FAILED);
    CHECK_EQ(find_ended(1)->code, -5);
    CHECK_STR(find_ended(1)->error, "not this one");
    CHECK_STR(find_ended(1)->result, "");
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

static void what_is_cancelled_never_had_a_worker(void)
{
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 1 });
    mproc_result *stay = submit_stay(pool), *queued;
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 1);
    CHECK_OK(mproc_pool_apply_async(pool, square, MPROC_ARG((int){ 3 }), NULL, &queued));
    CHECK_OK(mproc_result_cancel(queued));
    look();
    CHECK_EQ(find_ended(2)->end, RECORD_END_CANCELLED);
    CHECK_EQ(find_ended(2)->worker, -1);
    test_let_go();
    CHECK_OK(mproc_result_free(queued));
    CHECK_OK(mproc_result_free(stay));
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

static void what_is_abandoned_is_told_by_the_freed(void)
{
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 1, .name = "short" });
    mproc_result *stay = submit_stay(pool);
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 1);
    for (int i = 0; i < 5; i++)
        CHECK_OK(mproc_pool_apply_async(pool, nothing, MPROC_NO_ARGS, NULL, NULL));
    CHECK_OK(mproc_pool_free(pool));
    memset(seen.name, 0, sizeof seen.name);
    look();
    CHECK_EQ(seen.gone, 1);
    CHECK_EQ(seen.pool.phase, RECORD_PHASE_GONE);
    CHECK_STR(seen.name, "short");
    CHECK_EQ(seen.by_end[RECORD_END_ABANDONED], 6);
    CHECK_EQ(seen.counts.failed, 6);
    look();
    CHECK_EQ(seen.gone, 1);
    CHECK_OK(mproc_result_free(stay));
    cease();
}

static void what_too_many_freed_pools_leave_is_counted(void)
{
    enum { POOLS = 66 };
    memset(&seen, 0, sizeof seen);
    mproc__observe_want(RECORD_WANTS_LIFE | RECORD_WANTS_DETAIL);
    for (int i = 0; i < POOLS; i++) {
        mproc_pool *pool = make_pool(1);
        apply(pool, nothing, MPROC_NO_ARGS, 0);
        CHECK_OK(mproc_pool_free(pool));
    }
    look();
    CHECK_EQ(seen.gone, POOLS);
    CHECK_EQ(seen.ends, POOLS - 2);
    CHECK_EQ(seen.lost[RECORD_CLASS_LIFE], 2);
    CHECK_EQ(seen.queued + seen.begins + seen.lost[RECORD_CLASS_DETAIL], 2 * POOLS);
    cease();
}

static void check_waiting(const char *argument, uint64_t task)
{
    CHECK(seen.waiting_count > 0);
    const struct seen_task *waiting = find(seen.waiting, seen.waiting_count, task);
    CHECK_STR(waiting->argument, argument);
    CHECK_EQ(waiting->items, 1);
    CHECK(waiting->submitted_ns > 0 && waiting->submitted_ns <= platform_now_ns());
}

/* Also if nobody looked when it was queued, and once. */
static void what_waits_is_told_with_its_argument(void)
{
    mproc_pool *pool;
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 1 }));
    mproc_result *stay = submit_stay(pool);
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 1);
    for (int i = 0; i < 3; i++)
        CHECK_OK(mproc_pool_apply_async(pool, echo, MPROC_ARG_STRING("a page"), NULL, NULL));
    watch();
    look();
    CHECK_EQ(seen.queued, 0);
    unsigned told = seen.waiting_count;
    check_waiting("\"a page\"", 4);
    look();
    CHECK_EQ(seen.waiting_count, told);
    CHECK_OK(mproc_pool_apply_async(pool, echo, MPROC_ARG_STRING("another"), NULL, NULL));
    look();
    CHECK_EQ(seen.queued, 1);
    look();
    CHECK_EQ(seen.queued, 1);
    CHECK_EQ(seen.waiting_count, told + 1);
    check_waiting("\"another\"", 5);
    mproc__observe(OBSERVE_ALL, see, NULL);
    CHECK_EQ(seen.waiting_count, 2 * (told + 1));
    test_let_go();
    CHECK_OK(mproc_result_free(stay));
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

static void of_what_waits_the_first_are_told_and_no_more(void)
{
    enum { COUNT = 2000 };
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 1, .monitor_no_previews = 1 });
    mproc_result *stay = submit_stay(pool);
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 1);
    for (int i = 0; i < COUNT; i++)
        CHECK_OK(mproc_pool_apply_async(pool, echo, MPROC_ARG_STRING("secret"), NULL, NULL));
    for (int i = 0; i < 5; i++)
        look();
    CHECK_EQ(seen.waiting_count, 256);
    check_waiting("", seen.waiting[0].task);
    CHECK_EQ(seen.waiting[255].task, seen.waiting[0].task + 255);
    test_let_go();
    CHECK_OK(mproc_result_free(stay));
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

static void what_runs_is_told_with_when_it_was_queued(void)
{
    int64_t before_ns = platform_now_ns();
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 1 });
    mproc_result *stay = submit_stay(pool);
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 1);
    look();
    const struct seen_task *begun = find_begun(1);
    CHECK(begun->submitted_ns >= before_ns && begun->submitted_ns <= begun->begun_ns);
    /* Two looks read two clocks a little apart. */
    CHECK_LE(llabs(seen.workers[0].submitted_ns - begun->submitted_ns), 2000000);
    test_let_go();
    CHECK_OK(mproc_result_free(stay));
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

static void a_worker_is_told_what_it_did_itself(void)
{
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 1 });
    for (int i = 0; i < 3; i++)
        apply(pool, nothing, MPROC_NO_ARGS, 0);
    apply(pool, labelled_death, MPROC_NO_ARGS, MPROC_E_WORKER_DIED);
    apply(pool, nothing, MPROC_NO_ARGS, 0);
    look();
    CHECK_EQ(seen.workers[0].lives, 2);
    CHECK_EQ(seen.workers[0].tasks - seen.workers[0].tasks_before, 1);
    CHECK_EQ(seen.workers[0].tasks_before, seen.death[0].record.tasks);
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

static void what_has_no_room_is_counted(void)
{
    enum { COUNT = 20000 };
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 2 });
    for (int i = 0; i < COUNT; i++)
        CHECK_OK(mproc_pool_apply_async(pool, nothing, MPROC_NO_ARGS, NULL, NULL));
    CHECK_OK(mproc_pool_close(pool));
    CHECK_OK(mproc_pool_join(pool, test_limit_ms(60000)));
    look();
    CHECK(seen.lost[RECORD_CLASS_LIFE] > 0);
    CHECK_EQ(seen.ends + seen.lost[RECORD_CLASS_LIFE], COUNT);
    CHECK_EQ(seen.queued + seen.begins + seen.lost[RECORD_CLASS_DETAIL], 2 * COUNT);
    CHECK_EQ(seen.counts.succeeded, COUNT);
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

static void what_was_lost_is_told_once(void)
{
    enum { COUNT = 20000 };
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 1 });
    for (int i = 0; i < COUNT; i++)
        CHECK_OK(mproc_pool_apply_async(pool, nothing, MPROC_NO_ARGS, NULL, NULL));
    apply(pool, nothing, MPROC_NO_ARGS, 0);
    look();
    CHECK(seen.lost[RECORD_CLASS_DETAIL] > 0);
    cease();
    watch();
    look();
    CHECK_EQ(seen.lost[RECORD_CLASS_LIFE], 0);
    CHECK_EQ(seen.lost[RECORD_CLASS_DETAIL], 0);
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

static void looks_while_tasks_run_miss_nothing(void)
{
    enum { COUNT = 20000 };
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 2 });
    for (int i = 0; i < COUNT; i++) {
        CHECK_OK(mproc_pool_apply_async(pool, nothing, MPROC_NO_ARGS, NULL, NULL));
        if (i % 500 == 0)
            look();
    }
    while (seen.counts.succeeded < COUNT)
        look();
    CHECK_EQ(seen.ends + seen.lost[RECORD_CLASS_LIFE], COUNT);
    CHECK_EQ(seen.queued + seen.begins + seen.lost[RECORD_CLASS_DETAIL], 2 * COUNT);
    /* What there is room for at first; how much more there is is a matter of time. */
    CHECK(seen.ends >= 500);
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

static void who_comes_and_goes_disturbs_nothing(void)
{
    enum { COUNT = 30000 };
    mproc_pool *pool = make_pool(2);
    for (int i = 0; i < COUNT; i++) {
        CHECK_OK(mproc_pool_apply_async(pool, nothing, MPROC_NO_ARGS, NULL, NULL));
        if (i % 300 == 0)
            watch();
        else if (i % 300 == 100)
            look();
        else if (i % 300 == 200)
            cease();
    }
    watch();
    CHECK_OK(mproc_pool_close(pool));
    CHECK_OK(mproc_pool_join(pool, test_limit_ms(60000)));
    look();
    CHECK_EQ(seen.counts.succeeded, COUNT);
    CHECK_EQ(seen.counts.deaths, 0);
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- Previews ---- */

static void check_preview(mproc_pool *pool, mproc_view bytes, const char *text)
{
    unsigned before = seen.ended_count;
    apply(pool, echo, bytes, 0);
    look();
    CHECK_EQ(seen.ended_count, before + 1);
    CHECK_STR(seen.ended[before].argument, text);
    CHECK_STR(seen.ended[before].result, text);
}

static void texts_are_shown_in_quotes_and_bytes_as_numbers(void)
{
    static unsigned char many[20000];
    char long_text[400];
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 1 });
    check_preview(pool, MPROC_ARG_STRING("gr\xc3\xbc\xc3\x9f \"dich\"\n"), "\"gr\xc3\xbc\xc3\x9f \\\"dich\\\"\\n\"");
    check_preview(pool, MPROC_ARG_BYTES("plain", 5), "\"plain\"");
    check_preview(pool, MPROC_ARG_BYTES("cut \xc3", 5), "63 75 74 20 c3");
    check_preview(pool, MPROC_ARG_BYTES("\x1b[2J", 4), "1b 5b 32 4a");
    check_preview(pool, MPROC_ARG_BYTES("\0", 1), "00");
    check_preview(pool, MPROC_NO_ARGS, "");
    memset(many, 'x', sizeof many);
    apply(pool, echo, MPROC_ARG_BYTES(many, sizeof many), 0);
    look();
    snprintf(long_text, sizeof long_text, "%s", seen.ended[seen.ended_count - 1].argument);
    CHECK_CONTAINS(long_text, "xxx\"... (20000 bytes)");
    CHECK_LE(strlen(long_text), 256);
    memset(many, 7, sizeof many);
    apply(pool, echo, MPROC_ARG_BYTES(many, sizeof many), 0);
    look();
    CHECK_CONTAINS(seen.ended[seen.ended_count - 1].result, "07 07... (20000 bytes)");
    CHECK_LE(strlen(seen.ended[seen.ended_count - 1].result), 256);
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

static void secrets_are_shown_to_nobody(void)
{
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 1, .monitor_no_previews = 1 });
    apply(pool, echo, MPROC_ARG_STRING("the password"), 0);
    look();
    CHECK_EQ(seen.begins, 1);
    CHECK_STR(seen.begun[0].argument, "");
    CHECK_STR(find_ended(1)->argument, "");
    CHECK_STR(find_ended(1)->result, "");
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

static int say(const mproc_described *what, char *text, size_t capacity)
{
    int value;
    if (what->function != (void (*)(void))square || what->bytes.size != sizeof value)
        return -1;
    memcpy(&value, what->bytes.data, sizeof value);
    snprintf(text, capacity, "%s %d of %d", what->is_result ? "result" : "number", value,
             (int)mproc_task_get_id(what->task));
    return 0;
}

static void a_program_describes_in_its_own_words(void)
{
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 1, .describe = say });
    apply(pool, square, MPROC_ARG((int){ 12 }), 0);
    apply(pool, echo, MPROC_ARG_STRING("other"), 0);
    look();
    CHECK_STR(find_ended(1)->argument, "number 12 of 1");
    CHECK_STR(find_ended(1)->result, "result 144 of 1");
    CHECK_STR(find_ended(2)->argument, "\"other\"");
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

static int fault(const mproc_described *what, char *text, size_t capacity)
{
    (void)text;
    (void)capacity;
    if (what->is_result)
        os_kill(os_self_pid());
    return -1;
}

static void a_fault_in_describing_is_the_workers(void)
{
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 1, .describe = fault });
    apply(pool, nothing, MPROC_NO_ARGS, 0);
    apply(pool, echo, MPROC_ARG_STRING("x"), MPROC_E_WORKER_DIED);
    look();
    CHECK_EQ(find_ended(2)->end, RECORD_END_DIED);
    cease();
    apply(pool, echo, MPROC_ARG_STRING("x"), 0);
    CHECK_OK(mproc_pool_free(pool));
}

static void a_label_is_of_its_task_alone(void)
{
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 1 });
    apply(pool, labelled, MPROC_NO_ARGS, 0);
    apply(pool, nothing, MPROC_NO_ARGS, 0);
    look();
    CHECK_STR(find_ended(1)->label, "page 17");
    CHECK_STR(find_ended(2)->label, "");
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- Maps ---- */

static int odd_fails(const void *in, void *out, mproc_task *task)
{
    *(int *)out = 0;
    return *(const int *)in % 2 != 0 ? mproc_task_fail(task, -3, "odd") : 0;
}

static int item_dies(const void *in, void *out, mproc_task *task)
{
    *(int *)out = 0;
    return *(const int *)in == 37 ? die(task) : 0;
}

enum { ITEMS = 1000 };
static int in[ITEMS], out[ITEMS];

static void map(mproc_pool *pool, mproc_item_fn *kernel, int chunk_size, int code)
{
    mproc_task_options options = { .chunk_size = chunk_size };
    for (int i = 0; i < ITEMS; i++)
        in[i] = i;
    CHECK_CODE(mproc_pool_map(pool, kernel, in, sizeof *in, ITEMS, out, sizeof *out, &options), code);
    look();
}

static void items_of_a_map_end_once(void)
{
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 2 });
    map(pool, double_item, 10, 0);
    CHECK_EQ(seen.queued, 1);
    CHECK_EQ(seen.begun_items, ITEMS);
    CHECK_EQ(seen.begins, ITEMS / 10);
    CHECK_EQ(seen.ended_items, ITEMS);
    CHECK_EQ(seen.by_end[RECORD_END_DONE], ITEMS / 10);
    CHECK_EQ(seen.maps_ended, 1);
    CHECK_EQ(seen.map.items, ITEMS);
    CHECK_EQ(seen.map.done, ITEMS);
    CHECK_EQ(seen.map.failed, 0);
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

static void items_that_fail_are_told_with_their_chunk(void)
{
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 2 });
    map(pool, odd_fails, 10, -3);
    CHECK_EQ(seen.ended_items, ITEMS);
    CHECK_EQ(seen.by_end[RECORD_END_FAILED], ITEMS / 10);
    CHECK_CONTAINS(seen.ended[0].error, "5 of 10 items failed: odd");
    CHECK_EQ(seen.map.failed, ITEMS / 2);
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

static int odd_fails_until_death(const void *item, void *result, mproc_task *task)
{
    return *(const int *)item == 37 ? die(task) : odd_fails(item, result, task);
}

static void items_that_failed_before_a_death_are_told_so(void)
{
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 1 });
    map(pool, odd_fails_until_death, 10, -3);
    CHECK_EQ(seen.ended_items, ITEMS);
    CHECK_EQ(seen.by_end[RECORD_END_DIED], 1);
    CHECK_EQ(seen.by_end[RECORD_END_FAILED], ITEMS / 10 + 1);
    CHECK_EQ(seen.by_end[RECORD_END_DONE], 0);
    CHECK_EQ(seen.map.failed, ITEMS / 2);
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

static void the_end_of_a_map_always_finds_room(void)
{
    enum { COUNT = 20000 };
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 2 });
    for (int i = 0; i < COUNT; i++)
        CHECK_OK(mproc_pool_apply_async(pool, nothing, MPROC_NO_ARGS, NULL, NULL));
    map(pool, double_item, 10, 0);
    CHECK(seen.lost[RECORD_CLASS_LIFE] > 0);
    CHECK_EQ(seen.maps_ended, 1);
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

static void an_item_that_kills_its_worker_is_told_alone(void)
{
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 1 });
    map(pool, item_dies, 10, MPROC_E_WORKER_DIED);
    CHECK_EQ(seen.ended_items, ITEMS);
    CHECK_EQ(seen.by_end[RECORD_END_DIED], 1);
    CHECK_EQ(seen.deaths, 1);
    CHECK_EQ(seen.death[0].record.item, 37);
    CHECK_STR(seen.death[0].argument, "25 00 00 00");
    CHECK_EQ(seen.map.failed, 1);
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

static int stay_item(const void *item, void *result, mproc_task *task)
{
    *(int *)result = 0;
    return *(const int *)item == 500 ? wait_for_board(task) : 0;
}

static void a_map_shows_how_far_it_is(void)
{
    mproc_result *result;
    mproc_task_options options = { .chunk_size = 100 };
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 1 });
    for (int i = 0; i < ITEMS; i++)
        in[i] = i;
    CHECK_OK(mproc_pool_map_async(pool, stay_item, in, sizeof *in, ITEMS, out, sizeof *out, &options, &result));
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 1);
    look();
    CHECK_EQ(seen.map.items, ITEMS);
    CHECK_EQ(seen.map.done, 500);
    CHECK_EQ(seen.map.ended, 0);
    test_let_go();
    CHECK_OK(mproc_result_wait(result, test_limit_ms(30000)));
    look();
    CHECK_EQ(seen.map.done, ITEMS);
    CHECK_EQ(seen.maps_ended, 1);
    CHECK_OK(mproc_result_free(result));
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

static void a_map_is_told_of_however_many_tasks_wait_before_it(void)
{
    enum { BEFORE = 400 };
    mproc_result *map_result;
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 1 });
    mproc_result *stay = submit_stay(pool);
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 1);
    for (int i = 0; i < BEFORE; i++)
        CHECK_OK(mproc_pool_apply_async(pool, nothing, MPROC_NO_ARGS, NULL, NULL));
    CHECK_OK(mproc_pool_map_async(pool, double_item, in, sizeof *in, ITEMS, out, sizeof *out, NULL, &map_result));
    mproc__observe(OBSERVE_ALL, see, NULL);
    CHECK_EQ(seen.map.items, ITEMS);
    CHECK_EQ(seen.map.done, 0);
    CHECK_EQ(seen.maps_ended, 0);
    test_let_go();
    CHECK_OK(mproc_result_wait(map_result, test_limit_ms(30000)));
    look();
    CHECK_EQ(seen.maps_ended, 1);
    memset(&seen.map, 0, sizeof seen.map);
    mproc__observe(OBSERVE_ALL, see, NULL);
    CHECK_EQ(seen.map.items, 0);
    CHECK_OK(mproc_result_free(map_result));
    CHECK_OK(mproc_result_free(stay));
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

static void maps_that_end_between_others_leave_these_told_of(void)
{
    enum { MAPS = 3 };
    mproc_result *results[MAPS];
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 1 });
    mproc_result *stay = submit_stay(pool);
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 1);
    for (int i = 0; i < MAPS; i++)
        CHECK_OK(mproc_pool_map_async(pool, double_item, in, sizeof *in, (size_t)i + 1, out, sizeof *out, NULL,
                                      &results[i]));
    CHECK_OK(mproc_result_cancel(results[1]));
    look();
    CHECK_EQ(seen.maps_ended, 1);
    memset(&seen.map, 0, sizeof seen.map);
    look();
    CHECK_EQ(seen.map.items, MAPS);
    CHECK_OK(mproc_result_cancel(results[2]));
    look();
    memset(&seen.map, 0, sizeof seen.map);
    look();
    CHECK_EQ(seen.map.items, 1);
    CHECK_OK(mproc_result_cancel(results[0]));
    look();
    memset(&seen.map, 0, sizeof seen.map);
    look();
    CHECK_EQ(seen.map.items, 0);
    test_let_go();
    for (int i = 0; i < MAPS; i++)
        CHECK_OK(mproc_result_free(results[i]));
    CHECK_OK(mproc_result_free(stay));
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

static void calls_of_a_starmap_have_a_map(void)
{
    enum { COUNT = 30 };
    int numbers[COUNT] = { 0 };
    mproc_view args[COUNT];
    mproc_result *result;
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 2 });
    for (int i = 0; i < COUNT; i++)
        args[i] = MPROC_ARG(numbers[i]);
    CHECK_OK(mproc_pool_starmap(pool, square, args, COUNT, NULL, &result));
    look();
    CHECK_EQ(seen.queued, COUNT);
    CHECK_EQ(seen.ends, COUNT);
    CHECK_EQ(seen.maps_ended, 1);
    CHECK_EQ(seen.map.done, COUNT);
    CHECK_OK(mproc_result_free(result));
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- Deaths ---- */

static void a_death_is_certified(void)
{
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 1 });
    apply(pool, labelled_death, MPROC_ARG_STRING("its argument"), MPROC_E_WORKER_DIED);
    CHECK_CONTAINS(mproc_last_error(), ", at \"the last\"");
    look();
    const struct seen_death *death = &seen.death[0];
    CHECK_EQ(seen.deaths, 1);
    CHECK_EQ(death->record.task, 1);
    CHECK_EQ(death->record.item, -1);
    CHECK_EQ(death->record.attempt, 1);
    CHECK_EQ(death->record.lives, 1);
    CHECK_EQ(death->record.expected, 0);
    CHECK_EQ(death->record.decision, RECORD_DECISION_FAILED);
    CHECK(death->record.decided_ns >= 0);
    CHECK_EQ(death->record.successor, death->record.replaced_ns == 0 ? 0 : seen.workers[0].pid);
    CHECK_STR(death->argument, "\"its argument\"");
    CHECK_STR(death->label, "the last");
    CHECK_CONTAINS(death->cause, "worker 0");
    CHECK_STR(seen.function_name[death->record.function], "labelled_death");
    apply(pool, nothing, MPROC_NO_ARGS, 0);
    look();
    CHECK(seen.death[seen.death_count - 1].record.replaced_ns >= death->record.time_ns);
    CHECK_EQ(seen.death[seen.death_count - 1].record.successor, seen.workers[0].pid);
    CHECK_EQ(find_ended(1)->end, RECORD_END_DIED);
    CHECK_STR(find_ended(1)->argument, "\"its argument\"");
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

static void a_death_tells_how_long_it_lived_and_what_it_had_done(void)
{
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 1 });
    for (int i = 0; i < 3; i++)
        apply(pool, nothing, MPROC_NO_ARGS, 0);
    apply(pool, labelled_death, MPROC_ARG_STRING("first"), MPROC_E_WORKER_DIED);
    look();
    CHECK_EQ(seen.deaths, 1);
    CHECK_EQ(seen.death[0].record.tasks, 3);
    CHECK_LE(1, seen.death[0].record.lived_ns);
    apply(pool, nothing, MPROC_NO_ARGS, 0);
    apply(pool, labelled_death, MPROC_ARG_STRING("second"), MPROC_E_WORKER_DIED);
    look();
    const struct record_death *last = &seen.death[seen.death_count - 1].record;
    CHECK_EQ(last->lives, 2);
    CHECK_EQ(last->tasks, 1);
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

/* Dies in its first attempts; board word 2 counts them. */
static int die_at_first(mproc_task *task)
{
    return atomic_fetch_add(&test_board()[2], 1) < 2 ? die(task) : 0;
}

static void each_attempt_ends_and_the_last_counts(void)
{
    mproc_task_options options = { .retries = 2 };
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 1 });
    CHECK_OK(mproc_pool_apply(pool, die_at_first, MPROC_NO_ARGS, &options, NULL, 0, NULL));
    look();
    CHECK_EQ(seen.by_end[RECORD_END_RETRIED], 2);
    CHECK_EQ(seen.by_end[RECORD_END_DONE], 1);
    CHECK_EQ(seen.begins, 3);
    CHECK_EQ(seen.ended_items, 1);
    CHECK_EQ(seen.deaths, 2);
    CHECK_EQ(seen.death[0].record.decision, RECORD_DECISION_RETRIED);
    CHECK_EQ(seen.counts.retried, 2);
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

static void deaths_are_kept_for_who_comes_later(void)
{
    mproc_pool *pool = make_pool(1);
    for (int i = 0; i < 3; i++)
        apply(pool, labelled_death, MPROC_ARG(i), MPROC_E_WORKER_DIED);
    memset(&seen, 0, sizeof seen);
    mproc__observe(OBSERVE_ALL, see, NULL);
    CHECK_LE(3, seen.death_count);
    CHECK_STR(seen.death[0].argument, "00 00 00 00");
    CHECK_STR(seen.death[2].argument, "02 00 00 00");
    CHECK_STR(seen.death[2].label, "the last");
    CHECK_STR(seen.function_name[1], "labelled_death");
    unsigned count = seen.death_count;
    mproc__observe(OBSERVE_ALL, see, NULL);
    CHECK_EQ(seen.death_count, 2 * count);
    CHECK_OK(mproc_pool_free(pool));
}

static int read_nothing(mproc_task *task)
{
    (void)task;
    return *(volatile int *)NULL;
}

static void make_reporting(const mproc_pool_options *options, mproc_pool **ret_pool)
{
    if (mproc_pool_create(ret_pool, options) == MPROC_E_NOT_SUPPORTED)
        test_skip("stacks cannot be walked here");
    watch();
}

static bool is_certified(const char *function)
{
    look();
    for (unsigned i = 0; i < seen.death_count && i < 64; i++)
        if (strstr(seen.death[i].stack, function) != NULL)
            return true;
    return false;
}

static void a_death_has_its_stack(void)
{
    mproc_pool *pool;
    make_reporting(&(mproc_pool_options){ .workers = 1, .crash_reports = 1 }, &pool);
    apply(pool, read_nothing, MPROC_NO_ARGS, MPROC_E_WORKER_DIED);
    CHECK(is_certified("read_nothing"));
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

/* Board word 5: from then on it reads. */
static int read_nothing_later(mproc_task *task)
{
    (void)task;
    return atomic_load(&test_board()[5]) != 0 ? *(volatile int *)NULL : 0;
}

static void a_death_in_the_initializer_has_its_stack(void)
{
    mproc_pool *pool;
    make_reporting(&(mproc_pool_options){ .workers = 1,
                                          .crash_reports = 1,
                                          .max_restarts = 1,
                                          .restart_window_ms = 60000,
                                          .initializer = read_nothing_later },
                   &pool);
    atomic_store(&test_board()[5], 1);
    apply(pool, die, MPROC_NO_ARGS, MPROC_E_WORKER_DIED);
    WAIT_UNTIL(is_certified("read_nothing_later"));
    CHECK_CONTAINS(seen.death[(seen.death_count - 1) % 64].cause, "before it was ready, in read_nothing_later+0x");
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

/* It has no task any more, and nobody else is told. */
static void a_death_at_the_exit_has_its_stack(void)
{
    mproc_pool *pool;
    make_reporting(&(mproc_pool_options){ .workers = 1, .crash_reports = 1, .exit_hook = read_nothing }, &pool);
    CHECK_OK(mproc_pool_close(pool));
    CHECK_OK(mproc_pool_join(pool, test_limit_ms(30000)));
    CHECK(is_certified("read_nothing"));
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

static int read_to_describe(const mproc_described *what, char *text, size_t capacity)
{
    (void)what;
    (void)text;
    (void)capacity;
    return *(volatile int *)NULL;
}

static void a_death_in_describing_has_its_stack(void)
{
    mproc_pool *pool;
    mproc_outcome outcome;
    mproc_result *result;
    make_reporting(&(mproc_pool_options){ .workers = 1, .crash_reports = 1, .describe = read_to_describe }, &pool);
    CHECK_OK(mproc_pool_apply_async(pool, echo, MPROC_ARG_STRING("x"), NULL, &result));
    CHECK_OK(mproc_result_get_outcome(result, test_limit_ms(30000), &outcome));
    CHECK_EQ(outcome.code, MPROC_E_WORKER_DIED);
    CHECK_CONTAINS(outcome.stack, "read_to_describe");
    CHECK(is_certified("read_to_describe"));
    CHECK_OK(mproc_result_free(result));
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

static void limits_are_told_from_deaths(void)
{
    mproc_task_options options = { .timeout_ms = 20 };
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 1 });
    CHECK_CODE(mproc_pool_apply(pool, wait_for_board, MPROC_NO_ARGS, &options, NULL, 0, NULL), MPROC_E_TIMEOUT);
    look();
    CHECK_EQ(find_ended(1)->end, RECORD_END_LIMIT);
    CHECK_CONTAINS(find_ended(1)->error, "timeout_ms = 20");
    CHECK_CONTAINS(seen.death[0].cause, "timeout_ms = 20");
    CHECK(find_ended(1)->run_ns >= 20000000);
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

/* Every task kills its worker half of the time, as its argument says. */
static int sometimes_die(mproc_task *task)
{
    int number;
    CHECK_OK(mproc_task_read(task, &number, sizeof number));
    return number % 2 == 0 ? die(task) : 0;
}

static void storms_of_deaths_are_seen(void)
{
    enum { COUNT = 60 };
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 4, .max_restarts = INT32_MAX });
    for (int i = 0; i < COUNT; i++)
        CHECK_OK(mproc_pool_apply_async(pool, sometimes_die, MPROC_ARG(i), NULL, NULL));
    while (seen.counts.succeeded + seen.counts.failed < COUNT)
        look();
    CHECK_EQ(seen.by_end[RECORD_END_DIED], COUNT / 2);
    CHECK_EQ(seen.by_end[RECORD_END_DONE], COUNT / 2);
    CHECK_EQ(seen.counts.deaths, COUNT / 2);
    CHECK_EQ(seen.queued, COUNT);
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

/* ---- Which pools ---- */

static void hidden_pools_are_not_shown(void)
{
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 1, .monitor = -1 });
    apply(pool, nothing, MPROC_NO_ARGS, 0);
    look();
    CHECK_EQ(seen.pools + seen.queued + seen.ends, 0);
    CHECK_OK(mproc_pool_free(pool));
    look();
    CHECK_EQ(seen.pools, 0);
    cease();
}

static void pools_made_later_are_watched(void)
{
    watch();
    mproc_pool *first = make_pool(1), *second = make_pool(1);
    apply(first, nothing, MPROC_NO_ARGS, 0);
    apply(second, nothing, MPROC_NO_ARGS, 0);
    look();
    CHECK_EQ(seen.pools, 2);
    CHECK_EQ(seen.ends, 2);
    CHECK_OK(mproc_pool_free(first));
    CHECK_OK(mproc_pool_free(second));
    look();
    CHECK_EQ(seen.gone, 2);
    cease();
}

static int asked;

static void note_asked(void)
{
    asked++;
}

static void only_who_asks_starts_the_publishing(void)
{
    mproc_pool *pool;
    mproc__observe_pool_hook = note_asked;
    pool = make_pool(1);
    CHECK_EQ(asked, 0);
    CHECK_OK(mproc_pool_free(pool));
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 1, .monitor = 1 }));
    CHECK_EQ(asked, 1);
    CHECK(mproc_pool_get_function_stats(pool, NULL, 0, NULL) >= 0);
    CHECK_OK(mproc_pool_free(pool));
    mproc__observe_pool_hook = NULL;
}

static void a_pool_that_nobody_could_show_is_refused(void)
{
    mproc_pool *pool;
    mproc__observe_pool_hook = NULL;
    CHECK_CODE(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 1, .monitor = 1 }), MPROC_E_NOT_INITIALIZED);
    CHECK_CONTAINS(mproc_last_error(), "mproc_init");
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 1, .monitor = -1 }));
    CHECK_OK(mproc_pool_free(pool));
}

static void bad_options_are_refused(void)
{
    mproc_pool *pool;
    CHECK_CODE(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 1, .monitor = 2 }), MPROC_E_INVALID);
    CHECK_CONTAINS(mproc_last_error(), "monitor = 2");
    mproc_pool_options options = { .workers = 1, .monitor_no_previews = 1, .describe = say };
    CHECK_CODE(mproc_pool_create(&pool, &options), MPROC_E_INVALID);
    CHECK_CONTAINS(mproc_last_error(), "describe");
}

/* ---- Control ---- */

static struct record_control verb(unsigned number)
{
    return (struct record_control){ .verb = (uint8_t)number, .pool = seen.pool.pool };
}

static void control_is_refused_unless_it_was_granted(void)
{
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 1 });
    struct record_control control = verb(RECORD_VERB_PAUSE);
    CHECK_CODE(control_pool(&control), MPROC_E_STATE);
    CHECK_CONTAINS(mproc_last_error(), ".monitor_control");
    control.pool = 4711;
    CHECK_CODE(control_pool(&control), MPROC_E_NOT_FOUND);
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

static void a_pool_is_paused_resumed_and_resized(void)
{
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 1, .monitor_control = 1 });
    struct record_control control = verb(RECORD_VERB_PAUSE);
    CHECK_EQ(seen.pool.control, 1);
    CHECK_OK(control_pool(&control));
    look();
    CHECK_EQ(seen.pool.paused, 1);
    control = verb(RECORD_VERB_RESUME);
    CHECK_OK(control_pool(&control));
    control = verb(RECORD_VERB_RESIZE);
    CHECK_CODE(control_pool(&control), MPROC_E_INVALID);
    control.number = 3;
    CHECK_OK(control_pool(&control));
    while (seen.counts.workers < 3)
        look();
    CHECK_EQ(seen.pool.max_workers, 3);
    control = verb(99);
    CHECK_CODE(control_pool(&control), MPROC_E_INVALID);
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

static int count_present(void)
{
    int count = 0;
    for (int i = 0; i < 64; i++)
        count += seen.workers[i].state != MPROC_WORKER_NONE;
    return count;
}

static bool is_empty(const struct record_worker *place)
{
    return place->state == MPROC_WORKER_NONE && place->pid == 0 && place->task == 0 && place->memory == 0;
}

static void workers_that_left_a_smaller_pool_are_told_to_be_gone(void)
{
    enum { MANY = 6 };
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = MANY });
    mproc_result *stays[MANY];
    for (int i = 0; i < MANY; i++)
        stays[i] = submit_stay(pool);
    WAIT_UNTIL(atomic_load(&test_board()[1]) == MANY);
    mproc__observe(OBSERVE_PROCESSES, see, NULL);
    CHECK_EQ(count_present(), MANY);
    CHECK_EQ(seen.workers[MANY - 1].state, MPROC_WORKER_BUSY);
    CHECK_OK(mproc_pool_resize(pool, 0, 2));
    test_let_go();
    for (int i = 0; i < MANY; i++)
        CHECK_OK(mproc_result_get(stays[i], test_limit_ms(30000), NULL, 0, NULL));
    /* Nobody looks until all have gone, with their places. */
    WAIT_UNTIL(mproc_pool_get_worker_stats(pool, NULL, 0, NULL) == 2);
    look();
    CHECK_EQ(count_present(), 2);
    for (int i = 2; i < MANY; i++)
        CHECK(is_empty(&seen.workers[i]));
    /* Said once: a place is there again as soon as the pool has grown. */
    CHECK_OK(mproc_pool_resize(pool, 0, 4));
    while (seen.counts.workers < 4)
        look();
    CHECK_EQ(count_present(), 4);
    for (int i = 0; i < MANY; i++)
        CHECK_OK(mproc_result_free(stays[i]));
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

static void a_worker_is_restarted_after_its_task(void)
{
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 1, .monitor_control = 1 });
    mproc_result *stay = submit_stay(pool), *next;
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 1);
    CHECK_OK(mproc_pool_apply_async(pool, nothing, MPROC_NO_ARGS, NULL, &next));
    struct record_control control = verb(RECORD_VERB_RESTART_WORKER);
    control.worker = 5;
    CHECK_CODE(control_pool(&control), MPROC_E_NOT_FOUND);
    control.worker = 0;
    CHECK_OK(control_pool(&control));
    look();
    CHECK_EQ(seen.workers[0].lives, 1);
    test_let_go();
    CHECK_OK(mproc_result_get(stay, test_limit_ms(30000), NULL, 0, NULL));
    CHECK_OK(mproc_result_get(next, test_limit_ms(30000), NULL, 0, NULL));
    look();
    CHECK_EQ(seen.workers[0].lives, 2);
    CHECK_EQ(seen.counts.deaths, 0);
    CHECK_EQ(seen.death[0].record.expected, 1);
    CHECK_OK(mproc_result_free(stay));
    CHECK_OK(mproc_result_free(next));
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

static void a_worker_is_killed(void)
{
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 1, .monitor_control = 1 });
    mproc_result *stay = submit_stay(pool), *next;
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 1);
    CHECK_OK(mproc_pool_apply_async(pool, nothing, MPROC_NO_ARGS, NULL, &next));
    struct record_control control = verb(RECORD_VERB_KILL_WORKER);
    if (test_threads()) {
        CHECK_CODE(control_pool(&control), MPROC_E_NOT_SUPPORTED);
        test_let_go();
    } else {
        CHECK_OK(control_pool(&control));
        CHECK_CODE(mproc_result_get(stay, test_limit_ms(30000), NULL, 0, NULL), MPROC_E_WORKER_DIED);
        CHECK_CONTAINS(mproc_last_error(), "by a monitor's request");
    }
    CHECK_OK(mproc_result_get(next, test_limit_ms(30000), NULL, 0, NULL));
    CHECK_OK(mproc_result_free(stay));
    CHECK_OK(mproc_result_free(next));
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

/* Before its death is known it is the killed worker's, afterwards it waits for another one, or runs there. */
static void a_task_whose_worker_is_killed_can_be_cancelled(void)
{
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 1, .monitor_control = 1 });
    struct record_control control = verb(RECORD_VERB_KILL_WORKER);
    for (int round = 0; round < 10; round++) {
        mproc_result *result;
        atomic_store(&test_board()[1], 0);
        CHECK_OK(mproc_pool_apply_async(pool, wait_for_board, MPROC_NO_ARGS, &(mproc_task_options){ .retries = 100 },
                                        &result));
        WAIT_UNTIL(atomic_load(&test_board()[1]) > 0);
        CHECK_OK(control_pool(&control));
        int code = mproc_result_cancel_running(result);
        CHECK(code == 0 || code == MPROC_WAS_RUNNING);
        CHECK_CODE(mproc_result_get(result, test_limit_ms(30000), NULL, 0, NULL), MPROC_E_CANCELLED);
        CHECK_OK(mproc_result_free(result));
    }
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

static void a_task_is_cancelled(void)
{
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 1, .monitor_control = 1 });
    mproc_result *stay = submit_stay(pool), *next;
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 1);
    CHECK_OK(mproc_pool_apply_async(pool, nothing, MPROC_NO_ARGS, NULL, &next));
    struct record_control control = verb(RECORD_VERB_CANCEL_TASK);
    CHECK_CODE(control_pool(&control), MPROC_E_NOT_FOUND);
    control.task = 2;
    CHECK_OK(control_pool(&control));
    CHECK_CODE(mproc_result_get(next, 0, NULL, 0, NULL), MPROC_E_CANCELLED);
    control.task = 1;
    CHECK_CODE(control_pool(&control), test_threads() ? MPROC_E_NOT_SUPPORTED : MPROC_WAS_RUNNING);
    if (test_threads())
        test_let_go();
    else
        CHECK_CODE(mproc_result_get(stay, test_limit_ms(30000), NULL, 0, NULL), MPROC_E_CANCELLED);
    CHECK_OK(mproc_result_free(stay));
    CHECK_OK(mproc_result_free(next));
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

static void a_task_that_is_nobodys_is_cancelled(void)
{
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 1, .monitor_control = 1 });
    mproc_result *stay = submit_stay(pool);
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 1);
    CHECK_OK(mproc_pool_apply_async(pool, nothing, MPROC_NO_ARGS, NULL, NULL));
    CHECK_OK(mproc_pool_map_async(pool, odd_fails, in, sizeof *in, 4, out, sizeof *out, NULL, NULL));
    struct record_control control = verb(RECORD_VERB_CANCEL_TASK);
    for (control.task = 2; control.task <= 3; control.task++) {
        CHECK_OK(control_pool(&control));
        CHECK_CODE(control_pool(&control), MPROC_E_NOT_FOUND);
    }
    look();
    CHECK_EQ(seen.counts.cancelled, 2);
    test_let_go();
    CHECK_OK(mproc_result_free(stay));
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

/* More than are looked through at a time. */
static void a_task_among_many_is_cancelled(void)
{
    enum { MANY = 20000 };
    mproc_pool *pool = make_watched(&(mproc_pool_options){ .workers = 1, .monitor_control = 1 });
    mproc_result *stay = submit_stay(pool);
    WAIT_UNTIL(atomic_load(&test_board()[1]) == 1);
    for (int i = 0; i < MANY; i++)
        CHECK_OK(mproc_pool_apply_async(pool, nothing, MPROC_NO_ARGS, NULL, NULL));
    struct record_control control = verb(RECORD_VERB_CANCEL_TASK);
    for (control.task = 2; control.task < MANY; control.task += MANY / 5)
        CHECK_OK(control_pool(&control));
    control.task = 2;
    CHECK_CODE(control_pool(&control), MPROC_E_NOT_FOUND);
    control.verb = RECORD_VERB_RETRY_TASK;
    CHECK_CODE(control_pool(&control), MPROC_E_NOT_FOUND);
    control.task = 3;
    CHECK_CODE(control_pool(&control), MPROC_E_STATE);
    CHECK_EQ(mproc_pool_cancel_queued(pool), MANY - 5);
    test_let_go();
    CHECK_OK(mproc_result_free(stay));
    cease();
    CHECK_OK(mproc_pool_free(pool));
}

static const struct test tests[] = {
    TEST(a_pool_is_as_it_was_made),
    TEST(counts_are_those_of_the_statistics),
    TEST(a_running_task_is_shown_with_its_worker),
    TEST_WITH(processes_are_measured_when_asked_for, TEST_PROCESSES, 0),
    TEST_WITH(the_most_memory_of_a_worker_is_told, TEST_PROCESSES, 0),
    TEST(run_times_are_told_in_the_bins_of_the_histogram),
    TEST(nothing_is_noted_while_nobody_watches),
    TEST(a_task_is_queued_begun_and_ended_once),
    TEST(what_fails_says_why),
    TEST(what_is_cancelled_never_had_a_worker),
    TEST(what_is_abandoned_is_told_by_the_freed),
    TEST(what_too_many_freed_pools_leave_is_counted),
    TEST(what_waits_is_told_with_its_argument),
    TEST(of_what_waits_the_first_are_told_and_no_more),
    TEST(what_runs_is_told_with_when_it_was_queued),
    TEST(a_worker_is_told_what_it_did_itself),
    TEST(what_has_no_room_is_counted),
    TEST(what_was_lost_is_told_once),
    TEST(looks_while_tasks_run_miss_nothing),
    TEST(who_comes_and_goes_disturbs_nothing),
    TEST(texts_are_shown_in_quotes_and_bytes_as_numbers),
    TEST(secrets_are_shown_to_nobody),
    TEST(a_program_describes_in_its_own_words),
    TEST_WITH(a_fault_in_describing_is_the_workers, TEST_PROCESSES, 0),
    TEST(a_label_is_of_its_task_alone),
    TEST(items_of_a_map_end_once),
    TEST(items_that_fail_are_told_with_their_chunk),
    TEST(items_that_failed_before_a_death_are_told_so),
    TEST(the_end_of_a_map_always_finds_room),
    TEST(an_item_that_kills_its_worker_is_told_alone),
    TEST(a_map_shows_how_far_it_is),
    TEST(a_map_is_told_of_however_many_tasks_wait_before_it),
    TEST(maps_that_end_between_others_leave_these_told_of),
    TEST(calls_of_a_starmap_have_a_map),
    TEST(a_death_is_certified),
    TEST(each_attempt_ends_and_the_last_counts),
    TEST(a_death_tells_how_long_it_lived_and_what_it_had_done),
    TEST(deaths_are_kept_for_who_comes_later),
    TEST_WITH(a_death_has_its_stack, TEST_PROCESSES | TEST_NO_SANITIZER, 0),
    TEST_WITH(a_death_in_the_initializer_has_its_stack, TEST_PROCESSES | TEST_NO_SANITIZER, 0),
    TEST_WITH(a_death_at_the_exit_has_its_stack, TEST_PROCESSES | TEST_NO_SANITIZER, 0),
    TEST_WITH(a_death_in_describing_has_its_stack, TEST_PROCESSES | TEST_NO_SANITIZER, 0),
    TEST_WITH(limits_are_told_from_deaths, TEST_PROCESSES, 0),
    TEST(storms_of_deaths_are_seen),
    TEST(hidden_pools_are_not_shown),
    TEST(pools_made_later_are_watched),
    TEST(only_who_asks_starts_the_publishing),
    TEST(a_pool_that_nobody_could_show_is_refused),
    TEST(bad_options_are_refused),
    TEST(control_is_refused_unless_it_was_granted),
    TEST(a_pool_is_paused_resumed_and_resized),
    TEST(workers_that_left_a_smaller_pool_are_told_to_be_gone),
    TEST(a_worker_is_restarted_after_its_task),
    TEST(a_worker_is_killed),
    TEST_WITH(a_task_whose_worker_is_killed_can_be_cancelled, TEST_PROCESSES, 0),
    TEST(a_task_is_cancelled),
    TEST(a_task_that_is_nobodys_is_cancelled),
    TEST(a_task_among_many_is_cancelled),
};

TEST_MAIN_PLAIN(tests)
