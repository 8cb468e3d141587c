/* What the page Tasks knows without a display: which tasks it finds, in which order, and what it says of them; and that
 * it finds them on its thread while more arrive.
 */
#include "../conformance/monitor_story.h"
#include "main.h"
#include "model/text.h"
#include "replays.h"
#include "window/certificate_text.h"
#include "window/discard.h"
#include "window/room.h"
#include "window/task_export.h"
#include "window/task_foot.h"
#include "window/task_index.h"
#include "window/task_order.h"
#include "window/task_picks.h"
#include "window/task_report.h"
#include "window/task_rows.h"
#include "window/task_tools.h"

/* ---- A pool with tasks of every kind ---- */

#define FUNCTIONS 3u

static void take(struct model *model, unsigned type, const union record *record)
{
    struct wire_frame frame = { .type = (uint16_t)type, .sequence = 1, .time_ns = STORY_END_NS };
    CHECK_OK(model_take(model, &frame, record));
}

static struct model *make_model(void)
{
    static const char *const names[] = { "", "parse_page", "index_page", "store_page" };
    struct model *model;
    CHECK_OK(model_create(&(struct model_limits){ .tasks = 1000000, .task_bytes = (size_t)512 << 20 }, &model));
    union record record = { .pool = { .pool = 1, .name = record_text_of("pages"), .reason = record_text_of("") } };
    take(model, RECORD_POOL, &record);
    for (uint32_t i = 1; i <= FUNCTIONS; i++) {
        record.function = (struct record_function){ 1, i, record_text_of(names[i]),
                                                    record_text_of(i == 1 ? "main.c:88" : "main.c:96") };
        take(model, RECORD_FUNCTION, &record);
    }
    return model;
}

static struct record_task_ended invented(uint64_t task, unsigned *seed)
{
    static const uint8_t ends[] = { RECORD_END_DONE, RECORD_END_DONE,    RECORD_END_DONE,      RECORD_END_FAILED,
                                    RECORD_END_DIED, RECORD_END_RETRIED, RECORD_END_CANCELLED, RECORD_END_LIMIT };
    static char argument[64];
    snprintf(argument, sizeof argument, "\"corpus/%04u.html\"", test_random(seed) % 5000);
    struct record_task_begun begun = story_begun(task, test_random(seed) % 8, 1, STORY_BEGIN_NS, argument);
    begun.function = 1 + test_random(seed) % FUNCTIONS;
    unsigned end = ends[test_random(seed) % G_N_ELEMENTS(ends)];
    bool is_done = end == RECORD_END_DONE;
    struct record_task_ended ended =
        story_ended(&begun, end, 1 + test_random(seed) % 1000, is_done ? "129 links" : "", is_done ? "" : "no memory");
    ended.function = begun.function;
    ended.attempt += is_done && test_random(seed) % 10 == 0;
    ended.wait_ns = test_random(seed) % 3 == 0 ? 0 : test_random(seed) % 100;
    return ended;
}

static void invent(struct model *model, uint64_t from, uint64_t count, unsigned *seed)
{
    for (uint64_t task = from; task < from + count; task++) {
        union record record = { .task_ended = invented(task, seed) };
        if (task % 50 == 0) {
            record.task_begun = story_begun(task, 0, 1, STORY_END_NS, "\"running\"");
            take(model, RECORD_TASK_BEGUN, &record);
        } else
            take(model, RECORD_TASK_ENDED, &record);
    }
}

static GPtrArray *all_tasks(const struct model *model)
{
    GPtrArray *tasks = g_ptr_array_new();
    for (uint32_t i = tasks_count(&model->tasks); i-- > 0;)
        g_ptr_array_add(tasks, (gpointer)tasks_at(&model->tasks, i));
    return tasks;
}

static const struct model_pool *pool_of(const struct model *model)
{
    return pools_find(&model->pools, 1);
}

/* ---- The same as a simple reference ---- */

struct comparison {
    const struct task_question *question;
    const struct task_scene *scene;
};

/* What a person would compare: the texts, or the numbers; with nothing last in both directions. */
static int refer_texts(const char *one, const char *other, bool is_descending)
{
    if (one[0] == '\0' || other[0] == '\0')
        return (one[0] == '\0') - (other[0] == '\0');
    return is_descending ? strcmp(other, one) : strcmp(one, other);
}

static int refer_numbers(double one, double other, bool is_descending)
{
    if (one < 0 || other < 0)
        return (one < 0) - (other < 0);
    int way = (one > other) - (one < other);
    return is_descending ? -way : way;
}

static double number_in(const struct comparison *comparison, const struct model_task *task)
{
    int64_t run_ns;
    switch (comparison->question->column) {
    case TASK_COLUMN_STATE:
        return task_look(comparison->scene, task).weight;
    case TASK_COLUMN_TASK:
        return (double)task->key.task;
    case TASK_COLUMN_WORKER:
        return (double)task->worker;
    case TASK_COLUMN_TRY:
        return task->attempt;
    case TASK_COLUMN_WAIT:
        return task_waited_ns(task, comparison->scene->now_ns, &run_ns) ? (double)run_ns : -1;
    case TASK_COLUMN_RUN:
        return task_run_ns(task, comparison->scene->now_ns, &run_ns) ? (double)run_ns : -1;
    case TASK_COLUMN_QUEUED:
        return task->submitted_ns > 0 ? (double)task->submitted_ns : -1;
    case TASK_COLUMN_STARTED:
        return task->begun_ns > 0 ? (double)task->begun_ns : -1;
    default:
        return task->ended_ns > 0 ? (double)task->ended_ns : -1;
    }
}

static int refer(gconstpointer one, gconstpointer other, gpointer data)
{
    const struct comparison *comparison = data;
    const struct model_task *a = *(const struct model_task *const *)one, *b = *(const struct model_task *const *)other;
    bool is_descending = comparison->question->is_descending;
    struct table_cell cells[2] = { { .part = -1 }, { .part = -1 } };
    enum task_column column = comparison->question->column;
    bool is_text = column == TASK_COLUMN_FUNCTION || column == TASK_COLUMN_ARGUMENT || column == TASK_COLUMN_OUTCOME ||
                   column == TASK_COLUMN_PLACE;
    int way;
    if (is_text) {
        task_row_fill(NULL, comparison->scene, a, column, &cells[0]);
        task_row_fill(NULL, comparison->scene, b, column, &cells[1]);
        way = refer_texts(cells[0].words.text, cells[1].words.text, is_descending);
    } else
        way = refer_numbers(number_in(comparison, a), number_in(comparison, b), is_descending);
    return way != 0 ? way : (a->number < b->number) - (a->number > b->number);
}

static bool refer_wants(const struct comparison *comparison, const struct model_task *task)
{
    const struct task_question *question = comparison->question;
    struct table_cell cell = { .part = -1 };
    g_autofree char *line = NULL;
    struct task_look look = task_look(comparison->scene, task);
    if (question->filter != TASKS_ALL && look.group != question->filter)
        return false;
    if (question->function != 0 && task->function != question->function)
        return false;
    task_row_fill(NULL, comparison->scene, task, TASK_COLUMN_ARGUMENT, &cell);
    line = g_strdup_printf("%s %s %s %s %" PRIu64, task_scene_name(comparison->scene, task->function), cell.words.text,
                           task_text(task, TASK_RESULT), task_text(task, TASK_ERROR), task->key.task);
    g_autofree char *folded = g_ascii_strdown(line, -1), *wanted = g_ascii_strdown(question->text, -1);
    return strstr(folded, wanted) != NULL;
}

static GPtrArray *refer_order(const GPtrArray *tasks, struct comparison *comparison)
{
    GPtrArray *wanted = g_ptr_array_new();
    for (guint i = 0; i < tasks->len; i++)
        if (refer_wants(comparison, tasks->pdata[i]))
            g_ptr_array_add(wanted, tasks->pdata[i]);
    g_ptr_array_sort_with_data(wanted, refer, comparison);
    return wanted;
}

static void check_order(const GPtrArray *tasks, const struct task_scene *scene, const struct task_question *question)
{
    struct comparison comparison = { question, scene };
    GPtrArray *expected = refer_order(tasks, &comparison);
    GArray *found = task_order((const struct model_task *const *)tasks->pdata, tasks->len, question, scene, NULL);
    CHECK_EQ(found->len, expected->len);
    for (guint i = 0; i < found->len; i++)
        CHECK(tasks->pdata[g_array_index(found, guint, i)] == expected->pdata[i]);
    g_array_unref(found);
    g_ptr_array_unref(expected);
}

