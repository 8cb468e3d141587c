/* Getting at what is to be watched: a process that runs, one that is started for it, a recording.
 *
 * Functions that fail have said why on stderr, and return an exit_status other than EXIT_FINE.
 */
#ifndef MPROC_MONITOR_ATTACH_H
#define MPROC_MONITOR_ATTACH_H

#include "terminal/session.h"

/** Opens what the options say. wants: RECORD_WANTS_.... Of a program that was started the caller waits for the end with
 * program_wait, also after an error. */
int attach(const struct options *options, uint32_t wants, platform_handle interrupts, struct source **ret_source);

/** --list. */
int attach_list(void);

#endif
