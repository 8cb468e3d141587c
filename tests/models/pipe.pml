/* Model of one stream of a pipe, of core/src/channel/pipe*.c and connection.c with eventcount.h, for the Spin model
 * checker.
 *
 * It contains one or two senders, which send a large message each and close, one or two receivers, which receive
 * until the end, a killer that ends up to KILLS of them between any two of their steps, the kernel's notice of each
 * death, which may come at any time but comes, and a sweeper, which takes back spans of the dead at any time. The
 * owned words, whose protocol is lock.pml's, are one step here: free, or kept by somebody whose death was announced.
 * A large message is the hard case: it waits for an empty stream, and lies in a span whose owner changes from the
 * sender to the pipe to the receiver. Small ones are the same without the span.
 *
 * One step of the model is one operation on shared memory, or one system call. Memory is sequentially consistent
 * here; docs/DESIGN.md argues that the code's memory orders suffice for this view (C1 to C10). Sleeps never end by
 * themselves: the slices of the code are for deaths that nobody announces, and must not be needed here.
 *
 * What is checked:
 *   - no message is received twice;
 *   - what a living sender has sent is received, unless a receiver was killed with it in his hands: at most one for
 *     each receiver killed, and the same for a sender killed before his call had returned;
 *   - no dead end: whoever lives comes to his end;
 *   - a span is nobody's in the end, or its owner is dead, so that the sweep finds it, or it lies unread in the
 *     pipe.
 *
 * What it is blind to: the words' own protocol, the bytes of a frame, positions that wrap, time-outs, handles under
 * way, the reuse of a pipe's block.
 *
 * CHECK senders      -DKILLS=0 -DRECEIVERS=1
 * CHECK receivers    -DKILLS=0 -DSENDERS=1
 * CHECK killed       -DLONG -DKILLS=1 -DSENDERS=1
 * CHECK both_killed  -DKILLS=2 -DSENDERS=1 -DRECEIVERS=1
 *
 * They take half a minute and less than 1 GB. Two senders, one receiver and a kill (-DKILLS=1 -DRECEIVERS=1) have 13
 * million states and go beyond that: compiled with -DHC4 they take 2 GB and two minutes, by hand. Each of these
 * mistakes must be found:
 *
 * MUTANT no_second_look  -DKILLS=0 -DRECEIVERS=1 -DMUTANT_LOOK   nobody looks between the mark on the bell and his sleep
 * MUTANT early_bell      -DKILLS=0 -DRECEIVERS=1 -DMUTANT_EARLY  the bell is read before the commit
 * MUTANT pipe_only       -DKILLS=0 -DRECEIVERS=1 -DMUTANT_PIPE   a receiver takes spans from the pipe only
 * MUTANT one_try         -DKILLS=0 -DRECEIVERS=1 -DMUTANT_TRY    he tries each owner once: it may be given in between
 * MUTANT silent_skip     -DKILLS=1 -DRECEIVERS=1 -DMUTANT_SKIP   who steps over a lost message does not tell the senders
 */
#ifndef SENDERS
#define SENDERS 2
#endif
#ifndef RECEIVERS
#define RECEIVERS 2
#endif
#ifndef KILLS
#define KILLS 1
#endif

/* Senders are 1 and 2, receivers 3 and 4. */
#define NOBODY 0
#define PIPE   7

byte head, tail;
byte frame[2];       /* of each position the sender whose span it names */
byte span[3];        /* owner of each sender's span */
byte owned[2];       /* the senders' word, the receivers' word */
bool wanted[2];      /* of each event count: somebody may be asleep */
bool rung[5];        /* the count has changed since this one prepared to sleep */
bool news[5];        /* the death word has changed since this one read it */
bool closed[3];
bool dead[5];        /* by the records of the family */
bool killed[5];      /* in fact */
bool asleep[5];

/* Of the model only. */
byte received[3];
bool returned[3];    /* the sender's call has come back */
byte kills, receivers_killed;
bool done[5];

#define ALL_CLOSED ((closed[1] || dead[1]) && (closed[2] || dead[2]))
#define NO_RECEIVER (dead[3] && dead[4])

inline wake(side)
{
    d_step {
        if
        :: side == 0 -> asleep[1] = false; asleep[2] = false
        :: else -> asleep[3] = false; asleep[4] = false
        fi
    }
}

/* The value of an event count, seen from those who may sleep on it. */
inline change(side)
{
    wanted[side] = false;
    if
    :: side == 0 -> rung[1] = true; rung[2] = true
    :: else -> rung[3] = true; rung[4] = true
    fi
}

/* [notify] */
inline ring(side)
{
    d_step {
        rang = wanted[side];
        if
        :: rang -> change(side)
        :: else
        fi
    };
    if
    :: rang -> wake(side); rang = false
    :: else
    fi
}

inline lock(side)
{
    atomic { (owned[side] == NOBODY || dead[owned[side]]) -> owned[side] = self }
}

inline unlock(side)
{
    owned[side] = NOBODY
}

/* The kernel compares and falls asleep in one step. */
inline sleep()
{
    d_step { asleep[self] = !rung[self] && !news[self]; rung[self] = false; news[self] = false };
    !asleep[self]
}

inline prepare(side)
{
    news[self] = false;
    d_step { wanted[side] = true; rung[self] = false }
}

