/* Model of runs of pages and spans, core/src/memory/page.c and core/src/memory/span.c, for the Spin model checker.
 *
 * It contains three pages, two makers, which make and end spans of two pages (0 and 1, or 1 and 2), one of
 * them TURNS times and the other once, one sweeper, an object that can own a span and is destroyed at some time, and a
 * killer that ends up to KILLS of them between any two of their steps; that the record says so comes later. A maker
 * frees its span itself, or gives it to the object, and then frees it in the object's name or leaves it, or leaves it
 * its own.
 *
 * One step of the model is one operation on shared memory of the code. Memory is sequentially consistent here; that the
 * code's orders suffice for this view is argued beside each of them. The memory behind the pages and the hints are not
 * modelled. Generations and node ids do not repeat.
 *
 * What is checked:
 *   - a page that belongs to a linked span is changed by nobody but who ends that span;
 *   - the sweeper ends no span whose owner lives;
 *   - what a process stores without comparing is over a word of its own;
 *   - once the makers are dead and the object destroyed, one sweep leaves every page free.
 *
 * A run of the checker per line: its name, the macros, then pan's options after "--". That processes wait at the end is
 * in order, for the killed stand where they died: hence -E.
 *
 * CHECK no_death   -DKILLS=0 -DTURNS=2 -- -E
 * CHECK one_death  -DKILLS=1 -DTURNS=1 -- -E
 * CHECK two_deaths -DLONG -DKILLS=2 -DTURNS=1 -- -E
 *
 * They have up to 8 million states. One death in two turns has 22 million, and was searched by hand.
 *
 * Each of these mistakes must be found:
 *
 * MUTANT head_first    -DKILLS=0 -DTURNS=2 -DMUTANT_HEAD_FIRST -- -E  a freed run's head is free before its tails
 * MUTANT no_generation -DKILLS=1 -DTURNS=3 -DMUTANT_NO_GENERATION -- -E  a tail is judged and taken without its generation
 * MUTANT owner_last    -DKILLS=1 -DTURNS=2 -DMUTANT_OWNER_LAST -- -E  the sweeper takes the head, not the owner word, first
 * MUTANT kept_owner    -DKILLS=1 -DTURNS=3 -DMUTANT_KEPT_OWNER -- -E  who took a newer span's owner word keeps it
 * MUTANT stale_head    -DKILLS=1 -DTURNS=1 -DMUTANT_STALE_HEAD -- -E  a tail is judged by a claim that was linked since
 * MUTANT blind_sweep   -DKILLS=1 -DTURNS=2 -DMUTANT_BLIND -- -E  tails are not looked at
 */
#ifndef KILLS
#define KILLS 1
#endif
#ifndef TURNS
#define TURNS 2
#endif

#ifndef SWEEPS
#define SWEEPS 1
#endif

#define MAKER_1 1
#define MAKER_2 2
#define SWEEPER 3
#define LAST    4
#define OBJECT  5 /* in an owner word */

/* A page's word. */
#define FREE          0
#define CLAIMED(node) (1 + 4 * (node))
#define HEAD(gen)     (2 + 4 * (gen))
#ifdef MUTANT_NO_GENERATION
#define TAIL(head, gen) (3 + 4 * (head))
#else
#define TAIL(head, gen) (3 + 4 * (head) + 16 * (gen))
#endif
#define STATE(word)     ((word) & 3)
#define NODE_OF(word)   ((word) >> 2)
#define HEAD_OF(word)   (((word) >> 2) & 3)
#define GEN_OF(word)    ((word) >> 4)

short page[3];
byte owner[3];
byte next_gen;
bool object_lives = true;
bool recorded[LAST + 1]; /* the record says: dead */
bool killed[LAST + 1];

/* Of the model only: the span that a page belongs to, from its link to its end, and whose it truly is. */
byte span[3];
byte truly[3];
byte kills;

#define OWNER_LIVES(who) ((who) == OBJECT && object_lives || (who) != OBJECT && (who) != 0 && !recorded[who])
#define TRULY_LIVES(who) ((who) == OBJECT && object_lives || (who) != OBJECT && (who) != 0 && !killed[who])

/* A step of a process that lives. */
#define STEP atomic { !killed[me] ->
#define END  }

/* The word of a page, stored without comparing: it must be ours. */
#define STORE_FREE(p, ours) assert(page[p] == (ours)); page[p] = FREE

/* ---- Ending: span_end in span.c, then mproc__pages_free ---- */

inline free_run(p, tail)
{
#ifdef MUTANT_HEAD_FIRST
    STEP STORE_FREE(p, CLAIMED(me)) END;
    STEP STORE_FREE(p + 1, tail) END;
#else
    STEP STORE_FREE(p + 1, tail) END;
    STEP STORE_FREE(p, CLAIMED(me)) END;
#endif
}

/* Takes the span whose head's word is word from its owner. */
inline end_span(p, word, from)
{
    STEP
        if
        :: owner[p] == from ->
            owner[p] = me; taken = true;
            if
            :: me < SWEEPER -> truly[p] = me
            :: else
            fi
        :: else -> taken = false
        fi
    END;
    if
    :: !taken -> skip
    :: taken ->
        STEP
            if
            :: page[p] == word ->
                assert(me < SWEEPER || !TRULY_LIVES(truly[p]));
                page[p] = CLAIMED(me);
                span[p] = 0; span[p + 1] = 0
            :: else -> taken = false
            fi
        END;
        if
        :: taken -> free_run(p, TAIL(p, word >> 2))
#ifndef MUTANT_KEPT_OWNER
        :: else ->
            STEP
                if
                :: owner[p] == me -> owner[p] = from
                :: else
                fi
            END
#else
        :: else
#endif
        fi
    fi
}

