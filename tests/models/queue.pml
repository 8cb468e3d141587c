/* Model of the queue of core/src/channel/queue*.c, for the Spin model checker.
 *
 * It contains two producers that put PER large messages each, two consumers that get and mark messages as done until
 * they have had enough, a killer that ends up to KILLS of them between any two of their steps, the sweep that takes
 * back the spans of dead threads at any time after their deaths, and somebody who is told of each death by the kernel,
 * at any time but at last. There are as many spans as SPANS: few, so that a span that was freed soon lives again as
 * another message's. A sleep never ends by itself, so that every wake counts.
 *
 * One step of the model is one operation on shared memory; names in brackets are those of the code. The words with
 * owners are taken for granted here, lock.pml is about them: who gets the word of one who died knows it. So is the
 * ring: it has room, for it never overwrites what is between head and tail. Producers who wait for room do what
 * consumers do who wait for messages, on another word. Memory is sequentially consistent; that the code's memory orders
 * suffice for this view is argued in docs/DESIGN.md.
 *
 * What is checked:
 *   - a message that is got is whole, is its receiver's alone, was not got before, and comes after those that its
 *     producer put before it;
 *   - once nothing moves any more, no living consumer sleeps while there is a message;
 *   - then, too, each message that was committed is in the queue, was received, or was in the hands of a consumer who
 *     was killed, one each at most;
 *   - the queue owns a span for each message that is in it, and no other;
 *   - what a process owes is what it has taken and not marked.
 *
 * All of it together has too many states. So the checks are of two kinds. With ENDS nobody sleeps: a consumer comes
 * when there is a message. With WAKES what is done with a word in hand is one step: it is what the other kind is
 * about. There one producer puts two messages (ONE): two of them have too many states.
 *
 * CHECK ends_0  -DENDS -DKILLS=0 -DPER=1 -- -E
 * CHECK ends_1  -DLONG -DENDS -DKILLS=1 -DPER=1 -- -E
 * CHECK wakes_0 -DWAKES -DONE -DKILLS=0 -DPER=2 -- -E
 * CHECK wakes_1 -DLONG -DWAKES -DONE -DKILLS=1 -DPER=2 -- -E
 *
 * Each of these mistakes must be found:
 *
 * MUTANT late_give         -DKILLS=0 -DPER=1 -DENDS -DMUTANT_LATE_GIVE -- -E       the span goes to the queue after the commit
 * MUTANT no_put_intent     -DKILLS=1 -DPER=1 -DENDS -DMUTANT_NO_PUT_INTENT -- -E   a producer announces nothing
 * MUTANT no_get_intent     -DKILLS=1 -DPER=1 -DENDS -DMUTANT_NO_GET_INTENT -- -E   a consumer announces nothing
 * MUTANT early_take        -DKILLS=1 -DPER=1 -DENDS -DMUTANT_EARLY_TAKE -- -E      a consumer takes the span before he moves the head
 * MUTANT any_life          -DKILLS=2 -DPER=2 -DENDS -DMUTANT_ANY_LIFE -- -E        spans are known by their place alone
 * MUTANT undo_always       -DKILLS=1 -DPER=1 -DENDS -DMUTANT_UNDO -- -E            the next producer does not ask whether it had happened
 * MUTANT owe_twice         -DKILLS=1 -DPER=1 -DENDS -DMUTANT_OWE_TWICE -- -E       a debt is added without asking whether it was
 * MUTANT sleep_without_look -DKILLS=0 -DPER=2 -DWAKES -DONE -DMUTANT_BLIND -- -E          a consumer sleeps without having looked again
 * MUTANT early_announce    -DKILLS=0 -DPER=2 -DWAKES -DONE -DMUTANT_EARLY_ANNOUNCE -- -E  a producer reads the bit before the commit
 * MUTANT no_hand_on        -DKILLS=0 -DPER=2 -DWAKES -DONE -DMUTANT_NO_HAND_ON -- -E      who was woken leaves with messages still there
 */
#ifndef KILLS
#define KILLS 1
#endif
#ifndef PER
#define PER 1
#endif
#ifndef SPANS
#define SPANS 2
#endif

/* With WAKES the steps at an end are one; with ENDS nobody sleeps. */
#ifdef WAKES
#define CRITICAL atomic
#else
#define CRITICAL
#endif
#ifdef ENDS
#define THERE (head != tail)
#else
#define THERE true
#endif

#define PRODUCERS 2 /* 1 and 2 */
#define LAST      4 /* 3 and 4 are the consumers */
#define QUEUE     7 /* as an owner of spans */
#define RING      4

/* Spans: owner, 0 for nobody; which life it is; number of the message in it. */
byte owner[SPANS], life[SPANS], content[SPANS];

byte ring_span[RING], ring_life[RING];
byte tail, head;
byte put_word, get_word;

