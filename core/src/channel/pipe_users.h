/* Who uses which end of a pipe, for those at the other end to know when nobody is left.
 */
#ifndef MPROC_CHANNEL_PIPE_USERS_H
#define MPROC_CHANNEL_PIPE_USERS_H

#include "channel/pipe_call.h"

/** Notes that this process uses the end of the call. Returns false if there is no room for it. A few ns if it is noted
 * already. */
bool mproc__pipe_use(const struct pipe_call *call);

/** Takes this process off the users of the end of the call. */
void mproc__pipe_leave(const struct pipe_call *call);

/** Whether somebody who used this end has died, and nobody who lives uses it. Asks the kernel, at most every 10 ms for
 * a process. */
bool mproc__pipe_end_died(const struct pipe_call *call, unsigned end);

#endif