/* ---- Making ---- */

proctype maker(byte me; byte turns)
{
    byte turn, h, gen;
    bool taken;
    do
    :: turn == turns -> break
    :: turn < turns ->
        turn++;
        if
        :: h = 0
        :: h = 1
        fi;
        /* run_claim */
        STEP
            next_gen++; gen = next_gen;
            if
            :: page[h] == FREE -> assert(span[h] == 0); page[h] = CLAIMED(me); taken = true
            :: else -> taken = false
            fi
        END;
        if
        :: !taken -> goto next
        :: else
        fi;
        STEP
            if
            :: page[h + 1] == FREE -> assert(span[h + 1] == 0); page[h + 1] = TAIL(h, gen); taken = true
            :: else -> taken = false
            fi
        END;
        if
        :: !taken -> STEP STORE_FREE(h, CLAIMED(me)) END; goto next
        :: else
        fi;
        /* link_span */
        STEP owner[h] = me END;
        STEP
            assert(page[h] == CLAIMED(me) && page[h + 1] == TAIL(h, gen));
            assert(span[h] == 0 && span[h + 1] == 0);
            page[h] = HEAD(gen);
            span[h] = gen; span[h + 1] = gen; truly[h] = me
        END;
        if
        :: end_span(h, HEAD(gen), me)
        :: STEP assert(owner[h] == me); owner[h] = OBJECT; truly[h] = OBJECT END;
            if
            :: end_span(h, HEAD(gen), OBJECT)
            :: skip
            fi
        :: skip
        fi;
next:   h = 0; gen = 0
    od
}

/* ---- Sweeping ---- */

/* A claimed page or a tail of somebody dead. */
inline take_page(p, word)
{
    STEP
        if
        :: page[p] == word -> assert(span[p] == 0); page[p] = CLAIMED(me); taken = true
        :: else -> taken = false
        fi
    END;
    if
    :: taken -> STEP STORE_FREE(p, CLAIMED(me)) END
    :: else
    fi
}

inline sweep_head(p, word)
{
    STEP whose = owner[p] END;
    STEP orphan = !OWNER_LIVES(whose) END;
    if
    :: !orphan -> skip
#ifdef MUTANT_OWNER_LAST
    :: else ->
        STEP
            if
            :: page[p] == word ->
                assert(!TRULY_LIVES(truly[p]));
                page[p] = CLAIMED(me); span[p] = 0; span[p + 1] = 0; taken = true
            :: else -> taken = false
            fi
        END;
        if
        :: taken -> free_run(p, TAIL(p, word >> 2))
        :: else
        fi
#else
    :: else -> end_span(p, word, whose)
#endif
    fi
}

inline sweep_tail(p, word)
{
    STEP other = page[HEAD_OF(word)] END;
    /* No word changes here, but the record may between the two. */
    STEP
#ifdef MUTANT_NO_GENERATION
        orphan = STATE(other) == 0 || STATE(other) == 3 || STATE(other) == 1 && recorded[NODE_OF(other)]
#else
        orphan = STATE(other) == 0 || STATE(other) == 3 || STATE(other) == 1 && recorded[NODE_OF(other)] ||
                 STATE(other) == 2 && (other >> 2) != GEN_OF(word)
#endif
    END;
#ifndef MUTANT_STALE_HEAD
    STEP orphan = orphan && (STATE(other) != 1 || page[HEAD_OF(word)] == other) END;
#endif
    if
    :: orphan -> take_page(p, word)
    :: else
    fi
}

inline sweep()
{
    p = 0;
    do
    :: p == 3 -> break
    :: p < 3 ->
        STEP word = page[p] END;
        if
        :: STATE(word) == 1 && recorded[NODE_OF(word)] -> take_page(p, word)
        :: STATE(word) == 2 -> sweep_head(p, word)
#ifndef MUTANT_BLIND
        :: STATE(word) == 3 -> sweep_tail(p, word)
#endif
        :: else
        fi;
        p++
    od
}

proctype sweeper(byte me)
{
    byte p, whose, round;
    short word, other;
    bool taken, orphan;
    do
    :: round < SWEEPS -> round++; sweep()
    :: round == SWEEPS -> break
    od
}

/* ---- Deaths ---- */

inline die(who)
{
    atomic { kills < KILLS && !killed[who] -> kills++; killed[who] = true }
    recorded[who] = true
}

proctype killer()
{
    do
    :: die(MAKER_1)
    :: die(MAKER_2)
    :: die(SWEEPER)
    :: break
    od
}

proctype destroyer()
{
    object_lives = false
}

init
{
    byte p, whose;
    short word, other;
    bool taken, orphan;
    byte me = LAST;
    atomic { run maker(MAKER_1, TURNS); run maker(MAKER_2, 1); run sweeper(SWEEPER); run killer(); run destroyer() }
    /* Nothing moves any more. The sweeper, if he lives, has nothing in his hands. */
    timeout;
    d_step {
        killed[MAKER_1] = true; killed[MAKER_2] = true;
        recorded[MAKER_1] = true; recorded[MAKER_2] = true; recorded[SWEEPER] = killed[SWEEPER];
        object_lives = false
    }
    sweep();
    assert(page[0] == FREE && page[1] == FREE && page[2] == FREE)
}