/* Intents. */
bool put_active, get_active;
byte put_after, put_span, put_life;
byte get_after, get_span, get_life, get_taker;

byte debt[LAST + 1], tag[LAST + 1];

/* The event count: the bit, and for each consumer whether there was a notice since he prepared; and whether there was a
 * death since he read the death word. */
bool sleepers;
bool noticed[LAST + 1], news[LAST + 1];
bool asleep[LAST + 1];

bool killed[LAST + 1], reported[LAST + 1];

/* Of the model only: */
byte kills;
byte taken[LAST + 1], got[LAST + 1], marked[LAST + 1];
byte next[PRODUCERS + 1];
bool received[(PRODUCERS + 1) * 4];
byte committed;

#ifdef MUTANT_ANY_LIFE
#define IS(s, l) true
#else
#define IS(s, l) (life[s] == l)
#endif

inline wake_one()
{
    if
    :: asleep[3] -> asleep[3] = false
    :: asleep[4] -> asleep[4] = false
    :: else
    fi
}

/* [notify] Killed between the two steps, a notifier has taken the bit away and woken nobody. */
inline notify(seen)
{
#ifdef ENDS
    skip
#else
    seen = sleepers;
    if
    :: seen ->
        atomic {
            seen = sleepers;
            if
            :: seen -> sleepers = false; noticed[3] = true; noticed[4] = true
            :: else
            fi
        };
        if
        :: seen -> atomic { wake_one() }
        :: else
        fi
    :: else
    fi
#endif
}

/* [recover] */
inline recover_put()
{
    if
    :: put_active ->
#ifdef MUTANT_UNDO
        atomic {
            if
            :: owner[put_span] == QUEUE && IS(put_span, put_life) -> owner[put_span] = 0
            :: else
            fi
        };
#else
        if
        :: tail == put_after
        :: else ->
            atomic {
                if
                :: owner[put_span] == QUEUE && IS(put_span, put_life) -> owner[put_span] = 0
                :: else
                fi
            }
        fi;
#endif
        put_active = false
    :: else
    fi
}

/* [owe] */
inline owe(who, after)
{
    atomic {
        if
#ifndef MUTANT_OWE_TWICE
        :: tag[who] == after
#endif
        :: else -> debt[who]++; tag[who] = after
        fi
    }
}

/* [recover] */
inline recover_get(mine)
{
    if
    :: get_active ->
        if
        :: head == get_after ->
            owe(get_taker, get_after);
            mine = (owner[get_span] == QUEUE && IS(get_span, get_life));
            if
            :: mine -> owner[get_span] = 0
            :: else
            fi
        :: else
        fi;
        get_active = false;
        mine = false
    :: else
    fi
}

proctype Producer(byte self)
{
    byte s, l, n;
    bool died, seen;

    {
        do
        :: n < PER ->
#ifdef MUTANT_EARLY_ANNOUNCE
            seen = sleepers;
#endif
            CRITICAL {
            /* [build] Without memory the put fails, and is not tried again. */
            atomic {
                if
                :: owner[0] == 0 -> s = 0
                :: owner[1] == 0 -> s = 1
#if SPANS > 2
                :: owner[2] == 0 -> s = 2
#endif
                :: else -> goto finished
                fi;
                owner[s] = self;
                life[s]++;
                l = life[s];
                content[s] = self * 4 + n;
                n++
            };
            atomic { (put_word == 0 || killed[put_word]) -> died = (put_word != 0); put_word = self };
            if
            :: died -> recover_put(); died = false
            :: else
            fi;
            /* [intend] One step, with the message behind the tail: who comes next does not look at it before the last
             * store of it, which says that it is there. */
            d_step {
                ring_span[tail % RING] = s; ring_life[tail % RING] = l;
#ifndef MUTANT_NO_PUT_INTENT
                put_after = tail + 1; put_span = s; put_life = l; put_active = true
#endif
            };
#ifndef MUTANT_LATE_GIVE
            /* [give] */
            atomic { assert(owner[s] == self); owner[s] = QUEUE };
#endif
            /* [commit] */
            atomic { tail++; committed++ };
#ifdef MUTANT_LATE_GIVE
            atomic { assert(owner[s] == self); owner[s] = QUEUE };
#endif
            d_step { put_active = false; put_after = 0; put_span = 0; put_life = 0; put_word = 0; s = 0; l = 0 };
            };
#ifdef MUTANT_EARLY_ANNOUNCE
            if
            :: seen -> notify(seen)
            :: else
            fi;
#else
            notify(seen);
#endif
            seen = false
        :: else -> break
        od;
finished:
        skip
    } unless {
        killed[self]
    }
}

