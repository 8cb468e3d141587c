#include "window/lane_table.h"

#include "model/text.h"
#include <inttypes.h>

static int by_begin(gconstpointer one, gconstpointer other)
{
    const struct lane_entry *a = one, *b = other;
    if (a->bar.begin_ns != b->bar.begin_ns)
        return a->bar.begin_ns < b->bar.begin_ns ? -1 : 1;
    return (a->worker > b->worker) - (a->worker < b->worker);
}

static void add(GArray *entries, uint32_t worker, const struct bar *bar)
{
    struct lane_entry entry = { worker, *bar };
    g_array_append_val(entries, entry);
}

void lane_table_collect(GArray *entries, const struct view *view, struct lane_span span)
{
    struct bars_walk walk = { span.from_ns, span.to_ns, view->number, -1, 0, 0 };
    const struct bar *bar;
    struct bar running, room;
    uint32_t worker;
    g_array_set_size(entries, 0);
    while ((bar = lane_next_bar(view, &walk, &room, &worker)) != NULL)
        add(entries, worker, bar);
    for (uint32_t i = 0; i < view->pool->workers.count; i++)
        if (lane_running_bar(view, i, &running) && running.begin_ns < span.to_ns && running.end_ns >= span.from_ns)
            add(entries, i, &running);
    g_array_sort(entries, by_begin);
    if (entries->len > LANE_TABLE_MAX)
        g_array_set_size(entries, LANE_TABLE_MAX);
}

const char *lane_end_words(unsigned end)
{
    static const char *const words[] = {
        [0] = "runs",
        [RECORD_END_DONE] = "done",
        [RECORD_END_FAILED] = "failed",
        [RECORD_END_CANCELLED] = "cancelled",
        [RECORD_END_DIED] = "died",
        [RECORD_END_LIMIT] = "timed out",
        [RECORD_END_RETRIED] = "died, tried again",
        [RECORD_END_ABANDONED] = "abandoned",
    };
    if (end == LANE_END_UNTOLD)
        return "not told";
    return end < G_N_ELEMENTS(words) ? words[end] : "failed";
}

static void put(struct table_cell *cell, const char *text)
{
    g_strlcpy(cell->words.text, text, sizeof cell->words.text);
}

void lane_table_fill(const struct view *view, const struct lane_entry *entry, enum lane_column column,
                     struct table_cell *ret_cell)
{
    const struct bar *bar = &entry->bar;
    char number[24];
    switch (column) {
    case LANE_WORKER:
        g_snprintf(number, sizeof number, "%" PRIu32, entry->worker);
        put(ret_cell, number);
        break;
    case LANE_TASK:
        put(ret_cell, text_count(bar->task).text);
        break;
    case LANE_FUNCTION:
        put(ret_cell, lane_function_name(view->pool, bar->function));
        break;
    case LANE_ARGUMENT:
        ret_cell->words = lane_argument(view, entry->worker, bar);
        break;
    case LANE_STARTED:
        put(ret_cell, text_clock(bar->begin_ns + lane_wall_ns(view)).text);
        break;
    case LANE_RAN:
        put(ret_cell, text_duration(bar->end_ns - bar->begin_ns).text);
        break;
    default:
        put(ret_cell, lane_end_words(bar->end));
        ret_cell->class = lane_bar_has_failed(bar) ? "bad" : NULL;
        break;
    }
}