static void rows_are_sorted_by_each_column_as_a_simple_reference_does(void)
{
    unsigned seed = 3;
    struct model *model = make_model();
    invent(model, 1, 700, &seed);
    GPtrArray *tasks = all_tasks(model);
    struct task_scene *scene = task_scene_new(model, pool_of(model));
    for (int column = 0; column < TASK_COLUMNS; column++)
        for (int way = 0; way < 2; way++)
            check_order(
                tasks, scene,
                &(struct task_question){ .text = "", .column = (enum task_column)column, .is_descending = way });
    task_scene_free(scene);
    g_ptr_array_unref(tasks);
    model_free(model);
}

static void rows_are_filtered_as_a_simple_reference_does(void)
{
    static char *const texts[] = { "", "parse", "CORPUS/1", "no mem", "links", "77", "nowhere" };
    unsigned seed = 5;
    struct model *model = make_model();
    invent(model, 1, 700, &seed);
    GPtrArray *tasks = all_tasks(model);
    struct task_scene *scene = task_scene_new(model, pool_of(model));
    for (int filter = 0; filter < TASK_FILTERS; filter++)
        for (uint32_t function = 0; function <= FUNCTIONS; function++)
            for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
                check_order(tasks, scene,
                            &(struct task_question){ .filter = (enum task_filter)filter,
                                                     .function = function,
                                                     .text = texts[i],
                                                     .column = TASK_COLUMN_RUN });
    task_scene_free(scene);
    g_ptr_array_unref(tasks);
    model_free(model);
}

static void texts_that_are_not_ascii_are_found_in_any_case(void)
{
    struct model *model = make_model();
    struct record_task_begun begun = story_begun(1, 0, 1, STORY_END_NS,
                                                 "\"\xc3\x9c"
                                                 "bersicht.html\"");
    union record record = { .task_begun = begun };
    take(model, RECORD_TASK_BEGUN, &record);
    struct task_scene *scene = task_scene_new(model, pool_of(model));
    const struct model_task *task = tasks_at(&model->tasks, 0);
    CHECK(task_question_wants(&(struct task_question){ .text = "\xc3\xbc"
                                                               "BER" },
                              scene, task));
    CHECK(!task_question_wants(&(struct task_question){ .text = "\xc3\xa4"
                                                                "ber" },
                               scene, task));
    task_scene_free(scene);
    model_free(model);
}

/* ---- Many of them ---- */

static void a_million_rows_are_sorted(void)
{
    unsigned seed = 7, many = test_is_sanitized() ? 50000 : 1000000;
    struct model *model = make_model();
    invent(model, 1, many, &seed);
    GPtrArray *tasks = all_tasks(model);
    struct task_scene *scene = task_scene_new(model, pool_of(model));
    static const enum task_column columns[] = { TASK_COLUMN_STATE, TASK_COLUMN_RUN, TASK_COLUMN_ARGUMENT };
    for (size_t i = 0; i < G_N_ELEMENTS(columns); i++) {
        int64_t begun_us = g_get_monotonic_time();
        struct task_question question = { .text = i == 0 ? "links" : "", .column = columns[i] };
        GArray *found = task_order((const struct model_task *const *)tasks->pdata, tasks->len, &question, scene, NULL);
        printf("%s: %u rows of %u in %d ms\n", task_columns[columns[i]].title, found->len, many,
               (int)((g_get_monotonic_time() - begun_us) / 1000));
        CHECK(i == 0 ? found->len < many : found->len == many);
        g_array_unref(found);
    }
    printf("the model: %zu bytes each\n", model->tasks.bytes / many);
    task_scene_free(scene);
    g_ptr_array_unref(tasks);
    model_free(model);
}

static void sorting_that_is_cancelled_ends(void)
{
    unsigned seed = 7;
    struct model *model = make_model();
    invent(model, 1, 1000, &seed);
    GPtrArray *tasks = all_tasks(model);
    struct task_scene *scene = task_scene_new(model, pool_of(model));
    g_autoptr(GCancellable) cancel = g_cancellable_new();
    g_cancellable_cancel(cancel);
    struct task_question question = { .text = "" };
    CHECK(task_order((const struct model_task *const *)tasks->pdata, tasks->len, &question, scene, cancel) == NULL);
    task_scene_free(scene);
    g_ptr_array_unref(tasks);
    model_free(model);
}

static void end_task(struct model *model, uint64_t task, uint32_t attempt, uint8_t end)
{
    union record record = { .task_ended = { .pool = 1,
                                            .task = task,
                                            .item = -1,
                                            .items = 1,
                                            .attempt = attempt,
                                            .end = end,
                                            .code = end == RECORD_END_DONE ? 0 : -5,
                                            .ended_ns = STORY_END_NS,
                                            .label = record_text_of(""),
                                            .argument = record_text_of(""),
                                            .result = record_text_of(""),
                                            .error = record_text_of("") } };
    take(model, RECORD_TASK_ENDED, &record);
}

static void begin_task(struct model *model, uint64_t task)
{
    union record record = { .task_begun = story_begun(task, 0, 1, STORY_END_NS, "\"running\"") };
    take(model, RECORD_TASK_BEGUN, &record);
}

/* ---- While more arrive ---- */

static void count_call(void *user)
{
    ++*(int *)user;
}

static bool go_on(void)
{
    g_main_context_iteration(NULL, FALSE);
    return true;
}

static void check_rows(struct task_index *index, const struct model *model, const struct task_question *question)
{
    GPtrArray *tasks = all_tasks(model);
    struct task_scene *scene = task_scene_new(model, pool_of(model));
    struct comparison comparison = { question, scene };
    GPtrArray *expected = refer_order(tasks, &comparison);
    CHECK_EQ(task_index_count(index), expected->len);
    for (guint i = 0; i < expected->len; i++)
        CHECK(task_index_task(index, model, i) == expected->pdata[i]);
    g_ptr_array_unref(expected);
    task_scene_free(scene);
    g_ptr_array_unref(tasks);
}

static void a_filter_while_events_arrive_finds_what_there_is(void)
{
    unsigned seed = 9;
    uint64_t told = 1;
    int calls = 0;
    struct model *model = make_model();
    struct watch watch = { .model = model, .state = WATCH_LIVE };
    struct view view = { .watch = &watch, .number = 1 };
    struct task_question question = { .filter = TASKS_FAILED, .text = "parse", .column = TASK_COLUMN_ARGUMENT };
    struct task_index *index = task_index_new(count_call, &calls);
    CHECK(view_renew(&view));
    task_index_ask(index, &view, &question);
    for (int i = 0; i < 40; i++) {
        invent(model, told, 500, &seed);
        told += 500;
        task_index_beat(index, &view);
        go_on();
    }
    WAIT_UNTIL(go_on() && calls > 0 && !task_index_is_busy(index));
    calls = 0;
    task_index_renew(index);
    /* Rows that were on the way already may come before. */
    WAIT_UNTIL(go_on() && calls > 0 && !task_index_is_busy(index));
    check_rows(index, model, &question);
    CHECK_EQ(task_index_news(index).count, 0);
    CHECK_EQ(task_index_counts(index)[TASKS_ALL], told - 1);
    task_index_free(index);
    model_free(model);
}

static bool tell_one_more(struct task_index *index, struct model *model, const struct view *view, unsigned *seed)
{
    invent(model, model->tasks.total + 1, 1, seed);
    task_index_beat(index, view);
    return go_on();
}

/* Rows stand still after a while, and those that came since are counted, of those that are asked for. */
static void what_is_new_is_counted_until_it_is_asked_for(void)
{
    unsigned seed = 9;
    int calls = 0;
    struct model *model = make_model();
    struct watch watch = { .model = model, .state = WATCH_LIVE };
    struct view view = { .watch = &watch, .number = 1 };
    struct task_question question = { .filter = TASKS_FAILED, .text = "", .column = TASK_COLUMN_TASK };
    struct task_index *index = task_index_new(count_call, &calls);
    invent(model, 1, 1000, &seed);
    CHECK(view_renew(&view));
    task_index_ask(index, &view, &question);
    WAIT_UNTIL(tell_one_more(index, model, &view, &seed) && task_index_news(index).count > 50);
    guint rows = task_index_count(index), news = task_index_news(index).count;
    WAIT_UNTIL(tell_one_more(index, model, &view, &seed) && task_index_news(index).count > news);
    CHECK_EQ(task_index_count(index), rows);
    news = task_index_news(index).count;
    CHECK_EQ(task_index_news(index).failed, news);
    task_index_renew(index);
    WAIT_UNTIL(go_on() && task_index_count(index) != rows);
    CHECK_EQ(task_index_count(index), rows + news);
    CHECK_EQ(task_index_news(index).count, 0);
    task_index_free(index);
    model_free(model);
}

