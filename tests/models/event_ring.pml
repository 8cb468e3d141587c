/* Model of the ring in which a worker notes what it does, core/src/trace/event_ring.c, for the Spin model checker.
 *
 * It contains a writer with EVENTS events of one or two units, which asks whether there is room, writes unit by unit
 * and moves the head; a reader that takes what is there, at any moment, and once more when the writer is gone; a
 * reader's change of mind: it skips what is there, once (SKIPS); and a killer that may end the writer between any two
 * of its steps. The ring has four units and positions that wrap at eight.
 *
 * Memory is sequentially consistent here; that the orders of the code suffice for this view is argued in
 * docs/DESIGN.md, E1 and E2: the mutants early_head and early_tail are what their loss would look like. What a task may
 * scribble over the ring is not modelled: the reader checks what it reads, and the test event_ring shows what becomes
 * of that.
 *
 * What is checked:
 *   - no unit is written that is still to be read;
 *   - what is read is whole, and in order;
 *   - what was written whole before a kill is read after it; what was not is never seen;
 *   - without a kill every event is read, skipped or counted as lost.
 *
 * CHECK all   -- -E
 * CHECK skips -DSKIPS=1 -- -E
 *
 * Each of these mistakes must be found:
 *
 * MUTANT early_head -DMUTANT_EARLY_HEAD -- -E  the head moves before the units are written
 * MUTANT early_tail -DMUTANT_EARLY_TAIL -- -E  the tail moves before the units are read
 * MUTANT no_room    -DMUTANT_NO_ROOM -- -E     nobody asks for room
 * MUTANT silent     -DMUTANT_SILENT -- -E      what finds no room is not counted
 */
#ifndef EVENTS
#define EVENTS 5
#endif
#ifndef SKIPS
#define SKIPS 0
#endif

#define UNITS     4
#define POSITIONS 8
#define FREE      0 /* a unit that was read; else the number of its event */
#define AHEAD(a, b) (((a) + POSITIONS - (b)) % POSITIONS)
/* The first event has one unit, the next two, and so on. */
#define SIZE(event) (1 + ((event) + 1) % 2)

byte unit[UNITS];
byte head, tail;
byte lost;

/* What only the assertions read. */
bit killed, gone;
byte written, seen, read_count, skipped;

inline write_units()
{
    step = 0;
    do
    :: step < SIZE(event) ->
        atomic {
            assert(unit[(at + step) % UNITS] == FREE);
            unit[(at + step) % UNITS] = event;
            step++
        }
    :: else -> break
    od
}

#define MOVE_HEAD atomic { head = (at + SIZE(event)) % POSITIONS; written = event }

proctype writer() provided (!killed)
{
    byte at = 0, event = 1, step = 0;
    do
    :: event > EVENTS -> break
    :: event <= EVENTS ->
        if
#ifndef MUTANT_NO_ROOM
        :: AHEAD(at, tail) + 2 > UNITS ->
#ifndef MUTANT_SILENT
            lost++
#else
            skip
#endif
        :: AHEAD(at, tail) + 2 <= UNITS ->
#else
        :: true ->
#endif
#ifdef MUTANT_EARLY_HEAD
            MOVE_HEAD;
            write_units();
#else
            write_units();
            MOVE_HEAD;
#endif
            at = (at + SIZE(event)) % POSITIONS
        fi;
        event++
    od;
    gone = 1
}

/* From then on no step of the writer is possible any more. */
proctype killer()
{
    if
    :: killed = 1; gone = 1
    :: skip
    fi
}

inline take()
{
    first = unit[tail % UNITS];
    assert(first > seen);
    step = 0;
#ifdef MUTANT_EARLY_TAIL
    position = tail;
    tail = (tail + SIZE(first)) % POSITIONS;
#else
    position = tail;
#endif
    do
    :: step < SIZE(first) ->
        atomic {
            assert(unit[(position + step) % UNITS] == first);
            unit[(position + step) % UNITS] = FREE;
            step++
        }
    :: else -> break
    od;
    seen = first;
    read_count++;
#ifndef MUTANT_EARLY_TAIL
    tail = (position + SIZE(first)) % POSITIONS
#endif
}

/* Nothing of it is read: as many as there are go by. */
inline skip_all()
{
    atomic {
        do
        :: tail != head ->
            first = unit[tail % UNITS];
            position = tail;
            step = 0;
            do
            :: step < SIZE(first) -> unit[(position + step) % UNITS] = FREE; step++
            :: else -> break
            od;
            seen = first;
            skipped++;
            tail = (position + SIZE(first)) % POSITIONS
        :: else -> break
        od
    }
}

proctype reader()
{
    byte first = 0, step = 0, position = 0, skips = SKIPS;
    bit last = 0;
    do
    :: tail != head -> take()
    :: skips > 0 -> skips--; skip_all()
    :: gone && tail == head -> break
    od;
    assert(seen == written);
    assert(killed || read_count + skipped + lost == EVENTS)
}

init
{
    atomic {
        run writer();
        run killer();
        run reader()
    }
}
