/* Model of the condition of core/src/sync/condition.c, for the Spin model checker.
 *
 * It contains three WAITERS that wait WAITS times each, a notifier that notifies one waiter NOTIFIES times, the table
 * of entries, the bells of the nodes, a killer that ends up to KILLS of the waiters, and with KILL_NOTIFIER the
 * notifier too, between any two of their steps, and one of two ways to learn of a death:
 *   REPORT  somebody is told by the kernel, marks the record dead and then changes the death word. A sleep never ends
 *           by itself, so that every ring counts.
 *   SLICES  nobody reports anything. A sleep ends by itself after a while, and each look asks the kernel.
 * With TIMEOUTS a waiter may give up at any look that finds it not notified.
 *
 * One step of the model is one operation on shared memory or one system call of the code; names in brackets are those
 * of condition.c. What a waiter does with the lock is one step here, for lock.pml is about the lock. The notifier holds
 * it for several. Bells and the death word are flags, which say whether they changed since they were read. Memory is
 * sequentially consistent; all operations on entries and bells are seq_cst in the code. Node ids do not repeat.
 * Spinning only reads.
 *
 * What is checked:
 *   - no more waits end as notified than notifications were given, and none by a notification that came before it;
 *   - once nothing moves, every notification has ended a wait, or lapsed, which it may only when nobody who lives has
 *     waited since before it was given;
 *   - once nothing moves, nobody who lives sleeps with a mark of his own, and none of those who live waits for the
 *     lock.
 *
 * A run of the checker per line: its name, the macros, then pan's options after "--". By hand:
 *     spin -a -DREPORT condition.pml && cc -O2 -DSAFETY -DCOLLAPSE -o pan pan.c && ./pan -E -m3000000
 *
 * CHECK surplus      -DLONG -DREPORT -DKILLS=1 -DNOTIFIES=2 -- -E
 * CHECK chain        -DLONG -DREPORT -DKILLS=2 -DNOTIFIES=1 -- -E
 * CHECK given_up     -DLONG -DREPORT -DKILLS=1 -DNOTIFIES=2 -DTIMEOUTS -- -E
 * CHECK notifier     -DLONG -DREPORT -DKILLS=2 -DNOTIFIES=1 -DKILL_NOTIFIER -- -E
 * CHECK again        -DREPORT -DKILLS=1 -DNOTIFIES=1 -DWAITS=2 -- -E
 * CHECK sliced       -DLONG -DSLICES -DKILLS=2 -DNOTIFIES=2 -DTIMEOUTS -- -E
 *
 * Each of these mistakes must be found:
 *
 * MUTANT stored_leave   -DREPORT -DKILLS=0 -DNOTIFIES=1 -DTIMEOUTS -DMUTANT_STORED_LEAVE -- -E
 * MUTANT early_consume  -DREPORT -DKILLS=1 -DNOTIFIES=1 -DMUTANT_EARLY_CONSUME -- -E
 * MUTANT sticky         -DREPORT -DKILLS=1 -DNOTIFIES=1 -DMUTANT_STICKY -- -E
 * MUTANT greedy         -DREPORT -DKILLS=1 -DNOTIFIES=2 -DMUTANT_GREEDY -- -E
 * MUTANT silent         -DREPORT -DKILLS=1 -DNOTIFIES=2 -DMUTANT_SILENT -- -E
 * MUTANT hasty          -DREPORT -DKILLS=1 -DNOTIFIES=1 -DMUTANT_HASTY -- -E
 * MUTANT early_ring     -DREPORT -DKILLS=0 -DNOTIFIES=1 -DMUTANT_EARLY_RING -- -E
 * MUTANT late_bell      -DREPORT -DKILLS=0 -DNOTIFIES=1 -DMUTANT_LATE_BELL -- -E
 * MUTANT late_death     -DREPORT -DKILLS=1 -DNOTIFIES=1 -DMUTANT_LATE_DEATH -- -E
 * MUTANT early_news     -DREPORT -DKILLS=1 -DNOTIFIES=1 -DMUTANT_EARLY_NEWS -- -E
 * MUTANT reuse          -DREPORT -DKILLS=1 -DNOTIFIES=1 -DMUTANT_REUSE -- -E
 * MUTANT blind          -DSLICES -DKILLS=1 -DNOTIFIES=1 -DMUTANT_BLIND -- -E
 */