/* ---- Rows that stand ---- */

#define LOOK_S INT64_C(1000000000)
#define RUNS   100u /* the task that has a row, and runs */

struct standing {
    struct model *model;
    struct watch watch;
    struct view view;
    struct task_question question;
    struct task_index *index;
    uint64_t told;
    int calls;
};

static bool beat(struct standing *standing)
{
    task_index_beat(standing->index, &standing->view);
    return go_on();
}

static bool fail_one_more(struct standing *standing)
{
    end_task(standing->model, ++standing->told, 1, RECORD_END_FAILED);
    return beat(standing);
}

/* What was told last is known of, as one that has no row, and no others are looked for. */
static bool stands(struct standing *standing, guint listed)
{
    guint news = task_index_news(standing->index).count;
    return news > 3 && task_index_count(standing->index) + news == listed;
}

/* They are followed for a moment after they were asked for. */
static void begin_standing(struct standing *standing, enum task_filter filter, enum task_column column)
{
    *standing = (struct standing){ .model = make_model(), .view = { .number = 1 } };
    standing->watch = (struct watch){ .model = standing->model, .state = WATCH_LIVE };
    standing->view.watch = &standing->watch;
    standing->question = (struct task_question){ .filter = filter, .text = "", .column = column };
    standing->index = task_index_new(count_call, &standing->calls);
    for (standing->told = 1; standing->told < RUNS; standing->told++)
        end_task(standing->model, standing->told, 1, RECORD_END_FAILED);
    begin_task(standing->model, standing->told);
    CHECK(view_renew(&standing->view));
    task_index_ask(standing->index, &standing->view, &standing->question);
    int64_t settled_us = g_get_monotonic_time() + TASK_INDEX_SETTLE_US;
    WAIT_UNTIL(go_on() && g_get_monotonic_time() > settled_us);
    WAIT_UNTIL(fail_one_more(standing) && stands(standing, (guint)standing->told - (filter == TASKS_FAILED)));
    standing->model->now_ns += 5 * LOOK_S;
}

static void end_standing(struct standing *standing)
{
    task_index_free(standing->index);
    model_free(standing->model);
}

/* What came since has no row, and leaves the others sorted: only a row that would stand elsewhere does not. */
static void rows_are_not_sorted_any_more_once_one_would_stand_elsewhere(void)
{
    struct standing standing;
    begin_standing(&standing, TASKS_ALL, TASK_COLUMN_STATE);
    CHECK_EQ(task_index_stands_ns(standing.index), 0);
    end_task(standing.model, RUNS, 1, RECORD_END_DONE);
    standing.model->now_ns += 5 * LOOK_S;
    WAIT_UNTIL(beat(&standing) && task_index_stands_ns(standing.index) != 0);
    guint rows = task_index_count(standing.index);
    task_index_renew(standing.index);
    WAIT_UNTIL(go_on() && task_index_count(standing.index) != rows);
    CHECK_EQ(task_index_stands_ns(standing.index), 0);
    end_standing(&standing);
}

/* By what never changes of a task rows are sorted for ever; by how long it runs as long as none does. */
static void an_order_lasts_as_long_as_what_it_goes_by(void)
{
    struct standing standing;
    begin_standing(&standing, TASKS_ALL, TASK_COLUMN_TASK);
    end_task(standing.model, RUNS, 1, RECORD_END_DONE);
    WAIT_UNTIL(beat(&standing) && task_index_counts(standing.index)[TASKS_RUNNING] == 0);
    standing.model->now_ns += 5 * LOOK_S;
    CHECK_EQ(task_index_stands_ns(standing.index), 0);
    end_standing(&standing);
    begin_standing(&standing, TASKS_ALL, TASK_COLUMN_RUN);
    CHECK(task_index_stands_ns(standing.index) != 0);
    end_standing(&standing);
}

static void what_is_new_says_how_many_failed(void)
{
    struct standing standing;
    begin_standing(&standing, TASKS_ALL, TASK_COLUMN_TASK);
    struct task_news before = task_index_news(standing.index);
    CHECK_EQ(before.failed, before.count);
    end_task(standing.model, ++standing.told, 1, RECORD_END_DONE);
    begin_task(standing.model, ++standing.told);
    WAIT_UNTIL(beat(&standing) && task_index_news(standing.index).count == before.count + 2);
    CHECK_EQ(task_index_news(standing.index).failed, before.failed);
    end_task(standing.model, standing.told, 1, RECORD_END_FAILED);
    WAIT_UNTIL(beat(&standing) && task_index_news(standing.index).failed == before.failed + 1);
    CHECK_EQ(task_index_news(standing.index).count, before.count + 2);
    CHECK_STR(task_tools_news(&(struct task_news){ 12, 1 }).text, "12 new, 1 failed");
    CHECK_STR(task_tools_news(&(struct task_news){ 12, 0 }).text, "12 new");
    end_standing(&standing);
}

/* It ran when the failed ones were put in order, and is one of them by now. */
static void one_that_fails_later_is_new_among_the_failed(void)
{
    struct standing standing;
    begin_standing(&standing, TASKS_FAILED, TASK_COLUMN_TASK);
    guint before = task_index_news(standing.index).count;
    begin_task(standing.model, ++standing.told);
    end_task(standing.model, RUNS, 1, RECORD_END_FAILED);
    WAIT_UNTIL(beat(&standing) && task_index_news(standing.index).count == before + 1);
    end_task(standing.model, standing.told, 1, RECORD_END_FAILED);
    WAIT_UNTIL(beat(&standing) && task_index_news(standing.index).count == before + 2);
    CHECK_EQ(task_index_news(standing.index).failed, before + 2);
    end_standing(&standing);
}

/* Rows of tasks that were forgotten meanwhile are none. */
static void rows_that_are_forgotten_are_found_anew(void)
{
    unsigned seed = 9;
    int calls = 0;
    struct model *model = make_model();
    struct watch watch = { .model = model, .state = WATCH_LIVE };
    struct view view = { .watch = &watch, .number = 1 };
    struct task_question question = { .text = "", .column = TASK_COLUMN_TASK };
    struct task_index *index = task_index_new(count_call, &calls);
    tasks_free(&model->tasks);
    CHECK_OK(tasks_init(&model->tasks, 1000, (size_t)1 << 20));
    invent(model, 1, 1000, &seed);
    CHECK(view_renew(&view));
    task_index_ask(index, &view, &question);
    WAIT_UNTIL(tell_one_more(index, model, &view, &seed) && task_index_news(index).count > 0);
    invent(model, model->tasks.total + 1, 1000, &seed);
    CHECK(task_index_task(index, model, 0) == NULL);
    WAIT_UNTIL((task_index_beat(index, &view), go_on()) && task_index_task(index, model, 0) != NULL);
    CHECK(task_index_task(index, model, 0) == tasks_numbered(&model->tasks, model->tasks.first));
    CHECK_EQ(task_index_count(index), 1000);
    task_index_free(index);
    model_free(model);
}

static void keep_tasks(void *user, GPtrArray *tasks)
{
    *(GPtrArray **)user = tasks;
}

static void tasks_of_the_rows_outlive_the_model(void)
{
    unsigned seed = 9;
    int calls = 0;
    GPtrArray *tasks = NULL;
    struct model *model = make_model();
    struct watch watch = { .model = model, .state = WATCH_LIVE };
    struct view view = { .watch = &watch, .number = 1 };
    struct task_question question = { .filter = TASKS_DONE, .text = "" };
    struct task_index *index = task_index_new(count_call, &calls);
    invent(model, 1, 300, &seed);
    CHECK(view_renew(&view));
    task_index_ask(index, &view, &question);
    WAIT_UNTIL(go_on() && calls > 0);
    CHECK(task_index_gather(index, keep_tasks, &tasks));
    CHECK(!task_index_gather(index, keep_tasks, &tasks));
    WAIT_UNTIL(go_on() && tasks != NULL);
    CHECK_EQ(tasks->len, task_index_count(index));
    task_index_free(index);
    model_free(model);
    for (guint i = 0; i < tasks->len; i++)
        CHECK_EQ(task_state(tasks->pdata[i]), TASK_DONE);
    g_ptr_array_unref(tasks);
}

