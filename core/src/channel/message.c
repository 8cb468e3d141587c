/* Messages in the hands of this process.
 *
 * A message is known by its ticket: a slot in a table and the slot's generation. So a message that is released twice,
 * or committed and then released, is told, whatever the slot holds by then. The table only grows. It has no lock,
 * which a fork in another thread could leave locked: free slots are a list whose head changes by compare-and-swap, and
 * whoever changes a slot's word from HELD has it to himself. */
#include "channel/message.h"
#include "base/error.h"
#include "base/ready.h"
#include "channel/queue_layout.h"
#include "family/family.h"
#include "family/view.h"
#include "memory/memory.h"
#include "memory/span.h"
#include <mproc/message.h>
#include <stdlib.h>

/* Part k has FIRST << k slots. */
#define FIRST 64u
#define PARTS 24u

/* word: generation << 2 | state. */
enum slot_state { SLOT_FREE = 0, SLOT_BUSY = 1, SLOT_HELD = 2 };

struct message_slot {
    _Atomic uint32_t word;
    _Atomic uint32_t next; /**< in the list of free ones: index + 1, or 0 */
    struct held_message held;
};

static _Atomic(struct message_slot *) parts[PARTS];
static _Atomic uint32_t used;      /**< slots below were handed out once */
static _Atomic uint64_t free_list; /**< version << 32 | index + 1 */

/* ---- Slots ---- */

/* PARTS for an index that no slot has: a ticket may be anything. */
static unsigned part_of(uint32_t index, uint32_t *ret_within)
{
    unsigned part = 0;
    while (part < PARTS && index >= FIRST << part)
        index -= FIRST << part++;
    *ret_within = index;
    return part;
}

/* NULL if the slot was never made. Acquire: pairs with the publication in slot_make. */
static struct message_slot *slot_at(uint32_t index)
{
    uint32_t within;
    unsigned part = part_of(index, &within);
    struct message_slot *slots = part < PARTS ? atomic_load_explicit(&parts[part], memory_order_acquire) : NULL;
    return slots ? &slots[within] : NULL;
}

/* The slot, with its part made if need be. Two threads may do so at once: the second frees its own. */
static struct message_slot *slot_make(uint32_t index)
{
    uint32_t within;
    unsigned part = part_of(index, &within);
    if (part >= PARTS)
        return NULL;
    struct message_slot *known = atomic_load_explicit(&parts[part], memory_order_acquire);
    if (known != NULL)
        return &known[within];
    struct message_slot *made = calloc(FIRST << part, sizeof *made);
    if (made == NULL)
        return NULL;
    /* Release publishes the zeroes. */
    if (atomic_compare_exchange_strong_explicit(&parts[part], &known, made, memory_order_acq_rel, memory_order_acquire))
        return &made[within];
    free(made);
    return &known[within];
}

/* Index + 1 of a free slot, or 0. The version makes the swap fail if the list has changed and changed back. */
static uint32_t pop(void)
{
    uint64_t head = atomic_load(&free_list);
    while ((uint32_t)head != 0) {
        struct message_slot *slot = slot_at((uint32_t)head - 1);
        uint64_t next = atomic_load_explicit(&slot->next, memory_order_relaxed);
        if (atomic_compare_exchange_weak(&free_list, &head, ((head >> 32) + 1) << 32 | next))
            return (uint32_t)head;
    }
    return 0;
}

static void push(uint32_t index)
{
    struct message_slot *slot = slot_at(index);
    uint64_t head = atomic_load(&free_list);
    do
        atomic_store_explicit(&slot->next, (uint32_t)head, memory_order_relaxed);
    while (!atomic_compare_exchange_weak(&free_list, &head, ((head >> 32) + 1) << 32 | (index + 1)));
}

/* ---- Tickets ---- */

static uint32_t ticket_index(uint64_t ticket)
{
    return (uint32_t)ticket - 1;
}

static uint32_t ticket_word(uint64_t ticket, enum slot_state state)
{
    return (uint32_t)(ticket >> 32) << 2 | state;
}

uint64_t mproc__message_ticket(void)
{
    uint32_t index = pop();
    if (index == 0)
        index = atomic_fetch_add_explicit(&used, 1, memory_order_relaxed) + 1;
    struct message_slot *slot = slot_make(index - 1);
    if (slot == NULL)
        return 0;
    uint32_t generation = atomic_load_explicit(&slot->word, memory_order_relaxed) >> 2;
    uint64_t ticket = (uint64_t)generation << 32 | index;
    atomic_store_explicit(&slot->word, ticket_word(ticket, SLOT_BUSY), memory_order_relaxed);
    return ticket;
}

mproc_message mproc__message_hold(uint64_t ticket, const struct held_message *held)
{
    struct message_slot *slot = slot_at(ticket_index(ticket));
    slot->held = *held;
    /* Release: pairs with the acquire of who claims it, in whatever thread. */
    atomic_store_explicit(&slot->word, ticket_word(ticket, SLOT_HELD), memory_order_release);
    return (mproc_message){ held->data, held->size, ticket, mproc__family.process };
}

void mproc__message_forget(uint64_t ticket)
{
    struct message_slot *slot = ticket != 0 ? slot_at(ticket_index(ticket)) : NULL;
    if (slot == NULL)
        return;
    uint32_t next = ticket_word(ticket, SLOT_FREE) + (1u << 2);
    atomic_store_explicit(&slot->word, next, memory_order_relaxed);
    push(ticket_index(ticket));
}

void mproc__message_forget_all(void)
{
    uint32_t count = atomic_load_explicit(&used, memory_order_relaxed);
    for (uint32_t index = 0; index < count; index++) {
        struct message_slot *slot = slot_at(index);
        uint32_t word = slot != NULL ? atomic_load_explicit(&slot->word, memory_order_relaxed) : 0;
        if ((word & 3) != SLOT_FREE)
            mproc__message_forget((uint64_t)(word >> 2) << 32 | (index + 1));
    }
}

static int stale(uint64_t ticket)
{
    return mproc__error(MPROC_E_STALE, "message %016llx", (unsigned long long)ticket);
}

int mproc__message_claim(const mproc_message *message, struct held_message *ret_held)
{
    uint64_t ticket = message->ticket;
    if ((uint32_t)ticket == 0 || message->process == 0)
        return stale(ticket);
    /* Each process has a table of its own, and the same places in it; a forked child has its parent's, but not its
     * messages. */
    if (message->process != mproc__family.process || platform_is_copy())
        return mproc__error(MPROC_E_WRONG_PROCESS, "message %016llx", (unsigned long long)ticket);
    struct message_slot *slot = slot_at(ticket_index(ticket));
    uint32_t held = ticket_word(ticket, SLOT_HELD);
    if (slot == NULL || !atomic_compare_exchange_strong_explicit(&slot->word, &held, ticket_word(ticket, SLOT_BUSY),
                                                                 memory_order_acquire, memory_order_relaxed))
        return stale(ticket);
    *ret_held = slot->held;
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

int mproc_message_create(mproc_message *ret_message, size_t size)
{
    if (ret_message == NULL)
        return mproc__error_null("ret_message");
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
    *ret_message = mproc__message_hold(ticket, &held);
    return 0;
}

int mproc_message_free(mproc_message message)
{
    struct held_message held = { 0 };
    int code = mproc__message_claim(&message, &held);
    if (code != 0)
        return code;
    mproc__message_free(&held);
    mproc__message_forget(message.ticket);
    return 0;
}
