/* The death word: see death.h. */
#include "family/death.h"
#include "family/activity.h"
#include "family/view.h"

platform_word *mproc__family_death_word(void)
{
    return &family_header()->death;
}

void mproc__family_announce_death(void)
{
    platform_word *death = &family_header()->death;
    /* seq_cst, as platform_wake asks: who sleeps has compared the old value before, and is woken; who compares
     * later sees the new one. What died was marked dead before, so he who sees the new value sees the mark. */
    atomic_fetch_add(&death->value, 1);
    platform_wake(death, INT32_MAX);
    /* Who waits for a mix of things sleeps on that word alone. */
    mproc__activity_announce();
}
