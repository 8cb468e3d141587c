/* What a monitor knows of tasks: the same as a simple reference in whatever order it is told, within its bounds, and
 * unchanged for whoever holds one.
 */
#include "model/model.h"
#include "monitor_story.h"
#include "test.h"

static struct model *make_model(uint32_t tasks, size_t bytes)
{
    struct model *model;
    CHECK_OK(model_create(&(struct model_limits){ .tasks = tasks, .task_bytes = bytes }, &model));
    return model;
}

static void tell_begun(struct model *model, const struct record_task_begun *begun)
{
    const union record record = { .task_begun = *begun };
    CHECK_OK(tasks_take(&model->tasks, RECORD_TASK_BEGUN, &record));
}

static void tell_ended(struct model *model, const struct record_task_ended *ended)
{
    const union record record = { .task_ended = *ended };
    CHECK_OK(tasks_take(&model->tasks, RECORD_TASK_ENDED, &record));
}

static const struct model_task *single(const struct model *model, uint64_t number)
{
    const struct model_task *task = tasks_find(&model->tasks, &(struct task_key){ 1, number, -1 });
    CHECK(task != NULL);
    return task;
}

/* ---- In any order ---- */

/* A simple reference: the records themselves, the latest of each kind, and a question to them. */
struct reference {
    struct record_task_begun begun;
    struct record_task_ended ended;
};

static void refer_begun(struct reference *reference, const struct record_task_begun *begun)
{
    if (begun->attempt >= reference->begun.attempt)
        reference->begun = *begun;
}

static void refer_ended(struct reference *reference, const struct record_task_ended *ended)
{
    bool is_less = ended->attempt == reference->ended.attempt && ended->end == RECORD_END_RETRIED;
    if (ended->attempt > reference->ended.attempt || (ended->attempt == reference->ended.attempt && !is_less))
        reference->ended = *ended;
}

static enum task_state refer_state(const struct reference *reference)
{
    if (reference->ended.attempt == 0 || reference->begun.attempt > reference->ended.attempt)
        return reference->begun.attempt != 0 ? TASK_RUNNING : TASK_QUEUED;
    return reference->ended.end == RECORD_END_DONE      ? TASK_DONE
           : reference->ended.end == RECORD_END_RETRIED ? TASK_RETRIED
                                                        : TASK_FAILED;
}

#define STORIES  300u
#define ATTEMPTS 3u

/* What came of a task in all of its attempts: of each its begin and its end, of which any may be lost. */
struct told_attempts {
    struct record_task_begun begun[ATTEMPTS];
    struct record_task_ended ended[ATTEMPTS];
    unsigned order[2 * ATTEMPTS], count;
};

static void invent_attempts(struct told_attempts *told, uint64_t task, unsigned *seed)
{
    unsigned attempts = 1 + test_random(seed) % ATTEMPTS;
    told->count = 0;
    for (unsigned i = 0; i < attempts; i++) {
        unsigned last = test_random(seed) % 2 == 0 ? RECORD_END_DONE : RECORD_END_FAILED;
        told->begun[i] = story_begun(task, i, i + 1, STORY_BEGIN_NS + i * STORY_S, "argument");
        told->ended[i] =
            story_ended(&told->begun[i], i + 1 < attempts ? RECORD_END_RETRIED : last, STORY_MS, "result", "");
        for (unsigned kind = 0; kind < 2; kind++)
            if (test_random(seed) % 4 != 0)
                told->order[told->count++] = 2 * i + kind;
    }
    for (unsigned i = told->count; i > 1; i--) {
        unsigned other = test_random(seed) % i, moved = told->order[i - 1];
        told->order[i - 1] = told->order[other];
        told->order[other] = moved;
    }
}

static void tell_attempts(struct model *model, const struct told_attempts *told, struct reference *reference)
{
    for (unsigned i = 0; i < told->count; i++) {
        unsigned attempt = told->order[i] / 2;
        if (told->order[i] % 2 == 0) {
            tell_begun(model, &told->begun[attempt]);
            refer_begun(reference, &told->begun[attempt]);
        } else {
            tell_ended(model, &told->ended[attempt]);
            refer_ended(reference, &told->ended[attempt]);
        }
    }
}

static void tell_queued(struct model *model, uint64_t task, const char *argument)
{
    const union record record = { .task_queued = { .pool = 1,
                                                   .task = task,
                                                   .item = -1,
                                                   .items = 1,
                                                   .submitted_ns = STORY_BEGIN_NS,
                                                   .argument = record_text_of(argument) } };
    CHECK_OK(tasks_take(&model->tasks, RECORD_TASK_QUEUED, &record));
}

