/* How a family is told that one of its processes or threads has died: one word, on which all who wait sleep as well. */
#ifndef MPROC_FAMILY_DEATH_H
#define MPROC_FAMILY_DEATH_H

#include "platform.h"

/** The word that changes whenever a process or an owning thread of the family has died: pass it to platform_wait. */
platform_word *mproc__family_death_word(void);

/** Changes the death word and wakes all who wait with it. */
void mproc__family_announce_death(void);

#endif