#ifndef KILLS
#define KILLS 1
#endif
#ifndef NOTIFIES
#define NOTIFIES 1
#endif
#ifndef WAITS
#define WAITS 1
#endif

#define WAITERS  3
#define NOTIFIER 4
#define ENTRIES  3

/* An entry: state, node and number in one byte each, changed in one step. Node 0 is nobody, and dead. */
#define FREE    0
#define WAITING 1
#define MARKED  2

typedef entry_type { byte state; byte node; byte number };
entry_type entry[ENTRIES];

byte lock;                 /* the notifier while it is inside; of a dead one nobody takes notice */
byte tickets;
bool rung[WAITERS + 1];    /* the bell is not what it was when the waiter last read it */
bool news[WAITERS + 1];    /* so with the death word */
bool recorded[NOTIFIER + 1];
bool killed[NOTIFIER + 1]; /* the kernel knows */

/* Of the model only: */
byte kills, marked, woken, lapsed;

#ifdef REPORT
#define IS_DEAD(n) ((n) == 0 || recorded[n])
#else
#ifdef MUTANT_BLIND
#define IS_DEAD(n) ((n) == 0)
#else
#define IS_DEAD(n) ((n) == 0 || killed[n])
#endif
#endif

#define IS(i, s, n, t) (entry[i].state == s && entry[i].node == n && entry[i].number == t)

/* Waits, waited before the bound, lives. */
#define CAN_ADOPT(i, bound) (entry[i].state == WAITING && entry[i].number < bound && !killed[entry[i].node])
#define SOMEBODY_CAN(bound) (CAN_ADOPT(0, bound) || CAN_ADOPT(1, bound) || CAN_ADOPT(2, bound))
/* The same as far as the records say. */
#define SEEMS_TO(i, bound) (entry[i].state == WAITING && entry[i].number < bound && !recorded[entry[i].node])
#define SOMEBODY_SEEMS_TO(bound) (SEEMS_TO(0, bound) || SEEMS_TO(1, bound) || SEEMS_TO(2, bound))

inline set_entry(i, s, n, t)
{
    entry[i].state = s;
    entry[i].node = n;
    entry[i].number = t
}

#define LOCK_IS_FREE (lock == 0 || killed[lock])

/* The death word changes, and all wake who sleep on it. */
inline announce()
{
    news[1] = true; news[2] = true; news[3] = true
}

/* An entry that may be used again holds nothing, a dead waiter, or a mark of the dead that nobody is left to adopt. */
#ifdef MUTANT_REUSE
#define IS_REUSABLE(i) (entry[i].state == FREE || recorded[entry[i].node] || entry[i].node == 0)
#else
#define IS_REUSABLE(i) (entry[i].state == FREE || \
    ((recorded[entry[i].node] || entry[i].node == 0) && \
     (entry[i].state == WAITING || !SOMEBODY_SEEMS_TO(entry[i].number))))
#endif

/* The lowest one. */
inline choose_entry()
{
    at = 0;
    do
    :: at < ENTRIES && !IS_REUSABLE(at) -> at++
    :: else -> break
    od
}

#ifdef MUTANT_STICKY
#define IS_ADOPTABLE(i) (i != at && entry[i].state == MARKED && IS_DEAD(entry[i].node))
#else
#define IS_ADOPTABLE(i) (i != at && entry[i].state == MARKED && IS_DEAD(entry[i].node) && ticket < entry[i].number)
#endif

/* One that can be adopted, ENTRIES if there is none. */
inline find_orphan()
{
    if
    :: IS_ADOPTABLE(0) -> other = 0
    :: IS_ADOPTABLE(1) -> other = 1
    :: IS_ADOPTABLE(2) -> other = 2
    :: else -> other = ENTRIES
    fi
}

