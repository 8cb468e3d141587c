/* Model of the protocol between a pool and its workers (core/src/pool/ring_layout.h), for the Spin model checker.
 *
 * It contains the rings of one worker or two, with few cells and positions that wrap; a thread of the program that
 * submits, waits for one of its tasks and leaves; the pool's supervisor; a third thread that takes tasks back at any
 * moment; both bells with all their states, and the sleep words; the death of a worker between any two of its steps,
 * the kernel's notice of it, reaping and replacement; values and arguments that pass through in parts. Names in
 * capitals are the steps of ring_layout.h. Threads of the parent take its lock around what they do, as in the code, so
 * that only their steps on shared memory mix with those of the workers.
 *
 * Memory is sequentially consistent here: one step after another, each seen by everybody at once. That the memory
 * orders and fences of the code suffice for this view is argued pair by pair in docs/DESIGN.md. A fence between a
 * store and a later load appears here as the order of two steps, and mutants that swap the two, or leave the load out,
 * stand for its loss. A payload and the stamp that publishes it are one step, because nobody reads the payload before
 * the stamp; that none is overwritten while it may still be read is asserted, or shows in what is checked at the end.
 *
 * Where the model is blind: no wait ends by itself but by the user's one time-out and, with TICKS, the supervisor's
 * polling, because a wake for no reason would hide a lost one; spinning has no length; nothing is retried; no worker is
 * told to exit; clocks, sizes and what a worker may scribble into its rings do not exist. Nothing of the parent dies,
 * because no part of a pool outlives its parent.
 *
 * What is checked, on the way and once nothing can move any more:
 *   - every task ends exactly once: done, failed or cancelled;
 *   - no task runs twice; a done one ran; a cancelled one did not; a failed one had been claimed by a worker that
 *     died before it had published the completion; no more tasks fail than workers die;
 *   - a recalled task does not run where it was recalled: it would run twice, or though it was cancelled;
 *   - a completion cell that was not read is not overwritten: DONE always finds room;
 *   - nobody sleeps for ever: when nothing moves, all tasks have ended, all completions are read, every worker has
 *     passed all its cells, the user has left, and the supervisor knows that all is over;
 *   - who waits for a task that ends is not kept by another one that never does (endless);
 *   - every run ends: the graph of states has no cycle (ends, ends_recall: NP with -l, and nothing marked progress).
 *
 * A run of the checker per line: its name, the macros, then pan's options after "--". By hand:
 *     spin -a -DTASKS=2 ring.pml && cc -O2 -DSAFETY -DCOLLAPSE -o pan pan.c && ./pan -E -m20000
 *
 * CHECK both         -DLONG -DTASKS=2 -DKILLS=1 -DRECALLS=1 -DTIMEOUTS=0 -DLATE -DNO_SPIN -- -E -m20000
 * CHECK two          -DLONG -DWORKERS=2 -DTASKS=2 -DKILLS=1 -DTIMEOUTS=0 -DLATE -DNO_SPIN -DSPREAD -DNO_RESTART -- -E -m20000
 * CHECK twice        -DLONG -DTASKS=2 -DKILLS=2 -DTIMEOUTS=0 -DLATE -- -E -m20000
 * CHECK crash        -DLONG -DTASKS=2 -DKILLS=1 -- -E -m20000
 * CHECK three        -DLONG -DTASKS=3 -DKILLS=1 -DTIMEOUTS=0 -DLATE -- -E -m20000
 * CHECK parts        -DLONG -DTASKS=2 -DKILLS=1 -DPARTS=3 -DTIMEOUTS=0 -DLATE -- -E -m20000
 * CHECK recall       -DLONG -DTASKS=2 -DKILLS=0 -DRECALLS=1 -- -E -m20000
 * CHECK recall_three -DLONG -DTASKS=3 -DKILLS=0 -DRECALLS=1 -DTIMEOUTS=0 -DLATE -- -E -m20000
 * CHECK pieces       -DLONG -DTASKS=2 -DKILLS=1 -DPIECES=2 -DTIMEOUTS=0 -DLATE -- -E -m20000
 * CHECK ends         -DLONG -DTASKS=2 -DKILLS=1 -DTIMEOUTS=0 -DLATE -DNP -- -E -l -m20000
 * CHECK ends_recall  -DLONG -DTASKS=2 -DKILLS=0 -DRECALLS=1 -DTIMEOUTS=0 -DLATE -DNP -- -E -l -m20000
 * CHECK polls        -DLONG -DTASKS=2 -DKILLS=0 -DTICKS=1 -- -E -m20000
 * CHECK endless      -DTASKS=2 -DKILLS=0 -DRECALLS=1 -DTIMEOUTS=0 -DENDLESS -- -E -m20000
 *
 * Each of these mistakes must be found:
 *
 * MUTANT sleep_without_look -DTASKS=2 -DKILLS=0 -DMUTANT_SLEEP_WITHOUT_LOOK -- -E -m20000
 *     the worker does not look again after it has set its sleep word (SLEEP)
 * MUTANT kick_before_publish -DTASKS=2 -DKILLS=0 -DMUTANT_KICK_BEFORE_PUBLISH -- -E -m20000
 *     the sleep word is read before the stamp is stored (the fence of KICK)
 * MUTANT notify_before_complete -DTASKS=2 -DKILLS=0 -DMUTANT_NOTIFY_BEFORE_COMPLETE -- -E -m20000
 *     the bell is read before completion and consumed are stored (the fence of NOTIFY)
 * MUTANT arm_without_look -DTASKS=2 -DKILLS=0 -DMUTANT_ARM_WITHOUT_LOOK -- -E -m20000
 *     no second look after the bell was armed (ARM)
 * MUTANT leave_without_look -DTASKS=2 -DKILLS=0 -DMUTANT_LEAVE_WITHOUT_LOOK -- -E -m20000
 *     no look after a user thread has set its bell from AWAKE to OFF
 * MUTANT leave_with_narrow_look -DTASKS=2 -DKILLS=0 -DPIECES=2 -DMUTANT_LEAVE_WITH_NARROW_LOOK -- -E -m20000
 *     that look sees completions and deaths only
 * MUTANT leave_awake -DTASKS=2 -DKILLS=0 -DMUTANT_LEAVE_AWAKE -- -E -m20000
 *     the user thread leaves its bell at AWAKE
 * MUTANT spin_then_sleep -DTASKS=2 -DKILLS=0 -DPARTS=3 -DTIMEOUTS=0 -DMUTANT_SPIN_THEN_SLEEP -- -E -m20000
 *     the user thread goes from spinning to sleep without looking at everything between
 * MUTANT look_without_room -DTASKS=3 -DKILLS=0 -DRECALLS=1 -DTIMEOUTS=0 -DLATE -DMUTANT_LOOK_WITHOUT_ROOM -- -E -m20000
 *     the look before a sleep does not see cells that the worker has stepped over
 * MUTANT look_without_ready -DTASKS=2 -DKILLS=1 -DTIMEOUTS=0 -DLATE -DMUTANT_LOOK_WITHOUT_READY -- -E -m20000
 *     the supervisor's look does not see a worker that has become ready
 * MUTANT look_without_pieces -DTASKS=2 -DKILLS=0 -DPIECES=2 -DMUTANT_LOOK_WITHOUT_PIECES -- -E -m20000
 *     the supervisor's look does not see that a piece of an argument was taken
 * MUTANT end_without_wake -DTASKS=2 -DKILLS=0 -DRECALLS=1 -DTIMEOUTS=0 -DENDLESS -DMUTANT_END_WITHOUT_WAKE -- -E -m20000
 *     a thread that ends a task does not wake the one that sleeps on the user bell
 * MUTANT last_end_without_wake -DTASKS=2 -DKILLS=0 -DMUTANT_LAST_END_WITHOUT_WAKE -- -E -m20000
 *     nor the supervisor after the last task
 * MUTANT claim_without_cas -DTASKS=2 -DKILLS=0 -DRECALLS=1 -DTIMEOUTS=0 -DMUTANT_CLAIM_WITHOUT_CAS -- -E -m20000
 *     the worker claims by a load and a store
 * MUTANT recall_without_cas -DTASKS=2 -DKILLS=0 -DRECALLS=1 -DTIMEOUTS=0 -DMUTANT_RECALL_WITHOUT_CAS -- -E -m20000
 *     the parent recalls by a load and a store
 * MUTANT recalled_unnotified -DTASKS=2 -DKILLS=0 -DRECALLS=1 -DTIMEOUTS=0 -DMUTANT_RECALLED_UNNOTIFIED -- -E -m20000
 *     a worker that steps over a recalled cell does not notify
 * MUTANT reuse_unconsumed -DTASKS=3 -DKILLS=0 -DRECALLS=1 -DTIMEOUTS=0 -DLATE -DMUTANT_REUSE_UNCONSUMED -- -E -m20000
 *     a cell is written again as soon as its task has ended or was recalled
 * MUTANT reuse_uncollected -DTASKS=3 -DKILLS=0 -DRECALLS=1 -DTIMEOUTS=0 -DLATE -DMUTANT_REUSE_UNCOLLECTED -- -E -m20000
 *     a cell is written again though its completion was not read
 * MUTANT part_anywhere -DTASKS=2 -DKILLS=0 -DPARTS=3 -DTIMEOUTS=0 -DMUTANT_PART_ANYWHERE -- -E -m20000
 *     PART cells may take the room of DONE cells
 * MUTANT collect_without_kick -DTASKS=2 -DKILLS=0 -DPARTS=3 -DTIMEOUTS=0 -DMUTANT_COLLECT_WITHOUT_KICK -- -E -m20000
 *     the parent reads completions and does not wake a worker that waits for room
 * MUTANT want_unnotified -DTASKS=2 -DKILLS=0 -DPIECES=2 -DMUTANT_WANT_UNNOTIFIED -- -E -m20000
 *     a worker that waits for room or an argument does not notify before it sleeps
 * MUTANT notice_without_wake -DTASKS=2 -DKILLS=1 -DTIMEOUTS=0 -DLATE -DMUTANT_NOTICE_WITHOUT_WAKE -- -E -m20000
 *     the kernel's notice wakes nobody
 * MUTANT notice_wakes_armed_only -DTASKS=2 -DKILLS=1 -DTIMEOUTS=0 -DLATE -DMUTANT_NOTICE_WAKES_ARMED_ONLY -- -E -m20000
 *     it wakes armed bells only: the dead may have disarmed one and not woken
 * MUTANT ready_unnotified -DTASKS=2 -DKILLS=1 -DTIMEOUTS=0 -DLATE -DMUTANT_READY_UNNOTIFIED -- -E -m20000
 *     a new worker does not notify
 * MUTANT reap_without_collect -DTASKS=2 -DKILLS=1 -DTIMEOUTS=0 -DLATE -DMUTANT_REAP_WITHOUT_COLLECT -- -E -m20000
 *     published completions of a dead worker are not taken
 * MUTANT taken_runs_again -DTASKS=2 -DKILLS=1 -DTIMEOUTS=0 -DLATE -DMUTANT_TAKEN_RUNS_AGAIN -- -E -m20000
 *     the claimed task of a dead worker is sent to another
 */
