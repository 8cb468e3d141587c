#include "window/desk.h"

#include "platform.h"
#include "window/finder.h"
#include "window/room.h"
#include "window/says.h"

#define ENDED_MAX 8u
#define LINGER_US (1 * G_TIME_SPAN_SECOND)

struct _MonDesk {
    GObject parent_instance;
    GPtrArray *watches; /* struct watch */
    struct finder *finder;
    struct watch *watch;
    uint32_t pool;
    bool is_held;    /* somebody chose or reads it */
    bool is_awaited; /* its process was expected */
    int64_t over_us; /* since when it is seen to be over, or 0 */
    int64_t expected_pid;
    int64_t looked_us;
    char *trouble;
};

G_DEFINE_TYPE(MonDesk, mon_desk, G_TYPE_OBJECT)

static void tell(MonDesk *self)
{
    g_signal_emit_by_name(self, "changed");
}

static void on_watch(struct watch *watch, void *user)
{
    (void)watch;
    tell(user);
}

static void on_answer(struct watch *watch, const struct answer *answer, void *user)
{
    g_signal_emit_by_name(user, "answered", watch, answer);
}

static void on_recorded(struct watch *watch, const char *path, const char *why, void *user)
{
    g_signal_emit_by_name(user, "recorded", watch, path, why);
}

/* ---- What is looked at ---- */

static bool has_pool(const struct model *model, uint32_t pool)
{
    return model != NULL && pools_find(&model->pools, pool) != NULL;
}

/* The pool that is looked at may be gone, or not known yet: then it is the first. */
static uint32_t pool_of(MonDesk *self)
{
    const struct model *model = watch_model(self->watch);
    if (!has_pool(model, self->pool) && model != NULL && model->pools.all.count > 0)
        return pools_at(&model->pools, 0)->number;
    return self->pool;
}

struct view mon_desk_view(MonDesk *self)
{
    struct view view = { .watch = self->watch };
    if (view.watch == NULL)
        return view;
    view.whose = view.watch->number;
    view.number = pool_of(self);
    view_renew(&view);
    view.at_ns = view.model != NULL ? view.model->now_ns : 0;
    return view;
}

bool view_renew(struct view *view)
{
    if (view->whose != 0 && !watch_is_there(view->whose))
        view->watch = NULL;
    view->model = view->watch != NULL ? watch_model(view->watch) : NULL;
    view->pool = view->model != NULL ? pools_find(&view->model->pools, view->number) : NULL;
    return view->pool != NULL;
}

struct view view_at(struct watch *watch, uint32_t pool)
{
    struct view view = { .watch = watch, .number = pool, .whose = watch->number };
    view_renew(&view);
    return view;
}

bool view_is_same(const struct view *view, const struct view *other)
{
    return view->watch == other->watch && view->whose == other->whose && view->number == other->number;
}

static void look_at(MonDesk *self, struct watch *watch, uint32_t pool)
{
    if (self->watch == watch && self->pool == pool)
        return;
    if (self->watch != NULL && self->watch != watch)
        watch_look(self->watch, false);
    self->is_awaited &= self->watch == watch;
    self->is_held = false;
    self->over_us = 0;
    self->watch = watch;
    self->pool = pool;
    if (watch != NULL) {
        watch_open(watch);
        watch_look(watch, true);
    }
    tell(self);
}

void mon_desk_choose(MonDesk *self, struct watch *watch, uint32_t pool)
{
    look_at(self, watch, pool);
    mon_desk_hold(self);
}

struct place {
    struct watch *watch;
    uint32_t pool;
};

static void add_places(GArray *places, struct watch *watch)
{
    const struct model *model = watch_model(watch);
    size_t count = model != NULL ? model->pools.all.count : 0;
    for (size_t i = 0; i < count; i++)
        g_array_append_val(places, ((struct place){ watch, pools_at(&model->pools, i)->number }));
    if (count == 0)
        g_array_append_val(places, ((struct place){ watch, 0 }));
}

void mon_desk_move(MonDesk *self, int direction)
{
    g_autoptr(GArray) places = g_array_new(FALSE, FALSE, sizeof(struct place));
    struct view view = mon_desk_view(self);
    uint32_t pool = view.pool != NULL ? view.pool->number : 0;
    int at = -1;
    for (guint i = 0; i < self->watches->len; i++)
        add_places(places, self->watches->pdata[i]);
    for (guint i = 0; i < places->len; i++)
        if (g_array_index(places, struct place, i).watch == view.watch &&
            g_array_index(places, struct place, i).pool == pool)
            at = (int)i;
    int next = CLAMP(at + direction, 0, (int)places->len - 1);
    if (places->len > 0)
        mon_desk_choose(self, g_array_index(places, struct place, next).watch,
                        g_array_index(places, struct place, next).pool);
}

/* ---- Going on ---- */

void mon_desk_hold(MonDesk *self)
{
    self->is_held = true;
}

static bool is_running(const struct view *view)
{
    return view->pool != NULL && view->watch->state == WATCH_LIVE && !says_is_over(view);
}

