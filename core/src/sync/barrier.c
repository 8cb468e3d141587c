/* The barrier.
 *
 * Its state changes under an owned word inside the object, the guard, which nobody holds while user code runs or while
 * he sleeps. A holder of the guard who dies is noticed by the next one, who breaks the barrier: that makes every field
 * whole again, whatever was half done.
 *
 * The generations. The block's own word is the generation, times eight, with two bits: BROKEN, the barrier is broken
 * now; SCATTERED, the generation before this one ended by breaking and not by passing. A generation ends by one store
 * of that word, and all who wait sleep on it. Each of them has an entry with his thread slot and his generation. Before
 * a generation ends, the entries that are still there from the one before it are given its outcome; so a waiter,
 * however late he runs, finds the outcome of his own generation: in his entry, or, if there is none in it, in
 * SCATTERED, for then his generation was the last one. He frees his entry himself, without the guard.
 *
 * Killed before that store, nothing has happened; giving entries the outcome of a past generation may be done twice.
 * Killed after it and before the wake, the sleepers look when they hear of the death, or after their slice.
 */
#include "base/base.h"
#include "base/deadline.h"
#include "base/error.h"
#include "base/function.h"
#include "base/options.h"
#include "family/family_layout.h"
#include "family/thread_slot.h"
#include "family/view.h"
#include "memory/block.h"
#include "memory/object.h"
#include "sync/sync_layout.h"
#include "word/await.h"
#include "word/owned_word.h"
#include <mproc/barrier.h>
#include <string.h>

/* One call of anything. */
struct barrier_call {
    mproc_barrier barrier;
    struct family_block *block;
    struct barrier_object *object;
    struct owned_word guard;
};

/* One wait. */
struct barrier_wait {
    struct await await;
    struct barrier_call *call;
    uint32_t generation;
    uint32_t at;      /**< index of the entry */
    uint32_t arrival; /**< how many came before */
    uint32_t known_deaths;
    /* For the last one to come; read under the guard, without which the object may go. */
    struct function_ref action;
    uint64_t args_size, args[MPROC_BARRIER_ARGS_MAX / 8];
};

static uint32_t word_of(const struct barrier_call *call)
{
    return atomic_load(&call->block->word.value);
}

static int find(mproc_barrier barrier, struct barrier_call *ret_call)
{
    ret_call->barrier = barrier;
    int code = mproc__object_block(FAMILY_BARRIER, barrier.id, &ret_call->block);
    if (code < 0)
        return code;
    ret_call->object = (struct barrier_object *)(ret_call->block + 1);
    ret_call->guard = (struct owned_word){
        &ret_call->object->guard, ret_call->block, FAMILY_BARRIER, { barrier.id[0], barrier.id[1] }
    };
    return 0;
}

static int broken(const struct barrier_call *call)
{
    return mproc__object_error(MPROC_E_BROKEN_BARRIER, FAMILY_BARRIER, call->block, "");
}

static int stale(const struct barrier_call *call)
{
    return mproc__object_stale(FAMILY_BARRIER, call->barrier.id);
}

/* ---- Ends of generations ---- */

/* Gives those who have not yet run since the last generation ended its outcome. */
static void settle_last_generation(struct barrier_call *call)
{
    struct barrier_object *object = call->object;
    uint32_t word = word_of(call), used = atomic_load_explicit(&object->used, memory_order_relaxed);
    unsigned outcome = word & BARRIER_SCATTERED ? BARRIER_BROKE : BARRIER_PASSED;
    for (uint32_t i = 0; i < used; i++) {
        uint64_t seen = atomic_load(&object->entry[i]);
        if (slot_entry_state(seen) == BARRIER_WAITS && slot_entry_tag(seen) != BARRIER_GENERATION(word))
            /* Fails if the waiter frees it at this moment. */
            atomic_compare_exchange_strong(&object->entry[i], &seen,
                                           slot_entry(slot_entry_tag(seen), outcome, slot_entry_thread(seen)));
    }
}

