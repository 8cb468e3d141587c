#include "window/controls.h"

#include "model/text.h"
#include "model/words.h"
#include "window/actions.h"
#include "window/answers.h"
#include "window/confirm.h"
#include "window/grants.h"
#include "window/order.h"
#include <inttypes.h>
#include <mproc/stats.h>

#define RESIZE_MAX 1024 /* of a pool, as its header says */

/* ---- Asking the user ---- */

/* The order is the question's. */
static struct confirm question_of(struct order *order, const char *yes)
{
    return (struct confirm){ .text = "",
                             .no = "Keep it",
                             .yes = yes,
                             .confirmed = order_send,
                             .gone = order_gone,
                             .user = order,
                             .free_user = order_free };
}

static void ask(MonWindow *window, struct order *order, const char *head, const char *text, const char *yes)
{
    struct confirm confirm = question_of(order, yes);
    confirm.head = head;
    confirm.text = text;
    confirm_ask(GTK_WINDOW(window), &confirm);
}

static struct order *order_for(MonWindow *window, const struct view *view, unsigned verb, int64_t worker)
{
    return order_new(mon_window_get_desk(window), view, verb, worker);
}

/* ---- The pool ---- */

static void pause_pool(MonWindow *window, GVariant *parameter)
{
    (void)parameter;
    struct view view = actions_view(window);
    if (grants_why_not(&view, RECORD_VERB_PAUSE) != NULL)
        return;
    struct order *order = order_for(window, &view, view.pool->said.paused ? RECORD_VERB_RESUME : RECORD_VERB_PAUSE, -1);
    order_send(0, order);
    order_free(order);
}

static void resize_pool(MonWindow *window, GVariant *parameter)
{
    (void)parameter;
    struct view view = actions_view(window);
    if (grants_why_not(&view, RECORD_VERB_RESIZE) != NULL)
        return;
    struct confirm confirm = {
        .head = "How many workers?",
        .text = "New ones start at once; those that are too many leave when their task is done.",
        .no = "Cancel",
        .yes = "Resize",
        .number = (int)view.pool->said.target,
        .number_max = RESIZE_MAX,
        .confirmed = order_send,
        .gone = order_gone,
        .user = order_for(window, &view, RECORD_VERB_RESIZE, -1),
        .free_user = order_free,
    };
    confirm_ask(GTK_WINDOW(window), &confirm);
}

/* ---- Workers ---- */

static const struct model_worker *find_worker(const struct view *view, unsigned verb, int32_t place)
{
    bool is_granted = grants_why_not(view, verb) == NULL && place >= 0;
    const struct model_worker *worker = is_granted ? pool_worker_at(view->pool, (uint64_t)place) : NULL;
    return worker != NULL && worker->said.state != MPROC_WORKER_NONE ? worker : NULL;
}

/* It begins and ends tasks while that is asked. */
static char *say_kill(void *order)
{
    struct words call = order_call(order);
    if (call.text[0] == '\0')
        return g_strdup("It has no task; a new worker takes its place.");
    return g_strdup_printf("Its task %s fails or is tried again; a new worker takes its place.", call.text);
}

static void kill_worker(MonWindow *window, GVariant *parameter)
{
    struct view view = actions_view(window);
    int32_t place = g_variant_get_int32(parameter);
    const struct model_worker *worker = find_worker(&view, RECORD_VERB_KILL_WORKER, place);
    if (worker == NULL)
        return;
    g_autofree char *head = g_strdup_printf("Kill worker %d (pid %" PRId64 ")?", place, worker->said.pid);
    struct confirm confirm = question_of(order_for(window, &view, RECORD_VERB_KILL_WORKER, place), "Kill worker");
    confirm.head = head;
    confirm.say = say_kill;
    confirm_ask(GTK_WINDOW(window), &confirm);
}

static void restart_worker(MonWindow *window, GVariant *parameter)
{
    struct view view = actions_view(window);
    int32_t place = g_variant_get_int32(parameter);
    const struct model_worker *worker = find_worker(&view, RECORD_VERB_RESTART_WORKER, place);
    if (worker == NULL)
        return;
    g_autofree char *head = g_strdup_printf("Restart worker %d (pid %" PRId64 ")?", place, worker->said.pid);
    ask(window, order_for(window, &view, RECORD_VERB_RESTART_WORKER, place), head,
        "It ends once its task is done; a new worker takes its place.", "Restart worker");
}

/* ---- Tasks ---- */

static struct order *order_for_tasks(MonWindow *window, unsigned verb, GVariant *parameter, size_t *ret_count)
{
    struct view view = actions_view(window);
    const uint64_t *tasks = g_variant_get_fixed_array(parameter, ret_count, sizeof *tasks);
    if (*ret_count == 0 || grants_why_not(&view, verb) != NULL)
        return NULL;
    struct order *order = order_for(window, &view, verb, -1);
    order_set_tasks(order, tasks, *ret_count);
    return order;
}

