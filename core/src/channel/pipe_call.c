/* A call on one end of a pipe. */
#include "channel/pipe_call.h"
#include "base/base.h"
#include "base/error.h"
#include "channel/pipe_layout.h"
#include "family/family_layout.h"
#include "family/thread_slot.h"
#include "family/view.h"
#include "memory/object.h"
#include "memory/span.h"
#include "word/owned_word.h"

int mproc__pipe_error(const struct pipe_call *call, int code, const char *what)
{
    return mproc__object_error(code, FAMILY_PIPE, call->block, what);
}

int mproc__pipe_closed(const struct pipe_call *call)
{
    return mproc__error(MPROC_E_CLOSED, "end %u of pipe %016llx", call->end, (unsigned long long)call->id[1]);
}

int mproc__pipe_ring_address(const struct pipe *pipe, unsigned stream, unsigned char **ret_ring)
{
    void *rings;
    int code = mproc__span_address(pipe->span, &rings);
    if (code == 0)
        *ret_ring = (unsigned char *)rings + (pipe->one_way ? 0 : stream * pipe->ring_size);
    return code;
}

/* ---- Owned words ---- */

static struct owned_word owned_of(const struct pipe_call *call, unsigned stream, unsigned side)
{
    return (struct owned_word){
        &call->pipe->owned[stream][side].word, call->block, FAMILY_PIPE, { call->id[0], call->id[1] }
    };
}

/* Somebody else has it, or had it when he died. Out of line, so that the usual case does not pay for its registers. */
NEVER_INLINE static int lock_slow(const struct pipe_call *call, unsigned stream, unsigned side, int64_t deadline_ns,
                                  bool wait_for_copy)
{
    int64_t copy_ns = wait_for_copy ? platform_now_ns() + PIPE_COPY_NS : 0;
    struct owned_word owned = owned_of(call, stream, side);
    int code = mproc__owned_acquire(&owned, deadline_ns > copy_ns ? deadline_ns : copy_ns);
    if (code == MPROC_E_STALE)
        return mproc__pipe_closed(call);
    /* What the dead owner was about to do is undone, or done, whatever it was: there is nothing to repair. */
    return code == MPROC_OWNER_DIED ? mproc__owned_repaired(&owned) : code;
}

/* Waits until the deadline, or, with wait_for_copy, for PIPE_COPY_NS if that is longer. */
static int lock_word(const struct pipe_call *call, unsigned stream, unsigned side, int64_t deadline_ns,
                     bool wait_for_copy)
{
    platform_word *word = &call->pipe->owned[stream][side].word;
    thread_slot self = mproc__thread_slot_self();
    if (self == 0)
        return MPROC_E_LIMIT;
    if (!owned_try(word, self))
        return lock_slow(call, stream, side, deadline_ns, wait_for_copy);
    return owned_confirm(call->block, call->id[1], word) ? 0 : mproc__pipe_closed(call);
}

int mproc__pipe_lock(const struct pipe_call *call, unsigned stream, unsigned side, int64_t deadline_ns)
{
    return lock_word(call, stream, side, deadline_ns, true);
}

int mproc__pipe_lock_until(const struct pipe_call *call, unsigned stream, unsigned side, int64_t deadline_ns)
{
    return lock_word(call, stream, side, deadline_ns, false);
}

void mproc__pipe_unlock(const struct pipe_call *call, unsigned stream, unsigned side)
{
    platform_word *word = &call->pipe->owned[stream][side].word;
    if (owned_give(word, mproc__self.id)) {
        thread_slot_holds(-1);
        return;
    }
    struct owned_word owned = owned_of(call, stream, side);
    mproc__owned_release(&owned);
}