static bool is_over(const struct view *view)
{
    return view->watch != NULL && says_is_over(view);
}

struct view mon_desk_next(MonDesk *self)
{
    g_autoptr(GArray) places = g_array_new(FALSE, FALSE, sizeof(struct place));
    struct view seen = mon_desk_view(self), next = { .watch = NULL };
    for (guint i = 0; i < self->watches->len && is_over(&seen); i++)
        add_places(places, self->watches->pdata[i]);
    for (guint i = 0; i < places->len; i++) {
        const struct place *place = &g_array_index(places, struct place, i);
        struct view view = view_at(place->watch, place->pool);
        if (is_running(&view) && (next.watch != seen.watch || view.watch == seen.watch))
            next = view;
    }
    return next;
}

void mon_desk_go_on(MonDesk *self)
{
    struct view next = mon_desk_next(self);
    if (next.watch != NULL)
        look_at(self, next.watch, next.number);
}

static void go_on_by_itself(MonDesk *self)
{
    struct view seen = mon_desk_view(self), next = mon_desk_next(self);
    int64_t now_us = g_get_monotonic_time();
    if (!is_over(&seen))
        self->over_us = 0;
    else if (self->over_us == 0)
        self->over_us = now_us;
    bool stays = self->is_held || (self->is_awaited && next.watch != seen.watch) || next.watch == NULL;
    if (!stays && !says_has_died(seen.watch) && now_us - self->over_us >= LINGER_US)
        mon_desk_go_on(self);
}

/* ---- What there is ---- */

static struct watch_listener listener_of(MonDesk *self)
{
    return (struct watch_listener){ on_watch, on_answer, on_recorded, self };
}

struct watch *mon_desk_find(MonDesk *self, int64_t pid)
{
    for (guint i = 0; i < self->watches->len; i++) {
        struct watch *watch = self->watches->pdata[i];
        if (watch->pid == pid && pid != 0 && watch->state != WATCH_ENDED)
            return watch;
    }
    return NULL;
}

struct watch *mon_desk_numbered(MonDesk *self, uint64_t number)
{
    for (guint i = 0; i < self->watches->len; i++)
        if (((struct watch *)self->watches->pdata[i])->number == number)
            return self->watches->pdata[i];
    return NULL;
}

/* Processes stand before recordings. */
static void add_watch(MonDesk *self, struct watch *watch)
{
    guint at = self->watches->len;
    while (watch->pid != 0 && at > 0 && ((struct watch *)self->watches->pdata[at - 1])->pid == 0)
        at--;
    g_ptr_array_insert(self->watches, (int)at, watch);
}

static bool is_among(const struct found *found, size_t count, int64_t pid)
{
    for (size_t i = 0; i < count; i++)
        if (found[i].pid == pid)
            return true;
    return false;
}

static void announce_all(MonDesk *self, const struct found *found, size_t count)
{
    for (guint i = 0; i < self->watches->len; i++) {
        struct watch *watch = self->watches->pdata[i];
        if (watch->pid != 0)
            watch_announce(watch, is_among(found, count, watch->pid));
    }
}

/* Who watches two programs sees that the one that is not looked at has ended: it stays until it is closed, or its
 * program is started again. Of many the last ones stay. What never told of a pool is no news. */
static bool is_worth_keeping(MonDesk *self, const struct watch *ended, guint kept)
{
    return ended == self->watch || (kept < ENDED_MAX && ended->model->pools.all.count > 0);
}

/* The last ones that were found are behind. */
static bool forget_ended(MonDesk *self)
{
    bool forgot = false;
    guint kept = 0;
    for (guint i = self->watches->len; i-- > 0;) {
        struct watch *watch = self->watches->pdata[i];
        if (watch->state != WATCH_ENDED)
            continue;
        bool is_kept = is_worth_keeping(self, watch, kept);
        kept += is_kept;
        forgot |= !is_kept;
        if (!is_kept)
            g_ptr_array_remove_index(self->watches, i);
    }
    return forgot;
}

static void forget_predecessors(MonDesk *self, const struct watch *begun)
{
    for (guint i = self->watches->len; i-- > 0;) {
        struct watch *watch = self->watches->pdata[i];
        if (watch->state == WATCH_ENDED && watch != self->watch && strcmp(watch->program, begun->program) == 0)
            g_ptr_array_remove_index(self->watches, i);
    }
}

static bool add_found(MonDesk *self, const struct found *found, size_t count)
{
    bool added = false;
    struct watch_listener listener = listener_of(self);
    for (size_t i = 0; i < count; i++)
        if (mon_desk_find(self, found[i].pid) == NULL) {
            struct watch *watch = watch_process(found[i].pid, found[i].name, &listener);
            forget_predecessors(self, watch);
            add_watch(self, watch);
            added = true;
        }
    return added;
}

static struct watch *first_in(MonDesk *self, bool is_over)
{
    for (guint i = 0; i < self->watches->len; i++) {
        struct watch *watch = self->watches->pdata[i];
        if (watch->state != WATCH_SHELVED && (watch->state == WATCH_ENDED) == is_over)
            return watch;
    }
    return NULL;
}