/* In whichever order it is told that it was queued, that it waits, and that it has begun. */
static void what_waits_has_its_argument(void)
{
    struct model *model = make_model(10, 1 << 20);
    struct record_task_begun begun = story_begun(1, 0, 1, STORY_BEGIN_NS + STORY_S, "as it has begun");
    tell_queued(model, 1, "");
    CHECK_STR(task_text(single(model, 1), TASK_ARGUMENT), "");
    tell_queued(model, 1, "as it waits");
    tell_queued(model, 1, "once more");
    CHECK_STR(task_text(single(model, 1), TASK_ARGUMENT), "as it waits");
    CHECK_EQ(task_state(single(model, 1)), TASK_QUEUED);
    tell_begun(model, &begun);
    tell_queued(model, 1, "too late");
    CHECK_STR(task_text(single(model, 1), TASK_ARGUMENT), "as it has begun");
    CHECK_EQ(task_state(single(model, 1)), TASK_RUNNING);
    CHECK_EQ(single(model, 1)->submitted_ns, STORY_BEGIN_NS);
    begun.task = 2;
    begun.submitted_ns = STORY_BEGIN_NS + STORY_MS;
    tell_begun(model, &begun);
    CHECK_EQ(single(model, 2)->submitted_ns, STORY_BEGIN_NS + STORY_MS);
    model_free(model);
}

static void tasks_told_in_any_order_are_those_of_a_simple_reference(void)
{
    unsigned seed = 11;
    struct model *model = make_model(0, 0);
    for (uint64_t task = 1; task <= STORIES; task++) {
        struct reference reference = { .begun.attempt = 0 };
        struct told_attempts told;
        invent_attempts(&told, task, &seed);
        tell_attempts(model, &told, &reference);
        if (told.count == 0)
            continue;
        const struct model_task *known = single(model, task);
        bool is_over = reference.ended.attempt >= reference.begun.attempt;
        CHECK_EQ(task_state(known), refer_state(&reference));
        CHECK_EQ(known->attempt, is_over ? reference.ended.attempt : reference.begun.attempt);
        CHECK_EQ(known->worker, is_over ? reference.ended.worker : (int64_t)reference.begun.worker);
        CHECK_STR(task_text(known, TASK_RESULT), is_over ? "result" : "");
        CHECK_STR(task_text(known, TASK_ARGUMENT), "argument");
    }
    model_free(model);
}

static void attempts_before_the_last_one_are_kept(void)
{
    struct model *model = make_model(0, 0);
    for (uint32_t attempt = 1; attempt <= 40; attempt++) {
        struct record_task_begun begun = story_begun(9, attempt, attempt, STORY_BEGIN_NS, "1");
        struct record_task_ended ended = story_ended(&begun, RECORD_END_RETRIED, 3, "", "killed");
        tell_begun(model, &begun);
        tell_ended(model, &ended);
        tell_ended(model, &ended);
    }
    const struct model_task *task = single(model, 9);
    unsigned count = 0;
    for (const struct model_task *one = task; one->earlier != NULL; one = one->earlier, count++)
        CHECK(one->earlier->attempt < one->attempt && task_state(one->earlier) == TASK_RETRIED);
    CHECK_EQ(task->attempt, 40);
    CHECK_EQ(count, TASK_EARLIER_MAX);
    CHECK_EQ(task->depth, count);
    model_free(model);
}

/* ---- Within bounds ---- */

static void a_task_that_is_held_stays_as_it_was(void)
{
    struct model *model = make_model(4, 0);
    struct record_task_begun begun = story_begun(1, 0, 1, STORY_BEGIN_NS, "one");
    tell_begun(model, &begun);
    const struct model_task *held = task_hold(single(model, 1));
    struct record_task_ended ended = story_ended(&begun, RECORD_END_DONE, 3, "two", "");
    tell_ended(model, &ended);
    CHECK_EQ(task_state(single(model, 1)), TASK_DONE);
    CHECK_EQ(single(model, 1)->number, held->number);
    model_free(model);
    CHECK_EQ(task_state(held), TASK_RUNNING);
    CHECK_STR(task_text(held, TASK_ARGUMENT), "one");
    task_release(held);
}

