/* Who uses which end of a pipe. */
#include "channel/pipe_users.h"
#include "base/base.h"
#include "channel/pipe_call.h"
#include "channel/pipe_layout.h"
#include "family/process_slot.h"
#include "family/view.h"

/* An entry is the pipe's generation << 32 | incarnation of the process. A user enters without owning a word, so it can
 * happen that the pipe is gone by then and its block another one's, with another generation: such an entry counts as
 * none. Relaxed throughout: the entries stand for themselves. What a user did at the end before he died is seen by who
 * has seen him dead, by the record of his process. */
static uint64_t user_entry(const struct pipe_call *call, uint32_t process)
{
    return (call->id[1] & ~(uint64_t)UINT32_MAX) | process;
}

static bool is_of_this_pipe(const struct pipe_call *call, uint64_t entry)
{
    return (uint32_t)entry != 0 && entry == user_entry(call, (uint32_t)entry);
}

static bool is_alive(const struct pipe_call *call, uint64_t entry)
{
    return is_of_this_pipe(call, entry) && mproc__process_slot_check((uint32_t)entry);
}

static bool replace_entry(_Atomic uint64_t *entry, uint64_t seen, uint64_t value)
{
    return atomic_compare_exchange_strong_explicit(entry, &seen, value, memory_order_relaxed, memory_order_relaxed);
}

static bool is_user(const struct pipe_end *end, uint64_t self)
{
    for (int i = 0; i < PIPE_USERS; i++)
        if (atomic_load_explicit(&end->users[i], memory_order_relaxed) == self)
            return true;
    return false;
}

/* Puts itself into the place of nobody or of a dead user, in one step: an end that was used never looks as if nobody
 * had come yet, even if this process is killed here. Returns whether there was a place. */
static bool enter(const struct pipe_call *call, struct pipe_end *end, uint64_t self)
{
    for (int i = 0; i < PIPE_USERS; i++) {
        uint64_t entry = atomic_load_explicit(&end->users[i], memory_order_relaxed);
        if (!is_alive(call, entry) && replace_entry(&end->users[i], entry, self))
            return true;
    }
    return false;
}

/* After somebody who lives has entered. */
static void forget_dead_users(const struct pipe_call *call, struct pipe_end *end)
{
    for (int i = 0; i < PIPE_USERS; i++) {
        uint64_t entry = atomic_load_explicit(&end->users[i], memory_order_relaxed);
        if (entry != 0 && !is_alive(call, entry))
            replace_entry(&end->users[i], entry, 0);
    }
}

/* Out of line, so that the usual case does not pay for its registers. */
NEVER_INLINE static bool become_user(const struct pipe_call *call)
{
    struct pipe_end *end = &call->pipe->ends[call->end];
    if (!enter(call, end, user_entry(call, mproc__family.process)))
        return false;
    forget_dead_users(call, end);
    return true;
}

bool mproc__pipe_use(const struct pipe_call *call)
{
    return likely(is_user(&call->pipe->ends[call->end], user_entry(call, mproc__family.process))) || become_user(call);
}

void mproc__pipe_leave(const struct pipe_call *call)
{
    for (int i = 0; i < PIPE_USERS; i++)
        replace_entry(&call->pipe->ends[call->end].users[i], user_entry(call, mproc__family.process), 0);
}

bool mproc__pipe_end_died(const struct pipe_call *call, unsigned end)
{
    bool somebody = false;
    for (int i = 0; i < PIPE_USERS; i++) {
        uint64_t entry = atomic_load_explicit(&call->pipe->ends[end].users[i], memory_order_relaxed);
        if (is_alive(call, entry))
            return false;
        somebody |= is_of_this_pipe(call, entry);
    }
    return somebody;
}
