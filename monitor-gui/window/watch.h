/* One thing that is watched, a process or a recording: how it is connected, and what is known of it. */
#ifndef MPROC_WINDOW_WATCH_H
#define MPROC_WINDOW_WATCH_H

#include "model/model.h"
#include "platform.h"
#include "window/recorder.h"
#include "window/replay.h"
#include "window/requests.h"

enum watch_state {
    WATCH_ATTACHING,
    WATCH_LIVE,
    WATCH_LOST,         /**< it runs, and does not answer; it is tried again */
    WATCH_ENDED,        /**< it is gone */
    WATCH_REFUSED,      /**< it does not let this user look */
    WATCH_INCOMPATIBLE, /**< it speaks another protocol */
    WATCH_SHELVED,      /**< a recording that was not opened so far */
    WATCH_REPLAY,
    WATCH_STUCK,     /**< a recording that is shown, and cannot be read again: its file is gone, or is another one */
    WATCH_UNREADABLE /**< a file that is no recording, or is gone */
};

struct watch;
typedef void watch_fn(struct watch *watch, void *user);

/** Who is told: when the state has changed; what became of what the process was asked to do; and that a recording has
 * ended, path: its file, "" if there is none, why: "" or what went wrong. */
struct watch_listener {
    watch_fn *changed;
    void (*answered)(struct watch *watch, const struct answer *answer, void *user);
    void (*recorded)(struct watch *watch, const char *path, const char *why, void *user);
    void *user;
};

struct watch {
    uint64_t number; /**< no other one ever has the same */
    int64_t pid;     /**< 0 of a recording */
    char *path;      /**< NULL of a process */
    char *program;   /**< the end of its path, or of the recording's */
    enum watch_state state;
    int64_t since_us; /**< when that state began, by g_get_monotonic_time */
    int64_t heard_us; /**< when something came last */
    int64_t retry_us; /**< when it is tried again; 0: it is not */
    char *why;        /**< why it is in that state, in words; "" */
    int code;         /**< the error by which its last connection ended, or that its file has; 0: there is none */
    uint32_t wants;   /**< RECORD_WANTS_..., as it was asked last */
    bool is_looked_at;
    bool is_announced; /**< it is on the list of those that can be watched */
    bool is_succeeded; /**< another process has its pid */
    platform_exit how; /**< how it ended, which only who started it is told */
    /* Its own. */
    struct feed *feed;
    GBytes *greeting; /**< its last one, as it came; NULL: none has come */
    struct replay *replay;
    struct model *model; /**< NULL of a recording */
    struct recorder *recorder;
    uint64_t events; /**< records that came */
    struct {
        bool is_on;          /**< the model stands */
        bool is_full;        /**< it goes on because more came than can be kept */
        int64_t since_us;    /**< when it was frozen last, by g_get_monotonic_time */
        GByteArray *frames;  /**< whole ones that came since; NULL: the model has taken all that came */
        size_t taken, limit; /**< bytes of them that it has taken since it goes on; as many there may be */
        guint step;
    } frozen;
    uint64_t first_left; /**< the first of its tasks when somebody looked at it last, of a recording */
    guint step, wait_s;
    bool is_playing;
    char *stuck;  /**< why a recording is stuck; "" */
    bool is_gone; /**< of one that is stuck or unreadable: its file is not there */
    double speed;
    int64_t played_us, checked_us; /**< checked: whether its file is there, of one that is looked at */
    struct requests *requests;     /**< NULL of a recording */
    struct watch_listener listener;
};

/** Of every process, looked at or not: how tasks and workers end, lines, locks and who waits for them. And of the one
 * that is looked at what was queued and begun as well, with what. */
#define WATCH_WANTS_LIFE   (RECORD_WANTS_LIFE | RECORD_WANTS_LOG | RECORD_WANTS_OBJECTS)
#define WATCH_WANTS_DETAIL (WATCH_WANTS_LIFE | RECORD_WANTS_DETAIL)

struct watch *watch_process(int64_t pid, const char *program, const struct watch_listener *listener);
/** A recording; nothing of it is read before it is opened. */
struct watch *watch_recording(const char *path, const struct watch_listener *listener);
/** Opens one that is not open. */
void watch_open(struct watch *watch);
void watch_free(struct watch *watch);

/** Whether the one of this number was not freed so far. */
bool watch_is_there(uint64_t number);

/** What is known; NULL only of what could not be read at all. */
const struct model *watch_model(const struct watch *watch);

/** What is kept of its tasks, to be bounded; NULL where there are none. */
struct tasks *watch_tasks(struct watch *watch);

/** Whether its figures are as they are now. */
bool watch_is_fresh(const struct watch *watch);

/** Has all that is known stand as it is now, or go on. What comes meanwhile is recorded, and otherwise kept until it
 * goes on, which takes a moment where that is much. By itself it goes on when more has come than can be kept
 * (WATCH_HELD_BYTES), when the connection ends, which is told once all is known that came before, or when nobody looks
 * at it any more. Only of what is live. */
void watch_freeze(struct watch *watch, bool is_frozen);
bool watch_is_frozen(const struct watch *watch);
/** Whether more has come than is known: it is frozen, or was a moment ago. */
bool watch_is_behind(const struct watch *watch);
/** How many records have come that are not known. */
uint64_t watch_held(const struct watch *watch);

/** Begins or ends to look at it. Of a process that is looked at each task is told of from its beginning, and more is
 * kept. A recording of which something had to make room meanwhile is read once more. */
void watch_look(struct watch *watch, bool is_looked_at);

/** Looks at the clocks: whether it still answers, whether to try again. A few times a second. */
void watch_beat(struct watch *watch);

/** Whether it is on the list of those that can be watched. */
void watch_announce(struct watch *watch, bool is_announced);

/** Tries again, now; of one that is connected, asks for everything anew; reads a recording once more that is stuck, or
 * could not be read. */
void watch_again(struct watch *watch);

/** Sends a verb to a pool of the process. What becomes of it the listener is told, once. */
void watch_control(struct watch *watch, const struct record_control *control);

/** ---- Recording what comes ---- */

bool watch_is_recorded(const struct watch *watch);
/** Writes what comes from now on to a file. The state as it is comes first, for it is asked for anew. How it ends, by
 * watch_record_end or because the file cannot be written, the listener is told. Only of what was connected. */
void watch_record(struct watch *watch, const char *path);
void watch_record_end(struct watch *watch);
uint64_t watch_recorded_bytes(const struct watch *watch);

/** ---- Replay ---- */

void watch_seek(struct watch *watch, int64_t time_ns);
void watch_play(struct watch *watch, bool is_playing);
void watch_set_speed(struct watch *watch, double speed);

/** Whether it can be shown as it was behind the moment that is shown, or before it. */
bool watch_can_play(const struct watch *watch);

#endif
