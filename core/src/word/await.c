/* Waiting; see await.h. */
#include "word/await.h"
#include "family/death.h"
#include "family/family_layout.h"
#include "family/view.h"
#include "word/eventcount.h"
#include "word/spin.h"

/* The kernel is asked once a slice. The last look asks too: else a program that always waits for less than a slice
 * would never learn of a death that nobody reports. */
static void begin_slice(struct await *await)
{
    await->ask = await->last || await->now >= await->next_ask;
    if (!await->ask)
        return;
    await->slice = await->slice == 0 ? AWAIT_SLICE_NS : await->slice < await->longest ? 2 * await->slice : await->slice;
    await->next_ask = await->now + await->slice;
}

void mproc__await_begin(struct await *await)
{
    /* seq_cst, before the look, and compared again by platform_wait. */
    await->deaths = atomic_load(&mproc__family_death_word()->value);
    await->seen = await->counts ? eventcount_prepare(await->word) : atomic_load(&await->word->value);
    await->now = platform_now_ns();
    await->last = await->now >= await->deadline;
    begin_slice(await);
}

int64_t mproc__await_slice_end(const struct await *await)
{
    return await->deadline < await->next_ask ? await->deadline : await->next_ask;
}

/* Whether the thread has a slot, by which onlookers see it. Not all that is waited for takes one: so it gets one when
 * it first goes to sleep. */
static bool is_shown(struct await *await)
{
    bool first = await->since == 0;
    if (first)
        await->since = await->now;
    return mproc__self.thread != NULL || (first && mproc__thread_slot_self() != 0);
}

/* Sleeps while the word has the value seen and the death word the value deaths: who dies after the look has changed the
 * death word, and the sleep ends at once. */
static void sleep_slice(struct await *await)
{
    bool shown = await->on != 0 && is_shown(await);
    if (shown)
        mproc__thread_slot_sleeps(await->on, (enum thread_wait)await->what, await->since, await->deadline != INT64_MAX);
    platform_wait(await->word, await->seen, mproc__family_death_word(), await->deaths, mproc__await_slice_end(await));
    if (shown)
        mproc__thread_slot_wakes();
    await->slept = true;
}

bool mproc__await_pause(struct await *await)
{
    if (await->last)
        return false;
    if (await->spun)
        sleep_slice(await);
    else
        mproc__spin(&await->word->value, UINT32_MAX, await->seen, true, await->deadline);
    await->spun = true;
    return true;
}

int mproc__await(struct await *await)
{
    for (;;) {
        mproc__await_begin(await);
        int code = await->look(await);
        if (code == AWAIT_AGAIN)
            continue;
        if (code != AWAIT_WAITS)
            return code;
        if (!mproc__await_pause(await))
            return MPROC_E_TIMEOUT;
    }
}