/* Rings whoever waits in this entry and could adopt. */
inline ring(i)
{
    if
    :: SEEMS_TO(i, bound) -> rung[entry[i].node] = true
    :: else
    fi
}

proctype Waiter(byte self)
{
    byte at, other, ticket, bound, waits;

    {
        skip;
again:
        /* [enter] The waiters differ in nothing but their number: that they come in its order loses no case. */
        atomic {
            LOCK_IS_FREE && tickets + kills >= self - 1;
            ticket = tickets;
            tickets++;
            choose_entry();
            if
            :: at == ENTRIES -> goto through
            :: else
            fi;
            if
            :: entry[at].state == MARKED ->
                /* A notification lapses: nobody who lives has waited for so long. */
                assert(!SOMEBODY_CAN(entry[at].number));
                lapsed++
            :: else
            fi;
            set_entry(at, WAITING, self, ticket)
        };

looking:
        /* The code reads the death word first and then the bell: to read both at the later moment notices less. */
        atomic {
#ifndef MUTANT_LATE_DEATH
            news[self] = false;
#endif
#ifndef MUTANT_LATE_BELL
            rung[self] = false
#endif
        };
        /* [look] and [adopt]: a mark that comes between the two might as well come before [withdraw]. The code looks at
         * one entry after the other, and at its owner's death after that. An entry that can be adopted only after it
         * was looked at is one after all of this: bell and death word were read before. */
        atomic {
            if
            :: entry[at].state == MARKED -> goto has_mark
            :: else -> find_orphan()
            fi;
            if
            :: other < ENTRIES ->
                bound = entry[other].number;
                entry[other].node = self;
                goto adopted
            :: else -> other = 0
            fi
        };
#ifdef MUTANT_LATE_BELL
        rung[self] = false;
#endif
#ifdef MUTANT_LATE_DEATH
        news[self] = false;
#endif
#ifdef TIMEOUTS
        /* [leave] */
        atomic {
            if
            :: true
            :: true ->
#ifdef MUTANT_STORED_LEAVE
                set_entry(at, FREE, 0, 0); goto through
#else
                if
                :: IS(at, WAITING, self, ticket) -> set_entry(at, FREE, 0, 0); goto through
                :: else -> goto has_mark
                fi
#endif
            fi
        };
#endif
        /* [sleep] The kernel compares and falls asleep in one step, and whoever changes the word wakes the sleeper. One
         * that is killed between the two is here one that was killed before both. */
        if
        :: rung[self] || news[self]
#ifdef SLICES
        /* It ends by itself every so often, which matters only when there is something to see. */
        :: entry[at].state == MARKED || IS_ADOPTABLE(0) || IS_ADOPTABLE(1) || IS_ADOPTABLE(2)
#endif
        fi;
        goto looking;

adopted:
        /* [withdraw] */
        atomic {
            if
            :: IS(at, WAITING, self, ticket) -> set_entry(at, FREE, 0, 0); at = other; goto has_mark
            :: else
#ifdef MUTANT_GREEDY
                -> goto has_mark
#endif
            fi
        };
        /* [hand on] */
        entry[other].node = 0;
#ifndef MUTANT_SILENT
        /* One after the other in the code; killed in between, it leaves the rest to the news of its death. */
        atomic { ring(0); ring(1); ring(2) };
#endif

has_mark:
#ifdef MUTANT_EARLY_CONSUME
        atomic { bound = entry[at].number; set_entry(at, FREE, 0, 0) };
        atomic { LOCK_IS_FREE; woken++ };
#else
        /* [consume] With the lock: killed after it was taken and before this, the waiter leaves what it would have left
         * before. */
        atomic {
            LOCK_IS_FREE;
            assert(entry[at].state == MARKED && entry[at].node == self);
            assert(ticket < entry[at].number);
            set_entry(at, FREE, 0, 0);
            woken++;
            assert(woken <= marked)
        };
#endif
through:
        atomic {
            waits++;
            at = 0; other = 0; ticket = 0; bound = 0; rung[self] = false; news[self] = false;
            if
            :: waits < WAITS -> goto again
            :: else
            fi
        }
    } unless {
        atomic { killed[self] -> at = 0; other = 0; ticket = 0; bound = 0; waits = 0; rung[self] = false }
    }
}