/* ---- Sizes ---- */

#ifndef WORKERS
#define WORKERS 1
#endif
#ifndef TASKS
#define TASKS 2
#endif
#ifndef KILLS
#define KILLS 1
#endif
#ifndef RECALLS
#define RECALLS 0
#endif
#ifndef TIMEOUTS
#define TIMEOUTS 1 /* the user's wait may end before its task has */
#endif
#ifndef TICKS
#define TICKS 0 /* how often the supervisor asks to hear of needs only, and looks by itself */
#endif
#ifndef PARTS
#define PARTS 0 /* PART cells before each DONE */
#endif
#ifndef PIECES
#define PIECES 0 /* of each argument; the stream holds one. 0: the argument lies in the cell */
#endif

#define CELLS 2
#if PARTS > 0
#define DONES 4
#else
#define DONES 2
#endif
#define POSITIONS 8 /* they wrap here: a multiple of both rings */
#define FIRST     7 /* so that the wrap happens early */

#define NEXT(p)     (((p) + 1) % POSITIONS)
#define AHEAD(a, b) (((a) + POSITIONS - (b)) % POSITIONS) /* how far a lies beyond b */
#define REACHED(p, at) (AHEAD(p, at) < POSITIONS / 2)

#define TAKEN    64
#define RECALLED 32
#define STAMP(p) ((p) + 1) /* zeroed memory never looks published */
#define IS(stamp, p) (((stamp) & 31) == STAMP(p))

