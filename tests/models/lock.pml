/* Model of the lock of core/src/word/owned_word.c, for the Spin model checker.
 *
 * It contains LOCKERS threads that lock and unlock until they have had enough, a killer that ends up to KILLS of them
 * between any two of their steps, the data that the lock guards, the kernel's two-word sleep, and one of two ways to
 * learn of a death:
 *   REPORT  somebody is told by the kernel, marks the record dead and then changes the death word; the kernel's
 *           notice may come at any time, but comes. A sleep never ends by itself, so that every wake counts.
 *   SLICES  nobody reports anything. A sleep may end by itself at any time, and the next look asks the kernel.
 * With TIMEOUTS a locker may give up at any look that finds the lock held.
 *
 * One step of the model is one operation on shared memory or one system call of the code; names in brackets are
 * those of owned_word.c. Memory is sequentially consistent here; that the code's memory orders suffice for this view is
 * argued beside each of them. Spinning is not modelled: it only reads. Nor are handles, destroy, and release
 * by somebody else than the holder. Node ids do not repeat.
 *
 * What is checked:
 *   - of those who live, at most one is inside;
 *   - whoever finds half-changed data has been told MPROC_OWNER_DIED, until one who holds the lock repairs it;
 *   - nobody is told so if nobody died;
 *   - no deadlock: there is no state in which all who live sleep for ever;
 *   - no livelock: in every run that is fair to those who can move, somebody enters again and again (NP, with -l -f).
 *
 * A run of the checker per line: its name, the macros, then pan's options after "--". By hand:
 *     spin -a -DREPORT lock.pml && cc -O2 -DSAFETY -o pan pan.c && ./pan -m3000000
 * and for the livelock checks, whose macros have NP,
 *     spin -a -DREPORT -DNP lock.pml && cc -O2 -DNP -DNFAIR=3 -o pan pan.c && ./pan -l -f -m3000000
 *
 * CHECK reported     -DLONG -DREPORT -DKILLS=2
 * CHECK given_up     -DLONG -DREPORT -DKILLS=2 -DTIMEOUTS
 * CHECK sliced       -DSLICES -DKILLS=2 -DTIMEOUTS
 * CHECK reported_on  -DLONG -DREPORT -DKILLS=1 -DNP -- -l -f
 * CHECK sliced_on    -DLONG -DSLICES -DKILLS=2 -DNP -- -l -f
 *
 * All five take less than a minute and 1 GB. Each of these mistakes must be found:
 *
 * MUTANT late_death_word  -DREPORT -DKILLS=1 -DMUTANT_LATE       the death word is read after the holder was looked at
 * MUTANT forgetful_taker  -DREPORT -DKILLS=0 -DMUTANT_FORGET     who has slept takes the lock without CONTENDED
 * MUTANT silent_leaver    -DREPORT -DKILLS=0 -DTIMEOUTS -DMUTANT_SILENT  who gives up after a sleep hands nothing on
 * MUTANT plain_release    -DREPORT -DKILLS=1 -DMUTANT_PLAIN      a release takes DIED away
 * MUTANT unmarked         -DREPORT -DKILLS=0 -DMUTANT_UNMARKED   a sleeper does not set CONTENDED
 * MUTANT early_news       -DREPORT -DKILLS=1 -DMUTANT_EARLY      the death word changes before the record
 * MUTANT blind_slice      -DSLICES -DKILLS=1 -DMUTANT_BLIND -DNP -- -l -f  nobody asks the kernel
 */
#ifndef LOCKERS
#define LOCKERS 3
#endif
#ifndef KILLS
#define KILLS 2
#endif

/* The word: holder, DIED, CONTENDED. */
#define HOLDER(w)   ((w) & 7)
#define DIED        8
#define CONTENDED   16

byte word;
byte deaths;                /* the death word */
bool recorded[LOCKERS + 1]; /* the record says: dead */
bool killed[LOCKERS + 1];   /* the kernel knows: dead */
bool asleep[LOCKERS + 1];

/* Of the model only: */
bool half_changed;          /* the guarded data */
byte inside;                /* who lives and is inside */
byte kills;

/* One sleeper of the word, any. */
inline wake_one()
{
    if
    :: asleep[1] -> asleep[1] = false
    :: asleep[2] -> asleep[2] = false
#if LOCKERS > 2
    :: asleep[3] -> asleep[3] = false
#endif
    :: else
    fi
}

/* All lockers sleep on the death word too. */
inline wake_all()
{
    asleep[1] = false;
    asleep[2] = false;
#if LOCKERS > 2
    asleep[3] = false;
#endif
}

