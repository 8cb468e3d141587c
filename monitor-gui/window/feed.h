/* A connection to a watched process, on a thread of its own: what comes is handed to the main loop in batches of whole
 * frames, once per frame of the screen at most.
 *
 * A batch is bounded. While the main loop does not come for it the thread reads no further, and then it is the process
 * that leaves events out, and says so.
 *
 * Of a process at which nobody looks it is read some five times a second: being woken for little takes more than that
 * little itself.
 */
#ifndef MPROC_WINDOW_FEED_H
#define MPROC_WINDOW_FEED_H

#include "trace/record.h"
#include <glib.h>
#include <stdbool.h>

struct feed;

/** So long after it was told something may come of a process at which nobody looks. */
#define FEED_LATE_NS INT64_C(300000000)

/** What the main loop is told. */
struct feed_listener {
    /** Whole frames, one after the other; the feed is not freed here. Returns how many bytes of them it has taken: the
     * others come again, behind the next frame of the screen. */
    size_t (*frames)(void *user, const unsigned char *bytes, size_t size);
    /** No more will come, because of this error of source.h, and why in words. The feed may be freed here. Returns
     * false if it is to be told once more behind the next frame of the screen, and the feed is not freed then. */
    bool (*over)(void *user, int code, const char *why);
    void *user;
};

/** Begins to connect: wants is RECORD_WANTS_..., for the hello. NULL, with an error in words in mproc_last_error, if
 * nothing can be begun. */
struct feed *feed_start(int64_t pid, uint32_t wants, const struct feed_listener *listener);

/** Ends it; nothing is told any more. NULL is allowed. */
void feed_free(struct feed *feed);

/** Whether somebody looks at the process; nobody does at first. */
void feed_look(struct feed *feed, bool is_looked_at);

/** Whether something has come that was not handed on so far: the main loop has not had the time. */
bool feed_has_news(struct feed *feed);

/** Asks the process to do something; the answer comes as a frame. This and what follows is said in that order, if need
 * be once there is a connection. */
void feed_control(struct feed *feed, const struct record_control *control);
/** Says what it is to tell from now on. Only to a process whose greeting has RECORD_CAN_WANT. */
void feed_want(struct feed *feed, uint32_t wants);
/** Asks for everything once more. */
void feed_resync(struct feed *feed);

#endif
