/* Messages in the hands of this process.
 *
 * A message is known by its ticket: a place in a table and the place's generation. So a message that is released twice,
 * or committed and then released, is told, whatever the place holds by then. The table only grows. It has no lock,
 * which a fork in another thread could leave locked: free places are a list whose head changes by compare-and-swap, and
 * whoever changes a place's word from HELD has it to himself. */
#include "base/error.h"
#include "base/ready.h"
#include "channel/queue.h"
#include "family/family.h"
#include "family/view.h"
#include "memory/memory.h"
#include "memory/span.h"
#include <stdlib.h>

/* Chunk k has FIRST << k places. */
#define FIRST  64u
#define CHUNKS 24u

/* word: generation << 2 | state. */
enum place_state { PLACE_FREE = 0, PLACE_BUSY = 1, PLACE_HELD = 2 };

struct place {
    _Atomic uint32_t word;
    _Atomic uint32_t next; /**< in the list of free ones: index + 1, or 0 */
    uint32_t process;      /**< incarnation of the holder */
    struct held_message held;
};

static _Atomic(struct place *) chunks[CHUNKS];
static _Atomic uint32_t used;      /**< places below were handed out once */
static _Atomic uint64_t free_list; /**< version << 32 | index + 1 */

/* ---- Places ---- */

/* CHUNKS for an index that no place has: a ticket may be anything. */
static unsigned chunk_of(uint32_t index, uint32_t *ret_within)
{
    unsigned chunk = 0;
    while (chunk < CHUNKS && index >= FIRST << chunk)
        index -= FIRST << chunk++;
    *ret_within = index;
    return chunk;
}

/* NULL if the place was never made. Acquire: pairs with the publication in place_make. */
static struct place *place_at(uint32_t index)
{
    uint32_t within;
    unsigned chunk = chunk_of(index, &within);
    struct place *places = chunk < CHUNKS ? atomic_load_explicit(&chunks[chunk], memory_order_acquire) : NULL;
    return places ? &places[within] : NULL;
}

/* The place, with its chunk made if need be. Two threads may do so at once: the second frees its own. */
static struct place *place_make(uint32_t index)
{
    uint32_t within;
    unsigned chunk = chunk_of(index, &within);
    if (chunk >= CHUNKS)
        return NULL;
    struct place *known = atomic_load_explicit(&chunks[chunk], memory_order_acquire);
    if (known != NULL)
        return &known[within];
    struct place *made = calloc(FIRST << chunk, sizeof *made);
    if (made == NULL)
        return NULL;
    /* Release publishes the zeroes. */
    if (atomic_compare_exchange_strong_explicit(&chunks[chunk], &known, made, memory_order_acq_rel,
                                                memory_order_acquire))
        return &made[within];
    free(made);
    return &known[within];
}

/* Index + 1 of a free place, or 0. The version makes the swap fail if the list has changed and changed back. */
static uint32_t pop(void)
{
    uint64_t head = atomic_load(&free_list);
    while ((uint32_t)head != 0) {
        struct place *place = place_at((uint32_t)head - 1);
        uint64_t next = atomic_load_explicit(&place->next, memory_order_relaxed);
        if (atomic_compare_exchange_weak(&free_list, &head, ((head >> 32) + 1) << 32 | next))
            return (uint32_t)head;
    }
    return 0;
}

static void push(uint32_t index)
{
    struct place *place = place_at(index);
    uint64_t head = atomic_load(&free_list);
    do
        atomic_store_explicit(&place->next, (uint32_t)head, memory_order_relaxed);
    while (!atomic_compare_exchange_weak(&free_list, &head, ((head >> 32) + 1) << 32 | (index + 1)));
}

/* ---- Tickets ---- */

static uint32_t ticket_index(uint64_t ticket)
{
    return (uint32_t)ticket - 1;
}

static uint32_t ticket_word(uint64_t ticket, enum place_state state)
{
    return (uint32_t)(ticket >> 32) << 2 | state;
}

uint64_t mproc__message_ticket(void)
{
    uint32_t index = pop();
    if (index == 0)
        index = atomic_fetch_add_explicit(&used, 1, memory_order_relaxed) + 1;
    struct place *place = place_make(index - 1);
    if (place == NULL)
        return 0;
    uint32_t generation = atomic_load_explicit(&place->word, memory_order_relaxed) >> 2;
    uint64_t ticket = (uint64_t)generation << 32 | index;
    atomic_store_explicit(&place->word, ticket_word(ticket, PLACE_BUSY), memory_order_relaxed);
    return ticket;
}

