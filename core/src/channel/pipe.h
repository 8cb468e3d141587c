/* Pipes: finding one. See pipe_layout.h for what a pipe is.
 */
#ifndef MPROC_CHANNEL_PIPE_H
#define MPROC_CHANNEL_PIPE_H

#include "channel/pipe_call.h"
#include <mproc/connection.h>

/** The pipe and the end that a connection means. Errors: MPROC_E_CLOSED if that end is closed, or the pipe gone;
 * MPROC_E_FOREIGN; MPROC_E_WRONG_PROCESS in a copy. */
int mproc__pipe_find(mproc_connection connection, struct pipe_call *ret_call);

#endif