/* Ends the generation. bits: what the new word says of it. Under the guard; the caller wakes once he has given it
 * up. */
static void end_generation(struct barrier_call *call, uint32_t bits)
{
    settle_last_generation(call);
    atomic_store_explicit(&call->object->count, 0, memory_order_relaxed);
    /* seq_cst: after the outcomes of the generation before, before the look at the sleepers; and with release for what
     * the parties did, or the action, pairing with the waiters' load of the word. */
    atomic_store(&call->block->word.value, (BARRIER_GENERATION(word_of(call)) + BARRIER_ONE_GENERATION) | bits);
}

static void wake_all(struct barrier_call *call)
{
    platform_wake(&call->block->word, INT32_MAX);
}

/* Under the guard. */
static void break_barrier(struct barrier_call *call)
{
    if (!(word_of(call) & BARRIER_BROKEN))
        end_generation(call, BARRIER_BROKEN | BARRIER_SCATTERED);
}

/* Takes the guard. Whoever died with it has left the fields as they were, half changed perhaps: to break the barrier is
 * true, for he was at it, and makes them whole. */
static int enter(struct barrier_call *call)
{
    int code = mproc__owned_acquire(&call->guard, INT64_MAX);
    if (code != MPROC_OWNER_DIED)
        return code;
    break_barrier(call);
    mproc__owned_repaired(&call->guard);
    wake_all(call);
    return 0;
}

static int find_and_enter(mproc_barrier barrier, struct barrier_call *ret_call)
{
    int code = find(barrier, ret_call);
    return code < 0 ? code : enter(ret_call);
}

static void leave(struct barrier_call *call)
{
    mproc__owned_release(&call->guard);
}

/* ---- Deaths ---- */

static bool is_dead(thread_slot thread, bool ask)
{
    return ask ? !mproc__thread_slot_check(thread) : !mproc__thread_slot_is_live(thread);
}

/* Whether somebody has died who is attached, or who waits in this generation. With the guard or without. Each place is
 * read again after the death was seen: a thread that went in good order had cleared it before it ended. */
static bool finds_dead(const struct barrier_call *call, bool ask)
{
    const struct barrier_object *object = call->object;
    for (uint32_t i = 0; i < object->parties; i++) {
        thread_slot thread = atomic_load(&object->attached[i]);
        if (thread != 0 && is_dead(thread, ask) && atomic_load(&object->attached[i]) == thread)
            return true;
    }
    uint32_t generation = BARRIER_GENERATION(word_of(call)), used = atomic_load(&object->used);
    for (uint32_t i = 0; i < used && i < MPROC_BARRIER_THREADS_MAX; i++) {
        uint64_t seen = atomic_load(&object->entry[i]);
        if (slot_entry_state(seen) == BARRIER_WAITS && slot_entry_tag(seen) == generation &&
            is_dead(slot_entry_thread(seen), ask) && atomic_load(&object->entry[i]) == seen)
            return true;
    }
    return false;
}

/* ---- Waiting ---- */

/* Takes an entry for this generation. Under the guard, so others can only free theirs. */
static bool enrol(struct barrier_wait *wait)
{
    struct barrier_object *object = wait->call->object;
    uint64_t mine = slot_entry(wait->generation, BARRIER_WAITS, mproc__self.id);
    for (wait->at = 0; wait->at < MPROC_BARRIER_THREADS_MAX; wait->at++) {
        _Atomic uint64_t *entry = &object->entry[wait->at];
        uint64_t seen = atomic_load(entry);
        /* A dead one's entry is of a past generation: a death in this one has broken it before we came here. */
        if (seen != 0 &&
            (slot_entry_tag(seen) == wait->generation || mproc__thread_slot_is_live(slot_entry_thread(seen))))
            continue;
        if (wait->at >= atomic_load_explicit(&object->used, memory_order_relaxed))
            atomic_store(&object->used, wait->at + 1);
        atomic_store(entry, mine);
        return true;
    }
    return false;
}

/* Frees the own entry. If the barrier is gone the entry may be somebody else's: only one with this thread slot and
 * generation is ours, whatever its state, which others change. */
