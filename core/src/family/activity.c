/* The activity word: see activity.h. */
#include "family/activity.h"
#include "family/view.h"

platform_word *mproc__family_activity_word(void)
{
    return &family_header()->activity;
}

void mproc__activity_announce(void)
{
    platform_word *activity = mproc__family_activity_word();
    /* seq_cst, as platform_wake asks: who sleeps has compared the old value before, and is woken; who compares later
     * sees the new one, and with it the change that was made before. */
    atomic_fetch_add(&activity->value, 1);
    platform_wake(activity, INT32_MAX);
}
