/* Recordings of a watched process that there is not (sample.c), and replays of them; models that a test itself tells
 * of one.
 */
#ifndef MPROC_TESTS_REPLAYS_H
#define MPROC_TESTS_REPLAYS_H

#include "window/replay.h"

#define RECORDING "sample.mproc"

/** Makes a recording in the test's directory; how: as sample.c has it. */
void make_recording(const char *how);

/** What is told, and when. */
struct telling {
    unsigned type;
    int64_t time_ns;
    const void *record;
};

/** Makes one of these, behind a greeting at 1000. */
void make_recording_of(const char *path, const struct telling *all, size_t count);

/** When all is known that was there at first. */
#define SMALL_BEGIN 3000

/** Makes one of a few records, of a pool that is told of at that time, from 1000 on, and a second later once more. */
void make_small_recording(const char *path, int64_t pool_ns);

/** Opens that in the test's directory, and reads it to its end. */
struct replay *open_replay(void);

/** Tells a model something, at that time. */
void tell_model(struct model *model, unsigned type, int64_t time_ns, const void *record);

#endif
