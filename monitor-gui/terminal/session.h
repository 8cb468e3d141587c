/* One watching: a source, what is known from it, and the files that are written on the way.
 *
 * Functions that fail have said so on stderr.
 */
#ifndef MPROC_MONITOR_SESSION_H
#define MPROC_MONITOR_SESSION_H

#include "model/model.h"
#include "model/source.h"
#include "terminal/files.h"
#include "terminal/options.h"

/** How the program ends; the man page has the numbers. */
enum exit_status {
    EXIT_FINE = 0,
    EXIT_OTHER = 1,    /**< a file could not be written, memory, the system */
    EXIT_USAGE = 2,    /**< the command line makes no sense */
    EXIT_NOBODY = 3,   /**< there is no such process to watch, or several and none was chosen */
    EXIT_REFUSED = 4,  /**< it is another user's, or refused to be watched */
    EXIT_PROTOCOL = 5, /**< it speaks another protocol */
    EXIT_CORRUPT = 6   /**< no recording, or a damaged one */
};

/** The status that tells of an error of the library. */
int session_status(int code);

/** Told of a record after the model has taken it. */
typedef void session_record_fn(void *user, const struct wire_frame *frame, const union record *record);

struct session {
    struct source *source;
    struct model *model;
    platform_handle interrupts; /**< ready once the user wants an end */
    int64_t end_ns;             /**< when --duration is over */
    session_record_fn *on_record;
    void *user;
    /** Records of a later time are held back: for a recording that is shown as it went. */
    int64_t until_ns;
    bool is_over; /**< the source has no more */
    bool is_lost; /**< because a connection ended, while the process goes on and had not said that it stops */
    bool is_held; /**< held: the one that comes next */
    struct wire_frame held_frame;
    union record held;
    struct files files;
};

/** Takes the source over, and its greeting; begins the files that the options ask for. on_record: NULL is nobody, who
 * can be changed later. Returns an exit_status. */
int session_begin(struct session *session, struct source *source, const struct options *options,
                  platform_handle interrupts, session_record_fn *on_record);

enum session_news {
    SESSION_TOOK = 1,    /**< something was taken, or may be by the next call */
    SESSION_WAITED,      /**< the deadline has come */
    SESSION_OVER,        /**< no more comes: model->ended, or source_is_cut, may say why */
    SESSION_INTERRUPTED, /**< by the user, or --duration is over */
    SESSION_FAILED       /**< and has said so */
};

/** Takes what has come, some of it at a time; if nothing has, waits for it, for the other handle (or
 * PLATFORM_NO_HANDLE), and until deadline_ns. A source that is over is waited for like one that is silent. ret_status:
 * of SESSION_FAILED. */
enum session_news session_step(struct session *session, platform_handle other, int64_t deadline_ns, int *ret_status);

/** Takes all until the first snapshot is whole and a moment longer, so that shares of CPU are known; of a recording all
 * there is. Returns an exit_status. */
int session_look(struct session *session);

/** Ends the files, closes the source. status: so far. Returns that, or that of what went wrong now. */
int session_end(struct session *session, int status);

#endif