/* So that a window never stands empty beside a pool. A recording is opened by who asks for it. */
static struct watch *first_open(MonDesk *self)
{
    struct watch *lives = first_in(self, false);
    return lives != NULL ? lives : first_in(self, true);
}

/* The one that is expected; or the first one there is. */
static void choose_one(MonDesk *self)
{
    struct watch *expected = mon_desk_find(self, self->expected_pid);
    if (expected != NULL) {
        self->expected_pid = 0;
        look_at(self, expected, 0);
        self->is_awaited = true;
    } else if (self->watch == NULL && self->expected_pid == 0 && first_open(self) != NULL)
        look_at(self, first_open(self), 0);
}

/* A program that makes no pool would be waited for for ever. */
static void miss_expected(MonDesk *self)
{
    gint64 pid = self->expected_pid;
    if (pid == 0 || mon_desk_find(self, pid) != NULL || platform_is_alive(pid, 0))
        return;
    self->expected_pid = 0;
    g_signal_emit_by_name(self, "missed", pid);
}

static void on_found(void *user, const struct found *found, size_t count, const char *why)
{
    MonDesk *self = user;
    self->looked_us = g_get_monotonic_time();
    g_free(self->trouble);
    self->trouble = g_strdup(why);
    announce_all(self, found, count);
    bool changed = add_found(self, found, count);
    changed |= forget_ended(self);
    miss_expected(self);
    choose_one(self);
    if (changed)
        tell(self);
}

struct watch *mon_desk_shelve(MonDesk *self, const char *path)
{
    for (guint i = 0; i < self->watches->len; i++)
        if (g_strcmp0(((struct watch *)self->watches->pdata[i])->path, path) == 0)
            return self->watches->pdata[i];
    struct watch_listener listener = listener_of(self);
    struct watch *watch = watch_recording(path, &listener);
    add_watch(self, watch);
    return watch;
}

struct watch *mon_desk_open(MonDesk *self, const char *path)
{
    struct watch *watch = mon_desk_shelve(self, path);
    mon_desk_choose(self, watch, 0);
    tell(self);
    return watch;
}

void mon_desk_expect(MonDesk *self, int64_t pid)
{
    self->expected_pid = pid;
    choose_one(self);
}

/* The last one that was found of this number: it is waited for, and so no other process has got the number since. */
void mon_desk_note_exit(MonDesk *self, int64_t pid, platform_exit how)
{
    struct watch *ended = NULL;
    for (guint i = 0; i < self->watches->len; i++)
        if (((struct watch *)self->watches->pdata[i])->pid == pid)
            ended = self->watches->pdata[i];
    if (ended == NULL || ended->is_succeeded || ended->how.kind != PLATFORM_EXIT_UNKNOWN)
        return;
    ended->how = how;
    tell(self);
}

void mon_desk_close(MonDesk *self, struct watch *watch)
{
    if (self->watch == watch)
        self->watch = NULL;
    g_ptr_array_remove(self->watches, watch);
    choose_one(self);
    tell(self);
}

void mon_desk_beat(MonDesk *self)
{
    for (guint i = 0; i < self->watches->len; i++)
        watch_beat(self->watches->pdata[i]);
    room_share(&room_of_window, self->watches, self->watch);
    go_on_by_itself(self);
}

guint mon_desk_count(MonDesk *self)
{
    return self->watches->len;
}

struct watch *mon_desk_at(MonDesk *self, guint index)
{
    return self->watches->pdata[index];
}

int64_t mon_desk_looked_us(MonDesk *self)
{
    return self->looked_us;
}

const char *mon_desk_trouble(MonDesk *self)
{
    return self->trouble;
}

void mon_desk_look(MonDesk *self)
{
    if (self->finder == NULL)
        self->finder = finder_start(on_found, self);
    else
        finder_look(self->finder);
}

/* ---- The object ---- */

static void free_watch(gpointer watch)
{
    watch_free(watch);
}

static void mon_desk_finalize(GObject *object)
{
    MonDesk *self = MON_DESK(object);
    finder_free(self->finder);
    g_ptr_array_unref(self->watches);
    g_free(self->trouble);
    G_OBJECT_CLASS(mon_desk_parent_class)->finalize(object);
}

static void mon_desk_class_init(MonDeskClass *class)
{
    G_OBJECT_CLASS(class)->finalize = mon_desk_finalize;
    g_signal_new("changed", MON_TYPE_DESK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
    g_signal_new("answered", MON_TYPE_DESK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_POINTER,
                 G_TYPE_POINTER);
    g_signal_new("recorded", MON_TYPE_DESK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3, G_TYPE_POINTER,
                 G_TYPE_STRING, G_TYPE_STRING);
    g_signal_new("missed", MON_TYPE_DESK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT64);
}

static void mon_desk_init(MonDesk *self)
{
    self->watches = g_ptr_array_new_with_free_func(free_watch);
    self->trouble = g_strdup("");
}

MonDesk *mon_desk_new(void)
{
    return g_object_new(MON_TYPE_DESK, NULL);
}
