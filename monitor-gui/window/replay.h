/* A recording, shown as it was at any of its moments. Reading goes on in slices of a few milliseconds, in the main
 * loop: first to the end, to know how long it is and what happened when; then to wherever it is to stand.
 */
#ifndef MPROC_WINDOW_REPLAY_H
#define MPROC_WINDOW_REPLAY_H

#include "model/model.h"
#include <glib.h>

/** How the whole of it went: in so many parts of its length, oldest first. */
#define REPLAY_PARTS 512

struct replay_part {
    uint64_t done; /**< tasks that ended */
    uint64_t lost;
    bool death;
};

struct replay;

/** Opens a recording. Errors: those of source_open, with a text. */
int replay_open(const char *path, struct replay **ret_replay);
void replay_free(struct replay *replay);

/** Reads for so long at most. Returns whether there is more to read before it stands where it is to stand; ret_code: an
 * error that ended it, where it could not be read any further. */
bool replay_step(struct replay *replay, int64_t slice_us, int *ret_code);

/** Has it stand at a time of the watched process's clock: replay_step then reads up to there. Back it goes by reading
 * the file once more; where that cannot be it stays where it is, and returns an error of source_open, with a text;
 * MPROC_E_CORRUPT also of another recording that has its name by now. */
int replay_seek(struct replay *replay, int64_t time_ns);

/** Reads it once more up to where it stands, if it is known: for who was made to forget tasks of it. Errors: as of
 * replay_seek. */
int replay_renew(struct replay *replay);

/** Whether its file could be read once more: 0, or an error as of replay_seek. */
int replay_check(const struct replay *replay);

/** The tasks of the moment at which it stands, for who bounds them. */
struct tasks *replay_tasks(struct replay *replay);

/** How often it was begun from the beginning once more. */
unsigned replay_turns(const struct replay *replay);

/** What was known at the moment at which it stands. Another one after a seek backwards. */
const struct model *replay_model(const struct replay *replay);

/** All of it was read once: from and to are known. */
bool replay_is_known(const struct replay *replay);
int64_t replay_begin_ns(const struct replay *replay);
int64_t replay_end_ns(const struct replay *replay);
/** Where it stands, or will once all until there was read. */
int64_t replay_at_ns(const struct replay *replay);
/** Nothing is left to be read behind where it stands. */
bool replay_is_at_end(const struct replay *replay);
bool replay_is_cut(const struct replay *replay);
uint64_t replay_records(const struct replay *replay);
uint64_t replay_lost(const struct replay *replay);

/** Its parts; by time, once it is known. */
const struct replay_part *replay_parts(const struct replay *replay);

/** The next death behind a time, or the one before it; false if there is none. */
bool replay_find_death(const struct replay *replay, int64_t time_ns, int direction, int64_t *ret_time_ns);

#endif
