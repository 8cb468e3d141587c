/* What a pool and one worker share: two rings, two byte streams, one line each of their own.
 *
 * Every word here has one writer at a time:
 *
 *   parent writes    submission cells (then their stamp), parent line, argument stream, handles
 *   worker writes    completion cells (then their stamp), worker line, result stream
 *   both compete     submit_cell.stamp: the worker claims (TAKEN), the parent recalls (RECALLED); who comes first wins.
 *                    sleep: the worker says 1, the parent that wakes it or the worker itself says 0
 *   by turns         worker.argument_tail, handles.taken, and worker.consumed before the worker starts: the parent sets
 *                    them while the worker cannot, before it publishes what the worker will read there
 *
 * No lock and no cell of another worker is in the path of a task, so a worker killed at any instruction blocks
 * and corrupts nobody else. The parent keeps the truth (which task lies in which cell, its argument, its state) in
 * private memory, and checks all that it reads from here.
 *
 * Large payloads lie in spans of the family segment, and cells carry their words. An argument's is the parent's, who
 * frees it when the task has ended and its worker has said so or is dead. A value's is made in the parent's name and
 * under a tag that is this life of the worker's alone; from its making on it is the parent's. He takes it over to his
 * own with the cell; what is left under the tag when the worker has ended, and all its completions were taken, nobody
 * was told of, and it is freed. So a death in between loses nothing, and leaves nothing.
 *
 * Positions count cells from the worker's first_position on and wrap at 2^29; cell = position % cells. A stamp is the
 * position, shifted, with bit 0 set, so that zeroed memory never looks published.
 *
 * Steps, as the model tests/models/ring.pml names them:
 *   PUBLISH   parent: fill the cell, store-release its stamp
 *   KICK      parent: fence, if the worker sleeps take its sleep word and wake it
 *   CLAIM     worker: CAS the stamp to TAKEN. From here on the task counts as started
 *   RECALL    parent: CAS the stamp to RECALLED. The worker steps over the cell
 *   RUN       worker
 *   COMPLETE  worker: fill a completion cell, store-release its stamp
 *   PASS      worker: store-release consumed: cells before it may be written again. The parent publishes into no
 *             other cell: a recalled one looks free to it before the worker has stepped over it. One cell is always
 *             kept free, so that an EXIT finds a place behind a ring full of recalled cells
 *   NOTIFY    worker: fence, if the parent's bell is armed disarm and wake it
 *   SLEEP     worker: set the sleep word, look at the stamp once more, wait
 *   ABANDON   parent, of a worker that cannot be killed: RECALL all, publish EXIT, say so in its line, KICK
 *   ARM       parent: arm the bell, look at all rings once more, wait
 *   REAP      parent, after the kernel has said that the worker is dead: take published completions, then the
 *             TAKEN cell fails, all others go to other workers
 */
#ifndef MPROC_POOL_RING_LAYOUT_H
#define MPROC_POOL_RING_LAYOUT_H

#include "base/function.h"
#include "platform.h"
#include "pool/annex_layout.h"
#include "process/task.h"
#include "trace/label_layout.h"
#include <mproc/task.h>
#include <stdalign.h>

#define RING_SUBMIT_CELLS 128u
/* Completions outnumber submissions only by PART and ITEM cells, of which the worker keeps fewer than
 * RING_COMPLETE_CELLS - RING_SUBMIT_CELLS unread; so a DONE cell always has room. */
#define RING_COMPLETE_CELLS 256u
#define RING_STREAM_BYTES   65536u
/* A payload up to this size lies in one piece in its stream; a larger one passes through in parts. */
#define RING_PIECE_BYTES (RING_STREAM_BYTES / 2)

#define STAMP_TAKEN         0x80000000u
#define STAMP_RECALLED      0x40000000u
#define STAMP_POSITION_MASK 0x1fffffffu

