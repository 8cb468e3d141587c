/* Who this process is, as its forked children forget it.
 */
#ifndef MPROC_UNIX_IDENTITY_H
#define MPROC_UNIX_IDENTITY_H

/** In a forked child: what was known of the parent is not this process's. */
void platform__identity_after_fork(void);

#endif
