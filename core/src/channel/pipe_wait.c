/* Waiting at a pipe. */
#include "channel/pipe_wait.h"
#include "channel/pipe_users.h"
#include "family/activity.h"
#include "word/eventcount.h"
#include "word/sleep.h"

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

int mproc__pipe_await(const struct pipe_call *call, unsigned stream, unsigned side, pipe_look *look,
                      int64_t deadline_ns)
{
    platform_word *bell = &call->pipe->bells[stream][side];
    platform_word *death = mproc__family_death_word();
    for (bool spun = false;; spun = true) {
        uint32_t deaths = atomic_load(&death->value);
        uint32_t seen = eventcount_prepare(bell);
        int code = look(call);
        if (code != 0)
            return code;
        int64_t now = platform_now_ns();
        if (now >= deadline_ns)
            return mproc__pipe_error(call, MPROC_E_TIMEOUT, side == SENDERS ? ", which is full" : ", which is empty");
        if (!spun)
            mproc__spin(&bell->value, UINT32_MAX, seen, true, deadline_ns);
        /* A process for which there was no place among the users takes that of one who has died. */
        mproc__pipe_use(call);
        int64_t slice_ns = now + SLEEP_SLICE_NS;
        mproc__sleep(bell, seen, deaths, deadline_ns < slice_ns ? deadline_ns : slice_ns, call->id[1]);
    }
}