#define CELL(w, p) ((w) * CELLS + (p) % CELLS)
#define DONE(w, p) ((w) * DONES + (p) % DONES)

/* ---- Shared memory of each worker ---- */

byte submit_stamp[WORKERS * CELLS];
byte submit_task[WORKERS * CELLS];
byte complete_stamp[WORKERS * DONES];
byte complete_of[WORKERS * DONES];  /* submit position */
bit complete_last[WORKERS * DONES]; /* DONE, not PART */
/* The worker's line. */
byte consumed[WORKERS];
/* The parent's line. */
byte notify_at[WORKERS];
byte complete_tail[WORKERS];
#if PIECES > 0
byte argument_head[WORKERS], argument_tail[WORKERS];
#endif
bit sleep[WORKERS];
bit child_ready[WORKERS];

/* ---- Shared memory of the pool ---- */

#define OFF   0
#define NEEDS 1
#define ALL   2
#define AWAKE 3
byte user_bell, supervisor_bell;

/* ---- What the kernel knows ---- */

#define NOBODY 0
#define ALIVE  1
#define KILLED 2 /* it will not take another step */
#define DEAD   3 /* and the kernel may say so */
byte life[WORKERS];
bit worker_waits[WORKERS], user_waits, supervisor_waits; /* asleep on the word */

/* ---- The parent's private memory ---- */

bit lock;
bit exited[WORKERS], news; /* set by the watcher without the lock */

/* All that follows is read and written by the holder of the lock alone, so that his steps on it commute with
 * everybody else's; "local" tells the checker so. */

#define NONE     0
#define STARTING 1
#define READY    2
local byte worker_state[WORKERS];
local byte submitted[WORKERS], tail[WORKERS], complete_position[WORKERS];
local bit touched[WORKERS];
local byte ring_task[WORKERS * CELLS]; /* task + 1 of what is in flight, by cell */
#if PIECES > 0
local byte to_pass[WORKERS]; /* pieces still to come; the worker takes nothing else meanwhile */
#endif
local bit leading;

#define UNBORN    0
#define PENDING   1
#define SENT      2
#define SUCCEEDED 3
#define FAILED    4
#define CANCELLED 5
#define ENDED(t)  (state[t] >= SUCCEEDED)
local byte state[TASKS];

/* ---- What only the assertions read ---- */

byte runs[TASKS];
bit published[TASKS]; /* a DONE cell of it was stamped */
byte deaths;
local byte ended, failures;
bit user_gone, closed;