/* The page may be left, or another pool be looked at, while they are gathered. */
static void tasks_are_gathered_of_the_rows_that_there_were_whatever_is_asked_next(void)
{
    unsigned seed = 9;
    int calls = 0;
    GPtrArray *tasks = NULL;
    struct model *model = make_model();
    struct watch watch = { .model = model, .state = WATCH_LIVE };
    struct view view = { .watch = &watch, .number = 1 };
    struct task_question question = { .filter = TASKS_DONE, .text = "" },
                         failed = { .filter = TASKS_FAILED, .text = "" };
    struct task_index *index = task_index_new(count_call, &calls);
    invent(model, 1, 20000, &seed);
    CHECK(view_renew(&view));
    task_index_ask(index, &view, &question);
    WAIT_UNTIL(go_on() && calls > 0);
    guint rows = task_index_count(index);
    task_index_ask(index, &view, &failed);
    CHECK(task_index_gather(index, keep_tasks, &tasks));
    task_index_rest(index);
    tasks_free(&model->tasks);
    CHECK_OK(tasks_init(&model->tasks, 1000, (size_t)1 << 20));
    WAIT_UNTIL(go_on() && tasks != NULL);
    CHECK_EQ(tasks->len, rows);
    for (guint i = 0; i < tasks->len; i++)
        CHECK_EQ(task_state(tasks->pdata[i]), TASK_DONE);
    g_ptr_array_unref(tasks);
    task_index_free(index);
    model_free(model);
}

/* For a moment there is no task that the rows could be of. */
static void tasks_are_gathered_while_a_recording_is_read_anew(void)
{
    int calls = 0;
    GPtrArray *tasks = NULL;
    make_recording("record");
    struct replay *replay = open_replay();
    struct watch watch = { .replay = replay };
    struct view view = { .watch = &watch, .number = 1 };
    struct task_question question = { .text = "" };
    struct task_index *index = task_index_new(count_call, &calls);
    CHECK(view_renew(&view));
    task_index_ask(index, &view, &question);
    WAIT_UNTIL(go_on() && calls > 0);
    replay_seek(replay, replay_end_ns(replay) - 1000000000);
    WAIT_UNTIL(replay_turns(replay) == 1 || !replay_step(replay, 5000, &(int){ 0 }));
    CHECK_EQ(replay_turns(replay), 1);
    CHECK(view_renew(&view));
    task_index_ask(index, &view, &question);
    CHECK(task_index_gather(index, keep_tasks, &tasks));
    WAIT_UNTIL(go_on() && tasks != NULL);
    CHECK(tasks->len > 0);
    g_ptr_array_unref(tasks);
    task_index_free(index);
    replay_free(replay);
    remove(RECORDING);
}

static void rows_are_found_by_the_numbers_of_their_tasks(void)
{
    unsigned seed = 9;
    int calls = 0;
    struct model *model = make_model();
    struct watch watch = { .model = model, .state = WATCH_LIVE };
    struct view view = { .watch = &watch, .number = 1 };
    struct task_question question = { .text = "", .column = TASK_COLUMN_ARGUMENT };
    struct task_index *index = task_index_new(count_call, &calls);
    struct task_picks picks;
    invent(model, 1, 3000, &seed);
    CHECK(view_renew(&view));
    task_index_ask(index, &view, &question);
    WAIT_UNTIL(go_on() && calls > 0);
    GtkBitset *rows = gtk_bitset_new_range(500, 20);
    uint64_t first = task_index_number(index, 500);
    task_picks_init(&picks);
    task_picks_take(&picks, index, rows);
    CHECK_EQ(picks.count, 20);
    question.is_descending = true;
    calls = 0;
    task_index_ask(index, &view, &question);
    WAIT_UNTIL(go_on() && calls > 0);
    task_picks_renew(&picks, index);
    CHECK_EQ(picks.count, 20);
    CHECK(gtk_bitset_contains(picks.rows, task_index_row(index, tasks_numbered(&model->tasks, first))));
    gtk_bitset_unref(rows);
    task_picks_clear(&picks);
    task_index_free(index);
    model_free(model);
}

static void an_index_may_be_freed_at_any_moment(void)
{
    unsigned seed = 9;
    int calls = 0;
    struct model *model = make_model();
    struct watch watch = { .model = model, .state = WATCH_LIVE };
    struct view view = { .watch = &watch, .number = 1 };
    struct task_question question = { .text = "" };
    invent(model, 1, 5000, &seed);
    CHECK(view_renew(&view));
    for (int rounds = 0; rounds < 20; rounds++) {
        struct task_index *index = task_index_new(count_call, &calls);
        task_index_ask(index, &view, &question);
        task_index_beat(index, &view);
        for (int i = 0; i < rounds; i++)
            go_on();
        if (rounds % 3 == 0)
            task_index_rest(index);
        task_index_free(index);
    }
    for (int i = 0; i < 100; i++) {
        os_sleep_ms(1);
        go_on();
    }
    model_free(model);
}

static gint discarded_by_main; /* -1: by another thread; 1: by this one */

static void note_thread(gpointer main_thread)
{
    g_atomic_int_set(&discarded_by_main, g_thread_self() == main_thread ? 1 : -1);
}

static void what_is_discarded_is_freed_on_a_thread(void)
{
    discard(NULL, note_thread);
    discard(g_thread_self(), note_thread);
    WAIT_UNTIL(go_on() && g_atomic_int_get(&discarded_by_main) != 0);
    CHECK_EQ(discarded_by_main, -1);
}

/* ---- What is said ---- */

static struct task_look look_of(const struct model *model, const struct record_task_ended *ended)
{
    const union record record = { .task_ended = *ended };
    CHECK_OK(tasks_take((struct tasks *)&model->tasks, RECORD_TASK_ENDED, &record));
    struct task_scene *scene = task_scene_new(model, pool_of(model));
    struct task_look look = task_look(scene, tasks_at(&model->tasks, 0));
    task_scene_free(scene);
    return look;
}

static struct words outcome_of(const struct model *model)
{
    const char *class;
    struct task_scene *scene = task_scene_new(model, pool_of(model));
    struct words words = task_outcome(scene, tasks_at(&model->tasks, 0), &class);
    task_scene_free(scene);
    return words;
}

static void what_went_wrong_is_said_in_a_few_words(void)
{
    struct model *model = make_model();
    struct record_task_begun begun = story_begun(1, 2, 1, STORY_BEGIN_NS, "1");
    struct record_task_ended ended = story_ended(&begun, RECORD_END_FAILED, 5, "", "bad character set");
    ended.code = -22;
    CHECK_STR(look_of(model, &ended).word, "Failed");
    CHECK_STR(outcome_of(model).text, "-22: bad character set");
    ended = story_ended(&begun, RECORD_END_DIED, 5, "", "worker 2 (pid 5002) was killed by signal 11, at \"row 7\"");
    ended.code = MPROC_E_WORKER_DIED;
    CHECK_STR(look_of(model, &ended).word, "Failed");
    CHECK_STR(outcome_of(model).text, "Worker died: signal 11");
    ended = story_ended(&begun, RECORD_END_DIED, 5, "", "worker 2 (pid 5002) exited with code 3");
    look_of(model, &ended);
    CHECK_STR(outcome_of(model).text, "Worker died: exited with code 3");
    ended = story_ended(&begun, RECORD_END_LIMIT, 5, "",
                        "worker 2 (pid 5002) was killed by signal 9: its task took longer than task_timeout_ms = 5000");
    ended.code = MPROC_E_TIMEOUT;
    CHECK_STR(look_of(model, &ended).word, "Timed out");
    CHECK_STR(outcome_of(model).text, "Timed out after 5"
                                      "\xc2\xa0"
                                      "s");
    ended.code = MPROC_E_LIMIT;
    CHECK_STR(look_of(model, &ended).word, "Too large");
    ended = story_ended(&begun, RECORD_END_DONE, 5, "129 links", "");
    ended.attempt = 2;
    CHECK_STR(look_of(model, &ended).word, "Retried");
    CHECK_STR(outcome_of(model).text, "129 links");
    model_free(model);
}

