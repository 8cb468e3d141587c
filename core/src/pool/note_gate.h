/* A moment that comes with every task, so that whoever notes it may have had enough of it for a while: then he shuts
 * its gate, and it is counted and nothing more. Guarded by the pool's lock.
 */
#ifndef MPROC_POOL_NOTE_GATE_H
#define MPROC_POOL_NOTE_GATE_H

#include <stdbool.h>
#include <stdint.h>

/** The moments that have one. */
enum { NOTE_COMING, NOTE_END, NOTE_GATES };

struct note_gate {
    bool is_open;
    uint64_t missed; /**< since it was shut; 0 while it is open */
};

/** Whether the moment, which has come, is to be noted. */
static inline bool note_passes(struct note_gate *gate)
{
    gate->missed += !gate->is_open;
    return gate->is_open;
}

#endif