/* ---- Small steps ---- */

inline wait(word, expected, waits)
{
    /* The kernel compares and puts to sleep in one. */
    atomic {
        if
        :: word == expected -> waits = 1
        :: else
        fi
    }
    !waits
}

inline acquire()
{
    atomic { !lock -> lock = 1 }
}

/* ---- Worker ---- */

#define HAVE_CELL IS(submit_stamp[CELL(w, position)], position)
#define HAVE_ROOM (AHEAD(complete_at, complete_tail[w]) < DONES - CELLS)
#define HAVE_PIECE (argument_head[w] != argument_tail[w])

inline ring_one(bell, waits, need, due)
{
    /* Load and CAS in one: a CAS that fails, or a load that finds the bell not armed, changes nothing. */
    atomic {
        if
        :: (bell == ALL && (need || due)) || (bell == NEEDS && need) -> bell = OFF; won = 1
        :: else
        fi;
        heard = 0
    }
    /* Here a kill leaves a sleeper whose bell says OFF. */
    if
    :: won -> atomic { waits = 0; won = 0 }
    :: else
    fi
}

inline bell_notify(need, due)
{
    heard = user_bell;
    if
    :: heard == AWAKE -> heard = 0
    :: heard == OFF -> ring_one(supervisor_bell, supervisor_waits, need, due)
    :: heard == NEEDS || heard == ALL -> ring_one(user_bell, user_waits, need, due)
    fi
}

#ifdef MUTANT_SLEEP_WITHOUT_LOOK
#define SECOND_LOOK(have) false
#else
#define SECOND_LOOK(have) have
#endif

inline wait_for(have, is_cell)
{
    do
    :: have -> break
    :: else ->
        sleep[w] = 1;
        if
        :: SECOND_LOOK(have)
        :: !(SECOND_LOOK(have)) ->
#ifndef MUTANT_WANT_UNNOTIFIED
            if
            :: is_cell
            :: else -> bell_notify(1, 1)
            fi;
#endif
            wait(sleep[w], 1, worker_waits[w])
        fi;
        sleep[w] = 0
    od
}

inline publish(last)
{
    atomic {
        /* Whatever is overwritten here must have been read. */
        assert(AHEAD(complete_at, complete_tail[w]) < DONES);
        complete_of[DONE(w, complete_at)] = position;
        complete_last[DONE(w, complete_at)] = last;
        complete_stamp[DONE(w, complete_at)] = STAMP(complete_at);
        complete_at = NEXT(complete_at);
        if
        :: last -> published[task] = 1
        :: else
        fi
    }
}

inline run_task()
{
    atomic {
        task = submit_task[CELL(w, position)];
        runs[task]++;
        assert(runs[task] == 1)
    }
#ifdef ENDLESS
    task != 0; /* the first task never returns */
#endif
#if PIECES > 0
    atomic { count = PIECES; argument_tail[w] = 0 }
    do
    :: count > 0 ->
        wait_for(HAVE_PIECE, false);
        atomic { argument_tail[w] = argument_head[w]; count-- }
        bell_notify(1, 1)
    :: else -> break
    od;
#endif
#if PARTS > 0
    count = PARTS;
    do
    :: count > 0 ->
#ifdef MUTANT_PART_ANYWHERE
        wait_for((AHEAD(complete_at, complete_tail[w]) < DONES), false);
#else
        wait_for(HAVE_ROOM, false);
#endif
        publish(0);
        count--;
        bell_notify(1, 1)
    :: else -> break
    od;
#endif
}

inline claim()
{
#ifdef MUTANT_CLAIM_WITHOUT_CAS
    if
    :: submit_stamp[CELL(w, position)] == STAMP(position) ->
        submit_stamp[CELL(w, position)] = STAMP(position) | TAKEN; claimed = 1
    :: else -> claimed = 0
    fi
#else
    atomic {
        if
        :: submit_stamp[CELL(w, position)] == STAMP(position) ->
            submit_stamp[CELL(w, position)] = STAMP(position) | TAKEN; claimed = 1
        :: else -> claimed = 0
        fi
    }
#endif
}

inline ring()
{
    atomic { due = REACHED(passed, notify_at[w]); passed = 0 }
    if
    :: due
    :: else -> due = !HAVE_CELL
    fi;
    bell_notify(0, due);
    due = 0
}

inline serve_one()
{
    wait_for(HAVE_CELL, true);
    claim();
    if
    :: claimed ->
        run_task();
#ifdef MUTANT_NOTIFY_BEFORE_COMPLETE
        bell_notify(0, 1);
#endif
        publish(1);
        /* Here a kill leaves a completed task whose cell nobody passed. */
        atomic { passed = position; position = NEXT(position); consumed[w] = position; task = 0; claimed = 0 }
#ifndef MUTANT_NOTIFY_BEFORE_COMPLETE
        ring()
#endif
    :: else ->
        atomic { passed = position; position = NEXT(position); consumed[w] = position }
#ifndef MUTANT_RECALLED_UNNOTIFIED
        ring()
#endif
    fi
}