static void strike_out(struct barrier_wait *wait)
{
    _Atomic uint64_t *entry = &wait->call->object->entry[wait->at];
    uint64_t seen = atomic_load(entry);
    while (slot_entry_thread(seen) == mproc__self.id && slot_entry_tag(seen) == wait->generation)
        if (atomic_compare_exchange_weak(entry, &seen, 0))
            return;
}

/* What has become of the waiter's generation: WAITS, PASSED or BROKE. The word comes first: if it is more than one
 * generation on, the outcome was in the entry before. */
static unsigned outcome_of(const struct barrier_wait *wait)
{
    uint32_t word = word_of(wait->call);
    uint64_t entry = atomic_load(&wait->call->object->entry[wait->at]);
    if (slot_entry_state(entry) != BARRIER_WAITS)
        return slot_entry_state(entry);
    if (BARRIER_GENERATION(word) == wait->generation)
        return BARRIER_WAITS;
    return word & BARRIER_SCATTERED ? BARRIER_BROKE : BARRIER_PASSED;
}

static int answer(const struct barrier_wait *wait, unsigned outcome)
{
    return outcome == BARRIER_PASSED ? 0 : broken(wait->call);
}

/* Breaks the waiter's generation unless it has ended. Returns its outcome, WAITS if it was us who broke it, or an
 * error. */
static int break_generation(struct barrier_wait *wait)
{
    struct barrier_call *call = wait->call;
    int code = enter(call);
    if (code < 0)
        return code;
    unsigned outcome = outcome_of(wait);
    if (outcome == BARRIER_WAITS)
        break_barrier(call);
    leave(call);
    wake_all(call);
    return (int)outcome;
}

/* All the deaths there are to know of have been looked at, until the death word changes or a slice is over. */
static bool must_look_for_dead(struct barrier_wait *wait)
{
    bool must = wait->await.ask || wait->known_deaths != wait->await.deaths;
    wait->known_deaths = wait->await.deaths;
    return must;
}

static int look(struct await *await)
{
    struct barrier_wait *wait = (struct barrier_wait *)await;
    struct barrier_call *call = wait->call;
    if (!block_is_published(call->block, call->barrier.id[1]))
        return stale(call);
    unsigned outcome = outcome_of(wait);
    if (outcome != BARRIER_WAITS)
        return answer(wait, outcome);
    if (!must_look_for_dead(wait) || !finds_dead(call, await->ask))
        return AWAIT_WAITS;
    int code = break_generation(wait);
    return code < 0 ? code : answer(wait, code == BARRIER_WAITS ? BARRIER_BROKE : (unsigned)code);
}

/* The wait of one who has come before the last. */
static int await_others(struct barrier_wait *wait)
{
    int code = mproc__await(&wait->await);
    if (code != MPROC_E_TIMEOUT)
        return code;
    int outcome = break_generation(wait);
    if (outcome < 0)
        return outcome;
    if (outcome != BARRIER_WAITS)
        return answer(wait, (unsigned)outcome);
    return mproc__object_error(MPROC_E_TIMEOUT, FAMILY_BARRIER, wait->call->block, ", to which not all have come");
}

/* ---- The last one ---- */

/* Runs the action, if there is one, without the guard: it may take its time, and may use the barrier. */
static int run_action(const struct barrier_wait *wait)
{
    any_function *function;
    if (wait->action.module == 0)
        return 0;
    int code = mproc__function_from_ref(&wait->action, &function);
    if (code < 0)
        return code;
    const void *user = wait->args_size > 0 ? wait->args : NULL;
    int cancel = platform_cancel_hold();
    int failure = ((mproc_action_fn *)function)(wait->call->barrier, user);
    platform_cancel_release(cancel);
    if (failure == 0)
        return 0;
    return mproc__error(MPROC_E_CALLBACK, "the action of a barrier returned %d", failure);
}