proctype Sender(byte self)
{
    bool rang, waits;

    {
        span[self] = self;
again:  skip;
        lock(0);
        if
        :: NO_RECEIVER -> unlock(0); span[self] = NOBODY; goto finished
        :: head == tail -> skip
        :: head != tail && !NO_RECEIVER -> unlock(0); goto wait
        fi;
        frame[head] = self;
#ifdef MUTANT_EARLY
        rang = wanted[1];
#endif
        head++;                                     /* [commit] */
        unlock(0);
#ifdef MUTANT_EARLY
        if
        :: rang -> d_step { change(1) }; wake(1)
        :: else
        fi;
#else
        ring(1);
#endif
        atomic {                                    /* [give] */
            if
            :: span[self] == self -> span[self] = PIPE
            :: else
            fi
        };
        returned[self] = true;
        /* Some close at once, and some only when their message was received. */
        if
        :: waits = true
        :: waits = false
        fi;
        !waits || received[self] || receivers_killed > 0;
        waits = false;
        goto finished;
wait:   skip;
        prepare(0);
#ifndef MUTANT_LOOK
        if
        :: head == tail || NO_RECEIVER -> goto again
        :: else
        fi;
#endif
        sleep();
        goto again;
finished:
        /* [close] tells everybody, asked or not. */
        closed[self] = true;
        d_step { change(1) };
        wake(1);
        done[self] = true
    } unless {
        atomic { killed[self] -> rang = false; waits = false; done[self] = true }
    }
}

proctype Receiver(byte self)
{
    byte whose, tries;
    bool rang, mine;

    {
        skip;
again:  skip;
        lock(1);
        if
        :: head == tail -> unlock(1); goto wait
        :: else -> whose = frame[tail]
        fi;
        mine = false;
        do                                          /* [take] */
        :: tries < 2 && !mine ->
            atomic {
                if
                :: span[whose] == PIPE -> span[whose] = self; mine = true
                :: else
                fi
            };
#ifndef MUTANT_PIPE
            atomic {
                if
                :: !mine && span[whose] == whose -> span[whose] = self; mine = true
                :: else
                fi
            };
#endif
#ifdef MUTANT_TRY
            tries = 2
#else
            tries++
#endif
        :: else -> break
        od;
        tries = 0;
        atomic {                                    /* [pass] */
            tail++;
            if
            :: mine -> received[whose]++; assert(received[whose] == 1)
            :: else
            fi
        };
        if
        :: mine -> span[whose] = NOBODY             /* [free] */
        :: else
        fi;
        unlock(1);
#ifdef MUTANT_SKIP
        if
        :: mine -> ring(0)
        :: else
        fi;
#else
        ring(0);
#endif
        atomic { mine = false; whose = 0 };
        goto again;
wait:   skip;
        prepare(1);
#ifndef MUTANT_LOOK
        if
        :: head != tail -> goto again
        :: else
        fi;
#endif
        /* The end is read before the stream is looked at once more. */
        if
        :: ALL_CLOSED ->
            if
            :: head != tail -> goto again
            :: else -> goto finished
            fi
        :: else
        fi;
        sleep();
        goto again;
finished:
        done[self] = true
    } unless {
        atomic { killed[self] -> whose = 0; tries = 0; rang = false; mine = false; done[self] = true }
    }
}

/* Kills anybody who lives, at any time. */
inline kill_it(who)
{
    atomic { kills < KILLS && !killed[who] && !done[who] -> kills++; killed[who] = true; asleep[who] = false;
             receivers_killed = receivers_killed + (who > 2 -> 1 : 0) }
}

proctype Killer()
{
end:
    do
    :: kill_it(1)
    :: kill_it(2)
    :: kill_it(3)
    :: kill_it(4)
    od
}

/* The record first, then the word, then all who sleep. */
inline announce()
{
    d_step { news[1] = true; news[2] = true; news[3] = true; news[4] = true; who = 0 };
    d_step { asleep[1] = false; asleep[2] = false; asleep[3] = false; asleep[4] = false }
}

proctype Kernel()
{
    byte who;
end:
    do
    :: atomic { killed[1] && !dead[1] -> who = 1 }; dead[who] = true; announce()
    :: atomic { killed[2] && !dead[2] -> who = 2 }; dead[who] = true; announce()
    :: atomic { killed[3] && !dead[3] -> who = 3 }; dead[who] = true; announce()
    :: atomic { killed[4] && !dead[4] -> who = 4 }; dead[who] = true; announce()
    od
}

#define ORPHAN(s) (span[s] != NOBODY && span[s] != PIPE && dead[span[s]])

proctype Sweeper()
{
end:
    do
    :: atomic { ORPHAN(1) -> span[1] = NOBODY }
    :: atomic { ORPHAN(2) -> span[2] = NOBODY }
    od
}

#define UNREAD(s) ((tail < head && frame[tail] == s) || (tail + 1 < head && frame[tail + 1] == s))
/* Sent by somebody whose call came back, and neither received nor still there for a receiver. */
#define LOST(s) (returned[s] && !received[s] && !UNREAD(s))

init
{
    atomic {
        run Sender(1);
        run Receiver(3);
#if SENDERS > 1
        run Sender(2);
#else
        closed[2] = true; done[2] = true;
#endif
#if RECEIVERS > 1
        run Receiver(4);
#else
        dead[4] = true; done[4] = true;
#endif
#if KILLS > 0
        run Killer(); run Kernel(); run Sweeper()
#endif
    };
    done[1] && done[2] && done[3] && done[4];
    /* What is left for the kernel and the sweeper to do is no part of it. */
    assert(LOST(1) + LOST(2) <= receivers_killed);
    assert(span[1] == NOBODY || (span[1] == PIPE && UNREAD(1)) || killed[span[1] % 5]);
    assert(span[2] == NOBODY || (span[2] == PIPE && UNREAD(2)) || killed[span[2] % 5]);
    assert(killed[3] && (dead[4] || killed[4]) || head == tail)
}