inline die()
{
    life[w] = DEAD;
    /* The notice of the kernel, some time after the last step: the watcher stores these two, then wakes. */
    exited[w] = 1; news = 1;
    position = 0; passed = 0; complete_at = 0; task = 0; count = 0; heard = 0;
    claimed = 0; won = 0; due = 0; worker_waits[w] = 0; deaths++
}

proctype worker(byte w)
{
    byte position, passed, complete_at, task, count, heard;
    bit claimed, won, due;
    do
    :: life[w] == ALIVE ->
        {
            atomic { position = FIRST; complete_at = FIRST }
            if
            :: !child_ready[w] ->
                child_ready[w] = 1;
#ifndef MUTANT_READY_UNNOTIFIED
                bell_notify(1, 1)
#endif
            :: else
            fi;
            do
            :: serve_one()
            od
        } unless {
            atomic { life[w] == KILLED -> die() }
        }
    :: atomic { life[w] == KILLED -> die() } /* before its first step */
    od
}

/* SIGKILL, at any moment. */
proctype killer()
{
    byte left = KILLS;
    do
    :: left > 0 ->
        atomic {
            /* Workers are alike and tasks go to any of them, so killing the first one is enough. */
            life[0] == ALIVE -> life[0] = KILLED; left--
        }
    :: left > 0 -> break
    :: else -> break
    od;
    left = 0
}

/* ---- The kernel's notice, on the watcher thread ---- */

/* The parent's threads are not killed, so disarming and waking may be one step: a wake that comes later than its CAS is
 * a wake for no reason at worst, and these are harmless. */
inline wake_one(bell, waits)
{
    atomic {
        if
        :: bell == NEEDS || bell == ALL -> bell = OFF; waits = 0
#ifndef MUTANT_NOTICE_WAKES_ARMED_ONLY
        /* Also if it is not armed: its notifier may be the one that died before it could wake. */
        :: bell == OFF -> waits = 0
#endif
        :: else
        fi
    }
}

proctype watcher()
{
    byte heard_of;
    do
    :: heard_of != deaths -> heard_of++;
#ifndef MUTANT_NOTICE_WITHOUT_WAKE
       wake_one(user_bell, user_waits);
       wake_one(supervisor_bell, supervisor_waits)
#endif
    od
}

/* ---- The parent's steps, under its lock ---- */

inline end_task(t, how)
{
    assert(state[t] == PENDING || state[t] == SENT);
    state[t] = how;
    ended++;
    /* The leader may sleep although this is what it waits for; and the supervisor has to close the pool. */
    wake_user = wake_user || leading;
    wake_supervisor = wake_supervisor || ended == TASKS
}

inline release()
{
#ifndef MUTANT_END_WITHOUT_WAKE
    if
    :: wake_user && leading -> wake_one(user_bell, user_waits)
    :: else
    fi;
#endif
#ifndef MUTANT_LAST_END_WITHOUT_WAKE
    if
    :: wake_supervisor -> wake_one(supervisor_bell, supervisor_waits)
    :: else
    fi;
#endif
    atomic { wake_user = 0; wake_supervisor = 0; lock = 0 }
}

inline kick(w)
{
    atomic {
        if
        :: touched[w] && sleep[w] -> sleep[w] = 0; worker_waits[w] = 0
        :: else
        fi;
        touched[w] = 0
    }
}

/* Cells before the tail may be written again: the worker has stepped past them, and what was in them has ended. */
inline advance_tail(w)
{
    atomic {
#ifdef MUTANT_REUSE_UNCONSUMED
        seen = submitted[w];
#else
        seen = consumed[w];
#endif
        do
#ifdef MUTANT_REUSE_UNCOLLECTED
        :: tail[w] != seen -> tail[w] = NEXT(tail[w])
#else
        :: tail[w] != seen && ring_task[CELL(w, tail[w])] == 0 -> tail[w] = NEXT(tail[w])
#endif
        :: else -> break
        od;
        seen = 0
    }
}

#define FULL(w) (AHEAD(submitted[w], tail[w]) >= CELLS)

inline send(w)
{
    atomic {
        task = 0;
        do
        :: state[task] != PENDING -> task++
        :: else -> break
        od
    }
#ifdef MUTANT_KICK_BEFORE_PUBLISH
    asleep = sleep[w];
#endif
#if PIECES > 0
    atomic { argument_head[w] = 1; to_pass[w] = PIECES - 1; argument_tail[w] = 0 }
#endif
    atomic {
        submit_task[CELL(w, submitted[w])] = task;
        state[task] = SENT;
        ring_task[CELL(w, submitted[w])] = task + 1;
        submit_stamp[CELL(w, submitted[w])] = STAMP(submitted[w]);
        submitted[w] = NEXT(submitted[w]);
        task = 0;
        touched[w] = 1
    }
#ifdef MUTANT_KICK_BEFORE_PUBLISH
    if
    :: !asleep -> touched[w] = 0
    :: else
    fi;
    asleep = 0;
#endif
}

#if TASKS == 2
#define SOME_PENDING (state[0] == PENDING || state[1] == PENDING)
#else
#define SOME_PENDING (state[0] == PENDING || state[1] == PENDING || state[2] == PENDING)
#endif

