#include "window/deadlock_text.h"

#include "model/text.h"
#include <inttypes.h>

/* "crawl.c:118" of "parse_page, crawl.c:118": there is no room for both. */
static const char *line_of(const char *place)
{
    const char *comma = strrchr(place, ',');
    return comma != NULL && comma[1] == ' ' ? comma + 2 : place;
}

static void fill_thread(struct circle_node *node, const struct model *model, const struct record_waiter *waiter)
{
    const char *place = kept_string(waiter->place);
    node->is_thread = true;
    g_strlcpy(node->title, words_who(model, waiter->pid, waiter->thread).text, sizeof node->title);
    g_snprintf(node->note, sizeof node->note, "pid %" PRId64 "%s%s", waiter->pid, place[0] != '\0' ? " \xc2\xb7 " : "",
               line_of(place));
}

static void fill_object(struct circle_node *node, const struct view *view, uint64_t number)
{
    const struct model *model = view->model;
    int64_t since_ns;
    const struct model_object *object = objects_find(&model->objects, number);
    g_autofree char *kind = g_ascii_strdown(words_object_kind(object->said.kind), -1);
    node->is_thread = false;
    g_snprintf(node->title, sizeof node->title, "%s \xe2\x80\x9c%s\xe2\x80\x9d", kind, kept_string(object->said.name));
    node->note[0] = '\0';
    if (objects_held_since(&model->objects, object, &since_ns))
        g_snprintf(node->note, sizeof node->note, "held for %s", text_duration(view_now_ns(view) - since_ns).text);
}

size_t deadlock_nodes(const struct view *view, const struct deadlock *deadlock,
                      struct circle_node ret_nodes[2 * CIRCLE_MAX])
{
    if (deadlock->length > CIRCLE_MAX)
        return 0;
    for (size_t i = 0; i < deadlock->count; i++) {
        const struct record_waiter *waiter = &deadlock->waiters[i]->said;
        fill_thread(&ret_nodes[2 * i], view->model, waiter);
        fill_object(&ret_nodes[2 * i + 1], view, waiter->object);
    }
    return 2 * deadlock->count;
}

char *deadlock_report(const struct view *view, const struct deadlock *deadlock)
{
    const struct model *model = view->model;
    GString *report = g_string_new(NULL);
    g_string_append_printf(report, "Deadlock for %s\n", text_span(view_now_ns(view) - deadlock->since_ns).text);
    for (size_t i = 0; i < deadlock->count; i++)
        g_string_append_printf(report, "%s\n", words_deadlock_step(model, deadlock, i).text);
    if (deadlock->count < deadlock->length)
        g_string_append_printf(report, "And %zu more.\n", deadlock->length - deadlock->count);
    g_string_append_printf(report, "%s\n%s\n", words_deadlock_end(deadlock).text,
                           words_deadlock_advice(model, deadlock).text);
    return g_string_free(report, FALSE);
}
