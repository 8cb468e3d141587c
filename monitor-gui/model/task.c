#include "model/task.h"

#include <stddef.h>
#include <stdlib.h>

/* ---- Holding ---- */

struct model_task *task_hold(const struct model_task *task)
{
    struct model_task *held = (struct model_task *)task;
    /* Whoever holds it has seen what is in it: one more of them brings nothing new. */
    if (held != NULL)
        atomic_fetch_add_explicit(&held->holders, 1, memory_order_relaxed);
    return held;
}

/* All that others read of it comes before it is freed: what they release is acquired by the last one. */
void task_release(const struct model_task *task)
{
    while (task != NULL) {
        struct model_task *held = (struct model_task *)task;
        if (atomic_fetch_sub_explicit(&held->holders, 1, memory_order_acq_rel) != 1)
            return;
        task = held->earlier;
        free(held);
    }
}

/* ---- Texts ---- */

static size_t texts_bytes(const uint16_t sizes[TASK_TEXTS])
{
    size_t bytes = 0;
    for (int i = 0; i < TASK_TEXTS; i++)
        bytes += (size_t)sizes[i] + 1;
    return bytes;
}

static size_t own_bytes(const struct model_task *task)
{
    return offsetof(struct model_task, texts) + texts_bytes(task->sizes);
}

size_t task_bytes(const struct model_task *task)
{
    size_t bytes = 0;
    for (; task != NULL; task = task->earlier)
        bytes += own_bytes(task);
    return bytes;
}

const char *task_text(const struct model_task *task, enum task_text text)
{
    const char *at = task->texts;
    for (unsigned i = 0; i < text; i++)
        at += task->sizes[i] + 1;
    return at;
}

static struct record_text text_of(const struct model_task *task, enum task_text text)
{
    return (struct record_text){ task_text(task, text), task->sizes[text] };
}

/* Either record may lack what the other has: previews are lost before ends are. */
static struct record_text either(struct record_text one, const struct model_task *task, enum task_text text)
{
    return one.size > 0 || task == NULL ? one : text_of(task, text);
}

/* ---- Making ---- */

static void write_texts(struct model_task *task, const struct record_text texts[TASK_TEXTS])
{
    char *at = task->texts;
    for (int i = 0; i < TASK_TEXTS; i++) {
        if (texts[i].size > 0)
            memcpy(at, texts[i].data, texts[i].size);
        at += texts[i].size;
        *at++ = '\0';
    }
}

/* All of before, or nothing, with these texts; the attempts before it are held by both. What others change meanwhile,
 * how many hold it, is not copied. */
static struct model_task *make(const struct model_task *before, const struct record_text texts[TASK_TEXTS])
{
    uint16_t sizes[TASK_TEXTS];
    for (int i = 0; i < TASK_TEXTS; i++)
        sizes[i] = (uint16_t)texts[i].size;
    struct model_task *task = malloc(offsetof(struct model_task, texts) + texts_bytes(sizes));
    if (task == NULL)
        return NULL;
    if (before != NULL)
        memcpy(task, before, offsetof(struct model_task, holders));
    else
        *task = (struct model_task){ .worker = -1 };
    memcpy(task->sizes, sizes, sizeof sizes);
    atomic_init(&task->holders, 1);
    task_hold(task->earlier);
    write_texts(task, texts);
    return task;
}

static void texts_of(const struct model_task *task, struct record_text ret_texts[TASK_TEXTS])
{
    for (unsigned i = 0; i < TASK_TEXTS; i++)
        ret_texts[i] = task != NULL ? text_of(task, i) : record_text_of("");
}

static struct model_task *copy_of(const struct model_task *before)
{
    struct record_text texts[TASK_TEXTS];
    texts_of(before, texts);
    return make(before, texts);
}

static void set_earlier(struct model_task *task, const struct model_task *earlier)
{
    task_hold(earlier);
    task_release(task->earlier);
    task->earlier = earlier;
    task->depth = earlier != NULL ? (uint16_t)(earlier->depth + 1) : 0;
}

