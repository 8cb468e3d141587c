/* Spinning: looking again and again for as long as a sleep and a wake would cost, before going to sleep.
 *
 *     struct spin spin = mproc__spin_begin(SPIN_SHARED, deadline_ns);
 *     while (nothing to be seen && spin_on(&spin))
 *         ;
 *
 * It yields, so that it harms a preempted holder no more than any other load, and it goes by the clock and not by
 * yields, each of which may take milliseconds on a busy machine.
 */
#ifndef MPROC_WORD_SPIN_H
#define MPROC_WORD_SPIN_H

#include "platform.h"
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/** What is looked at. */
enum spin_kind {
    /** A line that others write to, or own: looked at in every 16th pause only, since a look takes it away from them.
     * On a machine found busy not at all. */
    SPIN_SHARED,
    /** A line that only who is waited for writes to, once: looked at in every pause, so that what comes is seen at
     * once. */
    SPIN_PRIVATE
};

struct spin {
    enum spin_kind kind;
    int looks; /**< since the last yield */
    int64_t now, end;
};

/** Where nobody says otherwise. About what a sleep and a wake cost. */
#define SPIN_NS 20000

/** Begins to spin for SPIN_NS, or until deadline_ns. For no time where this process has one CPU only: spinning is for
 * others who run meanwhile. */
struct spin mproc__spin_begin(enum spin_kind kind, int64_t deadline_ns);

/** The same for so long, whatever this process has. */
struct spin mproc__spin_begin_for(enum spin_kind kind, int64_t duration_ns, int64_t deadline_ns);

/** The part of spin_on that costs more than a pause. */
void mproc__spin_yield(struct spin *spin);

/** Pauses, and now and then yields. False, at once, when the time is up. Inline: what is waited for comes within
 * nanoseconds, and is looked for between any two calls. */
static inline bool spin_on(struct spin *spin)
{
    /* Pauses between two looks, looks between two yields. */
    bool is_shared = spin->kind == SPIN_SHARED;
    int pauses = is_shared ? 16 : 1, looks = is_shared ? 4 : 16;
    if (spin->looks == looks)
        mproc__spin_yield(spin);
    if (spin->now >= spin->end)
        return false;
    for (int i = 0; i < pauses; i++)
        platform_pause();
    spin->looks++;
    return true;
}

/** Spins while the masked value is the pattern if equal, while it is not if not. Whoever calls looks himself
 * afterwards. */
void mproc__spin(const _Atomic uint32_t *value, uint32_t mask, uint32_t pattern, bool equal, int64_t deadline_ns);

#endif
