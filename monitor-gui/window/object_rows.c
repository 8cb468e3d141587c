#include "window/object_rows.h"

#include "model/text.h"
#include "window/object_words.h"

/* Who waits for so long is told of on top. */
#define LONG_NS INT64_C(1000000000)

enum rank { RANK_DEADLOCK, RANK_DEATH, RANK_WAITING, RANK_PATIENT, RANK_REST };

/* ---- Rows ---- */

static bool is_deadlocked(const struct deadlock *deadlocks, size_t count, uint64_t object)
{
    for (size_t i = 0; i < count; i++)
        if (deadlock_has_object(&deadlocks[i], object))
            return true;
    return false;
}

/* Rows do not move for those who go on at once. */
static bool waits_long(const struct model *model, const struct record_object *object, int64_t *ret_since_ns)
{
    return object->waiters > 0 && objects_longest_wait(&model->objects, object->object, ret_since_ns) &&
           model->now_ns - *ret_since_ns > LONG_NS;
}

/* Consumers that wait for something to come are as they should be. */
static bool is_empty_channel(const struct record_object *object)
{
    return (object->kind == RECORD_OBJECT_QUEUE || object->kind == RECORD_OBJECT_PIPE) && object->depth == 0;
}

static int rank_of(const struct model_object *object, bool deadlocked, bool waits)
{
    if (deadlocked)
        return RANK_DEADLOCK;
    if (object->said.abandoned)
        return RANK_DEATH;
    if (!waits)
        return RANK_REST;
    return is_empty_channel(&object->said) ? RANK_PATIENT : RANK_WAITING;
}

static int by_number(uint64_t one, uint64_t other)
{
    return (one > other) - (one < other);
}

/* A row while it is sorted. */
struct sorted {
    struct object_row row;
    const struct record_object *said;
    int64_t since_ns; /* that somebody waits, where that alone is what it is told of for; else 0 */
};

static int compare(gconstpointer one, gconstpointer other)
{
    const struct sorted *a = one, *b = other;
    if (a->row.rank != b->row.rank)
        return a->row.rank - b->row.rank;
    if (a->since_ns != b->since_ns)
        return a->since_ns < b->since_ns ? -1 : 1;
    if (a->said->kind != b->said->kind)
        return (int)a->said->kind - (int)b->said->kind;
    int names = g_strcmp0(kept_string(a->said->name), kept_string(b->said->name));
    return names != 0 ? names : by_number(a->row.object, b->row.object);
}

void object_rows_collect(GArray *rows, const struct model *model, const struct deadlock *deadlocks, size_t count)
{
    g_autoptr(GArray) sorted = g_array_new(FALSE, FALSE, sizeof(struct sorted));
    for (size_t i = 0; i < model->objects.all.count; i++) {
        const struct model_object *object = objects_at(&model->objects, i);
        bool deadlocked = is_deadlocked(deadlocks, count, object->said.object);
        int64_t since_ns = 0;
        bool waits = waits_long(model, &object->said, &since_ns);
        struct object_row row = { object->said.object, deadlocked, rank_of(object, deadlocked, waits) };
        bool is_by_wait = row.rank == RANK_WAITING || row.rank == RANK_PATIENT;
        g_array_append_val(sorted, ((struct sorted){ row, &object->said, is_by_wait ? since_ns : 0 }));
    }
    g_array_sort(sorted, compare);
    g_array_set_size(rows, 0);
    for (guint i = 0; i < sorted->len; i++)
        g_array_append_val(rows, g_array_index(sorted, struct sorted, i).row);
}

guint object_rows_find(const GArray *rows, uint64_t object)
{
    for (guint i = 0; i < rows->len; i++)
        if (g_array_index(rows, struct object_row, i).object == object)
            return i;
    return TABLE_NO_ROW;
}

/* ---- Columns ---- */

/* Whoever takes a lock would pay for being counted: that he had to wait is counted alone, which costs nothing beside
 * it. */
static bool can_have(const struct record_object *object, enum object_column column)
{
    bool is_channel = object->kind == RECORD_OBJECT_QUEUE || object->kind == RECORD_OBJECT_PIPE;
    bool is_lock = object->kind == RECORD_OBJECT_LOCK || object->kind == RECORD_OBJECT_RLOCK;
    switch (column) {
    case OBJECT_HELD_FOR:
        return is_lock;
    case OBJECT_FILL:
        return words_object_fill(object).text[0] != '\0';
    case OBJECT_TAKEN:
        return is_channel;
    case OBJECT_CONTENDED:
        return is_lock || object->kind == RECORD_OBJECT_SEMAPHORE;
    default:
        return true;
    }
}