void mproc__message_hold(uint64_t ticket, const struct held_message *held)
{
    struct place *place = place_at(ticket_index(ticket));
    place->held = *held;
    place->process = mproc__family.process;
    /* Release: pairs with the acquire of who claims it, in whatever thread. */
    atomic_store_explicit(&place->word, ticket_word(ticket, PLACE_HELD), memory_order_release);
}

void mproc__message_forget(uint64_t ticket)
{
    struct place *place = ticket != 0 ? place_at(ticket_index(ticket)) : NULL;
    if (place == NULL)
        return;
    uint32_t next = ticket_word(ticket, PLACE_FREE) + (1u << 2);
    atomic_store_explicit(&place->word, next, memory_order_relaxed);
    push(ticket_index(ticket));
}

int mproc__message_claim(uint64_t ticket, struct held_message *ret_held)
{
    struct place *place = (uint32_t)ticket != 0 ? place_at(ticket_index(ticket)) : NULL;
    uint32_t held = ticket_word(ticket, PLACE_HELD);
    if (place == NULL || atomic_load_explicit(&place->word, memory_order_acquire) != held)
        return mproc__error(MPROC_E_STALE, "message %016llx", (unsigned long long)ticket);
    /* A forked child has its parent's table, but not its messages. */
    if (place->process != mproc__family.process || platform_is_copy())
        return mproc__error(MPROC_E_WRONG_PROCESS, "message %016llx", (unsigned long long)ticket);
    if (!atomic_compare_exchange_strong_explicit(&place->word, &held, ticket_word(ticket, PLACE_BUSY),
                                                 memory_order_acquire, memory_order_relaxed))
        return mproc__error(MPROC_E_STALE, "message %016llx", (unsigned long long)ticket);
    *ret_held = place->held;
    return 0;
}

void mproc__message_free(const struct held_message *held)
{
    if (held->span != 0)
        mproc__span_free(held->span, held->owner);
    else
        free(held->data);
}

/* ---- For the program ---- */

static int reserve_private(size_t size, struct held_message *ret_held)
{
    /* One byte at least: no message is NULL. */
    void *data = malloc(size ? size : 1);
    if (data == NULL)
        return mproc__error(MPROC_E_NO_MEMORY, "%zu bytes for a message", size);
    *ret_held = (struct held_message){ .data = data, .size = size };
    return 0;
}

static int reserve_shared(size_t size, struct held_message *ret_held)
{
    struct held_message held = { .size = size, .owner = mproc__span_owner_self() };
    if (size > UINT32_MAX)
        return mproc__error(MPROC_E_LIMIT, "a message of %zu bytes; less than 4 GiB is possible", size);
    int code = mproc__span_create_dirty(size, held.owner, &held.span);
    if (code < 0)
        return code;
    code = mproc__span_address(held.span, &held.data);
    if (code < 0)
        mproc__span_free(held.span, held.owner);
    else
        *ret_held = held;
    return code;
}

int mproc_message_reserve(size_t size, mproc_message *ret_message)
{
    if (!mproc__initialized())
        return mproc__error(MPROC_E_NOT_INITIALIZED, "a message");
    /* A held message says which process of the family holds it, also one in private memory. */
    int code = mproc__family_open();
    if (code < 0)
        return code;
    uint64_t ticket = mproc__message_ticket();
    if (ticket == 0)
        return mproc__error(MPROC_E_NO_MEMORY, "a message");
    struct held_message held = { 0 };
    code = size > QUEUE_INLINE_MAX ? reserve_shared(size, &held) : reserve_private(size, &held);
    if (code < 0) {
        mproc__message_forget(ticket);
        return code;
    }
    mproc__message_hold(ticket, &held);
    *ret_message = (mproc_message){ held.data, held.size, ticket };
    return 0;
}

int mproc_message_release(mproc_message message)
{
    struct held_message held = { 0 };
    int code = mproc__message_claim(message.ticket, &held);
    if (code != 0)
        return code;
    mproc__message_free(&held);
    mproc__message_forget(message.ticket);
    return 0;
}