/* A new attempt begins with what holds for all of them. */
static void begin_attempt(struct model_task *task, const struct model_task *before)
{
    if (before == NULL || (before->told & (TASK_TOLD_BEGUN | TASK_TOLD_ENDED)) == 0)
        return;
    if (before->depth < TASK_EARLIER_MAX)
        set_earlier(task, before);
    task->told &= TASK_TOLD_QUEUED;
    task->begun_ns = task->ended_ns = task->code = task->pid = 0;
    task->wait_ns = task->queued_ns = task->copy_ns = task->run_ns = task->return_ns = 0;
    task->end = 0;
}

/* ---- With a record ---- */

/* It may come once more, with what the task is called with. */
static bool is_queued_known(const struct model_task *before, const struct record_task_queued *record)
{
    return before != NULL && (before->told & TASK_TOLD_QUEUED) != 0 &&
           (record->argument.size == 0 || before->sizes[TASK_ARGUMENT] > 0);
}

struct model_task *task_with_queued(const struct model_task *before, const struct record_task_queued *record)
{
    if (is_queued_known(before, record))
        return task_hold(before);
    struct record_text texts[TASK_TEXTS];
    texts_of(before, texts);
    if (texts[TASK_ARGUMENT].size == 0)
        texts[TASK_ARGUMENT] = record->argument;
    struct model_task *task = make(before, texts);
    if (task == NULL)
        return NULL;
    if (task->told == 0) {
        task->key = (struct task_key){ record->pool, record->task, record->item };
        task->items = record->items;
        task->function = record->function;
    }
    task->told |= TASK_TOLD_QUEUED;
    task->submitted_ns = record->submitted_ns;
    task->priority = record->priority;
    return task;
}

static bool is_final(const struct model_task *task)
{
    return (task->told & TASK_TOLD_ENDED) != 0 && task->end != RECORD_END_RETRIED;
}

static void set_begun(struct model_task *task, const struct record_task_begun *record)
{
    task->key = (struct task_key){ record->pool, record->task, record->item };
    task->items = record->items;
    task->function = record->function;
    task->worker = record->worker;
    task->pid = record->pid;
    task->attempt = record->attempt;
    task->told |= TASK_TOLD_BEGUN;
    task->begun_ns = record->begun_ns;
    task->submitted_ns = record->submitted_ns != 0 ? record->submitted_ns : task->submitted_ns;
}

/* The end of the same attempt has come first: it lacks at most what only its begin tells. */
static void add_begun(struct model_task *task, const struct record_task_begun *record)
{
    task->told |= TASK_TOLD_BEGUN;
    if (task->begun_ns == 0)
        task->begun_ns = record->begun_ns;
}

/* It is known already, from its worker's state for instance. */
static bool is_begun_known(const struct model_task *before, const struct record_task_begun *record)
{
    return record->attempt == before->attempt && (before->told & TASK_TOLD_BEGUN) != 0 &&
           (record->label.size == 0 || before->sizes[TASK_LABEL] > 0) &&
           (record->argument.size == 0 || before->sizes[TASK_ARGUMENT] > 0);
}

static bool is_begun_old(const struct model_task *before, const struct record_task_begun *record)
{
    if (before == NULL)
        return false;
    return record->attempt < before->attempt || (record->attempt > before->attempt && is_final(before)) ||
           is_begun_known(before, record);
}

struct model_task *task_with_begun(const struct model_task *before, const struct record_task_begun *record)
{
    if (is_begun_old(before, record))
        return task_hold(before);
    bool is_same = before != NULL && before->attempt == record->attempt && (before->told & TASK_TOLD_ENDED) != 0;
    struct record_text texts[TASK_TEXTS];
    texts_of(is_same ? before : NULL, texts);
    texts[TASK_LABEL] = either(record->label, before, TASK_LABEL);
    texts[TASK_ARGUMENT] = either(record->argument, before, TASK_ARGUMENT);
    struct model_task *task = make(before, texts);
    if (task == NULL)
        return NULL;
    if (is_same) {
        add_begun(task, record);
        return task;
    }
    if (before != NULL && record->attempt > before->attempt)
        begin_attempt(task, before);
    set_begun(task, record);
    return task;
}