/* Variables go back to 0 when they are not needed any more, so that states which differ in nothing else are one. */
proctype Locker(byte self)
{
    byte seen, known_deaths;
    bool slept, died, holder_dead;

    {
        skip;
enter:
        /* [fast] Whoever has had enough leaves, so that nobody else will wake those whom he has forgotten. */
        atomic {
            if
            :: word == 0 -> word = self; goto critical
            :: word != 0
            :: goto finished
            fi
        };

again:
#ifndef MUTANT_LATE
        known_deaths = deaths;
#endif
        /* [look] */
        seen = word;
        atomic {
            if
            :: HOLDER(seen) == 0
            :: else ->
#ifdef REPORT
                holder_dead = recorded[HOLDER(seen)]
#else
                /* mproc__thread_slot_check asks the kernel, and passes on what it hears. */
#ifndef MUTANT_BLIND
                holder_dead = killed[HOLDER(seen)];
#endif
                if
                :: holder_dead && !recorded[HOLDER(seen)] -> recorded[HOLDER(seen)] = true; deaths++; wake_all()
                :: else
                fi
#endif
            fi
        };
#ifdef MUTANT_LATE
        known_deaths = deaths;
#endif
        /* [take] */
        atomic {
            if
            :: HOLDER(seen) != 0 && !holder_dead
            :: else ->
                if
                :: word == seen ->
                    died = holder_dead || (seen & DIED);
#ifdef MUTANT_FORGET
                    word = self | (died -> DIED : 0) | (holder_dead -> CONTENDED : 0);
#else
                    word = self | (died -> DIED : 0) | ((holder_dead || slept) -> CONTENDED : 0);
#endif
                    seen = 0; known_deaths = 0; holder_dead = false; slept = false;
                    goto critical
                :: else -> seen = 0; known_deaths = 0; holder_dead = false; goto again
                fi
            fi
        };

#ifdef TIMEOUTS
        /* [leave] */
        atomic {
            if
            :: true
            :: true ->
#ifndef MUTANT_SILENT
                if
                :: slept && !(seen & CONTENDED) ->
                    if
                    :: word == seen -> word = seen | CONTENDED
                    :: else -> seen = 0; known_deaths = 0; goto again
                    fi
                :: else
                fi;
#endif
                seen = 0; known_deaths = 0; slept = false;
                goto enter
            fi
        };
#endif

        /* [mark] */
#ifndef MUTANT_UNMARKED
        atomic {
            if
            :: seen & CONTENDED
            :: else ->
                if
                :: word == seen -> seen = seen | CONTENDED; word = seen
                :: else -> seen = 0; known_deaths = 0; goto again
                fi
            fi
        };
#endif

        /* [sleep] The kernel compares and falls asleep in one step. */
        atomic {
            asleep[self] = (word == seen && deaths == known_deaths);
            seen = 0; known_deaths = 0; slept = true
        };
        if
        :: !asleep[self]
#ifdef SLICES
        :: asleep[self] = false
#endif
        fi;
        goto again;

critical:
        atomic {
            assert(inside == 0);
            inside = self;
            assert(!half_changed || died);
            assert(!died || kills > 0)
        };
progress:
        if
        :: !died -> half_changed = true; half_changed = false
        /* Told so, one may repair the data and say so, or leave both to the next. */
        :: died -> half_changed = false; word = word & ~DIED
        :: died
        fi;
        atomic { inside = 0; died = false };

        /* [release] */
releasing:
        seen = word;
        atomic {
            if
            :: word == seen ->
#ifdef MUTANT_PLAIN
                word = 0
#else
                word = seen & DIED
#endif
            :: else -> goto releasing
            fi
        };
        /* [wake] */
        atomic {
            if
            :: seen & CONTENDED -> wake_one()
            :: else
            fi;
            seen = 0
        };
        goto enter;
finished:
        skip
    } unless {
        atomic { killed[self] -> seen = 0; known_deaths = 0; slept = false; died = false; holder_dead = false }
    }
}

inline kill_one()
{
    kills++;
    killed[kills] = true;
    asleep[kills] = false;
    if
    :: inside == kills -> inside = 0
    :: else
    fi
}

/* The lockers differ in nothing but their number: that the first to die is 1 and the second 2 loses no case. */
active proctype Killer()
{
    do
    :: atomic { kills < KILLS -> kill_one() }
    :: break
    od
}

#ifdef REPORT
inline report(victim)
{
#ifdef MUTANT_EARLY
    atomic { deaths++; wake_all() };
    recorded[victim] = true
#else
    recorded[victim] = true;
    atomic { deaths++; wake_all() }
#endif
}

active proctype Reporter()
{
end:
    do
    :: killed[1] && !recorded[1] -> report(1)
    :: killed[2] && !recorded[2] -> report(2)
    od
}
#endif

init
{
    atomic {
        run Locker(1);
        run Locker(2);
#if LOCKERS > 2
        run Locker(3)
#endif
    }
}