/* The entry of the one who has waited longest, as far as the records say: ENTRIES if there is none. */
inline find_oldest()
{
    other = 0;
    at = ENTRIES;
    do
    :: other < ENTRIES ->
        if
        :: entry[other].state == WAITING && !recorded[entry[other].node] ->
            if
            :: at == ENTRIES -> at = other
            :: at < ENTRIES && entry[other].number < entry[at].number -> at = other
            :: else
            fi
        :: else
        fi;
        other++
    :: else -> break
    od
}

proctype Notifier(byte self)
{
    byte at, other, whom, ticket, bound, notifies;

    {
        skip;
again:
        atomic { LOCK_IS_FREE; lock = self; bound = tickets };
searching:
        atomic {
            find_oldest();
            if
            :: at == ENTRIES -> goto nobody
            :: else -> whom = entry[at].node; ticket = entry[at].number
            fi
        };
#ifdef MUTANT_EARLY_RING
        rung[whom] = true;
#endif
        /* [notify] */
        atomic {
            if
            :: IS(at, WAITING, whom, ticket) -> set_entry(at, MARKED, whom, bound); marked++
            :: else -> goto searching
            fi
        };
#ifndef MUTANT_EARLY_RING
        /* Who has read the bell before this does not fall asleep after it. */
        rung[whom] = true;
#endif
#ifndef MUTANT_HASTY
        /* [notify] It may have died since it was chosen, and all who heard of it may have looked before it was
         * marked. */
        atomic {
            if
            :: recorded[whom] -> ring(0); ring(1); ring(2)
            :: else
            fi
        };
#endif
nobody:
        lock = 0;
        atomic {
            notifies++;
            at = 0; other = 0; whom = 0; ticket = 0; bound = 0;
            if
            :: notifies < NOTIFIES -> goto again
            :: else
            fi
        }
    } unless {
        killed[self]
    }
}

inline end_one(victim)
{
    kills++;
    killed[victim] = true
}

active proctype Killer()
{
    do
    :: atomic { kills < KILLS && !killed[1] -> end_one(1) }
    :: atomic { kills < KILLS && !killed[2] -> end_one(2) }
    :: atomic { kills < KILLS && !killed[3] -> end_one(3) }
#ifdef KILL_NOTIFIER
    :: atomic { kills < KILLS && !killed[NOTIFIER] -> end_one(NOTIFIER) }
#endif
    :: break
    od
}

#ifdef REPORT
inline report(victim)
{
#ifdef MUTANT_EARLY_NEWS
    atomic { announce() };
    recorded[victim] = true
#else
    recorded[victim] = true;
    atomic { announce() }
#endif
}

active proctype Reporter()
{
end:
    do
    :: killed[1] && !recorded[1] -> report(1)
    :: killed[2] && !recorded[2] -> report(2)
    :: killed[3] && !recorded[3] -> report(3)
    :: killed[NOTIFIER] && !recorded[NOTIFIER] -> report(NOTIFIER)
    od
}
#endif

/* A mark that is left when nothing moves any more: of nobody who lives, and nobody is there for it. */
inline check_left(i)
{
    if
    :: entry[i].state == MARKED ->
        assert(entry[i].node == 0 || killed[entry[i].node]);
        assert(!SOMEBODY_CAN(entry[i].number));
        left++
    :: else
    fi
}

init
{
    byte left;
    atomic {
        run Waiter(1);
        run Waiter(2);
        run Waiter(3);
        run Notifier(NOTIFIER)
    };
    timeout;
    atomic {
        check_left(0);
        check_left(1);
        check_left(2);
        assert(marked == woken + lapsed + left);
        assert(lock == 0 || killed[lock])
    }
}