static void cancel_tasks(MonWindow *window, GVariant *parameter)
{
    size_t count;
    struct order *order = order_for_tasks(window, RECORD_VERB_CANCEL_TASK, parameter, &count);
    if (order == NULL)
        return;
    g_autofree char *head =
        count == 1 ? g_strdup("Cancel this task?") : g_strdup_printf("Cancel %s tasks?", text_count(count).text);
    ask(window, order, head,
        "What waits is taken out of the queue; of what runs the worker is killed, and a new one takes its place.",
        count == 1 ? "Cancel task" : "Cancel tasks");
}

static void retry_tasks(MonWindow *window, GVariant *parameter)
{
    size_t count;
    struct order *order = order_for_tasks(window, RECORD_VERB_RETRY_TASK, parameter, &count);
    if (order == NULL)
        return;
    if (count > 1) {
        g_autofree char *head = g_strdup_printf("Retry %s tasks?", text_count(count).text);
        ask(window, order, head, "Each of them is submitted once more, with what it was called with.", "Retry tasks");
        return;
    }
    order_send(0, order);
    order_free(order);
}

/* ---- Answers ---- */

#define REFUSED "mproc-refused"

static void forget_refusal(GtkWidget *dialog, GtkWindow *window)
{
    (void)dialog;
    g_object_set_data(G_OBJECT(window), REFUSED, NULL);
}

/* Of many refusals one has to be closed; that there are more is in the log of the pool. */
static void tell_refusal(GtkWindow *window, const struct answer *answer)
{
    if (g_object_get_data(G_OBJECT(window), REFUSED) != NULL)
        return;
    GtkWidget *dialog = confirm_tell(window, answer_head(answer).text, answer_text(answer).text);
    g_object_set_data(G_OBJECT(window), REFUSED, dialog);
    g_signal_connect_object(dialog, "destroy", G_CALLBACK(forget_refusal), window, 0);
}

#define TALLY "mproc-tally"

static struct answer_tally *tally_of(GtkWindow *window)
{
    struct answer_tally *tally = g_object_get_data(G_OBJECT(window), TALLY);
    if (tally == NULL) {
        tally = g_new0(struct answer_tally, 1);
        g_object_set_data_full(G_OBJECT(window), TALLY, tally, g_free);
    }
    return tally;
}

/* Only tasks are asked for many at a time. */
static unsigned count_done(GtkWindow *window, const struct answer *answer)
{
    bool is_of_task = answer->asked.verb == RECORD_VERB_CANCEL_TASK || answer->asked.verb == RECORD_VERB_RETRY_TASK;
    return is_of_task ? answer_count(tally_of(window), answer) : 0;
}

static void say(MonWindow *window, const struct answer *answer, unsigned count)
{
    struct words head = count > 1 ? answer_head_of_many(answer->asked.verb, count) : answer_head(answer);
    struct words text = count > 1 ? (struct words){ "" } : answer_text(answer);
    g_autofree char *said = g_strdup_printf("%s.%s%s", head.text, text.text[0] != '\0' ? " " : "", text.text);
    mon_window_say(window, said);
}

static void on_answered(MonDesk *desk, struct watch *watch, const struct answer *answer, MonWindow *window)
{
    (void)desk, (void)watch;
    unsigned count = count_done(GTK_WINDOW(window), answer);
    if (answer->code < 0)
        tell_refusal(GTK_WINDOW(window), answer);
    else
        say(window, answer, count);
}

/* ---- The table of them ---- */

static const struct action actions[] = {
    { "pause", NULL, pause_pool },          { "resize", NULL, resize_pool },
    { "kill-worker", "i", kill_worker },    { "restart-worker", "i", restart_worker },
    { "cancel-tasks", "at", cancel_tasks }, { "retry-tasks", "at", retry_tasks },
};

static const unsigned verbs[G_N_ELEMENTS(actions)] = {
    RECORD_VERB_PAUSE,          RECORD_VERB_RESIZE,      RECORD_VERB_KILL_WORKER,
    RECORD_VERB_RESTART_WORKER, RECORD_VERB_CANCEL_TASK, RECORD_VERB_RETRY_TASK,
};

void controls_show(MonWindow *window, const struct view *view)
{
    for (size_t i = 0; i < G_N_ELEMENTS(actions); i++)
        actions_enable(window, actions[i].name, grants_why_not(view, verbs[i]) == NULL);
}

void controls_add(MonWindow *window)
{
    actions_add(window, actions, G_N_ELEMENTS(actions));
    g_signal_connect_object(mon_window_get_desk(window), "answered", G_CALLBACK(on_answered), window, 0);
}