#if PIECES > 0
#define ROOM(w) (worker_state[w] == READY && submitted[w] == tail[w] && to_pass[w] == 0)
#else
#define ROOM(w) (worker_state[w] == READY && !FULL(w))
#endif

inline refresh(w)
{
    if
    :: SOME_PENDING && worker_state[w] == READY && !ROOM(w) -> advance_tail(w)
    :: else
    fi
}

inline feed()
{
    refresh(0);
#if WORKERS > 1
    refresh(1);
#endif
    do
#if defined(SPREAD) && WORKERS > 1
    :: SOME_PENDING && ROOM(0) && (!ROOM(1) || submitted[0] == tail[0]) -> send(0); kick(0); refresh(0)
#else
    :: SOME_PENDING && ROOM(0) -> send(0); kick(0); refresh(0)
#endif
#if WORKERS > 1
#ifdef SPREAD /* the idle worker first */
    :: SOME_PENDING && ROOM(1) && (!ROOM(0) || submitted[0] != tail[0]) -> send(1); kick(1); refresh(1)
#else
    :: SOME_PENDING && ROOM(1) -> send(1); kick(1); refresh(1)
#endif
    :: !SOME_PENDING || (!ROOM(0) && !ROOM(1)) -> break
#else
    :: !SOME_PENDING || !ROOM(0) -> break
#endif
    od
}

#define COMPLETION(w) (complete_stamp[DONE(w, complete_position[w])] == STAMP(complete_position[w]))

inline take(w)
{
    if
    :: complete_last[DONE(w, complete_position[w])] ->
        seen = CELL(w, complete_of[DONE(w, complete_position[w])]);
        assert(ring_task[seen] != 0);
        task = ring_task[seen] - 1;
        assert(published[task] && state[task] == SENT);
        end_task(task, SUCCEEDED);
        ring_task[seen] = 0;
        task = 0;
        seen = 0
    :: else
    fi;
    complete_position[w] = NEXT(complete_position[w])
}

inline collect(w)
{
    do
    :: atomic { COMPLETION(w) -> take(w) }
       complete_tail[w] = complete_position[w];
#ifndef MUTANT_COLLECT_WITHOUT_KICK
       touched[w] = 1;
#endif
       any = 1
    :: else -> break
    od;
#if PIECES > 0
    if
    :: to_pass[w] > 0 && argument_tail[w] == argument_head[w] ->
        atomic { argument_head[w] = argument_head[w] + 1; to_pass[w] = to_pass[w] - 1; touched[w] = 1; any = 1 }
    :: else
    fi;
#endif
    kick(w)
}

/* One cell of a dead worker. */
inline reap_cell(w, cell)
{
    if
    :: ring_task[cell] != 0 ->
        task = ring_task[cell] - 1;
        if
#ifdef MUTANT_TAKEN_RUNS_AGAIN
        :: true -> state[task] = PENDING
#else
        :: submit_stamp[cell] & TAKEN ->
            failures++;
            assert(!published[task] && failures <= deaths);
            end_task(task, FAILED)
        :: else -> state[task] = PENDING
#endif
        fi;
        ring_task[cell] = 0;
        task = 0
    :: else
    fi;
    submit_stamp[cell] = 0;
    submit_task[cell] = 0
}

inline forget_completion(cell)
{
    complete_stamp[cell] = 0;
    complete_of[cell] = 0;
    complete_last[cell] = 0
}

inline reap(w)
{
#ifndef MUTANT_REAP_WITHOUT_COLLECT
    collect(w);
#endif
    /* The worker is dead, so nobody competes here. */
    atomic {
        reap_cell(w, CELL(w, 0));
        reap_cell(w, CELL(w, 1));
        forget_completion(DONE(w, 0));
        forget_completion(DONE(w, 1));
#if DONES > 2
        forget_completion(DONE(w, 2));
        forget_completion(DONE(w, 3));
#endif
        consumed[w] = FIRST; notify_at[w] = FIRST; complete_tail[w] = FIRST;
        submitted[w] = FIRST; tail[w] = FIRST; complete_position[w] = FIRST;
        touched[w] = 0; sleep[w] = 0; child_ready[w] = 0; exited[w] = 0;
#if PIECES > 0
        argument_head[w] = 0; argument_tail[w] = 0; to_pass[w] = 0;
#endif
        life[w] = NOBODY;
        worker_state[w] = NONE
    }
    any = 1
}

inline service_one(w)
{
    if
    :: worker_state[w] != NONE && exited[w] && heard -> reap(w)
    :: else
    fi;
    if
    :: worker_state[w] == STARTING && child_ready[w] -> atomic { worker_state[w] = READY; any = 1 }
    :: else
    fi;
    if
    :: worker_state[w] != NONE -> collect(w)
    :: else
    fi
}

inline service()
{
    /* The flag is cleared before the look, so that a death after it is seen next time. */
    atomic { any = 0; heard = news; news = 0 }
    service_one(0);
#if WORKERS > 1
    service_one(1);
#endif
    heard = 0;
    feed()
}

