/* What the window itself does: pages, what of them is chosen, the display. */
#include "window/actions.h"
#include "window/keys.h"
#include "window/page_tasks.h"
#include "window/page_workers.h"
#include "window/parts.h"
#include "window/scrub.h"

/* ---- The window ---- */

static void show_sidebar(MonWindow *self, GVariant *parameter)
{
    (void)parameter;
    mon_window_toggle_sidebar(self);
}

static void show_page(MonWindow *self, GVariant *parameter)
{
    mon_window_show_page(self, g_variant_get_string(parameter, NULL));
}

/* In a recording it plays or pauses. */
static void freeze(MonWindow *self, GVariant *parameter)
{
    (void)parameter;
    struct view view = actions_view(self);
    if (view.watch != NULL && view.watch->replay != NULL)
        mon_scrub_toggle(MON_SCRUB(mon_window_get_scrub(self)));
    else
        mon_window_freeze(self, !mon_window_is_frozen(self));
}

static void step_death(MonWindow *self, GVariant *parameter)
{
    mon_scrub_step(MON_SCRUB(mon_window_get_scrub(self)), g_variant_get_int32(parameter));
}

static void move_pool(MonWindow *self, GVariant *parameter)
{
    mon_desk_move(mon_window_get_desk(self), g_variant_get_int32(parameter));
}

static void go_on(MonWindow *self, GVariant *parameter)
{
    (void)parameter;
    mon_desk_go_on(mon_window_get_desk(self));
}

static void search(MonWindow *self, GVariant *parameter)
{
    (void)parameter;
    if (mon_window_get_known(self)->search != NULL)
        mon_window_get_known(self)->search(mon_window_get_page(self));
}

static void renew(MonWindow *self, GVariant *parameter)
{
    (void)parameter;
    if (mon_window_get_known(self)->renew != NULL)
        mon_window_get_known(self)->renew(mon_window_get_page(self));
}

static void escape(MonWindow *self, GVariant *parameter)
{
    (void)parameter;
    if (mon_window_get_known(self)->escape != NULL)
        mon_window_get_known(self)->escape(mon_window_get_page(self));
}

/* From wherever one is. */
static void show_failed(MonWindow *self, GVariant *parameter)
{
    (void)parameter;
    mon_window_show_page(self, "tasks");
    mon_page_tasks_filter(mon_window_get_page(self), TASKS_FAILED);
}

/* One of the pool that is looked at. */
static void show_task(MonWindow *self, GVariant *parameter)
{
    struct view view = actions_view(self);
    struct task_key key = { .pool = view.number };
    if (view.pool == NULL)
        return;
    g_variant_get(parameter, "(tx)", &key.task, &key.item);
    mon_window_show_page(self, "tasks");
    mon_page_tasks_choose(mon_window_get_page(self), &view, &key);
    mon_window_refresh(self);
}

static void show_certificate(MonWindow *self, GVariant *parameter)
{
    struct view view = actions_view(self);
    struct record_death death = { .pool = view.number };
    if (view.pool == NULL)
        return;
    g_variant_get(parameter, "(uxt)", &death.worker, &death.pid, &death.lives);
    mon_window_show_page(self, "workers");
    mon_page_workers_choose(mon_window_get_page(self), &view, &death);
    mon_window_refresh(self);
}

static void copy(MonWindow *self, GVariant *parameter)
{
    (void)parameter;
    g_autofree char *text =
        mon_window_get_known(self)->copy != NULL ? mon_window_get_known(self)->copy(mon_window_get_page(self)) : NULL;
    if (text != NULL)
        parts_copy(GTK_WIDGET(self), text);
}

static void show_keys(MonWindow *self, GVariant *parameter)
{
    (void)parameter;
    keys_show(GTK_WINDOW(self));
}

static void remove_chosen(MonWindow *self, GVariant *parameter)
{
    (void)parameter;
    const struct page *page = mon_window_get_known(self);
    g_autofree char *action = page->remove != NULL ? page->remove(mon_window_get_page(self)) : NULL;
    g_autofree char *name = NULL;
    g_autoptr(GVariant) target = NULL;
    if (action != NULL && g_action_parse_detailed_name(action, &name, &target, NULL))
        gtk_widget_activate_action_variant(GTK_WIDGET(self), name, target);
}

static const struct action actions[] = {
    { "sidebar", NULL, show_sidebar, true },
    { "page", "s", show_page, true },
    { "freeze", NULL, freeze },
    { "step-death", "i", step_death },
    { "move-pool", "i", move_pool },
    { "go-on", NULL, go_on },
    { "search", NULL, search },
    { "renew", NULL, renew },
    { "escape", NULL, escape },
    { "copy", NULL, copy },
    { "remove", NULL, remove_chosen },
    { "failed", NULL, show_failed },
    { "keys", NULL, show_keys },
    { "show-task", "(tx)", show_task },
    { "show-certificate", "(uxt)", show_certificate },
};

void mon_window_add_actions(MonWindow *self)
{
    actions_add(self, actions, G_N_ELEMENTS(actions));
}
