/* What is said of a lock, a queue or the like, and of who waits for it. No widget is known here. */
#ifndef MPROC_WINDOW_OBJECT_WORDS_H
#define MPROC_WINDOW_OBJECT_WORDS_H

#include "model/words.h"
#include "window/desk.h"
#include "window/glyph.h"

/** Why none is listed, in a sentence. */
const char *object_none(const struct model *model, const struct model_pool *pool);

/** Its state with its glyph and class: "Waiting", or "Holder died" of what somebody died with. */
const char *object_state(const struct model_object *object, bool is_deadlocked, enum glyph *ret_glyph,
                         const char **ret_class);

/** The worker that died while it held what now is free; NULL if there is none, or it is not known who. */
const struct record_death *object_death(const struct model *model, const struct model_object *object);

/** “pages”, or what stands for it where it has no name. */
struct words object_name(const struct model_object *object);

/** "worker 2"; "worker 2, which died"; "" */
struct words object_holder(const struct model *model, const struct model_object *object);
/** The same on a pool's own page, where a worker of it need not be told to be its. */
struct words object_holder_beside(const struct model *model, const struct model_pool *shown,
                                  const struct model_object *object);

/** Whether somebody has something of it, and the program does not tell who: of a semaphore. */
bool object_is_with_somebody(const struct record_object *object);

/** "3"; of a queue "1 put, 2 get". */
struct words object_waiters(const struct model *model, const struct model_object *object);

/** How full it is, 1 being full; below 0 of what has no limit. */
double object_part(const struct record_object *object);

/** "Held by worker 2 (pid 41407) for 14.3 s, taken in crawl.c:98." Or that nobody holds it, or how full it is. */
struct words object_sentence(const struct view *view, const struct model_object *object);

/** What a waiter wants: "to take it", "to put", "for a notification". */
const char *waiter_wish(const struct model_object *object, const struct model_waiter *waiter);

#endif
