/* How core says what went wrong: a code for the program, a sentence for its reader. */
#ifndef MPROC_BASE_ERROR_H
#define MPROC_BASE_ERROR_H

#include "base/base.h"
#include <mproc/base.h>

/** Records "TEXT OF CODE: DETAIL" for mproc_last_error and returns code, so that a failing function ends in
 * return mproc__error(MPROC_E_..., "what was asked, what is allowed"). Leaves errno alone. */
COLD int mproc__error(int code, const char *format, ...) MPROC_PRINTF(2, 3);

/** The error of a call that was given NULL for this argument. Returns MPROC_E_INVALID. */
COLD int mproc__error_null(const char *argument);

/** 0 if there is room for capacity things, or none is meant: NULL with a capacity of 0. Else as mproc__error_null. */
int mproc__check_room(const void *room, const char *argument, size_t capacity);

/** The error of a call of the port: as mproc__error with platform_error_text() as the detail, after what was being
 * done. */
COLD int mproc__error_platform(int code, const char *what);

/** Records a message that was made elsewhere (a task's own) as it is, and returns code. */
COLD int mproc__error_text(int code, const char *text);

/** The answer to a question, of which code is 1, 0 or an error: mproc_last_code tells the two kinds of false apart. */
bool mproc__answer(int code);

/** Forgets this thread's last error: a forked child begins without its parent's. */
void mproc__error_clear(void);

#endif