/* All are there. Lets them go, unless the action fails, or somebody breaks the barrier meanwhile. */
static int let_go(struct barrier_wait *wait)
{
    struct barrier_call *call = wait->call;
    int failure = run_action(wait);
    int code = enter(call);
    if (code < 0)
        return code;
    unsigned outcome = outcome_of(wait);
    if (outcome == BARRIER_WAITS && failure < 0)
        break_barrier(call);
    else if (outcome == BARRIER_WAITS)
        end_generation(call, 0);
    leave(call);
    wake_all(call);
    return failure < 0 ? failure : answer(wait, outcome == BARRIER_WAITS ? BARRIER_PASSED : outcome);
}

/* ---- Coming ---- */

enum { COME_FIRST, COME_LAST, COME_TOO_MANY };

/* Whether the calling thread is in this generation: then its action is what calls. */
static bool is_inside(const struct barrier_wait *wait)
{
    const struct barrier_object *object = wait->call->object;
    uint64_t mine = slot_entry(wait->generation, BARRIER_WAITS, mproc__self.id);
    for (uint32_t i = 0; i < object->used; i++)
        if (atomic_load(&object->entry[i]) == mine)
            return true;
    return false;
}

static int action_waits(const struct barrier_call *call)
{
    return mproc__object_error(MPROC_E_DEADLOCK, FAMILY_BARRIER, call->block, ", whose action waits for itself");
}

/* Counts the caller in. Under the guard. Returns which of the above, or an error. */
static int come(struct barrier_wait *wait)
{
    struct barrier_call *call = wait->call;
    struct barrier_object *object = call->object;
    if (!(word_of(call) & BARRIER_BROKEN) && finds_dead(call, false))
        break_barrier(call);
    uint32_t word = word_of(call);
    if (word & BARRIER_BROKEN)
        return broken(call);
    wait->generation = BARRIER_GENERATION(word);
    wait->action = object->action;
    wait->args_size = object->args_size;
    memcpy(wait->args, object->args, sizeof wait->args);
    wait->arrival = atomic_load_explicit(&object->count, memory_order_relaxed);
    if (wait->arrival >= object->parties)
        return is_inside(wait) ? action_waits(call) : COME_TOO_MANY;
    if (!enrol(wait))
        return mproc__object_error(MPROC_E_LIMIT, FAMILY_BARRIER, call->block, ", inside which 352 threads are");
    atomic_store_explicit(&object->count, wait->arrival + 1, memory_order_relaxed);
    return wait->arrival + 1 == object->parties ? COME_LAST : COME_FIRST;
}

/* For who comes while the action of a generation runs that he is not in: ends with it. */
static int look_for_next_generation(struct await *await)
{
    struct barrier_wait *wait = (struct barrier_wait *)await;
    struct barrier_call *call = wait->call;
    if (!block_is_published(call->block, call->barrier.id[1]))
        return stale(call);
    bool over = BARRIER_GENERATION(await->seen) != wait->generation;
    return over || (must_look_for_dead(wait) && finds_dead(call, await->ask)) ? 0 : AWAIT_WAITS;
}

static int await_next_generation(struct barrier_wait *wait)
{
    wait->await.look = look_for_next_generation;
    int code = mproc__await(&wait->await);
    if (code == MPROC_E_TIMEOUT)
        mproc__object_error(code, FAMILY_BARRIER, wait->call->block, ", whose action is running");
    return code;
}

static int wait_until(struct barrier_call *call, int64_t deadline_ns, int *ret_place)
{
    struct barrier_wait wait = { .call = call };
    wait.await = (struct await){ .word = &call->block->word,
                                 .on = call->barrier.id[1],
                                 .what = THREAD_WAITS,
                                 .deadline = deadline_ns,
                                 .look = look };
    int came;
    for (;;) {
        came = enter(call);
        if (came < 0)
            return came;
        came = come(&wait);
        leave(call);
        if (came < 0) {
            wake_all(call);
            return came;
        }
        if (came != COME_TOO_MANY)
            break;
        int code = await_next_generation(&wait);
        if (code < 0)
            return code;
        wait.await.look = look;
        wait.await.spun = false;
    }
    int code = came == COME_LAST ? let_go(&wait) : await_others(&wait);
    strike_out(&wait);
    if (code == 0 && ret_place != NULL)
        *ret_place = (int)wait.arrival;
    return code;
}