static void set_ended(struct model_task *task, const struct record_task_ended *record)
{
    task->key = (struct task_key){ record->pool, record->task, record->item };
    task->items = record->items;
    task->function = record->function;
    task->worker = record->worker;
    task->pid = record->pid;
    task->attempt = record->attempt;
    task->told |= TASK_TOLD_ENDED | (record->retriable != 0 ? TASK_TOLD_RETRIABLE : 0);
    task->end = record->end;
    task->code = record->code;
    task->submitted_ns = record->submitted_ns != 0 ? record->submitted_ns : task->submitted_ns;
    task->begun_ns = record->begun_ns != 0 ? record->begun_ns : task->begun_ns;
    task->ended_ns = record->ended_ns;
    task->wait_ns = record->wait_ns;
    task->queued_ns = record->queued_ns;
    task->copy_ns = record->copy_ns;
    task->run_ns = record->run_ns;
    task->return_ns = record->return_ns;
}

static struct model_task *make_ended(const struct model_task *before, const struct record_task_ended *record)
{
    struct model_task *task =
        make(before, (struct record_text[]){ [TASK_LABEL] = either(record->label, before, TASK_LABEL),
                                             [TASK_ARGUMENT] = either(record->argument, before, TASK_ARGUMENT),
                                             [TASK_RESULT] = record->result,
                                             [TASK_ERROR] = record->error });
    if (task == NULL)
        return NULL;
    if (before != NULL && record->attempt > before->attempt)
        begin_attempt(task, before);
    set_ended(task, record);
    return task;
}

/* An attempt before the latest one, whose end comes late. Ends come in order, so that it is the last of them. */
static struct model_task *with_earlier(const struct model_task *before, const struct record_task_ended *record)
{
    const struct model_task *known = before->earlier;
    bool is_same = known != NULL && known->attempt == record->attempt;
    bool is_old =
        known != NULL && (known->attempt > record->attempt || (is_same && (known->told & TASK_TOLD_ENDED) != 0));
    if (is_old || before->depth >= TASK_EARLIER_MAX)
        return task_hold(before);
    struct model_task *task = copy_of(before), *earlier = task != NULL ? make_ended(known, record) : NULL;
    if (earlier != NULL)
        set_earlier(task, earlier);
    task_release(earlier);
    return task;
}

struct model_task *task_with_ended(const struct model_task *before, const struct record_task_ended *record)
{
    if (before == NULL || (before->told & (TASK_TOLD_BEGUN | TASK_TOLD_ENDED)) == 0)
        return make_ended(before, record);
    if (record->attempt < before->attempt)
        return with_earlier(before, record);
    /* That an attempt is tried again says less than how the task ended in it. */
    bool is_less = record->end == RECORD_END_RETRIED && (before->told & TASK_TOLD_ENDED) != 0;
    if (record->attempt == before->attempt && is_less)
        return task_hold(before);
    return make_ended(before, record);
}

/* ---- As records ---- */

bool task_as_queued(const struct model_task *task, struct record_task_queued *ret_record)
{
    *ret_record = (struct record_task_queued){ .pool = task->key.pool,
                                               .task = task->key.task,
                                               .item = task->key.item,
                                               .items = task->items,
                                               .function = task->function,
                                               .submitted_ns = task->submitted_ns,
                                               .priority = task->priority,
                                               .argument = text_of(task, TASK_ARGUMENT) };
    return (task->told & TASK_TOLD_QUEUED) != 0;
}