/* What a second look sees, as a thread that waits takes it and as the supervisor does. Conditions that stay true until
 * the holder of the lock acts on them may be read in one step. */
#ifdef MUTANT_LOOK_WITHOUT_ROOM
#define NEW_ROOM(w) false
#else
#define NEW_ROOM(w) (SOME_PENDING && worker_state[w] == READY && \
                     consumed[w] != tail[w] && ring_task[CELL(w, tail[w])] == 0)
#endif
#ifdef MUTANT_LOOK_WITHOUT_READY
#define NEW_READY(w) false
#else
#define NEW_READY(w) (worker_state[w] == STARTING && child_ready[w])
#endif
#if PIECES > 0 && !defined(MUTANT_LOOK_WITHOUT_PIECES)
#define NEW_PIECE(w) (to_pass[w] > 0 && argument_tail[w] == argument_head[w])
#else
#define NEW_PIECE(w) false
#endif
#define HAS_NEWS(w) (COMPLETION(w) || NEW_ROOM(w))
#define HAS_NEEDS(w) (NEW_READY(w) || (sleep[w] && (NEW_PIECE(w) || COMPLETION(w))))
#if WORKERS > 1
#define USER_NEWS (news || HAS_NEWS(0) || HAS_NEWS(1) || HAS_NEEDS(0) || HAS_NEEDS(1))
#define NARROW_NEWS (news || HAS_NEWS(0) || HAS_NEWS(1))
#define SUPERVISOR_NEWS (news || HAS_NEEDS(0) || HAS_NEEDS(1) || \
                         (!leading && armed == ALL && (HAS_NEWS(0) || HAS_NEWS(1))))
#else
#define USER_NEWS (news || HAS_NEWS(0) || HAS_NEEDS(0))
#define NARROW_NEWS (news || HAS_NEWS(0))
#define SUPERVISOR_NEWS (news || HAS_NEEDS(0) || (!leading && armed == ALL && HAS_NEWS(0)))
#endif

#ifdef MUTANT_ARM_WITHOUT_LOOK
#define LOOK(condition) false
#else
#define LOOK(condition) (condition)
#endif

/* Any position of what is in flight will do. */
inline set_threshold(w)
{
    if
    :: submitted[w] != tail[w] && worker_state[w] != NONE ->
        if
#ifndef LATE /* the latest that is allowed, and nothing else */
        :: notify_at[w] = tail[w]
#endif
        :: notify_at[w] = (submitted[w] + POSITIONS - 1) % POSITIONS
        fi
    :: else
    fi
}

inline set_thresholds()
{
    set_threshold(0);
#if WORKERS > 1
    set_threshold(1)
#endif
}

/* ---- The parent's threads ---- */

/* Spinning: nobody notifies. Whether it ends because something was seen or because time is up makes no difference to
 * what follows: the bell is OFF again, and then everything is looked at once more. */
inline lead_awake()
{
    atomic { leading = 1; led = 1 }
    if
#ifndef NO_SPIN
    :: true ->
        user_bell = AWAKE;
        release();
        acquire()
#endif
    :: true
    fi;
#ifndef MUTANT_SPIN_THEN_SLEEP
#ifdef MUTANT_LEAVE_AWAKE
    user_bell = AWAKE;
#else
    user_bell = OFF;
#endif
    leading = 0
#endif
}

inline lead_asleep()
{
    atomic { leading = 1; led = 1 }
    set_thresholds();
    /* ARM */
    user_bell = ALL;
    if
    :: LOOK(USER_NEWS)
    :: !LOOK(USER_NEWS) ->
        release();
        atomic {
            if
            :: user_bell == ALL -> user_waits = 1
            :: else
            fi
        }
        if
        :: !user_waits
#if TIMEOUTS > 0
        :: atomic { !late -> user_waits = 0; late = 1 }
#endif
        fi;
        acquire()
    fi;
    user_bell = OFF;
    leading = 0
}

/* A thread of the program: submits, waits for one of its tasks, and leaves. */
proctype user()
{
    byte task, seen, awaited;
    bit wake_user, wake_supervisor, any, heard, asleep, led, spun, late;
    do
    :: awaited < TASKS ->
        acquire();
        state[awaited] = PENDING;
        feed();
        release();
        awaited++
    :: else -> break
    od;
    if
#ifndef LATE
    :: awaited = TASKS - 1
#endif
#ifndef ENDLESS
    :: awaited = 0
#endif
    fi;
    acquire();
    do
    :: ENDED(awaited) || late -> break
    :: else ->
        service();
        if
        :: any -> spun = 0
        :: !any && spun -> lead_asleep()
        :: !any && !spun ->
            lead_awake();
#ifdef MUTANT_SPIN_THEN_SLEEP
            lead_asleep();
#endif
            spun = 1
        fi
    od;
    /* Whoever notified while the bell was AWAKE, or read it armed and found it OFF when he came to the CAS, has woken
     * nobody: one more look, now that it is OFF, and at everything: at more than completions. */
    if
#ifdef MUTANT_LEAVE_WITH_NARROW_LOOK
    :: led && NARROW_NEWS -> service()
#elif !defined(MUTANT_LEAVE_WITHOUT_LOOK)
    :: led && USER_NEWS -> service()
#endif
    :: else
    fi;
    atomic { any = 0; led = 0; spun = 0; late = 0; awaited = 0 }
    release();
    user_gone = 1
}

