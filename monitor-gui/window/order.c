#include "window/order.h"

#include "model/words.h"
#include "window/grants.h"
#include <inttypes.h>

struct order {
    MonDesk *desk;
    struct record_control control;
    uint64_t whose;       /* number of the watch: its process and no other that has its pid by now */
    int64_t pid;          /* of that process, */
    int64_t worker_pid;   /* and of the worker that is meant, */
    uint64_t lives;       /* which may be a thread of many with that pid */
    char *program, *pool; /* what they are called */
    GArray *tasks;        /* uint64_t; NULL: it is not about tasks */
};

struct order *order_new(MonDesk *desk, const struct view *view, unsigned verb, int64_t worker)
{
    struct order *order = g_new0(struct order, 1);
    const struct model_worker *known = worker >= 0 ? pool_worker_at(view->pool, (uint64_t)worker) : NULL;
    order->desk = g_object_ref(desk);
    order->control = (struct record_control){ .verb = (uint8_t)verb, .pool = view->number, .worker = worker };
    order->whose = view->watch->number;
    order->pid = view->watch->pid;
    order->worker_pid = known != NULL ? known->said.pid : 0;
    order->lives = known != NULL ? known->said.lives : 0;
    order->program = g_strdup(view->watch->program);
    order->pool = g_strdup(words_pool(view->model, view->number).text);
    return order;
}

void order_free(gpointer data)
{
    struct order *order = data;
    g_object_unref(order->desk);
    g_free(order->program);
    g_free(order->pool);
    if (order->tasks != NULL)
        g_array_unref(order->tasks);
    g_free(order);
}

void order_set_tasks(struct order *order, const uint64_t *tasks, size_t count)
{
    order->tasks = g_array_new(FALSE, FALSE, sizeof *tasks);
    g_array_append_vals(order->tasks, tasks, (guint)count);
}

static struct view view_of(const struct order *order)
{
    struct watch *watch = mon_desk_numbered(order->desk, order->whose);
    struct view view = { .number = order->control.pool };
    if (watch != NULL && watch->state != WATCH_ENDED)
        view.watch = watch;
    view_renew(&view);
    return view;
}

/* The one that was meant, and not who took its place meanwhile. */
static bool has_worker(const struct order *order, const struct view *view)
{
    if (order->control.worker < 0)
        return true;
    const struct model_worker *worker = pool_worker_at(view->pool, (uint64_t)order->control.worker);
    return worker != NULL && worker->said.pid == order->worker_pid && worker->said.lives == order->lives;
}

char *order_gone(void *data)
{
    const struct order *order = data;
    struct view view = view_of(order);
    if (view.watch == NULL)
        return g_strdup_printf("%s (pid %" PRId64 ") has ended meanwhile.", order->program, order->pid);
    if (view.pool == NULL)
        return g_strdup_printf("%s has ended meanwhile.", order->pool);
    const char *why_not = grants_why_not(&view, order->control.verb);
    if (why_not != NULL)
        return g_strdup(why_not);
    if (!has_worker(order, &view))
        return g_strdup_printf("Worker %" PRId64 " (pid %" PRId64 ") has ended meanwhile.", order->control.worker,
                               order->worker_pid);
    return NULL;
}

struct words order_call(const struct order *order)
{
    struct view view = view_of(order);
    bool is_there = view.pool != NULL && order->control.worker >= 0 && has_worker(order, &view);
    if (!is_there)
        return (struct words){ "" };
    return words_worker_call(view.pool, pool_worker_at(view.pool, (uint64_t)order->control.worker));
}

void order_send(int number, void *data)
{
    struct order *order = data;
    struct view view = view_of(order);
    if (view.pool == NULL)
        return;
    order->control.number = number;
    if (order->tasks == NULL)
        watch_control(view.watch, &order->control);
    for (guint i = 0; order->tasks != NULL && i < order->tasks->len; i++) {
        order->control.task = g_array_index(order->tasks, uint64_t, i);
        watch_control(view.watch, &order->control);
    }
}