int mproc_barrier_wait(mproc_barrier barrier, int64_t timeout_ms, int *ret_place)
{
    struct barrier_call call;
    int code = find(barrier, &call);
    if (code < 0)
        return code;
    if (timeout_ms == MPROC_FOREVER && call.object->timeout_ms > 0)
        timeout_ms = call.object->timeout_ms;
    family_called_from(RETURN_ADDRESS());
    return wait_until(&call, mproc__deadline(timeout_ms), ret_place);
}

/* ---- Abort and reset ---- */

int mproc_barrier_abort(mproc_barrier barrier)
{
    struct barrier_call call;
    int code = find_and_enter(barrier, &call);
    if (code < 0)
        return code;
    break_barrier(&call);
    leave(&call);
    wake_all(&call);
    return 0;
}

static void forget_the_dead(struct barrier_object *object)
{
    for (uint32_t i = 0; i < object->parties; i++) {
        thread_slot thread = atomic_load(&object->attached[i]);
        if (thread != 0 && !mproc__thread_slot_check(thread))
            atomic_store(&object->attached[i], 0);
    }
}

int mproc_barrier_reset(mproc_barrier barrier)
{
    struct barrier_call call;
    int code = find_and_enter(barrier, &call);
    if (code < 0)
        return code;
    forget_the_dead(call.object);
    /* A broken barrier has nobody who waits in its generation. */
    if (word_of(&call) & BARRIER_BROKEN)
        atomic_fetch_and(&call.block->word.value, ~BARRIER_BROKEN);
    else if (atomic_load_explicit(&call.object->count, memory_order_relaxed) > 0)
        end_generation(&call, BARRIER_SCATTERED);
    leave(&call);
    wake_all(&call);
    return 0;
}

/* ---- Attaching ---- */

/* Where the thread slot is attached, or is free for thread slot 0; NULL if nowhere. */
static _Atomic uint32_t *find_attached(struct barrier_object *object, thread_slot thread)
{
    for (uint32_t i = 0; i < object->parties; i++)
        if (atomic_load(&object->attached[i]) == thread)
            return &object->attached[i];
    return NULL;
}

/* The count of what a thread holds goes up, so that its end is announced. */
static int attach(struct barrier_call *call)
{
    if (find_attached(call->object, mproc__self.id) != NULL)
        return 0;
    _Atomic uint32_t *place = find_attached(call->object, 0);
    if (place == NULL)
        return mproc__object_error(MPROC_E_LIMIT, FAMILY_BARRIER, call->block, ", to which all parties are attached");
    atomic_store(place, mproc__self.id);
    thread_slot_holds(1);
    return 0;
}

static int detach(struct barrier_call *call)
{
    _Atomic uint32_t *place = find_attached(call->object, mproc__self.id);
    if (place == NULL)
        return 0;
    atomic_store(place, 0);
    thread_slot_holds(-1);
    return 0;
}

static int change_attached(mproc_barrier barrier, int (*change)(struct barrier_call *))
{
    struct barrier_call call;
    int code = find_and_enter(barrier, &call);
    if (code < 0)
        return code;
    code = change(&call);
    leave(&call);
    return code;
}

int mproc_barrier_attach(mproc_barrier barrier)
{
    return change_attached(barrier, attach);
}

int mproc_barrier_detach(mproc_barrier barrier)
{
    return change_attached(barrier, detach);
}

/* ---- Making, destroying, asking ---- */

static int check_options(int parties, const mproc_barrier_options *options)
{
    if (parties < 1)
        return mproc__error(MPROC_E_INVALID, "a barrier of %d parties", parties);
    if (parties > MPROC_BARRIER_PARTIES_MAX)
        return mproc__error(MPROC_E_LIMIT, "a barrier of %d parties, at most %d", parties, MPROC_BARRIER_PARTIES_MAX);
    if (options->timeout_ms < 0)
        return mproc__error(MPROC_E_INVALID, "a barrier with the time-out %lld", (long long)options->timeout_ms);
    return 0;
}