/* With a worker that says that it runs something else, and a queue that is empty. */
static void what_was_lost_of_a_task_is_not_said_to_run_or_wait(void)
{
    struct model *model = make_model();
    union record record = { .task_begun = story_begun(1, 0, 1, STORY_BEGIN_NS, "1") };
    take(model, RECORD_TASK_BEGUN, &record);
    record.task_queued =
        (struct record_task_queued){ .pool = 1, .task = 2, .item = -1, .submitted_ns = STORY_BEGIN_NS };
    take(model, RECORD_TASK_QUEUED, &record);
    record.worker = story_worker(0);
    record.worker.task = 3;
    record.worker.since_ns = STORY_END_NS - STORY_MS;
    record.worker.label = record.worker.argument = record_text_of("");
    take(model, RECORD_WORKER, &record);
    struct task_scene *scene = task_scene_new(model, pool_of(model));
    CHECK_STR(task_look(scene, tasks_numbered(&model->tasks, 0)).word, "Not told");
    CHECK_STR(task_look(scene, tasks_numbered(&model->tasks, 1)).word, "Not told");
    CHECK_STR(task_look(scene, tasks_numbered(&model->tasks, 2)).word, "Running");
    task_scene_free(scene);
    model_free(model);
}

/* A moment before the end, so that all of it would be believed of a program that goes on. */
static void nothing_runs_or_waits_in_a_pool_whose_program_has_ended(void)
{
    const guint found[TASK_FILTERS] = { 3, 1, 1, 0, 0, 1 };
    struct model *model = make_model();
    struct record_task_begun begun = story_begun(1, 0, 1, STORY_END_NS, "1");
    struct record_task_ended ended = story_ended(&begun, RECORD_END_DONE, 5, "", "");
    union record record = { .task_ended = ended };
    take(model, RECORD_TASK_ENDED, &record);
    record.task_begun = story_begun(2, 0, 1, STORY_END_NS, "1");
    take(model, RECORD_TASK_BEGUN, &record);
    record.task_queued = (struct record_task_queued){ .pool = 1, .task = 3, .item = -1, .submitted_ns = STORY_END_NS };
    take(model, RECORD_TASK_QUEUED, &record);
    record.counts = (struct record_counts){ .pool = 1, .running = 1, .queued = 1 };
    take(model, RECORD_COUNTS, &record);
    struct task_scene *scene = task_scene_new(model, pool_of(model));
    CHECK_STR(task_look(scene, tasks_numbered(&model->tasks, 1)).word, "Running");
    CHECK_STR(task_look(scene, tasks_numbered(&model->tasks, 2)).word, "Queued");
    task_scene_free(scene);
    model_end(model);
    scene = task_scene_new(model, pool_of(model));
    CHECK_STR(task_look(scene, tasks_numbered(&model->tasks, 0)).word, "Done");
    for (uint64_t i = 1; i < 3; i++) {
        const struct model_task *task = tasks_numbered(&model->tasks, i);
        const char *class;
        CHECK_STR(task_look(scene, task).word, "Not told");
        CHECK_EQ(task_look(scene, task).group, TASKS_ALL);
        CHECK_STR(task_outcome(scene, task, &class).text, "its pool ended before its end was told");
        CHECK(strstr(task_report_no_result(scene, task), "Not told") != NULL);
    }
    task_scene_free(scene);
    struct record_counts said = model_counts(model, pool_of(model));
    struct task_counts counts;
    task_counts_make(&counts, found, &said);
    CHECK_EQ(counts.all[TASKS_RUNNING] + counts.all[TASKS_WAITING], 0);
    CHECK_EQ(counts.listed[TASKS_RUNNING] + counts.listed[TASKS_WAITING], 0);
    model_free(model);
}

static void what_nobody_looked_at_is_known_by_its_times(void)
{
    struct looks looks = { .total = 0 };
    struct looks_span gap;
    CHECK(looks_had(&looks, 5) && !looks_gap(&looks, 100 * LOOK_S, &gap));
    looks_set(&looks, false, 10 * LOOK_S);
    CHECK(!looks_had(&looks, 12 * LOOK_S));
    CHECK(looks_gap(&looks, 15 * LOOK_S, &gap) && gap.from_ns == 10 * LOOK_S && gap.to_ns == 15 * LOOK_S);
    looks_set(&looks, true, 20 * LOOK_S);
    looks_set(&looks, true, 25 * LOOK_S);
    CHECK(!looks_had(&looks, 19 * LOOK_S) && looks_had(&looks, 20 * LOOK_S) && looks_had(&looks, 500 * LOOK_S));
    CHECK(looks_gap(&looks, 500 * LOOK_S, &gap) && gap.from_ns == 10 * LOOK_S && gap.to_ns == 20 * LOOK_S);
    looks_set(&looks, false, 30 * LOOK_S);
    CHECK(!looks_had(&looks, 30 * LOOK_S));
    looks_set(&looks, true, 30 * LOOK_S + LOOK_S / 2); /* no more than a change of what is asked for */
    CHECK(looks_gap(&looks, 500 * LOOK_S, &gap) && gap.to_ns == 20 * LOOK_S);
    looks_set(&looks, false, 40 * LOOK_S);
    CHECK(looks_gap(&looks, 44 * LOOK_S, &gap) && gap.from_ns == 40 * LOOK_S && gap.to_ns == 44 * LOOK_S);
    for (int64_t i = 0; i < 2 * LOOKS_KEPT; i++)
        looks_set(&looks, i % 2 == 0, (50 + i) * LOOK_S);
    CHECK_EQ(looks.total, 2 + LOOKS_KEPT);
    CHECK(!looks_had(&looks, 25 * LOOK_S) && looks_had(&looks, (50 + 2 * LOOKS_KEPT - 2) * LOOK_S));
}

/* A task without input is not said to have none. */
static void what_was_not_told_for_nobody_looked_is_said(void)
{
    const struct task_counts counts = { .listed = { [TASKS_ALL] = 1 } };
    struct model *model = make_model();
    union record record = { .task_begun = story_begun(1, 0, 1, STORY_BEGIN_NS, "") };
    take(model, RECORD_TASK_BEGUN, &record);
    const struct model_task *task = tasks_at(&model->tasks, 0);
    struct record_death death = { .pool = 1, .task = 1, .item = -1, .attempt = 1, .time_ns = STORY_BEGIN_NS + 5 };
    struct view view = { NULL, model, pool_of(model), 1 };
    char *about = certificate_task(model, &death), *foot = task_foot_words(&view, 1, &counts, 0);
    CHECK(strstr(about, "not told") == NULL && strstr(foot, "nobody looked") == NULL);
    CHECK_STR(task_report_no_argument(model, task), "No argument is shown.");
    g_free(about);
    g_free(foot);
    looks_set(&model->looks, false, STORY_BEGIN_NS - 2 * LOOK_S);
    about = certificate_task(model, &death);
    foot = task_foot_words(&view, 1, &counts, 0);
    CHECK(strstr(about, "input not told, nobody looked") != NULL);
    CHECK(strstr(foot, "nobody looked while it ran") != NULL);
    CHECK(strstr(task_report_no_argument(model, task), "nobody looked") != NULL);
    g_free(about);
    g_free(foot);
    looks_set(&model->looks, true, STORY_BEGIN_NS - LOOK_S / 2);
    foot = task_foot_words(&view, 1, &counts, 0);
    CHECK(strstr(foot, "inputs were not told from ") != NULL);
    CHECK_STR(task_report_no_argument(model, task), "No argument is shown.");
    g_free(foot);
    model_free(model);
}

static void the_bound_is_said(void)
{
    const struct task_counts counts = { .listed = { [TASKS_ALL] = 1000 } };
    struct model *model;
    CHECK_OK(model_create(&(struct model_limits){ .tasks = 1000 }, &model));
    union record record = { .pool = { .pool = 1, .name = record_text_of("pages"), .reason = record_text_of("") } };
    take(model, RECORD_POOL, &record);
    unsigned seed = 1;
    invent(model, 1, 1500, &seed);
    struct view view = { NULL, model, pool_of(model), 1 };
    char *words = task_foot_words(&view, 3, &counts, 0);
    CHECK_STR(words, "3 of 1\xc2\xa0"
                     "000 tasks \xc2\xb7 the last 1\xc2\xa0"
                     "000 are kept, 500 older ones were dropped");
    g_free(words);
    /* They are those of the process. */
    record.pool = (struct record_pool){ .pool = 2, .name = record_text_of("more"), .reason = record_text_of("") };
    take(model, RECORD_POOL, &record);
    words = task_foot_words(&view, 3, &counts, 0);
    CHECK(strstr(words, "000 of all pools are kept, 500 older ones were dropped") != NULL);
    g_free(words);
    model_free(model);
}

