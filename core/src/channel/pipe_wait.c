/* Waiting at a pipe. */
#include "channel/pipe_wait.h"
#include "channel/pipe_call.h"
#include "channel/pipe_layout.h"
#include "channel/pipe_users.h"
#include "family/activity.h"
#include "word/await.h"
#include "word/eventcount.h"

/* All who wait at a side, for those who only look are among them. Killed before the wake, the notifier leaves sleepers
 * to the announcement of his death, or to the end of their slice. */
void mproc__pipe_notify(platform_word *bell)
{
    /* Relaxed: ordered by the caller's fence. */
    if (atomic_load_explicit(&bell->value, memory_order_relaxed) & EVENTCOUNT_SLEEPERS)
        mproc__eventcount_wake(bell, INT32_MAX);
}

void mproc__pipe_notify_all(struct pipe *pipe)
{
    for (unsigned i = 0; i < 4; i++) {
        platform_word *bell = &pipe->bells[i / 2][i % 2];
        atomic_fetch_add(&bell->value, EVENTCOUNT_STEP);
        platform_wake(bell, INT32_MAX);
    }
    for (unsigned end = 0; end < 2; end++)
        mproc__activity_note(&pipe->ends[end].watched);
}

/* Who has not waited is told what he found. */
static int time_is_up(const struct pipe_call *call, unsigned side, int64_t deadline_ns)
{
    if (side == SENDERS)
        return mproc__pipe_error(call, deadline_ns == 0 ? MPROC_E_FULL : MPROC_E_TIMEOUT, ", which is full");
    return mproc__pipe_error(call, deadline_ns == 0 ? MPROC_E_EMPTY : MPROC_E_TIMEOUT, ", which is empty");
}

int mproc__pipe_await(const struct pipe_call *call, unsigned stream, unsigned side, pipe_look *look,
                      int64_t deadline_ns)
{
    struct await await = { .word = &call->pipe->bells[stream][side],
                           .on = call->id[1],
                           .what = side == SENDERS ? THREAD_PUTS : THREAD_GETS,
                           .deadline = deadline_ns,
                           .counts = true };
    for (;;) {
        mproc__await_begin(&await);
        int code = look(call);
        if (code != 0)
            return code;
        /* A process for which there was no place among the users takes that of one who has died. */
        if (await.spun)
            mproc__pipe_use(call);
        if (!mproc__await_pause(&await))
            return time_is_up(call, side, deadline_ns);
    }
}