bool task_as_begun(const struct model_task *task, struct record_task_begun *ret_record)
{
    *ret_record = (struct record_task_begun){ .pool = task->key.pool,
                                              .task = task->key.task,
                                              .item = task->key.item,
                                              .items = task->items,
                                              .function = task->function,
                                              .worker = (uint32_t)task->worker,
                                              .pid = task->pid,
                                              .attempt = task->attempt,
                                              .begun_ns = task->begun_ns,
                                              .label = text_of(task, TASK_LABEL),
                                              .argument = text_of(task, TASK_ARGUMENT),
                                              .submitted_ns = task->submitted_ns };
    return (task->told & TASK_TOLD_BEGUN) != 0;
}

bool task_as_ended(const struct model_task *task, struct record_task_ended *ret_record)
{
    *ret_record = (struct record_task_ended){ .pool = task->key.pool,
                                              .task = task->key.task,
                                              .item = task->key.item,
                                              .items = task->items,
                                              .function = task->function,
                                              .worker = task->worker,
                                              .pid = task->pid,
                                              .attempt = task->attempt,
                                              .end = task->end,
                                              .code = task->code,
                                              .submitted_ns = task->submitted_ns,
                                              .begun_ns = task->begun_ns,
                                              .ended_ns = task->ended_ns,
                                              .wait_ns = task->wait_ns,
                                              .queued_ns = task->queued_ns,
                                              .copy_ns = task->copy_ns,
                                              .run_ns = task->run_ns,
                                              .return_ns = task->return_ns,
                                              .label = text_of(task, TASK_LABEL),
                                              .argument = text_of(task, TASK_ARGUMENT),
                                              .result = text_of(task, TASK_RESULT),
                                              .error = text_of(task, TASK_ERROR) };
    return (task->told & TASK_TOLD_ENDED) != 0;
}

/* ---- Questions ---- */

static enum task_state state_of_end(uint8_t end)
{
    static const enum task_state states[] = {
        [RECORD_END_DONE] = TASK_DONE,           [RECORD_END_FAILED] = TASK_FAILED,
        [RECORD_END_CANCELLED] = TASK_CANCELLED, [RECORD_END_DIED] = TASK_DIED,
        [RECORD_END_LIMIT] = TASK_LIMIT,         [RECORD_END_RETRIED] = TASK_RETRIED,
        [RECORD_END_ABANDONED] = TASK_ABANDONED,
    };
    return end >= RECORD_END_DONE && end <= RECORD_END_ABANDONED ? states[end] : TASK_FAILED;
}

enum task_state task_state(const struct model_task *task)
{
    if ((task->told & TASK_TOLD_ENDED) != 0)
        return state_of_end(task->end);
    return (task->told & TASK_TOLD_BEGUN) != 0 ? TASK_RUNNING : TASK_QUEUED;
}

/* Of a later attempt only its end tells: the time since it was submitted is that of the earlier ones, too. */
bool task_waited_ns(const struct model_task *task, int64_t now_ns, int64_t *ret_wait_ns)
{
    enum task_state state = task_state(task);
    bool is_first = task->attempt <= 1 && task->submitted_ns > 0;
    if (task->wait_ns > 0)
        *ret_wait_ns = task->wait_ns;
    else if (is_first && state == TASK_QUEUED)
        *ret_wait_ns = now_ns - task->submitted_ns;
    else if (is_first && state == TASK_RUNNING && task->begun_ns > 0)
        *ret_wait_ns = task->begun_ns - task->submitted_ns;
    else
        return false;
    return *ret_wait_ns > 0;
}

bool task_run_ns(const struct model_task *task, int64_t now_ns, int64_t *ret_run_ns)
{
    if ((task->told & TASK_TOLD_ENDED) == 0) {
        *ret_run_ns = now_ns - task->begun_ns;
        return (task->told & TASK_TOLD_BEGUN) != 0;
    }
    *ret_run_ns = task->run_ns > 0 ? task->run_ns : task->ended_ns - task->begun_ns;
    return task->begun_ns != 0 || task->run_ns > 0;
}