inline start(w)
{
    if
#ifndef NO_RESTART /* the other worker gets it all */
    :: worker_state[w] == NONE -> atomic { worker_state[w] = STARTING; life[w] = ALIVE }
#endif
    :: else
    fi
}

proctype supervisor()
{
    byte task, seen, ticks = TICKS, armed;
    bit wake_user, wake_supervisor, any, heard, asleep;
    do
    :: acquire();
       service();
       any = 0;
       wake_supervisor = 0;
       start(0);
#if WORKERS > 1
       start(1);
#endif
       closed = ended == TASKS;
       if
       :: armed = ALL; set_thresholds()
       :: ticks > 0 -> atomic { armed = NEEDS; ticks-- }
       fi;
       /* ARM */
       supervisor_bell = armed;
       if
       :: LOOK(SUPERVISOR_NEWS)
          release()
       :: !LOOK(SUPERVISOR_NEWS) ->
          release();
          atomic {
              if
              :: supervisor_bell == armed -> supervisor_waits = 1
              :: else
              fi
          }
          if
          :: !supervisor_waits
          :: armed == NEEDS -> supervisor_waits = 0 /* it polls when it does not hear of everything */
          fi
       fi;
       atomic { supervisor_bell = OFF; armed = 0 }
    od
}

#if RECALLS > 0
inline recall(w, cell)
{
    atomic { task = ring_task[cell] - 1; seen = submit_stamp[cell] }
    if
    :: seen & (TAKEN | RECALLED)
    :: else ->
        won = 0;
#ifdef MUTANT_RECALL_WITHOUT_CAS
        submit_stamp[cell] = seen | RECALLED;
        won = 1;
#else
        atomic {
            if
            :: submit_stamp[cell] == seen -> submit_stamp[cell] = seen | RECALLED; won = 1
            :: else
            fi
        }
#endif
        if
        :: won ->
            atomic {
                ring_task[cell] = 0;
                won = 0;
#if PIECES > 0
                to_pass[w] = 0;
#endif
                if
                :: end_task(task, CANCELLED)
                :: state[task] = PENDING
                fi
            }
        :: else
        fi
    fi;
    atomic { seen = 0; task = 0 }
}

/* Another thread of the program: takes back what has not started, at any moment; cancels it, or sends it anew. */
proctype recaller()
{
    byte left = RECALLS, task, seen;
    bit wake_user, wake_supervisor, any, heard, asleep, won;
    do
    :: left > 0 ->
        acquire();
        if
        :: ring_task[0] != 0 -> recall(0, 0)
        :: ring_task[1] != 0 -> recall(0, 1)
#if WORKERS > 1
        :: ring_task[2] != 0 -> recall(1, 2)
        :: ring_task[3] != 0 -> recall(1, 3)
#endif
        :: else
        fi;
        feed();
        release();
        left--
    :: break
    od
}
#endif

/* ---- The beginning and the end ---- */

inline begin(w)
{
    consumed[w] = FIRST; notify_at[w] = FIRST; complete_tail[w] = FIRST;
    submitted[w] = FIRST; tail[w] = FIRST; complete_position[w] = FIRST;
    worker_state[w] = READY; child_ready[w] = 1; life[w] = ALIVE;
    run worker(w)
}

inline check_task(t)
{
    assert(ENDED(t));
    assert(state[t] != SUCCEEDED || (runs[t] == 1 && published[t]));
    assert(state[t] != CANCELLED || runs[t] == 0);
    assert(state[t] != FAILED || !published[t])
}

inline check_worker(w)
{
#ifdef NO_RESTART
    assert(life[w] == NOBODY || (life[w] == ALIVE && worker_waits[w]));
#else
    assert(life[w] == ALIVE && worker_state[w] == READY && worker_waits[w]);
#endif
    assert(complete_tail[w] == complete_position[w] && !COMPLETION(w));
    assert(ring_task[CELL(w, 0)] == 0 && ring_task[CELL(w, 1)] == 0);
    assert(consumed[w] == submitted[w])
}

init
{
    atomic {
        begin(0);
#if WORKERS > 1
        begin(1);
#endif
        run killer();
        run watcher();
        run supervisor();
#if RECALLS > 0
        run recaller();
#endif
        run user()
    }
    /* Nothing moves any more: whatever is not as it should be now stays so for ever. */
    timeout;
#ifdef ENDLESS
    assert(user_gone || !ENDED(TASKS - 1))
#else
    atomic {
        assert(user_gone && !lock && supervisor_waits && closed);
        assert(ended == TASKS);
        check_task(0);
        check_task(1);
#if TASKS > 2
        check_task(2);
#endif
        check_worker(0);
#if WORKERS > 1
        check_worker(1)
#endif
    }
#endif
}