static int check_args(const mproc_barrier_options *options)
{
    mproc_view args = options->action_args;
    if (args.size > MPROC_BARRIER_ARGS_MAX)
        return mproc__error(MPROC_E_LIMIT, "%zu bytes for the action of a barrier, at most %d", args.size,
                            MPROC_BARRIER_ARGS_MAX);
    if (args.size > 0 && (args.data == NULL || options->action == NULL))
        return mproc__error(MPROC_E_INVALID, "%zu bytes for the action of a barrier, %s", args.size,
                            args.data == NULL ? "at NULL" : "which has none");
    return 0;
}

_Static_assert(STRUCT_ENDS_WITH(mproc_barrier_options, name), "it can grow");

int mproc_barrier_create_(mproc_barrier *ret_barrier, int parties, const mproc_barrier_options *options,
                          size_t options_size)
{
    if (ret_barrier == NULL)
        return mproc__error_null("ret_barrier");
    mproc_barrier_options own;
    int code = mproc__options_take(&own, sizeof own, options, options_size);
    if (code < 0)
        return code;
    options = &own;
    struct function_ref action = { 0, 0 };
    code = check_options(parties, options);
    if (code == 0)
        code = check_args(options);
    if (code == 0 && options->action != NULL)
        code = mproc__function_to_ref((any_function *)options->action, &action);
    if (code < 0)
        return code;
    mproc_barrier barrier;
    void *memory;
    code = mproc__object_new(FAMILY_BARRIER, 1, sizeof(struct barrier_object), options->name, barrier.id, &memory);
    if (code < 0)
        return code;
    struct barrier_object *object = memory;
    object->parties = (uint32_t)parties;
    object->timeout_ms = options->timeout_ms;
    object->action = action;
    object->args_size = options->action_args.size;
    if (object->args_size > 0)
        memcpy(object->args, options->action_args.data, object->args_size);
    mproc__object_publish(barrier.id);
    *ret_barrier = barrier;
    return 0;
}

int mproc_barrier_destroy(mproc_barrier barrier)
{
    struct barrier_call call;
    int code = find_and_enter(barrier, &call);
    if (code < 0)
        return code;
    /* Nobody releases a guard for another: it is ours. */
    mproc__owned_retire(&call.guard);
    wake_all(&call);
    return 0;
}

/* For what was read without the guard: it is this barrier's if the barrier is still there. The fence keeps the reads
 * before the check, of what is written only after the barrier is gone. */
static int checked(const struct barrier_call *call, int value)
{
    atomic_thread_fence(memory_order_acquire);
    return block_is_published(call->block, call->barrier.id[1]) ? value : stale(call);
}

static int store_checked(const struct barrier_call *call, uint32_t value, int *ret_value)
{
    int code = checked(call, 0);
    if (code == 0)
        *ret_value = (int)value;
    return code;
}

int mproc_barrier_get_parties(mproc_barrier barrier, int *ret_parties)
{
    if (ret_parties == NULL)
        return mproc__error_null("ret_parties");
    struct barrier_call call;
    int code = find(barrier, &call);
    return code < 0 ? code : store_checked(&call, call.object->parties, ret_parties);
}

int mproc_barrier_get_waiting(mproc_barrier barrier, int *ret_waiting)
{
    if (ret_waiting == NULL)
        return mproc__error_null("ret_waiting");
    struct barrier_call call;
    int code = find(barrier, &call);
    return code < 0 ? code : store_checked(&call, atomic_load(&call.object->count), ret_waiting);
}

bool mproc_barrier_is_broken(mproc_barrier barrier)
{
    struct barrier_call call;
    int code = find(barrier, &call);
    if (code == 0)
        code = checked(&call, (word_of(&call) & BARRIER_BROKEN) != 0 || finds_dead(&call, true));
    return mproc__answer(code);
}