/* What has changed since it was sorted stands where it stood. */
static void an_order_that_stands_says_of_when_it_is(void)
{
    const struct task_counts counts = { .listed = { [TASKS_ALL] = 3 } };
    struct model *model = make_model();
    union record record = { .greeting = { .pid = 17,
                                          .now_ns = STORY_BEGIN_NS,
                                          .wall_ns = STORY_WALL_NS,
                                          .program = record_text_of("a"),
                                          .library = record_text_of(""),
                                          .system = record_text_of("") } };
    take(model, RECORD_GREETING, &record);
    struct view view = { NULL, model, pool_of(model), 1 };
    char *words = task_foot_words(&view, 3, &counts, STORY_BEGIN_NS + 5 * LOOK_S);
    char *expected =
        g_strdup_printf("3 tasks, sorted at %.8s (S sorts again)", text_clock(STORY_WALL_NS + 5 * LOOK_S).text);
    CHECK_STR(words, expected);
    g_free(expected);
    g_free(words);
    words = task_foot_words(&view, 3, &counts, 0);
    CHECK_STR(words, "3 tasks");
    g_free(words);
    model_free(model);
}

/* Whoever reads how many wait reads the same number everywhere, and why the table has fewer. */
static void tasks_are_counted_as_the_pool_counts_them(void)
{
    const guint found[TASK_FILTERS] = { 126, 7, 6, 3, 2, 108 };
    const struct record_counts said = { .running = 6, .queued = 1236, .failed = 4 };
    struct task_counts counts;
    task_counts_make(&counts, found, &said);
    CHECK_EQ(counts.all[TASKS_RUNNING], 6);
    CHECK_EQ(counts.all[TASKS_WAITING], 1236);
    CHECK_EQ(counts.all[TASKS_FAILED], 4);
    CHECK_EQ(counts.all[TASKS_RETRIED], 2);
    CHECK_EQ(counts.listed[TASKS_ALL], 126);
    CHECK_EQ(counts.listed[TASKS_WAITING], 6);
    CHECK_EQ(counts.listed[TASKS_RUNNING], 6);
    CHECK_EQ(counts.listed[TASKS_FAILED], 3);
    g_autoptr(GString) text = g_string_new(NULL);
    task_counts_add_unlisted(&counts, "; ", text);
    CHECK_STR(text->str, "; 1\xc2\xa0"
                         "230 more wait, only the first named; 1 more failed");
}

/* Of a map each item that failed has a line, and the pool counts it once, when it ends. */
static void failed_items_of_a_map_are_told_from_failed_tasks(void)
{
    const guint found[TASK_FILTERS] = { 120, 0, 0, 20, 0, 100 };
    struct task_counts counts;
    task_counts_make(&counts, found, &(struct record_counts){ .failed = 1 });
    CHECK_EQ(counts.all[TASKS_FAILED], 1);
    CHECK_EQ(counts.listed[TASKS_FAILED], 20);
    g_autoptr(GString) text = g_string_new(NULL);
    task_counts_add_unlisted(&counts, "; ", text);
    CHECK_STR(text->str, "; 1 failed, a map counts as one");
}

/* As the pool counts: what it ended before has failed, and what was tried again was retried whatever became of it. */
static void groups_are_those_that_the_pool_counts(void)
{
    struct model *model;
    CHECK_OK(model_create(&(struct model_limits){ .tasks = 1000 }, &model));
    union record record = { .pool = { .pool = 1, .name = record_text_of("pages"), .reason = record_text_of("") } };
    take(model, RECORD_POOL, &record);
    end_task(model, 1, 1, RECORD_END_ABANDONED);
    end_task(model, 2, 2, RECORD_END_DIED);
    end_task(model, 3, 2, RECORD_END_DONE);
    end_task(model, 4, 1, RECORD_END_DONE);
    struct task_scene *scene = task_scene_new(model, pool_of(model));
    const struct {
        enum task_filter filter;
        bool has[4];
    } groups[] = { { TASKS_ALL, { true, true, true, true } },
                   { TASKS_FAILED, { true, true, false, false } },
                   { TASKS_RETRIED, { false, true, true, false } },
                   { TASKS_DONE, { false, false, false, true } } };
    for (size_t i = 0; i < G_N_ELEMENTS(groups); i++) {
        const struct task_question question = { .filter = groups[i].filter };
        for (uint64_t task = 0; task < 4; task++)
            CHECK(task_question_wants(&question, scene, tasks_numbered(&model->tasks, task)) == groups[i].has[task]);
    }
    CHECK_STR(task_look(scene, tasks_numbered(&model->tasks, 0)).word, "Abandoned");
    task_scene_free(scene);
    model_free(model);
}

static void one_that_waits_is_told_for_how_long_it_does(void)
{
    int64_t wait_ns;
    struct record_task_queued queued = { .task = 7, .item = -1, .submitted_ns = 1000, .waits = 1 };
    struct record_task_begun begun = { .task = 7, .item = -1, .attempt = 1, .begun_ns = 5000 };
    struct record_task_begun again = { .task = 7, .item = -1, .attempt = 2, .begun_ns = 9000 };
    struct model_task *waits = task_with_queued(NULL, &queued), *runs = task_with_begun(waits, &begun);
    struct model_task *retried = task_with_begun(waits, &again), *unknown = task_with_begun(NULL, &begun);
    CHECK(task_waited_ns(waits, 4000, &wait_ns) && wait_ns == 3000);
    CHECK(task_waited_ns(runs, 8000, &wait_ns) && wait_ns == 4000);
    CHECK(!task_waited_ns(retried, 9500, &wait_ns));
    CHECK(!task_waited_ns(unknown, 9500, &wait_ns));
    task_release(waits);
    task_release(runs);
    task_release(retried);
    task_release(unknown);
}

static void one_task_that_is_not_listed_is_no_many(void)
{
    const guint found[TASK_FILTERS] = { 0 };
    struct task_counts counts;
    task_counts_make(&counts, found, &(struct record_counts){ .queued = 1 });
    g_autoptr(GString) text = g_string_new(NULL);
    task_counts_add_unlisted(&counts, "", text);
    CHECK_STR(text->str, "1 more waits");
    CHECK_STR(task_counts_none(&counts, &(struct task_question){ .filter = TASKS_WAITING }).text,
              "1 task waits. The program did not say which.");
}

static void an_empty_table_says_why_it_is(void)
{
    const guint none[TASK_FILTERS] = { 0 }, found[TASK_FILTERS] = { 120, 6, 0, 3, 2, 109 };
    const struct record_counts said = { .running = 6, .queued = 1236, .failed = 3 };
    struct task_question question = { .filter = TASKS_WAITING };
    struct task_counts counts;
    task_counts_make(&counts, found, &said);
    CHECK_STR(task_counts_none(&counts, &question).text, "1\xc2\xa0"
                                                         "236 tasks wait. The program did not say which.");
    question.text = "corpus";
    CHECK_STR(task_counts_none(&counts, &question).text, "No task matches.");
    question = (struct task_question){ .filter = TASKS_FAILED, .function = 2 };
    CHECK_STR(task_counts_none(&counts, &question).text, "No task matches.");
    task_counts_make(&counts, none, &(struct record_counts){ 0 });
    CHECK_STR(task_counts_none(&counts, &(struct task_question){ .filter = TASKS_ALL }).text,
              "No task was told of so far.");
}

static int add_bytes(const void *bytes, size_t size, void *user)
{
    g_string_append_len(user, bytes, (gssize)size);
    return 0;
}