static inline uint32_t ring_stamp(uint32_t position)
{
    return (position & STAMP_POSITION_MASK) << 1 | 1u;
}

static inline bool ring_stamp_is(uint32_t stamp, uint32_t position)
{
    return (stamp & ~(STAMP_TAKEN | STAMP_RECALLED)) == ring_stamp(position);
}

enum submit_kind {
    SUBMIT_CALL = 1,
    SUBMIT_MAP = 2,
    SUBMIT_EXIT = 3,
    SUBMIT_SPAN = 4 /**< a call whose argument lies in a span of the parent's */
};

struct submit_cell {
    alignas(64) _Atomic uint32_t stamp;
    uint8_t kind;
    uint8_t has_terms; /**< not 0: they stand in worker_area.terms */
    uint16_t attempt;
    uint64_t task; /**< the task's number, self-contained envelope: nothing here is a pointer */
    struct function_ref function;
    uint32_t size;  /**< of the argument */
    uint32_t place; /**< position in the argument stream if size > TASK_INLINE_BYTES, or for a map */
    unsigned char bytes[TASK_INLINE_BYTES]; /**< SPAN: begins with the span's word */
};

/** In submit_cell.bytes of a map chunk; the items lie in the argument stream, in one piece. */
struct map_chunk {
    uint64_t first;
    uint32_t count;
    uint32_t in_size;
    uint32_t out_size;
    uint32_t reserved;
};

_Static_assert(sizeof(struct submit_cell) == 128, "a cell has two cache lines");
_Static_assert(sizeof(struct map_chunk) == 24 && sizeof(struct map_chunk) <= TASK_INLINE_BYTES, "it lies in a cell");

enum complete_kind {
    COMPLETE_DONE = 1, /**< the task ended; carries its value or its message */
    COMPLETE_PART = 2, /**< a piece of a value too large for the stream; more cells follow */
    COMPLETE_ITEM = 3, /**< one item of a map chunk failed; carries its message */
    COMPLETE_SPAN = 4 /**< as DONE, after success: the value lies in a span, made in value_owner's name, with whose word
                          bytes begin */
};

struct complete_cell {
    alignas(64) _Atomic uint32_t stamp;
    uint16_t kind;
    uint16_t copied; /**< DONE: of ticks, what it took to copy a large argument or value, as span_code has it */
    uint32_t submit_position;
    int32_t code;
    union {
        int64_t started; /**< DONE: by platform_ticks */
        int64_t item;    /**< ITEM: its index within the chunk */
    };
    int64_t ticks; /**< DONE: how long it took */
    uint32_t size;
    uint32_t place; /**< position in the result stream if size > TASK_INLINE_BYTES, or for a PART, or for a map */
    unsigned char bytes[TASK_INLINE_BYTES];
};

_Static_assert(sizeof(struct complete_cell) == 128, "a cell has two cache lines");

/** Set before the worker starts, never changed. */
struct worker_settings {
    alignas(64) uint64_t pool_id[2]; /**< the FAMILY_POOL object */
    int32_t index;
    uint32_t first_position;
    struct function_ref exit_hook;
    uint32_t spin_ns;
    uint64_t value_owner;   /**< in whose name the spans of large values are made; 0: they go through the stream */
    uint64_t address_space; /**< how much of it the worker may have; 0: no limit */
};

struct parent_line {
    alignas(64) _Atomic uint32_t notify_at; /**< completion of this submit position notifies by an armed bell */
    _Atomic uint32_t complete_tail;         /**< completion cells before it were read */
    _Atomic uint32_t result_tail;           /**< bytes of the result stream before it were read */
    _Atomic uint32_t argument_head;         /**< bytes of the argument stream before it are written; for parts only */
    _Atomic uint32_t abandoned;             /**< nobody reads on: of its parent the worker waits for EXIT alone */
    _Atomic uint32_t asked;                 /**< the stamp of the cell whose task is asked to end; 0: none */
};