/* Long texts make room for fewer tasks. */
static void tasks_take_no_more_bytes_than_they_may(void)
{
    static char text[250];
    size_t bytes_max = 100000;
    struct model *model = make_model(5000, bytes_max);
    memset(text, 'x', sizeof text - 1);
    for (uint64_t task = 1; task <= 3000; task++) {
        struct record_task_begun begun = story_begun(task, 0, 1, 1, task % 3 == 0 ? text : "short");
        tell_begun(model, &begun);
        CHECK_LE(model->tasks.bytes, bytes_max);
    }
    uint32_t count = tasks_count(&model->tasks);
    CHECK(count > 200 && count < 3000);
    CHECK_EQ(model->tasks.total, 3000);
    CHECK_EQ(tasks_at(&model->tasks, 0)->key.task, 3000);
    CHECK(tasks_numbered(&model->tasks, model->tasks.first - 1) == NULL);
    CHECK_EQ(tasks_numbered(&model->tasks, model->tasks.first)->key.task, 3000 - count + 1);
    model_free(model);
}

static uint64_t tell_many(struct model *model, uint64_t first, uint64_t count)
{
    for (uint64_t task = first; task < first + count; task++) {
        struct record_task_begun begun = story_begun(task, 0, 1, 1, "short");
        tell_begun(model, &begun);
    }
    return first + count;
}

/* Who looks away loses nothing by it, and who looks again has all of the room. */
static void a_lower_bound_holds_for_what_comes_and_forgets_nothing_at_once(void)
{
    struct model *model = make_model(5000, 1000000);
    uint64_t next = tell_many(model, 1, 1000);
    size_t bytes = model->tasks.bytes;
    tasks_bound(&model->tasks, bytes / 2);
    CHECK_EQ(tasks_count(&model->tasks), 1000);
    next = tell_many(model, next, 500);
    CHECK_LE(model->tasks.bytes, bytes);
    CHECK_LE(tasks_count(&model->tasks), 1000);
    tasks_bound(&model->tasks, 1000000);
    uint32_t count = tasks_count(&model->tasks);
    tell_many(model, next, 500);
    CHECK_EQ(tasks_count(&model->tasks), count + 500);
    model_free(model);
}

/* However many chains there are by then: one is added with each task, up to as many as there is room for tasks. */
static void each_task_is_found_while_more_arrive(void)
{
    const uint64_t room = 2600;
    struct model *model = make_model((uint32_t)room, 0);
    for (uint64_t task = 1; task <= 3 * room; task++) {
        struct record_task_begun begun = story_begun(task, 0, 1, (int64_t)task, "");
        tell_begun(model, &begun);
        CHECK_EQ(single(model, task)->key.task, task);
        for (uint64_t other = 1; other <= task && task % 199 == 0; other++)
            CHECK((tasks_find(&model->tasks, &(struct task_key){ 1, other, -1 }) != NULL) == (other + room > task));
    }
    CHECK_EQ(model->tasks.chain_count, room);
    model_free(model);
}

static void a_million_tasks_are_kept_and_found(void)
{
    uint32_t many = test_is_sanitized() ? 50000 : 1000000;
    int64_t begun_ms = os_now_ms();
    struct model *model = make_model(many, (size_t)512 << 20);
    for (uint64_t task = 1; task <= many + 1000; task++) {
        struct record_task_begun begun = story_begun(task, task % 8, 1, (int64_t)task, "\"corpus/0419.html\"");
        struct record_task_ended ended = story_ended(&begun, RECORD_END_DONE, 3, "129 links", "");
        tell_ended(model, &ended);
    }
    printf("%u tasks in %d ms, %zu bytes each\n", (unsigned)many, (int)(os_now_ms() - begun_ms),
           model->tasks.bytes / many);
    CHECK_EQ(tasks_count(&model->tasks), many);
    for (uint64_t task = 1; task <= many + 1000; task += 997)
        CHECK((tasks_find(&model->tasks, &(struct task_key){ 1, task, -1 }) != NULL) == (task > 1000));
    model_free(model);
}

static const struct test tests[] = {
    TEST_WITH(what_waits_has_its_argument, TEST_ONCE, 0),
    TEST_WITH(tasks_told_in_any_order_are_those_of_a_simple_reference, TEST_ONCE, 0),
    TEST_WITH(attempts_before_the_last_one_are_kept, TEST_ONCE, 0),
    TEST_WITH(a_task_that_is_held_stays_as_it_was, TEST_ONCE, 0),
    TEST_WITH(tasks_take_no_more_bytes_than_they_may, TEST_ONCE, 0),
    TEST_WITH(a_lower_bound_holds_for_what_comes_and_forgets_nothing_at_once, TEST_ONCE, 0),
    TEST_WITH(each_task_is_found_while_more_arrive, TEST_ONCE, 0),
    TEST_WITH(a_million_tasks_are_kept_and_found, TEST_ONCE, 120),
};

TEST_MAIN_PLAIN(tests)
