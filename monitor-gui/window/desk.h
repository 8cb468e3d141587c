/* All that is watched, and what of it is looked at: one pool of one process or recording. Widgets ask it; it tells them
 * when something came, went or changed its state.
 */
#ifndef MPROC_WINDOW_DESK_H
#define MPROC_WINDOW_DESK_H

#include "window/watch.h"
#include <gio/gio.h>

/** What a page shows. A watch has no pool before it has told of one. */
struct view {
    struct watch *watch;
    const struct model *model;
    const struct model_pool *pool;
    uint32_t number; /**< of the pool */
    uint64_t whose;  /**< number of the watch; 0 of one that stays as long as the view */
    int64_t at_ns;   /**< the moment of the model that was seen when it was made; 0: the model's own */
};

/** The moment that is shown, by the watched process's clock: the model may have gone on since. */
static inline int64_t view_now_ns(const struct view *view)
{
    return view->at_ns > 0 ? MIN(view->at_ns, view->model->now_ns) : view->model->now_ns;
}

/** What a model has moves when more comes, and a watch may be closed while a page that nobody sees keeps its view.
 * Whoever keeps one asks for it anew before each use; false if the pool is gone, or all of the watch. */
bool view_renew(struct view *view);

/** A view of this pool of a watch; the watch is there. */
struct view view_at(struct watch *watch, uint32_t pool);

/** Whether both are of the same watch and pool, be they there or not. */
bool view_is_same(const struct view *view, const struct view *other);

#define MON_TYPE_DESK (mon_desk_get_type())
/** Emits "changed": the list of what is watched, a state, or what is looked at, is another one. And "answered", with a
 * struct watch * and a const struct answer *: what became of what its process was asked to do. And "recorded", with a
 * struct watch * and two texts: the file of a recording that has ended, "" if there is none, and what went wrong or "".
 * And "missed", with its number as a gint64: the process that was expected has ended, or never was, and was not found.
 */
G_DECLARE_FINAL_TYPE(MonDesk, mon_desk, MON, DESK, GObject)

MonDesk *mon_desk_new(void);

/** Begins to look for processes. */
void mon_desk_look(MonDesk *self);

/** The process that is watched by this pid and has not ended; NULL if there is none. */
struct watch *mon_desk_find(MonDesk *self, int64_t pid);

/** The one of this number; NULL if it was closed since. */
struct watch *mon_desk_numbered(MonDesk *self, uint64_t number);

guint mon_desk_count(MonDesk *self);
struct watch *mon_desk_at(MonDesk *self, guint index);

/** What is looked at; all NULL if nothing is. */
struct view mon_desk_view(MonDesk *self);

/** Looks at this one from now on, as somebody wishes: pool is a number, 0 its first. */
void mon_desk_choose(MonDesk *self, struct watch *watch, uint32_t pool);

/** Looks at the pool before or behind the one that is looked at. */
void mon_desk_move(MonDesk *self, int direction);

/** Somebody reads what is looked at: it stays. What nobody chose or reads makes room, when it has been over for a
 * moment, for a pool that runs; unless its process died, which is news, or it is one that was expected and the other is
 * not of the same process. */
void mon_desk_hold(MonDesk *self);

/** What there is to go on with when what is looked at is over: the last that began of those that run, of the same
 * process if it has one. All NULL if there is none, or it is not over. */
struct view mon_desk_next(MonDesk *self);
/** Looks at that. */
void mon_desk_go_on(MonDesk *self);

/** Has a recording among what there is, which is opened when it is chosen. */
struct watch *mon_desk_shelve(MonDesk *self, const char *path);
/** Opens a recording and looks at it; one that is open already is not opened again. */
struct watch *mon_desk_open(MonDesk *self, const char *path);

/** Looks at this process once it is found, and until then at none that comes by itself. */
void mon_desk_expect(MonDesk *self, int64_t pid);

/** How a process ended that was started here, watched or not. */
void mon_desk_note_exit(MonDesk *self, int64_t pid, platform_exit how);

/** Closes what is over, or a recording. */
void mon_desk_close(MonDesk *self, struct watch *watch);

/** To be called a few times a second. */
void mon_desk_beat(MonDesk *self);

/** When processes were looked for last, by g_get_monotonic_time; and why none can be found, or "". */
int64_t mon_desk_looked_us(MonDesk *self);
const char *mon_desk_trouble(MonDesk *self);

#endif