proctype Consumer(byte self)
{
    byte s, l;
    bool died, mine, prepared, slept, seen;

    {
        skip;
again:
        CRITICAL {
        atomic { (get_word == 0 || killed[get_word]) && THERE -> died = (get_word != 0); get_word = self };
        if
        :: died -> recover_get(mine); died = false
        :: else
        fi;
        if
        :: head == tail -> d_step { get_word = 0 }; goto wait
        :: else
        fi;
        /* [intend] */
        d_step {
            prepared = false; noticed[self] = false; news[self] = false;
            s = ring_span[head % RING]; l = ring_life[head % RING];
#ifndef MUTANT_NO_GET_INTENT
            get_after = head + 1; get_span = s; get_life = l; get_taker = self; get_active = true
#endif
        };
#ifdef MUTANT_EARLY_TAKE
        atomic { assert(owner[s] == QUEUE && life[s] == l); owner[s] = self };
#endif
        /* [commit] */
        atomic {
            head++;
            taken[self]++;
            assert(life[s] == l);
            assert(content[s] % 4 >= next[content[s] / 4]);
            next[content[s] / 4] = content[s] % 4 + 1
        };
#ifndef MUTANT_EARLY_TAKE
        /* [take] */
        atomic { assert(owner[s] == QUEUE && life[s] == l); owner[s] = self };
#endif
        owe(self, head);
        d_step { get_active = false; get_after = 0; get_span = 0; get_life = 0; get_taker = 0; get_word = 0 };
        /* Copied out with the word free. */
        d_step {
            assert(owner[s] == self && life[s] == l);
            assert(!received[content[s]]);
            received[content[s]] = true;
            got[self]++;
            owner[s] = 0; s = 0; l = 0
        }
        };
#ifndef MUTANT_NO_HAND_ON
        /* [hand on] */
        if
        :: slept && head != tail -> notify(seen)
        :: else
        fi;
#endif
        seen = false;
        /* [done] */
        CRITICAL {
        atomic { (get_word == 0 || killed[get_word]) -> died = (get_word != 0); get_word = self };
        if
        :: died -> recover_get(mine); died = false
        :: else
        fi;
        d_step { debt[self]--; marked[self]++; get_word = 0; slept = false }
        };
        if
        :: goto again
        :: goto finished
        fi;

wait:
        if
        :: prepared ->
            /* [sleep] The kernel compares and falls asleep in one step. */
            asleep[self] = (sleepers && !noticed[self] && !news[self]);
            !asleep[self];
            slept = true
        :: else
        fi;
        news[self] = false;
        /* [prepare] */
        d_step { sleepers = true; noticed[self] = false; prepared = true };
#ifdef MUTANT_BLIND
        goto wait;
#else
        goto again;
#endif
finished:
        skip
    } unless {
        killed[self]
    }
}

/* The two producers differ in nothing but their number, and so do the consumers: that 1 and 3 die first loses no
 * case. */
inline kill_one(victim)
{
    !killed[victim] -> killed[victim] = true; asleep[victim] = false; kills++
}

active proctype Killer()
{
    do
    :: atomic { kills < KILLS ->
        if
        :: kill_one(1)
        :: kill_one(3)
        :: KILLS > 1 -> kill_one(4)
        :: kills = KILLS
        fi }
    :: kills == KILLS -> break
    od
}

/* The record is marked by the kill itself here; the order of record and death word is lock.pml's matter. */
inline report(victim)
{
    atomic {
        killed[victim] && !reported[victim] -> reported[victim] = true;
        news[3] = true; news[4] = true; asleep[3] = false; asleep[4] = false
    }
}

active proctype Reporter()
{
    do
    :: report(1)
    :: report(3)
    :: report(4)
    od
}

#define ORPHAN(s) (owner[s] != 0 && owner[s] != QUEUE && killed[owner[s]])

active proctype Sweep()
{
    do
    :: atomic { ORPHAN(0) -> owner[0] = 0 }
    :: atomic { ORPHAN(1) -> owner[1] = 0 }
#if SPANS > 2
    :: atomic { ORPHAN(2) -> owner[2] = 0 }
#endif
    od
}

inline check_consumer(who)
{
    assert(killed[who] || !asleep[who] || head == tail);
    assert(debt[who] == taken[who] - marked[who]);
    assert(taken[who] == got[who] || (killed[who] && taken[who] == got[who] + 1))
}

init
{
    bool mine;
    atomic {
        run Producer(1);
#ifndef ONE
        run Producer(2);
#endif
        run Consumer(3);
        run Consumer(4)
    };
    /* Nothing moves any more. The next user of each end does what the dead have left. */
    timeout;
    d_step {
        assert(put_word == 0 || killed[put_word]);
        assert(get_word == 0 || killed[get_word])
    };
    atomic {
        recover_put();
        recover_get(mine);
        check_consumer(3);
        check_consumer(4);
        assert(committed == tail);
        assert(taken[3] + taken[4] == head);
        assert((owner[0] == QUEUE) + (owner[1] == QUEUE)
#if SPANS > 2
               + (owner[2] == QUEUE)
#endif
               == tail - head)
    }
}