static void rows_are_exported_in_their_order(void)
{
    struct model *model = make_model();
    GString *csv = g_string_new(NULL);
    struct record_task_begun begun = story_begun(7, 0, 1, STORY_BEGIN_NS, "a \"quoted\" one");
    union record record = { .task_ended = story_ended(&begun, RECORD_END_DONE, 5, "two", "") };
    take(model, RECORD_TASK_ENDED, &record);
    record.task_begun = story_begun(8, 0, 1, STORY_BEGIN_NS, "runs");
    take(model, RECORD_TASK_BEGUN, &record);
    GPtrArray *tasks = all_tasks(model);
    struct task_scene *scene = task_scene_new(model, pool_of(model));
    CHECK_OK(task_export_write(&model->greeting, "pages", scene, tasks, add_bytes, csv));
    g_auto(GStrv) lines = g_strsplit(csv->str, "\n", -1);
    CHECK_EQ(g_strv_length(lines), 4);
    CHECK_CONTAINS(lines[1], "1,\"pages\",7,-1,1,\"parse_page\",\"main.c:88\",\"\",0,5000,1,done,0,");
    CHECK_CONTAINS(lines[1], "\"a \"\"quoted\"\" one\",\"two\",\"\"");
    CHECK_CONTAINS(lines[2], "1,\"pages\",8,-1,1,\"parse_page\",\"main.c:88\",\"\",0,5000,1,,0,");
    task_scene_free(scene);
    g_ptr_array_unref(tasks);
    g_string_free(csv, TRUE);
    model_free(model);
}

/* As on the overview: a long wait is said, and leaves the bar to what a worker does. */
static void a_task_s_bar_begins_when_a_worker_is_free_for_it(void)
{
    double parts[SPLIT_PARTS];
    struct model_task task = {
        .wait_ns = 96 * STORY_MS, .copy_ns = STORY_MS, .run_ns = 2 * STORY_MS, .return_ns = STORY_MS, .attempt = 2
    };
    CHECK(task_report_parts(&task, parts));
    CHECK(parts[SPLIT_WAITS] == 0 && parts[SPLIT_IN] == 0.25 && parts[SPLIT_RUNS] == 0.5 && parts[SPLIT_BACK] == 0.25);
    CHECK_STR(task_report_time_note(&task).text, "attempt 2 \xc2\xb7 after waiting 96\xc2\xa0ms");
    task = (struct model_task){ .wait_ns = STORY_MS, .attempt = 1 };
    CHECK(!task_report_parts(&task, parts));
    CHECK_STR(task_report_time_note(&task).text, "after waiting 1.0\xc2\xa0ms");
    CHECK_STR(task_report_time_note(&(struct model_task){ .attempt = 1 }).text, "");
}

static void a_report_has_all_attempts(void)
{
    struct model *model = make_model();
    struct record_task_begun first = story_begun(9, 5, 1, STORY_BEGIN_NS, "1");
    struct record_task_begun second = story_begun(9, 2, 2, STORY_BEGIN_NS + STORY_MS, "1");
    union record record = { .task_ended = story_ended(&first, RECORD_END_RETRIED, STORY_MS, "",
                                                      "worker 5 (pid 5005) was killed by signal 11") };
    take(model, RECORD_TASK_ENDED, &record);
    record.task_ended = story_ended(&second, RECORD_END_DONE, STORY_MS, "two", "");
    take(model, RECORD_TASK_ENDED, &record);
    struct task_scene *scene = task_scene_new(model, pool_of(model));
    struct view view = { NULL, model, pool_of(model), 1 };
    char *report = task_report(&view, scene, tasks_at(&model->tasks, 0));
    CHECK_CONTAINS(report, "Task 9 is done\nparse_page(1)\n");
    CHECK_CONTAINS(report, "attempt 2: worker 2, pid 5002 \xc2\xb7 retried");
    CHECK_CONTAINS(report, "attempt 1: worker 5, pid 5005 \xc2\xb7 signal 11");
    CHECK_CONTAINS(report, "result: two");
    /* Where nothing came back. */
    struct model_task dead = { .return_ns = 2 * STORY_MS, .told = TASK_TOLD_ENDED, .end = RECORD_END_DIED };
    CHECK_STR(task_report_part(&dead, SPLIT_BACK).text, "noticed after 2.0\xc2\xa0ms");
    dead.end = RECORD_END_DONE;
    CHECK_STR(task_report_part(&dead, SPLIT_BACK).text, "returned 2.0\xc2\xa0ms");
    g_free(report);
    task_scene_free(scene);
    model_free(model);
}

static void check_tries(const struct model *model, const char *tries, const char *coming)
{
    struct task_scene *scene = task_scene_new(model, pool_of(model));
    const struct model_task *task = tasks_at(&model->tasks, 0);
    struct view view = { NULL, model, pool_of(model), 1 };
    struct table_cell cell = { .glyph = GLYPH_NONE };
    enum glyph glyph;
    task_row_fill(&view, scene, task, TASK_COLUMN_TRY, &cell);
    CHECK_STR(cell.words.text, tries);
    CHECK_STR(task_report_coming(scene, task, &glyph), coming);
    char *report = task_report(&view, scene, task), *line = g_strdup_printf("attempt 2: %s\n", coming);
    CHECK(strstr(report, line) != NULL || coming[0] == '\0');
    g_free(line);
    g_free(report);
    task_scene_free(scene);
}

static void an_attempt_that_is_to_come_is_one_of_them(void)
{
    struct model *model = make_model();
    struct record_task_begun first = story_begun(9, 5, 1, STORY_BEGIN_NS, "1");
    struct record_task_begun second = story_begun(9, 2, 2, STORY_BEGIN_NS + STORY_MS, "1");
    union record record = { .task_begun = first };
    take(model, RECORD_TASK_BEGUN, &record);
    check_tries(model, "1", "");
    record = (union record){ .task_ended = story_ended(&first, RECORD_END_RETRIED, STORY_MS, "",
                                                       "worker 5 (pid 5005) was killed by signal 11") };
    take(model, RECORD_TASK_ENDED, &record);
    check_tries(model, "1 of 2", "waits to begin");
    model_end(model);
    check_tries(model, "1 of 2", "not told");
    record.task_ended = story_ended(&second, RECORD_END_DONE, STORY_MS, "two", "");
    take(model, RECORD_TASK_ENDED, &record);
    check_tries(model, "2", "");
    model_free(model);
}

/* While rows are looked for a table still has those of before, and somebody clicks them. */
static void rows_that_are_no_task_s_any_more_cannot_be_chosen(void)
{
    int calls = 0;
    struct task_picks picks;
    struct task_index *index = task_index_new(count_call, &calls);
    GtkBitset *rows = gtk_bitset_new_range(0, 4);
    task_picks_init(&picks);
    task_picks_take(&picks, index, rows);
    CHECK(picks.count == 0 && picks.numbers->len == 0 && gtk_bitset_is_empty(picks.rows));
    gtk_bitset_unref(rows);
    task_picks_clear(&picks);
    task_index_free(index);
}

/* What was called with is kept of calls, and of the last ones: the pool says of which. */
static void only_what_the_pool_has_kept_can_be_tried_again(void)
{
    struct model *model = make_model();
    for (uint64_t task = 1; task <= 4; task++) {
        struct record_task_begun begun = story_begun(task, 0, 1, STORY_BEGIN_NS, "1");
        union record record = { .task_ended = story_ended(&begun, RECORD_END_FAILED, STORY_MS, "", "no memory") };
        record.task_ended.retriable = task % 2 == 0;
        take(model, RECORD_TASK_ENDED, &record);
    }
    struct task_scene *scene = task_scene_new(model, pool_of(model));
    struct task_picks picks;
    task_picks_init(&picks);
    for (uint64_t number = 0; number < 4; number++)
        g_array_append_val(picks.numbers, number);
    GArray *again = task_picks_failed(&picks, model, scene);
    CHECK_EQ(again->len, 2);
    CHECK_EQ(g_array_index(again, uint64_t, 0), 2);
    CHECK_EQ(g_array_index(again, uint64_t, 1), 4);
    g_array_unref(again);
    task_picks_clear(&picks);
    task_scene_free(scene);
    model_free(model);
}

/* ---- One bound for all ---- */

#define WATCHED 3

struct shared {
    struct watch watches[WATCHED];
    GPtrArray *all;
};

/* Each with so many tasks. */
static void begin_sharing(struct shared *shared, const uint64_t *tasks)
{
    unsigned seed = 5;
    *shared = (struct shared){ .all = g_ptr_array_new() };
    for (int i = 0; i < WATCHED; i++) {
        shared->watches[i].model = make_model();
        invent(shared->watches[i].model, 1, tasks[i], &seed);
        g_ptr_array_add(shared->all, &shared->watches[i]);
    }
}