bool object_rows_have(const GArray *rows, const struct model *model, enum object_column column)
{
    for (guint i = 0; i < rows->len; i++) {
        const struct object_row *row = &g_array_index(rows, struct object_row, i);
        const struct model_object *object = objects_find(&model->objects, row->object);
        if (object != NULL && can_have(&object->said, column))
            return true;
    }
    return false;
}

/* ---- Cells ---- */

static void put(struct table_cell *cell, const char *text)
{
    g_strlcpy(cell->words.text, text, sizeof cell->words.text);
}

static void fill_state(const struct model_object *object, const struct object_row *row, struct table_cell *cell)
{
    put(cell, object_state(object, row->is_deadlocked, &cell->glyph, &cell->class));
}

static void fill_held(const struct view *view, const struct model_object *object, bool deadlocked,
                      struct table_cell *cell)
{
    int64_t since_ns;
    if (objects_held_since(&view->model->objects, object, &since_ns))
        put(cell, text_duration(view_now_ns(view) - since_ns).text);
    cell->class = deadlocked ? "bad" : NULL;
}

static void fill_longest(const struct view *view, const struct record_object *said, bool deadlocked,
                         struct table_cell *cell)
{
    int64_t since_ns;
    if (objects_longest_wait(&view->model->objects, said->object, &since_ns))
        put(cell, text_duration(view_now_ns(view) - since_ns).text);
    cell->class = deadlocked ? "bad" : NULL;
}

static void fill_fill(const struct model_object *object, struct table_cell *cell)
{
    cell->words = words_object_fill(&object->said);
    cell->part = object_part(&object->said);
    cell->class = strcmp(words_object_state(object, false), "Full") == 0 ? "warn" : NULL;
}

static void fill_taken(const struct object_rates *rates, const struct record_object *said, struct table_cell *cell)
{
    double rate;
    if (object_rates_get(rates, said->object, &rate))
        put(cell, text_rate(rate).text);
}

/* Its program counts who slept once he has it: who still does is counted here. */
static void fill_contended(const struct record_object *said, struct table_cell *cell)
{
    if (can_have(said, OBJECT_CONTENDED))
        put(cell, text_about((double)said->contended + said->waiters).text);
}

static void fill_holder(const struct view *view, const struct model_object *object, struct table_cell *cell)
{
    cell->words = object_holder_beside(view->model, view->pool, object);
    cell->class = object->said.holder_pid == 0 ? "bad" : NULL;
    if (cell->words.text[0] == '\0' && object_is_with_somebody(&object->said)) {
        put(cell, "not known");
        cell->class = "dim";
    }
}

static void fill_name(const struct model_object *object, struct table_cell *cell)
{
    cell->words = object_name(object);
    cell->class = object->said.name.size == 0 ? "dim" : NULL;
}

static void fill_cell(const struct view *view, const struct object_rates *rates, const struct object_row *row,
                      enum object_column column, const struct model_object *object, struct table_cell *ret_cell)
{
    switch (column) {
    case OBJECT_STATE:
        fill_state(object, row, ret_cell);
        break;
    case OBJECT_NAME:
        fill_name(object, ret_cell);
        break;
    case OBJECT_KIND:
        put(ret_cell, words_object_kind(object->said.kind));
        break;
    case OBJECT_HELD_BY:
        fill_holder(view, object, ret_cell);
        break;
    case OBJECT_HELD_FOR:
        fill_held(view, object, row->is_deadlocked, ret_cell);
        break;
    case OBJECT_WAITERS:
        ret_cell->words = object_waiters(view->model, object);
        break;
    case OBJECT_LONGEST:
        fill_longest(view, &object->said, row->is_deadlocked, ret_cell);
        break;
    case OBJECT_FILL:
        fill_fill(object, ret_cell);
        break;
    case OBJECT_TAKEN:
        fill_taken(rates, &object->said, ret_cell);
        break;
    case OBJECT_CONTENDED:
        fill_contended(&object->said, ret_cell);
        break;
    default:
        break;
    }
}

void object_row_fill(const struct view *view, const struct object_rates *rates, const struct object_row *row,
                     enum object_column column, struct table_cell *ret_cell)
{
    const struct model_object *object = objects_find(&view->model->objects, row->object);
    if (object == NULL)
        return;
    fill_cell(view, rates, row, column, object, ret_cell);
}

char *object_row_text(const struct view *view, const struct object_rates *rates, const struct object_row *row)
{
    GString *text = g_string_new(NULL);
    for (int i = 0; i < OBJECT_COLUMNS; i++) {
        struct table_cell cell = { .part = -1 };
        object_row_fill(view, rates, row, (enum object_column)i, &cell);
        g_string_append_printf(text, "%s%s", i > 0 ? "\t" : "", cell.words.text);
    }
    return g_string_free(text, FALSE);
}
