#include "terminal/view_objects.h"

#include "model/text.h"
#include "model/words.h"
#include "terminal/table.h"
#include <stdio.h>

/* More of them at a time are not told of. */
#define DEADLOCKS_SHOWN 8

/* ---- Deadlocks ---- */

static void view_deadlock(struct page *page, const struct model *model, const struct deadlock *deadlock)
{
    page_format(page, STYLE_BAD, "Deadlock for %s", text_duration(model->now_ns - deadlock->since_ns).text);
    page_line(page);
    for (size_t i = 0; i < deadlock->count; i++) {
        page_text(page, STYLE_PLAIN, words_deadlock_step(model, deadlock, i).text);
        page_line(page);
    }
    page_text(page, STYLE_PLAIN, words_deadlock_end(deadlock).text);
    page_line(page);
    page_text(page, STYLE_DIM, words_deadlock_advice(model, deadlock).text);
    page_line(page);
}

size_t view_deadlocks(struct page *page, const struct model *model)
{
    struct deadlock deadlocks[DEADLOCKS_SHOWN];
    size_t count = objects_deadlocks(&model->objects, model->now_ns, deadlocks, DEADLOCKS_SHOWN);
    for (size_t i = 0; i < count; i++)
        view_deadlock(page, model, &deadlocks[i]);
    return count;
}

/* ---- The table ---- */

static const struct table_column COLUMNS[] = {
    { "State", 10, false },       { "Name", 0, false },    { "Kind", 9, false },
    { "Held by", 20, false },     { "Held for", 9, true }, { "Waiters", 7, true },
    { "Longest wait", 12, true }, { "Fill", 16, true },    { NULL, 0, false },
};

struct deadlocks {
    struct deadlock all[DEADLOCKS_SHOWN];
    size_t count;
};

static bool is_deadlocked(const struct deadlocks *deadlocks, uint64_t object)
{
    for (size_t i = 0; i < deadlocks->count; i++)
        if (deadlock_has_object(&deadlocks->all[i], object))
            return true;
    return false;
}

/* 0 comes first: deadlocked, waited for, held, the rest. */
static int badness(const struct deadlocks *deadlocks, const struct record_object *object)
{
    if (is_deadlocked(deadlocks, object->object))
        return 0;
    if (object->waiters > 0)
        return 1;
    return object->holder_pid != 0 ? 2 : 3;
}

static enum style state_style(int badness)
{
    static const enum style styles[] = { STYLE_BAD, STYLE_WARN, STYLE_RUNNING, STYLE_DIM };
    return styles[badness];
}

static void add_object(struct table *table, const struct model *model, const struct model_object *object, int badness)
{
    const struct record_object *said = &object->said;
    int64_t since_ns, held_ns;
    bool held = said->holder_pid != 0;
    table_cell(table, state_style(badness), words_object_state(object, badness == 0));
    table_cell(table, STYLE_PLAIN, kept_string(said->name));
    table_cell(table, STYLE_PLAIN, words_object_kind(said->kind));
    table_cell(table, STYLE_PLAIN, held ? words_who(model, said->holder_pid, said->holder).text : "");
    table_cell(table, STYLE_PLAIN,
               objects_held_since(&model->objects, object, &held_ns) ? text_duration(model->now_ns - held_ns).text
                                                                     : "");
    table_cell(table, STYLE_PLAIN, text_count(said->waiters).text);
    table_cell(table, STYLE_PLAIN,
               objects_longest_wait(&model->objects, said->object, &since_ns)
                   ? text_duration(model->now_ns - since_ns).text
                   : "");
    table_cell(table, STYLE_PLAIN, words_object_fill(said).text);
    table_row(table);
}

static size_t count_up_to(const struct model *model, const struct deadlocks *deadlocks, int worst)
{
    size_t count = 0;
    for (size_t i = 0; i < model->objects.all.count; i++)
        count += badness(deadlocks, &objects_at(&model->objects, i)->said) <= worst;
    return count;
}

void view_objects(struct page *page, const struct model *model, int rows, bool all)
{
    struct deadlocks deadlocks;
    deadlocks.count = objects_deadlocks(&model->objects, model->now_ns, deadlocks.all, DEADLOCKS_SHOWN);
    int last = all ? 3 : 1;
    if (count_up_to(model, &deadlocks, last) == 0)
        return;
    struct table table = table_begin(page, COLUMNS);
    for (int each = 0; each <= last; each++)
        for (size_t i = 0; i < model->objects.all.count && rows > 0; i++) {
            const struct model_object *object = objects_at(&model->objects, i);
            if (badness(&deadlocks, &object->said) != each)
                continue;
            add_object(&table, model, object, each);
            rows--;
        }
}