static void end_sharing(struct shared *shared)
{
    for (int i = 0; i < WATCHED; i++)
        model_free(shared->watches[i].model);
    g_ptr_array_unref(shared->all);
}

static struct tasks *tasks_of(struct shared *shared, int index)
{
    return watch_tasks(&shared->watches[index]);
}

static size_t bytes_of_all(struct shared *shared)
{
    size_t sum = 0;
    for (int i = 0; i < WATCHED; i++)
        sum += tasks_of(shared, i)->bytes;
    return sum;
}

static void who_is_not_looked_at_keeps_what_it_has_while_there_is_room(void)
{
    struct shared shared;
    begin_sharing(&shared, (const uint64_t[]){ 100, 3000, 10 });
    size_t bytes = tasks_of(&shared, 1)->bytes, sum = bytes_of_all(&shared);
    const struct room room = { .all = sum, .looked_at = sum / 2, .aside = sum / 20 };
    room_share(&room, shared.all, &shared.watches[0]);
    CHECK_EQ(bytes_of_all(&shared), sum);
    CHECK_EQ(tasks_of(&shared, 1)->bytes_max, bytes);
    CHECK_EQ(tasks_of(&shared, 2)->bytes_max, room.aside);
    room_share(&(struct room){ sum, sum / 2, sum }, shared.all, &shared.watches[0]);
    CHECK_EQ(tasks_of(&shared, 2)->bytes_max, (sum - sum / 2) / 2);
    end_sharing(&shared);
}

static void who_has_most_and_is_not_looked_at_makes_room(void)
{
    struct shared shared;
    unsigned seed = 6;
    begin_sharing(&shared, (const uint64_t[]){ 2000, 3000, 500 });
    size_t sum = bytes_of_all(&shared), small = tasks_of(&shared, 2)->bytes;
    const struct room room = { .all = sum, .looked_at = sum / 2, .aside = sum / 4 };
    invent(shared.watches[0].model, 2001, 500, &seed);
    size_t seen = tasks_of(&shared, 0)->bytes, excess = bytes_of_all(&shared) - sum;
    uint32_t most = tasks_count(tasks_of(&shared, 1));
    room_share(&room, shared.all, &shared.watches[0]);
    CHECK_LE(bytes_of_all(&shared), sum);
    CHECK_LE(sum - excess / 10, bytes_of_all(&shared));
    CHECK_EQ(tasks_of(&shared, 0)->bytes, seen);
    CHECK_EQ(tasks_of(&shared, 2)->bytes, small);
    CHECK(tasks_count(tasks_of(&shared, 1)) < most && tasks_of(&shared, 1)->first > 0);
    end_sharing(&shared);
}

/* Whichever of them is looked at, and however much comes. */
static void all_together_take_no_more_than_they_may(void)
{
    struct shared shared;
    unsigned seed = 7;
    begin_sharing(&shared, (const uint64_t[]){ 1000, 1000, 1000 });
    size_t all = bytes_of_all(&shared);
    const struct room room = { .all = all, .looked_at = all / 4 * 3, .aside = all / 4 };
    for (int i = 0; i < 60; i++) {
        int seen = i / 20 % WATCHED;
        tasks_bound(tasks_of(&shared, seen), room.looked_at);
        for (int j = 0; j < WATCHED; j++)
            invent(shared.watches[j].model, 5000 + 200 * (uint64_t)i, 200, &seed);
        room_share(&room, shared.all, &shared.watches[seen]);
        CHECK_LE(bytes_of_all(&shared), all);
        CHECK_LE(tasks_of(&shared, seen)->bytes, room.looked_at);
        /* It has had the time to take all that is its own. */
        CHECK(i % 20 < 19 || tasks_of(&shared, seen)->bytes > room.looked_at / 10 * 9);
    }
    end_sharing(&shared);
}

static const struct test tests[] = {
    TEST_WITH(rows_are_sorted_by_each_column_as_a_simple_reference_does, TEST_ONCE, 0),
    TEST_WITH(rows_are_filtered_as_a_simple_reference_does, TEST_ONCE, 0),
    TEST_WITH(texts_that_are_not_ascii_are_found_in_any_case, TEST_ONCE, 0),
    TEST_WITH(a_million_rows_are_sorted, TEST_ONCE, 120),
    TEST_WITH(sorting_that_is_cancelled_ends, TEST_ONCE, 0),
    TEST_WITH(a_filter_while_events_arrive_finds_what_there_is, TEST_ONCE | TEST_KEEPS, 0),
    TEST_WITH(what_is_new_is_counted_until_it_is_asked_for, TEST_ONCE | TEST_KEEPS, 0),
    TEST_WITH(rows_are_not_sorted_any_more_once_one_would_stand_elsewhere, TEST_ONCE | TEST_KEEPS, 0),
    TEST_WITH(an_order_lasts_as_long_as_what_it_goes_by, TEST_ONCE | TEST_KEEPS, 0),
    TEST_WITH(what_is_new_says_how_many_failed, TEST_ONCE | TEST_KEEPS, 0),
    TEST_WITH(one_that_fails_later_is_new_among_the_failed, TEST_ONCE | TEST_KEEPS, 0),
    TEST_WITH(rows_that_are_forgotten_are_found_anew, TEST_ONCE | TEST_KEEPS, 0),
    TEST_WITH(tasks_of_the_rows_outlive_the_model, TEST_ONCE | TEST_KEEPS, 0),
    TEST_WITH(tasks_are_gathered_of_the_rows_that_there_were_whatever_is_asked_next, TEST_ONCE | TEST_KEEPS, 0),
    TEST_WITH(tasks_are_gathered_while_a_recording_is_read_anew, TEST_ONCE | TEST_KEEPS, 0),
    TEST_WITH(rows_are_found_by_the_numbers_of_their_tasks, TEST_ONCE | TEST_KEEPS, 0),
    TEST_WITH(an_index_may_be_freed_at_any_moment, TEST_ONCE | TEST_KEEPS, 0),
    TEST_WITH(what_is_discarded_is_freed_on_a_thread, TEST_ONCE | TEST_KEEPS, 0),
    TEST_WITH(what_went_wrong_is_said_in_a_few_words, TEST_ONCE, 0),
    TEST_WITH(what_was_lost_of_a_task_is_not_said_to_run_or_wait, TEST_ONCE, 0),
    TEST_WITH(nothing_runs_or_waits_in_a_pool_whose_program_has_ended, TEST_ONCE, 0),
    TEST_WITH(what_nobody_looked_at_is_known_by_its_times, TEST_ONCE, 0),
    TEST_WITH(what_was_not_told_for_nobody_looked_is_said, TEST_ONCE, 0),
    TEST_WITH(the_bound_is_said, TEST_ONCE, 0),
    TEST_WITH(an_order_that_stands_says_of_when_it_is, TEST_ONCE, 0),
    TEST_WITH(tasks_are_counted_as_the_pool_counts_them, TEST_ONCE, 0),
    TEST_WITH(failed_items_of_a_map_are_told_from_failed_tasks, TEST_ONCE, 0),
    TEST_WITH(groups_are_those_that_the_pool_counts, TEST_ONCE, 0),
    TEST_WITH(one_that_waits_is_told_for_how_long_it_does, TEST_ONCE, 0),
    TEST_WITH(one_task_that_is_not_listed_is_no_many, TEST_ONCE, 0),
    TEST_WITH(an_empty_table_says_why_it_is, TEST_ONCE, 0),
    TEST_WITH(rows_are_exported_in_their_order, TEST_ONCE, 0),
    TEST_WITH(a_task_s_bar_begins_when_a_worker_is_free_for_it, TEST_ONCE, 0),
    TEST_WITH(a_report_has_all_attempts, TEST_ONCE, 0),
    TEST_WITH(an_attempt_that_is_to_come_is_one_of_them, TEST_ONCE, 0),
    TEST_WITH(only_what_the_pool_has_kept_can_be_tried_again, TEST_ONCE, 0),
    TEST_WITH(rows_that_are_no_task_s_any_more_cannot_be_chosen, TEST_ONCE, 0),
    TEST_WITH(who_is_not_looked_at_keeps_what_it_has_while_there_is_room, TEST_ONCE, 0),
    TEST_WITH(who_has_most_and_is_not_looked_at_makes_room, TEST_ONCE, 0),
    TEST_WITH(all_together_take_no_more_than_they_may, TEST_ONCE, 0),
};

TEST_MAIN_GUI(tests)