struct worker_line {
    alignas(64) _Atomic uint32_t consumed; /**< submit positions before it were run or stepped over */
    _Atomic uint32_t argument_tail;        /**< bytes of a passing argument before it were read */
    _Atomic uint32_t chunk_position;       /**< submit position of the map chunk that progress is about */
    _Atomic uint32_t chunk_place;          /**< where in the result stream its output lies */
    _Atomic uint32_t progress;             /**< its items that are finished */
    _Atomic uint32_t makes_spans;          /**< 1 from before the first span on */
    _Atomic int64_t ready;                 /**< when it was, by platform_ticks; stored once, before READY */
    _Atomic int64_t init_ticks;            /**< how long the initializer took; the same */
    _Atomic uint64_t current;      /**< number of the task being run, 0 if none; stored with release after since */
    _Atomic int64_t current_since; /**< by platform_ticks */
};

_Static_assert(sizeof(struct worker_settings) == 64, "settings have a cache line");
_Static_assert(sizeof(struct parent_line) == 64, "a line of one's own is a cache line");
_Static_assert(sizeof(struct worker_line) == 64, "a line of one's own is a cache line");

/** The handles of the system that came with the task under way. Written by the parent before PUBLISH and after the
 * task's end, but for taken; a worker with such a task has no other. */
struct handle_line {
    alignas(64) uint32_t count; /**< 0 between such tasks */
    uint32_t taken;             /**< the worker's: a bit for each that its task has taken */
    platform_parcel parcels[MPROC_TASK_HANDLES_MAX];
};

_Static_assert(sizeof(platform_parcel) == 32, "the same in both processes");
_Static_assert(sizeof(struct handle_line) == 576, "a count and the parcels, in whole cache lines");

#define RING_MODULES 16

/** A library that a job's function lies in, for a worker that lacks it. */
struct module_place {
    _Atomic uint64_t key; /**< 0: free. Stored with release after the path */
    char path[512];       /**< "" for the program itself */
};

struct module_table {
    alignas(64) uint32_t may_load; /**< not where the worker is a copy of a process with threads */
    struct module_place places[RING_MODULES];
};

_Static_assert(sizeof(struct module_place) == 520, "a key and a path");
_Static_assert(sizeof(struct module_table) == 8384, "the places, in whole cache lines");

/** Where the worker's standard error goes. Set before it starts; it takes the handle before it is READY. */
struct output_line {
    alignas(64) uint32_t piped; /**< 0: where the parent's goes, or as its outfit says */
    platform_parcel writer;
};

_Static_assert(sizeof(struct output_line) == 64, "a line of one's own is a cache line");

/** The role data of a worker's segment, from CHILD_ROLE_OFFSET on. */
struct worker_area {
    struct worker_settings settings;
    struct parent_line parent;
    struct worker_line worker;
    alignas(64) platform_word sleep; /**< 1: the worker sleeps, or is about to */
    struct submit_cell submit[RING_SUBMIT_CELLS];
    struct complete_cell complete[RING_COMPLETE_CELLS];
    struct task_terms terms[RING_SUBMIT_CELLS]; /**< of the submission cells; written before their stamps */
    struct module_table modules;
    struct handle_line handles;
    struct output_line output;
    struct label_line label;
    alignas(64) unsigned char arguments[RING_STREAM_BYTES];
    alignas(64) unsigned char results[RING_STREAM_BYTES];
    struct annex_line annexes; /**< and the annexes behind it */
};

_Static_assert(sizeof(struct worker_area) == 256 + 128 * (RING_SUBMIT_CELLS + RING_COMPLETE_CELLS) +
                                                 16 * RING_SUBMIT_CELLS + sizeof(struct module_table) +
                                                 sizeof(struct handle_line) + 192 + 2 * RING_STREAM_BYTES,
               "four lines, the cells, their terms, the libraries, the handles, three lines, the streams");

#endif
